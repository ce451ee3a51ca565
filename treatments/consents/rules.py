"""Rule 14, and what a photograph may be used for: consent stands, on that day, for that act.

No Django here: the arguments are plain values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from treatments.consents.purposes import ConsentKind, PhotoPurpose
from treatments.records.problems import Problem, error, warning


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """One signed consent. It is in force from `given_on` to `expires_on`, both included, and ends
    on the day it is withdrawn."""

    kind: str
    given_on: date
    purposes: frozenset[str] = frozenset()
    expires_on: date | None = None
    withdrawn_on: date | None = None
    covers_source: str = ""
    covers_unapproved: bool = False

    def in_force(self, on: date) -> bool:
        return (
            self.given_on <= on
            and (self.withdrawn_on is None or on < self.withdrawn_on)
            and (self.expires_on is None or on <= self.expires_on)
        )


def in_force(consents: Iterable[ConsentFacts], kind: str, on: date) -> list[ConsentFacts]:
    """Consents of that kind that stand on that day, the latest signed first."""
    standing = [c for c in consents if c.kind == kind and c.in_force(on)]
    return sorted(standing, key=lambda c: c.given_on, reverse=True)


def allows(consents: Iterable[ConsentFacts], purpose: str, on: date) -> bool:
    """Whether a photograph may be used for that purpose on that day."""
    return any(purpose in c.purposes for c in in_force(consents, ConsentKind.PHOTOGRAPHY, on))


def treatment_problems(
    consents: Iterable[ConsentFacts],
    *,
    on: date,
    product_names: Collection[str] = (),
    unapproved: bool = False,
    field: str = "",
) -> list[Problem]:
    """Rule 14 for a session on that day; a senior may override with a reason.

    `product_names` are the spellings of the product's source a consent may use (code, label, name);
    leave it empty when the source is unknown. `unapproved`: the product is used on a red-flag basis.
    """
    kept = list(consents)
    standing = in_force(kept, ConsentKind.TREATMENT, on)
    if not standing:
        return [error(14, field, _why_none(kept, on), "no_treatment_consent")]
    found: list[Problem] = []
    if product_names and not any(_covers(c.covers_source, product_names) for c in standing):
        named = standing[0].covers_source.strip()
        sentence = f"The treatment consent names another product source ({named}). Sign a new one."
        found.append(error(14, field, sentence, "another_source"))
    if unapproved and not any(c.covers_unapproved for c in standing):
        sentence = "The treatment consent does not say that the product is not approved for this use."
        found.append(warning(14, field, sentence, "unapproved_not_named"))
    return found


def photo_use_problems(consents: Iterable[ConsentFacts], *, purpose: str, on: date, field: str = "") -> list[Problem]:
    """Rule 25's consent half: no use of a photograph beyond what the patient allowed."""
    kept = list(consents)
    if allows(kept, purpose, on):
        return []
    if not in_force(kept, ConsentKind.PHOTOGRAPHY, on):
        return [
            error(
                25,
                field,
                "There is no consent to photography on that day. Have it signed first.",
                "no_photo_consent",
            )
        ]
    words = str(PhotoPurpose(purpose).label).lower()
    sentence = f"The patient has not allowed photos for this purpose: {words}."
    return [error(25, field, sentence, "beyond_consent")]


def _covers(named: str, product_names: Collection[str]) -> bool:
    text = _plain(named)
    # A consent that names no source covers any; it is weak, but it does not contradict.
    return not text or any(_plain(n) in text or text in _plain(n) for n in product_names if n)


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split())


def _why_none(consents: list[ConsentFacts], on: date) -> str:
    ours = [c for c in consents if c.kind == ConsentKind.TREATMENT]
    before = sorted((c for c in ours if c.given_on <= on), key=lambda c: c.given_on)
    if not ours:
        return "There is no treatment consent. Have it signed before the session."
    if not before:
        first = min(c.given_on for c in ours)
        return f"The treatment consent was signed only on {_day(first)}, after this session."
    last = before[-1]
    if last.withdrawn_on is not None and last.withdrawn_on <= on:
        return f"The treatment consent was withdrawn on {_day(last.withdrawn_on)}."
    ended = _day(last.expires_on) if last.expires_on else ""
    return f"The treatment consent expired on {ended}. Have a new one signed."


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
