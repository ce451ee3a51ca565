"""Every address against every role and against another clinic. A new address without a rule fails here."""

import datetime
import io
import re
import uuid
import zipfile
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import resolve, reverse

from clinic.staff.access import FIRST_PAGES, ROLE_CAN, Can
from clinic.staff.models import Role
from tests import factories
from tests.people import Cast
from tests.rows import one_of_each
from tests.urls import Route, routes
from treatments.models import Draft, Lot, Product, Protocol

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
ROUTES = routes()
OF_A_PATIENT = [route for route in ROUTES if route.parameters == ("patient_id",)]


@pytest.fixture
def ids(cast: Cast) -> dict[str, Any]:
    """One row of every kind, all of them the cast's own patient's, under the names that addresses use."""
    return one_of_each(cast.patient, by=cast.clinician)


def test_every_address_says_who_may_open_it() -> None:
    closed = [route.name for route in ROUTES if route.requires is None and not route.is_open]

    assert closed == []


def test_addresses_open_without_sign_in() -> None:
    """Only these addresses are open to people who are not signed in."""
    assert {route.name for route in ROUTES if route.is_open} == {
        "sign-in",
        "sign-in-again",
        "passkey-options",
        "one-time-link",
        "one-time-link-passkey",
        "appointments:feed",
        "begin",
        "health",
        "health-live",
        "health-ready",
        "metrics",
        "records:keep",
    }


def test_every_address_builds_from_a_row(ids: dict[str, Any]) -> None:
    """Every address can be built from a row of `ids`."""
    unknown = {name for route in ROUTES for name in route.parameters} - set(ids)

    assert unknown == set(), "name a row for these in `ids`, so that they are tested against other clinics"


@pytest.mark.parametrize("route", [r for r in ROUTES if not r.is_open], ids=str)
def test_roles_open_what_they_may(route: Route, ids: dict[str, Any], cast: Cast) -> None:
    """Each role opens what it may and nothing else, and no page offers it a link or a form that would be refused."""
    url = route.url(ids)

    answers = {role: cast.client(getattr(cast, role)).get(url) for role in Role.values}

    for role, answer in answers.items():
        if route.requires in ROLE_CAN[role]:
            assert answer.status_code not in {401, 403, 500}, f"{role} may open {url}"
            refused = [address for address, needed in offered(answer) if needed not in ROLE_CAN[role]]
            assert refused == [], f"{url} offers {role} what it may not do"
        elif url == "/":
            assert answer["Location"] == reverse(FIRST_PAGES[role]), "the bare name of the site leads each role in"
        else:
            assert answer.status_code == 403, f"{role} may not open {url}"


def test_no_list_names_another_clinics_row(ids: dict[str, Any], cast: Cast) -> None:
    """A page that names nothing in its address, such as a list, shows no row of another clinic."""
    rows = {str(value) for value in ids.values() if isinstance(value, uuid.UUID)}
    words = {cast.patient.name, cast.patient.record_number, Lot.objects.get(pk=ids["lot_id"]).number}
    words |= {Product.objects.get(pk=ids["product_id"]).name, Protocol.objects.get(pk=ids["protocol_id"]).name}
    lists = [route for route in ROUTES if not route.parameters and not route.is_open]
    own, stranger = cast.client(cast.manager), cast.client(cast.stranger)
    shown = {route.name: page(own.get(route.url({}))) for route in lists}
    seen_by_stranger = {route.name: page(stranger.get(route.url({}))) for route in lists}

    told = {f"{route}: {each}" for route, text in seen_by_stranger.items() for each in rows | words if each in text}

    assert told == set()
    assert all(any(each in text for text in shown.values()) for each in words), "the own clinic sees them"


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if len(r.parameters) > 1 and r.parameters[0] == "patient_id"], ids=str
)
def test_no_record_through_another_patient(route: Route, ids: dict[str, Any], cast: Cast) -> None:
    """A record is not reached through the address of another patient."""
    other = factories.patient(cast.clinic, name="Otto Invented")
    client = cast.client(cast.manager)

    for method in ("get", "post"):
        status = getattr(client, method)(route.url(ids | {"patient_id": other.pk})).status_code
        assert status in {404, 405}


def test_reception_sees_nothing_clinical(cast: Cast) -> None:
    """Reception sees names, contact details and due dates, and nothing clinical."""
    patient = factories.patient(
        cast.clinic,
        name="Nora Nobody",
        phone="+65 5550 0100",
        latest_stage="Norwood VI",
        course_state="induction",
        next_due_on=datetime.date(2031, 5, 14),
    )
    course = factories.course(
        patient, next_due_on=datetime.date.today(), next_due_until=datetime.date.today(), volumes={"vertex": "3.00"}
    )
    factories.adverse_event(patient, kind="granuloma")
    factories.exosome_session(course)
    client = cast.client(cast.reception)

    pages = [client.get(url).content.decode() for url in ("/", "/patients/", f"/patients/{patient.pk}/contact/")]

    assert all("Nora Nobody" in text for text in pages)
    assert "+65 5550 0100" in pages[1] and "14 May 2031" in pages[1]
    for text in pages:
        for secret in ("Norwood", "Granuloma", "3 mL", "vertex", "nduction", "Adverse"):
            assert secret not in text


def test_reception_opens_every_link_it_sees(cast: Cast) -> None:
    """Reception registers and corrects a patient, and every link on those pages opens."""
    client = cast.client(cast.reception)
    told = {"name": "Newly Invented", "record_number": "T-99999", "sex": "female", "_sentinel": "1"}

    arrived = client.post("/patients/register/", told, follow=True)
    contact = arrived.redirect_chain[-1][0]
    pages = [arrived, client.get(contact.replace("contact", "details"))]

    assert [page.status_code for page in pages] == [200, 200]
    for page in pages:
        for link in re.findall(r'href="(/[^"#]*)', page.content.decode()):
            if not link.startswith("/static/"):
                assert client.get(link).status_code == 200, link


def test_a_draft_is_its_owners_alone(cast: Cast) -> None:
    Draft.objects.create(clinic=cast.clinic, owner=cast.clinician, form="/patients/register/", values={"name": ["A"]})

    answer = cast.client(cast.nurse).get("/drafts/?form=/patients/register/").json()

    assert answer == {"draft": None}


def test_person_without_a_clinic(db: None, client: Any) -> None:
    """A person without a clinic gets 403 and a sentence that says why."""
    client.force_login(factories.user())

    response = client.get("/")

    assert response.status_code == 403
    assert "You have no role at a clinic" in response.content.decode()


def test_forbidden_page_names_the_right(cast: Cast) -> None:
    """The 403 page names the right that the role lacks."""
    response = cast.client(cast.reception).get(f"/patients/{cast.patient.pk}/")

    assert response.status_code == 403
    assert f"may not {Can.SEE_RECORD}" in response.content.decode()


@pytest.mark.parametrize("role", [role for role in Role.values if Can.SEE_RECORD in ROLE_CAN[role]])
def test_an_empty_record_offers_what_it_may(role: str, cast: Cast) -> None:
    """A patient of whom nothing is recorded: who may not plan a course is told who does, on every page of the kind."""
    client = cast.client(getattr(cast, role))
    rights = ROLE_CAN[role]
    ids = {"patient_id": cast.patient.pk}
    addresses = [cast.patient.get_absolute_url(), *(route.url(ids) for route in OF_A_PATIENT)]

    for address in addresses:
        answer = client.get(address)
        if answer.status_code == 200:
            assert [found for found, needed in offered(answer) if needed not in rights] == [], address
    text = client.get(addresses[0]).content.decode()
    assert ("Then plan the course." in text) is (Can.MANAGE_PROTOCOLS in rights)
    assert ("ask a clinician to plan the course" in text) is (role == Role.NURSE)


@pytest.mark.parametrize(
    ("address", "told", "right"),
    [
        ("/lots/", "First add the product", Can.MANAGE_STOCK),
        ("/protocols/", "Write the clinic’s usual course once", Can.MANAGE_PROTOCOLS),
        ("/adverse-events/", "press Report event", Can.WRITE_RECORD),
    ],
)
def test_an_empty_list_tells_whom_it_may(address: str, told: str, right: Can, cast: Cast) -> None:
    """What to do first is told only to a role that may do it."""
    for role in (Role.NURSE, Role.CLINICIAN, Role.READER):
        text = cast.client(getattr(cast, role)).get(address).content.decode()
        assert (told in text) is (right in ROLE_CAN[role]), role


def offered(response: HttpResponse) -> list[tuple[str, Can | None]]:
    """Every address of ours that a page links, sends a form or a script to, with the right that it asks for."""
    if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/html"):
        return []
    told = re.findall(r'(?:href|action|formaction|data-[a-z-]*url)="(/[^"#?]*)', response.content.decode())
    found = {address: resolve(address).func for address in told if not address.startswith("/static/")}
    return [
        (address, getattr(view, "requires", None))
        for address, view in found.items()
        if not getattr(view, "is_open", False)
    ]


def page(response: HttpResponse) -> str:
    """The page without the CSRF token, which is masked anew each time it is written."""
    text = re.sub(r"<time\s[^>]*data-printed[^>]*>[^<]*</time>", "", _told(response))
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


def _told(response: HttpResponse) -> str:
    """What is read in an answer: of a workbook the texts of its cells."""
    if "spreadsheetml" not in response.headers["Content-Type"]:
        return response.content.decode()
    with zipfile.ZipFile(io.BytesIO(response.content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
