"""The order of the list of patients: by name, number, what is due, and who was not seen for long."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.people import Cast
from treatments.assessments.actions import record_assessment, strike_out_assessment
from treatments.models import Assessment, Patient
from treatments.registry import patient_list

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def day(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


@pytest.fixture
def people(cast: Cast) -> list[Patient]:
    """Three besides Ida: one due soon and seen long ago, one overdue and seen lately, one neither due nor seen."""
    told: list[dict[str, Any]] = [
        {"name": "Ada", "record_number": "Z-3", "next_due_on": day(5), "last_seen_on": day(-300)},
        {"name": "Bea", "record_number": "Z-1", "next_due_on": day(-5), "last_seen_on": day(-3)},
        {"name": "Cleo", "record_number": "Z-2"},
    ]
    Patient.objects.filter(pk=cast.patient.pk).update(archived_at=timezone.now(), archived_reason="Moved")
    return [factories.patient(cast.clinic, **fields) for fields in told]


def names(client: Client, query: str) -> list[str]:
    response = client.get(f"/patients/?{query}")
    assert response.status_code == 200
    return [patient.name for patient in response.context["page"].rows]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", ["Ada", "Bea", "Cleo"]),
        ("sort=number", ["Bea", "Cleo", "Ada"]),
        ("sort=due", ["Bea", "Ada", "Cleo"]),
        ("sort=seen", ["Ada", "Bea", "Cleo"]),
        ("sort=odd", ["Ada", "Bea", "Cleo"]),
        ("due=week&sort=number", ["Ada"]),
    ],
)
def test_order(people: list[Patient], clinician_client: Client, query: str, order: list[str]) -> None:
    """Who has no date stands last, and nobody is left out."""
    assert names(clinician_client, query) == order


@pytest.mark.parametrize("sort", ["number", "due", "seen"])
def test_pages_in_order(cast: Cast, clinician_client: Client, monkeypatch: pytest.MonkeyPatch, sort: str) -> None:
    """Every page follows the one before, across those with a date and those without, and back."""
    monkeypatch.setattr(patient_list, "PAGE_SIZE", 3)
    for number in range(7):
        known = {"next_due_on": day(number % 4), "last_seen_on": day(-number % 4)} if number < 4 else {}
        factories.patient(cast.clinic, name=f"Person {number}", **known)

    seen, query = [], f"sort={sort}"
    while True:
        page = clinician_client.get(f"/patients/?{query}").context["page"]
        seen += [row.pk for row in page.rows]
        if page.after is None:
            break
        query = f"sort={sort}&after={page.after}"
    back = clinician_client.get(f"/patients/?sort={sort}&before={seen[-1]}").context["page"]

    assert len(seen) == len(set(seen)) == 8
    assert [row.pk for row in back.rows] == seen[-4:-1]


def test_reception_sees_no_visits(people: list[Patient], cast: Cast) -> None:
    """When somebody was seen is of the clinical record."""
    client = cast.client(cast.reception)

    page = client.get("/patients/?sort=seen").content.decode()

    assert "Last seen" not in page and "Longest not seen" not in page
    assert names(client, "sort=due") == ["Bea", "Ada", "Cleo"]


def test_overdue_is_said_in_words(people: list[Patient], clinician_client: Client) -> None:
    """Of one who is overdue, and of nobody else."""
    page = clinician_client.get("/patients/").content.decode()

    assert page.count("<b>overdue</b>") == 1


def test_last_seen_follows_the_visits(cast: Cast) -> None:
    """The day of the last visit that stands; none when it is struck out."""
    visits = [
        record_assessment(Assessment(clinic=cast.clinic, patient=cast.patient, assessed_on=on), by=cast.clinician)
        for on in (day(-40), day(-10))
    ]

    def last_seen() -> datetime.date | None:
        return Patient.objects.get(pk=cast.patient.pk).last_seen_on

    assert last_seen() == day(-10)
    strike_out_assessment(visits[1], reason="Entered twice", expected_version=1, by=cast.clinician)
    assert last_seen() == day(-40)
    strike_out_assessment(visits[0], reason="Entered twice", expected_version=1, by=cast.clinician)
    assert last_seen() is None


@pytest.mark.parametrize(("sort", "queries"), [("", 5), ("number", 5), ("due", 7), ("seen", 7)])
def test_queries_do_not_grow(cast: Cast, clinician_client: Client, sort: str, queries: int) -> None:
    """Session, person, role, count, page; who has no date is counted and read apart. The look on the trail besides."""
    clinician_client.get("/patients/")

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            clinician_client.get(f"/patients/?sort={sort}")
        return sum(query["sql"].startswith("SELECT") for query in asked)

    few = count()
    for number in range(60):
        factories.patient(cast.clinic, next_due_on=day(number) if number % 2 else None)
    assert few == count() <= queries
