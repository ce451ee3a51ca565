"""Checks of one page, as test_every_page.py asks for them at every address: by keyboard, by name, in a window that zoom
has made small, and in forced colours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_CHECKS = Path(__file__).with_suffix(".js").read_text()
ZOOMED = {"width": 427, "height": 341}
"""What 1280 x 1024 px show at 300 %."""
NARROWEST = 320
"""CSS px: what 1280 px show at 400 % (WCAG 2.2, 1.4.10)."""


def ask(page: Page, check: str) -> list[str]:
    """The faults that one of the functions of page_checks.js finds."""
    found: list[str] = page.evaluate(f"{_CHECKS}.{check}()")
    return found


def names(page: Page) -> Iterator[str]:
    """Needs axe in the page."""
    yield from ask(page, "sameNames")


def too_wide(page: Page) -> Iterator[str]:
    """That the page scrolls sideways; or what is cut off at its edge where it does not."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        yield f"scrolls sideways by {over} px"
    else:
        yield from ask(page, "cutOff")


def zoomed(page: Page, axe: Any) -> Iterator[str]:
    size = page.viewport_size
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    try:
        # Colours do not follow the width, and are most of axe's work: the caller has looked at them.
        axe(page, except_rules=("color-contrast",))
    except AssertionError as found:
        yield f"at {NARROWEST} px: {found}"
    yield from (f"at {NARROWEST} px: {fault}" for fault in too_wide(page))
    page.set_viewport_size(ZOOMED)
    yield from ask(page, "covered")
    page.set_viewport_size(size or ZOOMED)


def forced_colours(page: Page) -> Iterator[str]:
    page.emulate_media(forced_colors="active", color_scheme="dark")
    page.keyboard.press("Tab")  # from here on focus is the keyboard's, and shows its ring
    yield from ask(page, "unmarked")
    yield from ask(page, "lostDrawings")
    page.emulate_media(forced_colors="none", color_scheme="light")
