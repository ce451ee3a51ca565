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

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_for_an_email_in_any_case")]

    def __str__(self) -> str:
        return self.name or self.email


def known_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("Choose a time zone by its IANA name, for example Asia/Singapore.")


class Clinic(models.Model):
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="Asia/Singapore", validators=[known_zone])
    record_prefix = models.CharField("Record numbers begin with", max_length=8, default="HC-", blank=True)
    # Changes below these count as measurement error; None means the published figures.
    thresholds = models.JSONField(null=True, blank=True)
    thresholds_reason = models.CharField(max_length=300, blank=True)

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


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        return self.filter(is_active=True, user__is_active=True)


class Membership(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    is_active = models.BooleanField(default=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "clinic"], name="one_role_for_a_person_in_a_clinic"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="a_role_is_one_of_the_five"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.clinic}"


class SignInTries(models.Model):
    """Tries to sign in that were counted against an account, an address or a browser: see sign_in_throttle.py."""

    # A keyed hash: what people type as their e-mail may be somebody's, or a password in the wrong field.
    subject = models.CharField(max_length=64, primary_key=True)
    tries = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    closed_until = models.DateTimeField()

    class Meta:
        verbose_name_plural = "sign-in tries"

    def __str__(self) -> str:
        return f"{self.tries} tries"
