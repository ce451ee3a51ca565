"""Published results beside the clinic's own: what `treatments/evidence/published/_beside.html` shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

from treatments.evidence.plots import DotRow, Kind, dot_panel, dot_picture
from treatments.evidence.published.comparison import mean_of, placebo_first, share_of
from treatments.evidence.published.studies import OTHER_SITE, STUDIES, Group, Share, Study
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer

_TITLE: Final = "Mean change with its 95 % interval"
_UNIT: Final = "hairs/cm²"
_TOLD: Final = (
    "Hollow: placebo. Full: treated. Square: this clinic, without a control group.",
    "Without a line where no standard deviation was printed.",
    "They are not comparable: other patients, site, method, counted area and time.",
)


@dataclass(frozen=True)
class Own:
    """The clinic's own mean change in hairs per cm²: `label` says of whom, `when` at which Month,
    `estimate` its interval and n."""

    label: str
    when: str
    estimate: Estimate


@dataclass(frozen=True)
class Row:
    """One group of the table; "" where a figure was not printed. `is_own` is the clinic's."""

    label: str
    people: str
    n: str
    when: str
    mean: str
    interval: str
    source: str
    why_not: str
    is_placebo: bool = False
    is_own: bool = False


@dataclass(frozen=True)
class Panel:
    """`shares` are lines of how many of how many, `in_words` the studies with words or harms, `cautions` those whose
    figures have a caution."""

    rows: list[Row]
    picture: SafeString
    shares: list[dict[str, Any]]
    in_words: list[Study]
    cautions: list[Study]
    has_own: bool


def beside(owns: Sequence[Own] = ()) -> Panel:
    """`owns` stand beside, as the last rows; never pooled with what is published, and never tested against it."""
    groups = placebo_first()
    return Panel(
        rows=[*(_row(study, group) for study, group in groups), *map(_own_row, owns)],
        picture=_picture(groups, owns),
        shares=[_share(study, share) for study in STUDIES for share in study.shares],
        in_words=[study for study in STUDIES if study.words or study.harms],
        cautions=[study for study in STUDIES if study.caution and study.groups],
        has_own=bool(owns),
    )


def _row(study: Study, group: Group) -> Row:
    found = mean_of(group)
    return Row(
        label=f"{group.product}, {study.short_name}",
        people=study.people,
        n=_n(group),
        when=f"week {group.week}",
        mean=f"{_exactly(group.mean)}{'' if group.sd is None else f' (SD {group.sd:g})'}",
        interval=_between(found.interval),
        source=study.source,
        why_not=study.why_not.removeprefix(OTHER_SITE).removeprefix("; "),
        is_placebo=group.is_placebo,
    )


def _own_row(own: Own) -> Row:
    found = own.estimate
    return Row(
        label=own.label,
        people="",
        n=str(found.n),
        when=own.when,
        mean=_signed(found.value),
        interval=_between(found.interval),
        source="this clinic",
        why_not="",
        is_own=True,
    )


def picture_file(owns: Sequence[Own] = ()) -> str:
    """What the panel shows, as an SVG to print."""
    return dot_picture(_dots(placebo_first(), owns), title=_TITLE, unit=_UNIT, told=_TOLD)


def _picture(groups: list[tuple[Study, Group]], owns: Sequence[Own]) -> SafeString:
    drawn = dot_panel(_dots(groups, owns), title=_TITLE, unit=_UNIT, key="published")
    return mark_safe(drawn)  # noqa: S308 - every text in it is escaped by `plots`


def _dots(groups: list[tuple[Study, Group]], owns: Sequence[Own]) -> list[DotRow]:
    rows = [
        _dot(f"{group.product}, {study.short_name}", mean_of(group), "placebo" if group.is_placebo else "published")
        for study, group in groups
    ]
    return rows + [_dot(f"{own.label}, {own.when}", own.estimate, "own") for own in owns]


def _dot(label: str, found: Estimate, kind: Kind) -> DotRow:
    ends = found.interval
    low, high = (ends.low, ends.high) if isinstance(ends, Interval) else (None, None)
    return DotRow(label, found.value, low, high, kind)


def _share(study: Study, share: Share) -> dict[str, Any]:
    found = share_of(share)
    interval = found.interval if isinstance(found, Estimate) else found
    method = "exact" if share.kind == "exact" else "Wilson"
    if share.k == 0 and isinstance(interval, Interval):
        between = f"none: up to {100 * interval.high:.1f} % could still be there"
    elif isinstance(interval, Interval):
        between = f"{100 * interval.low:.1f} to {100 * interval.high:.1f} %"
    else:
        between = str(interval)
    return {"study": study, "what": share.what, "of": f"{share.k} of {share.n}", "interval": between, "method": method}


def _n(group: Group) -> str:
    if group.missing is None:
        return f"{group.n}"
    return f"{group.n}, {group.missing} missing"


def _between(interval: Interval | NoAnswer) -> str:
    if isinstance(interval, NoAnswer):
        return str(interval)
    return f"{_signed(interval.low)} to {_signed(interval.high)}"


def _exactly(value: float) -> str:
    """ "+18.6", "+26.0", "−0.58": as it was printed, with one decimal at least."""
    decimals = 1 if round(value, 1) == value else 2
    return f"{value:+.{decimals}f}".replace("-", "−")


def _signed(value: float) -> str:
    """ "+18.6", "−1.0", "0.0"."""
    text = f"{value:+.1f}".replace("-", "−")
    return "0.0" if text[1:] == "0.0" else text
