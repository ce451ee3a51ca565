"""The rules of a time zone as a calendar file writes them: a VTIMEZONE with the changes of the years around its events.

Written here, because icalendar's own (7.3, `Timezone.from_tzinfo`) begins summer time an hour late: RFC 5545 wants the
onset on the clock that was valid before it. No Django here.
"""

import datetime
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAY, _SECOND = datetime.timedelta(days=1), datetime.timedelta(seconds=1)
_MARGIN = datetime.timedelta(days=366)


def vtimezone(zone: ZoneInfo, first: datetime.date, last: datetime.date) -> Timezone:
    """The rules from a year before the first day to a year after the last."""
    begin = datetime.datetime.combine(first - _MARGIN, datetime.time(), datetime.UTC)
    end = datetime.datetime.combine(last + _MARGIN, datetime.time(), datetime.UTC)
    component = Timezone()
    component.add("tzid", zone.key)
    component.add_component(_observance(zone, begin, begin))
    for change in changes(zone, begin, end):
        component.add_component(_observance(zone, change - _SECOND, change))
    return component


def changes(zone: ZoneInfo, begin: datetime.datetime, end: datetime.datetime) -> Iterator[datetime.datetime]:
    """The instants, in UTC, from which the clocks of a zone show another time or have another name."""
    day = begin
    while day < end:
        if _rule(zone, day) != _rule(zone, day + _DAY):
            yield _first_of(zone, day, day + _DAY)
        day += _DAY


def _first_of(zone: ZoneInfo, before: datetime.datetime, after: datetime.datetime) -> datetime.datetime:
    """The first second of the new rule between two instants of which only the second has it."""
    old = _rule(zone, before)
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        before, after = (middle, after) if _rule(zone, middle) == old else (before, middle)
    return after


def _rule(zone: ZoneInfo, at: datetime.datetime) -> tuple[datetime.timedelta | None, bool, str | None]:
    local = at.astimezone(zone)
    return local.utcoffset(), bool(local.dst()), local.tzname()


def _observance(
    zone: ZoneInfo, before: datetime.datetime, at: datetime.datetime
) -> TimezoneStandard | TimezoneDaylight:
    """What is valid from an instant on; its DTSTART is what the clock showed by the rule before."""
    old, _, _ = _rule(zone, before)
    new, is_summer, name = _rule(zone, at)
    component = TimezoneDaylight() if is_summer else TimezoneStandard()
    component.add("dtstart", (at + (old or datetime.timedelta())).replace(tzinfo=None))
    component.add("tzoffsetfrom", old)
    component.add("tzoffsetto", new)
    component.add("tzname", name)
    return component
