"""Recording a signed consent, putting right how it was written down, and withdrawing it."""

import datetime
import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from treatments.consents import scans, signatures
from treatments.consents.models import Consent, ConsentScan
from treatments.consents.purposes import COVERS, ConsentKind, PhotoPurpose, SignedBy, SignedHow
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON, RecordForm, Section

OF_AGE = 18
_SIGNATURE = str(Consent._meta.get_field("signature").verbose_name)
# A draft may be sent the morning after it was signed; later than that the day is not the day of the signature.
_MAY_ARRIVE_LATE = datetime.timedelta(days=1)


def _day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class _AboutTheForm(RecordForm):
    """What both a new consent and its correction are asked: which form, when, who signed."""

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient

    def validate_constraints(self) -> None:
        """The rules say the same in a sentence; the database's own words are for what they let through."""
        if not self.errors:
            super().validate_constraints()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        given, expires = cleaned.get("given_on"), cleaned.get("expires_on")
        if given:
            birth, today = self.patient.birth or None, timezone.localdate()
            self.judge(event_date_problems(given, field="given_on", what="signature", today=today, birth=birth))
        if given and expires and expires <= given:
            self.add_error("expires_on", "It would end before it began. Check both dates.")
        by_guardian = cleaned.get("signed_by") == SignedBy.GUARDIAN
        if by_guardian and not cleaned.get("guardian"):
            self.add_error("guardian", "Write the guardian’s name and what they are to the patient.")
        if cleaned.get("guardian") and not by_guardian:
            self.add_error("signed_by", "You named a guardian: choose “A parent or guardian”, or clear the name.")
        age = self.patient.age(given) if given else None
        if age and age[0] < OF_AGE and cleaned.get("signed_by") == SignedBy.PATIENT:
            self.warn(
                "signed_by", "14", f"The patient was under {OF_AGE} that day: a parent or guardian signs as well."
            )
        return cleaned


class ConsentForm(_AboutTheForm):
    """A new consent. Every purpose is its own tick, and none is ticked beforehand."""

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
        help_text=f"PDF, JPEG or PNG, up to {scans.MAX_BYTES // 1024**2} MB; all pages in one PDF.",
    )
    strokes = forms.CharField(required=False, widget=forms.HiddenInput, max_length=200_000)
    typed_name = forms.CharField(
        label="Or type the full name in place of a signature",
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
            "given_on": _day_input(),
            "expires_on": _day_input(),
        }
        help_texts = {
            "form_version": "As it is printed on the form, for example “Treatment T-3, 2025”.",
            "covers_source": "As the form names it. Empty: it names none.",
            "expires_on": "Only if the form says so.",
        }
        error_messages = {
            "kind": {"required": "Choose what the patient consents to."},
            "form_version": {"required": "Write which form it was, with its version: it says what was agreed to."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scanned: ConsentScan | None = None
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = ConsentKind.choices
        fields["signed_by"].choices = SignedBy.choices
        for name, example in (("covers_source", "plant-derived exosomes"), ("guardian", "Ana Invented, mother")):
            fields[name].widget.attrs["placeholder"] = f"For example: {example}"
        self.initial.setdefault("given_on", timezone.localdate())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind, purposes = cleaned.get("kind"), cleaned.get("purposes") or []
        if kind == ConsentKind.PHOTOGRAPHY and not purposes:
            self.add_error("purposes", "Tick each use that the patient allows; without one nothing is allowed.")
        if kind and kind != ConsentKind.PHOTOGRAPHY and (purposes or cleaned.get("is_identifiable")):
            self.add_error("purposes", "Uses of photographs belong to a photography consent. Clear them, or choose it.")
        if (
            kind
            and kind != ConsentKind.TREATMENT
            and (cleaned.get("covers_unapproved") or cleaned.get("covers_source"))
        ):
            self.add_error(
                "covers_source", "The product belongs to a treatment consent. Clear it, or choose that kind."
            )
        cleaned["signature"] = self._signature(cleaned)
        self._read_scan(cleaned)
        return cleaned

    def _read_scan(self, cleaned: dict[str, Any]) -> None:
        told, file = cleaned.get("signed_how"), cleaned.get("scan")
        if told == SignedHow.PAPER_SCAN and file is None and "scan" not in self.errors:
            self.add_error("scan", "Choose the scan, or say that the paper is kept in the clinic’s file.")
        if file is None:
            return
        if told and told != SignedHow.PAPER_SCAN:
            self.add_error("signed_how", "You attached a scan: choose “scan attached”, or take the file away.")
        data = file.read(scans.MAX_BYTES + 1)
        file.seek(0)
        try:
            self.scanned = ConsentScan(
                data=data, media_type=scans.media_type(data), sha256=hashlib.sha256(data).hexdigest()
            )
        except ValueError as reason:
            self.add_error("scan", str(reason))

    def _signature(self, cleaned: dict[str, Any]) -> Any:
        if cleaned.get("signed_how") != SignedHow.ON_SCREEN:
            # Strokes made before the person chose paper are nobody's signature.
            return None
        given = cleaned.get("given_on")
        if given and given < timezone.localdate() - _MAY_ARRIVE_LATE:
            self.add_error("given_on", "What is signed on the screen is signed today. Enter today, or choose paper.")
        if name := cleaned.get("typed_name"):
            return signatures.typed(name)
        if not cleaned.get("strokes"):
            self.add_error("typed_name", "Have the patient sign in the field, or type the full name here.")
            return None
        try:
            return signatures.read_strokes(cleaned["strokes"])
        except ValueError as reason:
            self.add_error("typed_name", str(reason))
            return None

    def values(self) -> dict[str, Any]:
        return super().values() | {"signature": self.cleaned_data["signature"]}

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Signatures are told in words, not in strokes."""
        mine = self.cleaned_data["signature"]
        rows = [row for row in super().differences(current) if row["label"] != _SIGNATURE]
        if current.signature != mine:
            rows.append(
                {"label": "Signature", "theirs": signatures.told(current.signature), "mine": signatures.told(mine)}
            )
        return rows

    @property
    def purpose_cards(self) -> list[dict[str, Any]]:
        return [{"option": option, "covers": COVERS[PhotoPurpose(option.data["value"])]} for option in self["purposes"]]


class ConsentCorrectionForm(_AboutTheForm):
    """How a consent was written down. What was allowed, and the signature, are not in it."""

    sections: ClassVar[Sequence[Section]] = (
        Section(
            "The form",
            (("form_version", "language"), ("given_on", "expires_on"), "covers_source"),
            "For slips of the pen. If the patient allowed something else, strike the consent out and record it anew.",
        ),
        Section("Signed", ("signed_by", ("guardian", "witness"))),
    )

    class Meta:
        model = Consent
        fields = [
            "form_version", "language", "covers_source", "given_on", "expires_on", "signed_by", "guardian", "witness",
        ]  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {"given_on": _day_input(), "expires_on": _day_input()}


class WithdrawalForm(PlainTextForm, forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    on = forms.DateField(
        label="When did the patient withdraw it?",
        widget=_day_input(),
        help_text="It ends on that day. What was done before stays covered.",
    )
    reason = forms.CharField(
        label="What did the patient say?",
        min_length=MIN_REASON,
        max_length=300,
        help_text="A patient need give no reason: then write “no reason given”.",
    )

    def __init__(self, *args: Any, consent: Consent, **kwargs: Any) -> None:
        kwargs["initial"] = {"version": consent.version, "on": timezone.localdate(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.consent = consent

    def clean_on(self) -> datetime.date:
        on: datetime.date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError("This day is in the future. A withdrawal counts from the day it is made.")
        if on < self.consent.given_on:
            raise forms.ValidationError(f"It was given only on {self.consent.given_on:%-d %b %Y}. Enter a later day.")
        return on
