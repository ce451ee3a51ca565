"""What signing in keeps: the tries that were counted, and the PIN of a person on a device."""

from django.conf import settings
from django.db import models


class SignInTries(models.Model):
    """Tries to sign in that were counted against an account, an address or a browser: see throttle.py."""

    # A keyed hash: what people type as their e-mail may be somebody's, or a password in the wrong field.
    subject = models.CharField(max_length=64, primary_key=True)
    tries = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    closed_until = models.DateTimeField()
    # Whether the wait until then is on the audit trail: once is enough, however many tries it refuses.
    wait_noted = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "sign-in tries"

    def __str__(self) -> str:
        return f"{self.tries} tries"


class DevicePin(models.Model):
    """Six digits by which a person uncovers a page on one device, within 12 hours of a full sign-in there.

    A PIN opens nothing by itself: the device must have been signed in fully, and it never reaches export or
    administration.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="device_pins")
    # The browser's own random name: see known_devices.py.
    device = models.CharField(max_length=32)
    # A slow hash of the PIN and a secret outside the database: a million PINs are soon tried.
    pin_hash = models.CharField(max_length=128)
    signed_in_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "device"], name="one_pin_of_a_person_on_a_device")]

    def __str__(self) -> str:
        return f"PIN of {self.user} on a device"
