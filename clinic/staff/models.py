"""The clinic, the people who work in it, and the role each has there."""

from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        if not email:
            raise ValueError("A person signs in with an e-mail address; none was given.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, **fields: object) -> "User":
        """Refuses, with a sentence that Django's command `createsuperuser` shows."""
        raise ValidationError(
            "Anagen has nobody who may do everything. Open a clinic with its manager: ./anagen open_clinic --help"
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    email = models.EmailField("E-mail", unique=True)
    name = models.CharField("Name as it stands in the record", max_length=120)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    # Null until somebody has signed in with it. A second factor may wait for a week from then.
    first_signed_in_at = models.DateTimeField(null=True, blank=True)
    # Whatever was signed in before this is signed out.
    signed_out_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_for_an_email_in_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def waits_for_link(self) -> bool:
        """Whether nobody has signed in with this account, and no password opens it: it is opened by a one-time link."""
        return self.first_signed_in_at is None and not self.has_usable_password()


def known_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("Choose a time zone by its IANA name, for example Asia/Singapore.")


SHORTEST_COVER, LONGEST_COVER = 1, 30  # minutes; ASVS 7.3.1 and NIST 800-63B allow at most 30


class Closed(models.TextChoices):
    """Why no page of a clinic is shown here: its rows are on their way to a database of its own, or are there."""

    MOVING = "moving", "Being moved"
    MOVED = "moved", "Moved"


class Clinic(models.Model):
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="Asia/Singapore", validators=[known_zone])
    record_prefix = models.CharField("Record numbers begin with", max_length=8, default="HC-", blank=True)
    # Changes below these count as measurement error; None means the published figures.
    thresholds = models.JSONField(null=True, blank=True)
    thresholds_reason = models.CharField(max_length=300, blank=True)
    # From which repeat counts the error among them comes; None where it was typed.
    thresholds_repeats = models.JSONField(null=True, blank=True)
    letterhead = models.TextField("Letterhead of what is printed", max_length=400, blank=True)
    cover_minutes = models.PositiveSmallIntegerField("Minutes without a touch until a page is covered", default=10)
    second_factor_for_all = models.BooleanField("Ask everybody for a second factor", default=False)
    # Null until somebody has looked through these and saved them: the first step of First start.
    settings_saved_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Set by `./anagen move --clinic` alone.
    closed = models.CharField(max_length=8, choices=Closed.choices, blank=True, db_default="", editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cover_minutes__range=(SHORTEST_COVER, LONGEST_COVER)),
                name="a_page_is_covered_after_1_to_30_minutes",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Role(models.TextChoices):
    MANAGER = "manager", "Manager"
    CLINICIAN = "clinician", "Clinician"
    NURSE = "nurse", "Nurse"
    RECEPTION = "reception", "Reception"
    READER = "reader", "Reader"
    BLIND_READER = "blind_reader", "Blind reader"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        return self.filter(is_active=True, user__is_active=True)


class Membership(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    is_active = models.BooleanField(default=True)
    # Null where it was made before this was kept.
    since = models.DateTimeField(null=True, blank=True, default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "clinic"], name="one_role_for_a_person_in_a_clinic"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="a_role_is_one_of_the_six"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.clinic}"

    @property
    def works_here(self) -> bool:
        return self.is_active and self.user.is_active


class OneTimeLinkQuerySet(models.QuerySet["OneTimeLink"]):
    def open(self) -> "OneTimeLinkQuerySet":
        """Those that can be used now."""
        return self.filter(used_at=None, cancelled_at=None, expires_at__gt=timezone.now())


class OneTimeLink(models.Model):
    """A link by which one person sets a password or a passkey, once: for a new account, or when it is forgotten.

    Its secret is shown once, as text and as a QR code, and stored as a hash.
    """

    class Purpose(models.TextChoices):
        NEW_ACCOUNT = "new_account", "First sign-in"
        RESET = "reset", "New password"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="one_time_links")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="one_time_links")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    secret_hash = models.CharField(max_length=64, unique=True)
    # Null when it was made by a command on the server.
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    # Withdrawn, or followed by a newer link for the same person.
    cancelled_at = models.DateTimeField(null=True)
    # Asked for by name, where the telephone or the key is lost: a new password alone leaves second factors as they are.
    removes_second_factor = models.BooleanField(default=False)

    objects = OneTimeLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(cancelled_at=None),
                name="a_link_was_used_or_cancelled_not_both",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} of {self.user}"
