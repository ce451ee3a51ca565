"""What is computed from published results: intervals, shares, and how many would pass a limit without treatment."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from treatments.evidence.published.studies import STUDIES, Group, Share, Study
from treatments.evidence.statistics.proportions import clopper_pearson, wilson
from treatments.evidence.statistics.quantiles import student_t
from treatments.evidence.statistics.results import TAIL, Estimate, Interval, NoAnswer

_NO_SD: Final = NoAnswer("No standard deviation was printed.")


def mean_of(group: Group) -> Estimate:
    """The published mean with Student's interval from its n and SD; why it has none where no SD was printed."""
    if group.sd is None:
        return Estimate(group.mean, _NO_SD, group.n)
    half = student_t(1 - TAIL, group.n - 1) * group.sd / math.sqrt(group.n)
    return Estimate(group.mean, Interval(group.mean - half, group.mean + half), group.n)


def share_of(share: Share) -> Estimate | NoAnswer:
    """As a share from 0 to 1."""
    return clopper_pearson(share.k, share.n) if share.kind == "exact" else wilson(share.k, share.n)


def placebo_first(studies: Iterable[Study] = STUDIES) -> list[tuple[Study, Group]]:
    """Every group with a mean: those on placebo first, then by the order of the studies."""
    groups = [(study, group) for study in studies for group in study.groups]
    return sorted(groups, key=lambda each: not each[1].is_placebo)


@dataclass(frozen=True)
class PlaceboShare:
    """The share, 0 to 1, of a trial's placebo group whose change would be at least the limit."""

    study: Study
    group: Group
    share: float


def placebo_shares(limit_per_cm2: float, studies: Iterable[Study] = STUDIES) -> list[PlaceboShare]:
    """From the mean and SD of each placebo group, as if its changes were normally distributed."""
    of_placebo = [(study, group) for study, group in placebo_first(studies) if group.is_placebo and group.sd]
    return [
        PlaceboShare(study, group, 1 - NormalDist(group.mean, group.sd or 1).cdf(limit_per_cm2))
        for study, group in of_placebo
    ]


def placebo_sentence(limit_per_cm2: float = 20) -> str:
    """What a share of responders must be read beside: how many would pass the same limit on placebo."""
    shares = [each.share for each in placebo_shares(limit_per_cm2)]
    low, high = (f"{round(100 * share)}" for share in (min(shares), max(shares)))
    between = f"{low} %" if low == high else f"{low} to {high} %"
    return (
        f"On placebo about {between} of patients would pass “{limit_per_cm2:+g} hairs/cm²” too: computed from the "
        f"means and standard deviations of {len(shares)} published placebo groups. Without a control group a share of "
        "responders says little of the treatment."
    )
