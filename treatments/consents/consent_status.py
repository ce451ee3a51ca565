"""What a patient's consents come to on one day: for each kind, and for each use of a photograph."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from treatments.consents.models import Consent
from treatments.consents.purposes import COVERS, ConsentKind, PhotoPurpose


@dataclass(frozen=True)
class ConsentStatus:
    """One line: what may be done, the consent it rests on, and the last that ended where none stands."""

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
            return f"withdrawn {self.ended.withdrawn_on:%-d %b %Y}"
        if self.ended.expires_on is not None:
            return f"expired {self.ended.expires_on:%-d %b %Y}"
        return "not yet in force"


def by_kind(consents: Iterable[Consent], on: datetime.date) -> list[ConsentStatus]:
    """Treatment, photography, personal data, research, in this order."""
    kept = [c for c in consents if not c.is_struck_out]
    return [_line(kind.value, str(kind.label), "", [c for c in kept if c.kind == kind], on) for kind in ConsentKind]


def by_purpose(consents: Iterable[Consent], on: datetime.date) -> list[ConsentStatus]:
    """Each use of a photograph; one consent may allow some of them and a later one others."""
    photography = [c for c in consents if not c.is_struck_out and c.kind == ConsentKind.PHOTOGRAPHY]
    return [
        _line(p.value, str(p.label), COVERS[p], [c for c in photography if p.value in c.purposes], on)
        for p in PhotoPurpose
    ]


def _line(code: str, label: str, covers: str, consents: list[Consent], on: datetime.date) -> ConsentStatus:
    in_order = sorted(consents, key=lambda c: (c.given_on, str(c.pk)))
    standing = [c for c in in_order if c.is_in_force(on)]
    ended = [c for c in in_order if not c.is_in_force(on)]
    return ConsentStatus(
        code, label, covers, standing[-1] if standing else None, ended[-1] if ended and not standing else None
    )
