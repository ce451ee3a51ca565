"""The secret address of the clinic's calendar feed: made and revoked by managers, read by a program."""

import datetime
import hashlib
import secrets
from typing import Final

from django.db import transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import Clinic, User
from treatments.appointments import calendar_file
from treatments.appointments.models import Appointment, CalendarFeed
from treatments.appointments.vocabulary import NamesInCalendar

_SECRET_BYTES = 32
_BEFORE, _AHEAD = datetime.timedelta(days=31), datetime.timedelta(days=366)
MOST_EVENTS: Final = 10_000


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


def find_feed(secret: str) -> CalendarFeed | None:
    """None where it is revoked or invented."""
    return CalendarFeed.objects.open().select_related("clinic").filter(secret_hash=hashed(secret)).first()


def read_feed(feed: CalendarFeed) -> bytes:
    """The bookings from a month ago to a year ahead. The first reading of each day is on the trail, by nobody."""
    clinic = feed.clinic
    today = timezone.localdate(timezone=clinic.zone)
    rows = Appointment.objects.of(clinic).on_the_list().filter(day__range=(today - _BEFORE, today + _AHEAD))
    if feed.names != NamesInCalendar.NONE:
        rows = rows.select_related("patient")
    content = calendar_file.feed(rows.order_by("day", "time", "id")[:MOST_EVENTS], clinic, feed.names)
    with transaction.atomic():
        unread = CalendarFeed.objects.filter(pk=feed.pk).exclude(last_read_on=today)
        if feed.last_read_on != today and unread.update(last_read_on=today):
            log.record("read_feed", by=None, clinic=clinic, detail={"feed": str(feed.pk), "names": str(feed.names)})
    return content


def digest(content: bytes) -> str:
    """The same for as long as nothing in the feed changes."""
    return hashlib.sha256(content).hexdigest()


def hashed(secret: str) -> str:
    """SHA-256: a secret of 256 random bits is guessed no sooner for a hash that is fast."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
