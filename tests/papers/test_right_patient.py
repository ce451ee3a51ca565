"""What went home with the wrong patient's record goes to the right one with it."""

import datetime

import pytest

from tests import factories
from tests.people import Cast
from treatments.identity.merge.actions import merge_patients, take_apart
from treatments.identity.move.actions import Destination, move_record
from treatments.models import AftercareGiven, AftercareSheet, ExosomeSession, Letter, Patient, RecordMove

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(cast: Cast) -> Patient:
    return factories.patient(cast.clinic, name="Otto Invented")


@pytest.fixture
def given(cast: Cast) -> AftercareGiven:
    sheet = AftercareSheet.objects.create(clinic=cast.clinic, number=1, text="Rest.", created_by=cast.manager)
    session = factories.exosome_session(factories.course(cast.patient))
    made: AftercareGiven = AftercareGiven.objects.create(
        clinic=cast.clinic, patient=cast.patient, exosome_session=session, sheet=sheet, created_by=cast.nurse
    )
    return made


def test_sheet_given_moves_with_its_session(cast: Cast, other: Patient, given: AftercareGiven) -> None:
    course = factories.course(other, baseline_on=datetime.date.today() - datetime.timedelta(days=90))
    session = ExosomeSession.objects.get(pk=given.exosome_session_id)
    move = RecordMove(clinic=cast.clinic, patient=other, from_patient=cast.patient, reason="Wrong patient")

    move_record(
        move, record=session, to=Destination(other, course=course), expected_version=session.version, by=cast.clinician
    )

    given.refresh_from_db()
    assert given.patient == other and given.exosome_session.patient == other


def test_merge_brings_letters_along(cast: Cast, other: Patient, given: AftercareGiven) -> None:
    """And taking the two apart gives them back."""
    letter = Letter.objects.create(
        clinic=cast.clinic, patient=cast.patient, created_by=cast.clinician, recipient="Dr A", subject="B", body="C"
    )
    told = {"clinic": cast.clinic, "reason": "One person"}
    merge = merge_patients(RecordMove(patient=other, from_patient=cast.patient, **told), by=cast.manager)
    assert {Letter.objects.get().patient, AftercareGiven.objects.get().patient} == {other}

    take_apart(RecordMove(**told), merge=merge, by=cast.manager)

    letter.refresh_from_db()
    given.refresh_from_db()
    assert {letter.patient, given.patient} == {cast.patient}
