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
WORD = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>')
SHEET = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
# Whatever only makes sense on a screen.
ACTS = "button, .btn, .savebar, .masthead, .pager, input[type=submit], summary:not(details[open] > summary)"
SHOWN = """(acts) => [...document.querySelectorAll(acts)]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length)
  .map((one) => one.innerText || one.className)"""


@dataclass(frozen=True)
class Sheet:
    words: list[str]
    cut: list[str]  # words that reach into a side margin or over the edge
    body: list[str]  # words between the head of the sheet and its bottom margin


def printed(page: Page) -> list[Sheet]:
    """Print the page on A4 and read every sheet. A missing pdftotext skips the test, or fails it in CI."""
    program = shutil.which("pdftotext")
    if program is None:
        skip_or_fail("pdftotext", "apt install poppler-utils")
    pdf = page.pdf(prefer_css_page_size=True)
    read = subprocess.run([program, "-bbox", "-", "-"], input=pdf, capture_output=True, check=True)
    return [_sheet(float(width), float(height), text) for width, height, text in SHEET.findall(read.stdout.decode())]


def _sheet(width: float, height: float, text: str) -> Sheet:
    words, cut, body = [], [], []
    for x_min, y_min, x_max, y_max, word in WORD.findall(text):
        words.append(unescape(word))
        if float(x_min) < SIDE_MARGIN or float(x_max) > width - SIDE_MARGIN or float(y_max) > height:
            cut.append(unescape(word))
        if float(y_min) > 20 * POINTS_PER_MM and float(y_max) < height - 14 * POINTS_PER_MM:
            body.append(unescape(word))
    return Sheet(words, cut, body)


def acts_on_paper(page: Page) -> list[str]:
    """What a sheet would show of buttons, bars and menus."""
    page.emulate_media(media="print")
    found: list[str] = page.evaluate(SHOWN, ACTS)
    page.emulate_media(media="null")
    return found
