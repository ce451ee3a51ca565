"""Reading and signing the clinic's forms in a real browser, and coming back to the page that asked for it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.consents.test_in_browser import draw
from tests.people import Cast
from treatments.models import Consent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WAVE = ((0.1, 0.8), (0.2, 0.2), (0.3, 0.8), (0.5, 0.4))


@pytest.fixture
def at(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> Callable[..., Page]:
    def go(address: str, **options: Any) -> Page:
        page = new_page(width=820, **options)
        sign_in(page.context, cast.nurse, live_server.url)
        page.goto(address)
        return page

    return go


def add_page(cast: Cast, query: str = "") -> str:
    return reverse("consents:add", args=[cast.patient.pk]) + query


def test_form_follows_kind_and_choice(at: Any, cast: Cast, axe: Any) -> None:
    """The only form of a kind is shown at once; its uses are asked in its words; another form is asked by its name."""
    factories.consent_text(cast.clinic, body="Words of treatment.")
    told = {"title": "صور", "language": "ar", "language_name": "Arabic", "uses": {"record": "في سجلي"}}
    factories.consent_text(cast.clinic, "photography", body="كلمات", **told)
    page = at(add_page(cast))
    expect(page.get_by_text("Choose first what the patient consents to")).to_be_visible()
    page.locator('[name="kind"][value="treatment"]').check(force=True)
    expect(page.get_by_text("Words of treatment.")).to_be_visible()
    expect(page.get_by_label("Form and version")).to_be_hidden()
    page.locator('[name="kind"][value="photography"]').check(force=True)
    expect(page.get_by_text("Words of treatment.")).to_be_hidden()
    expect(page.locator('article[dir="rtl"]')).to_be_visible()
    expect(page.locator("[data-use]:visible")).to_have_count(1)
    axe(page)
    page.locator('[name="text"][value="paper"]').check(force=True)
    expect(page.get_by_label("Form and version")).to_be_visible()
    expect(page.locator("[data-use]:visible")).to_have_count(6)
    page.locator('[name="kind"][value="research"]').check(force=True)
    expect(page.locator('[name="text"][value="paper"]')).to_be_checked()


def test_new_version_while_signing(at: Any, cast: Cast, watch: Any) -> None:
    """The new words come into the open page, the strokes go, and what was typed stays."""
    watch.allow("status of 422")
    factories.consent_text(cast.clinic, body="Old words.")
    page = at(add_page(cast, "?kind=treatment"))
    page.get_by_label("Witness or interpreter").fill("Ben Invented")
    page.locator('[name="signed_how"][value="on_screen"]').check(force=True)
    draw(page, *WAVE)
    newer = factories.consent_text(cast.clinic, number=2, body="New words.")
    page.get_by_role("button", name="Save consent").click()
    expect(page.locator("#summary")).to_contain_text("Version 2 was published")
    expect(page.get_by_text("New words.")).to_be_visible()
    expect(page.get_by_text("Old words.")).to_be_hidden()
    expect(page.get_by_label("Witness or interpreter")).to_have_value("Ben Invented")
    expect(page.locator('[name="strokes"]')).to_have_value("")
    draw(page, *WAVE)
    page.get_by_role("button", name="Save consent").click()
    expect(page.locator(".signature path")).to_have_count(1)
    assert Consent.objects.get().text == newer


def test_from_the_log_page_and_back(at: Any, cast: Cast, axe: Any) -> None:
    """What was typed is there again, the warning is gone, and no draft is offered beside it."""
    factories.course(cast.patient)
    factories.consent_text(cast.clinic)
    page = at(reverse("sessions:log", args=[cast.patient.pk]))
    page.locator('[name="reaction"][value="none"]').check(force=True)
    page.locator('[name="volume-vertex"]').fill("2.75")
    page.locator(".notice", has_text="No valid treatment consent").get_by_role("button").click()
    expect(page.locator("h1")).to_have_text("Record a consent")
    page.locator('[name="signed_how"][value="on_screen"]').check(force=True)
    draw(page, *WAVE)
    page.get_by_role("button", name="Save consent").click()
    page.wait_for_url("**/sessions/log/**")
    expect(page.locator('[name="volume-vertex"]')).to_have_value("2.75")
    expect(page.locator('[name="reaction"][value="none"]')).to_be_checked()
    expect(page.get_by_text("No valid treatment consent")).to_have_count(0)
    page.wait_for_timeout(1000)
    expect(page.locator(".offer")).to_have_count(0)
    axe(page)


def test_words_are_printed_and_forms_listed(at: Any, cast: Cast, axe: Any) -> None:
    """The pages of a signed consent and of the forms are accessible and no wider than a telephone."""
    text = factories.consent_text(cast.clinic, language="zh-Hans", language_name="Chinese, simplified", title="治疗")
    consent = factories.consent(cast.patient, text=text, signature=[[[10, 10], [200, 200]]])
    for address in (reverse("consents:words", args=[cast.patient.pk, consent.pk]), "/consent-forms/",
                    text.get_absolute_url()):  # fmt: skip
        page = at(address)
        page.set_viewport_size({"width": 390, "height": 844})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.context.close()
