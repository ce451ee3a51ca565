"""What a calendar program reads at the secret address of a feed."""

import datetime
import hashlib
from typing import Final

from treatments.appointments.calendar import calendar_file
from treatments.appointments.models import Appointment, CalendarFeed
from treatments.appointments.vocabulary import NamesInCalendar

_BEFORE, _AHEAD = datetime.timedelta(days=31), datetime.timedelta(days=366)
MOST_EVENTS: Final = 10_000


def find_feed(secret: str) -> CalendarFeed | None:
    """None where it is revoked or invented."""
    return CalendarFeed.objects.open().select_related("clinic").filter(secret_hash=hashed(secret)).first()


def content_of(feed: CalendarFeed, today: datetime.date) -> bytes:
    """The bookings from a month before `today` to a year after it. Whoever hands it out notes the reading."""
    clinic = feed.clinic
    rows = Appointment.objects.of(clinic).on_the_list().filter(day__range=(today - _BEFORE, today + _AHEAD))
    if feed.names != NamesInCalendar.NONE:
        rows = rows.select_related("patient")
    return calendar_file.feed(rows.order_by("day", "time", "id")[:MOST_EVENTS], clinic, feed.names)


def digest(content: bytes) -> str:
    """The same for as long as nothing in the feed changes."""
    return hashlib.sha256(content).hexdigest()


def hashed(secret: str) -> str:
    """SHA-256: a secret of 256 random bits is guessed no sooner for a hash that is fast."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
