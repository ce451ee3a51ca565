"""What a calendar program reads at the secret address of a feed."""

import datetime
import hashlib
from typing import Any, Final

from django.db.models import Count, Max, Sum

from treatments.appointments.calendar import calendar_file
from treatments.appointments.models import Appointment, CalendarFeed

_BEFORE, _AHEAD = datetime.timedelta(days=31), datetime.timedelta(days=366)
MOST_EVENTS: Final = 10_000
_COLUMNS: Final = (
    *("day", "time", "minutes", "room", "state", "state_at", "created_at", "struck_out_at"),
    *("calendar_id", "sequence", "patient_id"),
)


def find_feed(secret: str) -> CalendarFeed | None:
    """None where it is revoked or invented."""
    return CalendarFeed.objects.open().select_related("clinic").filter(secret_hash=hashed(secret)).first()


def content_of(feed: CalendarFeed, today: datetime.date) -> bytes:
    """The bookings from a month before `today` to a year after it. Whoever hands it out notes the reading."""
    rows = _rows(feed, today).select_related("patient").order_by("day", "time", "id")
    columns = [*_COLUMNS, "patient__name", "patient__record_number"]
    return calendar_file.feed(rows.only(*columns)[:MOST_EVENTS], feed.clinic, feed.names)


def digest(feed: CalendarFeed, today: datetime.date) -> str:
    """The same for as long as nothing in the feed changes, on one day. One query, however many bookings there are:
    programs ask every few minutes, and mostly for nothing.

    Every change makes a row, or a version of a row; so it shows in how many there are, in the sum of the versions, or
    in the last time at which one was written.
    """
    told = _rows(feed, today).aggregate(
        rows=Count("pk"),
        versions=Sum("version"),
        names=Sum("patient__version"),
        made=Max("created_at"),
        settled=Max("state_at"),
    )
    clinic = feed.clinic
    parts = [feed.pk, feed.names, today, clinic.name, clinic.time_zone, *told.values()]
    return hashlib.sha256(repr(list(map(str, parts))).encode()).hexdigest()


def _rows(feed: CalendarFeed, today: datetime.date) -> Any:
    rows = Appointment.objects.of(feed.clinic).on_the_list()
    return rows.filter(day__range=(today - _BEFORE, today + _AHEAD))


def hashed(secret: str) -> str:
    """SHA-256: a secret of 256 random bits is guessed no sooner for a hash that is fast."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
