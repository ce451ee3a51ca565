"""What was typed and not saved yet, kept on the server for the person who typed it.

A draft belongs to one opening of a form: `form` is the page's path, a "#" and a word that the page made up when it was
opened. So two windows on the same form never overwrite each other, and an earlier draft stays until it is resumed,
discarded or 14 days old.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils import timezone

from clinic.staff.models import Membership
from treatments.records.models import DRAFT_DAYS, Draft, DraftQuerySet

# Room for the longest note with its markup; more than that is not typing.
MAX_DRAFT_BYTES = 200_000
OFFERED_AT_MOST = 5
_SALT = "anagen.draft"


@dataclass(frozen=True)
class Ticket:
    """The right to keep a draft of one form for one person, and nothing else.

    It is in the page that this person opened, and works after their session has ended, so that what they typed
    between two sign-ins is kept too, and kept as theirs.
    """

    owner: Any
    clinic: Any
    form: str


def ticket(*, owner: Any, clinic: Any, form: str) -> str:
    return signing.dumps([owner.pk, clinic.pk, form], salt=_SALT)


def read_ticket(text: str) -> Ticket | None:
    """Who may keep what with this ticket; None when it is made up, 14 days old, or its owner works here no more."""
    try:
        owner, clinic, form = signing.loads(text, salt=_SALT, max_age=DRAFT_DAYS * 86400)
    except (signing.BadSignature, ValueError):
        return None
    found = Membership.objects.active().filter(user_id=owner, clinic_id=clinic).select_related("user", "clinic").first()
    return Ticket(found.user, found.clinic, form) if found else None


def keep(
    *,
    owner: Any,
    clinic: Any,
    form: str,
    values: dict[str, list[str]],
    base_version: int | None,
    sequence: int,
    replaces: str = "",
) -> Draft:
    """Keep the newest batch of what was typed; an older batch that arrives late changes nothing.

    `replaces` names a draft that this one was resumed from, which goes in the same transaction.
    """
    with transaction.atomic():
        draft, made = Draft.objects.get_or_create(
            owner=owner,
            clinic=clinic,
            form=form,
            defaults={"values": values, "base_version": base_version, "sequence": sequence},
        )
        if not made:
            Draft.objects.filter(pk=draft.pk, sequence__lte=sequence).update(
                values=values, base_version=base_version, sequence=sequence, saved_at=timezone.now()
            )
            draft.refresh_from_db()
        if replaces and replaces != form:
            Draft.objects.filter(owner=owner, clinic=clinic, form=replaces).delete()
    if made:
        sweep()
    return draft


def _of(owner: Any, clinic: Any, form: str) -> DraftQuerySet:
    """Every draft of a page, or the one that is named with its "#"."""
    mine = Draft.objects.filter(owner=owner, clinic=clinic)
    if "#" in form:
        return mine.filter(form=form)
    return mine.filter(form=form) | mine.filter(form__startswith=f"{form}#")


def offered(*, owner: Any, clinic: Any, form: str) -> list[Draft]:
    """The drafts of a page that may be resumed, newest first."""
    return list(_of(owner, clinic, form).alive().order_by("-saved_at", "form")[:OFFERED_AT_MOST])


def find(*, owner: Any, clinic: Any, form: str) -> Draft | None:
    return next(iter(offered(owner=owner, clinic=clinic, form=form)), None)


def forget(*, owner: Any, clinic: Any, form: str) -> None:
    _of(owner, clinic, form).delete()


def forget_saved(*, owner: Any, clinic: Any, form: str, opening: str, record_id: str) -> None:
    """Once a form is saved, forget the draft of this opening, and any other of the same record to be."""
    gone = [
        draft.pk
        for draft in _of(owner, clinic, form)
        if draft.form == f"{form}#{opening}" or (record_id and draft.values.get("id") == [record_id])
    ]
    Draft.objects.filter(pk__in=gone).delete()


def sweep() -> int:
    """Delete drafts older than 14 days; returns how many went."""
    limit = timezone.now() - datetime.timedelta(days=DRAFT_DAYS)
    return Draft.objects.filter(saved_at__lt=limit).delete()[0]
