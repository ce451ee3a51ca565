"""How a sign-in begins and ends. It lasts 12 hours at most, whatever is done meanwhile (NIST SP 800-63B, AAL2)."""

import math
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clinic.audit import log
from clinic.sign_in.known_devices import device_of
from clinic.sign_in.models import DevicePin
from clinic.staff.middleware import CHOSEN_CLINIC, chosen_membership
from clinic.staff.models import Membership, User

LONGEST_SECONDS: Final = 12 * 3600
BEGUN: Final = "begun"
"""In the session: when the person signed in fully, in seconds since 1970."""
SIGNED_OUT: Final = "signed_out"
"""In the session: when the person had last been signed out everywhere as it began. Any other time than this ends it,
also where the clock was put back between the two."""
FACTORS: Final = "factors"
"""In the session: by what the person signed in: "password", "totp", "webauthn", "recovery_codes", "link"; or "pin"
where they uncovered a page or took over a device."""
CONFIRMED: Final = "confirmed"
"""In the session: when the person last gave a password or a second factor, in seconds since 1970."""
CONFIRMED_SECONDS: Final = 300
HELD: Final = "held_to_page"
"""In the session: the address of the one page that it may show, held before a patient: see cover/covering.py."""
TOUCHED: Final = "touched"
"""In the session: when somebody was last known to be there, in seconds since 1970: see cover/covering.py."""
COVERED: Final = "covered"
"""In the session: there while its pages are covered."""


def start_session(
    request: HttpRequest, user: User, *, factors: Iterable[str], clinic_id: int | None = None, begun: int | None = None
) -> None:
    """Sign the person in, once everything that was asked for was right.

    `clinic_id` is the clinic to work at, where the person does. `begun` is given for a PIN: its 12 hours began when
    the person signed in fully on this device. A page that was covered, or held, is not any more.
    """
    before, was_covered = request.user, request.session.pop(COVERED, False)
    request.session.pop(HELD, None)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[BEGUN] = int(time.time()) if begun is None else begun
    request.session[SIGNED_OUT] = _signed_out(user)
    request.session[FACTORS] = list(factors)
    request.session[CONFIRMED] = request.session[BEGUN] if begun is None else 0
    request.session[TOUCHED] = int(time.time())
    if clinic_id is not None and Membership.objects.active().filter(user=user, clinic_id=clinic_id).exists():
        request.session[CHOSEN_CLINIC] = clinic_id
    if user.first_signed_in_at is None:
        User.objects.filter(pk=user.pk, first_signed_in_at=None).update(first_signed_in_at=timezone.now())
    UserSession.objects.filter(user=user, last_seen_at__lt=timezone.now() - timedelta(seconds=LONGEST_SECONDS)).delete()
    UserSession.objects.create_from_request(request, user=user)
    membership = chosen_membership(request)
    clinic = membership.clinic if membership and not membership.clinic.closed else None
    detail = {"factors": request.session[FACTORS]}
    if begun is None:
        _renew_pin(request, user)
        log.record("signed_in", by=user, clinic=clinic, detail=detail)
    if isinstance(before, User) and before.pk != user.pk:
        list(messages.get_messages(request))  # what was to be said to the other person, perhaps of a patient, is not
        log.record("switched_person", by=user, clinic=clinic, detail=detail)
    elif was_covered:
        log.record("uncovered", by=user, clinic=clinic, detail=detail)


def _renew_pin(request: HttpRequest, user: User) -> None:
    """A full sign-in on a device lets the person's PIN there be used for another 12 hours."""
    device = device_of(request, user.email)
    DevicePin.objects.filter(user=user, device=device).update(signed_in_at=timezone.now(), tries=0)


def end_session(request: HttpRequest) -> None:
    """Sign out here. The person's PIN on this device waits for the next full sign-in."""
    if isinstance(request.user, User):
        device = device_of(request, request.user.email)
        ended = timezone.now() - timedelta(seconds=LONGEST_SECONDS)
        DevicePin.objects.filter(user=request.user, device=device, signed_in_at__gt=ended).update(signed_in_at=ended)
    logout(request)


def end_sessions(user: User) -> None:
    """Sign a person out on every device, with effect on the next request of each."""
    User.objects.filter(pk=user.pk).update(signed_out_at=timezone.now())


def end_all() -> None:
    """Sign everybody out: after a restore, who was signed in when the copy was made is not."""
    UserSession.objects.all().delete()
    Session.objects.all().delete()


def is_confirmed(request: HttpRequest) -> bool:
    """Whether the person gave a password or a second factor in the last five minutes; a PIN is none."""
    return 0 <= time.time() - request.session.get(CONFIRMED, 0) < CONFIRMED_SECONDS


def is_over(request: HttpRequest) -> bool:
    """Whether 12 hours have passed since the full sign-in, or the person was signed out everywhere since."""
    return isinstance(request.user, User) and has_ended(request.session, request.user)


def has_ended(session: SessionBase, user: User) -> bool:
    """The same of any session of the person that has been used since this is kept."""
    return time.time() - session[BEGUN] >= LONGEST_SECONDS or session.get(SIGNED_OUT) != _signed_out(user)


def _signed_out(user: User) -> str | None:
    return user.signed_out_at.isoformat() if user.signed_out_at else None


def end_old_sessions(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that treats a session that is over as signed out, before anything is shown."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            # Begun before this was kept, or the clock was put back since: it is counted from now.
            if request.session.get(BEGUN, math.inf) > time.time():
                request.session[BEGUN] = int(time.time())
            if is_over(request):
                logout(request)
        return get_response(request)

    return middleware
