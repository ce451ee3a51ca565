"""A person's own page: password, and the devices where they are signed in."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone
from time_machine import travel

from clinic.audit.models import AuditEvent
from clinic.sign_in.factors.adapters import ADDRESS_NOT_KNOWN
from clinic.sign_in.models import DevicePin
from clinic.sign_in.own_page.devices import words_for
from clinic.sign_in.sessions import end_sessions
from clinic.staff.models import User
from tests import factories
from tests.people import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

IPAD = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
NEW = "five words that nobody guesses"


def signed_in(user: User, agent: str = WINDOWS) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post("/sign-in/", {"username": user.email, "password": factories.PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/own-page/").status_code == 200


def change(client: Client, old: str = factories.PASSWORD, new: str = NEW, again: str = NEW) -> Any:
    return client.post("/own-page/password/", {"old_password": old, "new_password1": new, "new_password2": again})


def test_new_password_ends_all_others(cast: Cast) -> None:
    here, there = signed_in(cast.nurse), signed_in(cast.nurse)
    DevicePin.objects.create(user=cast.nurse, device="there", pin_hash="x", signed_in_at=timezone.now())

    answer = change(here)

    assert answer["Location"] == "/own-page/" and is_in(here) and not is_in(there)
    assert not DevicePin.objects.exists()
    assert here.get("/own-page/").content.decode().count(">this device<") == 1
    assert AuditEvent.objects.get(action="changed_password").actor == cast.nurse
    old = Client().post("/sign-in/", {"username": cast.nurse.email, "password": factories.PASSWORD})
    new = Client().post("/sign-in/", {"username": cast.nurse.email, "password": NEW})
    assert (old.status_code, new.status_code) == (422, 302)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"old": "wrong"}, "That is not your password now."),
        ({"new": "short", "again": "short"}, "too short"),
        ({"again": "something else entirely"}, "are not the same"),
        ({"new": "", "again": ""}, "Type the new password."),
    ],
)
def test_password_that_is_refused(cast: Cast, told: dict[str, str], sentence: str) -> None:
    client = signed_in(cast.nurse)

    answer = change(client, **told)

    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not AuditEvent.objects.filter(action="changed_password").exists()


def test_old_password_cannot_be_guessed(cast: Cast) -> None:
    client = signed_in(cast.nurse)
    with travel(timezone.now(), tick=False):
        for _ in range(5):
            change(client, old="wrong")

        assert change(client).status_code == 429


def test_device_that_is_ended(cast: Cast) -> None:
    """It is refused at its next request, also where a request of it was under way and writes its session after that."""
    here, there = signed_in(cast.nurse), signed_in(cast.nurse, IPAD)
    running = SessionStore(there.session.session_key)
    running.load()
    row = UserSession.objects.get(session_key=running.session_key)
    assert "Safari on a Mac or an iPad" in here.get("/own-page/").content.decode()

    here.post("/own-page/devices/end/", {"device": row.pk})

    with pytest.raises(UpdateError):
        running.save()
    assert not is_in(there) and is_in(here)
    assert AuditEvent.objects.get(action="ended_session").detail == {"devices": 1}


def test_nobody_ends_anothers_device(cast: Cast) -> None:
    here, theirs = signed_in(cast.nurse), signed_in(cast.reader)
    row = UserSession.objects.get(user=cast.reader)

    here.post("/own-page/devices/end/", {"device": row.pk})

    assert is_in(theirs)


def test_list_has_only_what_is_signed_in(cast: Cast) -> None:
    """No session that is over: signed out everywhere, or older than 12 hours."""
    signed_in(cast.nurse)
    with travel(timezone.now() + timedelta(seconds=2)):
        end_sessions(cast.nurse)
    with travel(timezone.now() + timedelta(seconds=4)):
        page = signed_in(cast.nurse).get("/own-page/").content.decode()

    assert page.count("Firefox on Windows") == 1


def test_last_seen_is_noted_once_a_minute(cast: Cast) -> None:
    client = signed_in(cast.nurse)
    client.get("/own-page/")
    row = UserSession.objects.get(user=cast.nurse)
    with travel(timezone.now() + timedelta(seconds=30)):
        client.get("/own-page/")
        assert UserSession.objects.get(pk=row.pk).last_seen_at == row.last_seen_at
    with travel(timezone.now() + timedelta(seconds=90)):
        client.get("/own-page/")
        assert UserSession.objects.get(pk=row.pk).last_seen_at > row.last_seen_at


def test_address_that_is_not_known(cast: Cast) -> None:
    """Behind a socket there is no address: one signs in, and the list says nothing of it."""
    client = Client(REMOTE_ADDR="", headers={"User-Agent": WINDOWS})
    client.post("/sign-in/", {"username": cast.nurse.email, "password": factories.PASSWORD})

    page = client.get("/own-page/").content.decode()

    assert "Firefox on Windows" in page and ADDRESS_NOT_KNOWN not in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (IPAD, "Safari on a Mac or an iPad"),
        (WINDOWS, "Firefox on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4) CriOS/126.0 Mobile Safari/604.1", "Chrome on an iPhone"),
        ("curl/8.0", "A browser"),
    ],
)
def test_device_in_words(agent: str, words: str) -> None:
    assert words_for(agent) == words
