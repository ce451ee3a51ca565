"""Events per 100 sessions: exact where few, and with the patient as cluster, since events gather in few patients."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from treatments.evidence.statistics.quantiles import gamma, student_t
from treatments.evidence.statistics.results import TAIL, Estimate, Interval, NoAnswer

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
    return clustered_from_sums(ClusterSums.of(events, sessions))


def clustered_from_sums(sums: "ClusterSums") -> Estimate | NoAnswer:
    """As `rate_clustered`, of patients who were added up elsewhere."""
    if sums.sessions == 0:
        return NO_SESSIONS
    rate = sums.events / sums.sessions
    if sums.events == 0:
        return Estimate(0.0, NoAnswer("No event was seen; the exact interval says how many could be there."), sums.n)
    if sums.n == 1:
        return Estimate(PER * rate, NoAnswer("One patient cannot show how patients differ."), sums.n)
    error = sums.standard_error
    if error <= 1e-7 * rate:  # the root of what rounding leaves of equal sums
        same = NoAnswer("All patients have the same rate, so how they differ is not known.")
        return Estimate(PER * rate, same, sums.n)
    factor = math.exp(student_t(1 - TAIL, sums.n - 1) * error / rate)
    return Estimate(PER * rate, Interval(PER * rate / factor, PER * rate * factor), sums.n)


@dataclass(frozen=True)
class ClusterSums:
    """What a database adds up of patients with y events in m sessions each: their number, and the sums of y, m, y²,
    y·m and m²."""

    n: int
    events: int
    sessions: int
    events_squared: int
    products: int
    sessions_squared: int

    @classmethod
    def of(cls, events: Sequence[int], sessions: Sequence[int]) -> "ClusterSums":
        n, total, exposure = _totals(events, sessions)
        pairs = list(zip(events, sessions, strict=True))
        return cls(
            n, total, exposure, sum(y * y for y, _ in pairs), sum(y * m for y, m in pairs), sum(m * m for _, m in pairs)
        )

    @property
    def standard_error(self) -> float:
        """Of the events per session, patients as clusters. Raises ValueError for fewer than two."""
        if self.n < 2 or self.sessions == 0:
            raise ValueError("Two patients with sessions are needed")
        # In whole numbers, so that nothing is lost: the rate is a ratio of two of them.
        y, m = self.events, self.sessions
        scaled = self.events_squared * m * m - 2 * y * m * self.products + y * y * self.sessions_squared
        return math.sqrt(self.n / (self.n - 1) * scaled) / m / m


def standard_error(events: Sequence[int], sessions: Sequence[int]) -> float:
    """Of the events per session, patients as clusters."""
    return ClusterSums.of(events, sessions).standard_error


def rate(events: Sequence[int], sessions: Sequence[int]) -> Estimate | NoAnswer:
    """Events per 100 sessions by the method that fits: exact for few events or one patient, else clustered."""
    return rate_from_sums(ClusterSums.of(events, sessions))


def rate_from_sums(sums: ClusterSums) -> Estimate | NoAnswer:
    """As `rate`, of patients who were added up elsewhere."""
    if sums.events < FEWEST_EVENTS or sums.n == 1:
        return rate_exact(sums.events, sums.sessions)
    if sums.n < FEWEST_PATIENTS and sums.sessions:
        few = NoAnswer(
            f"With {sums.events} events in fewer than {FEWEST_PATIENTS} patients an interval would be too narrow."
        )
        return Estimate(PER * sums.events / sums.sessions, few, sums.n)
    return clustered_from_sums(sums)


def _totals(events: Sequence[int], sessions: Sequence[int]) -> tuple[int, int, int]:
    if len(events) != len(sessions) or min(events, default=0) < 0 or min(sessions, default=0) < 0:
        raise ValueError("Events and sessions of each patient are needed, none below 0")
    return len(events), sum(events), sum(sessions)
