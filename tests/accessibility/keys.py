"""A page in Chromium by its keys: to a control by Tab, and where the focus is."""

import pytest
from playwright.sync_api import Page

MOST_TABS = 160
FOCUSED = "document.activeElement"


def tab_to(page: Page, selector: str, *, back: bool = False) -> None:
    """Go on, or back, until a control that the selector names has the focus."""
    for _ in range(MOST_TABS):
        if page.evaluate(f"(wanted) => {FOCUSED}.matches(wanted)", selector):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    pytest.fail(f"{selector} cannot be reached by Tab")


def has_focus(page: Page, selector: str) -> None:
    page.wait_for_function(f"(wanted) => {FOCUSED}.matches(wanted)", arg=selector)
