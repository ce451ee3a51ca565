"""The last copy that `backup` made, for the managers: when it was, and whether it can be relied upon."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from clinic.operations.models import BACKUP, BACKUP_DESCRIBED, BACKUP_FAILED, Upkeep

TOO_OLD: Final = timedelta(days=2)
_NIGHT_ENDS: Final = 6  # o'clock


@dataclass(frozen=True)
class LastCopy:
    """`at` is when it was made, `is_read_back` whether what was written was read again, `faults` how many originals it
    could not have whole; `failed_at` when an attempt ended without a copy, `failed_because` why, as the command said.
    The times are aware."""

    at: datetime | None
    faults: int
    failed_at: datetime | None
    works_since: datetime | None
    now: datetime
    is_read_back: bool = True
    failed_because: str = ""

    @property
    def has_failed_since(self) -> bool:
        return self.failed_at is not None and (self.at is None or self.failed_at > self.at)

    @property
    def why(self) -> str:
        """Why the last attempt ended without a copy; "" where it did not, or nobody noted it."""
        return self.failed_because if self.has_failed_since else ""

    @property
    def is_too_old(self) -> bool:
        return self.at is not None and self.now - self.at > TOO_OLD

    @property
    def is_urgent(self) -> bool:
        """Of a new clinic only once it could have made one: when who asks has worked there for so long."""
        is_new = self.works_since is not None and self.now - self.works_since <= TOO_OLD
        return not self.is_good and bool(self.at or self.failed_at or not is_new)

    @property
    def is_good(self) -> bool:
        return self.at is not None and not (self.faults or self.is_too_old or self.has_failed_since)

    @property
    def when(self) -> str:
        return _when(self.at, self.now) if self.at else ""

    @property
    def failed_when(self) -> str:
        return _when(self.failed_at, self.now) if self.failed_at else ""

    @property
    def sentence(self) -> str:
        """What is true, in a line."""
        if self.at is None:
            return "The last attempt to make a copy failed" if self.failed_at else "No copy has been made yet"
        if self.has_failed_since:
            return f"The copy of {self.failed_when} failed; the last good one is of {self.when}"
        if self.is_too_old:
            return f"No copy since {self.when}"
        if self.faults:
            are = "photo is" if self.faults == 1 else "photos are"
            return f"The copy of {self.when} was made, but {self.faults} {are} missing or altered"
        return f"Last good copy: {self.when}{', read back' if self.is_read_back else ''}"

    @property
    def consequence(self) -> str:
        """What it means for the record, in a sentence; "" where the copy is good."""
        if self.is_good:
            return ""
        if self.at is None:
            is_due = settings.BACKUP_TO and not self.is_urgent
            return (
                "The first one is due in the coming night."
                if is_due
                else "What is entered would be lost with its disk."
            )
        if self.has_failed_since or self.is_too_old:
            return f"What was entered since {'then' if not self.has_failed_since else self.when} is in no copy."
        return f"Everything else is in it. An earlier copy may have {'it' if self.faults == 1 else 'them'}."


def last_copy(*, works_since: datetime | None) -> LastCopy:
    """One query. `works_since`: from when on the person who asks has worked at the clinic; None where nobody noted
    it."""
    rows = {row.task: row for row in Upkeep.objects.filter(task__in=[BACKUP, BACKUP_FAILED, BACKUP_DESCRIBED])}
    made, failed, described = rows.get(BACKUP), rows.get(BACKUP_FAILED), rows.get(BACKUP_DESCRIBED)
    return LastCopy(
        made.at if made else None,
        made.faults if made else 0,
        failed.at if failed else None,
        works_since,
        timezone.now(),
        failed_because=failed.reason if failed else "",
        is_read_back=not (made and described and described.at >= made.at),
    )


def _when(at: datetime, now: datetime) -> str:
    """In the zone of the clinic: "last night 03:10", "today 14:00", "yesterday 23:10", "27 November 03:10"."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    days = (today - local.date()).days
    if days == 0:
        day = "last night" if local.hour < _NIGHT_ENDS else "today"
    elif days == 1:
        day = "yesterday"
    else:
        day = f"{local.day} {local:%B}" + (f" {local.year}" if local.year != today.year else "")
    return f"{day} {local:%H:%M}"
