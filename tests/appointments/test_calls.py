"""What came of a call decides who is telephoned again, and until when."""

import csv
import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.people import Cast
from treatments.appointments.actions import note_call, strike_out_call
from treatments.appointments.models import Appointment, Call
from treatments.examination.actions import record_assessment, strike_out_assessment
from treatments.models import Assessment, Course
from treatments.records.ids import new_id
from treatments.sessions.course_state import recompute
from treatments.timeline.today import agenda

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def today() -> datetime.date:
    return timezone.localdate()


@pytest.fixture
def course(cast: Cast) -> Course:
    """One session given two months ago, and another a month overdue: computed, so that it may be computed again."""
    patient = factories.patient(cast.clinic, name="Due Invented", phone="+65 5550 0101", contact_note="After six")
    course = factories.course(patient, baseline_on=today() - 60 * DAY)
    factories.exosome_session(course, performed_on=today() - 60 * DAY)
    return recompute(course.pk)


def call(client: Client, of: Course, outcome: str, **more: Any) -> Any:
    """What the buttons in a row send."""
    told = {"id": str(new_id()), "course": str(of.pk), "outcome": outcome, "until": "", "_back": "today"}
    url = reverse("appointments:call", args=[of.patient_id])
    return client.post(url, told | more)


def lists(cast: Cast, day: datetime.date | None = None) -> dict[str, int]:
    found = agenda(cast.clinic, day or today(), clinical=True)
    names = ("overdue", "postponed", "not_wanted")
    return {name: getattr(found, name).count for name in names if getattr(found, name).count}


def test_row_says_how_to_reach_and_what_came(cast: Cast, course: Course, desk_client: Client) -> None:
    call(desk_client, course, "not_reached", note="Mailbox full")

    page = " ".join(desk_client.get("/").content.decode().split())
    said = f"Not reached, called {timezone.localtime():%-d %b} by {cast.reception.name}: Mailbox full"
    for words in ('href="tel:+65 5550 0101"', "After six", said):
        assert words in page
    assert lists(cast) == {"overdue": 1}


def test_who_postpones_comes_back(cast: Cast, course: Course, desk_client: Client) -> None:
    until = today() + 9 * DAY

    assert call(desk_client, course, "postponed", until=until.isoformat()).url == "/"

    assert Call.objects.get().outcome_text == f"postponed to {until:%-d %b %Y}"
    assert lists(cast) == lists(cast, until - DAY) == {"postponed": 1}
    assert lists(cast, until) == {"overdue": 1}


def test_postponing_asks_for_the_day(cast: Cast, course: Course, desk_client: Client) -> None:
    """From the row of a list it comes back on a page of its own, with what was pressed."""
    unsaid = call(desk_client, course, "")
    assert "Choose what came of the call." in unsaid.content.decode()
    refused = call(desk_client, course, "postponed")
    late = call(desk_client, course, "postponed", until=today().isoformat())

    assert (refused.status_code, late.status_code) == (422, 422)
    assert "Choose the day on which you will call again." in refused.content.decode()
    assert "Choose a day after today." in late.content.decode()
    assert f'value="{course.pk}"' in refused.content.decode()
    assert not Call.objects.exists()


def test_who_does_not_want_is_asked_no_more(cast: Cast, course: Course, desk_client: Client) -> None:
    """Until the course waits for another visit: after a session, or by a new plan."""
    call(desk_client, course, "does_not_want")
    assert lists(cast, today() + 300 * DAY) == {"not_wanted": 1}

    factories.exosome_session(course, performed_on=today() - 10 * DAY)
    recompute(course.pk)

    assert lists(cast, today() + 300 * DAY) == {"overdue": 1}


def test_last_word_counts(cast: Cast, course: Course, desk_client: Client) -> None:
    """Whoever postponed, and was reached later, is on the list again; a call that reached nobody changes nothing."""
    call(desk_client, course, "postponed", until=(today() + 9 * DAY).isoformat())
    call(desk_client, course, "not_reached")
    assert lists(cast) == {"postponed": 1}

    call(desk_client, course, "reached")

    assert lists(cast) == {"overdue": 1}


def test_call_noted_in_error_is_struck_out(cast: Cast, course: Course) -> None:
    noted = note_call(
        Call(clinic=cast.clinic, patient=course.patient, course=course, outcome="does_not_want"), by=cast.reception
    )
    assert lists(cast) == {"not_wanted": 1}

    strike_out_call(noted, reason="The other patient", expected_version=1, by=cast.reception)

    assert lists(cast) == {"overdue": 1}


def test_assessment_keeps_the_booking(cast: Cast) -> None:
    """In one transaction; struck out, it takes that back."""
    appointment = factories.appointment(cast.patient, state="did_not_come")
    other_day = factories.appointment(cast.patient, day=today() + DAY)
    told = {"clinic": cast.clinic, "patient": cast.patient, "assessed_on": today()}

    assessment = record_assessment(Assessment(**told), by=cast.clinician)

    def states() -> list[tuple[str, bool]]:
        rows = Appointment.objects.filter(pk__in=[appointment.pk, other_day.pk]).order_by("day")
        return list(rows.values_list("state", "came_by_record"))

    assert states() == [("came", True), ("booked", False)]
    strike_out_assessment(assessment, reason="Another patient", expected_version=1, by=cast.clinician)
    assert states() == [("booked", False), ("booked", False)]


def test_who_came_by_hand_stays(cast: Cast) -> None:
    appointment = factories.appointment(cast.patient, state="came")
    told = {"clinic": cast.clinic, "patient": cast.patient, "assessed_on": today()}
    assessment = record_assessment(Assessment(**told), by=cast.clinician)
    strike_out_assessment(assessment, reason="Another patient", expected_version=1, by=cast.clinician)

    appointment.refresh_from_db()
    assert appointment.state == "came"


def test_recall_keeps_what_came_of_each_call(cast: Cast, course: Course) -> None:
    """On the page, and in the file; about the lot alone, and nothing else is put off by it."""
    lot = factories.lot(factories.product(cast.clinic))
    factories.exosome_session(course, performed_on=today() - 40 * DAY, lot=lot)
    recompute(course.pk)
    before = lists(cast)
    client = cast.client(cast.clinician)
    page = reverse("recall:lot-calls", args=[lot.pk])
    told = {"id": str(new_id()), "lot": str(lot.pk), "outcome": "reached", "note": "Feels well", "_back": "lot"}

    answer = client.post(reverse("appointments:call", args=[course.patient_id]), told)

    assert answer.url == page and lists(cast) == before
    assert f"{cast.clinician.name}: Feels well" in " ".join(client.get(page).content.decode().split())
    file = b"".join(client.get(reverse("recall:lot-calls-csv", args=[lot.pk]))).decode("utf-8-sig")
    (row,) = csv.DictReader(file.splitlines(), delimiter=";" if ";" in file.splitlines()[0] else ",")
    assert row["What came of it"] == f"reached ({cast.clinician.name})" and row["Note of the call"] == "Feels well"


def test_call_names_nothing_of_another(cast: Cast, course: Course, desk_client: Client) -> None:
    """A course of another patient, or a lot of another clinic, is no choice."""
    foreign = factories.lot(factories.product(cast.other_clinic))
    for about in ({"course": str(factories.course(cast.patient).pk)}, {"course": "", "lot": str(foreign.pk)}):
        assert call(desk_client, course, "reached", **about).status_code == 422
    assert not Call.objects.exists()


@pytest.mark.parametrize("name", ["due", "open", "overdue", "this_week", "booked", "postponed", "not_wanted", "odd"])
def test_whole_lists_are_paged(
    cast: Cast, course: Course, desk_client: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("treatments.timeline.calls.ROWS_ON_A_PAGE", 1)
    for number in range(2):
        patient = factories.patient(cast.clinic, name=f"Late Invented {number}")
        factories.course(patient, next_due_on=today() - 5 * DAY)
        factories.appointment(patient, time=datetime.time(9 + number), day=today() - DAY)

    page = desk_client.get(reverse("calls"), {"list": name, "page": "2"})

    assert page.status_code == 200
    if name in {"overdue", "odd"}:
        assert "Page 2 of 3" in page.content.decode()
