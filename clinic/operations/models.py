"""When each task of upkeep was last done, and what it found. One row a task; /health/ reads them."""

from datetime import datetime
from typing import Final

from django.db import models
from django.utils import timezone

from clinic.operations.closing import closed

HEARTBEAT: Final = "heartbeat"
"""Not a task: the latest moment that /health/ has seen on the server's clock."""
VERIFY, SWEEP, BACKUP, AUDIT = "photos verify", "sweep", "backup", "audit verify"
BACKUP_FAILED: Final = "backup failed"
"""Not a task either: when a backup last ended without a copy."""
BACKUP_DESCRIBED: Final = "backup described"
"""Nor this: when BACKUP was last the manifest of what another program had copied, which nobody read back."""


class Upkeep(models.Model):
    """`faults` counts what is wrong since this run, for example originals that are missing or altered; `reason` is why
    a task ended without its result, in the words that the command printed."""

    task = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
    faults = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True, db_default="")

    class Meta:
        verbose_name_plural = "upkeep"

    def __str__(self) -> str:
        return f"{self.task}, {self.at:%Y-%m-%d %H:%M}"


def done(task: str, *, faults: int = 0, at: datetime | None = None, reason: str = "") -> None:
    """Remember that a task has ended now; but not in a database that is closed, where nobody asks for it any more."""
    if closed():
        return
    found = {"at": at or timezone.now(), "faults": faults, "reason": reason}
    Upkeep.objects.update_or_create(task=task, defaults=found)
