"""What a browser would post: the fields of a record form as the page shows them, and then what a person changes."""

from html.parser import HTMLParser
from typing import Any

Fields = dict[str, list[str]]


class _Form(HTMLParser):
    """Collects the controls of the first form[data-record-form] of a page, and those that name it by its id."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: Fields = {}
        self.found = False
        self._inside = False
        self._textarea: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = "data-record-form" in told and not self.found
            self.found = self.found or self._inside
        if not self._inside:
            return
        name = told.get("name", "")
        if tag == "textarea":
            self._textarea = name
            self.fields.setdefault(name, []).append("")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in told:
            self.fields.setdefault(self._select, []).append(told.get("value", ""))
        elif tag == "input" and name and self._is_sent(told):
            self.fields.setdefault(name, []).append(told.get("value", self._blank(told)))

    @staticmethod
    def _is_sent(told: dict[str, str]) -> bool:
        kind = told.get("type", "text")
        if kind in {"checkbox", "radio"}:
            return "checked" in told
        return kind not in {"submit", "button", "file"} and "disabled" not in told

    @staticmethod
    def _blank(told: dict[str, str]) -> str:
        return "on" if told.get("type") in {"checkbox", "radio"} else ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            self.fields[self._textarea][-1] = self.fields[self._textarea][-1].removeprefix("\n")
            self._textarea = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._inside = False


def fields_of(html: str) -> Fields | None:
    """{name: [values]} of the page's record form; None where there is none."""
    parser = _Form()
    parser.feed(html)
    return parser.fields if parser.found else None


def reasons_asked_for(html: str, reason: str) -> dict[str, str]:
    """{name of the input: the reason} for each warning that the page shows."""
    shown = fields_of(html) or {}
    names = [name for name in shown if name.startswith("pass-") and name.replace("pass-", "_sentence-", 1) in shown]
    return dict.fromkeys(names, reason)


def filled(html: str, **changes: Any) -> Fields:
    """The page's form with these fields changed; a list gives several values, None leaves the field out."""
    fields = fields_of(html)
    assert fields is not None, "this page has no record form"
    for name, value in changes.items():
        fields[name] = [] if value is None else [str(v) for v in value] if isinstance(value, list) else [str(value)]
    return {name: values for name, values in fields.items() if values}
