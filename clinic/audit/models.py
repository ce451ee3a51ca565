from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic.audit.append_only import AppendOnly


class AuditEvent(AppendOnly):
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
            models.Index(fields=["clinic", "patient_id", "at"], name="audit_by_patient"),
            models.Index(fields=["clinic", "actor", "at"], name="audit_by_person"),
            models.Index(fields=["clinic", "at"], name="audit_by_time"),
            # What is rare would be looked for among all that anybody, or that one person, ever did.
            models.Index(fields=["clinic", "action", "at"], name="audit_by_action"),
            models.Index(fields=["clinic", "actor", "action", "at"], name="audit_by_person_and_action"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_id} {self.action} {self.object_type} {self.object_id}"


class AuditSeal(AppendOnly):
    """A seal over all events of a clinic since its last seal, keyed by a secret outside the database.

    `entries` has for each event, in the order of their ids, the id and a keyed digest of everything else in it (16
    bytes, sealing.py). `mac` is keyed too: over the mac of the seal before and every column of this one. `clinic` is
    null for events of no clinic, as a sign-in that failed.
    """

    clinic = models.ForeignKey("clinic.Clinic", models.PROTECT, related_name="+", null=True)
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    first_event = models.BigIntegerField()
    last_event = models.BigIntegerField()
    count = models.PositiveIntegerField()
    entries = models.BinaryField()
    mac = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "number"], name="one_seal_of_a_number_in_a_clinic"),
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(clinic=None), name="one_seal_of_a_number_outside_clinics"
            ),
        ]
        indexes = [models.Index(fields=["last_event"], name="seals_by_last_event")]

    def __str__(self) -> str:
        return f"Seal {self.number} of clinic {self.clinic_id}, {self.made_at:%Y-%m-%d %H:%M}"
