"""Limits how fast passwords can be guessed, without letting anybody lock the clinic out (docs/adr/0013).

A try is counted before its password or code is checked, so that tries sent at once are counted like tries sent in turn.
After the free ones, the next is checked 1, 2, 4 … 300 seconds after the last. The account and the caller's address have
a count each; a browser in which this person has signed in before has one of its own instead of both.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from clinic.audit.log import request_facts
from clinic.sign_in.known_devices import device_of
from clinic.sign_in.models import SignInTries

FREE_TRIES = 5
# A whole clinic shares one address, and everybody signs in when it opens.
FREE_TRIES_OF_AN_ADDRESS = 20
LONGEST_WAIT_SECONDS = 300
# One free try in two hours is fewer than one every 300 seconds.
FORGOTTEN_AFTER = timedelta(hours=2)


@dataclass(frozen=True)
class Subject:
    """An account, address or browser that a try counts against; `key` is a keyed hash of its e-mail or address."""

    key: str
    free: int
    is_shared: bool = False


def subjects(request: HttpRequest, email: str, *, of: str = "") -> list[Subject]:
    """`of` is "" for passwords and "code" for second factors, which have counts of their own: a right password must not
    begin the codes anew."""
    if device := device_of(request, email):
        return [Subject(_key(f"device{of}", device, email), FREE_TRIES)]
    return [Subject(_key(f"account{of}", email), FREE_TRIES), *place()]


def place() -> list[Subject]:
    """The caller's address alone, where nobody has said yet who is calling; empty where it is not known."""
    address = request_facts.get().address
    return [Subject(_key("address", _network(address)), FREE_TRIES_OF_AN_ADDRESS, is_shared=True)] if address else []


def count_try(subjects: Sequence[Subject]) -> int:
    """Count a try against each; 0 if its password may be checked, else the seconds to wait, and nothing is counted.

    Accounts that do not exist are counted like those that do, so that a wait does not show which exist.
    """
    begun = timezone.now()
    free = {subject.key: subject.free for subject in subjects}
    with transaction.atomic():
        new = [SignInTries(subject=key, last_at=begun, closed_until=begun) for key in sorted(free)]
        SignInTries.objects.bulk_create(new, ignore_conflicts=True)
        # In one order, so that two that count the same subjects never wait for each other.
        rows = list(SignInTries.objects.select_for_update().filter(subject__in=free).order_by("subject"))
        now = timezone.now()  # after waiting for the lock
        taken_back = _take_back(rows, free, now)
        waits = [row.closed_until - now for row in rows if row.tries >= free[row.subject]]
        wait = max(waits, default=timedelta(0))
        if wait > timedelta(0):
            if taken_back:
                SignInTries.objects.bulk_update(taken_back, ["last_at", "closed_until"])
            return math.ceil(wait.total_seconds())
        for row in rows:
            row.tries = 1 if row.last_at < now - FORGOTTEN_AFTER else row.tries + 1
            row.last_at = now
            row.closed_until = now + pause_after(row.tries, free=free[row.subject])
            row.wait_noted = False
        SignInTries.objects.bulk_update(rows, ["tries", "last_at", "closed_until", "wait_noted"])
    return 0


def is_new_wait(subjects: Sequence[Subject]) -> bool:
    """Whether nobody was told of this wait before; from now on somebody was."""
    waiting = SignInTries.objects.filter(subject__in=[each.key for each in subjects], closed_until__gt=timezone.now())
    return waiting.filter(wait_noted=False).update(wait_noted=True) > 0


def _take_back(rows: list[SignInTries], free: dict[str, int], now: datetime) -> list[SignInTries]:
    """Where the server's clock was put back, count the pause from now, so that nobody waits longer than the rule says;
    returns the rows that this has changed."""
    ahead = [row for row in rows if row.last_at > now]
    for row in ahead:
        row.last_at = now
        row.closed_until = now + pause_after(row.tries, free=free[row.subject])
    return ahead


def reset_tries(subjects: Sequence[Subject]) -> None:
    """After the right password: account and browser start from zero; a shared address gets this one try back."""
    now = timezone.now()
    own = [subject.key for subject in subjects if not subject.is_shared]
    shared = [subject.key for subject in subjects if subject.is_shared]
    SignInTries.objects.filter(subject__in=own).update(tries=0, closed_until=now)
    SignInTries.objects.filter(subject__in=shared, tries__gt=0).update(tries=F("tries") - 1)
    SignInTries.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()


def pause_after(tries: int, *, free: int) -> timedelta:
    """How long the next try must wait after this many in a row."""
    if tries < free:
        return timedelta(0)
    # The exponent is bounded as well: two to the power of a month of tries is no number of seconds.
    return timedelta(seconds=min(2 ** min(tries - free, 16), LONGEST_WAIT_SECONDS))


def refusal(wait: int) -> str:
    """The sentence for a try that has to wait so many seconds."""
    when = f"{wait} second{'' if wait == 1 else 's'}" if wait < 120 else f"{math.ceil(wait / 60)} minutes"
    return f"Too many tries with this e-mail or from this place. Try again in {when}."


def _network(address: str) -> str:
    """The address; for IPv6 its /64 network, in which one household could use another address for each try."""
    if isinstance(ip_address(address), IPv6Address):
        return str(ip_network(f"{address}/64", strict=False))
    return address


def _key(*parts: str) -> str:
    return salted_hmac("anagen.guessing", "\n".join(parts), algorithm="sha256").hexdigest()
