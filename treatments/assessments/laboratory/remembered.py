"""What a clinic's laboratories printed last: their names, and the unit and range of each test.

A range is remembered for one laboratory, test and unit, and for patients of one sex, since laboratories print ranges by
sex. It fills the form in and is never taken over unseen: each report keeps the range that was saved with it.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from clinic.staff.models import Clinic
from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryResult
from treatments.records.text.text_folding import fold

LOOKED_THROUGH = 300
"""So many of the clinic's newest reports, or values, are read: the cost stays that of a small clinic."""


@dataclass(frozen=True, slots=True)
class Range:
    """The unit of a test and its reference range as they were typed last."""

    unit: str
    low: Decimal | None
    high: Decimal | None


def laboratories(clinic: Clinic) -> list[str]:
    """The names under which reports were filed lately, the newest first, each in the spelling that was used last."""
    names = (
        LaboratoryReport.objects.standing()
        .filter(clinic=clinic)
        .exclude(laboratory="")
        .order_by("-id")
        .values_list("laboratory", flat=True)[:LOOKED_THROUGH]
    )
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(fold(name), name)
    return list(found.values())


def ranges(clinic: Clinic, *, laboratory: str, sex: str) -> dict[str, Range]:
    """By test (`LaboratoryResult.of`): the newest unit and range of this laboratory for patients of this sex."""
    if not laboratory:
        return {}
    newest = (
        LaboratoryResult.objects.standing()
        .filter(clinic=clinic, patient__sex=sex, report__laboratory=laboratory)
        .filter(Q(low__isnull=False) | Q(high__isnull=False))
        .order_by("-id")[:LOOKED_THROUGH]
    )
    found: dict[str, Range] = {}
    for result in newest:
        found.setdefault(result.of, Range(result.unit, result.low, result.high))
    return found
