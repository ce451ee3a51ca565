"""Pages in a real Chromium, watched: whatever the browser complains about fails the test.

    def test_today(page, live_server, axe):
        page.goto("/")
        axe(page)

Every page starts at 1440 x 900 px with motion reduced; `new_page(width=390, touch=True)` makes
others. Nothing outside this machine can be reached, and to try is a fault. A fault that a test
means to provoke is announced before: `watch.allow("status of 409")`.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.missing_tools import skip_or_fail

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "test-results"
# The same engine without its windows first: a context costs it a fifth of the processor.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
HOME = {"127.0.0.1", "localhost"}
ARGUMENTS = [
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
PATIENCE_MS = 15_000
"""How long a page may take for what a test waits for; a busy machine is slow, not wrong."""
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]


class Watch:
    """Collects what goes wrong in every page of a test: console, exceptions, requests."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.allowed: list[str] = []

    def allow(self, *patterns: str) -> None:
        """Announce faults the test provokes; each pattern is a regular expression found in the fault's text."""
        self.allowed += patterns

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"exception: {error.error}"))
        context.on("requestfailed", self._failed)
        # Seen, and not intercepted: that would make every page load every file anew. ARGUMENTS let none of them out.
        context.on("request", self._asked)

    def unexpected(self) -> list[str]:
        return [fault for fault in self.faults if not any(re.search(pattern, fault) for pattern in self.allowed)]

    def _console(self, message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        # Where a style sheet is opened as if it were a page, the browser asks for an icon by itself.
        if message.type == "error" and not address.endswith("/favicon.ico"):
            self.faults.append(f"console: {message.text} ({address})")

    def _failed(self, request: Request) -> None:
        # Leaving a page, or a download, ends its requests with ERR_ABORTED: not a fault of the page.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"request failed: {request.method} {request.url}: {request.failure}")

    def _asked(self, request: Request) -> None:
        if not at_home(request.url):
            self.faults.append(f"request to the outside: {request.url}")


def at_home(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"data", "blob", "about"} or parts.hostname in HOME


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run; the one the system has, nothing is downloaded."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        skip_or_fail("Chromium", "apt install chromium-headless-shell")
    # Playwright keeps an event loop on this thread; Django would take every query for one made inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_MS)
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def new_page(chromium: Browser, live_server: Any, watch: Watch, request: pytest.FixtureRequest) -> Iterator[Callable]:
    """Make a page in a context of its own: `new_page(width=390, height=844, touch=True, java_script_enabled=False)`.

    Any further word is one of Playwright's `Browser.new_context`. If the test fails, a picture of
    each page is left in test-results/.
    """
    contexts: list[BrowserContext] = []

    def make(width: int = 1440, height: int = 900, touch: bool = False, **options: Any) -> Page:
        options.setdefault("timezone_id", settings.TIME_ZONE)
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            has_touch=touch,
            locale="en-GB",
            reduced_motion="reduce",
            service_workers="block",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    failed_before = request.session.testsfailed
    yield make
    unexpected = watch.unexpected()
    if unexpected or request.session.testsfailed > failed_before:
        keep_pictures(contexts, request.node.name)
    for context in contexts:
        context.close()
    if unexpected:
        pytest.fail("The browser complained:\n  " + "\n  ".join(unexpected), pytrace=False)


def keep_pictures(contexts: list[BrowserContext], name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    pages = [page for context in contexts for page in context.pages]
    for number, page in enumerate(pages, start=1):
        page.screenshot(path=RESULTS / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}-{number}.png", full_page=True)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


def sign_in(context: BrowserContext, user: Any, address: str) -> None:
    """Give the browser the cookie of a session of this person, as if they had typed their password.

    `address` is the live server's. Tests about signing in itself fill in the form instead.
    """
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


@pytest.fixture
def axe() -> Callable[..., None]:
    """Fail with a readable list if the page breaks a machine-checkable rule of WCAG 2.2 AA."""
    return check_accessibility


_BARS = "(how) => document.querySelectorAll('.savebar').forEach((bar) => { bar.style.position = how })"
"""A control that happens to lie half under the bar at the foot of the window can be scrolled from under it, and axe
would call it too small; whether the focus is covered there is asked by `page_checks.zoomed`."""


def check_accessibility(page: Page, *, within: str = "html", except_rules: tuple[str, ...] = ()) -> None:
    """`within` is a CSS selector; `except_rules` are axe's rule ids, and each wants a reason beside it."""
    # Not add_script_tag, which the pages' own content security policy rightly refuses.
    if not page.evaluate("'axe' in window"):
        page.evaluate((HERE / "vendor/axe.min.js").read_text())
    options = {
        "runOnly": {"type": "tag", "values": WCAG_2_2_AA},
        "rules": {rule: {"enabled": False} for rule in except_rules},
        "resultTypes": ["violations"],
    }
    page.evaluate(_BARS, "static")
    try:
        found = page.evaluate(f"axe.run({json.dumps(within)}, {json.dumps(options)})")
    finally:
        page.evaluate(_BARS, "")
    assert not found["violations"], f"{page.url}\n" + "\n".join(map(describe, found["violations"]))


def describe(violation: dict[str, Any]) -> str:
    lines = [f"- {violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in violation["nodes"][:5]:
        why = " ".join(node["failureSummary"].split())
        lines.append(f"    {' '.join(map(str, node['target']))}: {why}")
    if len(violation["nodes"]) > 5:
        lines.append(f"    and {len(violation['nodes']) - 5} more")
    return "\n".join(lines)
