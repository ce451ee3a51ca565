"""The pages by keyboard alone: where the focus goes, what is announced, and whole journeys by Tab, arrows, Space and
Enter, with what was saved at their end."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.accessibility.keys import FOCUSED, has_focus, tab_to
from tests.browser import sign_in
from tests.people import Cast
from treatments.models import AdverseEvent, Assessment, ExosomeSession

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_page(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> Callable[[str], Page]:
    def open_one(url: str) -> Page:
        page = new_page()
        sign_in(page.context, cast.clinician, live_server.url)
        page.goto(url)
        return page

    return open_one


def test_hidden_answers_stand_in_no_way(open_page: Any, cast: Cast, watch: Any) -> None:
    """A session by keyboard: what was typed under "Yes" refuses nothing under "No", and is there again on "Yes"."""
    watch.allow("status of 422")
    patient = cast.patient
    factories.consent(patient, created_by=cast.clinician)
    lot = factories.lot(factories.product(cast.clinic))
    begun = datetime.date.today() - datetime.timedelta(days=31)
    course = factories.course(patient, baseline_on=begun, product=lot.product)
    factories.exosome_session(course, lot=lot, product=lot.product)
    page = open_page(f"{patient.get_absolute_url()}sessions/log/")

    tab_to(page, '[name="since_last"]')
    page.keyboard.press("ArrowRight")
    expect(page.locator('[value="yes"]')).to_be_checked()
    tab_to(page, '[name="event_onset"]')
    page.keyboard.type("no day")
    page.keyboard.press("Shift+Tab")
    since_when = page.locator('[name="event_onset"]')
    page.locator('[name="since_last"][value="none"]').focus()
    page.keyboard.press("Space")
    expect(since_when).to_be_hidden()
    tab_to(page, "[data-save]")
    page.keyboard.press("Enter")

    has_focus(page, "#summary")
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator("#summary")).to_contain_text("lot")
    expect(page.locator("#summary")).not_to_contain_text("Since when")
    shown = page.locator("[data-state]").inner_text().replace("\n", " ").strip()
    said = page.locator("[data-state-said]").inner_text()
    assert said.replace(":", "") == shown.replace(":", "")
    page.locator('[name="since_last"][value="yes"]').focus()
    page.keyboard.press("Space")
    expect(since_when).to_have_value("no day")
    page.keyboard.press("ArrowLeft")
    tab_to(page, '[name="lot"]')
    page.keyboard.press("Space")
    tab_to(page, "[data-save]")
    page.keyboard.press("Enter")

    page.wait_for_url(lambda url: "/sessions/log/" not in url)
    has_focus(page, ".messages, main h1")
    session = ExosomeSession.objects.get(performed_on=datetime.date.today())
    assert (session.lot, session.since_last) == (lot, "none")
    assert not AdverseEvent.objects.exists()


def test_an_assessment_by_keyboard(open_page: Any, cast: Cast) -> None:
    page = open_page(f"{cast.patient.get_absolute_url()}assess/")
    tab_to(page, '[name="grade"]')
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate(f"{FOCUSED}.value")
    tab_to(page, '[name="regions"]')
    page.keyboard.press("Space")
    tab_to(page, '[name="examination"]')
    page.keyboard.type("Thinning at the crown.")
    tab_to(page, "[data-save]")
    page.keyboard.press("Enter")

    page.wait_for_url(lambda url: "/assess/" not in url)
    made = Assessment.objects.get()
    assert (f"{made.scale}:{made.stage}", made.examination) == (chosen, "Thinning at the crown.")
    assert len(made.regions) == 1


def test_menus_keys_and_the_cover(open_page: Any, cast: Cast) -> None:
    """A menu closes on Escape and gives the focus back; the search key can be switched off; before a page is
    covered it says so, and a key keeps it open."""
    page: Page = open_page("/")
    page.keyboard.press("/")
    has_focus(page, "[data-find]")
    page.keyboard.press("Escape")
    summary = page.locator(".menu-person summary")
    summary.focus()
    page.keyboard.press("Enter")
    tab_to(page, "[data-search-key]")
    page.keyboard.press("Enter")
    expect(page.locator(".menu-person [data-search-key]")).to_contain_text("off")
    page.keyboard.press("Escape")
    expect(page.locator(".menu-person")).not_to_have_attribute("open", "")
    has_focus(page, ".menu-person summary")
    page.keyboard.press("/")
    has_focus(page, ".menu-person summary")
    page.reload()
    page.keyboard.press("/")
    assert not page.evaluate(f"{FOCUSED}.matches('[data-find]')")

    page.clock.install()
    page.reload()
    page.locator(".menu-person summary").focus()
    page.clock.fast_forward((cast.clinic.cover_minutes * 60 - 50) * 1000)
    warning = page.get_by_role("dialog", name="This page will be covered in a minute")
    expect(warning).to_be_visible()
    page.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    has_focus(page, ".menu-person summary")
