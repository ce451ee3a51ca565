"""Words for one treatment visit: how it was given, with what, and how it ended."""

from __future__ import annotations

from django.db import models

from treatments.records.terminology import Code, snomed


class Route(models.TextChoices):
    INTRADERMAL_INJECTION = "intradermal_injection", "Injection into the skin (intradermal)"
    SUBCUTANEOUS_INJECTION = "subcutaneous_injection", "Injection under the skin (subcutaneous)"
    MICRONEEDLING_TOPICAL = "microneedling_topical", "Microneedling with topical product"
    TOPICAL_ONLY = "topical_only", "Topical only"
    MESOTHERAPY_GUN = "mesotherapy_gun", "Mesotherapy gun"
    FRACTIONAL_LASER_TOPICAL = "fractional_laser_topical", "Fractional laser with topical product"
    OTHER = "other", "Other"


class Phase(models.TextChoices):
    """Which part of the plan one session belongs to."""

    INDUCTION = "induction", "Induction"
    MAINTENANCE = "maintenance", "Maintenance"
    ANNUAL_REFRESH = "annual_refresh", "Yearly refresh"
    RESCUE = "rescue", "Rescue"


class CourseState(models.TextChoices):
    """Where the whole course stands."""

    INDUCTION = "induction", "Induction"
    MAINTENANCE = "maintenance", "Maintenance"
    FOLLOW_UP = "follow_up", "Follow-up"
    REFRESH = "refresh", "Yearly refresh"
    FINISHED = "finished", "Finished"
    STOPPED = "stopped", "Stopped"


class PlannedVisit(models.TextChoices):
    """What a plan can have next: a session, or a visit at which the patient is seen and nothing need be given."""

    SESSION = "session", "Session"
    FOLLOW_UP = "follow_up", "Follow-up"


class AssessmentPart(models.TextChoices):
    """What may be asked at an assessment besides the stage, which always is."""

    EXAMINATION = "examination", "Where the hair is thin, what is seen"
    SCALP = "scalp", "Scalp findings"
    PULL_TEST = "pull_test", "Pull test"
    TRICHOSCOPY = "trichoscopy", "Trichoscopy"
    MEASUREMENTS = "measurements", "Measurements"
    CHANGE = "change", "Change since the baseline"
    PATIENT = "patient", "The patient’s opinion"
    SAFETY = "safety", "Harm asked about, and none"
    PLAN = "plan", "What is planned"


def usual_assessment_parts() -> list[str]:
    """What a plan asks unless somebody chose otherwise: enough to tell a change, and quick."""
    return [str(part.value) for part in (AssessmentPart.MEASUREMENTS, AssessmentPart.CHANGE, AssessmentPart.PATIENT)]


class SessionOutcome(models.TextChoices):
    COMPLETED = "completed", "Completed"
    PARTIAL = "partial", "Partly given"
    ABORTED = "aborted", "Broken off"


class LotConfirmed(models.TextChoices):
    """How a person said which lot it was; blank where it is not recorded whether anybody did."""

    TAPPED = "tapped", "Chosen from the list by hand"
    TYPED = "typed", "Its number was typed"
    SCANNED = "scanned", "Its label was scanned"


class SkinPrep(models.TextChoices):
    CHLORHEXIDINE = "chlorhexidine", "Chlorhexidine"
    ALCOHOL = "alcohol", "Alcohol"
    POVIDONE_IODINE = "povidone_iodine", "Povidone-iodine"
    OTHER = "other", "Other"


class Anaesthesia(models.TextChoices):
    NONE = "none", "None"
    TOPICAL_LIDOCAINE_PRILOCAINE = (
        "topical_lidocaine_prilocaine",
        "Lidocaine and prilocaine cream",
    )
    TOPICAL_BLT = "topical_BLT", "Benzocaine, lidocaine and tetracaine cream (BLT)"
    RING_BLOCK = "ring_block", "Ring block"
    NERVE_BLOCK = "nerve_block", "Nerve block"
    VIBRATION = "vibration", "Vibration"
    COOLING = "cooling", "Cooling"
    NITROUS_OXIDE = "nitrous_oxide", "Nitrous oxide"


class NeedleGauge(models.IntegerChoices):
    G27 = 27, "27 G"
    G30 = 30, "30 G"
    G31 = 31, "31 G"
    G32 = 32, "32 G"
    G33 = 33, "33 G"
    G34 = 34, "34 G"


ROUTE_DEFINITIONS: dict[Route, str] = {
    Route.INTRADERMAL_INJECTION: "Point by point into the dermis, raising small papules",
    Route.SUBCUTANEOUS_INJECTION: "Below the dermis",
    Route.MICRONEEDLING_TOPICAL: ("Channels by roller, pen or stamp; product spread before or after"),
    Route.TOPICAL_ONLY: "Applied to unbroken skin",
    Route.MESOTHERAPY_GUN: "Motorised injector with one or several needles",
    Route.FRACTIONAL_LASER_TOPICAL: "Channels by laser; product applied after",
    Route.OTHER: "Describe it in the notes",
}

TECHNIQUES: dict[str, str] = {
    Route.MICRONEEDLING_TOPICAL: "Microneedling",
    Route.FRACTIONAL_LASER_TOPICAL: "Fractional laser",
}
"""What a route with a topical product is called where it was used without one; the others keep their label."""

PHASE_DEFINITIONS: dict[Phase, str] = {
    Phase.INDUCTION: "The planned first part of the course",
    Phase.MAINTENANCE: "Spaced sessions after induction",
    Phase.ANNUAL_REFRESH: "One session a year",
    Phase.RESCUE: "Unplanned, for relapse",
}

ROUTE_SNOMED: dict[Route, Code] = {
    Route.INTRADERMAL_INJECTION: snomed("372464004", "Intradermal route"),
    Route.SUBCUTANEOUS_INJECTION: snomed("34206005", "Subcutaneous route"),
    Route.TOPICAL_ONLY: snomed("6064005", "Topical route"),
}

BREAKS_SKIN: frozenset[Route] = frozenset(
    {
        Route.INTRADERMAL_INJECTION,
        Route.SUBCUTANEOUS_INJECTION,
        Route.MICRONEEDLING_TOPICAL,
        Route.MESOTHERAPY_GUN,
        Route.FRACTIONAL_LASER_TOPICAL,
    }
)
"""Routes that carry the product past the stratum corneum."""

NEEDLE_ROUTES: frozenset[Route] = frozenset(
    {Route.INTRADERMAL_INJECTION, Route.SUBCUTANEOUS_INJECTION, Route.MESOTHERAPY_GUN}
)

PAIN_LOINC = "72514-3"
PAIN_BANDS: tuple[tuple[int, int, str], ...] = (
    (0, 0, "none"),
    (1, 3, "mild"),
    (4, 6, "moderate"),
    (7, 10, "severe"),
)
"""Numeric rating scale 0-10: lowest and highest score of each band, and its word."""


def pain_word(score: int) -> str:
    """The band a 0-10 pain score falls in. Raises ValueError outside 0-10."""
    for low, high, word in PAIN_BANDS:
        if low <= score <= high:
            return word
    raise ValueError("Pain is a whole number from 0 (none) to 10 (worst).")
