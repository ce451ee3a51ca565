"""What journeys/test_every_page.py asks of every page is found where it is wrong: small pages with each kind of fault,
and without."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.accessibility import page_checks
from tests.browser import check_accessibility
from tests.paper import faults_on_paper
from tests.reach import unreachable

pytestmark = pytest.mark.browser
WORDS = "<p>" + "The crown was looked at and nothing is noted there. " * 12 + "</p>"
HEAD = "<thead><tr><th>Ida Invented · T-1</th></tr></thead>"
SHEETS = """<style>@page {{ size: A4; margin: 15mm }} body, p {{ margin: 0 }} section + section {{ break-before: page }}
  thead {{ display: table-header-group }}</style><body><table>{head}<tbody><tr><td>{body}</td></tr></tbody></table>"""


@pytest.fixture
def shown(chromium: Browser) -> Iterator[Callable[[str], Page]]:
    page = chromium.new_page(viewport={"width": 1280, "height": 720})

    def show(body: str) -> Page:
        page.set_content(f"<!doctype html><html lang=en><title>A page</title>{body}")
        return page

    yield show
    page.close()


def test_a_covered_control_is_found(shown: Any) -> None:
    bar = "<div style='position: fixed; inset: auto 0 0; height: 60px; background: grey'>Bar</div>"
    free = "<button>Save</button><a href='#'>Back</a>"
    assert unreachable(shown(f"{free}{bar}")) == []
    low = "<button style='position: absolute; bottom: 5px'>Save</button>"
    assert unreachable(shown(f"<body style='margin: 0; height: 100vh'>{low}{bar}")) == [
        'button "Save" lies under div "Bar"'
    ]
    fold = f"<details><summary>More</summary>{low}</details>"
    assert unreachable(shown(f"<body style='margin: 0; height: 100vh'>{fold}{bar}")) == [
        'button "Save" lies under div "Bar"'
    ]


def test_bad_sheets_of_paper_are_found(shown: Any) -> None:
    head = re.escape("Ida Invented · T-1")
    two = f"<section>{WORDS}</section><section>{WORDS}</section>"
    assert faults_on_paper(shown(SHEETS.format(head=HEAD, body=two)), head) == []
    once = SHEETS.format(head="", body=two.replace("<p>", "<p>Ida Invented · T-1 ", 1))
    (found,) = faults_on_paper(shown(once), head)
    assert found.startswith("sheet 2 of 2 begins with 'The crown was looked at")
    bad = f"<section>{WORDS}<button>Save</button></section><section style='margin-left: -3mm'>Out</section>"
    found = faults_on_paper(shown(SHEETS.format(head=HEAD, body=bad)), head)
    assert found[0] == "prints Save"
    assert found[1].startswith("sheet 2 of 2 is nearly blank: ")
    assert found[2].startswith("sheet 2 of 2 is cut at ")


def test_what_forced_colours_lose_is_found(shown: Any) -> None:
    choice = "<label><input type=radio name=a style='opacity: 0; position: absolute'><span>Yes</span></label>"
    ringed = "<style>:focus, label:focus-within { outline: 2px solid }"
    told = "label:has(:checked) { border: 3px solid }</style>"
    drawing = "<main><svg width=9 height=9><path d='M0 0h9v9' fill='{}' /></svg></main>"
    good = f"{ringed}{told}<button>Save</button>{choice}{drawing.format('CanvasText')}"
    assert list(page_checks.forced_colours(shown(good))) == []
    bad = f"<style>* {{ outline: none !important }}</style><button>Save</button>{choice}"
    bad += "<style>html, body { background: Canvas }</style>" + drawing.format("Canvas")
    found = "\n".join(page_checks.forced_colours(shown(bad)))
    assert re.search("button “Save”.* has no ring", found)
    assert re.search("label “Yes”.* looks the same chosen and not", found)
    assert "cannot be seen" in found


def test_names_and_small_windows_are_checked(shown: Any) -> None:
    links = "<main><h1>Page</h1><a href='/one'>Open</a> <a href='/two'>{}</a></main>"
    page = shown(links.format("Open two"))
    assert list(page_checks.zoomed(page, check_accessibility)) == []
    assert list(page_checks.names(page)) == []
    page = shown(links.format("Open") + "<p style='width: 400px'>Wide</p>")
    bar = "<div style='position: fixed; inset: 0; background: white'>Bar</div>"
    check_accessibility(page)
    assert list(page_checks.names(page)) == ["2 places are called A Open"]
    page.evaluate("(bar) => document.body.insertAdjacentHTML('beforeend', bar)", bar)
    found = "\n".join(page_checks.zoomed(page, check_accessibility))
    assert "at 320 px: scrolls sideways" in found
    assert "a “Open” is covered when it is focused" in found


def test_what_main_clips_is_found(shown: Any) -> None:
    """A page whose `main` clips does not scroll sideways: what it cuts off is lost, what scrolls by itself is not."""
    wide = "<p style='width: 2000px; text-align: right'>The last column</p>"
    clips = "<main style='overflow-x: clip'>{}</main>"
    scrolls = f"<div style='overflow-x: auto' tabindex=0>{wide}</div>"
    assert list(page_checks.too_wide(shown(clips.format(scrolls)))) == []
    assert list(page_checks.too_wide(shown(clips.format(wide)))) == ["p “The last column” is cut off"]
    bar = "<span style='display: inline-block; width: 2000px; height: 9px'></span>"
    assert list(page_checks.too_wide(shown(clips.format(bar)))) == ["span “” is cut off"]
