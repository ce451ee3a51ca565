"""The published case, entered by the actions that the pages use, as the demonstration has it."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.people import Cast
from treatments.demonstration.builder import RecordBuilder
from treatments.demonstration.scenarios import published_case
from treatments.models import CaseReport, Course, Patient, Photo


class WithoutFiles(RecordBuilder):
    """Files photos as rows alone: storing twelve rendered pictures takes longer than all else of a test."""

    def photographs(
        self, patient: Patient, key: str, month: int, day: datetime.date, is_card_full: bool = False, **card: Any
    ) -> dict[str, Photo]:
        told = {"hair_state": "dry", "product_used": "none", "lighting": "standard_room", **card}
        return {view: factories.photo(patient, view=view, taken_on=day, **told) for view in ("vertex", "frontal")}


@pytest.fixture
def build(cast: Cast) -> RecordBuilder:
    staff = {name: getattr(cast, name) for name in ("manager", "clinician", "nurse", "reception")}
    made = WithoutFiles(cast.clinic, staff, [factories.product(cast.clinic)], {})
    made.write_consent_forms()
    return made


@pytest.fixture
def patient(build: RecordBuilder) -> Patient:
    """Its patient, with all that the report states."""
    with timezone.override("Asia/Singapore"):
        published_case(build)
    return Patient.objects.select_related("history", "clinic").get(name="Basil Thyme")


@pytest.fixture
def report(cast: Cast, patient: Patient) -> CaseReport:
    """Begun, and nothing written but its title."""
    course: Course = patient.courses.get()
    made: CaseReport = CaseReport.objects.create(
        clinic=cast.clinic,
        patient=patient,
        course=course,
        created_by=cast.clinician,
        title="Exosomes for male pattern hair loss: a case report",
    )
    return made
