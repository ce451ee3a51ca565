"""Every address against every role and against another clinic. A new address without a rule fails here."""

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse

from clinic.staff.access import ROLE_CAN, Can
from clinic.staff.models import Membership, Role
from tests import factories
from tests.people import Cast
from tests.urls import NOBODY, Route, routes
from treatments.models import Draft, FollowUp, HairHistory, PhotoPair, Therapy

pytestmark = pytest.mark.django_db
ROUTES = routes()
# What a person may leave behind in an address, and what it stands for: the row is made by `ids`.
FREE = {"size": 400, "file_format": "csv"}


@pytest.fixture
def ids(cast: Cast) -> dict[str, Any]:
    """One row of every kind, all of them the cast's own patient's, under the names that addresses use."""
    patient, by = cast.patient, cast.clinician
    told = {"clinic": cast.clinic, "patient": patient, "created_by": by}
    product = factories.product(cast.clinic)
    lot = factories.lot(product)
    course = factories.course(patient)
    session = factories.exosome_session(course, lot=lot, product=product)
    assessment = factories.assessment(patient)
    event = factories.adverse_event(patient, exosome_session=session)
    earlier = factories.photo(patient, taken_on=datetime.date.today() - datetime.timedelta(days=60))
    photo = factories.photo(patient)
    HairHistory.objects.create(**told)
    found = {
        "patient_id": patient,
        "therapy_id": Therapy.objects.create(kind="minoxidil_topical", **told),
        "consent_id": factories.consent(patient),
        "product_id": product,
        "lot_id": lot,
        "protocol_id": factories.protocol(cast.clinic),
        "course_id": course,
        "session_id": session,
        "exosome_session_id": session,
        "assessment_id": assessment,
        "measurement_id": factories.measurement(patient, assessment=assessment, value=Decimal("120")),
        "event_id": event,
        "follow_up_id": FollowUp.objects.create(
            event=event, seen_on=datetime.date.today(), outcome="2", note="Better.", **told
        ),
        "photo_id": photo,
        "pair_id": PhotoPair.objects.create(earlier=earlier, later=photo, aligned_by=by, **told),
        "membership_id": Membership.objects.get(user=cast.clinician),
    }
    return {name: row.pk for name, row in found.items()} | FREE


def test_every_address_says_who_may_open_it() -> None:
    closed = [route.name for route in ROUTES if route.requires is None and not route.is_open]

    assert closed == []


def test_only_these_are_open_to_people_who_are_not_signed_in() -> None:
    assert {route.name for route in ROUTES if route.is_open} == {"sign-in", "sign-in-again", "health", "records:keep"}


def test_every_address_can_be_built_from_a_row(ids: dict[str, Any]) -> None:
    unknown = {name for route in ROUTES for name in route.parameters} - set(ids)

    assert unknown == set(), "name a row for these in `ids`, so that they are tested against other clinics"


@pytest.mark.parametrize("route", [r for r in ROUTES if not r.is_open], ids=str)
def test_a_person_who_is_not_signed_in_is_sent_to_the_sign_in_page(
    route: Route, ids: dict[str, Any], client: Any
) -> None:
    response = client.get(route.url(ids))

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("route", [r for r in ROUTES if not r.is_open], ids=str)
def test_each_role_opens_what_it_may_and_nothing_else(route: Route, ids: dict[str, Any], cast: Cast) -> None:
    url = route.url(ids)

    answers = {role: cast.client(getattr(cast, role)).get(url).status_code for role in Role.values}

    for role, status in answers.items():
        if route.requires in ROLE_CAN[role]:
            assert status not in {401, 403, 500}, f"{role} may open {url}"
        else:
            assert status == 403, f"{role} may not open {url}"


@pytest.mark.parametrize("route", [r for r in ROUTES if not r.is_open], ids=str)
def test_writing_is_refused_to_roles_that_may_not(route: Route, ids: dict[str, Any], cast: Cast) -> None:
    url = route.url(ids)

    for role in Role.values:
        if route.requires not in ROLE_CAN[role]:
            assert cast.client(getattr(cast, role)).post(url).status_code == 403


@pytest.mark.parametrize("route", [r for r in ROUTES if r.parameters and r.name != "choose-clinic"], ids=str)
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_clinic_learns_nothing_not_even_that_it_exists(
    route: Route, method: str, ids: dict[str, Any], cast: Cast
) -> None:
    stranger = cast.client(cast.stranger)

    theirs = getattr(stranger, method)(route.url(ids))
    nobodys = getattr(stranger, method)(route.url({name: NOBODY for name in ids} | FREE))

    assert (theirs.status_code, nobodys.status_code) in {(404, 404), (405, 405)}
    assert page(theirs) == page(nobodys)


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if len(r.parameters) > 1 and r.parameters[0] == "patient_id"], ids=str
)
def test_a_record_is_not_reached_through_another_patient(route: Route, ids: dict[str, Any], cast: Cast) -> None:
    other = factories.patient(cast.clinic, name="Otto Invented")
    client = cast.client(cast.manager)

    for method in ("get", "post"):
        status = getattr(client, method)(route.url(ids | {"patient_id": other.pk})).status_code
        assert status in {404, 405}


def test_reception_sees_names_contact_and_due_dates_and_nothing_clinical(cast: Cast) -> None:
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


def test_reception_registers_and_corrects_and_meets_no_closed_door(cast: Cast) -> None:
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


def test_each_look_at_a_patient_is_on_the_audit_trail(cast: Cast, ids: dict[str, Any]) -> None:
    from clinic.audit.models import AuditEvent

    client = cast.client(cast.manager)
    silent = []
    for route in ROUTES:
        if "patient_id" not in route.parameters:
            continue
        before = AuditEvent.objects.filter(patient_id=ids["patient_id"]).count()
        response = client.get(route.url(ids))
        # An act, a way on to another page, and a file that this patient's photo does not have: nothing was seen.
        if response.status_code in {302, 404, 405}:
            continue
        if AuditEvent.objects.filter(patient_id=ids["patient_id"]).count() == before:
            silent.append(route.name)

    assert silent == []


def test_a_draft_is_its_owners_alone(cast: Cast) -> None:
    Draft.objects.create(clinic=cast.clinic, owner=cast.clinician, form="/patients/register/", values={"name": ["A"]})

    answer = cast.client(cast.nurse).get("/drafts/?form=/patients/register/").json()

    assert answer == {"draft": None}


def test_a_person_without_a_clinic_is_told_so(db: None, client: Any) -> None:
    client.force_login(factories.user())

    response = client.get("/")

    assert response.status_code == 403
    assert "You do not work at a clinic yet" in response.content.decode()


def test_roles_are_told_what_they_miss(cast: Cast) -> None:
    response = cast.client(cast.reception).get(f"/patients/{cast.patient.pk}/")

    assert response.status_code == 403
    assert f"may not {Can.SEE_RECORD}" in response.content.decode()


def page(response: HttpResponse) -> str:
    """The page without the CSRF token, which is masked anew each time it is written."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
