"""Ids, page numbers and numbers in forms as nobody sends them who uses a page: an answer, and never a fault of ours."""

from typing import Any, Final

import pytest
from django.urls import Resolver404, resolve

from tests.people import Cast
from tests.rows import one_of_each
from tests.test_every_form import controls
from tests.urls import NOBODY, no_log, routes

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
HUGE: Final = "9" * 5000
NUMBERS: Final = ("0", "-1", str(2**63), HUGE)
PAGES: Final = ("0", "-1", "999999999", "abc", "", "1.5", HUGE, "\x00")
ROUTES: Final = [route for route in routes() if not route.is_open]


def spellings(address: str) -> list[str]:
    """The same row's id as other programs write it."""
    text = str(NOBODY)
    return [
        address.replace(text, each) for each in (text.upper(), f"{{{text}}}", text.replace("-", ""), "0", "-1", HUGE)
    ]


def test_an_id_has_one_spelling(cast: Cast) -> None:
    """Any other is an address that there is not; a number that no row can have is not there."""
    client = cast.client(cast.manager)
    ids = dict.fromkeys((name for route in ROUTES for name in route.parameters), NOBODY)
    found = []
    for route in (each for each in ROUTES if each.parameters and "membership_id" not in each.parameters):
        address = route.url(ids | {"size": 400, "secret": "none", "token": "none", "number": 1})
        found += [each for each in spellings(address) if each != address and is_there(each)]
    numbered = [route for route in ROUTES if "membership_id" in route.parameters]
    with no_log():
        for route in numbered:
            pattern = "/" + route.pattern.replace("<int:membership_id>", "{}")
            method = "get" if "GET" in route.methods else "post"
            found += [p for p in NUMBERS if getattr(client, method)(pattern.format(p)).status_code != 404]

    assert found == []
    assert numbered


def is_there(address: str) -> bool:
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


def test_odd_pages_and_orders_are_answered(cast: Cast) -> None:
    """With the first page or the last, in the one order that there is."""
    client = cast.client(cast.manager)
    ids = one_of_each(cast.patient, by=cast.manager)
    faults = []
    with no_log():
        for name in ("patients:index", "recall:index", "safety:index", "timeline:patient", "recall:lot", "audit-trail"):
            route = next(each for each in ROUTES if each.name == name)
            asked: list[dict[str, Any]] = [{"page": odd, "after": odd} for odd in PAGES]
            asked += [{"sort": odd} for odd in ("name;drop", "password", "patient__user__password")]
            for query in asked:
                status = client.get(route.url(ids), query).status_code
                if status not in {200, 422}:
                    faults.append(f"{name} {str(query)[:40]}: {status}")

    assert faults == []


def test_no_number_is_too_long(cast: Cast) -> None:
    """Five thousand digits in every field of every form are refused in a sentence."""
    client = cast.client(cast.manager)
    client.raise_request_exception = False
    ids = one_of_each(cast.patient, by=cast.manager)
    faults, sent = [], 0
    with no_log():
        for route in (each for each in ROUTES if {"GET", "POST"} <= each.methods):
            shown = client.get(route.url(ids))
            if shown.status_code != 200:
                continue
            told = dict.fromkeys(controls(shown.content.decode()) | {"version", "checkpoints"}, HUGE)
            status = client.post(route.url(ids), told | {"_as": "", "_sentinel": "1"}).status_code
            sent += 1
            if status >= 500:
                faults.append(f"{route}: {status}")

    assert faults == []
    assert sent > 40
