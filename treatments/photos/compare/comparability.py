"""Whether a change may be read from two photographs at all, and if not, why.

The pair check of the capture rules: same view, hair state, product, parting, light, lens, distance
(10 %) and length of hair (20 %), to which light measured in the pictures, sharpness and the
landmarks are added. On drawings a hair cut from 24 to 16 mm, or a flash, moved visible scalp as
much as a true gain of 20 % in density did, so each of them alone forbids the comparison. What was
not recorded is "not known", never "same"; a measurement nobody made (sharpness,
brightness, dye) is printed as not known and forbids nothing by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from treatments.photos.compare.alignment import RESIDUAL_LIMIT_PX, Alignment
from treatments.photos.compare.capture_card import CaptureCard
from treatments.records.formatting import count, listed

COMPARABLE = "comparable"
NOT_COMPARABLE = "not_comparable"
NOT_KNOWN = "unknown"

SAME = "same"
DIFFERS = "differs"
UNKNOWN = "unknown"

TURN_LIMIT_DEG = 15.0
BRIGHTNESS_LIMIT = 0.15
SHARPNESS_LIMIT = 0.40
"""A follow-up below 0.6 x its baseline's sharpness was blurred in 94-100 % of drawings."""
DISTANCE_LIMIT = 0.10
LENGTH_LIMIT = 0.20
LENS_LIMIT = 0.05
GROWTH_LIMIT_DAYS = 21
"""Three weeks of growth, about 7 mm: what moved visible scalp by six points on drawings."""

_DAYS_PER_MONTH = 30.44
_NOT_RECORDED = "not recorded"
_TEXTS = {
    "superior_midline": "midline",
    "standard_room": "standard room light",
    "ring": "ring light",
    "cross_polarised": "cross-polarised light",
    "bright_overhead": "bright overhead light",
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
"""Vocabulary codes as they stand in a sentence, where that is more than the code with spaces."""
_FLASHES = {"fixed_flash": True, "ring": False, "daylight": False, "standard_room": False}
_DYES = {None: _NOT_RECORDED, True: "dyed", False: "not dyed"}
_EDITED = {True: "edited", False: "as taken"}
_REVIEWED_OUT = {"not_comparable": "not comparable", "retake": "to be taken again"}


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


class Consequence(NamedTuple):
    """What a verdict means for the eye, and what may and may not be said of the pair."""

    sentence: str
    may_be_said: str
    may_not_be_said: str = "Density improved."


_CONSEQUENCES = {
    COMPARABLE: Consequence(
        "Conditions match. A visible change may be described, with its reader.",
        "Under matching conditions, the two photographs look …",
        "Density rose by a percentage: no photograph of the whole scalp measures that.",
    ),
    NOT_COMPARABLE: Consequence("These two photos cannot show a change.", "Two photographs, different conditions."),
    NOT_KNOWN: Consequence(
        "Fill in how both photos were taken before you describe a change.",
        "Two photographs; conditions not fully recorded.",
    ),
}


@dataclass(frozen=True)
class PairVerdict:
    """What the conditions of a pair come to: COMPARABLE, NOT_COMPARABLE or NOT_KNOWN, and why."""

    rows: tuple[ConditionRow, ...]

    @cached_property
    def _differing(self) -> list[ConditionRow]:
        return [row for row in self.rows if row.counts and row.verdict == DIFFERS]

    @cached_property
    def _missing(self) -> list[ConditionRow]:
        return [row for row in self.rows if row.counts and row.verdict == UNKNOWN]

    @cached_property
    def code(self) -> str:
        """A difference outranks what is not known."""
        if self._differing:
            return NOT_COMPARABLE
        return NOT_KNOWN if self._missing else COMPARABLE

    @property
    def differing(self) -> list[str]:
        """The conditions that forbid the comparison."""
        return [row.condition for row in self._differing]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the code is not COMPARABLE."""
        if self._differing:
            return tuple(row.reason for row in self._differing)
        return _missing_reasons(self._missing)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Differences that forbid nothing."""
        return tuple(row.reason for row in self.rows if not row.counts and row.verdict == DIFFERS)

    @property
    def headline(self) -> str:
        """A short line for the head of the page."""
        if self.code != NOT_COMPARABLE:
            return "Comparable" if self.code == COMPARABLE else "Not known whether comparable"
        first, others = ", ".join(self.differing[:2]).lower(), len(self.differing) - 2
        more = f" and {others} more" if others > 0 else ""
        return f"Not comparable: {first}{more} {'differ' if others >= 0 else 'differs'}"

    @property
    def consequence(self) -> str:
        return _CONSEQUENCES[self.code].sentence

    @property
    def may_be_said(self) -> str:
        return _CONSEQUENCES[self.code].may_be_said

    @property
    def may_not_be_said(self) -> str:
        return _CONSEQUENCES[self.code].may_not_be_said


def _missing_reasons(missing: list[ConditionRow]) -> tuple[str, ...]:
    """A sentence for all that was not recorded, and those of rows that are not known for another cause."""
    unrecorded = listed([row.condition.lower() for row in missing if not row.reason])
    sentence = f"Not recorded for both photographs: {unrecorded}." if unrecorded else ""
    return tuple(filter(None, [sentence, *(row.reason for row in missing)]))


def compare_cards(
    earlier: CaptureCard,
    later: CaptureCard,
    *,
    alignment: Alignment | None = None,
    cut_between: bool | None = None,
) -> PairVerdict:
    """The verdict on a pair; `alignment` None means the photographs were never aligned.

    `cut_between` is False when it is recorded that the hair was not cut from the earlier photograph
    to the later one, True when it was, None when nobody asked.
    """
    return PairVerdict(tuple(_Conditions(earlier, later, alignment, cut_between).rows()))


@dataclass(frozen=True, slots=True)
class _Conditions:
    """Two cards set side by side, condition by condition."""

    earlier: CaptureCard
    later: CaptureCard
    alignment: Alignment | None
    cut_between: bool | None

    def rows(self) -> Iterator[ConditionRow]:
        a, b = self.earlier, self.later
        yield self._agreement("View", _text(a.view), _text(b.view))
        yield from self._review()
        yield from self._editing()
        yield self._ratio(
            "Sharpness", a.sharpness, b.sharpness, SHARPNESS_LIMIT, "is {share} % sharper", is_needed=False
        )
        yield self._light()
        yield self._ratio(
            "Brightness", a.brightness, b.brightness, BRIGHTNESS_LIMIT, "is {share} % brighter", is_needed=False
        )
        yield self._agreement("Hair", _text(a.hair_state), _text(b.hair_state))
        yield self._agreement("Product", _text(a.product_used), _text(b.product_used), noun="Product in the hair")
        yield self._agreement("Combing", _text(a.parting), _text(b.parting))
        yield self._hair_length()
        yield self._agreement("Dye", _DYES[a.dyed], _DYES[b.dyed], noun="Hair colour", is_needed=False)
        yield self._agreement("Camera", a.camera or _NOT_RECORDED, b.camera or _NOT_RECORDED)
        yield self._ratio(
            "Lens", a.lens_mm, b.lens_mm, LENS_LIMIT, "was taken with a {share} % longer lens", unit=" mm"
        )
        yield self._distance()
        if a.capture_path and b.capture_path and a.capture_path != b.capture_path:
            yield self._agreement("Taken by", _text(a.capture_path), _text(b.capture_path))
        yield from self._turn()
        yield self._alignment()

    def _agreement(
        self, condition: str, earlier: str, later: str, *, noun: str = "", is_needed: bool = True
    ) -> ConditionRow:
        """Two texts that must be equal. `is_needed` False lets an answer that is missing forbid nothing."""
        if _NOT_RECORDED in (earlier, later):
            return ConditionRow(condition, earlier, later, UNKNOWN, counts=is_needed)
        if earlier == later:
            return ConditionRow(condition, earlier, later, SAME)
        reason = f"{noun or condition}: {earlier} in {self.earlier.label}, {later} in {self.later.label}."
        return ConditionRow(condition, earlier, later, DIFFERS, reason=reason)

    def _ratio(
        self,
        condition: str,
        a: float | None,
        b: float | None,
        limit: float,
        difference: str,
        *,
        unit: str = "",
        is_needed: bool = True,
    ) -> ConditionRow:
        """Two measured numbers that may differ by a share of the smaller one ("is 18 % brighter").

        `is_needed` False lets a measurement that was not made forbid nothing.
        """
        if not a or not b:
            return ConditionRow(condition, _figure(a, unit), _figure(b, unit), UNKNOWN, counts=is_needed)
        share = max(a, b) / min(a, b) - 1
        texts = (_figure(a, unit), _figure(b, unit)) if unit else ("100 %", f"{100 * b / a:.0f} %")
        if share <= limit + 1e-9:
            return ConditionRow(condition, *texts, SAME, note="" if share < 0.005 else f"within {100 * limit:.0f} %")
        reason = f"{self._greater(a, b)} {difference.format(share=round(100 * share))}."
        return ConditionRow(condition, *texts, DIFFERS, reason=reason)

    def _greater(self, a: float, b: float) -> str:
        return self.later.label if b > a else self.earlier.label

    def _review(self) -> Iterator[ConditionRow]:
        """The first of the two that a reviewer has ruled out."""
        for card in (self.earlier, self.later):
            if mark := _REVIEWED_OUT.get(card.quality or ""):
                reason = f"{card.label} was marked “{mark}” when it was reviewed."
                texts = _text(self.earlier.quality), _text(self.later.quality)
                yield ConditionRow("Review", *texts, DIFFERS, reason=reason)
                return

    def _editing(self) -> Iterator[ConditionRow]:
        a, b = self.earlier, self.later
        if edited := listed([card.label for card in (a, b) if card.edited]):
            texts = _EDITED[bool(a.edited)], _EDITED[bool(b.edited)]
            yield ConditionRow("Editing", *texts, DIFFERS, reason=f"{edited} came to us already edited.")

    def _light(self) -> ConditionRow:
        """Light as recorded, and whether a flash fired; a flash in one settles it."""
        a, b = self.earlier, self.later
        first, second = _flash(a), _flash(b)
        if {first, second} != {True, False}:
            return self._agreement("Light", _text(a.lighting), _text(b.lighting))
        texts = _with_flash(a.lighting, first), _with_flash(b.lighting, second)
        return ConditionRow("Light", *texts, DIFFERS, reason=f"Flash in one: {(a if first else b).label} only.")

    def _hair_length(self) -> ConditionRow:
        """Length in mm where it was measured; otherwise the growth between cuts."""
        a, b = self.earlier.hair_length_mm, self.later.hair_length_mm
        if not a or not b:
            return self._hair_growth()
        row = self._ratio("Hair length", a, b, LENGTH_LIMIT, "", unit=" mm")
        if row.verdict == SAME:
            return row
        word = "longer" if b > a else "shorter"
        reason = f"Hair is {abs(b - a):.0f} mm {word} in {self.later.label} ({a:g} to {b:g} mm)."
        return replace(row, reason=reason)

    def _hair_growth(self) -> ConditionRow:
        """Growth can prove a difference, and can vouch for sameness only within three weeks."""
        a, b = _figure(self.earlier.hair_length_mm, " mm"), _figure(self.later.hair_length_mm, " mm")
        days = self._days_of_growth()
        if days is None:
            return ConditionRow("Hair length", a, b, UNKNOWN)
        span = _span(abs(days))
        if abs(days) <= GROWTH_LIMIT_DAYS:
            return ConditionRow("Hair length", "", f"{span} more growth", SAME, note="within 3 weeks")
        reason = f"{span} of hair growth between cuts: longer in {self._greater(0, days)}."
        return ConditionRow("Hair length", a, f"{span} more growth", DIFFERS, reason=reason)

    def _days_of_growth(self) -> int | None:
        """How much longer the hair had grown since its last cut in the later photograph; None when not known."""
        a, b = self.earlier, self.later
        if self.cut_between is False and a.taken_on and b.taken_on:
            return (b.taken_on - a.taken_on).days
        if a.days_since_cut is None or b.days_since_cut is None:
            return None
        return b.days_since_cut - a.days_since_cut

    def _distance(self) -> ConditionRow:
        """Camera distance in cm, or, where it was not noted, the size of the head between landmarks."""
        a, b, alignment = self.earlier.distance_cm, self.later.distance_cm, self.alignment
        if (a and b) or alignment is None or alignment.state != "aligned" or alignment.by_hand:
            return self._ratio("Distance", a, b, DISTANCE_LIMIT, "was taken {share} % further away", unit=" cm")
        size = 1 / alignment.transform.scale
        row = self._ratio("Distance", 1.0, size, DISTANCE_LIMIT, "was taken {share} % closer")
        return replace(row, earlier="head size 100 %")

    def _turn(self) -> Iterator[ConditionRow]:
        """How far the head is turned against the earlier photograph: a remark only."""
        if self.alignment is None:
            return
        turn = self.alignment.transform.turn_deg
        texts = ("0°", "0°" if abs(turn) < 0.5 else f"{abs(turn):.0f}° {'left' if turn > 0 else 'right'}")
        if abs(turn) > TURN_LIMIT_DEG:
            reason = f"The head is turned by {abs(turn):.0f}°, so the light falls differently."
            yield ConditionRow("Turn", *texts, DIFFERS, reason=reason, counts=False)
        else:
            yield ConditionRow("Turn", *texts, SAME, note=f"within {TURN_LIMIT_DEG:.0f}°", counts=False)

    def _alignment(self) -> ConditionRow:
        alignment = self.alignment
        if alignment is None:
            reason = "The photographs are not aligned. Set landmarks to check that they show one area."
            return ConditionRow("Alignment", "not set", "not aligned", UNKNOWN, reason=reason)
        off = "error not known" if alignment.residual_px is None else f"{alignment.residual_px:.0f} px off"
        texts = (f"{len(alignment.names)} points" if alignment.names else "by eye", off)
        if alignment.state == "doubtful":
            return ConditionRow("Alignment", *texts, DIFFERS, reason=alignment.problems[0])
        if alignment.residual_px is None:
            reason = "The alignment cannot be checked. Mark at least three points in both photographs."
            return ConditionRow("Alignment", *texts, UNKNOWN, reason=reason)
        return ConditionRow("Alignment", *texts, SAME, note=f"limit {RESIDUAL_LIMIT_PX:.0f} px")


def _text(code: str | None) -> str:
    """A vocabulary code as it stands in a sentence; "unknown", "" and None are "not recorded"."""
    return _NOT_RECORDED if code in (None, "", "unknown") else _TEXTS.get(str(code), str(code).replace("_", " "))


def _figure(value: float | None, unit: str) -> str:
    if value:
        return f"{value:g}{unit}"
    return _NOT_RECORDED if unit else "not measured"


def _flash(card: CaptureCard) -> bool | None:
    """Whether a flash fired, as the camera says, else as the light tells; None when not known."""
    return _FLASHES.get(card.lighting or "") if card.flash is None else card.flash


def _with_flash(lighting: str | None, fired: bool | None) -> str:
    flash = "flash" if fired else "no flash"
    light = _text(lighting)
    return flash if light == _NOT_RECORDED or "flash" in light else f"{light}, {flash}"


def _span(days: int) -> str:
    return count(max(1, round(days / 7)), "week") if days < 60 else f"{round(days / _DAYS_PER_MONTH)} months"
