"""What another web site in the same browser can do with a person's session: nothing, at any address."""

from typing import Any

import pytest
from django.test import Client

from tests.people import Cast
from tests.test_access import ids  # noqa: F401 -- one row of every kind, to open every address with
from tests.urls import FOR_MACHINES, routes

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def test_no_form_of_another_site_is_taken(cast: Cast, ids: dict[str, Any]) -> None:  # noqa: F811
    """Every address refuses what is sent without the token of our own pages, signed in or not."""
    signed_in, anybody = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    signed_in.force_login(cast.manager)
    taken = [
        f"{route} {answer.status_code}"
        for route in routes()
        for client in (signed_in, anybody)
        if (answer := client.post(route.url(ids), HTTP_ORIGIN="https://evil.example")).status_code not in {403, 405}
    ]

    assert taken == []


def test_no_site_may_read_or_frame_a_page(cast: Cast, ids: dict[str, Any]) -> None:  # noqa: F811
    """Every answer forbids frames and other origins, whoever asks; none lets another site read it."""
    client = cast.client(cast.manager)
    for route in routes():
        answer = client.get(route.url(ids), HTTP_ORIGIN="https://evil.example")
        told = answer.headers
        if route.name in FOR_MACHINES:
            continue  # answered before everything else, and has nothing of a patient
        assert told["X-Frame-Options"] == "DENY", route
        assert "default-src 'none'" in told["Content-Security-Policy"], route
        assert told["Cross-Origin-Resource-Policy"] == "same-origin", route
        assert not [name for name in told if name.lower().startswith("access-control-")], route
