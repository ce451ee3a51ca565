"""The patient list is paged by where a page begins; Today's lists are read off their indexes."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from clinic.staff.models import Clinic
from tests import factories
from tests.people import Cast
from treatments.recall.tracing import patients_of
from treatments.records.ids import new_id
from treatments.registry import actions
from treatments.registry.patient_list import Filters, Page, matching_groups, page_of
from treatments.timeline import today
from treatments.timeline.today import agenda

DAY = datetime.timedelta(days=1)


@pytest.fixture
def people(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """Twenty-three patients, several of one name and several due on one day, on pages of five."""
    monkeypatch.setattr("treatments.registry.patient_list.PAGE_SIZE", 5)
    day = timezone.localdate()
    for number in range(22):
        due = day - (number % 4) * DAY if number % 3 else None
        factories.patient(cast.clinic, name=f"Ébba {number % 7}", next_due_on=due, course_state="induction")
    return cast.clinic


def walk(clinic: Clinic, filters: Filters, *, backwards_from: Page | None = None) -> tuple[list[str], Page]:
    """Every page from the first on, or from the last back, as the links lead: the record numbers met, and the end."""
    page = backwards_from or page_of(clinic, filters)
    met = [patient.record_number for patient in page.rows]
    while step := page.before if backwards_from else page.after:
        page = page_of(clinic, filters, **{"before" if backwards_from else "after": str(step)})
        numbers = [patient.record_number for patient in page.rows]
        met = numbers + met if backwards_from else met + numbers
    return met, page


@pytest.mark.parametrize("filters", [Filters(), Filters(due="overdue"), Filters(due="week"), Filters(text="ebba")])
def test_pages_show_everybody_once(people: Clinic, filters: Filters) -> None:
    """Pages show everybody once and in order, there and back."""
    wanted = [patient.record_number for group in matching_groups(people, filters) for patient in group]
    assert len(wanted) > 2

    forwards, last = walk(people, filters)
    backwards, _ = walk(people, filters, backwards_from=last)

    assert forwards == wanted
    assert backwards == wanted


def test_links_carry_filters_and_no_name(people: Clinic, cast: Cast) -> None:
    """The links carry the filters and no name."""
    answer = cast.client(cast.nurse).get(reverse("patients:index"), {"state": "induction", "q": "ebba"})

    page = answer.context["page"]
    assert f'href="?q=ebba&amp;state=induction&amp;after={page.after}"' in answer.content.decode()
    assert page.after == page.rows[-1].pk


@pytest.mark.parametrize("where", [{"after": "nonsense"}, {"before": str(new_id())}, {"page": "1999"}])
def test_broken_link_gives_the_first_page(people: Clinic, cast: Cast, where: dict[str, str]) -> None:
    """A link that leads nowhere gives the first page."""
    answer = cast.client(cast.nurse).get(reverse("patients:index"), where)

    assert answer.status_code == 200
    assert answer.context["page"].rows == page_of(people, Filters()).rows


def test_other_clinic_marks_no_page(people: Clinic, cast: Cast) -> None:
    """Nobody of another clinic marks a page."""
    stranger = factories.patient(cast.other_clinic, name="Ébba 3")

    assert page_of(people, Filters(), after=str(stranger.pk)).rows == page_of(people, Filters()).rows


def test_many_are_counted_only_so_far(people: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    assert page_of(people, Filters()).shown_count == "23"
    monkeypatch.setattr("treatments.registry.patient_list.COUNTED", 10)
    assert page_of(people, Filters()).shown_count == "10 or more"
    assert page_of(people, Filters(text="ebba")).shown_count == "22"


def test_due_today_and_within_a_window(cast: Cast) -> None:
    """Who is due on the day and who is within a window are two lists."""
    day = timezone.localdate()
    spans = {
        "later": (1, 1),
        "today": (0, 0),
        "over": (-9, -1),
        "closing": (-30, 0),
        "open": (-3, 40),
        "opening": (0, 9),
    }
    for name, (on, until) in spans.items():
        factories.course(cast.patient, name=name, next_due_on=day + on * DAY, next_due_until=day + until * DAY)

    found = agenda(cast.clinic, day, clinical=True)

    assert [due.course.name for due in found.due.rows] == ["today"]
    assert [due.course.name for due in found.open.rows] == ["closing", "opening", "open"]
    assert found.open.shown_count == "3"
    assert [due.course.name for due in found.overdue.rows] == ["over"]
    assert [due.course.name for due in found.this_week.rows] == ["later"]


def test_archived_patients_leave_the_lists(cast: Cast) -> None:
    """An archived patient leaves the lists of the day and comes back."""
    day = timezone.localdate()
    factories.course(cast.patient, next_due_on=day, next_due_until=day)

    actions.archive_patient(cast.patient, reason="moved away", by=cast.clinician)
    assert agenda(cast.clinic, day, clinical=True).due.count == 0
    actions.restore_patient(cast.patient, by=cast.clinician)
    assert agenda(cast.clinic, day, clinical=True).due.count == 1


def steps(rows: QuerySet[Any]) -> str:
    """The plan, made as for a clinic so large that nobody would read or sort all of it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
        return rows.explain()
    sql, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        return "\n".join(row[-1] for row in cursor.fetchall())


LISTS: dict[str, tuple[Callable[[Clinic], QuerySet[Any]], str]] = {
    "on the day": (lambda c: today.due_lists(c, timezone.localdate())["due"], "courses_"),
    "in a window": (lambda c: today.due_lists(c, timezone.localdate())["open"], "courses_due_within_a_window"),
    "overdue": (lambda c: today.due_lists(c, timezone.localdate())["overdue"], "courses_overdue"),
    "postponed": (lambda c: today.due_lists(c, timezone.localdate())["postponed"], "courses_postponed"),
    "not wanted": (lambda c: today.due_lists(c, timezone.localdate())["not_wanted"], "courses_not_wanted"),
    "booked": (lambda c: today.booked_rows(c, timezone.localdate()), "appointments_of_a_day"),
    "this week": (lambda c: today.due_lists(c, timezone.localdate())["this_week"], "courses_due"),
    "unfinished": (
        lambda c: today._clinical_lists(c, timezone.localdate())["unfinished"],
        "courses_without_final_photos",
    ),
    "events": (lambda c: today._clinical_lists(c, timezone.localdate())["events"], "open_events"),
    "lots": (lambda c: today._clinical_lists(c, timezone.localdate())["lots"], "lots_in_use_by_expiry"),
    "logged": (lambda c: today._clinical_lists(c, timezone.localdate())["logged"], "sessions_by_entry"),
    "everybody": (lambda c: matching_groups(c, Filters())[0], "active_by_name"),
    "archived": (lambda c: matching_groups(c, Filters(archived=True))[0], "archived_by_name"),
    "stopped": (lambda c: matching_groups(c, Filters(state="stopped"))[0], "active_by_course_state"),
    "of a stage": (lambda c: matching_groups(c, Filters(stage="Norwood IV"))[0], "active_by_stage"),
    "without a date": (lambda c: matching_groups(c, Filters(sort="due"))[1], "active_without_due_date"),
    "overdue patients": (lambda c: matching_groups(c, Filters(due="overdue"))[0], "active_by_due_date"),
    "overdue of a stage": (
        lambda c: matching_groups(c, Filters(due="overdue", stage="Norwood IV"))[0],
        "active_by_stage_due",
    ),
}


def test_whoever_is_due_has_a_date(cast: Cast) -> None:
    """In the order by date nobody without one is looked for among those who are overdue."""
    assert len(matching_groups(cast.clinic, Filters(sort="due", due="overdue"))) == 1
    assert len(matching_groups(cast.clinic, Filters(sort="due"))) == 2


@pytest.mark.parametrize("name", LISTS)
def test_list_is_read_off_its_index(cast: Cast, name: str) -> None:
    """A list is read off its index, in order."""
    rows, index = LISTS[name]
    plan = steps(rows(cast.clinic)[:12])

    assert index in plan, plan
    assert "TEMP B-TREE" not in plan and "Sort" not in plan, plan


def test_call_list_is_read_off_the_lot(cast: Cast) -> None:
    """Who was given a lot is found by the lot, and not among all sessions of the clinic."""
    lot = factories.lot(factories.product(cast.clinic))

    plan = steps(patients_of(lot).order_by().values("pk"))

    assert "sessions_of_a_lot" in plan and " OR" not in plan, plan
