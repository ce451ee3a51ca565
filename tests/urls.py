"""The URL table as tests walk it: every route, what it asks for, and an address of it that leads to a real row."""

import inspect
import logging
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from clinic.staff.access import Can

# Answered before session, host name and everything else, with nothing of a patient.
FOR_MACHINES = {"health", "health-live", "health-ready", "metrics"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


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

    @property
    def methods(self) -> frozenset[str]:
        """What its view says that it takes, by Django's require_http_methods; everything where it says nothing."""
        view = self.view
        while view is not None:
            told = inspect.getclosurevars(view).nonlocals.get("request_method_list")
            if told is not None:
                return frozenset(told)
            view = getattr(view, "__wrapped__", None)
        return frozenset(METHODS)

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


@contextmanager
def no_log() -> Iterator[None]:
    """Thousands of refusals are no news, and to write each down costs more than to answer it."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
