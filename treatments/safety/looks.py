"""What an event comes to: worst grade and seriousness over all looks at it, outcome and end by the latest. No Django.

The report is the first look, each follow-up that stands a further one. Everything here is worked out from all of them
together, so that the order in which they were entered does not matter; of two looks of one day the one that was
entered later is the later one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.problems import Problem, error, warning
from treatments.safety.grading import LIFE_THREATENING, is_open, order_problems
from treatments.safety.vocabulary import Outcome, Seriousness

_NOT_OVER = frozenset({Outcome.ONGOING.value, Outcome.RECOVERING.value})


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen or told of an event on one day. `grade` is None where it was not graded.

    `learnt_on` is the day on which the clinic learnt of it, None where that is the day of the look itself.
    """

    on: date
    outcome: str
    grade: int | None = None
    criteria: tuple[str, ...] = ()
    ended: PartialDate | None = None
    learnt_on: date | None = None
    is_report: bool = False

    @property
    def is_serious(self) -> bool:
        """By a criterion of ICH E2A, or by its grade alone."""
        return bool(self.criteria) or (self.grade or 0) >= LIFE_THREATENING or self.is_fatal

    @property
    def is_fatal(self) -> bool:
        return self.outcome == Outcome.FATAL or self.grade == 5 or Seriousness.DEATH in self.criteria

    @property
    def known_since(self) -> date:
        return self.learnt_on or self.on


@dataclass(frozen=True, slots=True)
class Standing:
    """How an event stands: at worst, and now.

    `serious_since` and `death_known_since` are the days on which the clinic learnt that it is serious, and that the
    patient died of it; None where neither is so. Without a criterion an event is serious by its grade alone: the look
    that gave the reason was struck out.
    """

    grade: int
    criteria: tuple[str, ...]
    is_serious: bool
    outcome: str
    ended: PartialDate | None
    serious_since: date | None
    death_known_since: date | None


def in_order(looks: Iterable[Look]) -> list[Look]:
    """By day, the report first on its own; within a day in the order given, which is that of entry."""
    return sorted(looks, key=lambda look: (look.on, not look.is_report))


def standing(looks: Sequence[Look]) -> Standing:
    """How an event stands after these looks, one of which is the report. Adding a look never lowers grade or
    seriousness; a death is the outcome whatever a later look says."""
    ordered = in_order(looks)
    is_fatal = any(look.is_fatal for look in ordered)
    grade = 5 if is_fatal else max(look.grade or 1 for look in ordered)
    named = {code for look in ordered for code in look.criteria}
    if is_fatal:
        named.add(Seriousness.DEATH.value)
    learnt = [look.known_since for look in ordered if look.is_serious]
    deaths = [look.known_since for look in ordered if look.is_fatal]
    outcome = Outcome.FATAL.value if is_fatal else ordered[-1].outcome
    return Standing(
        grade=grade,
        criteria=tuple(code.value for code in Seriousness if code.value in named),
        is_serious=bool(learnt),
        outcome=outcome,
        ended=None if outcome == Outcome.ONGOING else _end(ordered),
        serious_since=min(learnt, default=None),
        death_known_since=min(deaths, default=None),
    )


def _end(ordered: Sequence[Look]) -> PartialDate | None:
    """The end that was told last, unless a later look found the event open again."""
    ended: PartialDate | None = None
    for look in ordered:
        if look.ended is not None:
            ended = look.ended
        elif is_open(look.outcome):
            ended = None
    return ended


@dataclass(frozen=True, slots=True)
class Added:
    """What one look added to those before it, by day."""

    look: Look
    grade: int | None
    """The grade that it raised the event to; None where it did not."""
    criteria: tuple[str, ...]
    is_first_serious: bool
    is_latest: bool


def what_each_added(looks: Sequence[Look]) -> list[Added]:
    """The looks by day, each with what it added; the report, of course, adds all that it says, if it is the first."""
    ordered = in_order(looks)
    worst, named, serious, rows = 0, set[str](), False, list[Added]()
    for look in ordered:
        grade = 5 if look.is_fatal else look.grade or (1 if look.is_report else 0)
        new = tuple(code for code in look.criteria if code not in named)
        raised = grade if grade > worst else None
        rows.append(Added(look, raised, new, look.is_serious and not serious, look is ordered[-1]))
        worst, named, serious = max(worst, grade), named | set(new), serious or look.is_serious
    return rows


def falls_with_session(
    *, is_serious: bool, onset: PartialDate | None, told_on: date | None, session: PartialDate
) -> bool:
    """Whether an event counts no more once its session is struck out: a reaction of that day did not happen if the
    session did not.

    What began or was told on a later day happened to the patient all the same, and stays, as does a serious event,
    until a person strikes it out or ties it to another session.
    """
    is_later = (onset is not None and onset.certainly_after(session)) or (
        told_on is not None and session.certainly_before(told_on)
    )
    return not (is_serious or is_later)


# ── Rules 22 and 23, of a look among the others ────────────────────────────────────────────────


def look_problems(
    look: Look,
    others: Iterable[Look],
    *,
    onset: PartialDate | None = None,
    session: PartialDate | None = None,
) -> list[Problem]:
    """A follow-up against the event's onset, its session and the other looks. Problems lie on "seen_on", "ended" and
    "outcome". An order of days that is impossible is refused; one that only "about" saves is questioned.
    """
    seen = of_day(look.on)
    began = f" ({onset.label()})" if onset else ""
    sentence = f"That is before the event began{began}. Check the date."
    problems = order_problems(onset, seen, "seen_on", sentence, "look_before_onset")
    given = f" ({session.label()})" if session else ""
    sentence = f"That is before the session that the event is tied to{given}. Check the date, or the session."
    problems += order_problems(session, seen, "seen_on", sentence, "look_before_session")
    sentence = (
        f"It was already over when it was seen ({seen.label()}), so the day it was over cannot be later. Check both "
        "dates."
    )
    problems += order_problems(look.ended, seen, "ended", sentence, "ended_after_look")
    if look.learnt_on is not None and look.learnt_on < look.on:
        sentence = f"The clinic cannot have learnt of it before it was seen ({seen.label()}). Check both dates."
        problems.append(error(22, "learnt_on", sentence, "learnt_before_look"))
    return problems + _among_others(look, list(others))


def _among_others(look: Look, others: list[Look]) -> list[Problem]:
    problems: list[Problem] = []
    deaths = [other for other in others if other.is_fatal]
    if not look.is_fatal and (death := next((d for d in deaths if d.on < look.on), None)):
        sentence = (
            f"The entry of {of_day(death.on).label()} says that the patient had died of it. "
            "Check the date, or correct that entry first."
        )
        problems.append(error(23, "seen_on", sentence, "look_after_death"))
    if look.is_fatal and (alive := next((o for o in others if not o.is_fatal and o.on > look.on), None)):
        sentence = (
            f"The entry of {of_day(alive.on).label()} says that the patient was alive. Check the date, or "
            "correct that entry first."
        )
        problems.append(error(23, "seen_on", sentence, "death_before_look"))
    if look.ended is not None:
        problems += end_problems(look.ended, [other for other in others if other.on <= look.on])
    if look.outcome in _NOT_OVER:
        problems += _over_already(look, others)
    return problems


def _over_already(look: Look, others: Iterable[Look]) -> list[Problem]:
    later = (o for o in others if o.on >= look.on and o.ended is not None and o.ended.certainly_before(look.on))
    over = next(later, None)
    if over is None or over.ended is None:
        return []
    sentence = (
        f"The entry of {of_day(over.on).label()} says that it was over {over.ended.phrase}. "
        "If it came back later, write that. If not, correct one of the two entries."
    )
    return [warning(22, "outcome", sentence, "not_over_after_end")]


def end_problems(ended: PartialDate, looks: Iterable[Look], field: str = "ended") -> list[Problem]:
    """An end against looks that found the event ongoing or recovering: it lies after the last of them."""
    still = [look.on for look in looks if look.outcome in _NOT_OVER and not look.is_report]
    if not still:
        return []
    last = of_day(max(still))
    sentence = (
        f"The entry of {last.label()} says that it was not over on that day. Check the date, or correct that entry."
    )
    return order_problems(last, ended, field, sentence, "ended_before_look")


def report_problems(
    *, onset: PartialDate | None, session: PartialDate | None, grade_limit: int, follow_ups: Iterable[Look]
) -> list[Problem]:
    """A corrected report against the follow-ups that stand: none lies before onset or session, none is graded worse
    than the kind can be."""
    problems: list[Problem] = []
    follow_ups = in_order(follow_ups)
    if not follow_ups:
        return []
    first = of_day(follow_ups[0].on)
    sentence = f"There is a follow-up of {first.label()} already. Check the date, or correct that follow-up."
    problems += order_problems(onset, first, "onset", sentence, "onset_after_look")
    sentence = f"There is a follow-up of {first.label()}, before that session. Choose the right session."
    problems += order_problems(session, first, "exosome_session", sentence, "session_after_look")
    worst = max((look.grade or 0 for look in follow_ups), default=0)
    if worst > grade_limit:
        sentence = (
            f"A follow-up graded it {worst}, and CTCAE grades this kind to {grade_limit} only. "
            "Choose the kind that fits, or correct that follow-up."
        )
        problems.append(error(23, "kind", sentence, "follow_up_over_limit"))
    return problems


def clock_problems(*, makes_serious: bool, known_since: date, learnt_on: date | None, today: date) -> list[Problem]:
    """Whether the clinic learnt of the seriousness on the day that the report's clock would start from: asked where
    the seriousness is new and that day is past."""
    if not makes_serious or learnt_on is not None or known_since >= today:
        return []
    sentence = (
        f"The days until the report is due are counted from {of_day(known_since).label()}. If the clinic learnt later "
        "that it was serious, write that day. If not, write a reason."
    )
    return [warning(24, "learnt_on", sentence, "clock_starts_in_the_past")]
