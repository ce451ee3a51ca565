"""A page as Chromium prints it: its sheets with their words, read by poppler's pdftotext."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape

from playwright.sync_api import Page

from tests.missing_tools import skip_or_fail

POINTS_PER_MM = 72 / 25.4
SIDE_MARGIN = 14.5 * POINTS_PER_MM  # print.css says 15 mm
HEAD = 20 * POINTS_PER_MM
WORD = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>')
SHEET = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
# Whatever only makes sense on a screen.
ACTS = "button, .btn, .savebar, .masthead, .pager, input[type=submit], summary:not(details[open] > summary)"
SHOWN = """(acts) => [...document.querySelectorAll(acts)]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length)
  .map((one) => one.innerText || one.className)"""


@dataclass(frozen=True)
class Sheet:
    head: list[str]  # words at its top, where no part of the record stands
    cut: list[str]  # words that reach into a side margin or over the edge
    body: list[str]  # words between its head and its bottom margin


def printed(page: Page) -> list[Sheet]:
    """Print the page on A4 and read every sheet. A missing pdftotext skips the test, or fails it in CI."""
    program = shutil.which("pdftotext")
    if program is None:
        skip_or_fail("pdftotext", "apt install poppler-utils")
    pdf = page.pdf(prefer_css_page_size=True)
    read = subprocess.run([program, "-bbox", "-", "-"], input=pdf, capture_output=True, check=True)
    return [_sheet(float(width), float(height), text) for width, height, text in SHEET.findall(read.stdout.decode())]


def faults_on_paper(page: Page, head: str) -> list[str]:
    """What is wrong with the page on paper: sheets get separated, so on each stands its head and some of the record.

    `head` is a regular expression: what every sheet must begin with.
    """
    sheets = printed(page)
    found = [f"prints {act}" for act in acts_on_paper(page)]
    for number, sheet in enumerate(sheets, start=1):
        text = " ".join(sheet.head)
        if not re.match(head, text):
            found.append(f"sheet {number} of {len(sheets)} begins with {text[:120]!r}")
        if len(sheet.body) < 25:
            found.append(f"sheet {number} of {len(sheets)} is nearly blank: {' '.join(sheet.body)!r}")
        if sheet.cut:
            found.append(f"sheet {number} of {len(sheets)} is cut at {sheet.cut}")
    return found


def _sheet(width: float, height: float, text: str) -> Sheet:
    head, cut, body = [], [], []
    for x_min, y_min, x_max, y_max, word in WORD.findall(text):
        if float(x_min) < SIDE_MARGIN or float(x_max) > width - SIDE_MARGIN or float(y_max) > height:
            cut.append(unescape(word))
        # By their place: Chromium writes a float of the record between the two halves of the head.
        if float(y_min) <= HEAD:
            head.append(unescape(word))
        elif float(y_max) < height - 14 * POINTS_PER_MM:
            body.append(unescape(word))
    return Sheet(head, cut, body)


def acts_on_paper(page: Page) -> list[str]:
    """What a sheet would show of buttons, bars and menus."""
    page.emulate_media(media="print")
    found: list[str] = page.evaluate(SHOWN, ACTS)
    page.emulate_media(media="null")
    return found
