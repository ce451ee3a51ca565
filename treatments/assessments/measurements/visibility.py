"""Whether a change in hair density is more than error, and whether an eye would see it.

The error is the smallest detectable change (SDC, 95 %) of the logarithms of two counts: 1.96 x sqrt 2 x s, where s is
the standard deviation of repeat counts of one spot on the logarithmic scale, which for small s is their coefficient of
variation. With 6 % it is 0.166, with a further 7 % in quadrature where the spot was not matched 0.256; the clinic may
take over what its own repeat counts give (`evidence.repeats`). It is written as 100 times that figure: 16.6 and 25.6 %
of the logarithm.

Errors of counting multiply, so the interval of a change c is (1 + c) x e^(+-SDC) - 1: of +40 % from +19 to +65 %. A
change is within error when its interval includes no change. An interval c +- SDC would hold the truth in 95 % of cases
at no change, but in 85 % at +40 % and 68 % at +100 %.

**The count's own error.** A count of n hairs errs by chance like a Poisson count: 1/n is its variance on the
logarithmic scale. The repeat counts behind s were of about 1 cm2, that is of REFERENCE_HAIRS hairs and more, and the
chance error of such counts is in s already: to add all of 1/n would count it twice. (It would also be more than there
is: 1/100 against 0.06^2. Repeat counts of one spot see the same hairs again.) What s does not hold is that a smaller
frame sees only a part p = n / REFERENCE_HAIRS of those hairs. A part drawn by chance has the variance
(1 - p) / n = 1/n - 1/REFERENCE_HAIRS, and that is added:

    variance of log n = s^2 + max(0, 1/n - 1/REFERENCE_HAIRS)

The error of a change is 1.96 times the root of the sum for both counts. From 100 hairs on it is the SDC itself; for a
few hairs it is Poisson's. On drawings of scalps frames of 1, 0.49 and 0.25 cm2 laid by a template gave 18, 25 and 34 %
where nothing had changed; at 120 hairs per cm2 the formula gives 18, 33 and 58 %: it errs on the safe side.

Dermatologists saw a difference from a gain of about 22.7 % or 43 hairs per cm2. In the first six months of treatment it
is too early for any of these words.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from treatments.assessments.measurement_kinds import Method

REFERENCE_HAIRS = 100
"""From so many counted hairs on, the error of repeat counts holds the count's own chance error."""
FEWEST_HAIRS = 10
"""Of fewer hairs no interval is given: the logarithm of so small a count is far from normal."""

Figure = Decimal | float


class Verdict(models.TextChoices):
    TOO_EARLY = "too_early", "Too early"
    WITHIN_ERROR = "within_error", "Within measurement error"
    NO_CLEAR_CHANGE = "no_clear_change", "No clear change"
    ABOVE_ERROR = "above_error", "Above error, not yet visible"
    LIKELY_VISIBLE = "likely_visible", "Likely visible"
    ESTIMATE = "estimate", "Visual estimate: not a measurement"


@dataclass(frozen=True, slots=True)
class RepeatSource:
    """The repeat counts that an error was worked out from: how many pairs, and `on` which day (ISO).

    `sdc_pct` is what they gave, and `low_pct` to `high_pct` where the true one lies, 95 %: all in per cent of the
    logarithm.
    """

    pairs: int
    on: str
    sdc_pct: float
    low_pct: float
    high_pct: float

    @property
    def day(self) -> datetime.date:
        return datetime.date.fromisoformat(self.on)

    @property
    def words(self) -> str:
        """ "from 24 repeat pairs (12 to 30 %)"."""
        return f"from {self.pairs} repeat pairs ({self.low_pct:.0f} to {self.high_pct:.0f} %)"


FIGURES = ("sdc_matched_pct", "sdc_unmatched_pct", "visible_pct", "visible_per_cm2", "early_before_month")
"""The five that are judged by, in the order in which they are asked for."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Smallest detectable changes in per cent of the logarithm, visible change in per cent, visible count per cm².

    `repeats` are the clinic's own repeat counts behind the error at the same spot; None of a published or typed one.
    """

    sdc_matched_pct: float = 16.6
    sdc_unmatched_pct: float = 25.6
    visible_pct: float = 22.7
    visible_per_cm2: float = 43.0
    early_before_month: int = 6
    repeats: RepeatSource | None = None

    @classmethod
    def of(cls, own: Mapping[str, Any] | None, repeats: Mapping[str, Any] | None = None) -> Thresholds:
        """The clinic's own figures where it has set some, else the published ones.

        `repeats` stands behind no other figure than the one it gave: an earlier release can set that without it.
        """
        if not own:
            return DEFAULT
        source = RepeatSource(**repeats) if repeats else None
        is_its_own = source is not None and source.sdc_pct == own["sdc_matched_pct"]
        return cls(**own, repeats=source if is_its_own else None)

    @property
    def limits(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in FIGURES}

    def sdc(self, *, matched_spot: bool) -> float:
        return self.sdc_matched_pct if matched_spot else self.sdc_unmatched_pct

    @property
    def has_own_error(self) -> bool:
        """Whether the errors are others than the published ones, or the clinic found the same by counting."""
        return self.repeats is not None or self.sdc_pcts != DEFAULT.sdc_pcts

    @property
    def sdc_pcts(self) -> tuple[float, float]:
        """At the same spot, and at one that was not matched."""
        return self.sdc_matched_pct, self.sdc_unmatched_pct

    @property
    def error_source(self) -> str:
        """Whose error a change is judged by: "the clinic’s own, from 24 repeat pairs (12 to 30 %)"."""
        if self.repeats:
            return f"the clinic’s own, {self.repeats.words}"
        return "the clinic’s own, as it was typed" if self.has_own_error else "the published one"

    def source(self, name: str) -> str:
        """Where the figure behind a word comes from; `name` is one of `SOURCES`."""
        if name == "sdc" and self.has_own_error:
            same, other = self.sdc_pcts
            return (
                f"Smallest detectable change, 95 %, of the logarithms of two counts: {same:g} %, and {other:g} % where "
                f"the spot was not matched; {self.error_source}"
            )
        if name == "visible" and self.visible != DEFAULT.visible:
            return f"The clinic’s own: a difference is called visible from {self.visible}"
        if name == "early" and self.early_before_month != DEFAULT.early_before_month:
            return f"The clinic’s own: no change is called visible in the first {self.early_before_month} months"
        return SOURCES[name]

    @property
    def visible(self) -> str:
        return f"{self.visible_pct:g} % or {self.visible_per_cm2:g} hairs per cm²"


DEFAULT = Thresholds()

SOURCES: dict[str, str] = {
    "sdc": (
        "Smallest detectable change, 95 %, of the logarithms of repeat counts with a coefficient of variation "
        "of 6 %; 7 % more in quadrature where the spot was not matched"
    ),
    "visible": "Gain at which dermatologists saw a difference: 22.7 % or 43 hairs per cm²",
    "early": "No change is called visible in the first six months",
}


@dataclass(frozen=True, slots=True)
class Interval:
    """Between which changes in per cent the true one lies, 95 %."""

    low: float
    high: float

    @property
    def holds_no_change(self) -> bool:
        return self.low <= 0 <= self.high

    def __str__(self) -> str:
        """ "+19 to +65"; "−5 to +32"."""
        return f"{signed(self.low)} to {signed(self.high)}"


def signed(per_cent: Figure) -> str:
    """ "+19", "−5", "0": whole per cent with a true minus sign."""
    whole = round(float(per_cent))
    return f"{whole:+d}".replace("-", "−") if whole else "0"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many hairs were counted before and after; None where the area, and so their number, was not recorded."""

    before: Figure | None = None
    after: Figure | None = None

    @property
    def is_known(self) -> bool:
        return None not in (self.before, self.after)

    @property
    def why_no_interval(self) -> str:
        """A sentence where an interval would say more than is known; "" where one may be given."""
        fewest = min((float(n) for n in (self.before, self.after) if n is not None), default=math.inf)
        if fewest <= 0:
            return "No interval can be given where no hair was counted."
        if fewest < FEWEST_HAIRS:
            return f"No interval can be given: fewer than {FEWEST_HAIRS} hairs were counted."
        return ""

    @property
    def chance_variance(self) -> float:
        """What two small counts vary more on the logarithmic scale than those that the SDC was found on."""
        counts = (float(n) for n in (self.before, self.after) if n is not None)
        return sum(max(0.0, 1 / n - 1 / REFERENCE_HAIRS) for n in counts)


NOT_KNOWN = Counted()


def log_error(sdc_pct: float, counted: Counted = NOT_KNOWN) -> float:
    """Half the width of the interval of a change on the logarithmic scale; see above."""
    return math.hypot(sdc_pct / 100, 1.96 * math.sqrt(counted.chance_variance))


def interval(change_pct: Figure, error: float, *, to_pct: Figure | None = None) -> Interval | None:
    """The interval of a change, or of a range from `change_pct` to `to_pct`; None where nothing was left to count."""
    low, high = (1 + float(change) / 100 for change in (change_pct, change_pct if to_pct is None else to_pct))
    if low <= 0:
        return None
    return Interval((low * math.exp(-error) - 1) * 100, (high * math.exp(error) - 1) * 100)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the sentence that gives it, the interval, and the sources.

    `verdict` is None where an error cannot be given; the sentence then says why.
    """

    verdict: Verdict | None
    sentence: str
    interval: Interval | None
    sources: tuple[str, ...] = ()


_SOURCES_OF = {
    Verdict.TOO_EARLY: ("early", "sdc"),
    Verdict.WITHIN_ERROR: ("sdc",),
    Verdict.NO_CLEAR_CHANGE: (),
    Verdict.ABOVE_ERROR: ("sdc", "visible"),
    Verdict.LIKELY_VISIBLE: ("sdc", "visible"),
}
_BY_EYE = "A visual estimate, not a measurement: its error is not known."
_AREA_UNKNOWN = (
    f" The counted area is not recorded: the interval holds if {REFERENCE_HAIRS} hairs or more were counted each time."
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change in per cent, or the range from `low` to `high` that somebody gave instead.

    `months` since the treatment, or the earlier count, began; `per_cm2` the change in hairs per cm² where it was
    counted. Raises ValueError when a figure is not a finite number, or the range runs backwards.
    """

    low: Figure
    high: Figure
    months: int
    matched_spot: bool
    method: str
    per_cm2: Figure | None = None
    counted: Counted | None = None
    """None where the change was stated as such, and not worked out from two counts."""

    def __post_init__(self) -> None:
        if not all(math.isfinite(float(end)) for end in (self.low, self.high)):
            raise ValueError("A change must be a number.")
        if self.low > self.high:
            raise ValueError("A range runs from the lower end to the higher.")

    @property
    def is_range(self) -> bool:
        return self.low != self.high

    @property
    def nearest(self) -> float:
        """The end nearest to no change, by which a range is judged: 0 where it includes “no change”."""
        if self.low <= 0 <= self.high:
            return 0.0
        return min(float(self.low), float(self.high), key=abs)

    @property
    def is_through_zero(self) -> bool:
        return self.is_range and self.nearest == 0

    def shown(self) -> str:
        if self.is_range:
            return f"{signed(self.low)} to {signed(self.high)} %"
        return f"{signed(self.low)} %"


def judge(change: Change, thresholds: Thresholds = DEFAULT) -> Judgement:
    """What may be said of a change. Error is judged before visibility: a change inside it is not called visible."""
    if change.method == Method.CLINICIAN_VISUAL_ESTIMATE:
        no_change = " The range includes “no change”: no clear change." if change.is_through_zero else ""
        return Judgement(Verdict.ESTIMATE, _BY_EYE + no_change, None)
    counted = change.counted or NOT_KNOWN
    if counted.why_no_interval:
        return Judgement(None, counted.why_no_interval, None)
    error = log_error(thresholds.sdc(matched_spot=change.matched_spot), counted)
    between = interval(change.low, error, to_pct=change.high)
    if between is None:
        return Judgement(None, "No interval can be given where no hair was left.", None)
    word = _word(change, error, thresholds)
    sentence = _sentence(word, change, between, thresholds)
    if change.counted and not counted.is_known:
        sentence += _AREA_UNKNOWN
    return Judgement(word, sentence, between, tuple(map(thresholds.source, _SOURCES_OF[word])))


def _word(change: Change, error: float, thresholds: Thresholds) -> Verdict:
    nearest = change.nearest
    if change.is_through_zero:
        return Verdict.NO_CLEAR_CHANGE
    if change.months < thresholds.early_before_month:
        return Verdict.TOO_EARLY
    if abs(math.log1p(nearest / 100)) <= error:
        return Verdict.WITHIN_ERROR
    is_many = change.per_cm2 is not None and abs(float(change.per_cm2)) >= thresholds.visible_per_cm2
    return Verdict.LIKELY_VISIBLE if abs(nearest) >= thresholds.visible_pct or is_many else Verdict.ABOVE_ERROR


def _sentence(word: Verdict, change: Change, between: Interval, thresholds: Thresholds) -> str:
    told, spot = change.shown(), "the same spot" if change.matched_spot else "a spot that was not matched"
    own = f" (the clinic’s own, from {thresholds.repeats.pairs} repeat pairs)" if thresholds.repeats else ""
    error = f"with the error of two counts at {spot}{own} {between} %"
    end = f" The end of the range nearest to no change decides, {signed(change.nearest)} %." if change.is_range else ""
    if word is Verdict.NO_CLEAR_CHANGE:
        return f"No clear change: the range {told} includes “no change”."
    if word is Verdict.TOO_EARLY:
        months = thresholds.early_before_month
        return f"Too early to tell: wait until {months} months after the first session. So far {told}, {error}."
    if word is Verdict.WITHIN_ERROR:
        return f"No change detectable: {told}, {error}, which includes “no change”.{end}"
    visible = f"{thresholds.visible_pct:g} %"
    if word is Verdict.ABOVE_ERROR:
        return f"More than error: {told}, {error}; but less than the {visible} that an eye is likely to see.{end}"
    return f"More than error: {told}, {error}; and large enough that an eye is likely to see it.{end}"
