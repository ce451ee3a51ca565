"""When a report to an authority is due, and by whose rule. No Django here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from treatments.records.formatting import day
from treatments.safety.grading import report_due_on
from treatments.safety.looks import Standing
from treatments.safety.vocabulary import REPORT_WITHIN_DAYS, EventKind, Seriousness

NOT_A_LEGAL_TERM = (
    "The clinic’s default, not a legal term: after HSA’s 15 calendar days for companies; no term for clinics is known."
)
AT_ONCE_DEFAULT = "The clinic’s default, not a legal term: anaphylaxis and death are reported at once."


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day to report, and whose rule that is, in a sentence."""

    on: date
    rule: str
    is_by_hand: bool = False


def computed_due_on(kind: str, stands: Standing) -> date | None:
    """The clinic's default for an event as it stands; None where it is not serious.

    The clock starts on the day on which the clinic learnt that the event is serious; a death that is learnt of later
    is due on the day on which it was learnt of, unless the report is due before.
    """
    if stands.serious_since is None:
        return None
    # Serious by its grade alone, an event is reported like one that is life-threatening.
    criteria = stands.criteria or (Seriousness.LIFE_THREATENING,)
    return report_due_on(stands.serious_since, kind=kind, criteria=criteria, death_known_on=stands.death_known_since)


def computed_deadline(kind: str, stands: Standing) -> Deadline | None:
    """The clinic's default with its rule in words."""
    due, since = computed_due_on(kind, stands), stands.serious_since
    if due is None or since is None:
        return None
    if kind == EventKind.ANAPHYLAXIS:
        return Deadline(due, f"At once: anaphylaxis, known to be serious on {day(since)}. {AT_ONCE_DEFAULT}")
    if due == stands.death_known_since:
        return Deadline(due, f"At once: the clinic learnt of the death on {day(due)}. {AT_ONCE_DEFAULT}")
    learnt = f"{REPORT_WITHIN_DAYS} days after the clinic learnt on {day(since)} that it is serious."
    return Deadline(due, f"{learnt} {NOT_A_LEGAL_TERM}")


def default_in_words(computed: Deadline | None) -> str:
    """What counts where nobody sets a day."""
    if computed is None:
        return "Leave empty: no report is due, because the event is not serious."
    return f"Leave empty for {day(computed.on)}. {computed.rule}"


def deadline_by_hand(on: date, *, by: str, at: date | None, computed: Deadline | None) -> Deadline:
    """A deadline that a person set, beside the clinic's default."""
    who = f"Set by {by}{f' on {day(at)}' if at else ''}."
    default = f" The clinic’s default would be {day(computed.on)}." if computed else ""
    return Deadline(on, who + default, is_by_hand=True)


def effective_due_on(
    *, is_serious: bool, is_required: bool, by_hand: date | None, computed: date | None
) -> date | None:
    """The day that counts: the one set by hand where the event is serious or a person decided that it is to be
    reported, else the computed one. An event that is not serious, and that nobody decided to report, has none."""
    if by_hand is not None and (is_serious or is_required):
        return by_hand
    return computed if is_serious else None
