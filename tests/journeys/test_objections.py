"""What the server objects to is brought into the open page, on every form that makes a record, where it belongs."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import sign_in
from tests.faults.create_forms import CREATE_FORMS
from tests.people import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Whatever is empty, and is no date or number field of the browser's own, takes a word that is none of the answers.
SPOIL = """form => {
  for (const control of form.elements) {
    if (control.name && !control.name.startsWith("_") && control.type === "text" && !control.value) control.value = "?";
  }
}"""
# Forms whose every field takes any word: they object to none at all.
TAKE_ANY_WORD = {
    "assessments:laboratory-test-add",
    "consents:text-version",
    "papers:aftercare-protocol",
    "evidence:case-report-add",
    "evidence:series-begin",
}
# Forms that show photos, of which the tests made rows and no files.
WITHOUT_FILES = {"evidence:case-report-figure-add"}
EMPTY = """form => {
  for (const control of form.elements) {
    const isFilledIn = control.name && !control.name.startsWith("_");
    if (isFilledIn && ["text", "textarea"].includes(control.type)) control.value = "";
  }
}"""
# Each objection with the last field that stands before it, in the order of the page.
OBJECTIONS = """root => {
  const form = root.querySelector("form[data-record-form]");
  const kinds = ".invalid-feedback, .field-error, .field-warning";
  const found = [];
  let before = "";
  for (const part of form.querySelectorAll(`${kinds}, [name]:not([type=hidden])`)) {
    if (part.matches(kinds)) {
      if (!part.parentElement.closest(kinds)) found.push([before, part.textContent.replace(/\\s+/g, " ").trim()]);
    } else if (!part.closest(kinds)) before = part.name;
  }
  return found;
}"""
PARSED = f"html => ({OBJECTIONS})(new DOMParser().parseFromString(html, 'text/html'))"
BROKEN_LINKS = """() => [...document.querySelectorAll("#summary a[href^='#']")]
  .filter(link => !document.getElementById(link.hash.slice(1))).map(link => link.hash)"""
HIDDEN = """() => [...document.querySelectorAll(".invalid-feedback, .field-error, .field-warning")]
  .filter(part => part.textContent.trim() && !part.offsetParent).map(part => part.textContent)"""


@pytest.mark.parametrize("name", CREATE_FORMS)
def test_objections_stay_where_they_belong(
    name: str, new_page: Callable[..., Page], live_server: Any, cast: Cast, watch: Any, axe: Any
) -> None:
    """Objections stay where the server put them."""
    watch.allow("status of 422")
    if name in WITHOUT_FILES:
        watch.allow("status of 404")
    page = new_page()
    sign_in(page.context, cast.manager, live_server.url)
    page.goto(CREATE_FORMS[name](cast, 1).url)
    page.evaluate(f"({EMPTY if name in TAKE_ANY_WORD else SPOIL})(document.querySelector('form[data-record-form]'))")

    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 422) as caught:
        page.locator("[data-save]").click()
    expect(page.locator("#summary")).to_be_visible()

    wanted = page.evaluate(PARSED, caught.value.text())
    assert wanted, "the form had nothing against it"
    assert page.evaluate(f"({OBJECTIONS})(document)") == wanted
    assert page.evaluate(BROKEN_LINKS) == []
    assert page.evaluate(HIDDEN) == []
    axe(page)


@pytest.mark.parametrize("name", CREATE_FORMS)
def test_objections_do_not_pile_up(
    name: str, new_page: Callable[..., Page], live_server: Any, cast: Cast, watch: Any
) -> None:
    watch.allow("status of 422")
    if name in WITHOUT_FILES:
        watch.allow("status of 404")
    page = new_page()
    sign_in(page.context, cast.manager, live_server.url)
    page.goto(CREATE_FORMS[name](cast, 1).url)
    page.evaluate(f"({EMPTY if name in TAKE_ANY_WORD else SPOIL})(document.querySelector('form[data-record-form]'))")
    counts = []

    for _ in range(2):
        with page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 422):
            page.locator("[data-save]").click()
        expect(page.locator("#summary")).to_be_focused()
        counts.append(len(page.evaluate(f"({OBJECTIONS})(document)")))

    assert counts[0] == counts[1] > 0
    assert page.locator("#summary").count() == 1
