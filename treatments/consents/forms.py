"""The forms of a consent: a new one, its correction, its withdrawal."""

import datetime
import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import ErrorDict
from django.utils import timezone

from treatments.consents import scans, signatures
from treatments.consents.actions import NAMED_BY_THE_TEXT
from treatments.consents.consent_status import allowing_the_same
from treatments.consents.models import Consent, ConsentScan, ConsentText
from treatments.consents.purposes import COVERS, ConsentKind, PhotoPurpose, SignedBy, SignedHow
from treatments.consents.text_choice import PAPER, TextChoice, TextLine
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.records.formatting import day, listed
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.fields import DayFormField, VersionField, YesNoField
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
            self._check_withdrawn(given, cleaned)
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

    def _check_withdrawn(self, given: datetime.date, cleaned: dict[str, Any]) -> None:
        """A consent of before a withdrawal allows again what the patient took back since."""
        kind = cleaned.get("kind") or self.instance.kind
        this = Consent(kind=kind, purposes=list(cleaned.get("purposes") or self.instance.purposes))
        since = Consent.objects.standing().filter(patient=self.patient, kind=kind, withdrawn_on__gt=given)
        others = since.exclude(pk=self.instance.pk).order_by("-withdrawn_on", "-id")
        if (ended := next((each for each in others if allowing_the_same(this, each)), None)) is not None:
            sentence = (
                f"The patient withdrew the same on {day(ended.withdrawn_on)}, after that day. This consent would allow "
                "it again. Did the patient say so?"
            )
            self.judge([warning("form", "given_on", sentence, "withdrawn_since")])


class ConsentForm(_SignedForm):
    """A new consent. Every purpose is a box of its own, and none is ticked beforehand.

    `text` is the version of the clinic's form that is signed, or PAPER for another one; `text_shown` is the digest of
    the words that stood on the screen. A signature made there is taken only under the words that are stored with it.
    """

    conditions = (
        _BY_GUARDIAN,
        AskedWhen("text", (PAPER,), ("form_version", "language")),
        AskedWhen("kind", (ConsentKind.PHOTOGRAPHY,), ("purposes", "is_identifiable")),
        AskedWhen("kind", (ConsentKind.TREATMENT,), ("covers_source", "covers_unapproved")),
        AskedWhen("kind", (ConsentKind.CASE_PUBLICATION,), ("journal", "has_read_manuscript")),
        AskedWhen("signed_how", (SignedHow.PAPER_SCAN,), ("scan",)),
        AskedWhen("signed_how", (SignedHow.ON_SCREEN,), ("strokes", "typed_name")),
    )
    text = forms.ChoiceField(label="Which form?", required=False, widget=forms.RadioSelect)
    text_shown = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)
    purposes = forms.MultipleChoiceField(
        label="What may the photographs be used for?",
        choices=PhotoPurpose.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    has_read_manuscript = YesNoField(label="Has the patient read the manuscript?", unanswered="Not asked")
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
            "has_read_manuscript", "journal", "given_on", "expires_on", "signed_by", "guardian", "witness",
            "signed_how",
        ]  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "kind": forms.RadioSelect,
            "signed_by": forms.RadioSelect,
        }
        help_texts = {
            "form_version": "Copy it from the form, for example “Treatment T-3, 2025”.",
            "covers_source": "In the words of the product’s page, also where the form is in another language. Leave "
            "empty if the form names no source.",
            "expires_on": "Only if the signed form names a last day.",
            "journal": "The name that stands on the signed form. Leave it empty if the form names none.",
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
        self.texts = TextChoice.of(self.patient)
        fields["text"].choices = self.texts.choices
        if self.is_bound:
            self._choose_text_where_there_is_one()
        else:
            self._begin_with_text(self.initial.get("kind") or "")

    def _choose_text_where_there_is_one(self) -> None:
        """Where the clinic keeps no words for this kind, the form is another one: nothing is asked. While no kind is
        chosen, and the clinic keeps words of some kind, nobody has said that yet."""
        if not self.data.get("text") and self.texts.preferred(str(self.data.get("kind", ""))) == PAPER:
            self._set_posted("text", PAPER)

    def _begin_with_text(self, kind: str) -> None:
        begin = self.texts.preferred(kind)
        self.initial.setdefault("text", begin)
        chosen = self.texts.by_value.get(begin)
        self.initial.setdefault("text_shown", chosen.digest if chosen else "")

    def show_text(self) -> None:
        """Put the words of the form that was chosen on the page, or of the one that the patient would sign; nothing is
        checked, nothing is saved."""
        self._errors, self.cleaned_data = ErrorDict(), {}
        kind = str(self.data.get("kind", ""))
        if self.data.get("text") not in self.texts.values_of(kind):
            self._set_posted("text", self.texts.preferred(kind))
        self._show(self.texts.by_value.get(str(self.data.get("text", ""))))

    def _show(self, text: ConsentText | None) -> None:
        """A signature under other words does not count for these: it is not sent again."""
        digest = text.digest if text else ""
        if digest != self.data.get("text_shown"):
            self._set_posted("text_shown", digest)
            self._set_posted("strokes", "")

    def recent_duplicate(self, **asked_of: Any) -> Any | None:
        """One that was withdrawn since allows nothing: who signs the same again means it."""
        duplicate = super().recent_duplicate(**asked_of)
        return None if duplicate is not None and duplicate.withdrawn_on is not None else duplicate

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.chosen_text = self._check_text(cleaned)
        if (text := self.chosen_text) is not None:
            cleaned |= {"form_version": text.named_version, "language": text.language_name}
            cleaned |= {"covers_unapproved": text.covers_unapproved, "covers_source": text.covers_source}
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
        if self.chosen_text is not None and (
            beyond := [use for use in cleaned.get("purposes") or () if use not in self.chosen_text.uses]
        ):
            labels = listed([str(PhotoPurpose(use).label).lower() for use in beyond])
            self.add_error(
                "purposes", f"This form does not ask about: {labels}. Remove the tick, or choose another form."
            )

    def _check_text(self, cleaned: dict[str, Any]) -> ConsentText | None:
        """The version that is signed; None for another form, and where it cannot be said, which stands beside it."""
        kind, value = cleaned.get("kind") or "", str(cleaned.get("text") or "")
        on_screen = cleaned.get("signed_how") == SignedHow.ON_SCREEN
        if not kind or "text" in self.errors:
            return None
        if value == PAPER:
            if on_screen and self.texts.current_of(kind):
                self.add_error("text", "Who signs on the screen reads the words there. Choose a form, or choose paper.")
            return None
        text = self.texts.by_value.get(value)
        if text is None or text.kind != kind:
            self.add_error("text", "Choose the form that the patient signs.")
        elif on_screen and not self._is_saved_with(text):
            return self._check_words_shown(text)
        elif (given := cleaned.get("given_on")) and given < (written := timezone.localdate(text.created_at)):
            sentence = f"These words were published on {day(written)}, after that day. Is it the form that was signed?"
            self.judge([warning("form", "given_on", sentence, "signed_before_published")])
        return text

    def _is_saved_with(self, text: ConsentText) -> bool:
        """Whether this very form was saved already: a newer version does not undo what was signed."""
        return Consent.objects.filter(pk=self.own_id, patient=self.patient, text=text).exists()

    def _check_words_shown(self, text: ConsentText) -> ConsentText | None:
        """The words that stood on the screen are those of this version, and it is the one that is signed today."""
        current = self.texts.current_version_of(text)
        if current is None:
            self.add_error("text", f"{text} is not signed any more. Choose another form.")
            return None
        if current.pk == text.pk and self.data.get("text_shown") == text.digest:
            return text
        if current.pk != text.pk:
            sentence = (
                f"Version {current.number} was published while you were on this page. It stands below now. Read it "
                "with the patient, who signs under it."
            )
            self._set_posted("text", str(current.pk))
        else:
            sentence = "The words stand below now. Read them with the patient, who signs under them."
        self._show(current)
        self.add_error("text", sentence)
        return current

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
        return super().values() | {"signature": self.cleaned_data["signature"], "text": self.chosen_text}

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Signatures are described, instead of listing their strokes."""
        rows = [row for row in super().differences(current) if row["label"] != _SIGNATURE]
        theirs, mine = current.signature, self.cleaned_data["signature"]
        if theirs != mine:
            described = {"theirs": signatures.description(theirs), "mine": signatures.description(mine)}
            rows.append({"label": "Signature", **described})
        return rows

    @property
    def kind_asked(self) -> str:
        return str(self["kind"].value() or "")

    @property
    def text_lines(self) -> list[TextLine]:
        """The forms that may be chosen, each with whether it is now."""
        return self.texts.lines(str(self["text"].value() or ""))

    @property
    def has_earlier_texts(self) -> bool:
        return len(self.texts.current) < len(self.texts.texts)

    @property
    def is_earlier_text_chosen(self) -> bool:
        return any(line.is_chosen and not line.is_current for line in self.text_lines)

    @property
    def purpose_cards(self) -> list[dict[str, Any]]:
        """Each use with what it covers, in general and in the words of each form that asks about it."""
        chosen = self["text"].value()
        return [
            self._card(option, PhotoPurpose(option.data["value"]), str(chosen or "")) for option in self["purposes"]
        ]

    def _card(self, option: Any, use: PhotoPurpose, chosen: str) -> dict[str, Any]:
        asked_by = [text for text in self.texts.current_of(ConsentKind.PHOTOGRAPHY) if text.uses.get(use)]
        words = [{"text": text, "said": text.uses[use], "is_shown": str(text.pk) == chosen} for text in asked_by]
        is_by_form = chosen in self.texts.by_value
        return {
            "option": option,
            "covers": COVERS[use],
            "words": words,
            "is_general": not is_by_form,
            "is_asked": not is_by_form or any(each["is_shown"] for each in words),
        }


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.text_id is not None:
            for name in NAMED_BY_THE_TEXT:
                del self.fields[name]


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
