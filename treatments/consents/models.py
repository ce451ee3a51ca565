import datetime
import hashlib
import json
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic.audit.append_only import AppendOnly
from clinic.staff.models import Clinic
from treatments.consents import languages, scans, signatures, text_blocks
from treatments.consents.purposes import ConsentKind, PhotoPurpose, SignedBy, SignedHow
from treatments.consents.rules import ConsentFacts
from treatments.patients.models import Patient
from treatments.records.fields import ClinicOf
from treatments.records.formatting import day
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, Record, all_or_none, struck_out_together


class ConsentTextQuerySet(models.QuerySet["ConsentText"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def versions_of(self, text: "ConsentText") -> Self:
        """Every version of the same form in the same language."""
        return self.filter(clinic_id=text.clinic_id, kind=text.kind, title=text.title, language=text.language)

    def last_versions(self) -> Self:
        """The last version of each form, retired or not."""
        later = ConsentText.objects.filter(
            **{name: models.OuterRef(name) for name in ("clinic", "kind", "title", "language")},
            number__gt=models.OuterRef("number"),
        )
        return self.filter(~models.Exists(later))

    def current(self) -> Self:
        """What a patient may sign today: the last version of each form that is not retired."""
        return self.last_versions().filter(retired_at__isnull=True)

    def in_order(self) -> Self:
        return self.order_by("kind", "title", "language_name", "-number")


class ConsentText(AppendOnly, Record):
    """One version of the words of a consent form, in one language. Never changed: a changed text is a new version.

    `number` counts the versions of one kind, title and language in the clinic, from 1. `body` is plain text
    (text_blocks.py); `uses` are the words beside each use of photographs, by PhotoPurpose, and a use without words is
    not asked. Retiring one takes the form off the list; who signed it can read it for ever.
    """

    changeable = ("retired_at", "retired_by_id")

    kind = models.CharField("Consent to", max_length=16, choices=ConsentKind.choices)
    title = models.CharField("Title of the form", max_length=80)
    # A BCP 47 tag, for the lang attribute, and the name by which the clinic's people know the language.
    language = models.CharField("Language", max_length=languages.LONGEST_TAG)
    language_name = models.CharField("Name of the language", max_length=40)
    number = models.PositiveIntegerField("Version")
    body = models.TextField("The words", max_length=40_000)
    uses: Any = models.JSONField("Words for each use of photographs", default=dict, blank=True)
    covers_unapproved = models.BooleanField(
        "The form says that the product is not approved for this use", default=False
    )
    covers_source = models.CharField("Product source that the form names", max_length=120, blank=True)
    # Came with Anagen, and was not changed by the clinic since.
    is_sample = models.BooleanField(default=False, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )

    objects = ConsentTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "kind", "title", "language", "number"], name="one_number_for_a_version_of_a_text"
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="versions_of_a_text_count_from_one"),
            models.CheckConstraint(
                condition=~models.Q(title="") & ~models.Q(language="") & ~models.Q(body=""),
                name="a_text_has_title_language_and_words",
            ),
            models.CheckConstraint(
                condition=all_or_none("retired_at", "retired_by"), name="a_text_is_retired_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.language_name}, version {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("consents:text", args=[self.pk])

    @property
    def named_version(self) -> str:
        """As a consent names what was signed: "Treatment with exosomes, version 3"."""
        return f"{self.title}, version {self.number}"

    @property
    def direction(self) -> str:
        """ "ltr" or "rtl"."""
        return languages.direction(self.language)

    @property
    def blocks(self) -> list[text_blocks.Block]:
        return text_blocks.blocks(self.body)

    @property
    def use_words(self) -> list[tuple[PhotoPurpose, str]]:
        """The uses that the form asks about, in their order, each with its words."""
        return [(use, self.uses[use]) for use in PhotoPurpose if self.uses.get(use)]

    @property
    def digest(self) -> str:
        """SHA-256 of everything that the patient reads, and of which version it is."""
        read = [str(self.pk), self.title, self.language, self.number, self.body, sorted(self.uses.items())]
        return hashlib.sha256(json.dumps(read, ensure_ascii=False).encode()).hexdigest()


class ConsentQuerySet(ClinicalQuerySet):
    def in_force(self, on: datetime.date) -> Self:
        """Given on or before that day, not withdrawn by then, not expired, not struck out."""
        return self.standing().filter(given_on__lte=on).exclude(withdrawn_on__lte=on).exclude(expires_on__lt=on)


class Consent(ClinicalRecord):
    """What a patient allowed, on which form; for photographs each purpose on its own."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    kind = models.CharField("Consent to", max_length=16, choices=ConsentKind.choices)
    purposes = models.JSONField("Photos may be used for", default=list, blank=True)
    # The words that were signed, where the clinic keeps them here; of another form, on paper, only its name is known.
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="consents", null=True, blank=True)
    form_version = models.CharField("Form and version", max_length=120)
    language = models.CharField("Language of the form", max_length=40, blank=True)
    covers_unapproved = models.BooleanField(
        ("The form says that the product is not approved for this use"), default=False
    )
    covers_source = models.CharField("Product source that the form names", max_length=120, blank=True)
    is_identifiable = models.BooleanField("The face may be recognisable", default=False)
    # Asked for the publication of a case alone; NULL where it was not asked.
    has_read_manuscript = models.BooleanField("Has the patient read the manuscript?", null=True, blank=True)
    journal = models.CharField("For which journal or report", max_length=160, blank=True, db_default="")
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
    clinic = ClinicOf("consent")
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
    """What left the clinic: for what purpose, with which photos, under which consent. `also_under` are the ids of the
    others that it rests on: of a case report, whose own is that to the text, those to its photos."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="exports")
    purpose = models.CharField(max_length=16)
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="exports")
    also_under: Any = models.JSONField(default=list)
    photos = models.JSONField(default=list)
    crops: Any = models.JSONField(default=dict)
    file_format = models.CharField(max_length=4)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [struck_out_together("export_struck_out_with_who_and_why")]

    def __str__(self) -> str:
        return f"{self.file_format} for {self.purpose}"

    def rests_on(self, consent: Consent) -> bool:
        return consent.pk == self.consent_id or str(consent.pk) in map(str, self.also_under)

    @property
    def happened_on(self) -> datetime.date:
        return timezone.localdate(self.created_at)
