"""A visit is booked, changed, cancelled, kept or not; whoever is booked is telephoned by nobody."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from tests import factories, html_forms
from tests.people import Cast
from treatments.appointments import desk
from treatments.appointments.models import Appointment, Call
from treatments.models import Course, Patient
from treatments.records.models import PassedWarning
from treatments.registry.actions import archive_patient
from treatments.timeline.today import agenda

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def today() -> datetime.date:
    return timezone.localdate()


def filled(client: Client, url: str, **changes: Any) -> Any:
    return client.post(url, html_forms.filled(client.get(url).content.decode(), **changes))


def book(client: Client, patient: Patient, day: datetime.date, time: str = "10:00", **changes: Any) -> Any:
    url = reverse("appointments:book", args=[patient.pk])
    return filled(client, url, day=day.isoformat(), time=time, **changes)


def due(cast: Cast, day: datetime.date, name: str = "Due Invented") -> Course:
    return factories.course(factories.patient(cast.clinic, name=name), next_due_on=day)


def names(listed: Any) -> list[str]:
    return [row.course.patient.name for row in listed.rows]


def test_booking_is_on_the_list_of_its_day(cast: Cast, desk_client: Client) -> None:
    answer = book(desk_client, cast.patient, today(), "23:45", room="Room 2", kind="assessment", note="Brings papers")

    (appointment,) = Appointment.objects.all()
    assert answer.url == appointment.get_absolute_url()
    assert (appointment.created_by, appointment.state) == (cast.reception, "booked")
    page = desk_client.get("/").content.decode()
    row = page.partition('id="booked"')[2].partition("</section>")[0]
    for words in ("23:45", "Ida Invented", "Assessment, Room 2", "Brings papers"):
        assert words in row
    assert AuditEvent.objects.filter(action="booked", patient_id=cast.patient.pk).count() == 1


def test_who_is_booked_is_not_called(cast: Cast, desk_client: Client) -> None:
    """Due today, and booked for the day after tomorrow: on no list to telephone before that day is over."""
    course = due(cast, today())
    assert names(agenda(cast.clinic, today(), clinical=True).due) == ["Due Invented"]

    book(desk_client, course.patient, today() + 2 * DAY)

    lists = agenda(cast.clinic, today(), clinical=True)
    assert names(lists.due) == names(lists.overdue) == names(lists.postponed) == []
    assert names(agenda(cast.clinic, today() + 3 * DAY, clinical=True).overdue) == ["Due Invented"]


def test_day_that_has_passed_is_refused(cast: Cast, desk_client: Client) -> None:
    answer = book(desk_client, cast.patient, today() - DAY, note="Typed")

    assert answer.status_code == 422 and not Appointment.objects.exists()
    assert "has passed. Choose today or a later day." in answer.content.decode()
    assert 'value="Typed"' in answer.content.decode()


def test_no_day_that_has_passed_is_proposed(cast: Cast, desk_client: Client) -> None:
    for day, proposed in ((today() + 9 * DAY, True), (today(), True), (today() - DAY, False)):
        patient = due(cast, day).patient
        page = desk_client.get(reverse("appointments:book", args=[patient.pk])).content.decode()
        assert (f'value="{day.isoformat()}"' in page) is proposed


def test_two_of_one_room_are_told(cast: Cast, desk_client: Client) -> None:
    """With a reason both are kept, and both say so on the list."""
    other = factories.patient(cast.clinic, name="Otto Invented")
    day = today() + 2 * DAY
    factories.appointment(other, day=day, time=datetime.time(10, 15), room="Room 1")

    refused = book(desk_client, cast.patient, day, room="room 1")

    assert refused.status_code == 422
    assert "Otto Invented (10:15 to 10:45)" in refused.content.decode()
    page = refused.content.decode()
    reasons = html_forms.reasons_asked_for(page, "Two chairs")
    sent = desk_client.post(refused.request["PATH_INFO"], html_forms.filled(page, **reasons))
    assert sent.status_code == 302
    assert PassedWarning.objects.get().reason == "Two chairs"
    assert [row.clash for row in desk.listed(desk.of_day(cast.clinic, day))] == [
        "Otto Invented, 10:15 to 10:45",
        "Ida Invented, 10:00 to 10:30",
    ]


def test_day_before_the_plan_is_told(cast: Cast, desk_client: Client) -> None:
    patient = factories.patient(cast.clinic)
    course = factories.course(patient, baseline_on=today() - 2 * DAY, next_due_on=today() + 26 * DAY)
    factories.exosome_session(course, performed_on=today() - 2 * DAY)

    answer = book(desk_client, patient, today() + 5 * DAY)

    assert answer.status_code == 422
    assert "before the time in which the plan wants this visit" in answer.content.decode()


def test_booking_is_changed_once(cast: Cast, desk_client: Client) -> None:
    """The old one stays as moved, the new one follows it in the calendar; a second change of the old one is refused."""
    old = factories.appointment(cast.patient, day=today() + 2 * DAY, room="Room 1")
    url = reverse("appointments:change", args=[cast.patient.pk, old.pk])
    late = html_forms.filled(desk_client.get(url).content.decode())

    answer = filled(desk_client, url, day=(today() + 3 * DAY).isoformat())

    new = Appointment.objects.get(state="booked")
    old.refresh_from_db()
    assert answer.url == new.get_absolute_url()
    assert (old.state, new.instead_of, new.room, new.sequence) == ("moved", old, "Room 1", 1)
    assert new.calendar_id == old.calendar_id
    second = desk_client.post(url, late | {"time": ["11:00"]})
    assert second.status_code == 422
    assert Appointment.objects.count() == 2


def test_cancelled_booking_keeps_its_reason(cast: Cast, desk_client: Client) -> None:
    course = due(cast, today())
    appointment = factories.appointment(course.patient, course=course)
    url = reverse("appointments:cancel", args=[course.patient.pk, appointment.pk])

    desk_client.post(url, {"version": "1", "reason": "Has a cold"})

    assert "Has a cold" in desk_client.get(appointment.get_absolute_url()).content.decode()
    lists = agenda(cast.clinic, today(), clinical=True)
    assert lists.booked.count == 0 and names(lists.due) == ["Due Invented"]


def test_cancelled_time_is_booked_again(cast: Cast, desk_client: Client) -> None:
    """Cancelled by mistake and booked anew, it is not told as saved already: nothing stands of it."""
    day = today() + 2 * DAY
    first = book(desk_client, cast.patient, day)
    assert book(desk_client, cast.patient, day).status_code == 422
    desk_client.post(f"{first.url}cancel/", {"version": "1", "reason": "Wrong patient"})
    again = book(desk_client, cast.patient, day)
    assert again.status_code == 302 and again.url != first.url
    assert list(Appointment.objects.order_by("created_at").values_list("state", flat=True)) == ["cancelled", "booked"]


def test_no_show_is_called_again(cast: Cast, desk_client: Client) -> None:
    course = due(cast, today())
    book(desk_client, course.patient, today(), "00:05")
    appointment = Appointment.objects.get()
    assert names(agenda(cast.clinic, today(), clinical=True).due) == []

    url = reverse("appointments:state", args=[course.patient.pk, appointment.pk])
    answer = desk_client.post(url, {"version": "1", "state": "did_not_come", "_back": "today"})

    assert answer.url == "/"
    lists = agenda(cast.clinic, today(), clinical=True)
    assert names(lists.due) == ["Due Invented"]
    assert [row.standing for row in lists.booked.rows] == ["did not come"]


@pytest.mark.parametrize("state", ["came", "did_not_come"])
def test_nobody_came_before_the_day(cast: Cast, desk_client: Client, state: str) -> None:
    """A booking of tomorrow offers neither button, and a press on a page from elsewhere says why nothing is noted."""
    appointment = factories.appointment(cast.patient, day=today() + DAY)
    assert f'value="{state}"' not in desk_client.get(appointment.get_absolute_url()).content.decode()

    url = reverse("appointments:state", args=[cast.patient.pk, appointment.pk])
    page = desk_client.post(url, {"version": "1", "state": state}, follow=True).content.decode()

    appointment.refresh_from_db()
    assert (appointment.state, appointment.version) == ("booked", 1)
    assert f"The visit is booked for {appointment.label}." in page


def test_second_press_on_an_old_page(cast: Cast, desk_client: Client) -> None:
    """Came, said twice, is said once; from an old page nothing is overwritten."""
    appointment = factories.appointment(cast.patient)
    url = reverse("appointments:state", args=[cast.patient.pk, appointment.pk])
    for state in ("came", "came", "did_not_come"):
        desk_client.post(url, {"version": "1", "state": state})

    appointment.refresh_from_db()
    assert (appointment.state, appointment.version) == ("came", 2)


def test_archiving_cancels_what_is_ahead(cast: Cast, desk_client: Client) -> None:
    ahead = factories.appointment(cast.patient, day=today() + 2 * DAY)
    past = factories.appointment(cast.patient, day=today() - 2 * DAY)

    archive_patient(cast.patient, reason="Moved abroad", by=cast.clinician)

    ahead.refresh_from_db()
    past.refresh_from_db()
    assert (ahead.state, ahead.cancel_reason, past.state) == ("cancelled", "The patient was archived", "booked")
    answer = desk_client.get(reverse("appointments:book", args=[cast.patient.pk]))
    assert answer.status_code == 302


def test_call_that_booked_is_noted(cast: Cast, desk_client: Client) -> None:
    course = due(cast, today())
    url = f"{reverse('appointments:book', args=[course.patient.pk])}?course={course.pk}&call=visit"

    filled(desk_client, url, day=(today() + DAY).isoformat(), time="9")

    call = Call.objects.get()
    assert (call.outcome, call.course, call.appointment) == ("booked", course, Appointment.objects.get())


def test_other_clinic_books_nobody_here(cast: Cast) -> None:
    url = reverse("appointments:book", args=[cast.patient.pk])

    assert cast.client(cast.stranger).get(url).status_code == 404
    assert cast.client(cast.reader).get(url).status_code == 403
