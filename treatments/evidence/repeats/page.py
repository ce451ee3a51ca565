"""What the page of repeat counts shows: the error in words, its table and its picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

from treatments.assessments.measurements.visibility import Thresholds, signed
from treatments.evidence.plots import scatter
from treatments.evidence.repeats.counting_error import FEWEST_PAIRS, Agreement, CountingError, Pair
from treatments.evidence.repeats.pairs import Repeats
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer

MOST_DRAWN: Final = 500
"""More points would not be told apart."""
MOST_LISTED: Final = 200


@dataclass(frozen=True)
class Line:
    """One figure of the table: its name, the figure, its interval, and what it means."""

    name: str
    figure: str
    interval: str
    meaning: str


def context(repeats: Repeats, current: Thresholds) -> dict[str, Any]:
    """For the template `evidence/repeats/repeats.html`."""
    error = repeats.error
    is_answer = isinstance(error, CountingError)
    return {
        "repeats": repeats,
        "typed": repeats.typed[:MOST_LISTED],
        "found": repeats.found[:MOST_LISTED],
        "most_listed": MOST_LISTED,
        "pair_count": len(repeats.pairs),
        "error": error if is_answer else None,
        "no_answer": "" if is_answer else str(error),
        "lines": lines(error) if isinstance(error, CountingError) else [],
        "by_readers": [_of_readers(*each) for each in repeats.by_readers()] if is_answer else [],
        "picture": picture(error, repeats.pairs) if isinstance(error, CountingError) else "",
        "current": current,
        "is_taken_over": isinstance(error, CountingError) and _is_taken_over(error, current),
        "fewest": FEWEST_PAIRS,
    }


def lines(error: CountingError) -> list[Line]:
    return [
        Line(
            "Smallest detectable change",
            f"{error.smallest_change.value:.1f} %",
            _between(error.smallest_change),
            "The limits use this figure: 1.96 × √2 × the spread, on a logarithmic scale.",
        ),
        Line(
            "As a rise",
            f"{error.rise.value:+.1f} %",
            _between(error.rise, ".1f", signs=True),
            "A count must rise by more than this to be more than error.",
        ),
        Line(
            "As a fall",
            f"{error.fall.value:+.1f} %".replace("-", "−"),
            _between(error.fall, ".1f", signs=True),
            "Errors of counting multiply: a fall needs less than a rise.",
        ),
        Line(
            "Spread of one count",
            f"{error.spread.value:.1f} %",
            _between(error.spread),
            "How far counts of one spot stray from each other.",
        ),
        _correlation(error.correlation),
        *_agreement(error.agreement),
    ]


def picture(error: CountingError, pairs: Sequence[Pair]) -> SafeString:
    """Bland and Altman's: the difference of each pair over their mean, with bias and limits."""
    levels: list[tuple[float, str]] = []
    if isinstance(error.agreement, Agreement):
        limits = error.agreement.limits
        levels = [
            (limits.high, f"upper limit {_pct(limits.high)}"),
            (error.agreement.bias.value, f"mean {_pct(error.agreement.bias.value)}"),
            (limits.low, f"lower limit {_pct(limits.low)}"),
        ]
    drawn = scatter(
        [(pair.middle, pair.difference_pct) for pair in pairs[:MOST_DRAWN]],
        lines=levels,
        title=f"Second count against the first, {min(len(pairs), MOST_DRAWN)} pairs",
        across="mean of the two counts",
        upwards="second above first, %",
        key="pairs",
    )
    return mark_safe(drawn)  # noqa: S308 - every text in it is escaped by `plots`


def _is_taken_over(error: CountingError, current: Thresholds) -> bool:
    source = current.repeats
    return source is not None and (source.pairs, source.sdc_pct) == (error.pairs, error.rounded_pct)


def _of_readers(label: str, pairs: int, error: CountingError | NoAnswer) -> dict[str, str]:
    if isinstance(error, NoAnswer):
        few = f"fewer than {FEWEST_PAIRS}: no error" if pairs < FEWEST_PAIRS else str(error)
        return {"label": label, "pairs": str(pairs), "error": few, "interval": ""}
    change = error.smallest_change
    return {"label": label, "pairs": str(pairs), "error": f"{change.value:.1f} %", "interval": _between(change)}


def _correlation(found: Estimate | NoAnswer) -> Line:
    meaning = "Of all the difference between counts, the share that is between spots. It depends on which spots."
    if isinstance(found, NoAnswer):
        return Line("Intraclass correlation", "no answer", str(found), meaning)
    interval = found.interval
    between = str(interval) if isinstance(interval, NoAnswer) else f"{interval.low:.2f} to {interval.high:.2f}"
    return Line("Intraclass correlation, ICC(A,1)", f"{found.value:.2f}", between.replace("-", "−"), meaning)


def _agreement(found: Agreement | NoAnswer) -> list[Line]:
    if isinstance(found, NoAnswer):
        return [Line("Second count against the first", "no answer", str(found), "")]
    limits = f"{_pct(found.limits.low)} to {_pct(found.limits.high)}"
    return [
        Line(
            "Second count against the first, mean",
            _pct(found.bias.value),
            _between(found.bias, ".1f", signs=True),
            "Away from 0 where the second reader, or the second time, counts more or fewer.",
        ),
        Line("Limits of agreement", limits, "", "95 of 100 second counts lie within these of the first."),
    ]


def _between(estimate: Estimate, form: str = ".1f", *, signs: bool = False) -> str:
    interval = estimate.interval
    if not isinstance(interval, Interval):
        return str(interval)
    sign = "+" if signs else ""
    low, high = (f"{end:{sign}{form}}".replace("-", "−") for end in (interval.low, interval.high))
    return f"{low} to {high} %"


def _pct(value: float) -> str:
    return f"{signed(value)} %"
