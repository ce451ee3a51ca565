"""The timeline page: a fixed number of queries, a bounded page, and labels that follow from the dates."""

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.people import Cast
from treatments.models import Correction, Patient, Therapy
from treatments.records.actions import strike_out, update
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate
from treatments.templatetags.treatments import unbroken

pytestmark = pytest.mark.django_db
# Session, person, role, patient with history, audit; then one for each kind of record (laboratory
# reports come with their values), one for corrections, and one for what sessions gave beside their first product.
# And one for what is booked, which whoever telephones or asks must know at once. Letters cost one where there are any.
QUERIES = 20


def years_of(cast: Cast, entries: int) -> Patient:
    """A patient with about that many entries: sessions, events, assessments with photos, a measurement each year."""
    patient = factories.patient(cast.clinic)
    first = datetime.date.today() - datetime.timedelta(days=30 * max(entries // 3, 3))
    course = factories.course(patient, baseline_on=first, sessions_planned=24)
    factories.consent(patient, given_on=first)
    lot = factories.lot(factories.product(cast.clinic))
    for number in range(entries // 3):
        day = min(first + datetime.timedelta(days=30 * number), datetime.date.today())
        session = factories.exosome_session(course, performed_on=day, lot=lot, product=lot.product)
        factories.adverse_event(patient, happened=day, exosome_session=session, outcome="1")
        assessment = factories.assessment(patient, assessed_on=day, course=course)
        if number % 6 == 0:
            factories.photo(patient, taken_on=day, course=course)
            factories.measurement(patient, assessment=assessment, measured_on=day)
    return patient


def read(client: Client, patient: Patient, query: str = "") -> tuple[str, int]:
    client.get(f"/patients/{patient.pk}/")
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/patients/{patient.pk}/{query}")
    assert response.status_code == 200
    return response.content.decode(), len(queries)


def test_page_queries_do_not_grow(cast: Cast, clinician_client: Client) -> None:
    """The page costs the same number of queries at 6 and at 600 entries."""
    counts = {size: read(clinician_client, years_of(cast, size))[1] for size in (6, 60, 600)}

    assert len(set(counts.values())) == 1
    assert counts[600] <= QUERIES


def test_page_is_below_150_kib_at_60_entries(cast: Cast, clinician_client: Client) -> None:
    """The page stays below 150 KiB at 60 entries."""
    page, _ = read(clinician_client, years_of(cast, 60))

    assert len(page.encode()) < 150 * 1024


def test_long_history_has_pages_of_months(cast: Cast, clinician_client: Client) -> None:
    """A long history is paged by whole months."""
    patient = years_of(cast, 600)

    pages = [read(clinician_client, patient, f"?page={number}")[0] for number in (1, 2, 999)]

    months = [re.findall(r'<section\s+class="month[^"]*"\s+id="([^"]+)"', page) for page in pages]
    assert months[0] and months[1] and not set(months[0]) & set(months[1])
    assert 'id="month-0"' in pages[2]
    assert "Page 1 of" in pages[0]


def test_labels_follow_from_the_dates(cast: Cast, clinician_client: Client) -> None:
    first = datetime.date(2025, 1, 31)
    course = factories.course(cast.patient, baseline_on=first, sessions_planned=5)
    for number in range(4):
        factories.exosome_session(course, performed_on=add_months(first, number))
    factories.assessment(cast.patient, assessed_on=first)
    factories.assessment(cast.patient, assessed_on=add_months(first, 3), stage="", scale="")

    page, _ = read(clinician_client, cast.patient)

    assert notes(page, 0) == "baseline; aged about 60; session 1"
    assert notes(page, 3) == "after session 3; session 4"
    assert "graded at Month 0, not regraded" in page


def test_date_known_to_the_month_says_so(cast: Cast, clinician_client: Client) -> None:
    """A date known to the month only says so."""
    first = datetime.date(2025, 1, 1)
    course = factories.course(cast.patient, baseline_on=first, baseline_precision="month")
    factories.exosome_session(course, performed_on=datetime.date(2025, 2, 1), performed_precision="month")
    factories.assessment(cast.patient, assessed_on=datetime.date(2025, 2, 1), assessed_precision="month")

    page, _ = read(clinician_client, cast.patient)

    assert "Feb 2025, day not recorded" in page
    assert notes(page, "1") == "after session 1"
    assert not re.search(r"\b1 Feb 2025", page)


def headings(page: str) -> list[str]:
    """Of every entry, in its order: "Session", or "Session, 16 May 2025" where the month has other days."""
    found = re.findall(r'<h3 class="rec-kind">(.*?)</h3>', page, re.DOTALL)
    return [" ".join(re.sub("<[^>]*>", "", each).split()) for each in found]


def test_each_entry_has_a_day_in_its_month(cast: Cast, clinician_client: Client) -> None:
    """In a month of one visit its heading says the day; of several each entry says its own, and so does a change."""
    first = datetime.date(2025, 3, 3)
    course = factories.course(cast.patient, baseline_on=first)
    factories.exosome_session(course, performed_on=first)
    assert "Session" in headings(read(clinician_client, cast.patient)[0])

    factories.assessment(cast.patient, assessed_on=first + datetime.timedelta(days=6), course=course)
    told = {"kind": "finasteride_oral", "started": "2025-03-03", "dose": Decimal(1), "dose_unit": "mg"}
    therapy = Therapy.objects.create(clinic=cast.clinic, patient=cast.patient, created_by=cast.nurse, **told)
    half = {"dose": Decimal("0.5")}
    update(therapy, changes=half, since=PartialDate("2025-03-05"), expected_version=1, by=cast.nurse)
    page = read(clinician_client, cast.patient)[0]

    assert {"Session, 3 Mar 2025", "Assessment, 9 Mar 2025", "Changed, 5 Mar 2025"} <= set(headings(page))
    assert "Dose: 1\u00a0mg → 0.5\u00a0mg." in page


def test_struck_out_entry_stays_readable(cast: Cast, clinician_client: Client) -> None:
    """What was struck out stays readable and counts no more."""
    course = factories.course(cast.patient)
    wrong = factories.exosome_session(course, performed_on=course.baseline_on)
    factories.exosome_session(course, performed_on=course.baseline_on + datetime.timedelta(days=30))
    strike_out(wrong, reason="Another patient's", expected_version=1, by=cast.nurse)

    page, _ = read(clinician_client, cast.patient)

    # The apostrophe is escaped in the page.
    assert "Entered in error:" in page and "Another patient&#x27;s" in page
    assert "1 of 5" in page and "2 of 5" not in page


def test_correction_is_beside_the_value(cast: Cast, clinician_client: Client) -> None:
    """A correction is shown beside the value."""
    session = factories.exosome_session(factories.course(cast.patient))
    Correction.objects.create(
        clinic=cast.clinic,
        patient_id=cast.patient.pk,
        record_type="exosomesession",
        record_id=session.pk,
        version=2,
        changes=[{"field": "total_ml", "label": "Total volume, mL", "before": "3.50", "after": "3.00", "raw": ""}],
        reason="Syringe misread",
        by=cast.nurse,
    )

    page, _ = read(clinician_client, cast.patient, "?show=corrections")

    assert "total volume, mL <del>3.5</del> <ins>3</ins>: Syringe misread" in page


@pytest.mark.parametrize("query", ["?show=junk", "?page=-1", "?page=abc", "?page=99999999999999999999", "?show="])
def test_odd_address_still_shows_the_record(cast: Cast, clinician_client: Client, query: str) -> None:
    factories.assessment(cast.patient)

    assert "Norwood III vertex" in read(clinician_client, cast.patient, query)[0]


def test_empty_record_names_the_first_step(cast: Cast, clinician_client: Client) -> None:
    """An empty record says what to do first."""
    page, _ = read(clinician_client, cast.patient)

    assert "Take the history" in page and "history: not taken" in page


def test_one_count_is_not_called_unmeasured(cast: Cast, clinician_client: Client) -> None:
    """A chart has no change to draw yet, and does not say that nothing was measured."""
    visit = factories.assessment(cast.patient)
    page = words_of(clinician_client, cast)
    assert "Density: not measured" in page and "Stage, :" not in page
    factories.measurement(cast.patient, assessment=visit)
    page = words_of(clinician_client, cast)
    assert "Density: counted, no change yet" in page and "Density: not measured" not in page


def test_no_change_has_no_sign(cast: Cast, clinician_client: Client) -> None:
    factories.assessment(cast.patient, global_change=0, patient_change=2)
    page = read(clinician_client, cast.patient)[0]
    assert "no change (0)" in page and "(+2)" in page


def test_lines_of_a_note_stay_lines(cast: Cast, clinician_client: Client) -> None:
    factories.exosome_session(factories.course(cast.patient), note="verträgt gut\nLot (old record): ALT-78")
    assert "<p>verträgt gut<br>Lot (old record): ALT-78</p>" in words_of(clinician_client, cast)


def test_follow_up_asked_for_events(cast: Cast, clinician_client: Client) -> None:
    """Who asked at a follow-up asked: the header and the chart say so."""
    factories.exosome_session(factories.course(cast.patient))
    assert "None Asked" not in words_of(clinician_client, cast)
    factories.assessment(cast.patient, visit="follow_up", since_last="none", stage="", scale="")
    page = words_of(clinician_client, cast)
    assert "asked at 1 follow-up" in page and "asked once with none to report" in page


def words_of(client: Client, cast: Cast) -> str:
    return " ".join(client.get(cast.patient.get_absolute_url()).content.decode().split())


def test_nothing_unasked_is_called_asked(cast: Cast, clinician_client: Client) -> None:
    """Nothing is called asked that was not."""
    course = factories.course(cast.patient)
    day = course.baseline_on
    factories.exosome_session(course, performed_on=day, reactions="not_asked", since_last="not_asked")
    nobody_asked, _ = read(clinician_client, cast.patient)
    for number in (30, 60):
        told = {"reactions": "none", "since_last": "none"}
        factories.exosome_session(course, performed_on=day + datetime.timedelta(days=number), **told)
    page, _ = read(clinician_client, cast.patient)

    assert "<b>Not asked</b>" in nobody_asked
    assert "<b>None</b><span>asked at 2 of 3 sessions</span>" in page


@pytest.mark.parametrize("archived", [False, True])
def test_ended_course_is_drawn_to_its_end(cast: Cast, clinician_client: Client, archived: bool) -> None:
    """A course that ended is drawn to its end."""
    first = datetime.date(2021, 1, 14)
    ended = {} if archived else {"state": "stopped", "stopped_on": datetime.date(2021, 3, 20), "stop_reason": "Moved"}
    course = factories.course(cast.patient, baseline_on=first, **ended)
    factories.exosome_session(course, performed_on=first)
    if archived:
        noon = datetime.datetime(2021, 3, 20, 12, tzinfo=datetime.UTC)
        Patient.objects.filter(pk=cast.patient.pk).update(archived_at=noon, archived_reason="Moved")

    page, _ = read(clinician_client, cast.patient)

    word = "archived" if archived else "stopped"
    assert f">{word}, 20 Mar 2021</text>" in page
    assert ">today, " not in page
    assert "Log session</a>" not in page


def notes(page: str, month: int | str) -> str:
    found: Any = re.search(rf'id="month-{month}-h">[^<]*</h2><p><b class="nb">[^<]*</b><span>([^<]*)</span>', page)
    return str(found[1])


def test_session_has_the_title_of_its_page(cast: Cast, clinician_client: Client) -> None:
    """A session beyond the plan is extra, one that was broken off is still to be given, and the header counts so."""
    course = factories.course(cast.patient, sessions_planned=2)
    reason = {"outcome": "aborted", "outcome_reason": "Felt faint"}
    for number, told in enumerate(({}, reason, {}, {})):
        day = course.baseline_on + datetime.timedelta(days=14 * number)
        factories.exosome_session(course, performed_on=day, **told)

    page, _ = read(clinician_client, cast.patient)

    titles = sorted(re.findall(r">(Session \d[^<]*)<span", page))
    assert titles == ["Session 1 of 2", "Session 2, broken off", "Session 3, 2 of 2 planned", "Session 4, extra"]
    assert "<b>2 of 2, 1 extra, 1 broken off</b>" in page


def test_no_break_between_figure_and_unit(cast: Cast, clinician_client: Client) -> None:
    """On a phone "30" does not end a line that "G" begins, on any of these pages."""
    course = factories.course(cast.patient, volumes={"vertex": "3.40"})
    session = factories.exosome_session(course, regions={"vertex": "3.40"}, needle_gauge=30, needle_length_mm=4)
    told = {
        cast.patient.get_absolute_url(): ["3.4 mL", "30 G"],
        session.get_absolute_url(): ["3.4 mL", "30 G", "4 mm"],
        course.get_absolute_url(): ["3.4 mL"],
        f"{reverse('sessions:log', args=[cast.patient.pk])}?course={course.pk}": ["30 G", "4 mm"],
    }
    for url, figures in told.items():
        page = clinician_client.get(url).content.decode()
        assert [each for each in figures if f'<span class="nb">{each}</span>' not in page] == [], url


def test_a_figure_keeps_its_unit() -> None:
    shown = 'vertex <span class="nb">3 mL</span>, <span class="nb">30 G</span> &lt;b&gt;, 5 Good'
    assert unbroken("vertex 3 mL, 30 G <b>, 5 Good") == shown
