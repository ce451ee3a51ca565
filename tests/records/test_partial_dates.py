from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.records.partial_dates import PartialDate, of_day, parse, parse_age, parse_birth

TODAY = date(2025, 1, 14)

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31))


@st.composite
def partial_dates(draw):
    day = draw(days).isoformat()
    return PartialDate(day[: draw(st.sampled_from([4, 7, 10]))] + draw(st.sampled_from(["", "~"])))


@pytest.mark.parametrize(
    ("text", "precision", "earliest", "latest", "label"),
    [
        ("2020", "year", date(2020, 1, 1), date(2020, 12, 31), "2020"),
        ("2020-02", "month", date(2020, 2, 1), date(2020, 2, 29), "Feb 2020"),
        ("2021-02", "month", date(2021, 2, 1), date(2021, 2, 28), "Feb 2021"),
        ("2020-05-14", "day", date(2020, 5, 14), date(2020, 5, 14), "14 May 2020"),
        ("2020~", "year", date(2020, 1, 1), date(2020, 12, 31), "about 2020"),
        ("2020-05~", "month", date(2020, 5, 1), date(2020, 5, 31), "about May 2020"),
    ],
)
def test_a_date_is_the_span_it_names(text, precision, earliest, latest, label):
    when = PartialDate(text)
    assert (when.precision, when.earliest, when.latest, when.label()) == (precision, earliest, latest, label)
    assert when.approximate is text.endswith("~")
    assert str(when) == label


@pytest.mark.parametrize(
    "text", ["", "20", "0999", "2020-5", "2020-13", "2021-02-29", "2020-05-14T10:00", "2020~~", "٢٠٢٠", "2020\n"]
)
def test_only_edtf_of_real_dates_is_stored(text):
    """Only EDTF spelling of real dates is stored."""
    with pytest.raises(ValueError):
        PartialDate(text)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2020", "2020"),
        ("2020-05", "2020-05"),
        ("2020-5-1", "2020-05-01"),
        ("05/2020", "2020-05"),
        ("14/05/2020", "2020-05-14"),
        ("03/04/2020", "2020-04-03"),
        ("14.5.2020", "2020-05-14"),
        ("14 May 2020", "2020-05-14"),
        ("14th of May", None),
        ("14th May, 2020", "2020-05-14"),
        ("May 14, 2020", "2020-05-14"),
        ("May 2020", "2020-05"),
        ("SEPT 2019", "2019-09"),
        ("september 2019", "2019-09"),
        ("about 2020", "2020~"),
        ("~2020", "2020~"),
        ("2020~", "2020~"),
        ("c. 2020", "2020~"),
        ("circa May 2020", "2020-05~"),
        ("5 years ago", "2020~"),
        ("about 5 years ago", "2020~"),
        ("five years ago", "2020~"),
        ("a year ago", "2024~"),
        ("3 months ago", "2024-10~"),
        ("2 weeks ago", "2024-12-31~"),
        ("3 days ago", "2025-01-11~"),
        ("２０２０", "2020"),
        ("٢٠٢٠", "2020"),
        ("14‑05‑2020", "2020-05-14"),
        ("  may   2020 ", "2020-05"),
        ("14 May 2020\u200f", "2020-05-14"),
        ("\u200e١٤/٠٥/٢٠٢٠", "2020-05-14"),
        ("5\u200b years ago", "2020~"),
        ("14﹘05⁃2020", "2020-05-14"),
        ("14. 5. 2020", "2020-05-14"),
        ("14\u00a0/\u202f05 / 2020", "2020-05-14"),
    ],
)
def test_dates_are_read_as_people_say_them(typed, stored):
    if stored is None:
        with pytest.raises(ValueError):
            parse(typed, today=TODAY)
    else:
        assert parse(typed, today=TODAY).text == stored


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "No date was given"),
        ("soon", "not a date we can read"),
        ("foo 2020", "not a date we can read"),
        ("14/05/20", "not a date we can read"),
        ("1.5 years ago", "not a date we can read"),
        ("05/14/2020", "no month 14"),
        ("31/02/2021", "Feb 2021 has 28 days"),
        ("0000", "lies before 1900"),
        ("500 years ago", "more than 120 years"),
        ("99999999 years ago", "not a date we can read"),
        ("age 55", "needs the date of birth"),
        ("1² May 2020", "not a date we can read"),
        ("① May 2020", "not a date we can read"),
        ("½ year ago", "not a date we can read"),
        ("\u200b\u200f", "No date was given"),
    ],
)
def test_unreadable_date_is_refused(typed, sentence):
    """What cannot be read is refused in a sentence."""
    with pytest.raises(ValueError, match=sentence):
        parse(typed, today=TODAY)


@pytest.mark.parametrize("typed", ["age 55", "aged 55", "at 55", "at the age of 55", "at age 55", "about age 55"])
def test_an_age_is_counted_from_birth(typed):
    assert parse(typed, today=TODAY, birth=PartialDate("1965-03-02")).text == "2020~"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("60 years old", "1965~"),
        ("60-year-old", "1965~"),
        ("about 60 years", "1965~"),
        ("aged 60", "1965~"),
        ("60 yo", "1965~"),
        ("60 in January 2024", "1964~"),
        ("60 years old on 3 May 2020", "1960~"),
        ("14 May 1965", "1965-05-14"),
        ("about 1965", "1965~"),
        ("65", None),
        ("121 years old", None),
        ("60 in the spring", None),
    ],
)
def test_birth_may_be_given_as_an_age(typed, stored):
    """A birth may be given as an age."""
    if stored is None:
        with pytest.raises(ValueError, match=r"[.]$"):
            parse_birth(typed, today=TODAY)
    else:
        assert parse_birth(typed, today=TODAY).text == stored


@pytest.mark.parametrize(("typed", "stored"), [("today", "2025-01-14"), ("Yesterday", "2025-01-13")])
def test_the_last_two_days_have_names(typed, stored):
    assert parse(typed, today=TODAY).text == stored


def test_an_age_past_a_life_is_refused():
    with pytest.raises(ValueError, match="from 0 to 120"):
        parse_age(121, PartialDate("1965"))


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_refused(text):
    """Any text is read or refused with a sentence."""
    try:
        read = parse(text, today=TODAY)
    except ValueError as refusal:
        assert str(refusal).endswith((".", "May."))
    else:
        assert PartialDate(read.text) == read


@given(partial_dates())
def test_stored_date_is_read_back_the_same(when):
    """What is stored is read back the same."""
    assert parse(when.text, today=TODAY) == when
    assert parse(when.label(), today=TODAY) == when


@given(partial_dates())
def test_about_never_narrows_a_date(when):
    low, high = when.bounds()
    assert low <= when.earliest <= when.latest <= high
    assert (low < when.earliest and high > when.latest) is when.approximate


@given(partial_dates(), partial_dates())
def test_certain_implies_possible(a, b):
    """Certainty implies possibility and excludes the reverse."""
    if a.certainly_before(b):
        assert a.possibly_before(b)
        assert b.certainly_after(a)
        assert not b.possibly_before(a)


@given(days, days)
def test_full_dates_are_ordered_as_days(a, b):
    first, second = of_day(a), of_day(b)
    assert first.certainly_before(second) is first.possibly_before(second) is (a < b)
    assert first.certainly_before(b) is (a < b)


@pytest.mark.parametrize(
    ("a", "b", "certainly", "possibly"),
    [
        ("2019", "2020", True, True),
        ("2020", "2020-05", False, True),
        ("2020-05", "2020", False, True),
        ("2020-05", "2020-05", False, True),
        ("2019~", "2020", False, True),
        ("2018~", "2020", True, True),
        ("2021", "2020", False, False),
        ("2021~", "2020", False, True),
    ],
)
def test_order_of_dates_that_are_spans(a, b, certainly, possibly):
    assert PartialDate(a).certainly_before(PartialDate(b)) is certainly
    assert PartialDate(a).possibly_before(PartialDate(b)) is possibly
