"""Rules 4 to 8 and 10 to 13: stages, pull test, measurements and opinions. No Django here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from treatments.assessments.measurement_kinds import Reading, check, percent_change
from treatments.assessments.scales.catalogue import Change, Grading, compare, scale, stage, unusual_for
from treatments.assessments.scales.stages import Stage
from treatments.assessments.vocabulary import PullTestResult, PullTestRule
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem, error, warning

USUAL_GRASP = (20, 100)
SCORES: dict[str, tuple[int, int, str]] = {
    "global_change": (-3, 3, "The global change"),
    "pain": (0, 10, "Pain"),
    "dlqi": (0, 30, "The DLQI total"),
    "satisfaction": (1, 5, "Satisfaction"),
}
"""Lowest and highest whole score of each instrument, and its name in a sentence."""


def stage_problems(scale_code: str, stage_code: str, *, field: str = "stage") -> list[Problem]:
    """Rule 4: the stage belongs to its scale; a stage without a scale belongs to none."""
    if not stage_code:
        return []
    if not scale_code:
        sentence = "Choose the scale first: the same stage name is used by several scales."
        return [error(4, "scale", sentence, "scale_missing")]
    try:
        stage(scale_code, stage_code)
    except ValueError as reason:
        return [error(4, field, str(reason), "not_of_this_scale")]
    return []


def scale_problems(scale_code: str, *, sex: str, scale_before: str = "", field: str = "scale") -> list[Problem]:
    """Rule 5: a scale made for the other sex, or another scale than earlier in the course."""
    problems: list[Problem] = []
    if unusual_for(scale_code, sex):
        sentence = f"{scale(scale_code).name} is not usual for this patient’s recorded sex. Please confirm."
        problems.append(warning(5, field, sentence, "unusual_scale"))
    if scale_before not in {"", scale_code}:
        sentence = (
            f"This course was graded on {scale(scale_before).name} so far. Stages of two scales cannot be compared."
        )
        problems.append(warning(5, field, sentence, "scale_switched"))
    return problems


def jump_problems(
    earlier: Grading | tuple[str, str],
    earlier_on: PartialDate | date,
    later: Grading | tuple[str, str],
    later_on: PartialDate | date,
    *,
    field: str = "stage",
) -> list[Problem]:
    """Rule 6: a step of two ranks or more, or an improvement in under three months, from one grading to the next.

    Of dates known to a month, only what is certainly sooner than three months is called so.
    """
    change = compare(earlier, later)
    if change not in {Change.IMPROVED, Change.WORSENED}:
        return []
    problems: list[Problem] = []
    before, after = stage(*earlier), stage(*later)
    if _ranks_between(before, after) >= 2:
        sentence = (
            f"From {before.label} to {after.label} is a step of two stages or more. "
            "Please compare the photos before you save."
        )
        problems.append(warning(6, field, sentence, "jump"))
    if change is Change.IMPROVED and _is_certainly_within(earlier_on, later_on, months=3):
        sentence = "The stage improved in under three months, sooner than hair grows back. Please compare the photos."
        problems.append(warning(6, field, sentence, "early_improvement"))
    return problems


def improvement_problems(
    baseline: Grading | tuple[str, str],
    baseline_on: PartialDate,
    later: Grading | tuple[str, str],
    later_on: PartialDate,
    *,
    field: str = "stage",
) -> list[Problem]:
    """Rule 6 against the baseline: two ranks better in under twelve months, though each step was small.

    The scale is coarse: a true response shows in the density first.
    """
    if compare(baseline, later) is not Change.IMPROVED or not _is_certainly_within(baseline_on, later_on, months=12):
        return []
    before, after = stage(*baseline), stage(*later)
    if _ranks_between(before, after) < 2:
        return []
    sentence = (
        f"From {before.label} at the baseline, {baseline_on.label()}, to {after.label} is two stages better in under "
        "twelve months. Please compare the photos before you save."
    )
    return [warning(6, field, sentence, "improved_two_since_baseline")]


def _ranks_between(before: Stage, after: Stage) -> int:
    """0 on a scale whose stages have no single order."""
    return 0 if before.rank is None or after.rank is None else abs(after.rank - before.rank)


def _is_certainly_within(earlier: PartialDate | date, later: PartialDate | date, *, months: int) -> bool:
    """Whether less than so many months lie between, whichever days of their spans the two were."""
    first = earlier.bounds()[0] if isinstance(earlier, PartialDate) else earlier
    last = later.bounds()[1] if isinstance(later, PartialDate) else later
    return last < add_months(first, months)


def claim_problems(
    earlier: Grading | tuple[str, str],
    later: Grading | tuple[str, str],
    claim: str,
    *,
    note: str = "",
    field: str = "stage_note",
) -> list[Problem]:
    """Rule 7: a change of pattern, or of scale, is not called improved or worsened.

    `claim` is the code of a `Change`. A clinician may give a direction to a change of pattern in a
    note of their own.
    """
    if claim not in (Change.IMPROVED.value, Change.WORSENED.value):
        return []
    change = compare(earlier, later)
    if change.value == claim or (change is Change.PATTERN_CHANGED and note.strip()):
        return []
    sentences = {
        Change.PATTERN_CHANGED: (
            "Both stages have the same rank. The pattern changed, but it is neither better nor worse."
        ),
        Change.NOT_COMPARABLE: "Stages of two scales cannot be compared.",
        Change.UNCHANGED: "The stage has not changed.",
    }
    sentence = sentences.get(change, f"By its stages the hair loss {change.value}.")
    return [error(7, field, sentence, "false_claim")]


def pull_test_result(grasped: int, extracted: int, rule: str) -> PullTestResult:
    """What the counts say under the rule: over 10 % of the hairs grasped, or over 2 hairs.

    Raises ValueError for an unknown rule.
    """
    if PullTestRule(rule) is PullTestRule.OVER_10_PERCENT:
        positive = extracted * 10 > grasped
    else:
        positive = extracted > 2
    return PullTestResult.POSITIVE if positive else PullTestResult.NEGATIVE


def pull_test_problems(*, result: str, grasped: int | None, extracted: int | None, rule: str = "") -> list[Problem]:
    """Rule 8: counts that cannot be, unusual counts, and a result the counts contradict."""
    if grasped is None:
        sentence = "Write how many hairs were grasped."
        return [] if extracted is None else [error(8, "pull_grasped", sentence, "grasped_missing")]
    if extracted is not None and extracted > grasped:
        sentence = "More hairs came out than were grasped. Check both counts."
        return [error(8, "pull_extracted", sentence, "extracted_over_grasped")]
    problems: list[Problem] = []
    low, high = USUAL_GRASP
    if not low <= grasped <= high:
        sentence = f"{grasped} hairs is unusual. The method is 50 to 60 hairs. Please check."
        problems.append(warning(8, "pull_grasped", sentence, "unusual_grasp"))
    if extracted is not None and rule and result in {PullTestResult.NEGATIVE, PullTestResult.POSITIVE}:
        problems += _result_against_counts(result, grasped, extracted, rule)
    return problems


def _result_against_counts(result: str, grasped: int, extracted: int, rule: str) -> list[Problem]:
    by_counts = pull_test_result(grasped, extracted, rule)
    if by_counts == result:
        return []
    sentence = f"{extracted} of {grasped} hairs is {str(by_counts.label).lower()} under the rule chosen."
    return [warning(8, "pull_result", sentence, "result_against_counts")]


def measurement_problems(
    kind: str,
    *,
    value: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
) -> list[Problem]:
    """Rules 10 and 12 for one measurement: a value, or a range that runs from low to high."""
    if low is None and high is None:
        nothing = error(12, "value", "Write a value, or a range from … to …", "nothing")
        return [nothing] if value is None else check(kind, value)
    if value is not None:
        return [error(12, "value", "Write a value or a range, not both.", "value_and_range")]
    if low is None or high is None:
        missing = "low" if low is None else "high"
        return [error(12, missing, "A range needs both numbers.", "half_range")]
    if low > high:
        return [error(12, "low", "“From” is more than “to”. Change one of the two.", "range")]
    return check(kind, low, field="low") + check(kind, high, field="high")


def change_problems(baseline: Reading | None, later: Reading, *, field: str = "value") -> list[Problem]:
    """Rule 11: no figure for a change whose two ends may not be compared; show both values."""
    change = percent_change(baseline, later)
    if change.comparable:
        return []
    sentence = f"No change in per cent can be given: {'; '.join(change.reasons)}."
    return [error(11, field, sentence, "not_comparable")]


def score_problems(instrument: str, score: object, *, field: str = "") -> list[Problem]:
    """Rule 12: a whole number inside the instrument's limits; None is "not asked" and passes.

    Raises KeyError for an instrument not in `SCORES`.
    """
    low, high, name = SCORES[instrument]
    if score is None or (type(score) is int and low <= score <= high):
        return []
    limits = "−3 to +3" if instrument == "global_change" else f"{low} to {high}"
    return [error(12, field or instrument, f"{name} is a whole number from {limits}.", "score")]


def baseline_photo_problems(
    views_with_baseline: Iterable[str], *, view: str = "", field: str = "global_change"
) -> list[Problem]:
    """Rule 13: an opinion on the change, without a baseline photo (of that view) to judge by."""
    views = set(views_with_baseline)
    if view in views if view else views:
        return []
    sentence = "There is no baseline photo of the same view to compare with."
    return [warning(13, field, sentence, "no_baseline_photo")]
