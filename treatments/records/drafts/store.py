"""Drafts: what was typed into a form and not saved yet, stored on the server for the person who typed it.

A draft belongs to one opening of a form: its `form` is the page's path, a "#" and a random word that the page made when
it was opened. So two windows on the same form never overwrite each other, and an earlier draft stays until it is
resumed, discarded or 14 days old. A page that asks for one of several things in turn (the next session of a course)
says after a "?" for which: its drafts are resumed where they fit, and elsewhere only named.
"""

import datetime
import re
from dataclasses import dataclass

from django.core import signing
from django.db import transaction
from django.utils import timezone

from clinic.staff.models import Clinic, Membership, User
from treatments.records.models import DRAFT_DAYS, Draft, DraftQuerySet

# Room for the longest note with its markup; more than that is not typing.
MAX_DRAFT_BYTES = 200_000
MAX_OFFERED = 5
# Of one page, by one person: more openings than anybody leaves unsaved in 14 days. And of all pages together.
MAX_OF_A_PAGE = 20
MAX_OF_A_PERSON = 100
_SALT = "anagen.draft"


class TooManyDrafts(Exception):
    """This person has as many drafts as the server keeps, of this page or in all. Nothing was changed."""


@dataclass(frozen=True)
class Ticket:
    """The right to save a draft of one form for one person, and nothing else.

    It is in the page that this person opened, and works after their session has ended, so that what they typed
    between two sign-ins is saved too, and saved as theirs.
    """

    owner: User
    clinic: Clinic
    form: str


def ticket(*, owner: User, clinic: Clinic, form: str) -> str:
    return signing.dumps([owner.pk, clinic.pk, form], salt=_SALT)


def read_ticket(text: str) -> Ticket | None:
    """The ticket of that text; None when it was not signed here, is 14 days old, or its owner left the clinic."""
    try:
        owner, clinic, form = signing.loads(text, salt=_SALT, max_age=DRAFT_DAYS * 86400)
    except (signing.BadSignature, ValueError):
        return None
    memberships = Membership.objects.active().filter(user_id=owner, clinic_id=clinic)
    membership = memberships.select_related("user", "clinic").first()
    return Ticket(membership.user, membership.clinic, form) if membership else None


def save(
    *,
    owner: User,
    clinic: Clinic,
    form: str,
    values: dict[str, list[str]],
    base_version: int | None,
    sequence: int,
    replaces: str = "",
) -> Draft:
    """Save the newest batch of what was typed; an older batch that arrives late changes nothing.

    `replaces` names a draft that this one was resumed from, which is deleted in the same transaction. Raises
    TooManyDrafts for a new one beyond the limits.
    """
    with transaction.atomic():
        _refuse_too_many(owner, clinic, form, replaces)
        draft, is_new = Draft.objects.get_or_create(
            owner=owner,
            clinic=clinic,
            form=form,
            defaults={"values": values, "base_version": base_version, "sequence": sequence},
        )
        if not is_new:
            Draft.objects.filter(pk=draft.pk, sequence__lte=sequence).update(
                values=values, base_version=base_version, sequence=sequence, saved_at=timezone.now()
            )
            draft.refresh_from_db()
        if replaces and replaces != form:
            Draft.objects.filter(owner=owner, clinic=clinic, form=replaces).delete()
    if is_new:
        delete_old()
    return draft


def _refuse_too_many(owner: User, clinic: Clinic, form: str, replaces: str) -> None:
    mine = Draft.objects.filter(owner=owner)
    if mine.filter(clinic=clinic, form__in=[form, replaces]).exists():
        return
    # Counted by one request at a time, or many at once would each find room for one more.
    User.objects.select_for_update().get(pk=owner.pk)
    page = form.partition("#")[0]
    if _of(owner, clinic, page).alive().count() >= MAX_OF_A_PAGE or mine.alive().count() >= MAX_OF_A_PERSON:
        raise TooManyDrafts


def _of(owner: User, clinic: Clinic, form: str) -> DraftQuerySet:
    """Every draft of a page, or the one that is named with its "#"."""
    mine = Draft.objects.filter(owner=owner, clinic=clinic)
    if "#" in form:
        return mine.filter(form=form)
    return mine.filter(form=form) | mine.filter(form__startswith=f"{form}#")


def offered(*, owner: User, clinic: Clinic, form: str) -> list[Draft]:
    """The drafts of a page that may be resumed, newest first."""
    return list(_of(owner, clinic, form).alive().order_by("-saved_at", "form")[:MAX_OFFERED])


def of_other_things(*, owner: User, clinic: Clinic, form: str) -> list[Draft]:
    """The drafts of the same page that were begun for something else, newest first."""
    page = form.partition("?")[0]
    mine = Draft.objects.filter(owner=owner, clinic=clinic)
    every = mine.filter(form__startswith=f"{page}?") | mine.filter(form__startswith=f"{page}#")
    fitting = _of(owner, clinic, form).values("pk")
    return list(every.exclude(pk__in=fitting).alive().order_by("-saved_at", "form")[:MAX_OFFERED])


def find(*, owner: User, clinic: Clinic, form: str) -> Draft | None:
    return next(iter(offered(owner=owner, clinic=clinic, form=form)), None)


def discard(*, owner: User, clinic: Clinic, form: str) -> None:
    _of(owner, clinic, form).delete()


def discard_saved(*, owner: User, clinic: Clinic, form: str, opening: str, record_id: str) -> None:
    """After a form was saved, delete the draft of this opening, and others with the id of the same new record."""
    page = form.partition("?")[0]
    ids = [
        draft.pk
        for draft in Draft.objects.filter(owner=owner, clinic=clinic, form__startswith=page)
        if re.split("[?#]", draft.form)[0] == page
        and (draft.form.endswith(f"#{opening}") or (record_id and draft.values.get("id") == [record_id]))
    ]
    Draft.objects.filter(pk__in=ids).delete()


def delete_old() -> int:
    """Delete drafts older than 14 days; returns how many there were."""
    limit = timezone.now() - datetime.timedelta(days=DRAFT_DAYS)
    return Draft.objects.filter(saved_at__lt=limit).delete()[0]
