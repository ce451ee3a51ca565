"""Second factors as a person meets them: setting up, signing in, over a form that waits, and from another device.

The authenticator of passkeys is Chromium's virtual one, which takes part in the real ceremony.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.audit.models import AuditEvent
from clinic.sign_in.factors.second_factors import has_second_factor
from clinic.sign_in.sessions import CONFIRMED
from clinic.staff.models import User
from tests import factories
from tests.clinic.test_second_factor import code, with_app
from tests.people import Cast
from treatments.models import Draft, HairHistory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STORY_LABEL = "In the patient's words"
NARROW = {"width": 390, "height": 844}


def enter(page: Page, user: User, address: str = "/sign-in/") -> None:
    page.goto(address)
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def at(page: Page, path: str = "/") -> None:
    page.wait_for_url(lambda url: urlsplit(url).path == path)


def type_code(page: Page, typed: str) -> None:
    page.get_by_label(re.compile("^Code")).fill(typed)
    page.get_by_role("button", name=re.compile("^(Sign in|Set up)")).click()


def with_authenticator(page: Page) -> None:
    """As on a device that keeps passkeys and knows its person's finger."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    line.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def add_passkey(page: Page, name: str = "The tablet of the front room") -> None:
    page.goto("/own-page/passkeys/add/")
    page.get_by_label("Name of this passkey").fill(name)
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url("**/recovery-codes/")


def sign_out(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")


def history_of(cast: Cast) -> str:
    return f"/patients/{cast.patient.pk}/history/"


@pytest.fixture
def typed_form(new_page: Callable[..., Page], cast: Cast, watch: Any) -> Callable[..., Page]:
    """A form of the clinician, half filled in, whose sign-in has ended."""

    def make(page: Page) -> Page:
        watch.allow("status of 40[13]")
        page.goto(history_of(cast))
        page.get_by_label(STORY_LABEL).fill("Thinner at the crown")
        Session.objects.all().delete()
        page.get_by_label("Smoking").fill("typed after the session had ended")
        page.get_by_role("button", name="Save").click()
        return page

    return make


def was_saved_once(page: Page, cast: Cast) -> None:
    page.wait_for_url(f"**/patients/{cast.patient.pk}/")
    kept = HairHistory.objects.get()
    assert (kept.story, kept.created_by) == ("Thinner at the crown", cast.clinician)
    assert kept.smoking == "typed after the session had ended"


def test_app_is_set_up_and_asked_for(new_page: Callable[..., Page], cast: Cast, watch: Any, axe: Any) -> None:
    """Set up by the text of the secret, the codes saved as a file, and asked for at the next sign-in."""
    watch.allow("status of 422")
    page = new_page(**NARROW)
    enter(page, cast.clinician)
    page.get_by_role("link", name="Set it up").click()
    axe(page)
    page.get_by_role("link", name="Set up the app").click()
    secret = page.locator(".own-secret").inner_text().replace(" ", "")
    axe(page)
    type_code(page, code(0, secret))
    page.wait_for_url("**/recovery-codes/")
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a file").click()
    saved = download.value.path().read_text()
    codes = [text.replace(" ", "") for text in page.locator(".own-codes li").all_inner_texts()]
    assert [line for line in saved.splitlines() if line.isdigit()] == codes and cast.clinician.email in saved
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 of 10 are left")).to_be_visible()
    axe(page)

    sign_out(page)
    enter(page, cast.clinician, "/sign-in/?next=/patients/")
    axe(page)
    type_code(page, "123456")
    expect(page.get_by_role("alert")).to_contain_text("That code is not right, or was used before.")
    axe(page)
    type_code(page, code(1, secret))
    at(page, "/patients/")

    sign_out(page)
    enter(page, cast.clinician)
    type_code(page, codes[3])
    page.goto("/own-page/")
    expect(page.get_by_text("9 of 10 are left")).to_be_visible()


def test_passkey_is_added_and_asked_for(new_page: Callable[..., Page], cast: Cast, axe: Any) -> None:
    """As second factor after the password, and as the whole sign-in without e-mail and password."""
    page = new_page(**NARROW)
    with_authenticator(page)
    enter(page, cast.clinician)
    page.goto("/own-page/passkeys/add/")
    axe(page)
    add_passkey(page)
    page.goto("/own-page/")
    expect(page.get_by_text("The tablet of the front room").first).to_be_visible()
    assert Authenticator.objects.get(type="webauthn").user == cast.clinician

    sign_out(page)
    enter(page, cast.clinician)
    page.get_by_role("button", name="Use a passkey").click()
    at(page)
    assert AuditEvent.objects.filter(action="signed_in").latest("id").detail == {"factors": ["password", "webauthn"]}

    sign_out(page)
    page.goto("/sign-in/?next=/patients/")
    axe(page)
    page.get_by_role("button", name="Use a passkey").click()
    at(page, "/patients/")
    assert AuditEvent.objects.filter(action="signed_in").latest("id").detail == {"factors": ["webauthn"]}


def test_passkey_that_is_given_up(new_page: Callable[..., Page], cast: Cast) -> None:
    """Nothing here keeps passkeys: the page says so in words, and the password still does."""
    page = new_page()
    page.add_init_script("navigator.credentials.get = async () => { throw new DOMException('', 'NotAllowedError'); }")
    page.goto("/sign-in/")

    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("No passkey was used. Press the button again")
    enter(page, cast.nurse)
    at(page)


def test_answer_of_a_passkey_counts_once(new_page: Callable[..., Page], cast: Cast, watch: Any) -> None:
    """What a browser has sent to sign in opens nothing a second time, not even with all its cookies."""
    watch.allow("status of 4")
    page = new_page()
    with_authenticator(page)
    enter(page, cast.nurse)
    add_passkey(page)
    sign_out(page)
    page.goto("/sign-in/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    cookies: list[Any] = []
    page.route("**/sign-in/", lambda route: (cookies.extend(page.context.cookies()), route.continue_()))
    page.get_by_role("button", name="Use a passkey").click()
    at(page)
    page.unroute("**/sign-in/")

    page.context.clear_cookies()
    page.context.add_cookies(cookies)
    answer = page.request.post(
        "/sign-in/",
        headers={"Content-Type": "application/x-www-form-urlencoded", "Referer": page.url},
        data=sent[-1],
        max_redirects=0,
    )

    assert answer.status == 422 and "in another window" in answer.text()


def test_code_over_a_form_that_waits(
    new_page: Callable[..., Page], typed_form: Any, cast: Cast, watch: Any, axe: Any
) -> None:
    watch.allow("status of 422")
    page = new_page(**NARROW)
    enter(page, cast.clinician)
    at(page)
    with_app(cast.clinician)
    typed_form(page)
    dialog = page.get_by_role("dialog")

    dialog.get_by_label("Password").fill(factories.PASSWORD)
    dialog.get_by_role("button", name="Sign in and go on").click()
    expect(dialog.get_by_role("heading")).to_have_text("Second step")
    expect(dialog.get_by_label(re.compile("^Code"))).to_be_focused()
    axe(page)
    type_code(page, "123456")
    expect(dialog.get_by_role("alert")).to_contain_text("That code is not right")
    axe(page)
    assert not HairHistory.objects.exists()
    type_code(page, code())

    was_saved_once(page, cast)


@pytest.mark.parametrize("is_whole", [False, True])
def test_passkey_over_a_form_that_waits(
    new_page: Callable[..., Page], typed_form: Any, cast: Cast, is_whole: bool
) -> None:
    page = new_page()
    with_authenticator(page)
    enter(page, cast.clinician)
    at(page)
    add_passkey(page)
    typed_form(page)
    dialog = page.get_by_role("dialog")

    if not is_whole:
        dialog.get_by_label("Password").fill(factories.PASSWORD)
        dialog.get_by_role("button", name="Sign in and go on").click()
        expect(dialog.get_by_role("heading")).to_have_text("Second step")
    dialog.get_by_role("button", name="Use a passkey").click()

    was_saved_once(page, cast)


def test_covered_page_asks_for_it_too(new_page: Callable[..., Page], cast: Cast) -> None:
    """Whoever has no PIN here uncovers by a full sign-in, and what was typed is still there."""
    page = new_page()
    with_authenticator(page)
    enter(page, cast.clinician)
    at(page)
    add_passkey(page)
    page.goto(history_of(cast))
    page.get_by_label(STORY_LABEL).fill("Thinner at the crown")
    page.locator(".menu-person summary").click()
    page.get_by_role("button", name="Cover now").first.click()
    page.get_by_role("button", name="Sign in and go on").click()
    dialog = page.locator(".sign-in-again")

    dialog.get_by_label("Password").fill(factories.PASSWORD)
    dialog.get_by_role("button", name="Sign in and go on").click()
    expect(dialog.get_by_role("heading")).to_have_text("Second step")
    dialog.get_by_role("button", name="Use a passkey").click()

    expect(dialog).to_have_count(0)
    expect(page.get_by_label(STORY_LABEL)).to_be_visible()
    expect(page.get_by_label(STORY_LABEL)).to_have_value("Thinner at the crown")
    assert AuditEvent.objects.filter(action="uncovered").latest("id").detail["factors"] == ["password", "webauthn"]


def test_second_step_that_is_too_late(new_page: Callable[..., Page], typed_form: Any, cast: Cast, watch: Any) -> None:
    """The dialog goes back to the password, says why, and goes on from there."""
    watch.allow("status of 422")
    page = new_page()
    enter(page, cast.clinician)
    at(page)
    with_app(cast.clinician)
    typed_form(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(factories.PASSWORD)
    dialog.get_by_role("button", name="Sign in and go on").click()
    expect(dialog.get_by_role("heading")).to_have_text("Second step")

    page.context.clear_cookies(name="half-sign-in")
    type_code(page, code())

    expect(dialog.get_by_role("alert")).to_contain_text("Nothing was typed for five minutes.")
    expect(dialog.get_by_role("heading")).to_have_text("You have been signed out")
    dialog.get_by_label("Password").fill(factories.PASSWORD)
    dialog.get_by_role("button", name="Sign in and go on").click()
    type_code(page, code())
    was_saved_once(page, cast)


def test_week_is_over_while_a_form_waits(new_page: Callable[..., Page], cast: Cast, watch: Any, axe: Any) -> None:
    """The form says where to go; set up in a second window, it is saved as it stands."""
    watch.allow("status of 403")
    page = new_page()
    enter(page, cast.clinician)
    at(page)
    page.goto(history_of(cast))
    page.get_by_label(STORY_LABEL).fill("Thinner at the crown")
    User.objects.filter(pk=cast.clinician.pk).update(first_signed_in_at=timezone.now() - timedelta(days=8))

    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-state]")).to_contain_text("you need a second factor now, and nothing is lost")
    second = page.context.new_page()
    second.goto("/patients/")
    expect(second).to_have_url(re.compile("/own-page/$"))
    axe(second)
    second.get_by_role("link", name="Set up the app").click()
    type_code(second, code(0, second.locator(".own-secret").inner_text().replace(" ", "")))
    second.get_by_role("link", name="I have kept them").click()
    expect(second).to_have_url(re.compile("/patients/$"))
    page.get_by_role("button", name="Save").click()

    page.wait_for_url(f"**/patients/{cast.patient.pk}/")
    assert HairHistory.objects.get().story == "Thinner at the crown"
    assert has_second_factor(cast.clinician)


def test_device_ended_while_somebody_types(new_page: Callable[..., Page], cast: Cast, watch: Any) -> None:
    """Its next request is refused, and the draft stays the person's own."""
    watch.allow("status of 401")
    here, there = new_page(), new_page(**NARROW)
    for page in (here, there):
        enter(page, cast.clinician)
        at(page)
    there.goto(history_of(cast))
    there.get_by_label(STORY_LABEL).fill("Typed on the other device")
    expect(there.locator("[data-state]")).to_contain_text("Draft saved")
    here.goto("/own-page/")

    here.get_by_role("button", name="Sign out Chrome").click()
    expect(here.get_by_text("It is signed out.")).to_be_visible()
    there.get_by_role("button", name="Save").click()

    expect(there.get_by_role("dialog", name="You have been signed out")).to_be_visible()
    expect(there.get_by_label(STORY_LABEL)).to_have_value("Typed on the other device")
    draft = Draft.objects.get()
    assert draft.owner == cast.clinician and draft.values["story"] == ["Typed on the other device"]
    assert not HairHistory.objects.exists()


def test_password_is_asked_after_a_while(new_page: Callable[..., Page], cast: Cast, watch: Any, axe: Any) -> None:
    """In between, at the same address, and the act goes on."""
    watch.allow("status of 422")
    page = new_page(**NARROW)
    enter(page, cast.nurse)
    at(page)
    for row in Session.objects.all():
        session = SessionStore(row.session_key)
        session[CONFIRMED] = 0
        session.save()
    page.goto("/own-page/app/")

    expect(page.get_by_role("heading", name="Is it you")).to_be_visible()
    axe(page)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("That is not your password")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()


def test_ip_address_says_why_no_passkey(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> None:
    page = new_page()
    number = live_server.url.replace("localhost", "127.0.0.1")
    enter(page, cast.nurse, f"{number}/sign-in/")

    page.goto(f"{number}/own-page/")

    expect(page.get_by_text("this page is open by a number, the IP address")).to_be_visible()
    expect(page.get_by_role("link", name="Add a passkey")).to_have_count(0)
    page.goto(f"{number}/sign-in/")
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
