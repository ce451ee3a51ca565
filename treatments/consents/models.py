import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from treatments.consents import scans, signatures
from treatments.consents.purposes import ConsentKind, PhotoPurpose, SignedBy, SignedHow
from treatments.consents.rules import ConsentFacts
from treatments.patients.models import Patient
from treatments.records.formatting import day
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, all_or_none, struck_out_together


class ConsentQuerySet(ClinicalQuerySet):
    def in_force(self, on: datetime.date) -> Self:
        """Given on or before that day, not withdrawn by then, not expired, not struck out."""
        return self.standing().filter(given_on__lte=on).exclude(withdrawn_on__lte=on).exclude(expires_on__lt=on)


class Consent(ClinicalRecord):
    """What a patient allowed, on which form; for photographs each purpose on its own."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    kind = models.CharField("Consent to", max_length=16, choices=ConsentKind.choices)
    purposes = models.JSONField("Photos may be used for", default=list, blank=True)
    form_version = models.CharField("Form and version", max_length=60)
    language = models.CharField("Language of the form", max_length=40, blank=True)
    covers_unapproved = models.BooleanField(
        ("The form says that the product is not approved for this use"), default=False
    )
    covers_source = models.CharField("Product source that the form names", max_length=120, blank=True)
    is_identifiable = models.BooleanField("The face may be recognisable", default=False)
    given_on = models.DateField("Signed on")
    signed_by = models.CharField("Signed by", max_length=12, choices=SignedBy.choices, default=SignedBy.PATIENT)
    guardian = models.CharField("Guardian's name and relation", max_length=120, blank=True)
    signed_how = models.CharField("How", max_length=12, choices=SignedHow.choices)
    # The strokes of a signature made on the screen, or the name typed in its place: see signatures.py.
    signature = models.JSONField(null=True, blank=True)
    witness = models.CharField("Witness or interpreter", max_length=120, blank=True)
    expires_on = models.DateField("Valid until", null=True, blank=True)
    withdrawn_on = models.DateField("Withdrawn on", null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )
    withdrawal_reason = models.CharField("Why it was withdrawn", max_length=300, blank=True, editable=False)

    objects: ClassVar[Any] = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("consent_struck_out_with_who_and_why"),
            models.CheckConstraint(
                condition=all_or_none("withdrawn_on", "withdrawn_by"), name="a_withdrawal_has_its_day_and_its_witness"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_on__isnull=True) | models.Q(withdrawn_on__gte=models.F("given_on")),
                name="a_consent_is_given_before_it_is_withdrawn",
            ),
        ]
        indexes = [models.Index(fields=["patient", "kind"], name="consents_of_a_patient")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} consent, {day(self.given_on)}"

    def get_absolute_url(self) -> str:
        return f"{reverse('consents:index', args=[self.patient_id])}#consent-{self.pk}"

    @property
    def happened_on(self) -> datetime.date:
        return self.given_on

    @property
    def signature_path(self) -> str:
        return signatures.path(self.signature)

    @property
    def signature_name(self) -> str:
        return signatures.typed_name(self.signature)

    @property
    def facts(self) -> ConsentFacts:
        """What the rules read of a consent that was not struck out."""
        return ConsentFacts(
            kind=self.kind,
            given_on=self.given_on,
            purposes=frozenset(self.purposes),
            expires_on=self.expires_on,
            withdrawn_on=self.withdrawn_on,
            covers_source=self.covers_source,
            covers_unapproved=self.covers_unapproved,
        )

    def is_in_force(self, on: datetime.date) -> bool:
        return not self.is_struck_out and self.facts.in_force(on)

    def allows(self, purpose: str) -> bool:
        return self.kind == ConsentKind.PHOTOGRAPHY and purpose in self.purposes

    def purpose_labels(self) -> list[Any]:
        return [PhotoPurpose(code).label for code in self.purposes if code in PhotoPurpose.values]


class ConsentScan(models.Model):
    """The signed page itself, in the database beside its consent, so that one is never stored without the other."""

    consent = models.OneToOneField(Consent, models.PROTECT, related_name="scan", primary_key=True)
    data = models.BinaryField()
    media_type = models.CharField(max_length=20, choices=[(kind, kind) for kind in scans.ENDINGS])
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(media_type__in=list(scans.ENDINGS)), name="a_scan_is_of_a_known_type"
            )
        ]

    def __str__(self) -> str:
        return f"Scan of {self.consent}"

    @property
    def file_name(self) -> str:
        return f"consent-{self.consent.kind}-{self.consent.given_on:%Y-%m-%d}.{scans.ENDINGS[self.media_type]}"


class Export(ClinicalRecord):
    """A before/after sheet that was exported: for what purpose, with which photos, under which consent."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="exports")
    purpose = models.CharField(max_length=16)
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="exports")
    photos = models.JSONField(default=list)
    crops: Any = models.JSONField(default=dict)
    file_format = models.CharField(max_length=4)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [struck_out_together("export_struck_out_with_who_and_why")]

    def __str__(self) -> str:
        return f"{self.file_format} for {self.purpose}"

    @property
    def happened_on(self) -> datetime.date:
        return timezone.localdate(self.created_at)
