"""A clinic's own list, in every spelling at once, becomes exactly the records that it means."""

from typing import Any

import pytest
from django.test import Client

from clinic.staff.models import Clinic
from tests.people import Cast
from tests.transfer.hostile import PATIENTS, REFUSED, SESSIONS, Expected, hostile_workbook
from tests.transfer.steps import import_all, to_preview
from treatments.models import Assessment, ExosomeSession, Measurement, Patient

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ANSWERS = {"site": "vertex", "method": "clinician_visual_estimate"}


def assert_every_number(clinic: Clinic, told: Expected) -> None:
    """Patients, sessions with their mL, stages and percentages: each as the sheet means it, and no more."""
    patients = {each.record_number: each for each in Patient.objects.of(clinic).filter(record_number__in=told.names)}
    assert {number: each.name for number, each in patients.items()} == told.names
    assert {number: each.birth.text for number, each in patients.items()} == told.births
    assert {number: each.phone for number, each in patients.items()} == told.phones
    sessions = ExosomeSession.objects.filter(patient__in=patients.values()).select_related("patient")
    given = {(each.patient.record_number, each.performed_on): each.total_ml for each in sessions}
    assert given == told.sessions
    stages = Assessment.objects.filter(patient__in=patients.values()).values_list("patient__record_number", "stage")
    assert dict(stages) == told.stages
    gains = Measurement.objects.filter(patient__in=patients.values()).values_list("patient__record_number", "value")
    assert dict(gains) == told.improved


def test_every_number_is_right(cast: Cast) -> None:
    client: Client = cast.client(cast.manager)
    data, told = hostile_workbook()

    preview: Any = to_preview(client, data, answers=ANSWERS)

    judgement = preview.context["judgement"]
    assert judgement.counts == {"new": 2 * PATIENTS + SESSIONS + PATIENTS, "same": 0, "changed": 0, "refused": REFUSED}
    [why] = judgement.refused.values()
    assert "formula that was never calculated" in why[0]
    assert "hides row 7" in preview.content.decode()
    import_all(client, preview)
    assert_every_number(cast.clinic, told)
    again = to_preview(client, data, answers=ANSWERS)
    assert again.context["judgement"].counts["new"] == 0
