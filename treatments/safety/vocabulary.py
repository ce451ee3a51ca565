"""Codes and labels for an adverse event: kind, seriousness, cause, measures, outcome."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class EventKind(models.TextChoices):
    INJECTION_SITE_PAIN = "injection_site_pain", "Pain"
    INJECTION_SITE_ERYTHEMA = "injection_site_erythema", "Redness"
    INJECTION_SITE_OEDEMA = "injection_site_oedema", "Swelling"
    INJECTION_SITE_IRRITATION = "injection_site_irritation", "Irritation"
    PRURITUS = "pruritus", "Itching"
    HEADACHE = "headache", "Headache"
    BRUISING = "bruising", "Bruising"
    HAEMORRHAGE = "haemorrhage", "Bleeding"
    PARAESTHESIA = "paraesthesia", "Tingling"
    ANAESTHESIA = "anaesthesia", "Numbness"
    INDURATION = "induration", "Hardening"
    NODULE_MASS = "nodule_mass", "Lump"
    GRANULOMA = "granuloma", "Granuloma"
    FOLLICULITIS = "folliculitis", "Folliculitis"
    INFECTION = "infection", "Infection"
    ABSCESS = "abscess", "Abscess"
    STERILE_ABSCESS = "sterile_abscess", "Sterile abscess"
    URTICARIA = "urticaria", "Hives"
    HYPERSENSITIVITY = "hypersensitivity", "Local allergy"
    FACIAL_OEDEMA = "facial_oedema", "Facial swelling"
    ANAPHYLAXIS = "anaphylaxis", "Anaphylaxis"
    VASOVAGAL = "vasovagal", "Fainting (vasovagal)"
    DIZZINESS = "dizziness", "Dizziness"
    NAUSEA = "nausea", "Nausea"
    FEVER = "fever", "Fever"
    SHEDDING_TE = "shedding_te", "Increased shedding"
    NECROSIS = "necrosis", "Skin necrosis"
    ULCER = "ulcer", "Ulcer"
    SCAR = "scar", "Scar"
    PIGMENT_CHANGE = "pigment_change", "Pigment change"
    VASCULITIS = "vasculitis", "Vasculitis"
    LYMPHADENOPATHY = "lymphadenopathy", "Swollen lymph nodes"
    LOCAL_ANAESTHETIC_TOXICITY = "local_anaesthetic_toxicity", "Local anaesthetic toxicity"
    NEEDLE_STICK = "needle_stick_or_use_error", "Needle-stick or error of use"
    PRODUCT_QUALITY = "product_quality_problem", "Problem with the product"
    LACK_OF_EFFECT = "lack_of_effect", "Lack of effect"
    OTHER = "other", "Other"


class Seriousness(models.TextChoices):
    """ICH E2A/E2D: serious when any one of these is true. Grade is not seriousness."""

    DEATH = "death", "Death"
    LIFE_THREATENING = "life_threatening", "Life-threatening at the time"
    HOSPITALISATION = "hospitalisation", "Hospital stay, new or prolonged"
    DISABILITY = "disability", "Lasting or significant disability"
    CONGENITAL_ANOMALY = "congenital_anomaly", "Congenital anomaly"
    MEDICALLY_IMPORTANT = "medically_important", "Medically important"


class Causality(models.TextChoices):
    """WHO-UMC categories, given for each suspect."""

    CERTAIN = "certain", "Certain"
    PROBABLE_LIKELY = "probable_likely", "Probable or likely"
    POSSIBLE = "possible", "Possible"
    UNLIKELY = "unlikely", "Unlikely"
    CONDITIONAL_UNCLASSIFIED = "conditional_unclassified", "Conditional, not yet classified"
    UNASSESSABLE = "unassessable_unclassifiable", "Cannot be assessed"


class ActionTaken(models.TextChoices):
    """What was done with the product; codes of ICH E2B(R3) G.k.8."""

    WITHDRAWN = "1", "Treatment stopped"
    DOSE_REDUCED = "2", "Dose reduced"
    DOSE_INCREASED = "3", "Dose increased"
    NOT_CHANGED = "4", "Dose not changed"
    UNKNOWN = "0", "Not known"
    NOT_APPLICABLE = "9", "Not applicable"


class LocalAction(models.TextChoices):
    NONE = "none", "None"
    OBSERVATION = "observation", "Observation"
    COLD_COMPRESS = "cold_compress", "Cold compress"
    ANALGESIC = "analgesic", "Pain relief"
    ANTIHISTAMINE = "antihistamine", "Antihistamine"
    TOPICAL_STEROID = "topical_steroid", "Topical steroid"
    ORAL_STEROID = "oral_steroid", "Oral steroid"
    INTRALESIONAL_STEROID = "intralesional_steroid", "Steroid into the lesion"
    ANTIBIOTIC = "antibiotic", "Antibiotic"
    DRAINAGE = "drainage", "Drainage"
    BIOPSY = "biopsy", "Biopsy"
    ADRENALINE = "adrenaline", "Adrenaline"
    EMERGENCY_TRANSFER = "emergency_transfer", "Emergency transfer"
    SESSION_STOPPED = "session_stopped", "Session stopped"
    SESSION_POSTPONED = "session_postponed", "Session postponed"
    COURSE_STOPPED = "course_stopped", "Course stopped"
    LOT_QUARANTINED = "product_lot_quarantined", "Lot quarantined"


class Outcome(models.TextChoices):
    """Codes of ICH E2B(R3) E.i.7."""

    RECOVERED = "1", "Recovered"
    RECOVERING = "2", "Recovering"
    ONGOING = "3", "Not recovered, ongoing"
    RECOVERED_SEQUELAE = "4", "Recovered with lasting effects"
    FATAL = "5", "Fatal"
    UNKNOWN = "0", "Not known"


class Expectedness(models.TextChoices):
    """By nature and severity, against a named and dated reference."""

    EXPECTED = "expected", "Expected"
    UNEXPECTED = "unexpected", "Unexpected"
    NO_REFERENCE = "no_reference", "No reference exists"


class CtcaeVersion(models.TextChoices):
    V5 = "5.0", "CTCAE 5.0"
    V6 = "6.0", "CTCAE 6.0"


DEFAULT_CTCAE = CtcaeVersion.V5

OPEN_OUTCOMES: frozenset[Outcome] = frozenset({Outcome.RECOVERING, Outcome.ONGOING, Outcome.UNKNOWN})

REACTIONS_TODAY: tuple[EventKind, ...] = (
    EventKind.INJECTION_SITE_PAIN,
    EventKind.INJECTION_SITE_ERYTHEMA,
    EventKind.INJECTION_SITE_OEDEMA,
    EventKind.INJECTION_SITE_IRRITATION,
    EventKind.PRURITUS,
    EventKind.HEADACHE,
    EventKind.HAEMORRHAGE,
    EventKind.BRUISING,
    EventKind.DIZZINESS,
    EventKind.NAUSEA,
    EventKind.VASOVAGAL,
)
"""Reactions seen during a session, one tap each; anything graver takes the full report."""

LATE_LUMPS: frozenset[EventKind] = frozenset({EventKind.NODULE_MASS, EventKind.GRANULOMA})
"""May appear two weeks to three months after injection (10.1002/der2.242)."""


HYPERSENSITIVE: frozenset[EventKind] = frozenset(
    {EventKind.ANAPHYLAXIS, EventKind.URTICARIA, EventKind.HYPERSENSITIVITY, EventKind.FACIAL_OEDEMA}
)
"""Kinds of allergic reaction: recovered or not, they may return, and worse, with the same product."""


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What is known of an event kind beyond its name; a blank SNOMED code is unconfirmed."""

    snomed: str = ""
    usual_onset: str = ""
    meddra: str = ""


KIND_FACTS: dict[EventKind, KindFacts] = {
    EventKind.INJECTION_SITE_PAIN: KindFacts("95388000", "minutes"),
    EventKind.INJECTION_SITE_ERYTHEMA: KindFacts("247441003", "minutes to days"),
    EventKind.INJECTION_SITE_OEDEMA: KindFacts("95392007", "hours to days"),
    EventKind.INJECTION_SITE_IRRITATION: KindFacts("95379009", "hours"),
    EventKind.PRURITUS: KindFacts("418363000", "hours to days", "10037087"),
    EventKind.HEADACHE: KindFacts("25064002", "hours", "10019211"),
    EventKind.BRUISING: KindFacts("95401009", "hours"),
    EventKind.HAEMORRHAGE: KindFacts("95385002", "minutes"),
    EventKind.PARAESTHESIA: KindFacts("95399003", "hours"),
    EventKind.ANAESTHESIA: KindFacts("95398006", "hours"),
    EventKind.INDURATION: KindFacts("95402002", "days"),
    EventKind.NODULE_MASS: KindFacts("95395009", "2 weeks to 3 months"),
    EventKind.GRANULOMA: KindFacts("24389009", "2 weeks to 3 months"),
    EventKind.FOLLICULITIS: KindFacts("", "days"),
    EventKind.INFECTION: KindFacts("95381006", "days"),
    EventKind.ABSCESS: KindFacts("95382004", "days"),
    EventKind.STERILE_ABSCESS: KindFacts("95383009", "days to weeks"),
    EventKind.URTICARIA: KindFacts("95394008", "minutes to days"),
    EventKind.HYPERSENSITIVITY: KindFacts("95378001", "minutes to days"),
    EventKind.FACIAL_OEDEMA: KindFacts("278528006", "hours to days"),
    EventKind.ANAPHYLAXIS: KindFacts("", "minutes"),
    EventKind.VASOVAGAL: KindFacts("398665005", "minutes"),
    EventKind.DIZZINESS: KindFacts("404640003", "minutes"),
    EventKind.NAUSEA: KindFacts("422587007", "minutes"),
    EventKind.FEVER: KindFacts("386661006", "hours to days"),
    EventKind.SHEDDING_TE: KindFacts("", "weeks"),
    EventKind.NECROSIS: KindFacts("95397001", "days"),
    EventKind.ULCER: KindFacts("95400005", "days to months"),
    EventKind.SCAR: KindFacts("111017005", "days to months"),
    EventKind.PIGMENT_CHANGE: KindFacts("95380007", "weeks"),
    EventKind.VASCULITIS: KindFacts("", "days"),
}


def facts(kind: str) -> KindFacts:
    """What is known of a kind; empty facts for kinds with none. Raises ValueError if no kind."""
    return KIND_FACTS.get(EventKind(kind), KindFacts())


CAUSALITY_GUIDE: dict[Causality, str] = {
    Causality.CERTAIN: (
        "The timing fits, nothing else explains it, it gets better after stopping, and it comes back "
        "if the product is given again"
    ),
    Causality.PROBABLE_LIKELY: "The timing fits, other causes are unlikely, and it gets better after stopping",
    Causality.POSSIBLE: "The timing fits, but an illness or another drug could explain it too",
    Causality.UNLIKELY: "The timing does not fit well, or something else explains it better",
    Causality.CONDITIONAL_UNCLASSIFIED: "More information is needed or expected",
    Causality.UNASSESSABLE: "Cannot be assessed, and no more information can be got",
}

REPORT_WITHIN_DAYS = 15
"""Calendar days from awareness for a serious event; anaphylaxis and death are reported at once."""
