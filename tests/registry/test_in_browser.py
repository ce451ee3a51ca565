"""The list of patients in a real browser: short on a phone, its filters folded there."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREEN = 844


def test_eighteen_on_a_phone(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> None:
    """Eighteen people take at most three screens of a phone, and the filters are one tap away."""
    today = datetime.date.today()
    for number in range(17):
        due = {"next_due_on": today + datetime.timedelta(days=number - 4)} if number % 3 else {}
        factories.patient(
            cast.clinic, name=f"Person with a Name {number}", phone="+65 5550 0110", latest_stage="Norwood III vertex",
            course_state="maintenance", last_seen_on=today, birth="1965-05-14", **due,
        )  # fmt: skip
    page = new_page(width=390, height=SCREEN)
    sign_in(page.context, cast.clinician, live_server.url)
    page.goto("/patients/")
    tall = page.evaluate("document.documentElement.scrollHeight")
    print(f"\nfigure: eighteen_patients_at_390 {tall / SCREEN:.2f} screens (<= 3)")

    assert page.locator(".patients-table tbody tr").count() == 18
    assert tall <= 3 * SCREEN
    expect(page.locator("#list-sort")).to_be_hidden()
    page.get_by_text("Filter and order").click()
    page.locator("#list-sort").select_option("due")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".patients-table tbody tr").first).to_contain_text("overdue")


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_list_is_accessible(new_page: Callable[..., Page], live_server: Any, cast: Cast, axe: Any, width: int) -> None:
    """At every width, sorted or not; where there is room the filters stand open."""
    factories.patient(cast.clinic, next_due_on=datetime.date.today() - datetime.timedelta(days=3))
    page = new_page(width=width)
    sign_in(page.context, cast.clinician, live_server.url)
    page.goto("/patients/")
    assert page.locator("#list-sort").is_visible() is (width > 390)
    assert page.get_by_text("Filter and order").is_visible() is (width == 390)
    axe(page)
    page.goto("/patients/?sort=seen")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
