"""What is done to the sign-in of a person: above signing in itself, whose sessions and PINs it ends."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.audit import log
from clinic.sign_in.factors.actions import add_passkey
from clinic.sign_in.models import DevicePin
from clinic.sign_in.sessions import end_sessions
from clinic.staff.links import works_beyond
from clinic.staff.models import Membership, OneTimeLink, User


class LinkIsOver(Exception):
    """The link was used or cancelled, or its time had passed, between the look at it and this."""


def sign_out_everywhere(member: Membership, *, by: User) -> None:
    """End every sign-in of a person, at whatever clinic: a session belongs to a browser, and a browser to no clinic.

    Raises ValidationError where the person works at a clinic too that `by` does not manage.
    """
    if member.user != by and works_beyond(member.user, managed_by=by):
        raise ValidationError(
            f"{member.user} works at a clinic that you do not manage, and would be signed out there too. End what they "
            "may do here instead: it takes effect with their next request."
        )
    with transaction.atomic():
        end_sessions(member.user)
        DevicePin.objects.filter(user=member.user).delete()
        log.record("signed_out_everywhere", by=by, clinic=member.clinic, detail={"member": member.user_id})


def use_link(link: OneTimeLink, *, password: str | None, by: User, passkey: dict[str, Any] | None = None) -> User:
    """Set the password of `by`, whose link it is; or with None leave none that fits, and take in a passkey instead,
    which is what passkeys.new_credential has found right. Returns the person as saved.

    Every sign-in of that person ends, because it was begun with the password before. Raises ValidationError for a weak
    password, after which the link can still be used, and LinkIsOver.
    """
    if passkey is None:
        validate_password(password or "", by)
    with transaction.atomic():
        if not OneTimeLink.objects.open().filter(pk=link.pk).update(used_at=timezone.now()):
            raise LinkIsOver
        user = User.objects.select_for_update().get(pk=by.pk)
        user.set_password(password)
        user.save(update_fields=["password"])
        DevicePin.objects.filter(user=user).delete()
        if link.removes_second_factor:
            Authenticator.objects.filter(user=user).delete()
        if passkey is not None:
            add_passkey(name="Passkey of the first day", credential=passkey, clinic=link.clinic, by=user)
        log.record("used_link", by=user, clinic=link.clinic, detail={"link": link.pk, "purpose": link.purpose})
    return user
