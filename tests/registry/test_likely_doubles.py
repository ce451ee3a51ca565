"""A new patient is compared with those there, and likely doubles are shown before registering."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.people import Cast
from treatments.models import PassedWarning, Patient
from treatments.patients import likely_doubles
from treatments.patients.likely_doubles import Person, is_spelled_nearly
from treatments.records.ids import new_id
from treatments.records.partial_dates import PartialDate

pytestmark = pytest.mark.django_db
THERE = {"name": "Tan Mei-Ling Søren", "birth": PartialDate("1965-05-14"), "phone": "+65 9123 4567", "sex": "female"}


def doubles(cast: Cast, name: str, birth: str = "", phone: str = "", sex: str = "female") -> list[str]:
    person = Person(name, PartialDate(birth) if birth else None, phone, sex)
    return [each.why for each in likely_doubles.find(cast.clinic, person)]


@pytest.mark.parametrize(
    ("name", "birth", "phone", "is_double"),
    [
        ("Soren Tan Mei-Ling", "1965-05-14", "", True),  # any order, accents folded
        ("tan mei-ling soren", "1965", "", True),  # a birth that overlaps
        ("Tan Mei-Ling Soren", "1966~", "", True),  # about the next year
        ("Tan Mei-Ling Soern", "1965-05-14", "", True),  # two letters changed about
        ("Tan Mei-Ling Soren", "1971-05-14", "", False),
        ("Tan Mei-Ling", "1965-05-14", "", True),  # one word less
        ("Tan Mei-Ling Sören Anna", "1965-05", "", True),  # one word more
        ("Tan Mai-Ling Soren", "1965", "", True),  # a letter wrong, the day not known
        ("Tan Wei-Long Hansen", "1965-05-14", "", False),
        ("Tan Mei-Ling Soren", "", "", True),  # nobody said when
        ("Tan Mei-Ling", "", "", False),  # not enough of a name without a birth
        ("Somebody Else", "", "91234567", True),
        ("Somebody Else", "", "(65) 9123-4567", True),
        ("Somebody Else", "", "8123 4567", False),
        ("Somebody Else", "1965-05-14", "", False),
    ],
)  # fmt: skip
def test_who_is_likely_the_same(cast: Cast, name: str, birth: str, phone: str, is_double: bool) -> None:
    factories.patient(cast.clinic, **THERE)

    assert bool(doubles(cast, name, birth, phone)) is is_double


def test_short_words_are_equal_or_not() -> None:
    assert [is_spelled_nearly(*pair) for pair in [("li", "lu"), ("tann", "tan"), ("maria", "marie")]] == [
        False,
        False,
        True,
    ]


def test_no_double_in_another_clinic(cast: Cast) -> None:
    factories.patient(cast.other_clinic, **THERE)

    assert doubles(cast, "Tan Mei-Ling Søren", "1965-05-14", "+65 9123 4567") == []


def register(cast: Cast, **more: Any) -> Any:
    told = {
        "id": str(new_id()),
        "record_number": "T-9",
        "name": "Tan Mei-Ling Søren",
        "sex": "female",
        "_sentinel": "1",
    }
    told |= {"birth": "14 May 1965", "phone": "+65 9123 4567"} | more
    return cast.client(cast.nurse).post("/patients/register/", told), told


def test_an_exact_double_needs_a_reason(cast: Cast) -> None:
    """Shown with age and number; with a reason it is registered, and the reason is kept."""
    there = factories.patient(cast.clinic, **THERE)

    answer, told = register(cast)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Is it one of these?" in text
    assert there.record_number in text
    assert there.get_absolute_url() in text
    (asked,) = answer.context["form"].warnings
    again = cast.client(cast.nurse).post("/patients/register/", told | {asked.input_name: "A twin; seen both"})
    assert again.status_code == 302
    assert PassedWarning.objects.get().reason == "A twin; seen both"


def test_registered_twice_is_no_double(cast: Cast) -> None:
    """A double click is answered by the patient it made, not by a warning of itself."""
    first, told = register(cast)
    second = cast.client(cast.nurse).post("/patients/register/", told)

    assert (first.status_code, second.status_code) == (302, 302)
    assert Patient.objects.filter(record_number="T-9").count() == 1


def test_reception_sees_no_picture(cast: Cast) -> None:
    """Whoever may not see photos is told name, number, age and telephone."""
    there = factories.patient(cast.clinic, **THERE)
    factories.photo(there, view="frontal")
    told = register(cast)[1]

    text = cast.client(cast.reception).post("/patients/register/", told).content.decode()

    assert there.record_number in text
    assert "/photos/" not in text


def test_a_double_costs_the_same_queries(cast: Cast) -> None:
    """As many queries at one patient as at three hundred."""
    counts = []
    for more in (1, 300):
        for number in range(more):
            factories.patient(cast.clinic, name=f"Tan Mei{number} Ling", birth=PartialDate("1965"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            doubles(cast, "Tan Mei Ling", "1965-05-14", "9123 4567")
        counts.append(len(queries))

    assert counts[0] == counts[1]
