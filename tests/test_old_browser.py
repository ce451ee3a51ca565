"""Who is told that the browser is too old, or that its scripts are off, and who is not."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast

pytestmark = pytest.mark.django_db(transaction=True)
TOO_OLD = "This browser is too old for Anagen"
# What a browser of the years before does not have, taken away before the page is loaded, by the number in its address.
LACKS = """
  const lacks = [
    () => (CSS.supports = (rule) => !rule.includes(":has")),
    () => (CSS.supports = (rule, value) => value !== "subgrid"),
    () => delete AbortSignal.timeout,
    () => delete window.HTMLDialogElement,
  ];
  lacks[new URLSearchParams(location.search).get("lack")]?.();
"""


@pytest.mark.browser
def test_an_old_browser_is_told(page: Page, axe: Callable[..., None]) -> None:
    page.add_init_script(LACKS)
    page.goto("/sign-in/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".browser-note")).to_have_count(0)
    for lack in range(4):
        page.goto(f"/sign-in/?lack={lack}")
        expect(page.get_by_role("alert").filter(has_text=TOO_OLD)).to_be_visible()
    axe(page)


@pytest.mark.any_database
def test_scripts_switched_off_are_told(client: Client) -> None:
    """In a part that only a browser without scripts shows."""
    page = client.get("/sign-in/").content.decode()
    told = re.findall(r"<noscript>(.*?)</noscript>", page, re.S)
    assert len(told) == 1 and "Scripts are switched off in this browser." in told[0]


@pytest.mark.browser
def test_plain_http_is_told_with_its_reason(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> None:
    """Where photos are sent: what a browser leaves out of a page that did not come over https."""
    factories.consent(cast.patient, kind="photography", purposes=["record"])
    told = []
    for lack in ("", "Object.defineProperty(crypto, 'subtle', { value: undefined })"):
        page = new_page()
        page.add_init_script(lack)
        sign_in(page.context, cast.nurse, live_server.url)
        page.goto(f"/patients/{cast.patient.pk}/photos/")
        expect(page.locator("[data-choose]")).to_be_attached()
        told.append(page.get_by_text("This page came over plain http.").filter(visible=True).count())
    assert told == [0, 1]
    expect(page.get_by_text("does not open the camera and cannot compute the check sum")).to_be_visible()
