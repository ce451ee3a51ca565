"""What went home or left with a letter, as it stands on the timeline: who may read it, and what of it is shown."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.html_tree import Element, read
from tests.people import Cast
from tests.timeline.test_page import QUERIES
from tests.timeline.test_page import read as count_queries
from treatments.handouts.actions import change_letter, give_aftercare, sign_letter
from treatments.models import AftercareGiven, AftercareSheet, ExosomeSession, Letter
from treatments.records.actions import strike_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(cast: Cast) -> Letter:
    """A draft that was changed once, dated some days before today."""
    dated = timezone.localdate() - datetime.timedelta(days=9)
    made: Letter = Letter.objects.create(
        clinic=cast.clinic, patient=cast.patient, created_by=cast.clinician, recipient="Dr Noor Example\n2 Street",
        subject="About hair", body="Words of the letter", dated=dated,
    )  # fmt: skip
    changes = {"body": "Other words of the letter"}
    return change_letter(made, changes=changes, expected_version=1, by=cast.clinician)


@pytest.fixture
def given(cast: Cast) -> AftercareGiven:
    session = factories.exosome_session(factories.course(cast.patient))
    sheet = AftercareSheet.objects.create(clinic=cast.clinic, number=4, text="Rest.", created_by=cast.manager)
    return give_aftercare(session, sheet=sheet, by=cast.nurse)


def sign(letter: Letter, cast: Cast) -> Letter:
    return sign_letter(letter, signed_as="Dr Sam Invented", expected_version=letter.version, by=cast.clinician)


def entry(cast: Cast, record: Any, *, person: Any = None, query: str = "") -> Element | None:
    """How the row stands on the page of a person, the clinician where nobody is named."""
    page = cast.client(person or cast.clinician).get(f"/patients/{cast.patient.pk}/{query}").content.decode()
    return read(page).by_id(f"r-{record.pk}")


def test_signed_letter_has_its_entry(cast: Cast, letter: Letter) -> None:
    """On the day it was signed: to whom, by whom, of which date; a link, and none of its words."""
    assert entry(cast, letter) is None

    shown = entry(cast, sign(letter, cast))

    assert shown is not None and [each["href"] for each in shown.all("a")] == [letter.get_absolute_url()]
    for fact in ("Letter", "To Dr Noor Example", "Signed by Dr Sam Invented", cast.clinician.name):
        assert fact in shown.text
    assert "ords of the letter" not in shown.text and "2 Street" not in shown.text


def test_who_may_not_write_one_has_no_link(cast: Cast, letter: Letter) -> None:
    """A nurse reads that a letter went out and cannot open it; what its draft said is no correction of the record."""
    sign(letter, cast)
    shown = entry(cast, letter, person=cast.nurse)

    assert shown is not None and "To Dr Noor Example" in shown.text and shown.all("a") == []
    assert entry(cast, letter, person=cast.nurse, query="?show=corrections") is None


def test_letter_struck_out_is_shown_struck(cast: Cast, letter: Letter) -> None:
    signed = sign(letter, cast)
    strike_out(signed, reason="Of another patient", expected_version=signed.version, by=cast.clinician)

    for query in ("", "?show=corrections"):
        shown = entry(cast, letter, query=query)
        assert shown is not None and "struck" in shown.classes and "Of another patient" in shown.text


def test_sheet_that_went_home(cast: Cast, given: AftercareGiven) -> None:
    """Which version, after which session, with a link to the paper and one to the version."""
    shown = entry(cast, given, query="?show=papers")

    assert shown is not None and "Version 4 , English. After session 1." in shown.text
    assert [each["href"] for each in shown.all("a")] == [given.get_absolute_url(), f"/aftercare/{given.sheet_id}/"]
    assert entry(cast, given, query="?show=events") is None


def test_of_a_course_struck_out(cast: Cast, given: AftercareGiven) -> None:
    """A session that is struck out gives its sheet no number; the page still says that it went home."""
    session = ExosomeSession.objects.get(pk=given.exosome_session_id)
    strike_out(session, reason="Twice", expected_version=session.version, by=cast.nurse)
    shown = entry(cast, given)

    assert shown is not None and "After session" not in shown.text


def test_papers_cost_no_query_a_row(cast: Cast, given: AftercareGiven, letter: Letter) -> None:
    """One query for all sheets, and one more for all letters where one was signed."""
    client = cast.client(cast.clinician)
    _, without = count_queries(client, cast.patient)
    sign(letter, cast)
    for number in range(3):
        Letter.objects.create(
            clinic=cast.clinic, patient=cast.patient, created_by=cast.manager, recipient=f"Dr {number}", body="B",
            subject="S", signed_at=timezone.now(), signed_by=cast.manager, signed_as="Manager",
        )  # fmt: skip

    assert without <= QUERIES and count_queries(client, cast.patient)[1] == without + 1
