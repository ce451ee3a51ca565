"""What a patient's consents allow on one day: by kind of consent, and by use of photographs."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from treatments.consents.models import Consent
from treatments.consents.purposes import COVERS, ConsentKind, PhotoPurpose
from treatments.records.formatting import day, listed


@dataclass(frozen=True)
class ConsentStatus:
    """One kind or use: `consent` is in force for it; where there is none, `ended` is the last one that was."""

    code: str
    label: str
    covers: str
    consent: Consent | None
    ended: Consent | None

    @property
    def is_allowed(self) -> bool:
        return self.consent is not None

    @property
    def why_not(self) -> str:
        """ "withdrawn 3 May 2025", "expired 1 Jan 2025", "never given"."""
        if self.ended is None:
            return "never given"
        if self.ended.withdrawn_on is not None:
            return f"withdrawn {day(self.ended.withdrawn_on)}"
        if self.ended.expires_on is not None:
            return f"expired {day(self.ended.expires_on)}"
        return "not valid yet"


def by_kind(consents: Sequence[Consent], on: datetime.date) -> list[ConsentStatus]:
    """Treatment, photography, personal data, research, publication of the case, in this order."""
    return [_status(kind, "", [c for c in consents if c.kind == kind], on) for kind in ConsentKind]


def by_purpose(consents: Sequence[Consent], on: datetime.date) -> list[ConsentStatus]:
    """Each use of a photograph; one consent may allow some of them and a later one others."""
    return [_status(use, COVERS[use], [c for c in consents if c.allows(use)], on) for use in PhotoPurpose]


@dataclass(frozen=True)
class Staying:
    """A consent that stays valid beside one that ends, and `uses`, those uses of photographs that both allow; empty
    for every other kind."""

    consent: Consent
    uses: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """ "Research consent, 3 May 2025, T-3", "Photography consent, 3 May 2025, T-3: teaching"."""
        told = f"{self.consent}, {self.consent.form_version}"
        return f"{told}: {listed([use.lower() for use in self.uses])}" if self.uses else told


def staying(consent: Consent, on: datetime.date) -> list[Staying]:
    """The patient's other consents that are valid on that day and allow what this one allows, the latest first."""
    others = Consent.objects.filter(patient=consent.patient_id).exclude(pk=consent.pk).in_force(on)
    return [same for other in others.order_by("-given_on", "-id") if (same := allowing_the_same(consent, other))]


def allowing_the_same(consent: Consent, other: Consent) -> Staying | None:
    """The other one, with the uses of photographs that both allow; None where it allows nothing that this one does."""
    if other.kind != consent.kind:
        return None
    shared = tuple(str(use.label) for use in PhotoPurpose if consent.allows(use) and other.allows(use))
    return Staying(other, shared) if shared or consent.kind != ConsentKind.PHOTOGRAPHY else None


def _status(code: ConsentKind | PhotoPurpose, covers: str, consents: list[Consent], on: datetime.date) -> ConsentStatus:
    consent = _latest(c for c in consents if c.is_in_force(on))
    ended = None if consent else _latest(c for c in consents if not c.is_struck_out)
    return ConsentStatus(code.value, str(code.label), covers, consent, ended)


def _latest(consents: Iterable[Consent]) -> Consent | None:
    return max(consents, key=lambda c: (c.given_on, str(c.pk)), default=None)
