from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.records.months import add_months, age_on, label, month_number
from treatments.records.partial_dates import PartialDate

days = st.dates(min_value=date(1950, 1, 1), max_value=date(2150, 12, 31))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 1, 31), 3, date(2025, 4, 30)),
        (date(2025, 1, 31), 0, date(2025, 1, 31)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
        (date(2025, 11, 15), 14, date(2027, 1, 15)),
    ],
)
def test_months_are_clamped_to_their_end(start, months, end):
    """Months are clamped to the month's end."""
    assert add_months(start, months) == end


@pytest.mark.parametrize(
    ("baseline", "day", "number", "offset", "text"),
    [
        (date(2025, 1, 14), date(2025, 1, 14), 0, 0, "Month 0"),
        (date(2025, 1, 14), date(2025, 5, 14), 4, 0, "Month 4"),
        (date(2025, 1, 14), date(2025, 6, 16), 5, 2, "Month 5 (+2 days)"),
        (date(2025, 1, 31), date(2025, 6, 28), 5, -2, "Month 5 (−2 days)"),
        (date(2025, 1, 31), date(2025, 2, 28), 1, 0, "Month 1"),
        (date(2025, 1, 31), date(2025, 1, 20), 0, -11, "Screening (−11 days)"),
        (date(2025, 1, 31), date(2024, 12, 31), -1, 0, "Month -1"),
        (date(2025, 4, 1), date(2025, 4, 16), 0, 15, "Month 0 (+15 days)"),
        (date(2025, 4, 1), date(2025, 4, 17), 1, -14, "Month 1 (−14 days)"),
        (date(2024, 2, 29), date(2025, 2, 28), 12, 0, "Month 12"),
    ],
)
def test_visit_is_of_the_nearest_anniversary(baseline, day, number, offset, text):
    """A visit belongs to the nearest anniversary."""
    got = label(baseline, day)
    assert (got.number, got.offset_days, got.text) == (number, offset, text)
    assert str(got) == text
    assert month_number(baseline, day) == number


@given(days, st.integers(-600, 600))
def test_an_anniversary_is_its_own_month(baseline, months):
    got = label(baseline, add_months(baseline, months))
    assert got.offset_days == 0
    assert got.number == months


@given(days, st.integers(-4000, 4000))
def test_no_anniversary_is_over_15_days_off(baseline, shift):
    """No anniversary is nearer, and none is over 15 days off."""
    day = baseline + timedelta(days=shift)
    got = label(baseline, day)
    assert abs(got.offset_days) <= 15
    assert add_months(baseline, got.number) + timedelta(days=got.offset_days) == day
    for other in (got.number - 1, got.number + 1):
        assert abs((day - add_months(baseline, other)).days) >= abs(got.offset_days)


@given(days, st.integers(-2000, 2000))
def test_a_later_day_never_has_a_lower_month(baseline, shift):
    day = baseline + timedelta(days=shift)
    assert month_number(baseline, day) <= month_number(baseline, day + timedelta(days=1))


def test_analysis_window_counts_both_ways():
    assert label(date(2025, 1, 14), date(2025, 4, 24)).in_window()
    assert label(date(2025, 1, 14), date(2025, 4, 4)).in_window()
    assert not label(date(2025, 1, 14), date(2025, 4, 25)).in_window()


@pytest.mark.parametrize(
    ("birth", "day", "age", "approximate"),
    [
        ("1965", date(2025, 1, 14), 60, True),
        ("1965", date(2025, 12, 31), 60, False),
        ("1965-01", date(2025, 1, 14), 60, True),
        ("1965-01", date(2025, 2, 1), 60, False),
        ("1965-01-14", date(2025, 1, 14), 60, False),
        ("1965-01-15", date(2025, 1, 14), 59, False),
        ("1964-02-29", date(2025, 2, 28), 60, False),
        ("1964-02-29", date(2025, 3, 1), 61, False),
        ("1965-01-14~", date(2025, 6, 1), 60, True),
    ],
)
def test_age_in_whole_years_if_known(birth, day, age, approximate):
    """Age in whole years, and whether it is known."""
    assert age_on(PartialDate(birth), day) == (age, approximate)


def test_age_from_a_plain_date():
    assert age_on(date(1965, 1, 15), date(2025, 1, 14)) == (59, False)


@pytest.mark.parametrize(
    ("baseline", "when", "text"),
    [
        ("2026-01", "2026-01", "Month 0"),
        ("2026-01", "2026-01-28", "Month 0 to 1"),
        ("2026-01", "2026-03-16", "Month 2"),
        ("2026-01", "2026-03", "Month 2"),
        ("2026-01", "2026-02", "Month 1"),
        ("2025-11", "2026-02~", "about Month 3"),
        ("2026-01", "2026", "Month -1 to 12"),
        ("2026-01-31", "2026-03", "Month 1 to 2"),
        ("2026-01-14", "2026-03", "Month 2 to 3"),
        ("2026-01-14", "2026-03-14~", "about Month 2"),
        ("2026-01-14", "2026-03~", "about Month 2 to 3"),
        ("2026-01-20", "2026-01", "Month -1 to 0"),
        ("2026-01-14", "2025-12", "before Month 0"),
        ("2026-02-10", "2026-01-28~", "about Screening"),
        ("2026-01-14", "2019", "Month -84 to -72"),
        ("2026-01-14", "2026-03-12", "Month 2 (−2 days)"),
    ],
)
def test_a_span_says_each_month_it_may_be(baseline, when, text):
    assert label(PartialDate(baseline), PartialDate(when)).text == text


def test_only_a_known_day_is_in_a_window():
    assert label(PartialDate("2026-01-14"), date(2026, 3, 14)).in_window()
    assert not label(PartialDate("2026-01-14"), PartialDate("2026-03")).in_window()
    assert not label(PartialDate("2026-01"), date(2026, 3, 14)).in_window()
    assert not label(PartialDate("2026-01-14"), PartialDate("2026-03-14~")).in_window()


spans = st.builds(
    lambda day, length: PartialDate(day.isoformat()[:length]),
    st.dates(date(1990, 1, 1), date(2030, 12, 31)),
    st.sampled_from((4, 7, 10)),
)


def _days(data, when):
    return data.draw(st.dates(when.earliest, when.latest))


@given(spans, spans, st.data())
def test_no_day_of_a_span_has_another_month(baseline, when, data):
    """Whatever the two days were, their Month is one of those that are named; of two months it may be the next."""
    got = label(baseline, when)
    if baseline.precision == when.precision == "month":
        assert abs(label(_days(data, baseline), _days(data, when)).number - got.number) <= 1
        assert got.first == got.last == got.number
        return
    assert got.first <= label(_days(data, baseline), _days(data, when)).number <= got.last
    assert got.first <= got.number <= got.last
    assert (got.offset_days is None) == ("day" != baseline.precision or "day" != when.precision)


def test_age_in_a_month_of_the_birthday() -> None:
    """In the month of the birthday it is not known whether it has been."""
    assert age_on(PartialDate("1965-05-14"), PartialDate("2025-05")) == (60, True)
    assert age_on(PartialDate("1965-05-14"), PartialDate("2025-06")) == (60, False)
