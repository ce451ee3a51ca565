"""Through calls, bookings and what becomes of them nobody is asked twice, and nobody is lost for ever."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories, html_forms
from tests.people import Cast
from treatments.appointments import calling
from treatments.appointments.actions import book, cancel, note_call, say_what_became
from treatments.appointments.models import Appointment, Call
from treatments.identity.merge.actions import merge_patients, take_apart
from treatments.models import Course
from treatments.patients.moves import RecordMove
from treatments.records.ids import new_id
from treatments.registry.actions import archive_patient, restore_patient
from treatments.sessions.course_state import recompute
from treatments.timeline.today import agenda

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
LISTS = ("due", "open", "overdue", "this_week", "postponed", "not_wanted")


@pytest.fixture
def course(cast: Cast) -> Course:
    """One session given two months ago, and another a month overdue."""
    course = factories.course(factories.patient(cast.clinic, name="Due Invented"), baseline_on=today() - 60 * DAY)
    factories.exosome_session(course, performed_on=today() - 60 * DAY)
    return recompute(course.pk)


def today() -> datetime.date:
    return timezone.localdate()


def standing(cast: Cast, day: datetime.date | None = None) -> list[str]:
    """The lists on which somebody stands, but for who is booked on the day."""
    found = agenda(cast.clinic, day or today(), clinical=True)
    return [name for name in LISTS if getattr(found, name).count]


def said(cast: Cast, course: Course, outcome: str, **more: Any) -> Call:
    call = Call(clinic=cast.clinic, patient=course.patient, course=course, outcome=outcome, **more)
    return note_call(call, by=cast.reception)


def booked(cast: Cast, course: Course, day: datetime.date, **more: Any) -> Appointment:
    told = {"clinic": cast.clinic, "patient": course.patient, "course": course, "time": datetime.time(10)}
    return book(Appointment(day=day, **told), by=cast.reception, **more)


@pytest.mark.parametrize("by_telephone", [True, False])
def test_who_did_not_want_and_books(cast: Cast, course: Course, by_telephone: bool) -> None:
    """Booked after all: on no list of those who do not want, and called again when nobody came."""
    said(cast, course, "does_not_want")
    call = Call(pk=new_id(), clinic=cast.clinic, patient=course.patient, course=course) if by_telephone else None

    appointment = booked(cast, course, today(), call=call)

    assert standing(cast) == []
    assert standing(cast, today() + DAY) == ["overdue"]
    say_what_became(appointment, "did_not_come", expected_version=1, by=cast.reception)
    assert standing(cast) == ["overdue"]


def test_who_cancels_and_does_not_want(cast: Cast, course: Course) -> None:
    """The call that follows a booking is the last word, whether the booking is cancelled before or after it."""
    appointment = booked(cast, course, today() + 2 * DAY)
    said(cast, course, "does_not_want")
    cancel(appointment, reason="The patient telephoned", expected_version=1, by=cast.reception)

    assert standing(cast) == standing(cast, today() + 90 * DAY) == ["not_wanted"]


def test_booking_in_error_says_nothing(cast: Cast, course: Course) -> None:
    """One that is struck out does not undo what the patient said."""
    until = today() + 9 * DAY
    said(cast, course, "postponed", until=until)
    appointment = booked(cast, course, today() + 2 * DAY)
    assert standing(cast) == []

    Appointment.objects.filter(pk=appointment.pk).update(
        struck_out_at=timezone.now(), struck_out_by=cast.reception, struck_out_reason="Wrong patient"
    )
    calling.recompute(course.patient_id)

    assert standing(cast) == ["postponed"]
    assert standing(cast, until) == ["overdue"]


def test_postponed_books_and_cancels(cast: Cast, course: Course) -> None:
    said(cast, course, "postponed", until=today() + 90 * DAY)
    appointment = booked(cast, course, today() + 2 * DAY)
    cancel(appointment, reason="Has a cold", expected_version=1, by=cast.reception)

    assert standing(cast) == ["overdue"]


def test_archived_between_and_back(cast: Cast, course: Course) -> None:
    """Neither called nor lost: brought back, what was said before is valid again, and the booking is not."""
    said(cast, course, "postponed", until=today() + 9 * DAY)
    booked(cast, course, today() + 2 * DAY)
    archive_patient(course.patient, reason="Moved abroad", by=cast.clinician)
    assert standing(cast) == standing(cast, today() + 90 * DAY) == []

    restore_patient(course.patient, by=cast.clinician)

    assert standing(cast) == ["overdue"]


def test_merged_between(cast: Cast, course: Course) -> None:
    """What was said and booked comes along into the record that stays, and goes back when they are taken apart."""
    one, other = factories.patient(cast.clinic, name="Due Invented too"), course.patient
    said(cast, course, "does_not_want")
    told = {"clinic": cast.clinic, "patient": one, "from_patient": other, "reason": "One identity card"}
    merge = merge_patients(RecordMove(**told), by=cast.manager)
    assert standing(cast) == ["not_wanted"] and Call.objects.get().patient == one

    course.refresh_from_db()
    appointment = booked(cast, course, today() + 2 * DAY)
    assert standing(cast) == [] and appointment.patient == one
    take_apart(RecordMove(clinic=cast.clinic, reason="Two cousins"), merge=merge, by=cast.manager)

    appointment.refresh_from_db()
    assert appointment.patient == other, "it hangs on the course, and goes back with it"
    assert standing(cast) == [] and standing(cast, today() + 3 * DAY) == ["overdue"]


def test_died_is_called_by_nobody(cast: Cast, course: Course) -> None:
    """Neither on Today nor by a booking; the call list of a lot says it beside the name."""
    lot = factories.lot(factories.product(cast.clinic))
    factories.exosome_session(course, performed_on=today() - 40 * DAY, lot=lot)
    appointment = booked(cast, course, today() + 2 * DAY)

    archive_patient(course.patient, reason="The family telephoned", has_died=True, by=cast.clinician)

    appointment.refresh_from_db()
    assert standing(cast) == standing(cast, today() + 300 * DAY) == []
    assert (appointment.state, appointment.cancel_reason) == ("cancelled", "The patient died")
    page = cast.client(cast.clinician).get(reverse("recall:lot-calls", args=[lot.pk])).content.decode()
    assert "Due Invented" in page and "died" in page


def test_call_from_the_patients_page(cast: Cast, course: Course) -> None:
    """Without a row of a list it is about the next visit, too, and so settles who is called."""
    url = reverse("appointments:call", args=[course.patient_id])
    client = cast.client(cast.reception)

    send(client, url, outcome="does_not_want")

    assert Call.objects.get().course == course
    assert standing(cast) == ["not_wanted"]


def test_call_names_the_plan_of_several(cast: Cast, course: Course) -> None:
    """Of two plans it is asked which; the one that is not due is no guess."""
    other = factories.course(course.patient, name="Beard", baseline_on=today() - 90 * DAY)
    url = reverse("appointments:call", args=[course.patient_id])
    client = cast.client(cast.reception)
    page = client.get(url).content.decode()
    assert "About which plan?" in page and "Beard" not in page, "reception sees no name of a plan"

    send(client, url, outcome="reached", course=str(other.pk))

    assert Call.objects.get().course == other


def test_putting_off_tells_of_the_booking(cast: Cast, course: Course) -> None:
    """Who does not want to come while a visit is booked: the page says so, and it is cancelled by a person."""
    appointment = booked(cast, course, today() + 2 * DAY)
    client = cast.client(cast.reception)
    told = {"id": str(new_id()), "course": str(course.pk), "outcome": "does_not_want", "_back": "today"}

    page = client.post(reverse("appointments:call", args=[course.patient_id]), told, follow=True).content.decode()

    assert f"is booked for {appointment.label}. Cancel that if nobody will come." in page


def test_year_mistyped_loses_nobody(cast: Cast, course: Course) -> None:
    url = reverse("appointments:call", args=[course.patient_id])
    answer = send(cast.client(cast.reception), url, outcome="postponed", until=f"{today().year + 20}-06-03")

    assert answer.status_code == 422 and not Call.objects.exists()
    assert "more than three years ahead" in answer.content.decode()


def send(client: Client, url: str, **changes: Any) -> Any:
    return client.post(url, html_forms.filled(client.get(url).content.decode(), **changes))
