"""Guessing passwords is slowed for accounts and addresses, known and unknown alike, and locks nobody out for ever."""

import math
import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from time_machine import travel

from clinic.audit.models import AuditEvent
from clinic.sign_in.failures import account_hash
from clinic.sign_in.models import SignInTries
from clinic.sign_in.throttle import FREE_TRIES, FREE_TRIES_OF_AN_ADDRESS, pause_after, refusal
from tests import factories
from tests.concurrency import at_once
from tests.people import Cast

pytestmark = pytest.mark.django_db
TOO_MANY = "Too many tries with this e-mail or from this place."


def enter(client: Client, email: str, password: str, *, address: str = "192.0.2.1") -> Any:
    return client.post("/sign-in/", {"username": email, "password": password}, REMOTE_ADDR=address)


def guess(email: str, times: int, **more: str) -> list[int]:
    return [enter(Client(), email, f"guess {number}", **more).status_code for number in range(times)]


def wait(seconds: int) -> None:
    """As if so much time had gone by since the last try."""
    gone = timedelta(seconds=seconds)
    SignInTries.objects.update(last_at=F("last_at") - gone, closed_until=F("closed_until") - gone)


def test_pause_doubles_up_to_five_minutes() -> None:
    pauses = [pause_after(tries, free=5).total_seconds() for tries in (0, 4, 5, 6, 7, 12, 13, 14, 10_000)]

    assert pauses == [0, 0, 1, 2, 4, 128, 256, 300, 300]


@pytest.mark.parametrize(
    ("seconds", "when"),
    [(1, "1 second."), (64, "64 seconds."), (119, "119 seconds."), (120, "2 minutes."), (300, "5 minutes.")],
)
def test_the_refusal_says_when_to_try_again(seconds: int, when: str) -> None:
    assert refusal(seconds) == f"{TOO_MANY} Try again in {when}"


def test_sixth_try_waits_and_then_opens(cast: Cast) -> None:
    """After five tries even the right password waits, and then opens."""
    assert guess(cast.nurse.email, FREE_TRIES) == [422] * FREE_TRIES

    answer = enter(Client(), cast.nurse.email, factories.PASSWORD)
    assert (answer.status_code, answer["Retry-After"]) == (429, "1")
    assert f"{TOO_MANY} Try again in 1 second." in answer.content.decode()
    assert cast.nurse.email in answer.content.decode(), "what was typed is lost"

    wait(1)
    assert enter(Client(), cast.nurse.email, factories.PASSWORD).status_code == 302


def test_refused_try_is_not_counted(cast: Cast) -> None:
    """A refused try is not counted, so that hammering does not make the pause longer."""
    guess(cast.nurse.email, FREE_TRIES)
    closed = SignInTries.objects.order_by("subject").values_list("subject", "tries", "closed_until")
    before = list(closed)

    in_the_pause = max(closed_until for _, _, closed_until in before) - timedelta(seconds=0.5)
    with travel(in_the_pause, tick=False):  # a slow machine must not see it end
        assert guess(cast.nurse.email, 10) == [429] * 10

    assert list(closed) == before
    assert AuditEvent.objects.filter(action="sign_in_failed").count() == FREE_TRIES


def test_trail_knows_which_account_was_tried(cast: Cast) -> None:
    """By a keyed hash, and by its clinic where it has one; each wait is on the trail once, however often it refuses."""
    with travel(timezone.now(), tick=False):  # a slow machine must not see the wait end
        guess(cast.nurse.email.upper(), 1)
        guess("nobody@example.test", 1)
        guess(cast.nurse.email, FREE_TRIES + 9)
    failed = AuditEvent.objects.filter(action="sign_in_failed").order_by("id")
    accounts = [event.detail["account"] for event in failed]

    assert failed[0].detail == {"account": account_hash(cast.nurse.email), "how": "password"}
    assert len(set(accounts)) == 2 and accounts.count(accounts[0]) == FREE_TRIES
    assert [event.clinic for event in failed[:2]] == [cast.clinic, None]
    delayed = AuditEvent.objects.get(action="sign_in_delayed")
    assert delayed.detail == {"account": accounts[0], "seconds": 1}
    assert cast.nurse.email not in str(list(AuditEvent.objects.values()))

    wait(2)
    with travel(timezone.now(), tick=False):
        guess(cast.nurse.email, 4)

    assert AuditEvent.objects.filter(action="sign_in_delayed").count() == 2


@pytest.mark.parametrize("told", [{"username": "a@example.test"}, {"username": "no e-mail", "password": "x" * 20}])
def test_no_try_is_not_on_the_trail(client: Client, told: dict[str, str], db: None) -> None:
    """A form without e-mail or password is checked against nothing and counted nowhere: it would fill the trail."""
    for address in ("/sign-in/", "/sign-in/again/"):
        assert client.post(address, told).status_code == 422

    assert not AuditEvent.objects.exists()


def test_pause_grows_with_each_wrong_try(cast: Cast) -> None:
    """The pauses grow with each further wrong try."""
    guess(cast.nurse.email, FREE_TRIES)
    pauses = []
    for _ in range(10):
        answer = enter(Client(), cast.nurse.email, "wrong")
        pauses.append(int(answer["Retry-After"]))
        wait(pauses[-1])
        assert enter(Client(), cast.nurse.email, "wrong").status_code == 422

    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]


def test_right_password_and_quiet_reset_it(cast: Cast) -> None:
    """The right password begins anew, and so do two hours of quiet."""
    guess(cast.nurse.email, FREE_TRIES - 1)
    assert enter(Client(), cast.nurse.email, factories.PASSWORD).status_code == 302
    assert guess(cast.nurse.email, FREE_TRIES + 1) == [422] * FREE_TRIES + [429]

    wait(2 * 3600 + 1)

    assert guess(cast.nurse.email, FREE_TRIES + 1) == [422] * FREE_TRIES + [429]


def test_address_with_many_accounts_is_slow(cast: Cast) -> None:
    """An address that tries many accounts is slowed, and others are not."""
    for number in range(FREE_TRIES_OF_AN_ADDRESS):
        assert guess(f"someone{number}@example.test", 1) == [422]

    assert enter(Client(), cast.nurse.email, factories.PASSWORD).status_code == 429
    assert enter(Client(), cast.nurse.email, factories.PASSWORD, address="192.0.2.2").status_code == 302


def test_clinic_behind_one_address_arrives(cast: Cast) -> None:
    """A clinic behind one address may arrive all at once."""
    people = [cast.manager, cast.clinician, cast.nurse, cast.reception, cast.reader] * 10

    assert {enter(Client(), person.email, factories.PASSWORD).status_code for person in people} == {302}


def test_ipv6_home_is_one_address(cast: Cast) -> None:
    """One home with many IPv6 addresses is one address."""
    for number in range(FREE_TRIES_OF_AN_ADDRESS):
        guess(f"someone{number}@example.test", 1, address=f"2001:db8::{number:x}")

    assert enter(Client(), cast.nurse.email, "wrong", address="2001:db8::ffff").status_code == 429
    assert enter(Client(), cast.nurse.email, "wrong", address="2001:db8:0:1::1").status_code == 422


def test_proxy_address_counts_not_the_header(cast: Cast, settings: Any) -> None:
    """Behind a proxy its address counts, and not what the caller wrote before it."""

    def try_from(forwarded: str, number: int) -> int:
        fields = {"username": f"someone{number}@example.test", "password": "wrong"}
        return Client().post("/sign-in/", fields, HTTP_X_FORWARDED_FOR=forwarded, REMOTE_ADDR="127.0.0.1").status_code

    settings.TRUSTED_PROXY = True
    for number in range(FREE_TRIES_OF_AN_ADDRESS):
        assert try_from(f"198.51.100.{number}, 203.0.113.7", number) == 422
    assert try_from("198.51.100.99, 203.0.113.7", 99) == 429
    assert try_from("203.0.113.8", 99) == 422
    assert try_from("no address at all", 98) == 422


def test_known_browser_is_not_locked_out(cast: Cast) -> None:
    """Where the person has signed in before, an attack changes nothing."""
    at_the_desk = Client()
    enter(at_the_desk, cast.nurse.email, factories.PASSWORD)
    at_the_desk.post("/sign-out/")
    guess(cast.nurse.email, FREE_TRIES)
    assert guess(cast.nurse.email, 1) == [429]

    assert enter(at_the_desk, cast.nurse.email, factories.PASSWORD).status_code == 302
    assert guess(cast.nurse.email, 1) == [429], "a right password elsewhere must not open the door to the guesser"


def test_known_browser_has_five_tries_too(cast: Cast) -> None:
    """A browser that knows a person has five tries too, and none for others."""
    at_the_desk = Client()
    enter(at_the_desk, cast.nurse.email, factories.PASSWORD)
    at_the_desk.post("/sign-out/")

    answers = [enter(at_the_desk, cast.nurse.email, "wrong").status_code for _ in range(FREE_TRIES + 1)]
    assert answers == [422] * FREE_TRIES + [429]

    guess(cast.manager.email, FREE_TRIES)
    assert enter(at_the_desk, cast.manager.email, factories.PASSWORD).status_code == 429


def test_tablet_knows_everyone_who_signed_in(cast: Cast) -> None:
    """A tablet knows everyone who has signed in on it."""
    tablet = Client()
    for person in (cast.nurse, cast.clinician):
        enter(tablet, person.email, factories.PASSWORD)
        tablet.post("/sign-out/")
    for person in (cast.nurse, cast.clinician):
        guess(person.email, FREE_TRIES)
        assert enter(tablet, person.email, factories.PASSWORD).status_code == 302


def test_browser_cookie_opens_nothing(cast: Cast, settings: Any) -> None:
    """The cookie that knows a browser opens nothing and contains no name."""
    client = Client()
    enter(client, cast.nurse.email, factories.PASSWORD)
    cookie = client.cookies[settings.KNOWN_DEVICE_COOKIE_NAME]

    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert "nurse" not in cookie.value and "@" not in cookie.value
    stranger = Client()
    stranger.cookies[settings.KNOWN_DEVICE_COOKIE_NAME] = cookie.value
    assert stranger.get("/").status_code == 302
    stranger.cookies[settings.KNOWN_DEVICE_COOKIE_NAME] = cookie.value[:-2] + "xx"
    guess(cast.nurse.email, FREE_TRIES)
    assert enter(stranger, cast.nurse.email, factories.PASSWORD).status_code == 429


def test_signing_in_over_a_page_is_counted(cast: Cast) -> None:
    """Signing in over a page is counted with the rest."""
    guess(cast.nurse.email, FREE_TRIES)
    answer = Client().post("/sign-in/again/", {"username": cast.nurse.email, "password": factories.PASSWORD})

    assert answer.status_code == 429
    assert answer.json() == {"error": f"{TOO_MANY} Try again in 1 second."}


def test_answers_reveal_no_account(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word by word the same, and the same number of passwords hashed: that is where the time goes."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return str(encode(self, password, salt))

    cast.reader.is_active = False
    cast.reader.save()
    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    answers = {}
    for email in (cast.nurse.email, cast.reader.email, "nobody@example.test"):
        hashed.clear()
        tries: list[HttpResponse] = [enter(Client(), email, "wrong", address="") for _ in range(FREE_TRIES + 1)]
        pages = [(r.status_code, r.get("Retry-After"), page_text(r, email)) for r in tries]
        answers[email] = (pages, len(hashed))

    first, *others = answers.values()
    assert others == [first, first]
    assert first[1] == FREE_TRIES


def page_text(response: HttpResponse, email: str) -> str:
    """The page without its CSRF tokens and what was typed."""
    return re.sub(r'name="csrfmiddlewaretoken"[^>]*', "", response.content.decode().replace(email, ""))


def test_typed_e_mail_is_not_stored(cast: Cast) -> None:
    """What was typed as an e-mail is not stored."""
    guess("my secret is hunter2@example.test", 1)
    guess("hunter2@example.test", 1)

    assert SignInTries.objects.count() == 2, "one account, one address"
    assert not any("hunter2" in row.subject for row in SignInTries.objects.all())


def test_old_tries_are_cleared_away(cast: Cast) -> None:
    long_ago = timezone.now() - timedelta(hours=3)
    SignInTries.objects.create(subject="old", tries=9, last_at=long_ago, closed_until=long_ago)

    enter(Client(), cast.nurse.email, factories.PASSWORD)

    assert not SignInTries.objects.filter(subject="old").exists()


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_get_five_tries(cast: Cast) -> None:
    """Each on its own connection, as with several workers; and from as many addresses, as from a crowd of machines."""
    numbers = iter(range(16))

    def guess_from_elsewhere() -> int:
        return int(enter(Client(), cast.nurse.email, "wrong", address=f"192.0.2.{next(numbers)}").status_code)

    begun = time.monotonic()
    answers = at_once(guess_from_elsewhere, times=16)

    # On a machine so slow that seconds go by meanwhile, the pauses of 1, 2, 4 … seconds end one after the other.
    pauses_over = int(math.log2(time.monotonic() - begun + 1))
    looked_at = answers.count(422)
    assert FREE_TRIES <= looked_at <= FREE_TRIES + pauses_over
    assert answers.count(429) == 16 - looked_at


@pytest.mark.django_db(transaction=True)
def test_sixteen_after_a_pause_get_one_try(cast: Cast) -> None:
    """Of sixteen guesses at once after a long pause, one is looked at."""
    guess(cast.nurse.email, 1)
    SignInTries.objects.update(tries=FREE_TRIES + 9)

    answers = at_once(lambda: enter(Client(), cast.nurse.email, "wrong").status_code, times=16)

    assert sorted(answers) == [422] + [429] * 15


@pytest.mark.parametrize("hours", [1, 24, 24 * 400])
def test_clock_put_back_locks_nobody_out(cast: Cast, hours: int) -> None:
    """Tries that were counted "later" than now cost the longest wait of the rule and no more, and it ends."""
    guess(cast.nurse.email, FREE_TRIES)
    wait(-hours * 3600)

    answer = enter(Client(), cast.nurse.email, factories.PASSWORD)
    assert answer.status_code == 429 and int(answer["Retry-After"]) <= 300

    wait(int(answer["Retry-After"]))
    assert enter(Client(), cast.nurse.email, factories.PASSWORD).status_code == 302
