"""One-time links: the secret that a person is handed, and the row that knows its hash."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import Clinic, Membership, OneTimeLink, Role, User

VALID_FOR: Final = timedelta(hours=48)
_SECRET_BYTES = 24  # 192 bits, 32 letters
ONLY_ON_THE_SERVER = (
    "Ask the person who looks after Anagen for a link; the command on the server is ./anagen member link."
)


def make_link(
    member: Membership, *, by: User, on_server: bool = False, removes_second_factor: bool = False
) -> tuple[str, OneTimeLink]:
    """The secret of a new link for a person of the clinic, and its row. Every older link of that person ends.

    `on_server` is for the command, which may do what no page may. Raises ValidationError where `by` asks for their own
    account, or for one that opens a clinic which they do not manage.
    """
    with transaction.atomic():
        # One after the other, so that of two links made at once the newer cancels the older.
        user = User.objects.select_for_update().get(pk=member.user_id)
        if not Membership.objects.active().filter(pk=member.pk).exists():
            raise ValidationError(f"{user} does not work here any more.")
        if not on_server:
            _refuse_taking_over(user, by)
        cancel_links(user, by=by, clinic=member.clinic)
        secret, now = secrets.token_urlsafe(_SECRET_BYTES), timezone.now()
        link = OneTimeLink.objects.create(
            user=user,
            clinic=member.clinic,
            purpose=OneTimeLink.Purpose.NEW_ACCOUNT if user.waits_for_link else OneTimeLink.Purpose.RESET,
            secret_hash=_hashed(secret),
            made_by=None if on_server else by,
            made_at=now,
            expires_at=now + VALID_FOR,
            removes_second_factor=removes_second_factor,
        )
        detail = {"member": user.pk, "link": link.pk, "purpose": str(link.purpose)}
        if removes_second_factor:
            detail["removes_second_factor"] = True
        log.record("made_link", by=by, clinic=member.clinic, detail=detail)
    return secret, link


def _refuse_taking_over(user: User, by: User) -> None:
    """A link opens the whole account, and so every clinic where the person works, or may work again."""
    if user == by:
        raise ValidationError(f"Nobody makes a link for themselves. Ask another manager. {ONLY_ON_THE_SERVER}")
    if works_beyond(user, managed_by=by):
        raise ValidationError(
            f"{user} has an account at a clinic that you do not manage, and a link would open that one too. "
            f"{ONLY_ON_THE_SERVER}"
        )


def works_beyond(user: User, *, managed_by: User) -> bool:
    """Whether a person works, or may work again, at a clinic that this manager does not manage."""
    managed = Membership.objects.active().filter(user=managed_by, role=Role.MANAGER).values("clinic")
    return user.memberships.exclude(clinic__in=managed).exists()


def cancel_links(user: User, *, by: User | None, clinic: Clinic) -> None:
    """End whatever link of this person can still be used; `clinic` is where that is on the trail."""
    for link in OneTimeLink.objects.open().filter(user=user).order_by("pk"):
        changed = OneTimeLink.objects.open().filter(pk=link.pk).update(cancelled_at=timezone.now())
        if changed:
            log.record("cancelled_link", by=by, clinic=clinic, detail={"member": user.pk, "link": link.pk})


def find_link(secret: str) -> OneTimeLink | None:
    """The link that can be used with this secret; None where it is used, over, cancelled or invented, where its clinic
    is being moved or has been, and where whoever made it could not make it any more: a manager who has left keeps no
    way in by what they were shown."""
    links = OneTimeLink.objects.open().filter(clinic__closed="").select_related("user", "clinic", "made_by")
    link = links.filter(secret_hash=_hashed(secret)).first()
    if link is None or (link.made_by is not None and works_beyond(link.user, managed_by=link.made_by)):
        return None
    works_there = Membership.objects.active().filter(user=link.user, clinic=link.clinic).exists()
    return link if works_there else None


def _hashed(secret: str) -> str:
    """SHA-256: a secret of 192 random bits is guessed no sooner for a hash that is fast."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
