"""One condition of two photographs set side by side: same, different, or not known."""

from dataclasses import dataclass
from typing import NamedTuple

from treatments.photos.compare.alignment import Alignment

SAME = "same"
DIFFERS = "differs"
UNKNOWN = "unknown"

DISTANCE_LIMIT = 0.10
LENGTH_LIMIT = 0.20
GROWTH_LIMIT_DAYS = 21
"""Three weeks of growth, about 7 mm: what moved visible scalp by six points on drawings."""

_DAYS_PER_MONTH = 30.44
_NOT_RECORDED = "not recorded"

_WORDS = {
    "superior_midline": "midline",
    "standard_room": "standard room light",
    "fixed_flash": "fixed flash",
    "ring": "ring light",
    "cross_polarised": "cross-polarised light",
    "bright_overhead": "bright overhead light",
    "none": "none",
    "styling": "styling product",
    "fibres_concealer": "fibres or concealer",
    "midline_part": "parted in the midline",
    "radial_vertex": "combed out from the whorl",
    "natural": "as worn",
    "native_camera": "device camera",
    "browser_still": "still in the browser",
    "browser_frame": "video frame",
    "upload": "uploaded file",
}
_FLASHES = {"fixed_flash": True, "ring": False, "daylight": False, "standard_room": False}


class Names(NamedTuple):
    """What the two photographs are called in sentences."""

    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A row of the table under a pair. `counts` False: printed, but forbids no comparison.

    `reason` is the sentence for a row that differs, or that is not known for a particular cause.
    """

    condition: str
    earlier: str
    later: str
    verdict: str
    note: str = ""
    reason: str = ""
    counts: bool = True

    @property
    def verdict_text(self) -> str:
        """ "same", "differs" or "not known", or the limit it lies within."""
        return self.note or {SAME: "same", DIFFERS: "differs"}.get(self.verdict, "not known")


def in_words(code: str | None) -> str:
    """A vocabulary code as it stands in a sentence; "unknown" and None are "not recorded"."""
    if code in (None, "", "unknown"):
        return _NOT_RECORDED
    return _WORDS.get(str(code), str(code).replace("_", " "))


def agree_row(
    condition: str,
    a: str | None,
    b: str | None,
    names: Names,
    *,
    noun: str | None = None,
    verbatim: bool = False,
    counts_unknown: bool = True,
) -> ConditionRow:
    """Two codes that must be equal; `verbatim` for free text such as a camera's name.

    `counts_unknown` False lets an answer that is missing forbid nothing.
    """
    first = (a or _NOT_RECORDED) if verbatim else in_words(a)
    second = (b or _NOT_RECORDED) if verbatim else in_words(b)
    if _NOT_RECORDED in (first, second):
        return ConditionRow(condition, first, second, UNKNOWN, counts=counts_unknown)
    if a == b:
        return ConditionRow(condition, first, second, SAME)
    reason = f"{noun or condition}: {first} in {names.earlier}, {second} in {names.later}."
    return ConditionRow(condition, first, second, DIFFERS, reason=reason)


def light_row(a: str | None, b: str | None, a_flash: bool | None, b_flash: bool | None, names: Names) -> ConditionRow:
    """Light as recorded, and whether a flash fired; a flash in one settles it."""
    row = agree_row("Light", a, b, names)
    fired = (_flash(a, a_flash), _flash(b, b_flash))
    if None not in fired and fired[0] != fired[1]:
        which = names.earlier if fired[0] else names.later
        told = [_with_flash(text, flash) for text, flash in zip((a, b), fired, strict=True)]
        return ConditionRow("Light", told[0], told[1], DIFFERS, reason=f"Flash in one: {which} only.")
    return row


def ratio_row(
    condition: str,
    a: float | None,
    b: float | None,
    names: Names,
    *,
    limit: float,
    told: str,
    unit: str = "",
    counts_unknown: bool = True,
) -> ConditionRow:
    """Two measured numbers that may differ by a share of the smaller one ("18 % brighter").

    `counts_unknown` False lets a measurement that was not made forbid nothing.
    """
    if not a or not b or a <= 0 or b <= 0:
        first = f"{a:g}{unit}" if a else _not_recorded(unit)
        second = f"{b:g}{unit}" if b else _not_recorded(unit)
        return ConditionRow(condition, first, second, UNKNOWN, counts=counts_unknown)
    share = max(a, b) / min(a, b) - 1
    texts = (f"{a:g}{unit}", f"{b:g}{unit}") if unit else ("100 %", f"{100 * b / a:.0f} %")
    if share <= limit + 1e-9:
        note = "" if share < 0.005 else f"within {100 * limit:.0f} %"
        return ConditionRow(condition, *texts, SAME, note=note)
    which = names.later if b > a else names.earlier
    return ConditionRow(condition, *texts, DIFFERS, reason=f"{which} {told.format(share=round(100 * share))}.")


def hair_length_row(a: float | None, b: float | None, grown_days: int | None, names: Names) -> ConditionRow:
    """Length in mm where it was measured; otherwise the growth between cuts, in days.

    Growth can prove a difference, and can vouch for sameness only within three weeks.
    """
    if a and b:
        row = ratio_row("Hair length", a, b, names, limit=LENGTH_LIMIT, told="is {share} % longer", unit=" mm")
        if row.verdict == SAME:
            return row
        word = "longer" if b > a else "shorter"
        reason = f"Hair is {abs(b - a):.0f} mm {word} in {names.later} ({a:g} to {b:g} mm)."
        return ConditionRow("Hair length", row.earlier, row.later, DIFFERS, reason=reason)
    first = f"{a:g} mm" if a else _NOT_RECORDED
    second = f"{b:g} mm" if b else _NOT_RECORDED
    if grown_days is None:
        return ConditionRow("Hair length", first, second, UNKNOWN)
    grown = _span(abs(grown_days))
    if abs(grown_days) <= GROWTH_LIMIT_DAYS:
        return ConditionRow("Hair length", "", f"{grown} more growth", SAME, note="within 3 weeks")
    which = names.later if grown_days > 0 else names.earlier
    reason = f"{grown} of hair growth between cuts: longer in {which}."
    return ConditionRow("Hair length", first, f"{grown} more growth", DIFFERS, reason=reason)


def distance_row(a: float | None, b: float | None, alignment: Alignment | None, names: Names) -> ConditionRow:
    """Camera distance in cm, or, where it was not noted, the size of the head between landmarks."""
    if a and b:
        return ratio_row(
            "Distance", a, b, names, limit=DISTANCE_LIMIT, told="was taken {share} % further away", unit=" cm"
        )
    checked = alignment and alignment.state == "aligned" and not alignment.by_hand
    if not alignment or not checked:
        first = f"{a:g} cm" if a else _NOT_RECORDED
        second = f"{b:g} cm" if b else _NOT_RECORDED
        return ConditionRow("Distance", first, second, UNKNOWN)
    size = 1 / alignment.transform.scale
    row = ratio_row("Distance", 1.0, size, names, limit=DISTANCE_LIMIT, told="was taken {share} % closer")
    return ConditionRow("Distance", "head size 100 %", f"{100 * size:.0f} %", row.verdict, row.note, row.reason)


def _flash(lighting: str | None, fired: bool | None) -> bool | None:
    return fired if fired is not None else _FLASHES.get(lighting or "")


def _with_flash(lighting: str | None, fired: bool | None) -> str:
    flash = "flash" if fired else "no flash"
    words = in_words(lighting)
    return flash if words == _NOT_RECORDED or "flash" in words else f"{words}, {flash}"


def _span(days: int) -> str:
    if days < 60:
        weeks = max(1, round(days / 7))
        return f"{weeks} week{'' if weeks == 1 else 's'}"
    return f"{round(days / _DAYS_PER_MONTH)} months"


def _not_recorded(unit: str) -> str:
    return _NOT_RECORDED if unit else "not measured"
