"""Events per 100 sessions: exact where few, and with the patient as cluster, since events gather in few patients."""

import math
from collections.abc import Sequence
from typing import Final

from treatments.evidence.statistics.quantiles import gamma, student_t
from treatments.evidence.statistics.results import TAIL, Estimate, Interval, NoAnswer, is_zero

PER: Final = 100
FEWEST_EVENTS: Final = 5
"""From so many on, the patients' differences count for more than chance alone."""
FEWEST_PATIENTS: Final = 30
"""In simulations the clustered interval of fewer, whose rates differ strongly, holds the true rate too rarely."""
NO_SESSIONS: Final = NoAnswer("No session was asked about.")


def poisson_exact(events: int) -> Interval:
    """Of the expected number of events, when so many were seen (Garwood, Biometrika 1936;28:437)."""
    if events < 0:
        raise ValueError(f"{events} events")
    low = gamma(TAIL, events) if events else 0.0
    return Interval(low, gamma(1 - TAIL, events + 1))


def rate_exact(events: int, sessions: int) -> Estimate | NoAnswer:
    """Events per 100 sessions, as if every session were as likely as any other; `n` counts the sessions."""
    if sessions < 0 or events < 0:
        raise ValueError(f"{events} events in {sessions} sessions")
    if sessions == 0:
        return NO_SESSIONS
    seen = Estimate(events, poisson_exact(events), sessions)
    return seen.transformed(lambda number: PER * number / sessions)


def rate_clustered(events: Sequence[int], sessions: Sequence[int]) -> Estimate | NoAnswer:
    """Events per 100 sessions from the numbers of each patient; `n` counts the patients.

    The ratio estimator with the patient as cluster (Cochran, Sampling Techniques, chapter 6), its interval on the
    logarithm with Student's t of n - 1.
    """
    n, total, exposure = _totals(events, sessions)
    if exposure == 0:
        return NO_SESSIONS
    rate = total / exposure
    if total == 0:
        return Estimate(0.0, NoAnswer("No event was seen; the exact interval says how many could be there."), n)
    if n == 1:
        return Estimate(PER * rate, NoAnswer("One patient cannot show how patients differ."), n)
    error = standard_error(events, sessions)
    if is_zero(error, rate):
        return Estimate(PER * rate, NoAnswer("All patients have the same rate, so how they differ is not known."), n)
    factor = math.exp(student_t(1 - TAIL, n - 1) * error / rate)
    return Estimate(PER * rate, Interval(PER * rate / factor, PER * rate * factor), n)


def standard_error(events: Sequence[int], sessions: Sequence[int]) -> float:
    """Of the events per session, patients as clusters."""
    n, total, exposure = _totals(events, sessions)
    if n < 2 or exposure == 0:
        raise ValueError("Two patients with sessions are needed")
    rate = total / exposure
    squares = sum((y - rate * m) ** 2 for y, m in zip(events, sessions, strict=True))
    return math.sqrt(n / (n - 1) * squares) / exposure


def rate(events: Sequence[int], sessions: Sequence[int]) -> Estimate | NoAnswer:
    """Events per 100 sessions by the method that fits: exact for few events or one patient, else clustered."""
    n, total, exposure = _totals(events, sessions)
    if total < FEWEST_EVENTS or n == 1:
        return rate_exact(total, exposure)
    if n < FEWEST_PATIENTS:
        few = NoAnswer(f"With {total} events in fewer than {FEWEST_PATIENTS} patients an interval would be too narrow.")
        return Estimate(PER * total / exposure, few, n)
    return rate_clustered(events, sessions)


def _totals(events: Sequence[int], sessions: Sequence[int]) -> tuple[int, int, int]:
    if len(events) != len(sessions) or min(events, default=0) < 0 or min(sessions, default=0) < 0:
        raise ValueError("Events and sessions of each patient are needed, none below 0")
    return len(events), sum(events), sum(sessions)
