"""The search box on top of every page, by keyboard."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from treatments.records.partial_dates import PartialDate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def patients(cast: Cast) -> dict[str, Any]:
    def made(name: str, year: str, **fields: Any) -> Any:
        return factories.patient(cast.clinic, name=name, birth=PartialDate(year), created_by=cast.clinician, **fields)

    return {
        "elder": made("José Øvergård", "1948", phone="+65 5550 0142"),
        "namesake": made("José Øvergård", "1979", phone="+65 5550 0799"),
        "other": made("Ludmila Madeup", "1990", record_number="T-LM-77"),
    }


@pytest.fixture
def at_patients(new_page: Callable[..., Page], live_server: Any, cast: Cast, patients: Any) -> Callable[..., Page]:
    def go(**options: Any) -> Page:
        page = new_page(**options)
        sign_in(page.context, cast.reception, live_server.url)
        page.goto("/patients/")
        return page

    return go


def box(page: Page) -> Any:
    return page.get_by_role("combobox", name="Find a patient")


def found(page: Page) -> Any:
    return page.get_by_role("listbox", name="Patients found").get_by_role("option")


def test_search_by_keyboard(at_patients: Any, patients: Any, axe: Any) -> None:
    """Slash, a fragment, arrows and Enter lead to the patient."""
    page = at_patients()

    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    page.keyboard.type("overg")

    options = found(page)
    expect(options).to_have_count(2)
    expect(options.nth(0)).to_contain_text("born 1948")
    expect(options.nth(1)).to_contain_text("born 1979")
    axe(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/patients/{patients['namesake'].pk}/**")


@pytest.mark.parametrize("typed", ["LUDM", "lm-77", "T-LM-77", "ludmila made"])
def test_enter_opens_the_only_match(at_patients: Any, patients: Any, typed: str) -> None:
    """Enter opens the only patient that is found."""
    page = at_patients()

    page.keyboard.press("/")
    page.keyboard.type(typed)
    expect(found(page)).to_have_count(1)
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/patients/{patients['other'].pk}/**")


def test_telephone_number_in_any_grouping(at_patients: Any) -> None:
    """A telephone number finds its owner however it is grouped."""
    page = at_patients()

    box(page).fill("5550-0142")

    expect(found(page)).to_have_count(1)
    expect(found(page)).to_contain_text("born 1948")


def test_enter_without_choice_opens_the_list(at_patients: Any) -> None:
    """Enter before choosing among several leads to the list."""
    page = at_patients()

    box(page).fill("jose")
    expect(found(page)).to_have_count(2)
    box(page).press("Enter")

    page.wait_for_url("**/patients/?q=jose")
    expect(page.get_by_role("row")).to_have_count(3)


def test_escape_closes_and_no_match_is_shown(at_patients: Any) -> None:
    """Escape closes the matches, and that nobody matches is shown."""
    page = at_patients()

    box(page).fill("jose")
    expect(found(page)).to_have_count(2)
    box(page).press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box(page)).to_have_attribute("aria-expanded", "false")

    box(page).fill("zzz")
    expect(page.locator(".found-note")).to_contain_text("No patient has that")


def test_slash_in_a_field_is_a_slash(at_patients: Any) -> None:
    """A slash typed into a field is a slash."""
    page = at_patients()

    page.locator("#list-q").click()
    page.keyboard.type("1/2")

    expect(page.locator("#list-q")).to_have_value("1/2")


def test_the_box_fits_a_phone(at_patients: Any) -> None:
    page = at_patients(width=390, height=844, touch=True)

    box(page).fill("jose")
    expect(found(page)).to_have_count(2)

    for option in found(page).all():
        place = option.bounding_box()
        assert place and place["x"] >= 0 and place["x"] + place["width"] <= 390 and place["height"] >= 44
    found(page).first.tap()
    page.wait_for_url(re.compile("/contact/"))


def test_enter_without_script_opens_the_list(at_patients: Any) -> None:
    """Without a script Enter leads to the list."""
    page = at_patients(java_script_enabled=False)

    page.locator("#find-patient").fill("madeup")
    page.locator("#find-patient").press("Enter")

    page.wait_for_url("**/patients/?q=madeup")
    expect(page.get_by_role("row")).to_have_count(2)
