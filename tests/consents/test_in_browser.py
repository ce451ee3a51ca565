"""Consents in a real browser: signed with a pen or by keyboard, with scripts or without."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from treatments.models import Consent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_page(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> Callable[..., Page]:
    def at(name: str, *ids: Any, query: str = "", **options: Any) -> Page:
        page = new_page(**options)
        sign_in(page.context, cast.nurse, live_server.url)
        page.goto(reverse(f"consents:{name}", args=[cast.patient.pk, *ids]) + query)
        return page

    return at


def draw(page: Page, *points: tuple[float, float]) -> None:
    """One stroke through points given in parts of the field's width and height."""
    field = page.locator("canvas")
    # To the middle: at the edge of the window the line with the save button lies over it.
    field.evaluate("(canvas) => canvas.scrollIntoView({ block: 'center' })")
    box = field.bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def sign_on_the_screen(page: Page) -> None:
    page.get_by_label("Form and version").fill("Photographs P-2")
    page.locator('[name="purposes"][value="record"]').check(force=True)
    page.locator('[name="signed_how"][value="on_screen"]').check(force=True)


def test_signature_is_drawn_undone_and_saved(open_page: Any) -> None:
    """A signature is drawn, taken back and saved."""
    page = open_page("add", query="?kind=photography")
    sign_on_the_screen(page)
    draw(page, (0.1, 0.8), (0.2, 0.2), (0.3, 0.8), (0.5, 0.4))
    draw(page, (0.6, 0.2), (0.9, 0.9))
    page.get_by_role("button", name="Undo the last stroke").click()
    page.get_by_role("button", name="Save consent").click()
    expect(page.locator(".signature path")).to_have_count(1)
    strokes = Consent.objects.get().signature
    assert len(strokes) == 1
    assert strokes[0][0] == pytest.approx([100, 256], abs=4)
    assert strokes[0][-1] == pytest.approx([500, 128], abs=4)


def test_a_cleared_signature_is_none(open_page: Any, watch: Any) -> None:
    watch.allow("status of 422")
    page = open_page("add", query="?kind=photography")
    sign_on_the_screen(page)
    draw(page, (0.1, 0.8), (0.2, 0.2), (0.3, 0.8), (0.5, 0.4))
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Save consent").click()
    expect(page.locator("#summary")).to_contain_text("Ask the patient to sign in the field")
    assert not Consent.objects.exists()


def test_without_scripts_the_name_is_typed(open_page: Any) -> None:
    page = open_page("add", query="?kind=photography", java_script_enabled=False)
    sign_on_the_screen(page)
    expect(page.locator("canvas")).to_be_hidden()
    page.get_by_label("Or type the full name").fill("Ida Invented")
    page.get_by_role("button", name="Save consent").click()
    expect(page.locator(".signature-typed")).to_contain_text("Ida Invented")


def test_other_kinds_fields_are_hidden(open_page: Any) -> None:
    """What belongs to another kind is hidden, and what was typed there comes back with the kind."""
    page = open_page("add", query="?kind=treatment")
    uses, product = (
        page.locator('section[aria-labelledby="s-uses"]'),
        page.locator('section[aria-labelledby="s-product"]'),
    )
    expect(uses).to_be_hidden()
    expect(product).to_be_visible()
    page.get_by_label("Product source that the form names").fill("plants")
    page.locator('[name="kind"][value="photography"]').check(force=True)
    expect(uses).to_be_visible()
    expect(product).to_be_hidden()
    page.locator('[name="kind"][value="treatment"]').check(force=True)
    expect(page.get_by_label("Product source that the form names")).to_have_value("plants")


def test_consent_pages_are_accessible(open_page: Any, cast: Cast, axe: Any) -> None:
    """Every page is accessible."""
    consent = factories.consent(cast.patient, "photography", signature=[[[10, 10], [200, 200]]])
    factories.consent(
        cast.patient, withdrawn_on=timezone.localdate(), withdrawn_by=cast.nurse, withdrawal_reason="said so"
    )
    for name, ids, query in (
        ("index", [], ""),
        ("add", [], "?kind=treatment"),
        ("add", [], "?kind=photography"),
        ("withdraw", [consent.pk], ""),
        ("correct", [consent.pk], ""),
    ):
        page = open_page(name, *ids, query=query, width=390)
        if name == "add":
            page.locator('[name="signed_how"][value="on_screen"]').check(force=True)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.context.close()


def test_scan_is_attached_despite_a_refusal(open_page: Any, watch: Any) -> None:
    """A scan is attached, and what was typed outlives a refusal."""
    watch.allow("status of 422")
    page = open_page("add", query="?kind=treatment")
    page.get_by_label("Form and version").fill("Treatment T-3")
    scan = page.get_by_label("Scan or photo of the signed page")
    expect(scan).to_be_hidden()
    page.locator('[name="signed_how"][value="paper_scan"]').check(force=True)
    scan.set_input_files({"name": "page.gif", "mimeType": "image/gif", "buffer": b"GIF89a"})
    page.get_by_role("button", name="Save consent").click()
    expect(page.locator(".errors")).to_contain_text("not a PDF, JPEG or PNG")
    expect(page.get_by_label("Form and version")).to_have_value("Treatment T-3")
    page.get_by_label("Scan or photo of the signed page").set_input_files(
        {"name": "page.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}
    )
    page.get_by_role("button", name="Save consent").click()
    expect(page.get_by_role("link", name="The signed page, PDF")).to_be_visible()
    assert bytes(Consent.objects.get().scan.data) == b"%PDF-1.7\n%%EOF\n"
