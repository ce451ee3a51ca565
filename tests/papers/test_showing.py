"""What is held before the patient: chart and pair, nothing of other people, and a PIN on the way back."""

import datetime
from typing import Any

import pytest

from clinic.sign_in.cover.covering import HELD
from clinic.sign_in.sessions import COVERED
from tests import factories
from tests.html_tree import read
from tests.people import Cast

pytestmark = pytest.mark.django_db


def address(cast: Cast) -> str:
    return f"/patients/{cast.patient.pk}/papers/show/"


@pytest.fixture
def page(cast: Cast) -> Any:
    factories.patient(cast.clinic, name="Otto Other")
    product = factories.product(cast.clinic)
    course = factories.course(cast.patient)
    lot = factories.lot(product, number="LOT-99")
    session = factories.exosome_session(course, lot=lot, product=product, note="An aside of the clinic")
    factories.adverse_event(cast.patient, exosome_session=session)
    factories.assessment(cast.patient)
    return cast.client(cast.nurse).get(address(cast))


def test_leads_nowhere_but_back(cast: Cast, page: Any) -> None:
    """One link, no form of a search, no menu; nothing in the chart can be pressed."""
    (main,) = read(page.content.decode()).all("main")
    links = [each["href"] for each in main.all("a")]

    assert links == [f"/patients/{cast.patient.pk}/papers/"]
    assert "Find a patient" not in page.content.decode() and "masthead" not in page.content.decode()


def test_shows_no_aside(cast: Cast, page: Any) -> None:
    said = page.content.decode()

    for word in ("LOT-99", "An aside of the clinic", "Otto Other"):
        assert word not in said
    assert "<svg" in said and "session" in said


def test_pair_only_with_consent(cast: Cast) -> None:
    today = datetime.date.today()
    for days in (0, 200):
        factories.photo(cast.patient, taken_on=today - datetime.timedelta(days=days))
    client = cast.client(cast.nurse)

    assert "no signed consent covers photos" in client.get(address(cast)).content.decode()
    factories.consent(cast.patient, kind="photography")
    assert client.get(address(cast)).content.decode().count("1600.jpg") == 2


def test_without_a_pin_it_leads_back(cast: Cast, page: Any) -> None:
    """Nobody can uncover by a PIN here: the page only hides what leads elsewhere."""
    client = page.client

    assert HELD not in client.session
    assert client.get(f"/patients/{cast.patient.pk}/papers/").status_code == 200


def test_leaving_asks_the_pin(cast: Cast) -> None:
    """Another address of this session is covered, whichever is typed; the page itself and its pictures are not."""
    client = cast.client(cast.nurse)
    session = client.session
    session[HELD] = address(cast)
    session.save()

    assert client.get(address(cast), HTTP_ACCEPT="text/html").status_code == 200
    assert COVERED not in client.session
    left = client.get("/patients/", HTTP_ACCEPT="text/html")
    assert left.status_code == 423 and cast.patient.name not in left.content.decode()
    assert COVERED in client.session and HELD not in client.session
    assert client.get(address(cast), HTTP_ACCEPT="text/html").status_code == 423


def test_empty_record(cast: Cast) -> None:
    assert "There is no chart yet" in cast.client(cast.nurse).get(address(cast)).content.decode()
