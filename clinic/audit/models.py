from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class AuditEvent(models.Model):
    """One thing that a person did or looked at. Append-only, without names, notes or clinical values.

    The patient and the object are ids without foreign keys, so that no change of theirs can delete an event.
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    clinic = models.ForeignKey("clinic.Clinic", models.PROTECT, related_name="audit_events", null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="audit_events", null=True)
    action = models.CharField(max_length=32)
    object_type = models.CharField(max_length=32, blank=True)
    object_id = models.CharField(max_length=36, blank=True)
    patient_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)
    request_id = models.CharField(max_length=36, blank=True)
    address = models.GenericIPAddressField(null=True)
    session = models.CharField(max_length=16, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "patient_id", "-id"], name="audit_by_patient"),
            models.Index(fields=["clinic", "actor", "-id"], name="audit_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_id} {self.action} {self.object_type} {self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The audit trail is append-only: an event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("The audit trail is append-only: an event is never deleted.")
