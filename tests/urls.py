"""The URL table as tests walk it: every route, what it asks for, and an address of it that leads to a real row."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from clinic.staff.access import Can


@dataclass(frozen=True)
class Route:
    name: str
    pattern: str
    parameters: tuple[str, ...]
    view: Any

    @property
    def requires(self) -> Can | None:
        return getattr(self.view, "requires", None)

    @property
    def is_open(self) -> bool:
        return bool(getattr(self.view, "is_open", False))

    def url(self, ids: dict[str, Any]) -> str:
        return reverse(self.name, kwargs={name: ids[name] for name in self.parameters})

    def __str__(self) -> str:
        return self.name


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[Route]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, path, inner)
        elif isinstance(entry, URLPattern):
            parameters = tuple(re.findall(r"<(?:\w+:)?(\w+)>", path))
            yield Route(f"{namespace}{entry.name}", path, parameters, entry.callback)


NOBODY = uuid.UUID("01900000-0000-7000-8000-000000000000")
