"""What a person does to the ways in which they sign in, each on the audit trail, and nothing secret in it."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import encrypt
from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.audit import log
from clinic.sign_in.factors.second_factors import KINDS, counter_of, has_second_factor, must_have_one
from clinic.staff.links import cancel_links
from clinic.staff.models import Clinic, User

WRONG_CODE = "That code is not right. Look at your app again, and type the code that it shows now."
MOST_PASSKEYS = 10
LAST_ONE = "It is your only second factor, and you must have one here. Set up the new one first, then remove this one."
ONLY_WAY_IN = "It is the only way in which you can sign in. Set a password or add another passkey first."


def add_totp(*, secret: str, code: str, clinic: Clinic, by: User) -> None:
    """Take in an authenticator app that was given `secret`; `code` proves it, and is used up.

    Raises ValidationError for a wrong code.
    """
    counter = counter_of(secret, code)
    if counter is None:
        raise ValidationError(WRONG_CODE)
    data = {"secret": encrypt(secret), "last_counter": counter}
    with transaction.atomic():
        app, is_new = Authenticator.objects.get_or_create(
            user=by, type=Authenticator.Type.TOTP, defaults={"data": data}
        )
        if not is_new:
            raise ValidationError("You have an authenticator app already. Remove it first.")
        log.record("added_totp", by=by, clinic=clinic)
        _first_recovery_codes(by, clinic)


def add_passkey(*, name: str, credential: dict[str, Any], clinic: Clinic, by: User) -> None:
    """`credential` is what passkeys.new_credential has found right. Raises ValidationError where there are too many."""
    with transaction.atomic():
        if Authenticator.objects.filter(user=by, type=Authenticator.Type.WEBAUTHN).count() >= MOST_PASSKEYS:
            raise ValidationError(f"You have {MOST_PASSKEYS} passkeys. Remove one that you no longer use first.")
        data = {"name": name, "credential": credential}
        Authenticator.objects.create(user=by, type=Authenticator.Type.WEBAUTHN, data=data)
        log.record("added_passkey", by=by, clinic=clinic)
        _first_recovery_codes(by, clinic)


def why_kept(factor: Authenticator, *, by: User) -> str:
    """Why the person has to keep this second factor, as a sentence; "" where it may go."""
    if Authenticator.objects.filter(user=by, type__in=KINDS).exclude(pk=factor.pk).exists():
        return ""
    if not by.has_usable_password():
        return ONLY_WAY_IN
    return LAST_ONE if must_have_one(by) else ""


def remove_second_factor(factor: Authenticator, *, by: User, clinic: Clinic) -> None:
    """Recovery codes go with the last one. Raises ValidationError where it has to be kept."""
    with transaction.atomic():
        # Two removed at once would each see the other.
        list(Authenticator.objects.select_for_update().filter(user=by))
        if reason := why_kept(factor, by=by):
            raise ValidationError(reason)
        factor.delete()
        if not has_second_factor(by):
            Authenticator.objects.filter(user=by).delete()
        is_app = factor.type == Authenticator.Type.TOTP
        log.record("removed_totp" if is_app else "removed_passkey", by=by, clinic=clinic)


def make_recovery_codes(*, clinic: Clinic, by: User) -> None:
    """Ten new ones; those from before no longer count."""
    with transaction.atomic():
        Authenticator.objects.filter(user=by, type=Authenticator.Type.RECOVERY_CODES).delete()
        RecoveryCodes.activate(by)
        log.record("made_recovery_codes", by=by, clinic=clinic)


def _first_recovery_codes(by: User, clinic: Clinic) -> None:
    if not Authenticator.objects.filter(user=by, type=Authenticator.Type.RECOVERY_CODES).exists():
        make_recovery_codes(clinic=clinic, by=by)


def change_password(*, password: str, clinic: Clinic, by: User) -> None:
    """The password was checked by its form. Sessions from before end with it, where they are not renewed."""
    with transaction.atomic():
        by.set_password(password)
        by.save(update_fields=["password"])
        cancel_links(by, by=by, clinic=clinic)  # one that was made for a forgotten password is not needed any more
        log.record("changed_password", by=by, clinic=clinic)
