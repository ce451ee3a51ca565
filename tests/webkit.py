"""Pages in a real WebKitGTK, the engine nearest to an iPad's Safari that Debian has.

    def test_today(webkit, cast):
        webkit.sign_in(cast.nurse)
        webkit.go("/")
        webkit.click("text of a button or link")

One browser for each test, on one display for each worker. Only what has come to rest is clicked, as a hand would, and
Enter is a key. Motion is not reduced: WebKitGTK has no switch for that.
"""

import io
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.missing_tools import skip_or_fail

PROGRAMS = {"WebKitWebDriver": "webkit2gtk-driver", "Xvfb": "xvfb"}
"""What must be on this machine, and the Debian package that brings it."""
RESULTS = Path(__file__).resolve().parent.parent / "test-results"
SECONDS = 15
# Its own sandbox asks for rights that a container does not give; nothing but our own pages is opened.
VARIABLES = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
VISIBLE = """
  const [selector, text] = arguments;
  const spelled = (node) => (node.textContent || node.value || "").replace(/\\s+/g, " ").trim();
  return [...document.querySelectorAll(selector)].find(
    (node) => node.checkVisibility() && (text === null || spelled(node) === text)
  ) ?? null;
"""
IN_REACH = """
  const [node] = arguments;
  const { x, y, width, height } = node.getBoundingClientRect();
  const under = document.elementFromPoint(x + width / 2, y + height / 2);
  if (!under || !(node.contains(under) || under.contains(node))) {
    node.scrollIntoView({ block: "center", behavior: "instant" });
  }
"""
BOX = "const b = arguments[0].getBoundingClientRect(); return [b.x, b.y, b.width, b.height];"


def what_is_missing() -> str | None:
    """The Debian packages that must be installed first, or nothing."""
    packages = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    return " ".join(packages) or None


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """An X server of this worker's own, large enough for every window of the tests."""
    packages = what_is_missing()
    if packages:
        skip_or_fail("WebKitGTK", f"apt install {packages}")
    told, tell = os.pipe()
    command = ["Xvfb", "-displayfd", str(tell), "-screen", "0", "1600x1300x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[tell], stderr=subprocess.DEVNULL)
    os.close(tell)
    # Open until the end: the server writes to it more than once, and ends when nobody reads.
    with os.fdopen(told) as output:
        yield f":{output.readline().strip()}"
        server.terminate()
        server.wait()


@pytest.fixture
def webkit(display: str, live_server: Any, request: pytest.FixtureRequest) -> Iterator["WebKit"]:
    service = Service(shutil.which("WebKitWebDriver"), env={**os.environ, **VARIABLES, "DISPLAY": display})
    options = Options()
    options.unhandled_prompt_behavior = "accept"  # leaving a page that asks whether to leave
    failed_before = request.session.testsfailed
    browser = WebKit(webdriver.WebKitGTK(options=options, service=service), live_server.url)
    try:
        yield browser
        if request.session.testsfailed > failed_before:
            browser.keep_picture(request.node.name)
    finally:
        browser.driver.quit()


class WebKit:
    """What a person does with a page, each act as the browser gets it from mouse and keyboard."""

    def __init__(self, driver: webdriver.WebKitGTK, home: str) -> None:
        self.driver, self.home = driver, home
        driver.set_script_timeout(SECONDS)
        self.resize(1280, 900)

    def resize(self, width: int, height: int) -> None:
        """The size of the page in px, without the browser's own bars."""
        self.driver.set_window_size(width, height)
        bars = height - self.script("return innerHeight")
        self.driver.set_window_size(width, height + bars)

    def sign_in(self, person: Any) -> None:
        """As `tests.browser.sign_in`: the cookie of a session of this person."""
        client = Client()
        client.force_login(person)
        self.driver.get(f"{self.home}/static/img/favicon.svg")  # a cookie is taken from its own site only
        name = settings.SESSION_COOKIE_NAME
        self.driver.add_cookie({"name": name, "value": client.cookies[name].value, "path": "/"})

    def go(self, path: str) -> None:
        self.driver.get(self.home + path)

    def script(self, code: str, *arguments: Any) -> Any:
        return self.driver.execute_script(code, *arguments)

    def until(self, true: Callable[[], Any], what: str = "") -> Any:
        """Wait until it is so; what is not so in time fails with its own name."""
        begun = time.monotonic()
        while not (came := true()):
            assert time.monotonic() - begun < SECONDS, f"{what or 'did not come true'}: {self.driver.current_url}"
            time.sleep(0.05)
        return came

    def find(self, selector: str, text: str | None = None) -> WebElement:
        """The first that is visible and, if asked for, says exactly this."""
        said = f"{selector} {text or ''}".strip()
        return self.until(lambda: self.script(VISIBLE, selector, text), f"not on the page: {said}")

    def says(self, words: str, selector: str = "body") -> None:
        """Wait until the words stand on the page."""
        self.until(lambda: words in self.text(selector), f"the page never says {words!r}")

    def text(self, selector: str = "body") -> str:
        told = self.script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)
        return re.sub(r"\s+", " ", told)

    def value(self, selector: str) -> str:
        return self.script("return document.querySelector(arguments[0]).value", selector)

    def rest(self, element: WebElement) -> tuple[float, float, float, float]:
        """x, y, width and height in px once two looks at it give the same."""
        self.script(IN_REACH, element)
        before = None

        def still() -> bool:
            nonlocal before
            last, before = before, self.script(BOX, element)
            return last == before

        self.until(still, "never comes to rest")
        return tuple(before)

    def click(self, selector: str, text: str | None = None) -> None:
        x, y, width, height = self.rest(self.find(selector, text))
        self.click_at(x + width / 2, y + height / 2)

    def click_at(self, x: float, y: float, times: int = 1) -> None:
        """Press the mouse at a spot of the window, in px."""
        acts = self.pointer(x, y)
        for _ in range(times):
            acts.w3c_actions.pointer_action.pointer_down().pointer_up()
        acts.perform()

    def pointer(self, x: float, y: float) -> ActionChains:
        acts = ActionChains(self.driver, duration=0)
        acts.w3c_actions.pointer_action.move_to_location(round(x), round(y))
        return acts

    def press(self, *keys: str) -> None:
        """Keys one after the other on whatever has the focus; `Keys.ENTER` is the key, not a line feed."""
        for key in keys:
            ActionChains(self.driver, duration=0).send_keys(key).perform()

    def type(self, words: str) -> None:
        ActionChains(self.driver, duration=0).send_keys(words).perform()

    def focused(self, selector: str) -> bool:
        return self.script("return document.activeElement?.matches(arguments[0]) ?? false", selector)

    def tab_to(self, selector: str, most: int = 150, back: bool = False) -> None:
        """Walk there with Tab alone, as somebody without a mouse must."""
        self.find(selector)
        for _ in range(most):
            if self.focused(selector):
                return
            acts = ActionChains(self.driver, duration=0)
            if back:
                acts.key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
            else:
                acts.send_keys(Keys.TAB).perform()
        raise AssertionError(f"Tab never reaches {selector}")

    def choose_files(self, selector: str, *files: Path) -> None:
        """Hand files to a control, also to one that only its label shows."""
        field = self.until(lambda: self.script("return document.querySelector(arguments[0])", selector))
        field.send_keys("\n".join(map(str, files)))

    def picture(self) -> Image.Image:
        """What is in the window once it is painted: two frames after the last change, and the same at two looks."""
        self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
        before = b""

        def same() -> bool:
            nonlocal before
            last, before = before, self.driver.get_screenshot_as_png()
            return last == before

        self.until(same, "the page is never painted to the end")
        return Image.open(io.BytesIO(before)).convert("RGB")

    def keep_picture(self, name: str) -> None:
        RESULTS.mkdir(exist_ok=True)
        self.driver.save_screenshot(str(RESULTS / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}-webkit.png"))
