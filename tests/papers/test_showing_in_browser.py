"""The tablet in the patient's hand, in a real browser: every way out of the view leads to the cover."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.clinic.cover.at_the_tablet import PIN, tablet
from tests.clinic.cover.test_in_browser import bring, cover_of, press_pin
from tests.paper import faults_on_paper, printed
from tests.people import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COVERED = "status of 423"
WHO = "Who goes on?"


@pytest.fixture
def pages(new_page: Callable[..., Page], live_server: Any, cast: Cast, watch: Any) -> tuple[Page, Page]:
    """Two windows of the nurse's tablet: the list of patients, and the view that is shown to one of them."""
    watch.allow(COVERED)
    factories.patient(cast.clinic, name="Otto Other")
    session = factories.exosome_session(factories.course(cast.patient))
    factories.adverse_event(cast.patient, exosome_session=session)
    shown = new_page(width=820, height=1180, touch=True)
    bring(tablet((cast.nurse, PIN)), shown.context, live_server.url)
    other = shown.context.new_page()
    other.goto(f"{live_server.url}/patients/")
    expect(other.get_by_text("Otto Other").first).to_be_visible()
    shown.goto(f"/patients/{cast.patient.pk}/papers/")
    shown.get_by_role("link", name="Show to the patient").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Your course")
    return shown, other


def test_other_window_is_covered(cast: Cast, pages: tuple[Page, Page]) -> None:
    """What was open beside it is seen no more; the nurse uncovers there, and the view is put away."""
    shown, other = pages
    expect(cover_of(other)).to_contain_text("Another window is shown to a patient.")
    expect(other.get_by_text("Otto Other").first).to_be_hidden()
    other.keyboard.press("Escape")
    expect(cover_of(other)).to_be_visible()
    expect(cover_of(shown)).to_be_hidden()

    cover_of(other).get_by_role("button", name="Uncover").tap()
    expect(cover_of(other).get_by_role("heading", name=WHO)).to_be_visible()
    press_pin(other, cast.nurse, PIN)

    expect(other.get_by_text("Otto Other").first).to_be_visible()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Papers")


def test_every_way_out_is_covered(cast: Cast, pages: tuple[Page, Page]) -> None:
    """The button back, an address that is typed, Done: the cover, and after the PIN the page that was asked for."""
    shown, other = pages
    shown.go_back()
    expect(shown.get_by_role("heading", name=WHO)).to_be_visible()
    assert cast.patient.name not in shown.content()
    shown.go_forward()
    expect(shown.get_by_role("heading", name=WHO)).to_be_visible()
    press_pin(shown, cast.nurse, PIN)
    expect(shown.get_by_role("heading", level=1)).to_have_text("Your course")

    shown.goto("/")
    expect(shown.get_by_role("heading", name=WHO)).to_be_visible()
    press_pin(shown, cast.nurse, PIN)
    expect(shown.get_by_role("heading", level=1)).not_to_have_text(WHO)
    expect(other.get_by_text("Otto Other").first).to_be_visible()  # and nothing is held any more

    shown.goto(f"/patients/{cast.patient.pk}/papers/show/")
    shown.get_by_role("link", name="Done").tap()
    press_pin(shown, cast.nurse, PIN)
    expect(shown.get_by_role("heading", level=1)).to_have_text("Papers")


def test_page_that_the_browser_kept(cast: Cast, pages: tuple[Page, Page]) -> None:
    """A page that Back shows as it was left, without asking the server, is covered before it is read."""
    _, other = pages
    other.evaluate("localStorage.setItem('anagen-held', '')")
    other.reload()
    expect(cover_of(other)).to_have_count(0)  # the server's own cover

    shown = other.context.new_page()
    shown.goto(other.url)
    press_pin(shown, cast.nurse, PIN)
    expect(shown.get_by_text("Otto Other").first).to_be_visible()
    shown.evaluate("localStorage.setItem('anagen-held', '/patients/x/papers/show/')")
    shown.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(cover_of(shown)).to_contain_text("Another window is shown to a patient.")
    expect(shown.get_by_text("Otto Other").first).to_be_hidden()


def test_covered_while_it_is_shown(cast: Cast, pages: tuple[Page, Page]) -> None:
    """After the clinic's minutes the nurse uncovers it for the patient: it is held again, and so are the others."""
    shown, other = pages
    shown.evaluate("document.querySelector('#cover-form').requestSubmit()")
    press_pin(shown, cast.nurse, PIN)
    expect(cover_of(shown)).to_be_hidden()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Your course")
    expect(cover_of(other)).to_be_visible()

    shown.goto("/patients/")
    expect(shown.get_by_role("heading", name=WHO)).to_be_visible()


def test_nothing_in_it_can_be_pressed(pages: tuple[Page, Page]) -> None:
    """By key or finger: two links, Skip to content and Done."""
    shown, _ = pages
    expect(shown.get_by_role("link", name=re.compile("."))).to_have_count(2)
    reached = shown.evaluate(
        """() => [...document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex]')]
        .filter((each) => each.checkVisibility() && each.tabIndex >= 0).map((each) => each.textContent.trim())"""
    )
    assert reached == ["Skip to content", "Done"]
    assert shown.locator("svg a, svg [onclick], svg [href^='/patients']").count() == 0
    shown.keyboard.press("/")
    expect(shown.get_by_role("searchbox")).to_have_count(0)


def test_it_is_not_printed(pages: tuple[Page, Page]) -> None:
    """Neither chart nor photos leave by the browser's own Print or Share: the sheet says what is printed instead."""
    shown, _ = pages
    shown.emulate_media(media="print")

    expect(shown.get_by_text("This view is for the screen and is not printed.")).to_be_visible()
    assert shown.locator("main svg:visible, main img:visible, main h2:visible").count() == 0
    assert faults_on_paper(shown, "Ida Invented") == [] and len(printed(shown)) == 1
