"""What was recorded before (and after) a visit, for the rules and the hints of its form."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from treatments.assessments.measurement_kinds import Reading
from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.scales.catalogue import Grading
from treatments.patients.models import Patient


@dataclass(frozen=True)
class Neighbours:
    """The last visit graded on or before a day, and the first one after it."""

    before: Assessment | None
    after: Assessment | None


def graded_around(patient: Patient, day: datetime.date, *, leaving_out: Any = None) -> Neighbours:
    graded = Assessment.objects.standing().filter(patient=patient).exclude(stage="").exclude(pk=leaving_out)
    return Neighbours(
        before=graded.filter(assessed_on__lte=day).in_order().last(),
        after=graded.filter(assessed_on__gt=day).in_order().first(),
    )


def grading(assessment: Assessment) -> Grading:
    return Grading(assessment.scale, assessment.stage)


def last_with(patient: Patient, column: str) -> Assessment | None:
    """The newest visit at which this column was filled in."""
    standing = Assessment.objects.standing().filter(patient=patient)
    found: Assessment | None = standing.exclude(**{column: ""}).in_order().last()
    return found


def values_beside(
    patient: Patient, *, day: datetime.date, site: str, method: str, leaving_out: Any = None
) -> dict[str, Decimal]:
    """Single values measured in the same way at the same site that day, by quantity: parts against their whole."""
    beside = Measurement.objects.standing().filter(patient=patient, measured_on=day, site=site, method=method)
    return {each.kind: each.value for each in beside.exclude(pk=leaving_out) if each.value is not None}


def counted_before(patient: Patient, *, day: datetime.date, site: str, method: str) -> Reading | None:
    """The last hair count of that method at that site before a day: what a change could have been computed from."""
    counts = Measurement.objects.standing().filter(
        patient=patient, kind="hair_density", site=site, method=method, measured_on__lt=day, value__isnull=False
    )
    last = counts.order_by("measured_on", "id").last()
    if last is None or last.value is None:
        return None
    return Reading("hair_density", last.value, site, method, last.area_cm2, device=last.device)
