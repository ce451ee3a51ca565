"""Photos and comparing by keyboard alone: sent, given their right day, looked at, laid over each other and saved.

The one thing that no key does here is the choice in the system's own window of files.
"""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.accessibility.keys import has_focus, tab_to
from tests.browser import sign_in
from tests.people import Cast
from tests.photos.compare.test_page import photographed  # noqa: F401 -- the fixture of a pair with its files
from tests.photos.corpus import encoded, scene
from treatments.models import Draft, Photo, PhotoPair

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.any_database]


def test_a_photo_is_sent_and_corrected(
    new_page: Callable[..., Page], live_server: Any, cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    factories.consent(cast.patient, kind="photography", purposes=["record"])
    page = new_page(width=1280, height=720)
    # Before anything is pressed: a browser that was just started may otherwise open a window of its own.
    page.on("filechooser", lambda _: None)
    sign_in(page.context, cast.nurse, live_server.url)
    page.goto(f"/patients/{cast.patient.pk}/photos/")

    tab_to(page, "[data-choose]")
    with page.expect_file_chooser() as window:
        page.keyboard.press("Enter")
    picture = encoded(scene(1, 1600, 1200), "JPEG", quality=80)
    window.value.set_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": picture})
    expect(page.locator(".queue-row")).to_have_count(1)
    tab_to(page, "[name=when]")
    page.keyboard.type("3 May 2025")
    tab_to(page, ".queue-row select")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("View of IMG_1.jpg")).to_have_value("vertex")
    page.keyboard.press("Shift+Tab")
    tab_to(page, "[data-send]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-send-state]")).to_contain_text("1 of 1 sent")
    sent = Photo.objects.get()
    assert (sent.view, sent.taken_on, sent.dated_by) == ("vertex", datetime.date(2025, 5, 3), "given")

    tab_to(page, ".contact .cell-pic")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{sent.get_absolute_url()}")
    tab_to(page, 'a[href$="/correct/"]')
    page.keyboard.press("Space")  # scrolls, as everywhere, and leads nowhere
    page.keyboard.press("Enter")
    page.wait_for_url("**/correct/")
    tab_to(page, "[name=when]")
    page.keyboard.press("Control+a")
    page.keyboard.type("June 2025")
    tab_to(page, "[name=correction_reason]")
    page.keyboard.type("She says it was June")
    tab_to(page, "[data-save]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{sent.get_absolute_url()}")
    has_focus(page, ".messages, main h1")
    assert Photo.objects.get(pk=sent.pk).when.text == "2025-06"


def test_a_pair_is_looked_at_and_aligned(page: Page, live_server: Any, photographed: Cast) -> None:  # noqa: F811
    """Every way of looking, zoom and place by keys and by buttons; points are marked, saved, and stay."""
    sign_in(page.context, photographed.clinician, live_server.url)
    page.goto(f"/patients/{photographed.patient.pk}/photos/compare/")
    page.wait_for_selector("[data-compare].is-live")

    tab_to(page, "input[name=mode]")
    for mode in ("slider", "blink", "overlay"):
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-compare]")).to_have_attribute("data-mode", mode)
        tab_to(page, f"[data-for-mode={mode}] :is(input, button)")
        if mode == "blink":
            page.keyboard.press("Space")
            expect(page.locator("[data-blink-name]")).to_have_text("Month 0")
        else:
            page.keyboard.press("ArrowLeft")
            assert float(page.locator(f"[data-for-mode={mode}] input").input_value()) < 50
        tab_to(page, "input[name=mode]", back=True)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")

    tab_to(page, "[data-pair]")
    for key in "+++-":
        page.keyboard.press(key)
    expect(page.locator("[data-zoom-out]")).to_have_text("1.6×")
    moves(page, "ArrowRight")
    tab_to(page, "[data-zoom-by='1.25']")
    page.keyboard.press("Enter")
    expect(page.locator("[data-zoom-out]")).to_have_text("2.0×")
    tab_to(page, "[data-move=down]")
    moves(page, "Space")
    tab_to(page, "[data-zoom-fit]", back=True)
    page.keyboard.press("Enter")
    expect(page.locator("[data-zoom-out]")).to_have_text("1.0×")

    tab_to(page, "[data-open-align]")
    page.keyboard.press("Enter")
    for steps in ((), ("ArrowLeft",) * 20, ("ArrowDown",) * 20):
        for side in ("earlier", "later"):
            has_focus(page, f"[data-side={side}] [data-frame]")
            for key in (*steps, "Enter"):
                page.keyboard.press(key)
    tab_to(page, "[data-save]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The alignment is saved with your name")
    has_focus(page, "[data-pair]")  # the work goes on at the photographs
    expect(page.locator("[data-tag]")).to_have_text("Aligned on 3 points; 0 px off")
    saved = PhotoPair.objects.get()
    assert saved.aligned_by == photographed.clinician
    assert len(saved.landmarks) == 3
    assert not Draft.objects.exists()
    page.reload()
    page.wait_for_selector("[data-compare].is-live")
    expect(page.locator("[data-tag]")).to_have_text("Aligned on 3 points; 0 px off")


def moves(page: Page, key: str) -> None:
    """The key moves the photographs."""
    place = "getComputedStyle(document.querySelector('[data-frame] > img')).transform"
    before = page.evaluate(place)
    page.keyboard.press(key)
    page.wait_for_function(f"(before) => {place} !== before", arg=before)
