"""The forms of a consent form's words: its first version, and a next one."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from clinic.staff.models import Clinic
from treatments.consents import languages
from treatments.consents.models import ConsentText
from treatments.consents.purposes import COVERS, ConsentKind, PhotoPurpose
from treatments.consents.text_blocks import blocks
from treatments.consents.texts.actions import TITLE_TAKEN, is_title_taken
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.record_form import RecordForm, Section

OTHER = "other"
NO_WORDS = "Write the words that the patient reads and signs."
HOW_TO_WRITE = (
    "Write as you would in a letter. An empty line begins a new paragraph. “#\u00a0” at the beginning of a line makes "
    "a heading, “-\u00a0” makes a line of a list."
)
USES = tuple(f"use_{use.value}" for use in PhotoPurpose)
_COVERED = ("covers_unapproved", "covers_source")
_WORDS = Section("The words", ("body",), HOW_TO_WRITE)
_USES = Section("Uses of photographs", USES, "The patient ticks each use. A use without words is not on the form.")
_PRODUCT = Section("Product", _COVERED, "Tick and copy only what the words say: the page of a session relies on it.")


class _WordsForm(RecordForm):
    """The words themselves, in both forms."""

    class Meta:
        model = ConsentText
        fields: ClassVar[Sequence[str]] = ("body", *_COVERED)
        widgets: ClassVar[dict[str, Any]] = {"body": forms.Textarea(attrs={"rows": 24, "dir": "auto"})}
        help_texts: ClassVar[dict[str, str]] = {
            "covers_source": "As the page of the product names its source, for example: stromal cells, fat. Write it "
            "so also in a form in another language: it is compared with the product that is given. Leave empty if "
            "the form names no source."
        }
        error_messages: ClassVar[dict[str, Any]] = {
            "body": {"required": "Write the words that the patient reads and signs."}
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for use, name in zip(PhotoPurpose, USES, strict=True):
            self.fields[name] = forms.CharField(
                label=use.label,
                required=False,
                max_length=400,
                widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            )

    @property
    def words_of_uses(self) -> dict[str, str]:
        words = ((use.value, self.cleaned_data.get(name) or "") for use, name in zip(PhotoPurpose, USES, strict=True))
        return {use: said for use, said in words if said}

    def check_uses(self, kind: str) -> None:
        if kind == ConsentKind.PHOTOGRAPHY and not self.words_of_uses:
            self.add_error(USES[0], "Write words for at least one use. A form without any allows nothing.")

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"].replace("\r\n", "\n")
        if not blocks(body):
            raise ValidationError(NO_WORDS)
        return body

    def values(self) -> dict[str, Any]:
        return super().values() | {"uses": self.words_of_uses}

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Uses are told by their words, in place of a column of codes."""
        rows = [row for row in super().differences(current) if row["label"] != _USES_LABEL]
        theirs, mine = current.uses, self.words_of_uses
        for use in PhotoPurpose:
            pair = {
                "theirs": theirs.get(use.value) or "not on the form",
                "mine": mine.get(use.value) or "not on the form",
            }
            if pair["theirs"] != pair["mine"]:
                rows.append({"label": str(use.label), **pair})
        return rows


_USES_LABEL = str(ConsentText._meta.get_field("uses").verbose_name)


class TextForm(_WordsForm):
    """A form that the clinic does not have yet, or not in this language."""

    sections = (
        Section("The form", ("kind", "title", "language", ("other_tag", "other_name"))),
        _WORDS,
        _USES,
        _PRODUCT,
    )
    conditions = (
        AskedWhen("kind", (ConsentKind.PHOTOGRAPHY,), USES),
        AskedWhen("kind", (ConsentKind.TREATMENT,), _COVERED),
        AskedWhen("language", (OTHER,), ("other_tag", "other_name")),
    )
    other_tag = forms.CharField(
        label="Code of the language",
        max_length=languages.LONGEST_TAG,
        required=False,
        help_text="The code by which computers know it: sw for Swahili, pt-BR for Portuguese in Brazil.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    other_name = forms.CharField(
        label="Name of the language",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    class Meta(_WordsForm.Meta):
        fields = ("kind", "title", "language", "body", *_COVERED)
        labels: ClassVar[dict[str, str]] = {"language": "In which language is it written?"}
        help_texts: ClassVar[dict[str, str]] = {
            **_WordsForm.Meta.help_texts,
            "title": "As the patient reads it, in the language of the form.",
        }
        error_messages: ClassVar[dict[str, Any]] = {
            **_WordsForm.Meta.error_messages,
            "kind": {"required": "Choose what the patient consents to."},
            "title": {"required": "Write the title of the form."},
        }

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        shown: Any = self.fields
        shown["kind"].choices = ConsentKind.choices
        shown["kind"].widget = forms.RadioSelect(choices=ConsentKind.choices)
        shown["title"].widget.attrs |= {"autocomplete": "off", "dir": "auto"}
        self.fields["language"] = forms.ChoiceField(
            label=shown["language"].label, choices=[*languages.LANGUAGES.items(), (OTHER, "Another language")]
        )
        for use, name in zip(PhotoPurpose, USES, strict=True):
            self.initial.setdefault(name, f"{COVERS[use]}.")

    def clean_title(self) -> str:
        return " ".join(str(self.cleaned_data["title"]).split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind, title, language = cleaned.get("kind") or "", cleaned.get("title"), self._language(cleaned)
        self.check_uses(kind)
        if kind and title and language:
            if is_title_taken(self.clinic, kind=kind, title=title, language=language[0], but=self.own_id):
                self.add_error("title", TITLE_TAKEN)
        self.language = language
        return cleaned

    def _language(self, cleaned: dict[str, Any]) -> tuple[str, str] | None:
        """Tag and name; None where one is missing or wrong, which is said beside it."""
        chosen = cleaned.get("language") or ""
        if chosen != OTHER:
            return (chosen, languages.LANGUAGES[chosen]) if chosen in languages.LANGUAGES else None
        name = " ".join((cleaned.get("other_name") or "").split())
        if not name:
            self.add_error("other_name", "Write the name of the language.")
        try:
            tag = languages.tag(cleaned.get("other_tag") or "")
        except ValueError as error:
            self.add_error("other_tag", str(error))
            return None
        return (tag, name) if name else None

    def values(self) -> dict[str, Any]:
        language, name = self.language or ("", "")
        return super().values() | {"language": language, "language_name": name}


class VersionForm(_WordsForm):
    """The next version of a form: begins with the words of the last one, `after`."""

    sections = (_WORDS, _USES, _PRODUCT)
    after = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, after: ConsentText, **kwargs: Any) -> None:
        uses = {name: after.uses.get(use.value, "") for use, name in zip(PhotoPurpose, USES, strict=True)}
        begin = {"after": after.pk, "body": after.body, **{name: getattr(after, name) for name in _COVERED}}
        kwargs["initial"] = begin | uses
        super().__init__(*args, **kwargs)
        self.text = after
        is_asked = {ConsentKind.PHOTOGRAPHY: USES, ConsentKind.TREATMENT: _COVERED}.get(ConsentKind(after.kind), ())
        for name in {*USES, *_COVERED} - set(is_asked):
            del self.fields[name]
        self.fields["body"].widget.attrs["lang"] = after.language

    @property
    def seen(self) -> uuid.UUID:
        """The last version when the form was opened."""
        return self.cleaned_data["after"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.check_uses(self.text.kind)
        if not self.errors and not self._is_changed():
            self.add_error(
                "body", f"These are the words of version {self.text.number}. Change them, or leave this page."
            )
        return cleaned

    def _is_changed(self) -> bool:
        said = {"body": self.cleaned_data["body"], "uses": self.words_of_uses}
        said |= {name: self.cleaned_data[name] for name in _COVERED if name in self.fields}
        # Whoever looks a sample through and publishes it as it is has made it the clinic's own.
        return self.text.is_sample or any(getattr(self.text, name) != value for name, value in said.items())

    def values(self) -> dict[str, Any]:
        same = ("kind", "title", "language", "language_name")
        return {name: getattr(self.text, name) for name in same} | super().values()

    def take_version_of(self, current: Any) -> None:
        self._set_posted("after", str(current.pk))
