import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.cast import Cast
from treatments.timeline.today import agenda

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


def due(cast: Cast, name: str, first: datetime.date, until: datetime.date | None = None) -> None:
    patient = factories.patient(cast.clinic, name=name)
    factories.course(patient, next_due_on=first, next_due_until=until or first)


def test_each_course_stands_in_one_list_by_its_window(cast: Cast) -> None:
    day = datetime.timedelta(days=1)
    due(cast, "Due", TODAY)
    due(cast, "In window", TODAY - 20 * day, TODAY + 20 * day)
    due(cast, "Late", TODAY - 19 * day)
    due(cast, "Window over", TODAY - 60 * day, TODAY - 2 * day)
    due(cast, "This week", TODAY + 6 * day)
    due(cast, "Next month", TODAY + 30 * day)

    found = agenda(cast.clinic, TODAY, clinical=True)

    assert {row.course.patient.name for row in found.due.rows} == {"Due", "In window"}
    assert {row.course.patient.name: row.days_late for row in found.overdue.rows} == {"Late": 19, "Window over": 2}
    assert [row.course.patient.name for row in found.this_week.rows] == ["This week"]


def test_another_clinics_day_is_not_ours(cast: Cast) -> None:
    factories.course(factories.patient(cast.other_clinic), next_due_on=TODAY, next_due_until=TODAY)
    factories.adverse_event(factories.patient(cast.other_clinic))

    assert agenda(cast.clinic, TODAY, clinical=True).is_empty


def test_serious_events_come_first_and_are_said_on_top(cast: Cast, clinician_client: Client) -> None:
    factories.adverse_event(cast.patient, kind="headache", grade=2)
    factories.adverse_event(cast.patient, kind="anaphylaxis", grade=4, is_serious=True)
    factories.adverse_event(cast.patient, kind="pruritus", outcome="1")

    page = clinician_client.get("/").content.decode()

    assert page.index("Serious event open.") < page.index("Anaphylaxis</b>") < page.index("Headache</b>")
    assert "Itching" not in page


def test_the_page_costs_the_same_with_3_and_with_60_rows(cast: Cast, clinician_client: Client) -> None:
    counts = []
    for more in (3, 57):
        for number in range(more):
            due(cast, f"Row {number}", TODAY)
            factories.adverse_event(cast.patient)
        clinician_client.get("/")
        with CaptureQueriesContext(connection) as queries:
            assert clinician_client.get("/").status_code == 200
        counts.append(len(queries))

    # Beyond the twelve that are shown each list is counted, in one query more.
    assert counts[1] - counts[0] <= 2
    assert counts[1] <= 18


def test_a_quiet_day_says_so(cast: Cast, clinician_client: Client) -> None:
    assert "Nothing is due today" in clinician_client.get("/").content.decode()
