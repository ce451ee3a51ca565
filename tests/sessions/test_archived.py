"""Nobody is treated who is archived or has died: on the server, whatever the page showed."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import TODAY, log_url, lot_of, plan_post, planned, session_post
from treatments.models import Assessment, Course, ExosomeSession, Patient
from treatments.patients.rules import treatment_day_problems
from treatments.records.partial_dates import PartialDate
from treatments.registry.actions import archive_patient, restore_patient
from treatments.sessions.log import actions

pytestmark = pytest.mark.django_db


def ago(days: int) -> datetime.date:
    return TODAY() - datetime.timedelta(days=days)


def spelled(days: int) -> str:
    return f"{ago(days):%-d %b %Y}"


def archive(cast: Cast, **told: Any) -> Patient:
    archive_patient(cast.patient, reason="Told by the family", by=cast.nurse, **told)
    return Patient.objects.get(pk=cast.patient.pk)


@pytest.mark.parametrize(
    ("when", "told", "codes"),
    [
        ("2025-05-09", {}, []),
        ("2025-05-10", {}, ["archived"]),
        ("2025-05-11", {}, ["archived"]),
        ("2025-05", {}, []),
        ("2025-06", {}, ["archived"]),
        ("2025-05-03", {"has_died": True, "death": PartialDate("2025-05-03")}, []),
        ("2025-05-04", {"has_died": True, "death": PartialDate("2025-05-03")}, ["after_death"]),
        ("2025-05-04", {"has_died": True, "death": PartialDate("2025-05")}, []),
        ("2025-05-10", {"has_died": True}, ["archived"]),
    ],
)
def test_day_of_a_treatment(when: str, told: dict[str, Any], codes: list[str]) -> None:
    """Archived on 10 May 2025: what was done before it can be entered; nothing after it, or after death."""
    archived_on = datetime.date(2025, 5, 10)
    problems = treatment_day_problems(PartialDate(when), field="when", what="session", archived_on=archived_on, **told)
    assert [each.code for each in problems] == codes


def test_archived_patient_gets_no_session(cast: Cast) -> None:
    """Today's session is refused on the server; one of before the archiving is entered from paper."""
    course, lot = planned(cast, baseline_on=ago(90)), lot_of(cast)
    archive(cast)
    client = cast.client(cast.clinician)

    refused = client.post(log_url(course), session_post(course, lot=lot))
    assert refused.status_code == 422
    assert "is archived since" in refused.content.decode()
    assert not ExosomeSession.objects.exists()

    assert client.post(log_url(course), session_post(course, lot=lot, when=spelled(25))).status_code == 302
    restore_patient(cast.patient, by=cast.nurse)
    assert client.post(log_url(course), session_post(course, lot=lot)).status_code == 302


def test_the_dead_get_no_session(cast: Cast) -> None:
    """After a death no session of a later day is taken, not by the form and not by the action."""
    course, lot = planned(cast, baseline_on=ago(90)), lot_of(cast)
    patient = archive(cast, has_died=True, died=PartialDate(ago(30).isoformat()))
    client = cast.client(cast.clinician)

    for days in (0, 20):
        answer = client.post(log_url(course), session_post(course, lot=lot, when=spelled(days)))
        assert answer.status_code == 422
        assert "The patient died" in answer.content.decode()
    session = ExosomeSession(clinic=cast.clinic, patient=patient, course=course, performed_on=ago(20))
    with pytest.raises(ValidationError, match="The patient died"):
        actions.log_session(session, volumes={"vertex": 3}, by=cast.clinician)
    assert not ExosomeSession.objects.exists()
    assert client.post(log_url(course), session_post(course, lot=lot, when=spelled(60))).status_code == 302


def test_session_is_not_moved_after_a_death(cast: Cast) -> None:
    course, lot = planned(cast, baseline_on=ago(90)), lot_of(cast)
    client = cast.client(cast.clinician)
    assert client.post(log_url(course), session_post(course, lot=lot, when=spelled(60))).status_code == 302
    session = ExosomeSession.objects.get()
    archive(cast, has_died=True, died=PartialDate(ago(30).isoformat()))
    url = reverse("sessions:correct", args=[cast.patient.pk, session.pk])
    told = session_post(course, lot=lot, correction_reason="misread", version="1", note="from paper", reactions="none")

    assert client.post(url, told | {"when": spelled(20)}).status_code == 422
    assert client.post(url, told | {"when": spelled(60)}).status_code == 302
    assert ExosomeSession.objects.get().performed_on == ago(60)


def test_archived_patient_gets_no_course(cast: Cast) -> None:
    archive(cast)
    url, client = reverse("sessions:course-plan", args=[cast.patient.pk]), cast.client(cast.clinician)

    assert client.post(url, plan_post()).status_code == 422
    assert not Course.objects.exists()
    assert client.post(url, plan_post(baseline=spelled(200))).status_code == 302


def test_nothing_is_dated_after_a_death(cast: Cast) -> None:
    """A visit, and the beginning of an event, of a day after the death are refused; a report of one is not."""
    archive(cast, has_died=True, died=PartialDate(ago(30).isoformat()))
    client = cast.client(cast.clinician)
    url = reverse("examination:record", args=[cast.patient.pk])
    seen = {"grade": "not_graded", "examination": "Seen", "_sentinel": "1"}
    answer = client.post(url, seen | {"when": spelled(20)})
    assert "after the patient’s death" in answer.content.decode()
    assert not Assessment.objects.exists()

    event = {"kind": "headache", "grade": "1", "outcome": "0", "ctcae_version": "5.0", "_sentinel": "1"}
    url = reverse("safety:report", args=[cast.patient.pk])
    assert client.post(url, event | {"onset": spelled(20)}).status_code == 422
    assert client.post(url, event | {"onset": spelled(40), "reported_on": TODAY().isoformat()}).status_code == 302


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (lambda of: factories.assessment(of, assessed_on=ago(20)), "A visit is recorded"),
        (lambda of: factories.measurement(of, measured_on=ago(20)), "A measurement is recorded"),
        (lambda of: factories.photo(of, taken_on=ago(20)), "A photo is recorded"),
        (lambda of: factories.consent(of, given_on=ago(20)), "A consent is recorded"),
        (lambda of: Patient.objects.filter(pk=of.pk).update(birth=ago(20).isoformat()), "before the patient’s birth"),
    ],
)
def test_nobody_dies_before_the_last_visit(cast: Cast, made: Any, sentence: str) -> None:
    made(cast.patient)
    client, url = cast.client(cast.nurse), reverse("patients:archive", args=[cast.patient.pk])
    told = {"reason": "Told by the family", "_sentinel": "1", "has_died": "on"}

    refused = client.post(url, told | {"died": spelled(30)})

    assert refused.status_code == 422 and sentence in refused.content.decode()
    assert client.post(url, told | {"died": spelled(10)}).status_code == 302


def test_death_is_asked_when_archiving(cast: Cast) -> None:
    """Archiving asks whether the patient died, and when; the lists to telephone from say so."""
    course, lot = planned(cast, baseline_on=ago(90)), lot_of(cast)
    factories.exosome_session(course, performed_on=ago(60), lot=lot, product=lot.product)
    client, url = cast.client(cast.nurse), reverse("patients:archive", args=[cast.patient.pk])
    told = {"reason": "Told by the family", "_sentinel": "1"}

    assert client.post(url, told | {"has_died": "on", "died": spelled(70)}).status_code == 422, "a session came later"
    assert client.post(url, told | {"has_died": "on", "died": spelled(30)}).status_code == 302
    patient = Patient.objects.get(pk=cast.patient.pk)
    assert patient.state_text == f"died {spelled(30)}"
    calls = client.get(reverse("recall:lot-calls", args=[lot.pk])).content.decode()
    file = cast.client(cast.clinician).get(reverse("recall:lot-calls-csv", args=[lot.pk])).getvalue().decode()
    assert patient.state_text in calls and patient.state_text in file
    assert f"Died {spelled(30)}" in client.get(patient.get_absolute_url()).content.decode()
    restore_patient(patient, by=cast.nurse)
    assert Patient.objects.get(pk=cast.patient.pk).state_text == ""
