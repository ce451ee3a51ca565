"""Which of the clinic's forms a patient can sign: by kind and language, with the one that would be signed today."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from treatments.consents.models import Consent, ConsentText
from treatments.patients.models import Patient

PAPER: Final = "paper"
"""The answer for a form that the clinic does not keep here: only its name is written down."""


@dataclass(frozen=True)
class TextLine:
    """A form that may be chosen. `is_current`: patients sign it today; an earlier or a retired one can only have been
    signed on paper. `is_preferred`: the one that this patient would sign."""

    text: ConsentText
    is_current: bool
    is_preferred: bool
    is_chosen: bool


@dataclass(frozen=True)
class TextChoice:
    """Every version of the clinic's forms, newest first in each form. `language` is the one in which the patient signed
    last time, as a tag and as a name; "" where that is not known."""

    texts: list[ConsentText]
    language: str
    language_name: str

    @classmethod
    def of(cls, patient: Patient) -> "TextChoice":
        last = Consent.objects.standing().filter(patient=patient).exclude(language="").select_related("text")
        signed: Consent | None = last.order_by("-given_on", "-id").first()
        return cls(
            texts=list(ConsentText.objects.of(patient.clinic).in_order()),
            language=signed.text.language if signed and signed.text else "",
            language_name=signed.language if signed else "",
        )

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(value, str(text)) for value, text in self.by_value.items()] + [(PAPER, "Another form, on paper")]

    @property
    def state(self) -> str:
        """Another one when a form was published or retired: a page that is open must show its words then."""
        stands = " ".join(str(text.pk) for text in self.current)
        return hashlib.sha256(f"{stands} of {len(self.texts)}".encode()).hexdigest()[:12]

    @cached_property
    def by_value(self) -> dict[str, ConsentText]:
        return {str(text.pk): text for text in self.texts}

    @cached_property
    def current(self) -> list[ConsentText]:
        """The last version of each form that is not retired."""
        last = {_form_of(text): text for text in reversed(self.texts)}
        return [text for text in self.texts if last[_form_of(text)] is text and text.retired_at is None]

    def current_of(self, kind: str) -> list[ConsentText]:
        return [text for text in self.current if text.kind == kind]

    def current_version_of(self, text: ConsentText) -> ConsentText | None:
        """What is signed today in place of that version; None where the form is retired."""
        return next((each for each in self.current if _form_of(each) == _form_of(text)), None)

    def values_of(self, kind: str) -> set[str]:
        return {str(text.pk) for text in self.texts if text.kind == kind} | {PAPER}

    def preferred(self, kind: str) -> str:
        """The value of the form that this patient would sign: the only one, or the only one in the language of last
        time; PAPER where there is none of the kind, "" where a person must choose."""
        ours = self.current_of(kind)
        if not ours:
            return PAPER if kind or not self.current else ""
        spoken = [text for text in ours if self._is_spoken(text)]
        return next((str(only[0].pk) for only in (spoken, ours) if len(only) == 1), "")

    def _is_spoken(self, text: ConsentText) -> bool:
        if self.language:
            return text.language == self.language
        return bool(self.language_name) and text.language_name.casefold() == self.language_name.strip().casefold()

    def lines(self, chosen: str) -> list[TextLine]:
        preferred = {self.preferred(kind) for kind in {text.kind for text in self.texts}}
        return list(self._lines(chosen, preferred))

    def _lines(self, chosen: str, preferred: set[str]) -> Iterable[TextLine]:
        for value, text in self.by_value.items():
            yield TextLine(text, text in self.current, value in preferred, value == chosen)


def _form_of(text: ConsentText) -> tuple[str, str, str]:
    return text.kind, text.title, text.language
