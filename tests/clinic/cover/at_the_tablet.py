"""A tablet that several people have signed in to, as the tests of its cover use it."""

from typing import Any

from django.test import Client

from clinic.staff.models import User
from tests import factories

PIN, OTHER_PIN = "482915", "630718"


def sign_in_fully(client: Client, person: User) -> None:
    """By password in this browser, which remembers it. A second factor is asked of nobody in their first week."""
    assert client.post("/sign-in/", {"username": person.email, "password": factories.PASSWORD}).status_code == 302


def choose_pin(client: Client, pin: str = PIN) -> Any:
    return client.post("/pin/", {"pin": pin, "pin_again": pin})


def tablet(*people: tuple[User, str]) -> Client:
    """A browser in which these people have chosen their PINs; the last of them is signed in."""
    client = Client()
    for person, pin in people:
        sign_in_fully(client, person)
        assert choose_pin(client, pin).status_code == 302
    return client


def uncover(client: Client, person: User, pin: str, **more: Any) -> Any:
    return client.post("/cover/uncover/", {"person": person.pk, "pin": pin, **more})
