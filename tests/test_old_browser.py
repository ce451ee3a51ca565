"""Who is told that the browser is too old, or that its scripts are off, and who is not."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.django_db(transaction=True)
TOO_OLD = "This browser is too old for Anagen"
# What a browser of the years before does not have, taken away before the page is loaded.
LACKS = (
    "CSS.supports = (rule) => !rule.includes(':has')",
    "CSS.supports = (rule, value) => value !== 'subgrid'",
    "delete AbortSignal.timeout",
    "delete window.HTMLDialogElement",
)


@pytest.mark.browser
def test_an_old_browser_is_told(new_page: Callable[..., Page], axe: Callable[..., None]) -> None:
    page = new_page()
    page.goto("/sign-in/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".browser-note")).to_have_count(0)
    for number, lack in enumerate(LACKS):
        page = new_page()
        page.add_init_script(lack)
        page.goto("/sign-in/")
        expect(page.get_by_role("alert").filter(has_text=TOO_OLD)).to_be_visible()
        if not number:
            axe(page)


@pytest.mark.any_database
def test_scripts_switched_off_are_told(client: Client) -> None:
    """In a part that only a browser without scripts shows."""
    page = client.get("/sign-in/").content.decode()
    told = re.findall(r"<noscript>(.*?)</noscript>", page, re.S)
    assert len(told) == 1 and "Scripts are switched off in this browser." in told[0]
