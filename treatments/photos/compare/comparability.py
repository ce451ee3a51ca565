"""Whether a change may be read from two photographs at all, and if not, why.

The pair check of the capture rules: same view, hair state, product, parting, light, lens, distance
(10 %) and length of hair (20 %), to which light measured in the pictures, sharpness and the
landmarks add their say. On drawings a hair cut from 24 to 16 mm, or a flash, moved visible scalp as
much as a true gain of 20 % in density did, so each of them alone forbids the comparison. What was
not recorded is "not known", never "same"; a measurement nobody made (sharpness,
brightness, dye) is printed as not known and holds up nothing by itself.
"""

import datetime as dt
from dataclasses import dataclass

from treatments.photos.compare.alignment import RESIDUAL_LIMIT_PX, Alignment
from treatments.photos.compare.conditions import (
    DIFFERS,
    SAME,
    UNKNOWN,
    ConditionRow,
    Names,
    agree_row,
    distance_row,
    hair_length_row,
    light_row,
    ratio_row,
)

COMPARABLE = "comparable"
NOT_COMPARABLE = "not_comparable"
NOT_KNOWN = "unknown"

TURN_LIMIT_DEG = 15.0
BRIGHTNESS_LIMIT = 0.15
SHARPNESS_LIMIT = 0.40
"""A follow-up below 0.6 x its baseline's sharpness was blurred in 94-100 % of drawings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureCard:
    """The circumstances of one photograph, as recorded or measured; None is "not recorded".

    `label` names the photograph in sentences ("Month 5"). Codes are those of the vocabulary.
    `brightness` is relative light on any linear scale, measured alike in both photographs and not
    on hair (the backdrop), because more hair is itself darker. `sharpness` is the ratio
    of edge energy before and after a small blur. `quality` is the reviewer's mark.
    """

    label: str
    view: str
    taken_on: dt.date | None = None
    lighting: str | None = None
    flash: bool | None = None
    brightness: float | None = None
    hair_state: str | None = None
    product_used: str | None = None
    parting: str | None = None
    hair_length_mm: float | None = None
    days_since_cut: int | None = None
    dyed: bool | None = None
    camera: str | None = None
    lens_mm: float | None = None
    distance_cm: float | None = None
    capture_path: str | None = None
    sharpness: float | None = None
    long_side_px: int | None = None
    edited: bool | None = None
    quality: str | None = None


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """`reasons` say why the code is not "comparable"; `remarks` forbid nothing."""

    code: str
    reasons: tuple[str, ...]
    remarks: tuple[str, ...]
    rows: tuple[ConditionRow, ...]

    @property
    def headline(self) -> str:
        """A short line for the head of the page."""
        if self.code == COMPARABLE:
            return "Comparable"
        if self.code == NOT_KNOWN:
            return "Not known whether comparable"
        named = [row.condition.lower() for row in self.rows if row.counts and row.verdict == DIFFERS]
        more = f" and {len(named) - 2} more" if len(named) > 2 else ""
        return f"Not comparable: {', '.join(named[:2])}{more} {_differ(len(named))}"

    @property
    def consequence(self) -> str:
        """What the headline means for the eye."""
        return {
            COMPARABLE: "Conditions match. A visible change may be described, with its reader.",
            NOT_COMPARABLE: "A change cannot be told from this pair.",
        }.get(self.code, "Complete the capture cards before a change is described.")

    @property
    def may_be_said(self) -> str:
        return {
            COMPARABLE: "Under matching conditions, the two photographs look …",
            NOT_COMPARABLE: "Two photographs, different conditions.",
        }.get(self.code, "Two photographs; conditions not fully recorded.")

    @property
    def may_not_be_said(self) -> str:
        if self.code == COMPARABLE:
            return "Density rose by a percentage: no photograph of the whole scalp measures that."
        return "Density improved."


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
    names = Names(earlier.label, later.label)
    rows = (
        *_view_and_quality(earlier, later, names),
        *_light(earlier, later, names),
        *_hair(earlier, later, names, cut_between),
        *_camera(earlier, later, names, alignment),
        *_alignment_rows(alignment),
    )
    differing = tuple(row.reason for row in rows if row.counts and row.verdict == DIFFERS)
    remarks = tuple(row.reason for row in rows if not row.counts and row.verdict == DIFFERS)
    missing = [row for row in rows if row.counts and row.verdict == UNKNOWN]
    if differing:
        return PairVerdict(NOT_COMPARABLE, differing, remarks, rows)
    if missing:
        return PairVerdict(NOT_KNOWN, _missing_reasons(missing), remarks, rows)
    return PairVerdict(COMPARABLE, (), remarks, rows)


def _view_and_quality(a: CaptureCard, b: CaptureCard, names: Names) -> list[ConditionRow]:
    rows = [agree_row("View", a.view, b.view, names)]
    for card in (a, b):
        if card.quality in ("not_comparable", "retake"):
            mark = "not comparable" if card.quality == "not_comparable" else "to be taken again"
            rows.append(
                ConditionRow(
                    "Review",
                    _word(a.quality),
                    _word(b.quality),
                    DIFFERS,
                    reason=f"{card.label} was marked “{mark}” when it was reviewed.",
                )
            )
            break
    edited = [card.label for card in (a, b) if card.edited]
    if edited:
        rows.append(
            ConditionRow(
                "Editing",
                "edited" if a.edited else "as taken",
                "edited" if b.edited else "as taken",
                DIFFERS,
                reason=f"{' and '.join(edited)} came to us already edited.",
            )
        )
    rows.append(
        ratio_row(
            "Sharpness",
            a.sharpness,
            b.sharpness,
            names,
            limit=SHARPNESS_LIMIT,
            told="is {share} % sharper",
            counts_unknown=False,
        )
    )
    return rows


def _light(a: CaptureCard, b: CaptureCard, names: Names) -> list[ConditionRow]:
    return [
        light_row(a.lighting, b.lighting, a.flash, b.flash, names),
        ratio_row(
            "Brightness",
            a.brightness,
            b.brightness,
            names,
            limit=BRIGHTNESS_LIMIT,
            told="is {share} % brighter",
            counts_unknown=False,
        ),
    ]


def _hair(a: CaptureCard, b: CaptureCard, names: Names, cut_between: bool | None) -> list[ConditionRow]:
    days = (b.taken_on - a.taken_on).days if a.taken_on and b.taken_on else None
    grown = days if cut_between is False else None
    if grown is None and a.days_since_cut is not None and b.days_since_cut is not None:
        grown = b.days_since_cut - a.days_since_cut
    return [
        agree_row("Hair", a.hair_state, b.hair_state, names, noun="Hair"),
        agree_row("Product", a.product_used, b.product_used, names, noun="Product in the hair"),
        agree_row("Combing", a.parting, b.parting, names),
        hair_length_row(a.hair_length_mm, b.hair_length_mm, grown, names),
        agree_row("Dye", _dye(a.dyed), _dye(b.dyed), names, noun="Hair colour", counts_unknown=False),
    ]


def _camera(a: CaptureCard, b: CaptureCard, names: Names, alignment: Alignment | None) -> list[ConditionRow]:
    rows = [
        agree_row("Camera", a.camera, b.camera, names, verbatim=True),
        ratio_row(
            "Lens", a.lens_mm, b.lens_mm, names, limit=0.05, told="was taken with a {share} % longer lens", unit=" mm"
        ),
        distance_row(a.distance_cm, b.distance_cm, alignment, names),
    ]
    if a.capture_path and b.capture_path and a.capture_path != b.capture_path:
        rows.append(agree_row("Taken by", a.capture_path, b.capture_path, names))
    return rows


def _alignment_rows(alignment: Alignment | None) -> list[ConditionRow]:
    if alignment is None:
        reason = "The photographs are not aligned. Set landmarks to check that they show one area."
        return [ConditionRow("Alignment", "not set", "not aligned", UNKNOWN, reason=reason)]
    points = f"{len(alignment.names)} points" if alignment.names else "by eye"
    if alignment.residual_px is None:
        off, verdict = "error not known", UNKNOWN
        reason = "The alignment cannot be checked. Mark at least three points in both photographs."
    else:
        off, verdict = f"{alignment.residual_px:.0f} px off", SAME
        reason = ""
    if alignment.state == "doubtful":
        verdict, reason = DIFFERS, alignment.problems[0]
    turn = alignment.transform.turn_deg
    turned = abs(turn) > TURN_LIMIT_DEG
    return [
        ConditionRow(
            "Turn",
            "0°",
            "0°" if abs(turn) < 0.5 else f"{abs(turn):.0f}° {'left' if turn > 0 else 'right'}",
            DIFFERS if turned else SAME,
            note="" if turned else f"within {TURN_LIMIT_DEG:.0f}°",
            reason=f"The head is turned by {abs(turn):.0f}°, so the light falls differently.",
            counts=False,
        ),
        ConditionRow(
            "Alignment",
            points,
            off,
            verdict,
            note=f"limit {RESIDUAL_LIMIT_PX:.0f} px" if verdict == SAME else "",
            reason=reason,
        ),
    ]


def _missing_reasons(missing: list[ConditionRow]) -> tuple[str, ...]:
    given = tuple(row.reason for row in missing if row.reason)
    fields = [row.condition.lower() for row in missing if not row.reason]
    if not fields:
        return given
    listed = fields[0] if len(fields) == 1 else f"{', '.join(fields[:-1])} and {fields[-1]}"
    return (f"Not recorded for both photographs: {listed}.", *given)


def _differ(count: int) -> str:
    return "differs" if count == 1 else "differ"


def _dye(dyed: bool | None) -> str | None:
    return None if dyed is None else "dyed" if dyed else "not_dyed"


def _word(code: str | None) -> str:
    return "not recorded" if code is None else code.replace("_", " ")
