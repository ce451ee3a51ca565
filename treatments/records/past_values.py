"""What a record said on an earlier day: its values now, with every update undone that came after that day.

An update says from which day its value is true, as far as that was known. It counts on a day that it may lie on or
before: where the two cannot be told apart, what is known now is held to be known then, which warns once too often
rather than once too seldom. A correction was never a change: what it put right is right for every day.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from treatments.records.models import Correction, Record
from treatments.records.partial_dates import PartialDate


@dataclass(frozen=True)
class Former:
    """A value that was true until something changed: as it is read on pages, and the day on which it changed."""

    value: str
    until: PartialDate
    label: str

    @property
    def text(self) -> str:
        """ "+65 5550 0101, until 3 May 2026"."""
        return f"{self.value}, until {self.until.label()}"


def value_on(record: Record, name: str, updates: Iterable[Correction], day: datetime.date) -> Any:
    """The value of one column on that day. `updates` are those of this record, in whatever order."""
    value = getattr(record, name)
    for update in sorted(updates, key=lambda each: each.version, reverse=True):
        change = _change_of(update, name)
        if change is None:
            continue
        if not _is_after(update, day):
            break
        column: Any = record._meta.get_field(name)
        value = column.to_python(change["was"])
    return value


def changed_after(updates: Iterable[Correction], names: Sequence[str], day: datetime.date) -> list[Correction]:
    """The updates of these columns that came after that day, the first of them first."""
    later = [each for each in updates if _is_after(each, day) and any(_change_of(each, name) for name in names)]
    return sorted(later, key=lambda each: each.version)


def former_values(updates: Iterable[Correction]) -> dict[str, list[Former]]:
    """By the name of the column, what was true before, the latest first; a blank tells nothing and is left out."""
    former: dict[str, list[Former]] = defaultdict(list)
    for update in sorted(updates, key=lambda each: each.version, reverse=True):
        for change in update.shown_changes:
            if update.since and change.get("was") not in (None, "", [], {}):
                former[change["field"]].append(Former(change["before"], update.since, change["label"]))
    return dict(former)


def since_when(updates: Iterable[Correction]) -> dict[str, PartialDate]:
    """By the name of the column, the day from which its value is true; those that never changed are not in it."""
    since: dict[str, PartialDate] = {}
    for update in sorted(updates, key=lambda each: each.version):
        for change in update.changes:
            if update.since:
                since[change["field"]] = update.since
    return since


def _is_after(update: Correction, day: datetime.date) -> bool:
    return bool(update.is_update and update.since and update.since.certainly_after(day))


def _change_of(update: Correction, name: str) -> dict[str, Any] | None:
    return next((each for each in update.changes if each["field"] == name and "was" in each), None)
