"""Rules 14 and 25: a session, or the use of a photograph, needs a consent that is in force for it on that day.

No Django here: the arguments are plain values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from treatments.consents.purposes import ConsentKind, PhotoPurpose
from treatments.records.formatting import day
from treatments.records.problems import Problem, error, warning
from treatments.records.text.text_folding import fold


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
        withdrawn_on, expires_on = self.withdrawn_on or date.max, self.expires_on or date.max
        return self.given_on <= on <= expires_on and on < withdrawn_on


def in_force(consents: Iterable[ConsentFacts], kind: str, on: date) -> list[ConsentFacts]:
    """Consents of that kind in force on that day, the latest signed first."""
    valid = [c for c in consents if c.kind == kind and c.in_force(on)]
    return sorted(valid, key=lambda c: c.given_on, reverse=True)


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
    """Rule 14 for a session on that day; a senior may override with a reason. One consent alone must cover all of it:
    two that name half each do not make a whole, since the patient signed neither for this session.

    `product_names` are the spellings of the product's source a consent may use (code, label, name);
    leave it empty when the source is unknown. `unapproved`: the product is used on a red-flag basis.
    Where none covers all, what is reported is what the one that covers most leaves out.
    """
    ours = [c for c in consents if c.kind == ConsentKind.TREATMENT]
    valid = in_force(ours, ConsentKind.TREATMENT, on)
    if not valid:
        return [error(14, field, _why_none_is_in_force(ours, on), "no_treatment_consent")]
    return min((_left_open(c, product_names, unapproved, field) for c in valid), key=_weight)


def _left_open(consent: ConsentFacts, product_names: Collection[str], unapproved: bool, field: str) -> list[Problem]:
    """What one consent in force does not cover of a session."""
    problems = []
    signed = f"The treatment consent of {day(consent.given_on)}"
    if product_names and not _covers(consent.covers_source, product_names):
        sentence = (
            f"{signed} names another product source ({consent.covers_source.strip()}). The patient must sign a new one."
        )
        problems.append(error(14, field, sentence, "another_source"))
    if unapproved and not consent.covers_unapproved:
        sentence = f"{signed} does not say that the product is not approved for this use."
        problems.append(warning(14, field, sentence, "unapproved_not_named"))
    return problems


def _weight(problems: list[Problem]) -> tuple[int, int]:
    return sum(each.is_error for each in problems), len(problems)


def photo_use_problems(consents: Iterable[ConsentFacts], *, purpose: str, on: date, field: str = "") -> list[Problem]:
    """The half of rule 25 that is about consent: no use of a photograph beyond what the patient allowed."""
    consents = list(consents)
    if not in_force(consents, ConsentKind.PHOTOGRAPHY, on):
        sentence = "There is no photography consent on that day. The patient must sign it first."
        return [error(25, field, sentence, "no_photo_consent")]
    if allows(consents, purpose, on):
        return []
    label = str(PhotoPurpose(purpose).label).lower()
    sentence = f"The patient has not allowed photos for this purpose: {label}."
    return [error(25, field, sentence, "beyond_consent")]


def _covers(source: str, product_names: Collection[str]) -> bool:
    text = _plain(source)
    # A consent that names no source covers any; it is weak, but it does not contradict.
    return not text or any(_plain(name) in text or text in _plain(name) for name in product_names if name)


def _plain(text: str) -> str:
    """As everything is compared that people write: a tablet's hyphen and an accent are no other source."""
    return fold(text.replace("_", " "))


def _why_none_is_in_force(consents: list[ConsentFacts], on: date) -> str:
    if not consents:
        return "There is no treatment consent. The patient must sign it before the session."
    in_order = sorted(consents, key=lambda c: c.given_on)
    last = next((c for c in reversed(in_order) if c.given_on <= on), None)
    if last is None:
        return f"The treatment consent was signed on {day(in_order[0].given_on)}, after this session."
    if last.withdrawn_on is not None and last.withdrawn_on <= on:
        return f"The treatment consent was withdrawn on {day(last.withdrawn_on)}."
    ended = day(last.expires_on) if last.expires_on else ""
    return f"The treatment consent expired on {ended}. The patient must sign a new one."
