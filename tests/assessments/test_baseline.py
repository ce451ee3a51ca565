"""Which earlier record a later one is compared with: stages, counts and photographs by one definition."""

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.assessments.baseline import (
    CourseStart,
    baseline_of,
    compared_with_baseline,
    in_order,
    is_before_treatment,
    stage_baseline,
)
from treatments.assessments.measurement_kinds import Reading
from treatments.records.partial_dates import PartialDate

ids = count(1)


@dataclass(frozen=True)
class Found:
    """A grading, a photograph or a count, as far as the choice of a baseline asks."""

    text: str
    pk: int
    is_struck_out: bool = False
    scale: str = "norwood_1975"
    stage: str = "III"
    reading: Reading | None = None

    @property
    def when(self) -> PartialDate:
        return PartialDate(self.text)


def found(text: str, **fields) -> Found:
    return Found(text, next(ids), **fields)


def counted(text: str, hairs: int = 120, **where) -> Found:
    told = {"quantity": "hair_density", "region": "vertex", "method": "phototrichogram", **where}
    return found(text, reading=Reading(value=Decimal(hairs), **told))


def start(month_0: str = "", first_session: str = "") -> CourseStart:
    return CourseStart(*(PartialDate(text) if text else None for text in (month_0, first_session)))


def test_first_session_decides_not_month_0():
    """A count at the first session is the baseline though Month 0 was planned for a week earlier."""
    planned, at_session, after = counted("2025-01-10"), counted("2025-01-17"), counted("2025-01-18")
    began = start("2025-01-10", "2025-01-17")
    assert baseline_of([after, at_session, planned], began) is at_session
    assert compared_with_baseline(after, [planned, at_session, after], began).record is at_session
    assert compared_with_baseline(at_session, [planned, at_session, after], began) is None


def test_early_session_decides_too():
    """What was found after a first session that came early is no baseline, Month 0 or not."""
    assert (
        baseline_of([found("2025-01-08"), found("2025-01-12")], start("2025-01-14", "2025-01-10")).text == "2025-01-08"
    )


@pytest.mark.parametrize(
    ("month_0", "chosen"), [("2025-02-01", "2025-01-20"), ("2025-06-01", "2025-04-20"), ("", "2025-04-20")]
)
def test_without_a_session(month_0, chosen):
    """Month 0 stands for the first session; before Month 0, and without a course, it is the last of all."""
    records = [found("2025-01-20"), found("2025-04-20")]
    assert baseline_of(records, start(month_0)).text == chosen


@pytest.mark.parametrize(
    ("when", "session", "may_serve"),
    [
        ("2025-01", "2025-01-10", True),
        ("2025-01-31", "2025-01", True),
        ("2025-02-01", "2025-01", False),
        ("2025-02", "2025-01-31", False),
        ("2025-02~", "2025-01-31", True),
        ("2025-01-11", "2025-01-10~", True),
        ("2025-01-12", "2025-01-10~", False),
    ],
)
def test_dates_are_spans(when, session, may_serve):
    """On or before holds unless all of the span lies after."""
    assert is_before_treatment(found(when), start("2025-01-01", session)) is may_serve


def test_struck_out_baseline_gives_way():
    """The next one serves; and where the first session was struck out, the second is the first."""
    first, second, third = found("2025-01-01"), found("2025-01-05"), found("2025-01-20")
    began = start("2025-01-01", "2025-01-10")
    assert baseline_of([first, second, third], began) is second
    assert baseline_of([first, replace(second, is_struck_out=True), third], began) is first
    sessions = [found("2025-01-10", is_struck_out=True), found("2025-02-10"), found("2025-03-10")]
    assert CourseStart.of(PartialDate("2025-01-01"), sessions) == start("2025-01-01", "2025-02-10")


def test_measured_twice_that_day():
    """Of two on one day the one that was entered last."""
    once, again = counted("2025-01-10", 120), counted("2025-01-10", 126)
    later = counted("2025-08-10")
    assert compared_with_baseline(later, [again, later, once], start("", "2025-01-10")).record is again


def test_stage_baseline_is_of_the_same_scale():
    records = [found("2025-01-01"), found("2025-01-05", scale="basp_2007", stage="M2"), found("2025-01-06", stage="")]
    assert stage_baseline(records, start("2025-01-01", "2025-01-10"), scale="norwood_1975") is records[0]
    assert stage_baseline(records, start("2025-01-01", "2025-01-10"), scale="ludwig_1977") is None


# Counts: each spot has a baseline of its own


@pytest.mark.parametrize(
    "other",
    [
        {"spot": "5 cm behind the hairline"},
        {"method": "trichoscan"},
        {"device": "Device Y"},
        {"magnification": 70},
        {"is_clipped": False},
        {"is_dyed": True},
        {"area_cm2": Decimal("0.5")},
        {"region": "frontal"},
    ],
)
def test_each_spot_has_its_own_baseline(other):
    """A count made later elsewhere, or otherwise, takes nobody's place."""
    usual = {
        "spot": "3 cm behind the hairline",
        "device": "Device X",
        "magnification": 20,
        "is_clipped": True,
        "is_dyed": False,
        "area_cm2": Decimal(1),
    }
    own, elsewhere = counted("2025-01-08", **usual), counted("2025-01-09", **usual | other)
    later = counted("2025-08-09", 168, **usual)
    began = start("2025-01-01", "2025-01-10")
    compared = compared_with_baseline(later, [own, elsewhere, later], began)
    assert compared.record is own and compared.comparison.is_comparable
    later_elsewhere = counted("2025-08-09", 168, **usual | other)
    assert compared_with_baseline(later_elsewhere, [own, elsewhere, later_elsewhere], began).record is elsewhere


def test_without_own_baseline_both_shown():
    """With the reasons why they may not be compared."""
    before, later = counted("2025-01-08", is_clipped=True), counted("2025-08-08", is_clipped=False)
    compared = compared_with_baseline(later, [before, later], start("", "2025-01-10"))
    assert compared.record is before
    assert compared.comparison.reasons == ("hair clipped differs (yes against no)",)
    elsewhere = counted("2025-08-08", region="frontal")
    assert compared_with_baseline(elsewhere, [before, elsewhere], start("", "2025-01-10")) is None


def test_unknown_spot_yields_to_known():
    """A spot that is written down for both goes before one that nobody knows, though that was counted later."""
    own, unknown = counted("2025-01-07", spot="tattoo"), counted("2025-01-09")
    later = counted("2025-08-09", spot="Tattoo")
    assert compared_with_baseline(later, [own, unknown, later], start("", "2025-01-10")).record is own
    assert compared_with_baseline(later, [unknown, later], start("", "2025-01-10")).record is unknown


months = st.dates(min_value=PartialDate("2024-01-01").earliest, max_value=PartialDate("2026-01-01").earliest)
spans = st.one_of(months.map(str), months.map(lambda day: f"{day:%Y-%m}"), months.map(lambda day: f"{day}~"))
records = st.lists(st.builds(Found, spans, st.integers(1, 99), st.booleans()), max_size=8, unique_by=lambda r: r.pk)


@given(records, spans)
def test_baseline_stands_and_is_last_before(all_records, session):
    """Whatever the dates: it stands, is not certainly after the first session, and none that may serve is later."""
    began = CourseStart(None, PartialDate(session))
    chosen = baseline_of(all_records, began)
    may_serve = [r for r in all_records if not r.is_struck_out and not r.when.certainly_after(began.first_session)]
    assert (chosen is None) == (not may_serve)
    if chosen:
        assert chosen == in_order(may_serve)[-1]


@given(records, spans, st.builds(Found, spans, st.integers(100, 199)))
def test_later_records_change_no_baseline(all_records, session, added):
    """What is found certainly after the first session never changes the baseline."""
    began = CourseStart(None, PartialDate(session))
    if added.when.certainly_after(began.first_session):
        assert baseline_of([*all_records, added], began) == baseline_of(all_records, began)
