import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.html_tree import read
from tests.people import Cast
from treatments.demonstration.seed import fill
from treatments.records.actions import strike_out
from treatments.records.partial_dates import of_day
from treatments.timeline.today import agenda

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
TODAY = datetime.date.today()


def due(cast: Cast, name: str, first: datetime.date, until: datetime.date | None = None) -> None:
    patient = factories.patient(cast.clinic, name=name)
    factories.course(patient, next_due_on=first, next_due_until=until or first)


def test_course_is_in_one_list_by_its_window(cast: Cast) -> None:
    """Each course is in one list by its window."""
    day = datetime.timedelta(days=1)
    due(cast, "Due", TODAY)
    due(cast, "In window", TODAY - 20 * day, TODAY + 20 * day)
    due(cast, "Late", TODAY - 19 * day)
    due(cast, "Window over", TODAY - 60 * day, TODAY - 2 * day)
    due(cast, "This week", TODAY + 6 * day)
    due(cast, "Next month", TODAY + 30 * day)

    found = agenda(cast.clinic, TODAY, clinical=True)

    assert {row.course.patient.name for row in found.due.rows} == {"Due"}
    assert {row.course.patient.name: row.when for row in found.open.rows} == {
        "In window": f"until {of_day(TODAY + 20 * day).label()}"
    }
    assert {row.course.patient.name: row.days_late for row in found.overdue.rows} == {"Late": 19, "Window over": 2}
    assert [row.course.patient.name for row in found.this_week.rows] == ["This week"]


def test_another_clinics_day_is_not_ours(cast: Cast) -> None:
    factories.course(factories.patient(cast.other_clinic), next_due_on=TODAY, next_due_until=TODAY)
    factories.adverse_event(factories.patient(cast.other_clinic))

    assert agenda(cast.clinic, TODAY, clinical=True).is_empty


def test_serious_events_come_first(cast: Cast, clinician_client: Client) -> None:
    """Serious events come first and are named on top."""
    factories.adverse_event(cast.patient, kind="headache", grade=2)
    factories.adverse_event(cast.patient, kind="anaphylaxis", grade=4, is_serious=True)
    factories.adverse_event(cast.patient, kind="pruritus", outcome="1")

    page = clinician_client.get("/").content.decode()

    assert page.index("Serious event, not resolved.") < page.index("Anaphylaxis</b>") < page.index("Headache</b>")
    assert "Itching" not in page


def test_queries_with_3_and_with_60_rows(cast: Cast, clinician_client: Client) -> None:
    """The page costs the same number of queries with 3 and with 60 rows."""
    counts = []
    for more in (3, 57):
        for number in range(more):
            due(cast, f"Row {number}", TODAY)
            factories.adverse_event(cast.patient)
        clinician_client.get("/")
        with CaptureQueriesContext(connection) as queries:
            assert clinician_client.get("/").status_code == 200
        counts.append(len(queries))

    # Beyond the twelve that are shown each list is counted, in one query more. Of the others four are the desk's: who
    # is booked today, who postponed, who does not want to come, and the last call of everybody who is shown.
    assert counts[1] - counts[0] <= 2
    assert counts[1] <= 20


def test_a_quiet_day_says_so(cast: Cast, clinician_client: Client) -> None:
    """Reception is told of no event and no session, so it is not told that there is none."""
    page = clinician_client.get("/").content.decode()
    of_reception = cast.client(cast.reception).get("/").content.decode()

    assert "Nothing is due today, every event is resolved" in page
    assert "Nothing is due today." in of_reception and "every event is resolved" not in of_reception
    assert "Due today</h2>" not in page


def test_a_section_without_rows_says_so(cast: Cast, clinician_client: Client) -> None:
    due(cast, "Somebody", TODAY)

    page = clinician_client.get("/").content.decode()

    assert "Nobody is due today." not in page
    for words in (
        "Nobody is overdue.",
        "Nobody else is due in the next seven days.",
        "Every finished course has its final photos.",
        "No session is logged yet today.",
        "None.",
        "None within 30 days.",
    ):
        assert words in page


def test_what_was_logged_today_is_listed(cast: Cast, clinician_client: Client) -> None:
    """By when it was entered: also a session given last week, with its day; not one that was given and entered then."""
    course = factories.course(cast.patient, baseline_on=TODAY - datetime.timedelta(days=60), sessions_planned=5)
    days = [TODAY - datetime.timedelta(days=number) for number in (60, 30, 7)]
    entered = timezone.now() - datetime.timedelta(days=30)
    factories.exosome_session(course, performed_on=days[0], created_at=entered)
    factories.exosome_session(course, performed_on=days[1], created_at=entered)
    told = {"created_by": cast.nurse, "operator": cast.clinician, "total_ml": "2.50"}
    session = factories.exosome_session(course, performed_on=days[2], **told)
    strike_out(factories.exosome_session(course, performed_on=TODAY), reason="Twice", expected_version=1, by=cast.nurse)

    page = clinician_client.get("/").content.decode()

    section = " ".join(page.partition('id="logged"')[2].partition("</section>")[0].split())
    assert f'<a href="{session.get_absolute_url()}">Session 3 of 5<span class="vh"> of ' in section
    assert "2.5 mL" in section and cast.patient.name in section
    assert f"given {days[2]:%-d %b %Y}; {cast.clinician.name}, entered by {cast.nurse.name}" in section
    assert section.count('class="due due-done"') == 1


def test_plasma_is_named_among_the_lots(cast: Cast, clinician_client: Client) -> None:
    """The mL of a session are of all that was given: what has no lot is named too."""
    course = factories.course(cast.patient)
    lot = factories.lot(factories.product(cast.clinic), number="EX-1")
    own = factories.product(cast.clinic, source_type="platelet_rich_plasma", donor="autologous")
    told = {"lot": lot, "product": lot.product, "first_ml": "3.00", "total_ml": "7.00"}
    session = factories.exosome_session(course, performed_on=TODAY, **told)
    session.applications.create(place=2, product=own, total_ml="4.00", volumes={"frontal": "4"})

    text = read(clinician_client.get("/").content.decode()).text

    assert "7 mL , lot EX-1 , prepared from the patient’s own blood" in " ".join(text.split())


@pytest.mark.parametrize(
    ("gave", "said"), [("Dr. Elsewhere", "Dr. Elsewhere, entered by "), ("", "; entered by "), (None, "; ")]
)
def test_who_entered_is_not_who_gave(cast: Cast, clinician_client: Client, gave: str | None, said: str) -> None:
    """Beside the day on which it was given stands who gave it, where that is known, and who entered it as that."""
    course = factories.course(cast.patient, baseline_on=TODAY - datetime.timedelta(days=60))
    told = {"operator": cast.nurse} if gave is None else {"operator": None, "operator_name": gave}
    factories.exosome_session(course, performed_on=TODAY - datetime.timedelta(days=7), created_by=cast.nurse, **told)

    page = clinician_client.get("/").content.decode()

    section = " ".join(page.partition('id="logged"')[2].partition("</section>")[0].split())
    assert f"{said}{cast.nurse.name}</p>" in section
    assert ("entered by" in section) is (gave is not None)


def test_reception_sees_due_and_not_clinical(cast: Cast) -> None:
    """Reception sees who is due and nothing clinical."""
    due(cast, "Somebody", TODAY)
    factories.adverse_event(cast.patient, kind="headache")
    factories.exosome_session(factories.course(cast.patient))

    # What is read, not the source: a form's token may happen to hold "mL".
    page = read(cast.client(cast.reception).get("/").content.decode()).text

    assert "Somebody" in page and "Nobody is overdue." in page
    for clinical in ("Headache", "Logged today", "final photos", "mL", "Session", "Lots near expiry", "Log session"):
        assert clinical not in page


def test_demonstration_has_a_session_today(db: None) -> None:
    """The demonstration has a session logged today."""
    clinic = fill()

    with timezone.override(clinic.time_zone):
        found = agenda(clinic, timezone.localdate(), clinical=True)

    (session,) = found.logged.rows
    assert (session.patient.name, session.number) == ("Rowan Ash", 2)
    assert (
        found.due.count >= 2
        and found.open.count
        and found.overdue.count
        and found.this_week.count
        and found.unfinished.count
    )
