"""The PIN of a person on one device: see DevicePin. Five wrong tries delete it."""

import re
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from clinic.audit import log
from clinic.sign_in.known_devices import device_name, device_of
from clinic.sign_in.models import DevicePin
from clinic.sign_in.sessions import LONGEST_SECONDS
from clinic.staff.access import ClinicRequest
from clinic.staff.models import Clinic, Membership, User

DIGITS: Final = 6
MOST_TRIES: Final = 5
_FEWEST_DIFFERENT: Final = 3


class Tried(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    REMOVED = "removed"
    """There is none: it was wrong too often, has expired, or was never chosen."""


def why_refused(pin: str) -> str:
    """Why these digits are no PIN, in a sentence that says what to do; "" when they are one.

    The ones that are tried first are refused (NIST SP 800-63B, 3.1.1.2): 111111, 123456, 121212, 456456 and their like.
    """
    if not re.fullmatch(rf"[0-9]{{{DIGITS}}}", pin):
        return f"Enter {DIGITS} digits, 0 to 9."
    steps = {(int(later) - int(earlier)) % 10 for earlier, later in zip(pin, pin[1:], strict=False)}
    half = DIGITS // 2
    if len(set(pin)) < _FEWEST_DIFFERENT or steps in ({1}, {9}) or pin[:half] == pin[half:]:
        return "These digits are tried first by whoever guesses. Choose others."
    return ""


def choose(user: User, device: str, pin: str, *, signed_in_at: datetime) -> None:
    """`signed_in_at` is when the person signed in fully on this device."""
    told = {"pin_hash": make_password(_keyed(user, device, pin)), "signed_in_at": signed_in_at, "tries": 0}
    DevicePin.objects.update_or_create(user=user, device=device, defaults=told)


def has_pin(user: User, device: str) -> bool:
    return DevicePin.objects.filter(user=user, device=device).exists()


def remove(user: User, device: str) -> bool:
    """Returns whether there was one."""
    return bool(DevicePin.objects.filter(user=user, device=device).delete()[0])


def people_here(request: HttpRequest, clinic: Clinic) -> list[Membership]:
    """Who can uncover a page in this browser by a PIN now, by name."""
    device = device_name(request)
    if not device:
        return []
    memberships = Membership.objects.active().filter(
        clinic=clinic, user__in=_usable().filter(device=device).values("user")
    )
    by_name = memberships.select_related("user").order_by("user__name", "pk")
    return [membership for membership in by_name if device_of(request, membership.user.email)]


def usable_pin(user: User, device: str) -> DevicePin | None:
    return _usable().filter(user=user, device=device).first() if device else None


def _usable() -> QuerySet[DevicePin]:
    """PINs of people who signed in fully within 12 hours, and were not signed out everywhere since, which deletes them
    too. One of a time to come, from before the clock was put back, is none."""
    now = timezone.now()
    since = now - timedelta(seconds=LONGEST_SECONDS)
    return DevicePin.objects.filter(
        Q(user__signed_out_at=None) | Q(user__signed_out_at__lt=F("signed_in_at")) | Q(user__signed_out_at__gt=now),
        signed_in_at__gt=since,
        signed_in_at__lte=now,
        tries__lt=MOST_TRIES,
        user__is_active=True,
    )


def try_pin(kept: DevicePin, pin: str, request: ClinicRequest) -> Tried:
    """Check a PIN. The try is counted in the database before, so that a hundred sent at once are five as well."""
    if not DevicePin.objects.filter(pk=kept.pk, tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        return Tried.REMOVED
    if check_password(_keyed(kept.user, kept.device, pin), kept.pin_hash):
        DevicePin.objects.filter(pk=kept.pk).update(tries=0)
        return Tried.RIGHT
    log.record("pin_failed", by=None, clinic=request.clinic, detail={"person": kept.user_id})
    if not DevicePin.objects.filter(pk=kept.pk, tries__gte=MOST_TRIES).delete()[0]:
        return Tried.WRONG
    log.record("pin_removed", by=None, clinic=request.clinic, detail={"person": kept.user_id, "because": "wrong_tries"})
    return Tried.REMOVED


def tries_left(kept: DevicePin) -> int:
    """0 where a try at the same moment was the last one, and the PIN is gone."""
    tries = DevicePin.objects.filter(pk=kept.pk).values_list("tries", flat=True).first()
    return 0 if tries is None else max(0, MOST_TRIES - tries)


def _keyed(user: User, device: str, pin: str) -> str:
    """What is hashed slowly: with the server's secret, which no copy of the database has, and with the password, so
    that a new password ends every PIN."""
    parts = (str(user.pk), device, user.get_session_auth_hash(), pin)
    return salted_hmac("anagen.device-pin", "\n".join(parts), algorithm="sha256").hexdigest()
