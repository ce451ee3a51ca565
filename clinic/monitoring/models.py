"""Reports of errors: what somebody who mends Anagen must know of a page that broke, and nothing of a patient."""

from django.db import models
from django.utils import timezone


class ErrorReport(models.Model):
    """`id` is that of the request, as on the error page, in the log and on the audit trail. `page` is the name of the
    address, `exception` a class, `frames` are places in the program, without a value."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField(default=timezone.now)
    clinic = models.ForeignKey("clinic.Clinic", models.CASCADE, related_name="+", null=True)
    method = models.CharField(max_length=8)
    page = models.CharField(max_length=100, blank=True)
    exception = models.CharField(max_length=300)
    frames = models.JSONField(default=list)
    browser = models.CharField(max_length=300, blank=True)
    release = models.CharField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["at"], name="error_reports_by_time")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.page} {self.exception}"
