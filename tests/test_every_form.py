"""What holds for the form of every page, also of a page that is made tomorrow."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.forms import BaseForm

from tests.people import Cast
from tests.test_access import ROUTES, ids

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
__all__ = ["ids"]
# The total of the volumes is added up by the page's script and sent as a check, never typed by a person.
NOT_DRAWN = {("LogForm", "total_ml"), ("CorrectionForm", "total_ml")}


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("name")
        if tag in {"input", "select", "textarea", "button"} and name:
            self.names.add(name)


def controls(html: str) -> set[str]:
    parser = _Controls()
    parser.feed(html)
    return parser.names


def forms_of(response: Any) -> list[BaseForm]:
    """Every form that a template of the page was given, each once."""
    found: dict[int, BaseForm] = {}
    for context in response.context or []:
        for layer in getattr(context, "dicts", [context]):
            found |= {id(value): value for value in layer.values() if isinstance(value, BaseForm)}
    return list(found.values())


def test_every_field_is_drawn(ids: dict[str, Any], cast: Cast) -> None:
    """A field that no template draws is sent as an empty answer, and a correction would blank what is stored."""
    client, missing, seen = cast.client(cast.manager), [], set()
    for route in ROUTES:
        response = client.get(route.url(ids)) if not route.is_open else None
        if response is None or response.status_code != 200 or "html" not in response["Content-Type"]:
            continue
        drawn = controls(response.content.decode())
        for form in forms_of(response):
            seen.add(type(form).__name__)
            missing += [
                f"{route.name}: {type(form).__name__}.{name}"
                for name in form.fields
                if not drawn_names(form, name) & drawn and (type(form).__name__, name) not in NOT_DRAWN
            ]

    assert missing == []
    assert {form for form, _ in NOT_DRAWN} < seen and len(seen) > 30


def drawn_names(form: BaseForm, name: str) -> set[str]:
    """Names that the field's control, or one of its controls, has."""
    name, widget = form.add_prefix(name), form.fields[name].widget
    parts = getattr(widget, "widgets_names", [])
    return {name, *(name + part for part in parts)}
