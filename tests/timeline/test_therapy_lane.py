"""The lane of other treatments, and what is said of them beside a change."""

import datetime
import re
from dataclasses import replace

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tests.people import Cast
from tests.timeline.chart_courses import published
from treatments.models import Therapy
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate
from treatments.timeline.chart import drawing, table, text
from treatments.timeline.chart.types import TherapyBar

START = published().baseline
RECORDED = START
FINASTERIDE = TherapyBar("finasteride", "1 mg", add_months(START, 1), None, RECORDED)
BARS = {
    "going on": FINASTERIDE,
    "before": TherapyBar("hair transplant (FUE)", "1800 grafts", PartialDate("2018"), None, RECORDED, is_occasion=True),
    "stopped": TherapyBar("minoxidil", "", PartialDate("2019"), add_months(START, 3), RECORDED, is_over=True),
    "no dates": TherapyBar("minoxidil", "", None, None, RECORDED, is_asked=False),
    "a month": TherapyBar("PRP", "", PartialDate(f"{add_months(START, 2):%Y-%m}"), None, RECORDED, is_occasion=True),
}


@pytest.mark.parametrize("kind", BARS)
def test_each_is_drawn_and_told(kind: str) -> None:
    """In all three widths, in the table and in the summary; without one there is no lane."""
    course = replace(published(), therapies=(BARS[kind],))
    for width in ("wide", "mid", "narrow"):
        drawn = drawing.draw(course, width)  # type: ignore[arg-type]
        assert "Other treatment" in drawn and BARS[kind].name in drawn
    assert [row.kind for row in table.rows(course)].count("Other treatment") == (2 if kind == "stopped" else 1)
    assert f"Other treatment: {BARS[kind].name}" in text.summary(course)
    assert "Other treatment" not in drawing.draw(published(), "wide")


def test_what_began_before_says_since_when() -> None:
    drawn = drawing.draw(replace(published(), therapies=(BARS["before"], BARS["stopped"])), "wide")
    assert ">2018, 1800 grafts<" in drawn and ">since 2019<" in drawn


def test_many_are_counted_not_drawn() -> None:
    """More than six rows are in the table, and the lane says how many."""
    bars = tuple(replace(FINASTERIDE, name=f"treatment {number}") for number in range(9))
    assert "3 more in the table" in drawing.draw(replace(published(), therapies=bars), "mid")


def test_of_too_many_what_moved_is_drawn() -> None:
    """A treatment that began in the course is drawn before those that went on since long before it."""
    old = tuple(replace(BARS["no dates"], name=f"old {number}", began=PartialDate("2001")) for number in range(7))
    course = replace(published(), therapies=(*old, FINASTERIDE))
    for width in ("wide", "mid", "narrow"):
        drawn = drawing.draw(course, width)  # type: ignore[arg-type]
        assert "finasteride" in drawn and "2 more in the table" in drawn


@st.composite
def bars(draw: st.DrawFn) -> TherapyBar:
    days = st.dates(datetime.date(2015, 1, 1), datetime.date(2030, 1, 1)).map(lambda day: day.isoformat())
    dates = days.flatmap(lambda day: st.sampled_from([day, day[:7], day[:4], day[:4] + "~"])).map(PartialDate)
    began, ended = draw(st.none() | dates), draw(st.none() | dates)
    return TherapyBar(
        draw(st.text(max_size=30)), draw(st.text(max_size=40)), began, ended, RECORDED,
        is_over=ended is not None or draw(st.booleans()), is_asked=draw(st.booleans()),
        is_occasion=draw(st.booleans()), changes=tuple((when, "2 mg") for when in draw(st.lists(dates, max_size=2))),
    )  # fmt: skip


@given(therapies=st.lists(bars(), max_size=8))
def test_any_dates_are_drawn_inside(therapies: list[TherapyBar]) -> None:
    """Whatever is known of the dates: nothing is drawn outside the plot, and nothing has a width below zero."""
    for width, right in (("wide", 1176), ("narrow", 348)):
        drawn = drawing.draw(replace(published(), therapies=tuple(therapies)), width)  # type: ignore[arg-type]
        for path in re.findall(r'<path d="([^"]+)" class="c-therapy"', drawn):
            for x in re.findall(r"[MH]([\d.-]+)", path):
                assert 0 <= float(x) <= right + 2
    assert text.summary(replace(published(), therapies=tuple(therapies))).endswith(".")


@pytest.mark.django_db
def test_a_change_says_what_else_began(cast: Cast, clinician_client: Client) -> None:
    """The stage in the header, and the entry of the grading, name what began in the course; without it neither does."""
    first = add_months(datetime.date.today(), -6)
    factories.course(cast.patient, baseline_on=first)
    for months, stage in ((0, "IV"), (5, "III")):
        factories.assessment(cast.patient, assessed_on=add_months(first, months), scale="norwood_1975", stage=stage)
    url = cast.patient.get_absolute_url()
    assert "Other treatment" not in clinician_client.get(url).content.decode()

    told = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.nurse}
    Therapy.objects.create(kind="finasteride_oral", started=add_months(first, 1).isoformat(), is_ongoing=True, **told)

    page = clinician_client.get(url).content.decode()
    assert "<span>Other treatment: finasteride since Month 1</span>" in page
    assert "Other treatment since the baseline: finasteride since Month 1." in page


@pytest.mark.django_db
def test_stage_and_count_tell_it_once(cast: Cast, clinician_client: Client) -> None:
    """A count of the same visit names the same treatment: the entry of the visit says it one time."""
    first = add_months(datetime.date.today(), -6)
    course = factories.course(cast.patient, baseline_on=first)
    factories.exosome_session(course, performed_on=first)
    told = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.nurse}
    Therapy.objects.create(kind="finasteride_oral", started=add_months(first, 1).isoformat(), is_ongoing=True, **told)
    for months, value in ((0, 120), (5, 160)):
        day = add_months(first, months)
        visit = factories.assessment(cast.patient, assessed_on=day, scale="norwood_1975", stage="IV")
        factories.measurement(cast.patient, measured_on=day, assessment=visit, value=value)

    page = clinician_client.get(cast.patient.get_absolute_url()).content.decode()
    assert page.count('<p class="quiet">Other treatment: finasteride since Month 1.</p>') == 1
    assert "Other treatment since the baseline" not in page
