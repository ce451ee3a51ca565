"""What was recorded before (and after) a visit, for the rules and the hints of its form."""

import datetime
import uuid
from decimal import Decimal

from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.scales.catalogue import Grading
from treatments.patients.models import Patient


def graded_before(patient: Patient, day: datetime.date, *, leaving_out: uuid.UUID) -> Assessment | None:
    """The last visit graded on or before a day."""
    graded = Assessment.objects.standing().filter(patient=patient, assessed_on__lte=day).exclude(stage="")
    last: Assessment | None = graded.exclude(pk=leaving_out).in_order().last()
    return last


def graded_after(patient: Patient, day: datetime.date, *, leaving_out: uuid.UUID) -> Assessment | None:
    """The first visit graded after a day."""
    graded = Assessment.objects.standing().filter(patient=patient, assessed_on__gt=day).exclude(stage="")
    first: Assessment | None = graded.exclude(pk=leaving_out).in_order().first()
    return first


def grading(assessment: Assessment) -> Grading:
    return Grading(assessment.scale, assessment.stage)


def last_with(patient: Patient, column: str) -> Assessment | None:
    """The newest visit at which this column was filled in."""
    visits = Assessment.objects.standing().filter(patient=patient).exclude(**{column: ""})
    newest: Assessment | None = visits.in_order().last()
    return newest


def values_of_day(
    patient: Patient, *, day: datetime.date, site: str, method: str, leaving_out: uuid.UUID
) -> dict[str, Decimal]:
    """Single values measured in the same way at the same site that day, by quantity: parts against their whole."""
    alike = Measurement.objects.standing().filter(patient=patient, measured_on=day, site=site, method=method)
    return {each.kind: each.value for each in alike.exclude(pk=leaving_out) if each.value is not None}


def was_counted_before(patient: Patient, day: datetime.date, *, site: str, method: str) -> bool:
    """Whether hairs were counted by that method at that site before a day: a change can then be computed."""
    counts = Measurement.objects.standing().filter(
        patient=patient, kind="hair_density", site=site, method=method, measured_on__lt=day, value__isnull=False
    )
    return bool(counts.exists())
