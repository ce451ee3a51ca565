"""What was booked or noted in error is put right: of the wrong patient, twice, by a press too many."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from tests import factories, html_forms
from tests.people import Cast
from treatments.appointments.actions import cancel, change_booking, say_what_became, strike_out_booking
from treatments.appointments.models import Appointment, Call, MessageTemplate
from treatments.models import Course, Patient
from treatments.records.models import PassedWarning
from treatments.registry.actions import archive_patient
from treatments.timeline.today import agenda

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def today() -> datetime.date:
    return timezone.localdate()


def later(patient: Patient, old: Appointment, cast: Cast) -> Appointment:
    new = Appointment(clinic=cast.clinic, patient=patient, day=old.day + DAY, time=old.time, course=old.course)
    return change_booking(new, instead_of=old, by=cast.reception)


def filled(client: Client, url: str, **changes: Any) -> Any:
    return client.post(url, html_forms.filled(client.get(url).content.decode(), **changes))


def due_again(cast: Cast) -> list[str]:
    return [row.course.patient.name for row in agenda(cast.clinic, today(), clinical=True).due.rows]


@pytest.fixture
def course(cast: Cast) -> Course:
    return factories.course(factories.patient(cast.clinic, name="Due Invented"), next_due_on=today())


def test_booked_for_the_wrong_patient(cast: Cast, desk_client: Client, course: Course) -> None:
    """Two presses and a reason from the booking: it stands on no list, the call that led to it neither, and whoever was
    due is called again."""
    url = f"{reverse('appointments:book', args=[course.patient_id])}?course={course.pk}&call=visit"
    booking = filled(desk_client, url, day=today().isoformat(), time="23:45").url
    assert due_again(cast) == []
    strike_out = f"{booking}strike-out/"
    assert strike_out in desk_client.get(booking).content.decode()
    assert "the call that led to it will be struck out" in desk_client.get(strike_out).content.decode()

    answer = filled(desk_client, strike_out, reason="The other Due")

    assert answer.url == booking
    appointment, call = Appointment.objects.get(), Call.objects.get()
    assert appointment.is_struck_out and call.is_struck_out and call.struck_out_reason == "The other Due"
    lists = agenda(cast.clinic, today(), clinical=True)
    assert (lists.booked.count, due_again(cast)) == (0, ["Due Invented"])
    page = " ".join(desk_client.get(booking).content.decode().split())
    assert "Struck out as entered in error: The other Due" in page and f"{booking}change/" not in page
    assert AuditEvent.objects.filter(action="struck_out", patient_id=course.patient_id).count() == 2


def test_whole_chain_is_struck_out(cast: Cast, course: Course) -> None:
    """A booking that was changed was in error before, too; the one that was moved is not struck out alone."""
    first = factories.appointment(course.patient, course=course, day=today() + DAY)
    other = factories.appointment(course.patient, day=today() + DAY)
    second = later(course.patient, first, cast)
    first.refresh_from_db()
    with pytest.raises(ValidationError):
        strike_out_booking(first, reason="Wrong", expected_version=first.version, by=cast.reception)

    strike_out_booking(second, reason="Wrong", expected_version=1, by=cast.reception)

    assert list(Appointment.objects.standing()) == [other]


def test_struck_out_booking_leaves_calendars(cast: Cast, desk_client: Client) -> None:
    appointment = factories.appointment(cast.patient, day=today() + DAY)
    strike_out_booking(appointment, reason="Wrong", expected_version=1, by=cast.reception)

    file = desk_client.get(reverse("appointments:calendar-file", args=[cast.patient.pk, appointment.pk])).content

    assert b"METHOD:CANCEL\r\n" in file and b"STATUS:CANCELLED\r\n" in file and b"SEQUENCE:1\r\n" in file


@pytest.mark.parametrize("act", ["change", "cancel", "state"])
def test_struck_out_is_not_touched(cast: Cast, desk_client: Client, act: str) -> None:
    appointment = factories.appointment(cast.patient, day=today() + DAY)
    url = reverse(f"appointments:{act}", args=[cast.patient.pk, appointment.pk])
    told: Any = {"version": "1", "reason": "Has a cold", "state": "came"}
    if act == "change":
        told = html_forms.filled(desk_client.get(url).content.decode(), time="11:00")
    strike_out_booking(appointment, reason="Wrong", expected_version=1, by=cast.reception)

    for version in ("1", "2"):
        desk_client.post(url, told | ({} if act == "change" else {"version": version}))

    appointment.refresh_from_db()
    assert (appointment.state, appointment.version) == ("booked", 2)
    assert not Appointment.objects.standing().exists()


@pytest.mark.parametrize("state", ["moved", "came"])
def test_what_is_over_is_not_cancelled(cast: Cast, desk_client: Client, state: str) -> None:
    """From a page that was opened before: not by the second press either, whose version is right."""
    appointment = factories.appointment(cast.patient, day=today())
    if state == "moved":
        later(cast.patient, appointment, cast)
    else:
        say_what_became(appointment, state, expected_version=1, by=cast.nurse)
    url = reverse("appointments:cancel", args=[cast.patient.pk, appointment.pk])

    for version in ("1", "2"):
        assert desk_client.post(url, {"version": version, "reason": "Has a cold"}).status_code in {409, 422}

    appointment.refresh_from_db()
    assert appointment.state == state


def test_cancelled_by_mistake_and_back(cast: Cast, desk_client: Client) -> None:
    """Each step has a higher SEQUENCE than the file that was given before, and so has the change that follows."""
    appointment = factories.appointment(cast.patient, day=today() + DAY)
    url = reverse("appointments:calendar-file", args=[cast.patient.pk, appointment.pk])

    def told() -> tuple[bytes, ...]:
        lines = desk_client.get(url).content.split(b"\r\n")
        return tuple(line for line in lines if line.startswith((b"SEQUENCE", b"STATUS")))

    cancel(appointment, reason="The wrong one", expected_version=1, by=cast.reception)
    cancelled = told()
    say_what_became(appointment, "booked", expected_version=2, by=cast.reception)
    back = told()
    later(cast.patient, appointment, cast)

    assert cancelled == (b"SEQUENCE:1", b"STATUS:CANCELLED")
    assert back == (b"SEQUENCE:2", b"STATUS:CONFIRMED")
    assert told() == (b"SEQUENCE:3", b"STATUS:CONFIRMED")


def test_archived_is_not_expected_again(cast: Cast, desk_client: Client) -> None:
    appointment = factories.appointment(cast.patient, day=today() + DAY)
    archive_patient(cast.patient, reason="Moved abroad", by=cast.clinician)
    assert "Expected again" not in desk_client.get(appointment.get_absolute_url()).content.decode()

    url = reverse("appointments:state", args=[cast.patient.pk, appointment.pk])
    page = desk_client.post(url, {"version": "2", "state": "booked"}, follow=True).content.decode()

    appointment.refresh_from_db()
    assert appointment.state == "cancelled" and "The patient is archived." in page


def test_second_call_keeps_its_reason(cast: Cast, desk_client: Client) -> None:
    """Of two calls that are exactly alike the second asks why, and what is written then can be read."""
    url = reverse("appointments:call", args=[cast.patient.pk])
    filled(desk_client, url, outcome="not_reached")

    asked = filled(desk_client, url, outcome="not_reached").content.decode()
    assert "saved exactly the same" in asked
    desk_client.post(url, html_forms.filled(asked, **html_forms.reasons_asked_for(asked, "Tried the mother")))

    assert Call.objects.count() == 2 and PassedWarning.objects.get().reason == "Tried the mother"
    page = desk_client.get(reverse("appointments:of-patient", args=[cast.patient.pk])).content.decode()
    assert "noted twice: Tried the mother" in page


def test_text_written_again_keeps_its_reason(cast: Cast) -> None:
    """A text that was changed meanwhile, so that the same answers are free again."""
    client, url = cast.client(cast.manager), reverse("appointments:messages")
    told = {"kind": "reminder", "language": "Deutsch", "subject": "Ihr Termin", "text": "{name}: {day}"}
    filled(client, url, **told)
    MessageTemplate.objects.update(language="Schweizerdeutsch")

    asked = filled(client, url, **told).content.decode()
    client.post(url, html_forms.filled(asked, **html_forms.reasons_asked_for(asked, "Once more in German")))

    assert MessageTemplate.objects.count() == 2
    assert PassedWarning.objects.get().reason == "Once more in German"
