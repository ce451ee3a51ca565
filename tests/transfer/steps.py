"""The steps of an import, sent by a client as a browser sends them."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client


class _Form(HTMLParser):
    """What the fields of a page's last form with a button hold."""

    def __init__(self, but: str) -> None:
        super().__init__()
        self.but, self.values, self.all = but, {}, []
        self._select = ""
        self._is_in = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self._is_in = (told.get("class") or "").startswith("import-form")
        if not self._is_in:
            return
        name = told.get("name") or ""
        if tag == "input" and name:
            kind = told.get("type")
            if kind not in {"checkbox", "radio"} or "checked" in told:
                self.values[name] = told.get("value") or ("on" if kind == "checkbox" else "")
        elif tag == "select":
            self._select = name
            self.values[name] = ""
        elif tag == "option" and self._select and "selected" in told:
            self.values[self._select] = told.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def fields(response: Any) -> dict[str, str]:
    """What the form of the page would send if nothing was changed."""
    parser = _Form("")
    parser.feed(response.content.decode())
    return {name: value for name, value in parser.values.items() if name != "csrfmiddlewaretoken"}


def send(client: Client, data: bytes, name: str = "patients.xlsx") -> Any:
    file = SimpleUploadedFile(name, data)
    return client.post("/imports/", {"file": file, "_sentinel": "1"}, follow=True)


def go_on(client: Client, page: Any, **changed: str) -> Any:
    """Send the form of the page, with what is changed in it; the page that comes back."""
    return client.post(page.request["PATH_INFO"], {**fields(page), **changed}, follow=True)


def to_preview(
    client: Client, data: bytes, *, name: str = "patients.xlsx", answers: Mapping[str, str] | None = None
) -> Any:
    """Send a file and accept what is guessed, up to its preview; `answers` are by the beginning of a question's key."""
    page = send(client, data, name)
    for _ in range(6):
        if "/preview/" in page.request["PATH_INFO"]:
            return page
        page = go_on(client, page, **_answered(page, answers or {}))
    raise AssertionError((page.request["PATH_INFO"], page.context["form"].errors.as_text()))


def _answered(page: Any, answers: Mapping[str, str]) -> dict[str, str]:
    form = page.context["form"]
    told = {name: answers[name] for name in form.fields if name in answers}
    for place, question in enumerate(getattr(form, "questions", [])):
        told |= {f"q-{place}": answer for key, answer in answers.items() if question.key.startswith(key)}
    return told


def import_all(client: Client, preview: Any, **more: str) -> Any:
    told = {"reason": "Copied from the paper records", "without_refused": "on", **more}
    return client.post(preview.request["PATH_INFO"], {**fields(preview), **told}, follow=True)
