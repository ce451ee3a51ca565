"""How far a course has come at a Month, from nobody seen to a figure that may be analysed."""

from typing import Final

from django.db import models

MONTHS: Final = (3, 6, 12)
"""At which outcomes are read. Month 0 stands for the course itself."""


class Rung(models.TextChoices):
    """Where a course stands at a Month. Each course stands on one; which are due is decided by today, not stored."""

    COURSE = "course", "The course itself"
    NOT_SEEN = "not_seen", "Not seen about that Month"
    UNSURE = "unsure", "Seen, but the day is known to the month only"
    OUTSIDE = "outside", "Seen, but outside the window"
    NOT_MEASURED = "not_measured", "Assessed, density not measured"
    ESTIMATE = "estimate", "Estimate only"
    NOT_COMPARABLE = "not_comparable", "Measured, not comparable"
    ANALYSED = "analysed", "Analysed"


SEEN: Final = (Rung.NOT_MEASURED, Rung.ESTIMATE, Rung.NOT_COMPARABLE, Rung.ANALYSED)
"""Those who were assessed within the window."""


class Beside(models.TextChoices):
    """Whether another treatment began, ended or changed within six months before the first fact or until the last."""

    NONE = "", "None recorded"
    PERHAPS = "perhaps", "Perhaps"
    CERTAIN = "certain", "Yes"
