"""How the secret address of a calendar feed is made and revoked, and that it was read."""

import datetime
import secrets

from django.db import transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import Clinic, User
from treatments.appointments.calendar.feeds import hashed
from treatments.appointments.models import CalendarFeed

_SECRET_BYTES = 32


def make_feed(clinic: Clinic, *, name: str, names: str, by: User) -> tuple[str, CalendarFeed]:
    """The secret of a new feed, which nobody can show again, and its row."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    with transaction.atomic():
        feed = CalendarFeed.objects.create(
            clinic=clinic, name=name, names=names, secret_hash=hashed(secret), made_by=by
        )
        log.record("made_feed", by=by, clinic=clinic, detail={"feed": str(feed.pk), "names": str(names)})
    return secret, feed


def revoke_feed(feed: CalendarFeed, *, by: User) -> None:
    """Let the address answer no more. A second time changes nothing."""
    with transaction.atomic():
        rows = CalendarFeed.objects.open().filter(pk=feed.pk)
        if rows.update(revoked_at=timezone.now(), revoked_by=by):
            log.record("revoked_feed", by=by, clinic=feed.clinic, detail={"feed": str(feed.pk)})


def note_reading(feed: CalendarFeed, *, on: datetime.date, by: User | None = None) -> None:
    """Put the first reading of each day on the trail: by nobody, for a program reads. `on` is by the clinic's clock."""
    if feed.last_read_on == on:
        return
    with transaction.atomic():
        if CalendarFeed.objects.filter(pk=feed.pk).exclude(last_read_on=on).update(last_read_on=on):
            detail = {"feed": str(feed.pk), "names": str(feed.names)}
            log.record("read_feed", by=by, clinic=feed.clinic, detail=detail)
