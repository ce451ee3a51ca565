"""The pages of one-time links in a browser: for the manager, who shows one, and for whom it opens."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic.staff.links import make_link
from clinic.staff.models import Membership, Role
from tests import factories
from tests.browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = [(390, 844), (820, 1180), (1440, 900)]


@pytest.fixture
def member(db: None) -> Membership:
    """A nurse; the manager of the clinic is the first who joined."""
    clinic = factories.clinic(name="Lime Tree Hair Clinic")
    factories.member(clinic, Role.MANAGER)
    return Membership.objects.get(user=factories.member(clinic, Role.NURSE, name="Mei Tan"))


def link_of(member: Membership) -> str:
    manager = Membership.objects.filter(clinic=member.clinic).earliest("pk").user
    return f"/link/{make_link(member, by=manager)[0]}/"


def look(page: Page, axe: Any) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


def test_pages_of_a_link(new_page: Callable[..., Page], live_server: Any, axe: Any, watch: Any, member: Any) -> None:
    """Also refused, and over; and the text is copied by its button."""
    watch.allow("404", "422")
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(link_of(member))
    look(page, axe)
    page.get_by_role("button", name="Save and sign in").click()
    expect(page.locator("#summary")).to_be_focused()
    look(page, axe)
    page.goto("/link/invented/")
    look(page, axe)

    sign_in(page.context, Membership.objects.earliest("pk").user, live_server.url)
    page.goto(f"/people/{member.pk}/")
    look(page, axe)
    page.get_by_role("button", name="Make a one-time link").click()
    look(page, axe)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("[data-copied]").inner_text() and copied.startswith(f"{live_server.url}/link/")


def test_a_passkey_instead_of_a_password(new_page: Callable[..., Page], member: Any) -> None:
    """Made by the link, it signs in from then on, and no password does."""
    page = new_page()
    key = page.context.new_cdp_session(page)
    key.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    shown = {"isUserVerified": True, "automaticPresenceSimulation": True}
    key.send("WebAuthn.addVirtualAuthenticator", {"options": options | shown})

    page.goto(link_of(member))
    page.get_by_role("button", name="Use a passkey of this device instead").click()
    page.wait_for_url(re.compile(r"://[^/]+/$"))
    member.user.refresh_from_db()
    assert not member.user.has_usable_password()

    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile(r"://[^/]+/$"))
    expect(page.locator(".menu-person summary")).to_have_text("Mei Tan")
