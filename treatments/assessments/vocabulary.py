"""Words for one grading visit: findings on the scalp, tests, opinions and diagnoses."""

from __future__ import annotations

from django.db import models

from treatments.records.terminology import ICD_10, LOINC, NCIT, Code, snomed


class StageHow(models.TextChoices):
    """How a stage was chosen; blank in assessments from before that was asked."""

    PICKED = "picked", "Chosen from the drawings"
    CONFIRMED = "confirmed", "Looked at, and the same as last time"


class VisitKind(models.TextChoices):
    """A visit at which the hair is graded and measured, or one without needle that asks how it goes."""

    ASSESSMENT = "assessment", "Assessment"
    FOLLOW_UP = "follow_up", "Follow-up"


class Finding(models.TextChoices):
    """Scalp findings, each graded 0 to 3."""

    ERYTHEMA = "erythema", "Redness (erythema)"
    SCALING = "scaling", "Scaling"
    PRURITUS = "pruritus", "Itching"
    TRICHODYNIA = "trichodynia", "Scalp pain or tenderness"
    PUSTULES_FOLLICULITIS = "pustules_folliculitis", "Pustules or folliculitis"
    SEBORRHOEA = "seborrhoea", "Oily scalp or seborrhoeic dermatitis"
    ATROPHY = "atrophy", "Skin atrophy"
    SCARRING_SIGN = "scarring_sign", "Signs of scarring"
    ACTIVE_INFECTION = "active_infection", "Active scalp infection"


class FindingGrade(models.IntegerChoices):
    NONE = 0, "None"
    MILD = 1, "Mild"
    MODERATE = 2, "Moderate"
    SEVERE = 3, "Severe"


class TrichoscopyFinding(models.TextChoices):
    DIAMETER_DIVERSITY = "diameter_diversity_ge_20", "Shaft diameters vary (20 % or more thinner)"
    VELLUS = "vellus_gt_10pct", "Vellus hairs over 10 %"
    YELLOW_DOTS = "yellow_dots", "Yellow dots"
    PERIPILAR_SIGN = "peripilar_sign", "Peripilar sign"
    SINGLE_HAIR_UNITS = "single_hair_units", "Single-hair units"
    WHITE_DOTS = "white_dots", "White dots"
    HONEYCOMB_PIGMENT = "honeycomb_pigment", "Honeycomb pigment"
    FOCAL_ATRICHIA = "focal_atrichia", "Focal atrichia"
    BLACK_DOTS = "black_dots", "Black dots"
    EXCLAMATION_HAIRS = "exclamation_hairs", "Exclamation mark hairs"
    BROKEN_HAIRS = "broken_hairs", "Broken hairs"
    LOSS_OF_OSTIA = "loss_of_ostia", "Lost follicular openings"


class Presence(models.TextChoices):
    PRESENT = "present", "Present"
    ABSENT = "absent", "Absent"
    NOT_EXAMINED = "not_examined", "Not examined"


class PullTestResult(models.TextChoices):
    NEGATIVE = "negative", "Negative"
    POSITIVE = "positive", "Positive"
    EQUIVOCAL = "equivocal", "Equivocal"
    NOT_DONE = "not_done", "Not done"


class PullTestRule(models.TextChoices):
    """Three to five hairs of sixty are positive under the second rule and not under the first."""

    OVER_10_PERCENT = "pct_gt_10", "Positive over 10 % of the hairs grasped"
    OVER_2_HAIRS = "gt_2_hairs", "Positive over 2 hairs"


class ShedType(models.TextChoices):
    TELOGEN = "telogen", "Telogen"
    DYSTROPHIC_ANAGEN = "dystrophic_anagen", "Dystrophic anagen"
    MIXED = "mixed", "Mixed"
    NOT_EXAMINED = "not_examined", "Not examined"


class Fitzpatrick(models.TextChoices):
    I = "I", "I"  # noqa: E741  the type is called I
    II = "II", "II"
    III = "III", "III"
    IV = "IV", "IV"
    V = "V", "V"
    VI = "VI", "VI"


class GlobalChange(models.IntegerChoices):
    """Seven-point global assessment against the baseline (anchors of NCT02279823)."""

    GREATLY_DECREASED = -3, "Greatly decreased"
    MODERATELY_DECREASED = -2, "Moderately decreased"
    SLIGHTLY_DECREASED = -1, "Slightly decreased"
    NO_CHANGE = 0, "No change"
    SLIGHTLY_INCREASED = 1, "Slightly increased"
    MODERATELY_INCREASED = 2, "Moderately increased"
    GREATLY_INCREASED = 3, "Greatly increased"


class GlobalInstrument(models.TextChoices):
    """Who gives the seven-point opinion."""

    INVESTIGATOR = "iga_7", "Treating clinician"
    PHOTOGRAPHIC = "gpa_7", "Blinded reader of paired photographs"
    SUBJECT = "sga_7", "Patient"


class Satisfaction(models.IntegerChoices):
    VERY_DISSATISFIED = 1, "Very dissatisfied"
    DISSATISFIED = 2, "Dissatisfied"
    NEUTRAL = 3, "Neutral"
    SATISFIED = 4, "Satisfied"
    VERY_SATISFIED = 5, "Very satisfied"


class Diagnosis(models.TextChoices):
    MALE_PATTERN = "male_pattern", "Male pattern hair loss"
    FEMALE_PATTERN = "female_pattern", "Female pattern hair loss"
    OTHER = "other", "Other"


class Differential(models.TextChoices):
    """Other causes to have thought of (CARE item 8c)."""

    TELOGEN_EFFLUVIUM = "telogen_effluvium", "Telogen effluvium"
    ALOPECIA_AREATA = "alopecia_areata", "Alopecia areata, diffuse form included"
    FRONTAL_FIBROSING = "frontal_fibrosing_alopecia", "Frontal fibrosing alopecia"
    LICHEN_PLANOPILARIS = "lichen_planopilaris", "Lichen planopilaris"
    TRACTION = "traction", "Traction alopecia"
    TINEA_CAPITIS = "tinea_capitis", "Tinea capitis"
    THYROID_OR_IRON = "thyroid_or_iron", "Thyroid or iron disorder"
    DRUG_INDUCED = "drug_induced", "Drug-induced hair loss"
    SYPHILIS = "syphilis", "Syphilis"
    TRICHOTILLOMANIA = "trichotillomania", "Trichotillomania"


class SafetyNegative(models.TextChoices):
    """Harms asked about and denied: each one is a stated fact, never a blank."""

    ALLERGIC_REACTION = "allergic_reaction", "No allergic reaction"
    SEVERE_SYSTEMIC = "severe_systemic", "No severe systemic complication"
    LONG_TERM_EFFECT = "long_term_effect", "No long-term effect"
    INFECTION = "infection", "No infection"
    IMMUNOGENIC = "immunogenic", "No immune reaction to the product"


FINDING_NOTES: dict[Finding, str] = {
    Finding.SCALING: "Say whether greasy, dry or around the follicles",
    Finding.SCARRING_SIGN: (
        "Any of: lost follicular openings, scale or redness around follicles, tufted hairs, "
        "smooth shiny skin, lonely hairs at the hairline"
    ),
}

FINDING_SNOMED: dict[Finding, Code] = {
    Finding.ERYTHEMA: snomed("247441003", "Erythema"),
    Finding.PRURITUS: snomed("418363000", "Itching"),
}

AGAINST_SIMPLE_AGA: frozenset[TrichoscopyFinding] = frozenset(
    {
        TrichoscopyFinding.BLACK_DOTS,
        TrichoscopyFinding.EXCLAMATION_HAIRS,
        TrichoscopyFinding.BROKEN_HAIRS,
        TrichoscopyFinding.LOSS_OF_OSTIA,
    }
)

PULL_TEST_METHOD = (
    "Grasp 50 to 60 hairs between thumb, index and middle finger, slide along the shafts with "
    "steady gentle traction, and count the hairs that come out; leave broken ones out."
)

SUN_RESPONSE: dict[Fitzpatrick, str] = {
    Fitzpatrick.I: "Palest; always burns, never tans",
    Fitzpatrick.II: "Usually burns, tans with difficulty",
    Fitzpatrick.III: "Sometimes burns mildly, tans gradually",
    Fitzpatrick.IV: "Rarely burns, tans easily",
    Fitzpatrick.V: "Very rarely burns, tans very easily",
    Fitzpatrick.VI: "Never burns, deeply pigmented",
}

FITZPATRICK_QUESTION = Code(LOINC, "66555-4", "Skin type [Fitzpatrick Classification Scale]")
FITZPATRICK_NCIT: dict[Fitzpatrick, Code] = {
    skin: Code(NCIT, f"C{74568 + number}", f"Fitzpatrick skin type {skin.value}")
    for number, skin in enumerate(Fitzpatrick, start=1)
}

DIAGNOSIS_CODES: dict[Diagnosis, tuple[Code, ...]] = {
    Diagnosis.MALE_PATTERN: (
        snomed("87872006", "Male pattern alopecia"),
        Code(ICD_10, "L64.9", "Androgenic alopecia, unspecified"),
    ),
    Diagnosis.FEMALE_PATTERN: (
        snomed("1108009", "Female pattern alopecia"),
        Code(ICD_10, "L64.9", "Androgenic alopecia, unspecified"),
    ),
    Diagnosis.OTHER: (),
}
"""The female SNOMED concept comes from secondary lists and is still to be confirmed."""
