"""Several courses on one page: each fact is judged by its own, and another course changes no word of it."""

import datetime
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.people import Cast
from treatments.assessments.actions import record_assessment, record_measurement
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.models import AdverseEvent, Assessment, Course, Measurement, Patient, Therapy
from treatments.photos.contact_sheet import lay_out
from treatments.photos.export.forms import ChooseForm
from treatments.photos.patient_photos import load as load_photos
from treatments.photos.upload.store_photo import link_to_session
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate
from treatments.safety.actions import report
from treatments.sessions.course_state import recompute
from treatments.sessions.plan import actions as planning
from treatments.timeline import density, facts
from treatments.timeline.chart import data, drawing, table, text
from treatments.timeline.entries import all_entries
from treatments.timeline.header import header
from treatments.timeline.month_photos import PhotoComparisons
from treatments.timeline.months import page_of

pytestmark = pytest.mark.any_database

FIRST = datetime.date(2024, 1, 10)


def planned(cast: Cast, on: datetime.date, **fields: Any) -> Course:
    plan = {"clinic": cast.clinic, "patient": cast.patient, "name": "Five monthly sessions", "checkpoints": [0, 5, 12]}
    return planning.plan_course(Course(**plan, baseline_on=on, **fields), by=cast.clinician)


def graded(cast: Cast, on: datetime.date, stage: str, **fields: Any) -> Assessment:
    told = {"scale": "norwood_1975", "stage": stage, **fields}
    return record_assessment(
        Assessment(clinic=cast.clinic, patient=cast.patient, assessed_on=on, **told), by=cast.clinician
    )


def counted(cast: Cast, on: datetime.date, value: int) -> Measurement:
    how = {"kind": "hair_density", "site": "vertex", "method": "manual_trichoscopy_count", "is_same_spot": True}
    made = Measurement(clinic=cast.clinic, patient=cast.patient, measured_on=on, value=value, area_cm2=1, **how)
    return record_measurement(made, by=cast.clinician)


def photographed(cast: Cast, on: datetime.date) -> None:
    photo = factories.photo(cast.patient, taken_on=on, view="vertex")
    link_to_session(photo)
    photo.save()


def a_course(cast: Cast) -> Course:
    """Five sessions from 10 January 2024, IV to III at Month 12, 100 to 140 hairs, photographs, one event."""
    graded(cast, FIRST, "IV")
    course = planned(cast, FIRST)
    counted(cast, FIRST, 100)
    photographed(cast, FIRST)
    for number in range(5):
        session = factories.exosome_session(course, performed_on=add_months(FIRST, number))
    recompute(course.pk)
    told: dict[str, Any] = {"clinic": cast.clinic, "patient": cast.patient, "kind": "headache"}
    report(AdverseEvent(**told, exosome_session=session), by=cast.clinician)
    graded(cast, add_months(FIRST, 12), "III", change_seen="Denser at the vertex")
    counted(cast, add_months(FIRST, 12), 140)
    photographed(cast, add_months(FIRST, 12))
    return course


def told_of(patient: Patient, course: Course) -> dict[str, Any]:
    """Every word that is told of one course: head, chart, table, months, contact sheet, compare, export."""
    today = timezone.localdate()
    patient = Patient.objects.get(pk=patient.pk)
    record = facts.load(patient, asked_for=course.pk)
    thresholds = thresholds_of(patient.clinic)
    changes, comparisons = density.changes(record, thresholds), PhotoComparisons(record, thresholds)
    chart = data.chart_course(record, changes, comparisons, today)
    assert chart is not None
    pages = page_of(record, all_entries(record, changes), record.standing_photos, comparisons, 1)
    months = [
        (
            month.title,
            month.days,
            month.notes,
            [(entry.heading, str(entry.record), entry.details.get("change")) for entry in month.entries],
            month.photos and (month.photos.missing, month.photos.comparison and month.photos.comparison.comparability),
        )
        for month in pages.months
        if month.course == course
    ]
    photos = load_photos(patient)
    sheet = lay_out(photos)
    number = photos.courses.standing.index(next(c for c in photos.courses.standing if c.pk == course.pk))
    export = ChooseForm(photos=photos, patient=patient, clinic_name="x", permissions=[])
    return {
        "head": [(a.question, a.answer, a.note) for a in header(record, changes, today).answers],
        "chart": drawing.draw_all(chart),
        "table": str(table.rows(chart).html),
        "summary": text.summary(chart),
        "months": months,
        "contact": [
            (column.month.name, column.when, column.after) for column in sheet.columns if column.month.course == number
        ],
        "compare": [
            (calendar.month_and_offset(photo), calendar.session(photo))
            for photo in photos.photos
            if photos.own_course(photo) == course
            for calendar in [photos.calendar(photo)]
        ],
        "export": [label for _, label, name in export.dates if name in {"", course.distinct_name}],
    }


def page_text(client: Client, patient: Patient, query: str = "") -> str:
    page = client.get(f"{patient.get_absolute_url()}{query}").content.decode()
    return " ".join(strip_tags(page).split())


def test_a_second_course_changes_no_verdict(cast: Cast, clinician_client: Client) -> None:
    course = a_course(cast)
    before = told_of(cast.patient, course)
    assert ("Stage, Norwood", "IV → III", "improved since the baseline, 10 Jan 2024") in before["head"]
    assert ("Density, vertex", "+40 %, +19 to +65", "likely visible") in before["head"]

    planned(cast, timezone.localdate())
    assert told_of(cast.patient, course) == before
    page = page_text(clinician_client, cast.patient)
    assert "Stage, Norwood IV → III, improved since the baseline, 10 Jan 2024" in page


ACTS = st.lists(
    st.sampled_from(["plan before", "plan amid", "plan after", "change", "stop", "resume", "strike out"]),
    min_size=1,
    max_size=6,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_no_act_on_another_course_is_told(cast: Cast, acts: list[str]) -> None:
    """Whatever is planned, changed, stopped, resumed or struck out beside a course, no word of it changes."""
    course = Course.objects.filter(patient=cast.patient, baseline_on=FIRST, struck_out_at=None).first()
    course = course or a_course(cast)
    before = told_of(cast.patient, course)
    for act in acts:
        _act(cast, act, course)
        assert told_of(cast.patient, course) == before, act


def _act(cast: Cast, act: str, course: Course) -> None:
    days = {
        "plan before": datetime.date(2022, 3, 1),
        "plan amid": datetime.date(2024, 3, 1),
        "plan after": datetime.date(2025, 6, 1),
    }
    if act in days:
        planned(cast, days[act], sessions_planned=3)
        return
    others = Course.objects.standing().filter(patient=cast.patient).exclude(pk=course.pk).order_by("id")
    other = others.last()
    if other is None:
        return
    step: dict[str, Any] = {"reason": "as agreed", "expected_version": other.version, "by": cast.clinician}
    if act == "change":
        planning.change_course(other, changes={"baseline_on": add_months(other.baseline_on, 1)}, **step)
    elif act == "stop" and other.is_open:
        planning.stop_course(other, on=timezone.localdate(), **step)
    elif act == "resume" and other.state == "stopped":
        planning.resume_course(other, **step)
    elif act == "strike out":
        planning.strike_out_course(other, **step)


def test_two_courses_at_once_keep_apart(cast: Cast) -> None:
    """Session 5 of one course does not stand under Month 0 of the other."""
    one = a_course(cast)
    other = planned(cast, add_months(FIRST, 4))
    factories.exosome_session(other, performed_on=add_months(FIRST, 4) + datetime.timedelta(days=1))
    sessions = [told[3] for told in told_of(cast.patient, other)["months"]]
    assert sum(heading == "Session" for told in sessions for heading, *_ in told) == 1
    assert [told[0] for told in told_of(cast.patient, one)["months"]] == [
        "Month 12",
        "Month 4",
        "Month 3",
        "Month 2",
        "Month 1",
        "Month 0",
    ]


def test_a_therapy_stays_in_its_course(cast: Cast) -> None:
    """A therapy begun in the first course does not move to Month 0 of the second."""
    one = a_course(cast)
    told = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.clinician}
    Therapy.objects.create(**told, kind="minoxidil_topical", started=PartialDate("2024-08"))
    before = told_of(cast.patient, one)["months"]
    planned(cast, timezone.localdate())
    assert told_of(cast.patient, one)["months"] == before
    assert any(heading == "Other treatment" for told in before for heading, *_ in told[3])


def test_each_scale_has_its_lane(cast: Cast) -> None:
    """One grading on another scale leaves the points of the first where they were."""
    course = a_course(cast)
    graded(cast, add_months(FIRST, 13), "M2", scale="basp_2007")
    summary = told_of(cast.patient, course)["summary"]
    assert "Stage, BASP: M2 at Month 13" in summary
    assert "Stage, Norwood: IV at Month 0; III at Month 12, improved" in summary
    assert told_of(cast.patient, course)["chart"].count(">Stage<") == 6  # two lanes in three widths


def test_a_month_is_drawn_without_a_day(cast: Cast, clinician_client: Client) -> None:
    course = planned(cast, datetime.date(2025, 1, 1), baseline_precision="month")
    month = {"performed_on": datetime.date(2025, 3, 1), "performed_precision": "month"}
    factories.exosome_session(course, **month)
    factories.assessment(cast.patient, course=course, assessed_on=datetime.date(2025, 3, 1), assessed_precision="day")
    told = told_of(cast.patient, course)
    assert re.search(r"Month 2 .{0,40}Mar 2025.{0,60}Session", told["table"], re.DOTALL)
    assert "Month 0 is Jan 2025" in told["summary"]
    assert not re.search(r"\b1 Jan 2025", str(told))


def test_what_is_open_is_asked(cast: Cast, clinician_client: Client) -> None:
    """An old record that two courses may claim, and one whose course was struck out, ask for their course."""
    a_course(cast)
    other = planned(cast, datetime.date(2025, 6, 1))
    factories.assessment(cast.patient, assessed_on=datetime.date(2025, 5, 20))
    page = page_text(clinician_client, cast.patient)
    assert (
        "To which course does this belong? By its date it is shown in Five monthly sessions, from 10 Jan 2024" in page
    )

    factories.photo(cast.patient, taken_on=datetime.date(2025, 7, 1), course=other)
    step: dict[str, Any] = {"reason": "planned twice", "expected_version": other.version, "by": cast.clinician}
    planning.strike_out_course(other, **step)
    page = page_text(clinician_client, cast.patient)
    assert "Its course was entered in error: Five monthly sessions, from 1 Jun 2025." in page
    assert "In no course" in page


@pytest.mark.parametrize("url", ["photos:sheet", "photos:compare", "photos:export"])
def test_pages_of_photos_open(cast: Cast, clinician_client: Client, url: str) -> None:
    a_course(cast)
    planned(cast, datetime.date(2025, 6, 1))
    photographed(cast, datetime.date(2025, 6, 1))
    page = clinician_client.get(reverse(url, args=[cast.patient.pk]))
    assert page.status_code == 200
    assert "Five monthly sessions, from 1 Jun 2025" in page.content.decode()
