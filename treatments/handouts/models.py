"""What goes home with a patient: aftercare sheets by version, which one was given, and letters."""

import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.courses.models import ExosomeSession, Protocol
from treatments.handouts.languages import LANGUAGES, OWN
from treatments.patients.models import Patient
from treatments.records.formatting import day
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, Record, all_or_none, struck_out_together

MOST_TEXT = 6_000


class AftercareSheetQuerySet(models.QuerySet["AftercareSheet"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def of_protocol(self, clinic: Clinic, protocol: Protocol | None) -> Self:
        """Every version of the sheet of a protocol, or of that for all without one, newest first."""
        return self.of(clinic).filter(protocol=protocol).order_by("language", "-number")


class AftercareSheet(Record):
    """One version of what a patient is told to do after a session. A new text is a new version; none is changed.

    Without a protocol it is the clinic's for every course whose protocol has no sheet of its own. `number` counts the
    versions of one protocol in one language, from 1.
    """

    protocol = models.ForeignKey(Protocol, models.PROTECT, related_name="aftercare_sheets", null=True, editable=False)
    language = models.CharField("Language", max_length=8, choices=list(LANGUAGES.items()), default=OWN)
    number = models.PositiveIntegerField(editable=False)
    text = models.TextField("What the patient is told", max_length=MOST_TEXT)

    objects: ClassVar[Any] = AftercareSheetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "protocol", "language", "number"],
                condition=models.Q(protocol__isnull=False),
                name="one_aftercare_sheet_of_a_protocol_for_a_version",
            ),
            models.UniqueConstraint(
                fields=["clinic", "language", "number"],
                condition=models.Q(protocol__isnull=True),
                name="one_aftercare_sheet_of_a_clinic_for_a_version",
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="an_aftercare_sheet_says_something"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="aftercare_sheets_are_numbered_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"

    @property
    def name(self) -> str:
        """ "Aftercare, Five monthly sessions, English"; without the protocol where it is for all."""
        parts = ["Aftercare", self.protocol.name if self.protocol else "", str(self.get_language_display())]
        return ", ".join(filter(None, parts))


class AftercareGiven(ClinicalRecord):
    """Which version of the sheet went home after a session; once for each, however often it was printed."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="aftercare_given")
    exosome_session = models.ForeignKey(ExosomeSession, models.PROTECT, related_name="aftercare_given")
    sheet = models.ForeignKey(AftercareSheet, models.PROTECT, related_name="given")
    given_on = models.DateField("Given on", default=timezone.localdate)

    class Meta:
        constraints = [
            struck_out_together("aftercare_given_struck_out_with_who_and_why"),
            models.UniqueConstraint(
                fields=["exosome_session", "sheet"],
                condition=models.Q(struck_out_at__isnull=True),
                name="a_version_is_given_once_after_a_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}, {day(self.given_on)}"

    @property
    def happened_on(self) -> datetime.date:
        return self.given_on

    def get_absolute_url(self) -> str:
        return reverse("papers:day", args=[self.patient_id, self.exosome_session_id])


class LetterQuerySet(ClinicalQuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-dated", "-id")


class Letter(ClinicalRecord):
    """A letter about a patient: a draft until it is signed, and never changed afterwards.

    `signed_as` is the name that was printed under it, which stays when the person's name changes.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="letters")
    dated = models.DateField("Date of the letter", default=timezone.localdate)
    recipient = models.TextField("To", max_length=400)
    subject = models.CharField("About", max_length=160)
    body = models.TextField("Letter", max_length=MOST_TEXT)
    signed_at = models.DateTimeField(null=True, editable=False)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False, verbose_name="signed by"
    )
    signed_as = models.CharField("Signed as", max_length=160, blank=True, editable=False)

    objects: ClassVar[Any] = LetterQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("letter_struck_out_with_who_and_why"),
            models.CheckConstraint(
                condition=all_or_none("signed_at", "signed_by")
                & (models.Q(signed_at__isnull=True) | ~models.Q(signed_as="")),
                name="a_signed_letter_says_who_signed_and_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(recipient="") & ~models.Q(body=""),
                name="a_letter_is_to_somebody_and_says_something",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-dated"], name="letters_of_a_patient")]

    def __str__(self) -> str:
        return f"Letter to {self.addressee}, {day(self.dated)}"

    @property
    def addressee(self) -> str:
        """The first line of whom it is to."""
        return str(self.recipient).strip().partition("\n")[0].strip()

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None

    @property
    def happened_on(self) -> datetime.date:
        return self.dated

    def get_absolute_url(self) -> str:
        return reverse("papers:letter", args=[self.patient_id, self.pk])
