"""Codes and labels for who the patient is and how the hair loss came about."""

from __future__ import annotations

from django.db import models


class Sex(models.TextChoices):
    """Sex recorded for clinical use; the codes are those of FHIR R4 `gender`."""

    MALE = "male", "Male"
    FEMALE = "female", "Female"
    OTHER = "other", "Other"
    UNKNOWN = "unknown", "Unknown"


class HairLossCourse(models.TextChoices):
    SLOW_PROGRESSIVE = "slow_progressive", "Slowly progressive"
    RAPID = "rapid", "Rapid"
    INTERMITTENT = "intermittent", "Comes and goes"
    STABLE = "stable", "Stable"
    REGRESSING = "regressing", "Regressing"


class Complaint(models.TextChoices):
    THINNING = "thinning", "Thinning"
    SHEDDING = "shedding", "Shedding"
    BOTH = "both", "Thinning and shedding"


class Relative(models.TextChoices):
    MOTHER = "mother", "Mother"
    FATHER = "father", "Father"
    BROTHER = "brother", "Brother"
    SISTER = "sister", "Sister"
    MATERNAL_GRANDFATHER = "maternal_grandfather", "Mother’s father"
    MATERNAL_GRANDMOTHER = "maternal_grandmother", "Mother’s mother"
    PATERNAL_GRANDFATHER = "paternal_grandfather", "Father’s father"
    PATERNAL_GRANDMOTHER = "paternal_grandmother", "Father’s mother"
    UNCLE_AUNT = "uncle_aunt", "Uncle or aunt"
    OTHER = "other", "Other relative"


class FamilyStatus(models.TextChoices):
    """A negative family history does not rule androgenetic alopecia out."""

    AFFECTED = "affected", "Affected"
    UNAFFECTED = "unaffected", "Not affected"
    UNKNOWN = "unknown", "Not known"


class TherapyKind(models.TextChoices):
    """Earlier and concurrent treatments, one list for both.

    There is no code for "none": that answer is `Asked.NONE`.
    """

    MINOXIDIL_TOPICAL = "minoxidil_topical", "Minoxidil, topical"
    MINOXIDIL_ORAL = "minoxidil_oral", "Minoxidil, oral"
    FINASTERIDE_ORAL = "finasteride_oral", "Finasteride, oral"
    FINASTERIDE_TOPICAL = "finasteride_topical", "Finasteride, topical"
    DUTASTERIDE_ORAL = "dutasteride_oral", "Dutasteride, oral"
    DUTASTERIDE_MESOTHERAPY = "dutasteride_mesotherapy", "Dutasteride, mesotherapy"
    SPIRONOLACTONE = "spironolactone", "Spironolactone"
    KETOCONAZOLE_SHAMPOO = "ketoconazole_shampoo", "Ketoconazole shampoo"
    PRP = "prp", "Platelet-rich plasma (PRP)"
    PRF = "prf", "Platelet-rich fibrin (PRF)"
    LLLT = "lllt", "Low-level laser or light (LLLT)"
    MICRONEEDLING_ALONE = "microneedling_alone", "Microneedling alone"
    EXOSOME_ELSEWHERE = "exosome_elsewhere", "Exosomes at another clinic"
    STEM_CELL_CONDITIONED_MEDIUM = "stem_cell_conditioned_medium", "Stem cell conditioned medium"
    BOTULINUM_SCALP = "botulinum_scalp", "Botulinum toxin, scalp"
    HAIR_TRANSPLANT_FUE = "hair_transplant_fue", "Hair transplant, FUE"
    HAIR_TRANSPLANT_FUT = "hair_transplant_fut", "Hair transplant, strip (FUT)"
    MICROPIGMENTATION = "micropigmentation", "Scalp micropigmentation"
    CAMOUFLAGE = "camouflage", "Fibres, wig or other camouflage"
    SUPPLEMENT = "supplement", "Food supplement"
    HERBAL = "herbal", "Herbal remedy"
    OTHER = "other", "Other"


IN_SHORT: dict[str, str] = {
    TherapyKind.MINOXIDIL_TOPICAL: "topical minoxidil",
    TherapyKind.MINOXIDIL_ORAL: "oral minoxidil",
    TherapyKind.FINASTERIDE_ORAL: "finasteride",
    TherapyKind.FINASTERIDE_TOPICAL: "topical finasteride",
    TherapyKind.DUTASTERIDE_ORAL: "dutasteride",
    TherapyKind.DUTASTERIDE_MESOTHERAPY: "dutasteride mesotherapy",
    TherapyKind.SPIRONOLACTONE: "spironolactone",
    TherapyKind.KETOCONAZOLE_SHAMPOO: "ketoconazole shampoo",
    TherapyKind.PRP: "PRP",
    TherapyKind.PRF: "PRF",
    TherapyKind.LLLT: "laser or light",
    TherapyKind.MICRONEEDLING_ALONE: "microneedling",
    TherapyKind.EXOSOME_ELSEWHERE: "exosomes elsewhere",
    TherapyKind.STEM_CELL_CONDITIONED_MEDIUM: "conditioned medium",
    TherapyKind.BOTULINUM_SCALP: "botulinum toxin",
    TherapyKind.HAIR_TRANSPLANT_FUE: "hair transplant (FUE)",
    TherapyKind.HAIR_TRANSPLANT_FUT: "hair transplant (strip)",
    TherapyKind.MICROPIGMENTATION: "micropigmentation",
    TherapyKind.CAMOUFLAGE: "camouflage",
    TherapyKind.SUPPLEMENT: "food supplement",
    TherapyKind.HERBAL: "herbal remedy",
    TherapyKind.OTHER: "another treatment",
}
"""Within a sentence, and in the chart."""

ON_A_DAY = {
    TherapyKind.PRP,
    TherapyKind.PRF,
    TherapyKind.DUTASTERIDE_MESOTHERAPY,
    TherapyKind.MICRONEEDLING_ALONE,
    TherapyKind.EXOSOME_ELSEWHERE,
    TherapyKind.STEM_CELL_CONDITIONED_MEDIUM,
    TherapyKind.BOTULINUM_SCALP,
    TherapyKind.HAIR_TRANSPLANT_FUE,
    TherapyKind.HAIR_TRANSPLANT_FUT,
    TherapyKind.MICROPIGMENTATION,
}
"""What is done on a day, unless it was said to go on or to have ended on another one."""

TRANSPLANTS = (TherapyKind.HAIR_TRANSPLANT_FUE, TherapyKind.HAIR_TRANSPLANT_FUT)


TRANSPLANT_CODES = tuple(kind.value for kind in TRANSPLANTS)
DOSED_CODES = tuple(kind.value for kind in TherapyKind if kind not in TRANSPLANTS)


class DoseUnit(models.TextChoices):
    MILLIGRAM = "mg", "mg"
    MICROGRAM = "ug", "µg"
    PER_CENT = "percent", "%"
    MILLILITRE = "mL", "mL"
    UNITS = "units", "units"


class TherapyResponse(models.TextChoices):
    IMPROVED = "improved", "Improved"
    NO_CHANGE = "no_change", "No change"
    WORSE = "worse", "Worse"
    UNKNOWN = "unknown", "Not known"


class Caution(models.TextChoices):
    """Reasons to consider before an injection into the scalp.

    The first four are published for PRP; the last three are our own additions for exosomes.
    """

    ACTIVE_SCALP_INFECTION = "active_scalp_infection", "Active scalp infection"
    BLEEDING_RISK = "bleeding_risk", "Platelet or bleeding disorder, or an anticoagulant"
    ANAESTHETIC_ALLERGY = "anaesthetic_allergy", "Allergy to local anaesthetic"
    CANCER = "cancer", "Cancer, now or in the past"
    PREGNANCY_BREASTFEEDING = "pregnancy_breastfeeding", "Pregnant or breast-feeding"
    AUTOIMMUNE_FLARE = "autoimmune_flare", "Autoimmune disease in flare"
    PAST_GRANULOMA = "past_granuloma", "Granuloma after an earlier injection"
