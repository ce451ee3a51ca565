"""What else began, ended or changed within six months before a change, or during it."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.patients.other_treatments import DoseChange, OtherTreatment, Wording, beside, within
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate

MONTH_0 = PartialDate("2025-06-10")
LAST = datetime.date(2025, 12, 10)
RECORDED = datetime.date(2025, 6, 10)


def when(text: str) -> PartialDate | None:
    return PartialDate(text) if text else None


def said(wording: Wording | None = None, first: PartialDate = MONTH_0, **fields: object) -> str:
    told = {name: when(value) if name in {"began", "ended"} else value for name, value in fields.items()}
    treatment = OtherTreatment(**{"name": "finasteride", "recorded": RECORDED, **told})  # type: ignore[arg-type]
    return beside([treatment], first=first, last=LAST, wording=wording or Wording(MONTH_0))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"began": "2025-07-12"}, "finasteride since Month 1"),
        ({"began": "2025-06-10"}, "finasteride since Month 0"),
        ({"began": "2024-12-10"}, "finasteride since 10 Dec 2024"),
        ({"began": "2024-12-09"}, ""),
        ({"began": "2024-12"}, "finasteride perhaps since Dec 2024"),
        ({"began": "2024-11"}, ""),
        ({"began": "2024"}, "finasteride perhaps since 2024"),
        ({"began": "2019"}, ""),
        ({"began": "2025-08"}, "finasteride since Month 2 to 3"),
        ({"began": "2026-01-05"}, ""),
        ({"began": "2019", "ended": "2025-09-08"}, "finasteride stopped in Month 3"),
        ({"began": "2025-07-12", "ended": "2025-09-08"}, "finasteride since Month 1, stopped in Month 3"),
        ({"began": "2019", "is_over": True}, "finasteride perhaps stopped, day not recorded"),
        ({}, "finasteride perhaps begun, day not recorded"),
        ({"recorded": datetime.date(2024, 12, 9)}, ""),
        ({"ended": "2024"}, "finasteride perhaps begun, day not recorded, perhaps stopped in 2024"),
        ({"ended": "2023"}, ""),
        ({"began": "2025-03", "is_occasion": True}, "finasteride in Mar 2025"),
        ({"began": "2025-08-09", "is_occasion": True}, "finasteride in Month 2"),
        (
            {"began": "2019", "changes": (DoseChange(PartialDate("2025-10-11"), "2 mg"),)},
            "finasteride changed to 2 mg in Month 4",
        ),
    ],
)
def test_what_is_said(fields: dict[str, object], sentence: str) -> None:
    """Inside six months or the course it is said, outside it is not, and what may be either is said with "perhaps"."""
    assert said(**fields) == sentence


def test_without_a_course_by_the_calendar() -> None:
    assert said(Wording(), began="2025-07-12") == "finasteride since 12 Jul 2025"


@pytest.mark.parametrize(
    ("began", "sentence"),
    [
        ("2025-03-10", "finasteride since 3 months before Month 0"),
        ("2025-07-12", "finasteride since Month 1"),
        ("2025-06-02", "finasteride since shortly before Month 0"),
    ],
)
def test_a_sheet_has_no_dates(began: str, sentence: str) -> None:
    """What leaves the clinic counts from Month 0 alone."""
    assert said(Wording(MONTH_0, has_dates=False), began=began) == sentence


DAYS = st.dates(datetime.date(2023, 1, 1), datetime.date(2027, 1, 1))


@st.composite
def spans(draw: st.DrawFn) -> tuple[datetime.date, datetime.date]:
    first, last = sorted((draw(DAYS), draw(DAYS)))
    return first, last


@given(days=spans(), first=spans(), last=spans())
def test_a_span_is_all_its_days(
    days: tuple[datetime.date, datetime.date],
    first: tuple[datetime.date, datetime.date],
    last: tuple[datetime.date, datetime.date],
) -> None:
    """Certain is what holds of the ends of every span, nothing what holds of none; all else is perhaps."""

    def holds(day: datetime.date, from_day: datetime.date, to_day: datetime.date) -> bool:
        return add_months(from_day, -6) <= day <= to_day

    every = [holds(day, one, other) for day in days for one in first for other in last]
    answer = within(days, first, last)

    assert (answer == "certain") is all(every)
    assert answer or not any(every)


@given(began=DAYS, precision=st.sampled_from([4, 7, 10]), last=DAYS)
def test_less_known_is_never_surer(began: datetime.date, precision: int, last: datetime.date) -> None:
    """A date known less exactly is never said with more certainty, and never lost where the exact one is said."""
    first = (datetime.date(2025, 1, 1), datetime.date(2025, 1, 1))
    until = (max(last, first[0]),) * 2
    vague = within(PartialDate(began.isoformat()[:precision]).bounds(), first, until)
    exact = within((began, began), first, until)
    assert vague in {"perhaps", exact} and (vague or not exact)
