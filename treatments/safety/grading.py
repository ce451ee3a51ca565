"""Grades, seriousness, and rules 22 to 24 about an event. No Django here.

Grades are CTCAE's, meanings paraphrased from its general rule. Grade is not seriousness: pain of
grade 3 may be non-serious.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.problems import Problem, error, warning
from treatments.safety.vocabulary import (
    LATE_LUMPS,
    OPEN_OUTCOMES,
    REPORT_WITHIN_DAYS,
    ActionTaken,
    EventKind,
    LocalAction,
    Outcome,
    Seriousness,
)

GRADE_WORDS: dict[int, str] = {
    1: "Mild",
    2: "Moderate",
    3: "Severe",
    4: "Life-threatening",
    5: "Death",
}

GRADE_MEANINGS: dict[int, str] = {
    1: "No symptoms or light ones; seen on observation; no treatment needed.",
    2: "Minimal, local or non-invasive treatment; limits shopping, telephoning, handling money.",
    3: "Medically important, not at once life-threatening; hospital care, disabling, or limits "
    "washing, dressing and eating.",
    4: "Life-threatening; urgent treatment needed.",
    5: "Death due to the event.",
}

GRADES = (1, 5)
LIFE_THREATENING = 4
"""An event of this grade or worse is serious by its grade alone."""

GRADE_LIMITS: dict[EventKind, tuple[int, int]] = {
    EventKind.SHEDDING_TE: (1, 2),
    EventKind.PRURITUS: (1, 3),
}
"""Kinds for which CTCAE has no higher grades: alopecia 1-2, pruritus 1-3."""

KIND_GRADES: dict[EventKind, dict[int, str]] = {
    EventKind.SHEDDING_TE: {
        1: "Under half of the hair lost; not obvious from a distance.",
        2: "Half of the hair or more lost; obvious; a wig is needed to hide it.",
    },
}

_INJECTION_SITE = {
    1: "Tenderness, warmth, redness or itching.",
    2: "Pain, swelling, inflamed vein or loss of fat under the skin.",
    3: "Ulcer or necrosis, or an operation is needed.",
    4: "Life-threatening; urgent treatment needed.",
    5: "Death due to the event.",
}
for _kind in (
    EventKind.INJECTION_SITE_PAIN,
    EventKind.INJECTION_SITE_ERYTHEMA,
    EventKind.INJECTION_SITE_OEDEMA,
    EventKind.INJECTION_SITE_IRRITATION,
):
    KIND_GRADES[_kind] = _INJECTION_SITE

DECISION_HOURS = 24
LOT_SIGNAL_EVENTS = 3


def grade_limits(kind: str) -> tuple[int, int]:
    """Lowest and highest grade the kind can have. Raises ValueError for an unknown kind."""
    return GRADE_LIMITS.get(EventKind(kind), GRADES)


def grade_meaning(kind: str, grade: int) -> str:
    """What the grade means for this kind, else in general. Raises KeyError outside 1-5."""
    return KIND_GRADES.get(EventKind(kind), {}).get(grade, GRADE_MEANINGS[grade])


def is_open(outcome: str) -> bool:
    return outcome in OPEN_OUTCOMES


# ── Rule 22 ────────────────────────────────────────────────────────────────────────────────────


def date_problems(
    *,
    onset: PartialDate | None,
    ended: PartialDate | None,
    outcome: str,
    session_on: PartialDate | date | None = None,
    told_on: date | None = None,
) -> list[Problem]:
    """Onset, end, suspected session, the day the clinic was told, and outcome against each other.

    Dates that cannot be in that order are refused; those that are in order only if they are
    approximate are questioned. An end in the month of the onset is in order. Problems lie on "onset", "ended",
    "reported_on" and "exosome_session".
    """
    session = of_day(session_on) if isinstance(session_on, date) else session_on
    told = of_day(told_on) if told_on else None
    orders = (
        (onset, ended, "ended", "The event was over before it began. Check both dates.", "ended_before_onset"),
        (
            session,
            onset,
            "onset",
            "The event began before the session it is tied to. Check the date or the session.",
            "onset_before_session",
        ),
        (
            session,
            ended,
            "ended",
            "The event was over before the session it is tied to. Check the date or the session.",
            "ended_before_session",
        ),
        (
            onset,
            told,
            "reported_on",
            "The clinic was told of the event before it began. Check both dates.",
            "told_before_onset",
        ),
        (
            session,
            told,
            "reported_on",
            "The clinic was told of the event before the session it is tied to. Check the date or the session.",
            "told_before_session",
        ),
    )
    problems = [problem for order in orders for problem in order_problems(*order)]
    if ended is not None and outcome in _WITHOUT_END:
        problems.append(error(22, "ended", *_WITHOUT_END[outcome]))
    if ended is None and outcome in (Outcome.RECOVERED, Outcome.RECOVERED_SEQUELAE):
        sentence = "Write when it was over. The month alone is enough."
        problems.append(warning(22, "ended", sentence, "recovered_without_date"))
    return problems


_WITHOUT_END: dict[str, tuple[str, str]] = {
    Outcome.ONGOING: (
        "You chose that it is still there, but wrote when it was over. Change one of the two.",
        "ongoing_with_end",
    ),
    Outcome.RECOVERING: (
        "You chose that it is getting better, but wrote when it was over. Change one of the two.",
        "recovering_with_end",
    ),
    Outcome.UNKNOWN: (
        "You wrote when it was over, but not how it ended. Choose how it ended, or clear the date.",
        "unknown_with_end",
    ),
}
"""Outcomes that contradict an end, with the sentence and the code of each."""


def order_problems(
    first: PartialDate | None, second: PartialDate | None, field: str, sentence: str, code: str
) -> list[Problem]:
    """`second` is not before `first`: refused where no day of both is in that order, questioned where only "about"
    allows it."""
    if first is None or second is None:
        return []
    if second.certainly_before(first):
        return [error(22, field, sentence, code)]
    if second.latest < first.earliest:
        return [warning(22, field, sentence, code)]
    return []


# ── Rule 23 ────────────────────────────────────────────────────────────────────────────────────


def agreement_problems(
    *, kind: str, grade: int, serious: bool, criteria: Collection[str], outcome: str
) -> list[Problem]:
    """Grade, seriousness, its criteria and the outcome agree. All of these are errors."""
    low, high = grade_limits(kind)
    if not GRADES[0] <= grade <= GRADES[1]:
        return [error(23, "grade", "The grade is a whole number from 1 to 5.", "no_such_grade")]
    label = str(EventKind(kind).label).lower()
    is_death = {grade == 5, Seriousness.DEATH in criteria, outcome == Outcome.FATAL}
    checks = (
        (not low <= grade <= high, "grade", f"CTCAE grades {label} from {low} to {high} only.", "grade_over_limit"),
        (
            len(is_death) > 1,
            "grade",
            "Grade 5, “Death” and the outcome “Fatal” belong together. Choose all three, or none.",
            "death_disagrees",
        ),
        (
            grade >= LIFE_THREATENING and not serious,
            "seriousness",
            f"An event of grade {grade} is serious. Say why it is serious.",
            "grave_but_not_serious",
        ),
        (
            serious and not criteria,
            "seriousness",
            "Say why the event is serious: choose at least one reason.",
            "serious_without_criterion",
        ),
        (
            criteria and not serious,
            "seriousness",
            "You ticked why it is serious, but marked the event as not serious. Change one of the two.",
            "criterion_but_not_serious",
        ),
    )
    return [error(23, field, sentence, code) for is_wrong, field, sentence, code in checks if is_wrong]


def seriousness_problems(*, kind: str, grade: int, criteria: Collection[str], outcome: str) -> list[Problem]:
    """Rule 23 for one look at an event, the same for every page that takes one: the report, the log page's questions,
    a follow-up. Grade, criteria of seriousness and outcome agree, and anaphylaxis without a criterion is questioned.

    Problems lie on the fields "grade" and "seriousness".
    """
    problems = agreement_problems(kind=kind, grade=grade, serious=bool(criteria), criteria=criteria, outcome=outcome)
    if kind == EventKind.ANAPHYLAXIS and not criteria and grade < LIFE_THREATENING:
        sentence = "Anaphylaxis is usually serious, at least “Medically important”."
        problems.append(warning(23, "seriousness", sentence, "anaphylaxis_not_serious"))
    return problems


# ── Rule 24 ────────────────────────────────────────────────────────────────────────────────────


def decision_problems(
    *,
    serious: bool,
    causality: str,
    action_taken: str,
    report_decided: bool,
    aware_at: datetime,
    now: datetime,
) -> list[Problem]:
    """A serious event that nobody has judged, acted on or decided to report 24 h after awareness."""
    if not serious or now - aware_at <= timedelta(hours=DECISION_HOURS):
        return []
    return [
        warning(24, field, sentence, code)
        for missing, field, sentence, code in (
            (not causality, "causality", "Serious event: assess the cause.", "no_causality"),
            (
                not action_taken,
                "action_taken",
                "Serious event: write what was done about the treatment.",
                "no_action",
            ),
            (
                not report_decided,
                "report_decision",
                "Serious event: decide whether it is reported to the authority.",
                "no_report_decision",
            ),
        )
        if missing
    ]


@dataclass(frozen=True, slots=True)
class EventFacts:
    kind: str
    grade: int
    outcome: str


def next_session_problems(events: Iterable[EventFacts]) -> list[Problem]:
    """Open events to look at before a further session: grade 3 or more, a lump or a granuloma."""
    problems: list[Problem] = []
    for event in events:
        if not is_open(event.outcome):
            continue
        label = str(EventKind(event.kind).label).lower()
        if event.grade >= 3:
            sentence = f"An event of grade {event.grade} is not resolved: {label}."
            problems.append(warning(24, "", sentence, "open_grade_3"))
        elif event.kind in LATE_LUMPS:
            sentence = f"A {label} is not resolved. Examine it before you inject again."
            problems.append(warning(24, "", sentence, "open_lump"))
    return problems


def lot_problems(lot: str, events: int, *, patients: int | None = None, open_serious: int = 0) -> list[Problem]:
    """Three events or more on one lot are a signal to look at the lot, of how many patients is said where known; so is
    one that is serious and still open."""
    if open_serious:
        sentence = f"A serious event on lot {lot} is not resolved. Read it before you use the lot again."
        return [warning(24, "lot", sentence, "lot_open_serious")]
    if events < LOT_SIGNAL_EVENTS:
        return []
    sentence = f"{events} events on lot {lot}. Check the lot before you use it again."
    if patients is not None:
        sentence += f" They are of {patients} {'patient' if patients == 1 else 'patients'}."
    return [warning(24, "lot", sentence, "lot_signal")]


def report_due_on(
    aware_on: date, *, kind: str, criteria: Collection[str], death_known_on: date | None = None
) -> date | None:
    """The last day to report a serious event: 15 calendar days from the day on which the clinic learnt that it is
    serious, at once for anaphylaxis and death; None for a non-serious event. A clinic default, not a legal deadline.

    `death_known_on` is the day on which the clinic learnt of a death, if later than `aware_on`.
    """
    if not criteria:
        return None
    if kind == EventKind.ANAPHYLAXIS:
        return aware_on
    due = aware_on + timedelta(days=REPORT_WITHIN_DAYS)
    return min(due, death_known_on or aware_on) if Seriousness.DEATH in criteria else due


def sent_problems(*, sent_on: date | None, learnt_on: date) -> list[Problem]:
    """Rule 22: a report leaves for the authority on or after the day on which the clinic was told of the event."""
    if sent_on is None or sent_on >= learnt_on:
        return []
    sentence = (
        f"The clinic was told of the event on {of_day(learnt_on).label()}; the report cannot have been sent "
        "before that day."
    )
    return [error(22, "authority_reported_on", sentence, "sent_before_told")]


def suggested_action(
    local_actions: Collection[str], *, volume_reduced: bool = False, only_session_over: bool = False
) -> ActionTaken | None:
    """The ICH action that follows from what was done; None when the clinician must say."""
    if LocalAction.COURSE_STOPPED in local_actions:
        return ActionTaken.WITHDRAWN
    if volume_reduced:
        return ActionTaken.DOSE_REDUCED
    return ActionTaken.NOT_APPLICABLE if only_session_over else None
