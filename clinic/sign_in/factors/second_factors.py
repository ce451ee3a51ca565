"""Who must have a second factor, from when, and whether a code is right (docs/adr/0026)."""

import logging
from datetime import datetime, timedelta
from typing import Final

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from clinic.staff.access import GUARDED, ROLE_CAN
from clinic.staff.models import Membership, User

GRACE: Final = timedelta(days=7)
"""From the first sign-in."""
KINDS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes alone are no second factor: they stand in for one that was lost."""
TOTP_DIGITS: Final = 6
_log = logging.getLogger(__name__)


def has_second_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=KINDS).exists()


def must_have_one(user: User) -> bool:
    """Whether the person may export or administer at any clinic, or works at one that asks it of everybody."""
    guarded = [role for role, rights in ROLE_CAN.items() if not GUARDED.isdisjoint(rights)]
    asked = Q(role__in=guarded) | Q(clinic__second_factor_for_all=True)
    return Membership.objects.active().filter(asked, user=user).exists()


def needed_from(user: User) -> datetime | None:
    """When the grace ends, or has ended, of a person who must have a second factor and has none; None of anybody else,
    and before the first sign-in."""
    if user.first_signed_in_at is None or not must_have_one(user) or has_second_factor(user):
        return None
    return user.first_signed_in_at + GRACE


def is_overdue(user: User) -> bool:
    is_in_grace = user.first_signed_in_at is None or timezone.now() < user.first_signed_in_at + GRACE
    return not is_in_grace and needed_from(user) is not None


def check_code(user: User, code: str) -> str:
    """By what the code is right, "totp" or "recovery_codes"; "" when it is wrong or was used before."""
    typed = normalize_user_code(code)
    try:
        if kind_of(code) == "totp":
            return "totp" if _use_totp(user, typed) else ""
        codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
        if codes is not None and RecoveryCodes(codes).validate_code(typed):
            return "recovery_codes"
    except InvalidToken:
        _log.exception("A second factor was stored under another SECRET_KEY: its person needs a new link.")
    return ""


def kind_of(code: str) -> str:
    """What a code is meant for, by its length."""
    return "totp" if len(normalize_user_code(code)) <= TOTP_DIGITS else "recovery_codes"


def counter_of(secret: str, code: str) -> int | None:
    """The half minute, counted since 1970, that the code is of: this one, the last or the next."""
    typed = normalize_user_code(code)
    right = (n for n in yield_hotp_counters_from_time() if constant_time_compare(_spelled(secret, n), typed))
    return next(right, None)


def _spelled(secret: str, counter: int) -> str:
    return format_hotp_value(hotp_value(secret, counter))


@transaction.atomic
def _use_totp(user: User, code: str) -> bool:
    """Once each, in whatever process: the half minute of the last code that was right is kept with the secret."""
    app = Authenticator.objects.select_for_update().filter(user=user, type=Authenticator.Type.TOTP).first()
    counter = counter_of(decrypt(app.data["secret"]), code) if app else None
    if app is None or counter is None:
        return False
    # Where the clock was put back, the last one lies ahead of all that can be right now.
    if counter <= app.data.get("last_counter", 0) <= max(yield_hotp_counters_from_time()):
        return False
    app.data["last_counter"] = counter
    app.last_used_at = timezone.now()
    app.save(update_fields=["data", "last_used_at"])
    return True
