"""What is held before the patient: chart and pair, nothing of other people, and a PIN on the way back."""

import datetime
from typing import Any

import pytest
from django.test import Client

from clinic.audit.models import AuditEvent
from clinic.sign_in.sessions import HELD
from tests import factories
from tests.clinic.cover.at_the_tablet import OTHER_PIN, PIN, tablet, uncover
from tests.html_tree import read
from tests.people import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
A_PAGE = {"accept": "text/html"}
A_FETCH = {"x-requested-with": "fetch"}


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


@pytest.fixture
def at_tablet(cast: Cast, page: Any) -> Client:
    """A tablet on which the nurse has chosen a PIN and opened the page for the patient."""
    client = tablet((cast.nurse, PIN))
    assert client.get(address(cast), headers=A_PAGE).status_code == 200
    return client


@pytest.mark.parametrize("where", ["/", "/patients/", "/patients/{}/", "/patients/{}/papers/", "/pin/", "/cover/"])
def test_leaving_asks_the_pin(cast: Cast, at_tablet: Client, where: str) -> None:
    """Back, a typed address or another tab: each is covered, and so is the page itself from then on, until the PIN."""
    typed = where.format(cast.patient.pk)
    left = at_tablet.get(typed, headers=A_PAGE, follow=True)

    assert left.status_code == 423 and cast.patient.name not in left.content.decode()
    assert at_tablet.get(address(cast), headers=A_PAGE).status_code == 423
    assert uncover(at_tablet, cast.nurse, OTHER_PIN).status_code == 422
    assert at_tablet.get("/patients/", headers=A_PAGE).status_code == 423
    gone_on = uncover(at_tablet, cast.nurse, PIN, next=f"/patients/{cast.patient.pk}/papers/")
    assert gone_on["Location"] == f"/patients/{cast.patient.pk}/papers/"
    assert at_tablet.get("/patients/", headers=A_PAGE).status_code == 200
    covered = AuditEvent.objects.filter(action="covered")
    assert [event.detail["because"] for event in covered] == ["left_shown_page"]


def test_page_itself_stays_open(cast: Cast, at_tablet: Client) -> None:
    """It may be loaded again, with its pictures; a picture's own address typed as a page is another page."""
    factories.photo(cast.patient)
    picture = f"/patients/{cast.patient.pk}/photos/{cast.patient.photos.get().pk}/1600.jpg"

    assert at_tablet.get(f"{address(cast)}?course=1", headers=A_PAGE).status_code == 200
    assert at_tablet.get(picture, headers={"accept": "image/avif,image/webp,*/*"}).status_code != 423
    assert at_tablet.get(address(cast), headers=A_PAGE).status_code == 200
    assert at_tablet.get(picture, headers=A_PAGE).status_code == 423


def test_nothing_can_be_sent_from_it(cast: Cast, at_tablet: Client) -> None:
    """A form of another page that is still open is not saved: it comes back after the PIN."""
    archived = at_tablet.post(f"/patients/{cast.patient.pk}/archive/", {"archived_reason": "Moved"}, headers=A_PAGE)

    cast.patient.refresh_from_db()
    assert archived.status_code == 423 and cast.patient.archived_at is None


def test_uncovered_is_no_longer_held(cast: Cast, at_tablet: Client) -> None:
    """Covered on the page itself after the minutes: whoever uncovers is not asked again at the next page."""
    at_tablet.post("/cover/", headers=A_FETCH)
    told = uncover(at_tablet, cast.nurse, PIN)

    assert told.status_code == 302 and HELD not in at_tablet.session
    assert at_tablet.get("/patients/", headers=A_PAGE).status_code == 200


def test_empty_record(cast: Cast) -> None:
    assert "There is no chart yet" in cast.client(cast.nurse).get(address(cast)).content.decode()
