"""Whether a change in hair density is more than error, and whether an eye would see it.

Three thresholds decide. The smallest detectable change at one spot is 17 % (1.96 x sqrt 2 x a
coefficient of variation of 6 % between readings), 26 % where the spot was not matched (a further
7 % in quadrature); the clinic's own repeat pairs replace these once there are ten. Dermatologists
saw a difference from a gain of about 22.7 % or 43 hairs per cm². Before Month 6 it is too early for
any of these words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import models

from treatments.assessments.measurement_kinds import Method


class Verdict(models.TextChoices):
    TOO_EARLY = "too_early", "Too early"
    WITHIN_ERROR = "within_error", "Within measurement error"
    ABOVE_ERROR = "above_error", "Above error, not yet visible"
    LIKELY_VISIBLE = "likely_visible", "Likely visible"
    ESTIMATE = "estimate", "Visual estimate: not a measurement"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Smallest detectable changes and visible change in per cent, visible count per cm²."""

    sdc_matched_pct: float = 17.0
    sdc_unmatched_pct: float = 26.0
    visible_pct: float = 22.7
    visible_per_cm2: float = 43.0
    early_before_month: int = 6

    def sdc(self, *, matched_spot: bool) -> float:
        return self.sdc_matched_pct if matched_spot else self.sdc_unmatched_pct


DEFAULT = Thresholds()

SOURCES: dict[str, str] = {
    "sdc": (
        "Smallest detectable change, 95 %, from repeat readings with a coefficient of variation "
        "of 6 %; 7 % more in quadrature where the spot was not matched"
    ),
    "visible": "Gain at which dermatologists saw a difference: 22.7 % or 43 hairs per cm²",
    "early": "No change is called visible before Month 6",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the sentence that gives it, the smallest detectable change used (%), sources."""

    verdict: Verdict
    sentence: str
    sdc_pct: float | None
    sources: tuple[str, ...]


def verdict(
    change_pct: Decimal | float,
    *,
    month: int,
    matched_spot: bool,
    method: str,
    change_per_cm2: Decimal | float | None = None,
    thresholds: Thresholds = DEFAULT,
) -> Verdict:
    """The word for a density change of `change_pct` per cent at Month `month`.

    Error is judged before visibility: a change inside it is not called visible, however large the
    count. Raises ValueError when the change is not a finite number.
    """
    size = abs(float(change_pct))
    if not math.isfinite(size):
        raise ValueError("A change must be a number.")
    if method == Method.CLINICIAN_VISUAL_ESTIMATE:
        return Verdict.ESTIMATE
    if month < thresholds.early_before_month:
        return Verdict.TOO_EARLY
    if size <= thresholds.sdc(matched_spot=matched_spot):
        return Verdict.WITHIN_ERROR
    many = change_per_cm2 is not None and abs(float(change_per_cm2)) >= thresholds.visible_per_cm2
    if size >= thresholds.visible_pct or many:
        return Verdict.LIKELY_VISIBLE
    return Verdict.ABOVE_ERROR


_SENTENCES = {
    Verdict.TOO_EARLY: "Too early to tell: wait for Month {month}. So far {change}; the error at {spot} is {error}.",
    Verdict.WITHIN_ERROR: "No change detectable: {change} is within {error}, the error at {spot}.",
    Verdict.ABOVE_ERROR: (
        "A change of {change} is more than the error of {error} at {spot}, but less "
        "than the {visible} an eye is likely to see."
    ),
    Verdict.LIKELY_VISIBLE: (
        "A change of {change} is more than the error of {error} at {spot} and large "
        "enough that an eye is likely to see it."
    ),
}
_SOURCES_OF = {
    Verdict.TOO_EARLY: ("early", "sdc"),
    Verdict.WITHIN_ERROR: ("sdc",),
    Verdict.ABOVE_ERROR: ("sdc", "visible"),
    Verdict.LIKELY_VISIBLE: ("sdc", "visible"),
}


def judge(
    change_pct: Decimal | float,
    *,
    month: int,
    matched_spot: bool,
    method: str,
    change_per_cm2: Decimal | float | None = None,
    thresholds: Thresholds = DEFAULT,
) -> Judgement:
    """`verdict` with the sentence shown to the clinician. Raises ValueError as it does."""
    word = verdict(
        change_pct,
        month=month,
        matched_spot=matched_spot,
        method=method,
        change_per_cm2=change_per_cm2,
        thresholds=thresholds,
    )
    if word is Verdict.ESTIMATE:
        return Judgement(word, "A visual estimate, not a measurement: its error is not known.", None, ())
    sdc = thresholds.sdc(matched_spot=matched_spot)
    sentence = _SENTENCES[word].format(
        change=f"{float(change_pct):+.1f} %".replace("-", "−"),
        error=f"{sdc:g} %",
        spot="the same spot" if matched_spot else "a spot that was not matched",
        visible=f"{thresholds.visible_pct:g} %",
        month=thresholds.early_before_month,
    )
    return Judgement(word, sentence, sdc, tuple(SOURCES[name] for name in _SOURCES_OF[word]))


MIN_REPEAT_PAIRS = 10


def sdc_from_repeats(pairs: Sequence[tuple[float, float]]) -> float:
    """Smallest detectable change in per cent from the clinic's own repeat counts of one spot.

    1.96 x sqrt 2 x s_w, with s_w = sqrt(sum d² / 2n) on the logarithms of the counts.
    Raises ValueError with fewer than ten pairs, or a count that is not above 0.
    """
    if len(pairs) < MIN_REPEAT_PAIRS:
        raise ValueError(f"At least {MIN_REPEAT_PAIRS} repeat pairs are needed.")
    if any(count <= 0 for pair in pairs for count in pair):
        raise ValueError("Repeat counts must be above 0.")
    squares = sum(math.log(second / first) ** 2 for first, second in pairs)
    within = math.sqrt(squares / (2 * len(pairs)))
    return 1.96 * math.sqrt(2) * within * 100
