"""A PIN: which digits, whose, on which device, how many tries, and what it never opens."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import travel

from clinic.audit.models import AuditEvent
from clinic.sign_in.cover import pins
from clinic.sign_in.models import DevicePin
from clinic.staff.access import asks_full_sign_in
from clinic.staff.models import Membership
from tests import factories
from tests.clinic.cover.at_the_tablet import OTHER_PIN, PIN, choose_pin, sign_in_fully, tablet, uncover
from tests.clinic.test_second_factor import with_app
from tests.concurrency import at_once
from tests.people import Cast
from tests.urls import Route, routes

pytestmark = pytest.mark.django_db
A_FETCH = {"X-Requested-With": "fetch"}
GUARDED = [route for route in routes() if not route.parameters and asks_full_sign_in(route.view)]


def covered_tablet(*people: Any) -> Client:
    client = tablet(*people)
    client.post("/cover/")
    return client


@pytest.mark.any_database
@pytest.mark.parametrize(
    "pin",
    ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "000000", "123456", "654321", "890123", "121212", "112211", "456456"],
)
def test_these_digits_are_no_pin(pin: str) -> None:
    assert pins.why_refused(pin)


@pytest.mark.any_database
@pytest.mark.parametrize("pin", [PIN, OTHER_PIN, "100492", "135792"])
def test_these_digits_are_a_pin(pin: str) -> None:
    assert pins.why_refused(pin) == ""


def test_a_pin_is_chosen_twice_the_same(cast: Cast) -> None:
    client = Client()
    sign_in_fully(client, cast.nurse)

    assert client.post("/pin/", {"pin": PIN, "pin_again": OTHER_PIN}).status_code == 422
    assert choose_pin(client, "111111").status_code == 422
    assert not DevicePin.objects.exists()
    assert choose_pin(client).status_code == 302
    kept = DevicePin.objects.get()
    assert PIN not in kept.pin_hash and kept.user == cast.nurse
    assert client.post("/pin/remove/").status_code == 302 and not DevicePin.objects.exists()
    assert list(
        AuditEvent.objects.filter(action__startswith="pin").order_by("id").values_list("action", flat=True)
    ) == [
        "pin_set",
        "pin_removed",
    ]


def test_unknown_browser_keeps_no_pin(cast: Cast) -> None:
    """A session without the cookie of its device says why, and keeps nothing."""
    client = cast.client(cast.nurse)
    session = client.session
    session["confirmed"] = int(timezone.now().timestamp())
    session.save()

    page = client.post("/pin/", {"pin": PIN, "pin_again": PIN})

    assert "can keep no PIN" in page.content.decode() and not DevicePin.objects.exists()


def test_pin_works_on_its_device_alone(cast: Cast) -> None:
    """In another browser of the same person it opens nothing, and no tile is shown."""
    tablet((cast.nurse, PIN))
    other = Client()
    sign_in_fully(other, cast.nurse)
    other.post("/cover/")

    assert other.get("/cover/").context["people"] == []
    assert uncover(other, cast.nurse, PIN).status_code == 422
    assert DevicePin.objects.get().tries == 0


def test_pin_opens_no_session(cast: Cast) -> None:
    """Where nobody is signed in it is not even looked at; signing out ends what it opened."""
    client = tablet((cast.nurse, PIN))
    client.post("/sign-out/")

    assert uncover(client, cast.nurse, PIN).status_code == 302
    assert client.get("/").status_code == 302
    sign_in_fully(client, cast.clinician)
    client.post("/cover/")
    assert uncover(client, cast.nurse, PIN).status_code == 422
    sign_in_fully(client, cast.nurse)
    client.post("/cover/")
    assert uncover(client, cast.nurse, PIN).status_code == 302


def test_five_wrong_tries_remove_it(cast: Cast) -> None:
    client = covered_tablet((cast.nurse, PIN))

    said = [uncover(client, cast.nurse, "999990").content.decode() for _ in range(5)]

    assert "4 tries are left" in said[0] and "1 try is left" in said[3] and "opens nothing" in said[4]
    assert not DevicePin.objects.exists()
    assert uncover(client, cast.nurse, PIN).status_code == 422
    found = AuditEvent.objects.filter(action__in=["pin_failed", "pin_removed"])
    assert found.filter(action="pin_failed").count() == 5 and found.filter(action="pin_removed").count() == 1
    assert {event.detail["person"] for event in found} == {cast.nurse.pk}


def test_right_pin_gives_the_tries_back(cast: Cast) -> None:
    client = covered_tablet((cast.nurse, PIN))
    for _ in range(4):
        uncover(client, cast.nurse, "999990")

    assert uncover(client, cast.nurse, PIN).status_code == 302
    assert DevicePin.objects.get().tries == 0


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_are_five(cast: Cast) -> None:
    """Twelve sent at the same moment: five are looked at, whatever the database."""
    client = covered_tablet((cast.nurse, PIN))
    cookies = client.cookies

    def guess() -> int:
        own = Client()
        own.cookies = cookies
        return int(uncover(own, cast.nurse, "999990").status_code)

    answers = at_once(guess, times=12)

    assert set(answers) == {422}
    assert AuditEvent.objects.filter(action="pin_failed").count() == 5
    assert not DevicePin.objects.exists()


def test_new_password_ends_every_pin(cast: Cast) -> None:
    client = covered_tablet((cast.nurse, PIN))
    cast.nurse.set_password("another long pass phrase of tests")
    cast.nurse.save()
    kept = DevicePin.objects.select_related("user").get()

    assert client.get("/cover/").status_code == 302, "the session of the old password is over"
    request: Any = client.get("/sign-in/").wsgi_request
    request.clinic = cast.clinic
    assert pins.try_pin(kept, PIN, request) == pins.Tried.WRONG


def test_pin_ends_with_the_membership(cast: Cast) -> None:
    client = covered_tablet((cast.nurse, PIN), (cast.clinician, PIN))
    Membership.objects.filter(user=cast.nurse).update(is_active=False)

    assert uncover(client, cast.nurse, PIN).status_code == 422
    assert [m.user for m in client.get("/cover/").context["people"]] == [cast.clinician]


def test_pin_lasts_12_hours_and_is_renewed(cast: Cast) -> None:
    """Each full sign-in on the device gives another 12 hours; one somewhere else does not."""
    client = tablet((cast.nurse, PIN), (cast.clinician, PIN))
    with travel(timezone.now() + timedelta(hours=12), tick=False):
        sign_in_fully(Client(), cast.nurse)
        sign_in_fully(client, cast.clinician)
        client.post("/cover/")
        assert uncover(client, cast.nurse, PIN).status_code == 422
        sign_in_fully(client, cast.nurse)
        client.post("/cover/")
        assert uncover(client, cast.nurse, PIN).status_code == 302


def test_pin_of_a_time_to_come_is_none(cast: Cast) -> None:
    """Where the clock was put back, the full sign-in is asked for."""
    with travel(timezone.now() + timedelta(days=2), tick=False):
        client = tablet((cast.nurse, PIN))
    client.post("/cover/")

    assert uncover(client, cast.nurse, PIN).status_code == 422


# ── Another person ─────────────────────────────────────────────────────────────────────────────


def test_other_person_goes_to_today(cast: Cast) -> None:
    """Never to the page that was covered, as nobody but themselves, and at this clinic."""
    client = covered_tablet((cast.clinician, PIN), (cast.nurse, OTHER_PIN))

    answer = uncover(client, cast.clinician, PIN, next=f"/patients/{cast.patient.pk}/")

    assert answer["Location"] == "/"
    assert client.get("/").context["membership"].user == cast.clinician
    switched = AuditEvent.objects.get(action="switched_person", detail__factors=["pin"])
    assert (switched.actor, switched.clinic) == (cast.clinician, cast.clinic)


def test_form_of_the_other_person_comes_back(cast: Cast) -> None:
    """It was opened before somebody else signed in on the tablet: to who typed it, on a page with their own menu."""
    client = tablet((cast.nurse, PIN))
    address = f"/patients/{cast.patient.pk}/history/"
    opened = client.get(address).context["opened_as"]
    sign_in_fully(client, cast.manager)
    client.post("/cover/")

    covered = client.post(address, {"_as": opened, "notes": "Typed by the nurse"})
    answer = uncover(client, cast.nurse, PIN, held=covered.context["late_form"])

    assert f"What {cast.nurse.name} typed comes back" in covered.content.decode()
    assert "Typed by the nurse" in answer.content.decode()
    assert answer.context["membership"].user == cast.nurse and 'href="/people/"' not in answer.content.decode()


def test_other_person_is_told_nothing(cast: Cast) -> None:
    """What a page was about to say to the first one, as the tablet was covered, is said to nobody else."""
    client = covered_tablet((cast.nurse, PIN), (cast.clinician, OTHER_PIN))
    uncover(client, cast.clinician, OTHER_PIN)
    own = Membership.objects.get(user=cast.clinician)
    client.post(f"/clinics/{own.pk}/choose/")
    client.post("/cover/")
    assert "You are now working" not in client.get("/cover/").content.decode()

    uncover(client, cast.nurse, PIN)

    assert "You are now working" not in client.get("/").content.decode()


def test_pin_of_another_person_is_wrong(cast: Cast) -> None:
    client = covered_tablet((cast.clinician, PIN), (cast.nurse, OTHER_PIN))

    assert uncover(client, cast.clinician, OTHER_PIN).status_code == 422
    assert uncover(client, cast.stranger, PIN).status_code == 422


def test_tiles_are_of_this_clinic(cast: Cast) -> None:
    """Who works elsewhere is not named here, though they signed in on the same tablet."""
    client = tablet((cast.stranger, PIN), (cast.nurse, OTHER_PIN))
    client.post("/cover/")

    page = client.get("/cover/")

    assert [m.user for m in page.context["people"]] == [cast.nurse]
    assert cast.stranger.name not in page.content.decode()


# ── What it never opens ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def by_pin(cast: Cast) -> Client:
    """A manager who came in by a PIN."""
    client = covered_tablet((cast.manager, PIN))
    assert uncover(client, cast.manager, PIN).status_code == 302
    return client


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_pin_opens_nothing_guarded(by_pin: Client, cast: Cast, route: Route) -> None:
    page, fetched = by_pin.get(route.url({})), by_pin.get(route.url({}), headers=A_FETCH)

    assert page.status_code == 401 and "A PIN is not enough" in page.content.decode()
    assert (fetched.status_code, fetched.json()) == (401, {"error": "pin_only"})
    assert f'value="{cast.manager.email}"' in page.content.decode()


def test_guarded_routes_are_some() -> None:
    assert {"device-pin", "people", "audit-trail", "own-recovery-codes"} <= {route.name for route in GUARDED}


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/pin/", {"pin": OTHER_PIN, "pin_again": OTHER_PIN}),
        ("/own-page/password/", {"old_password": factories.PASSWORD, "new_password1": "nine blue kettles below"}),
    ],
)
def test_secrets_are_not_kept_for_later(by_pin: Client, address: str, told: dict[str, str]) -> None:
    """What is sent after a PIN to change a PIN or a password is in nothing that comes back."""
    asked = by_pin.post(address, told)

    assert asked.status_code == 401 and asked.context["late_form"] == ""
    assert not [secret for secret in told.values() if secret in asked.content.decode()]
    assert asked.context["next"] == "/own-page/"


def test_pin_and_password_change_no_factor(by_pin: Client, cast: Cast) -> None:
    """They would make recovery codes, and be a whole sign-in without the second factor."""
    with_app(cast.manager)

    answer = by_pin.post("/own-page/recovery-codes/", {"_confirm": "POST", "password": factories.PASSWORD})

    assert answer.status_code == 401 and "A PIN is not enough" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="confirmed_identity").exists()


def test_export_of_a_pin_asks_fully(by_pin: Client, cast: Cast) -> None:
    """A patient's page too; after the full sign-in it goes on to where the person was going."""
    address = f"/patients/{cast.patient.pk}/photos/export/"
    asked = by_pin.get(address)
    assert asked.status_code == 401

    told = {"username": cast.manager.email, "password": factories.PASSWORD, "next": asked.context["next"]}

    assert by_pin.post("/sign-in/", told)["Location"] == address
    assert by_pin.get(address).status_code != 401


def test_guarded_form_is_kept_for_later(by_pin: Client, cast: Cast) -> None:
    """A form sent after the session went on by a PIN comes back after the full sign-in."""
    asked = by_pin.post("/clinic/thresholds/change/", {"reason": "As our own counts show"})

    told = {"username": cast.manager.email, "password": factories.PASSWORD, "held": asked.context["late_form"]}

    assert asked.status_code == 401
    assert "As our own counts show" in by_pin.post("/sign-in/", told).content.decode()
