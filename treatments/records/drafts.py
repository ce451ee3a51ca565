"""What was typed and not saved yet, kept on the server for the person who typed it."""

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from treatments.records.models import DRAFT_DAYS, Draft

# Room for the longest note with its markup; more than that is not typing.
MAX_DRAFT_BYTES = 200_000


def keep(
    *, owner: Any, clinic: Any, form: str, values: dict[str, list[str]], base_version: int | None, sequence: int
) -> Draft:
    """Keep the newest batch of what was typed; an older batch that arrives late changes nothing."""
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
    return draft


def find(*, owner: Any, clinic: Any, form: str) -> Draft | None:
    return Draft.objects.alive().filter(owner=owner, clinic=clinic, form=form).first()


def forget(*, owner: Any, clinic: Any, form: str) -> None:
    Draft.objects.filter(owner=owner, clinic=clinic, form=form).delete()


def sweep() -> int:
    """Delete drafts older than 14 days; returns how many went."""
    limit = timezone.now() - datetime.timedelta(days=DRAFT_DAYS)
    return Draft.objects.filter(saved_at__lt=limit).delete()[0]
