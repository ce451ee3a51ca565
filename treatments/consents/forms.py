"""The forms of a consent: a new one, its correction, its withdrawal."""

import datetime
import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from treatments.consents import scans, signatures
from treatments.consents.models import Consent, ConsentScan
from treatments.consents.purposes import COVERS, ConsentKind, PhotoPurpose, SignedBy, SignedHow
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.records.formatting import day
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.fields import DayFormField, VersionField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON, RecordForm, Section
from treatments.records.problems import warning

OF_AGE = 18
_SIGNATURE = str(Consent._meta.get_field("signature").verbose_name)
# A draft may be saved the morning after the patient signed; an earlier day is not the day of this signature.
_LATEST_SAVE = datetime.timedelta(days=1)
_BY_GUARDIAN = AskedWhen("signed_by", (SignedBy.GUARDIAN,), ("guardian",))


class _SignedForm(RecordForm):
    """Which form was signed, when, and by whom: asked for a new consent and for its correction."""

    conditions: Sequence[AskedWhen] = (_BY_GUARDIAN,)

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        given = cleaned.get("given_on")
        self._check_guardian(cleaned.get("signed_by"), cleaned.get("guardian"))
        if given:
            self._check_dates(given, cleaned.get("expires_on"))
            self._check_age(given, cleaned.get("signed_by"))
        return cleaned

    def _check_guardian(self, signed_by: str | None, guardian: str | None) -> None:
        if signed_by == SignedBy.GUARDIAN and not guardian:
            self.add_error("guardian", "Write the name of the parent or guardian, and the relation to the patient.")

    def _check_dates(self, given: datetime.date, expires: datetime.date | None) -> None:
        birth, today = self.patient.birth or None, timezone.localdate()
        self.judge(
            event_date_problems(
                given, field="given_on", what="signature", today=today, birth=birth, death=self.patient.died
            )
        )
        if expires and expires <= given:
            self.add_error("expires_on", "“Valid until” is before “Signed on”. Check both dates.")

    def _check_age(self, given: datetime.date, signed_by: str | None) -> None:
        age = self.patient.age(given)
        if age and age[0] < OF_AGE and signed_by == SignedBy.PATIENT:
            sentence = f"The patient was under {OF_AGE} on that day. A parent or guardian must sign too."
            self.judge([warning(14, "signed_by", sentence, "minor_signs_alone")])


class ConsentForm(_SignedForm):
    """A new consent. Every purpose is a box of its own, and none is ticked beforehand."""

    conditions = (
        _BY_GUARDIAN,
        AskedWhen("kind", (ConsentKind.PHOTOGRAPHY,), ("purposes", "is_identifiable")),
        AskedWhen("kind", (ConsentKind.TREATMENT,), ("covers_source", "covers_unapproved")),
        AskedWhen("signed_how", (SignedHow.PAPER_SCAN,), ("scan",)),
        AskedWhen("signed_how", (SignedHow.ON_SCREEN,), ("strokes", "typed_name")),
    )
    purposes = forms.MultipleChoiceField(
        label="What may the photographs be used for?",
        choices=PhotoPurpose.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    signed_how = forms.ChoiceField(
        label="How was it signed?",
        choices=SignedHow.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it is signed here, or was signed on paper."},
    )
    scan = forms.FileField(
        label="Scan or photo of the signed page",
        required=False,
        widget=forms.FileInput(attrs={"accept": scans.ACCEPT}),
        help_text=f"A PDF, JPEG or PNG file, up to {scans.MAX_BYTES // 1024**2} MB. Put all pages in one PDF.",
    )
    strokes = forms.CharField(required=False, widget=forms.HiddenInput, max_length=200_000)
    typed_name = forms.CharField(
        label="Or type the full name instead of a signature",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = Consent
        fields = [
            "kind", "purposes", "form_version", "language", "covers_unapproved", "covers_source", "is_identifiable",
            "given_on", "expires_on", "signed_by", "guardian", "witness", "signed_how",
        ]  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "kind": forms.RadioSelect,
            "signed_by": forms.RadioSelect,
        }
        help_texts = {
            "form_version": "Copy it from the form, for example “Treatment T-3, 2025”.",
            "covers_source": "Copy it from the form. Leave empty if the form names no source.",
            "expires_on": "Only if the signed form names a last day.",
        }
        error_messages = {
            "kind": {"required": "Choose what the patient consents to."},
            "form_version": {"required": "Write the name of the form and its version."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.new_scan: ConsentScan | None = None
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = ConsentKind.choices
        fields["signed_by"].choices = SignedBy.choices
        for name, example in (("covers_source", "plant-derived exosomes"), ("guardian", "Ana Invented, mother")):
            fields[name].widget.attrs["placeholder"] = f"For example: {example}"
        self.initial.setdefault("given_on", timezone.localdate())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if kind := cleaned.get("kind"):
            self._check_kind(kind, cleaned)
        signed_how, file = cleaned.get("signed_how"), cleaned.get("scan")
        cleaned["signature"] = self._signature(cleaned) if signed_how == SignedHow.ON_SCREEN else None
        if file is not None:
            self._read_scan(file)
        elif signed_how == SignedHow.PAPER_SCAN and "scan" not in self.errors:
            self.add_error("scan", "Choose the scan, or choose “Signed on paper, kept in the clinic’s file”.")
        return cleaned

    def _check_kind(self, kind: str, cleaned: dict[str, Any]) -> None:
        if kind == ConsentKind.PHOTOGRAPHY and not cleaned.get("purposes"):
            self.add_error("purposes", "Tick each use that the patient allows. If you tick none, nothing is allowed.")

    def _read_scan(self, file: UploadedFile) -> None:
        data = file.read(scans.MAX_BYTES + 1)
        file.seek(0)
        try:
            media_type = scans.media_type(data)
        except ValueError as error:
            self.add_error("scan", str(error))
        else:
            self.new_scan = ConsentScan(data=data, media_type=media_type, sha256=hashlib.sha256(data).hexdigest())

    def _signature(self, cleaned: dict[str, Any]) -> Any:
        """The strokes drawn on the screen, or the name typed in their place."""
        given = cleaned.get("given_on")
        if given and given < timezone.localdate() - _LATEST_SAVE:
            self.add_error("given_on", "A signature on the screen is of today. Write today’s date, or choose paper.")
        if name := cleaned.get("typed_name"):
            return signatures.typed(name)
        if not cleaned.get("strokes"):
            self.add_error("typed_name", "Ask the patient to sign in the field, or type the full name here.")
            return None
        try:
            return signatures.read_strokes(cleaned["strokes"])
        except ValueError as error:
            self.add_error("typed_name", str(error))
            return None

    def values(self) -> dict[str, Any]:
        return super().values() | {"signature": self.cleaned_data["signature"]}

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Signatures are described, instead of listing their strokes."""
        rows = [row for row in super().differences(current) if row["label"] != _SIGNATURE]
        theirs, mine = current.signature, self.cleaned_data["signature"]
        if theirs != mine:
            described = {"theirs": signatures.description(theirs), "mine": signatures.description(mine)}
            rows.append({"label": "Signature", **described})
        return rows

    @property
    def purpose_cards(self) -> list[dict[str, Any]]:
        return [{"option": option, "covers": COVERS[PhotoPurpose(option.data["value"])]} for option in self["purposes"]]


class ConsentCorrectionForm(_SignedForm):
    """How a consent was written down. What was allowed, and the signature, are not in it."""

    sections: ClassVar[Sequence[Section]] = (
        Section(
            "The form",
            (("form_version", "language"), ("given_on", "expires_on"), "covers_source"),
            "Correct here only what was written wrongly. If the patient allowed something else, strike out this "
            "consent and record a new one.",
        ),
        Section("Signed", ("signed_by", ("guardian", "witness"))),
    )

    class Meta:
        model = Consent
        fields = [
            "form_version", "language", "covers_source", "given_on", "expires_on", "signed_by", "guardian", "witness",
        ]  # fmt: skip


class WithdrawalForm(PlainTextForm, forms.Form):
    version = VersionField()
    on = DayFormField(
        label="When did the patient withdraw it?",
        help_text="The consent ends on this day. What was done before this day stays covered.",
    )
    reason = forms.CharField(
        label="What did the patient say?",
        min_length=MIN_REASON,
        max_length=300,
        help_text="The patient does not have to give a reason. Then write “no reason given”.",
    )

    def __init__(self, *args: Any, consent: Consent, **kwargs: Any) -> None:
        kwargs["initial"] = {"version": consent.version, "on": timezone.localdate(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.consent = consent

    def clean_on(self) -> datetime.date:
        on: datetime.date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError(
                "This day is in the future. Write the day on which the patient withdrew the consent."
            )
        if on < self.consent.given_on:
            raise forms.ValidationError(
                f"The patient signed this consent on {day(self.consent.given_on)}. Write that day or a later one."
            )
        return on
