"""Every form of the project, refused: each error is tied to its field, each line of the summary leads somewhere that
can be seen, and the page's title says that nothing was saved (WCAG 2.2, 1.3.1, 2.4.2 and 3.3.1)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests import test_access
from tests.faults.create_forms import CREATE_FORMS, MOVES
from tests.html_tree import Element, read
from tests.people import Cast
from tests.urls import routes

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
ids = test_access.ids  # a row of every kind, as the test of the rights names them

NO_ANSWER = "\0"  # no text, date, figure or choice
CONTROLS = ("input", "select", "textarea")
# Asked by a script, and answered in words for it: there is no page to look at.
FOR_SCRIPTS = {"photos:upload", "records:keep", "records:draft", "sign-in-again", "photos:pair-save"}


def _addresses(cast: Cast, ids: dict[str, Any]) -> Iterator[str]:
    for route in routes():
        if route.name not in FOR_SCRIPTS | set(CREATE_FORMS) | set(MOVES):
            yield route.url(ids)
    for number, make in enumerate([*CREATE_FORMS.values(), *MOVES.values()]):
        yield make(cast, number).url


def _fields(page: Element) -> dict[str, Element] | None:
    """The fields of the page's form by their names; None where it has none that is posted here."""
    for form in page.all("form"):
        if form["method"] == "post" and ("data-record-form" in form or "data-export-form" in form):
            return {each["name"]: each for each in form.all(*CONTROLS) if each["name"]}
    return None


def _refusable(fields: dict[str, Element], answer: str) -> dict[str, str]:
    """What the page carries of its own, and the same answer to every question."""
    own = {name: field["value"] for name, field in fields.items() if field["type"] == "hidden"}
    asked = {name: answer for name, field in fields.items() if name not in own and field["type"] != "file"}
    return own | asked


@pytest.mark.parametrize("answer", ["", NO_ANSWER], ids=["nothing", "nonsense"])
def test_refusals_are_tied_to_their_fields(answer: str, cast: Cast, ids: dict[str, Any]) -> None:
    client = cast.client(cast.manager)
    refused, faults = 0, []
    for url in _addresses(cast, ids):
        shown = client.get(url)
        if shown.status_code != 200 or not shown["Content-Type"].startswith("text/html"):
            continue
        fields = _fields(read(shown.content.decode()))
        if fields is None:
            continue
        response = client.post(url, _refusable(fields, answer))
        if response.status_code in {409, 422}:
            refused += 1
            faults += [f"{url}: {fault}" for fault in _faults(read(response.content.decode()))]
    assert not faults, "\n".join(faults)
    assert refused > 25


def test_sign_in_says_what_is_wrong(client: Client) -> None:
    response = client.post("/sign-in/", {"username": "", "password": ""})

    assert list(_faults(read(response.content.decode()))) == []


def _faults(page: Element) -> Iterator[str]:
    title = page.all("title")[0].text
    if not title.startswith("Error: "):
        yield f"the title is {title!r}"
    yield from _untied(page)
    summary = page.by_id("summary")
    if summary is None:
        yield "no summary"
        return
    for link in summary.all("a"):
        if link["href"].startswith("#"):
            yield from _leads_nowhere(page, link)


def _untied(page: Element) -> Iterator[str]:
    described: dict[str, list[Element]] = {}
    for element in page.walk():
        for name in element["aria-describedby"].split():
            described.setdefault(name, []).append(element)
    for error in page.walk():
        is_error = error.classes & {"field-error", "invalid-feedback"} and error.text
        is_warning = error.tag == "p" and error.parent is not None and "field-warning" in error.parent.classes
        if not is_error and not (is_warning and error["id"]):
            continue
        told_by = described.get(error["id"], [])
        if not told_by:
            yield f"no field names the error {error.text!r}"
        elif is_error and not any(map(_is_marked, told_by)):
            yield f"no field is marked as wrong by {error.text!r}"


def _is_marked(element: Element) -> bool:
    controls = [element] if element.tag in CONTROLS else element.all(*CONTROLS)
    return any(each["aria-invalid"] == "true" for each in controls)


def _leads_nowhere(page: Element, link: Element) -> Iterator[str]:
    target = page.by_id(link["href"].removeprefix("#"))
    if target is None:
        yield f"{link['href']} is not there: {link.text!r}"
        return
    if target["type"] == "hidden" or not (target.tag in (*CONTROLS, "button") or "tabindex" in target):
        yield f"{link['href']} takes no focus"
    for around in target.around():
        if "hidden" in around or (around.tag == "details" and "open" not in around):
            yield f"{link['href']} is out of sight, within {around.tag} {around['class']!r}"
