"""Patients of a series, as a clinic has them after half a year."""

import datetime
from decimal import Decimal
from typing import Any

from clinic.staff.models import Clinic
from tests import factories
from treatments.assessments.outcomes.computing import recompute_outcomes
from treatments.models import Course, Patient
from treatments.records.months import add_months

MONTH_0 = add_months(datetime.date.today(), -8)
MONTH_6 = add_months(MONTH_0, 6)


def treated(
    clinic: Clinic,
    *,
    before: int | None = 100,
    after: int | None = 112,
    consents: bool = True,
    stage_after: str = "III",
    month_0: datetime.date = MONTH_0,
    on: dict[str, Any] | None = None,
    **person: Any,
) -> Course:
    """A patient with two sessions, a count before and one at Month 6 (None: not counted), and a valid consent to
    research. Graded III vertex at the baseline."""
    patient = factories.patient(clinic, **{"ethnicity": "Chinese", "birth": "1980", **person})
    course = factories.course(patient, baseline_on=month_0, sessions_planned=5)
    factories.assessment(patient, course=course, assessed_on=month_0)
    if before is not None:
        counted(patient, course, month_0, before, **(on or {}))
    for number in range(2):
        day = add_months(month_0, number) + datetime.timedelta(days=1)
        factories.exosome_session(course, performed_on=day, reactions="none", created_at=_entered(day))
    if after is not None:
        counted(patient, course, add_months(month_0, 6), after, **(on or {}))
        day = add_months(month_0, 6)
        factories.assessment(patient, course=course, assessed_on=day, stage=stage_after, global_change=1)
    if consents:
        factories.consent(patient, "research")
    recompute_outcomes(patient.pk)
    return course


def counted(patient: Patient, course: Course, day: datetime.date, value: int, **more: Any) -> None:
    told = {"site_detail": "", "is_same_spot": True, "area_cm2": Decimal("1"), "device": "FotoX", **more}
    factories.measurement(patient, course=course, measured_on=day, value=Decimal(value), **told)


def _entered(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(12), datetime.UTC)
