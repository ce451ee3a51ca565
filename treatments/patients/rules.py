"""Rules 1 to 3: the order of a patient's birth, onset and what happened since. No Django here.

A date known only to the year or month is refused when no day of it is possible, and questioned
when only its "about" saves it.
"""

from __future__ import annotations

from datetime import date

from treatments.records.formatting import day as spelled
from treatments.records.months import add_months, age_on
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem, error, warning

MAX_AGE = 120
USUAL_ONSET_AGE = 10


def birth_problems(birth: PartialDate, *, today: date) -> list[Problem]:
    """Rule 1: birth is not in the future and not more than 120 years ago."""
    if birth.earliest > today:
        return [error(1, "birth", "The date of birth is in the future.", "birth_in_future")]
    if age_on(birth.bounds()[1], today)[0] > MAX_AGE:
        sentence = f"That would make the patient more than {MAX_AGE} years old. Check the year."
        return [error(1, "birth", sentence, "birth_too_long_ago")]
    return []


def event_date_problems(
    day: PartialDate | date,
    *,
    field: str,
    what: str,
    today: date,
    birth: PartialDate | None = None,
    death: PartialDate | None = None,
    planned: bool = False,
) -> list[Problem]:
    """Rules 1 and 2 for something that happened: not before birth or after death, and not in the future.

    `what` names it in the sentence ("session", "photo"). `planned` allows the future.
    """
    when = day if isinstance(day, PartialDate) else PartialDate(day.isoformat())
    problems: list[Problem] = []
    if not planned and when.earliest > today:
        problems.append(error(2, field, f"The date of the {what} is in the future. Check the date.", "future"))
    if birth is not None and when.certainly_before(birth):
        sentence = f"The date of the {what} is before the patient’s birth ({birth.label()})."
        problems.append(error(1, field, sentence, "before_birth"))
    if death and when.earliest > death.latest:
        sentence = f"The date of the {what} is after the patient’s death ({death.label()}). Check the date."
        problems.append(error(1, field, sentence, "after_death"))
    return problems


def treatment_day_problems(
    day: PartialDate | date,
    *,
    field: str,
    what: str,
    archived_on: date | None,
    has_died: bool = False,
    death: PartialDate | None = None,
) -> list[Problem]:
    """Nobody is treated who is archived or has died. What was done before, and is entered from paper, can be entered.

    `what` names it in the sentence ("session", "course").
    """
    when = day if isinstance(day, PartialDate) else PartialDate(day.isoformat())
    if has_died and death is not None and when.earliest > death.latest:
        sentence = f"The patient died {death.label()}. A {what} of a day before that can still be entered."
        return [error("archived", field, sentence, "after_death")]
    if archived_on is not None and when.earliest >= archived_on:
        state = "has died, and is archived" if has_died else "is archived"
        sentence = f"The patient {state} since {spelled(archived_on)}. A {what} of a day before that can be entered"
        sentence += "." if has_died else "; for one of today, press Bring back on the patient’s page first."
        return [error("archived", field, sentence, "archived")]
    return []


def onset_problems(
    onset: PartialDate,
    *,
    birth: PartialDate | None = None,
    baseline_on: date | None = None,
    field: str = "onset",
) -> list[Problem]:
    """Rule 3: onset before birth is refused; before age 10, or after the baseline, questioned."""
    problems = _onset_age_problems(onset, birth, field) if birth is not None else []
    if baseline_on is not None and onset.earliest > baseline_on:
        sentence = "The onset is after the baseline of the course. Please check the date."
        problems.append(warning(3, field, sentence, "onset_after_baseline"))
    return problems


def _onset_age_problems(onset: PartialDate, birth: PartialDate, field: str) -> list[Problem]:
    if onset.certainly_before(birth):
        sentence = f"Hair loss cannot begin before birth ({birth.label()}). Check both dates."
        return [error(3, field, sentence, "onset_before_birth")]
    if onset.latest < add_months(birth.earliest, 12 * USUAL_ONSET_AGE):
        sentence = f"That is before the age of {USUAL_ONSET_AGE}. Please check the date."
        return [warning(3, field, sentence, "onset_in_childhood")]
    return []
