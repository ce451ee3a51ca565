"""Hair measurements: what is counted, in which unit, within which limits, and what may be compared.

Hard limits refuse a value, soft limits ask for confirmation. The limits are ours, set around
published ranges; units are UCUM. Values are `Decimal`; nothing here rounds a stored value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django.db import models

from treatments.records.formatting import number, uncapitalised
from treatments.records.problems import Problem, error, warning
from treatments.records.text.text_folding import fold

Limits = tuple[Decimal | None, Decimal | None]


class Method(models.TextChoices):
    CLINICIAN_VISUAL_ESTIMATE = "clinician_visual_estimate", "Clinician’s visual estimate"
    MANUAL_TRICHOSCOPY_COUNT = "manual_trichoscopy_count", "Count by hand on a trichoscopy image"
    PHOTOTRICHOGRAM = "phototrichogram", "Phototrichogram"
    TRICHOSCAN = "trichoscan", "TrichoScan"
    AI_IMAGE_ANALYSIS = "ai_image_analysis", "Automatic image analysis"
    BIOPSY_HORIZONTAL = "biopsy_horizontal", "Biopsy, horizontal sections"
    TRICHOGRAM_PLUCK = "trichogram_pluck", "Plucked trichogram"


@lru_cache(maxsize=64)
def method_words(code: str) -> str:
    """A method inside a sentence: "phototrichogram", "TrichoScan"."""
    label = str(Method(code).label) if code in Method.values else code
    return label if label[1:] != label[1:].lower() else uncapitalised(label)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A thing measured. `hard` and `soft` are (lowest, highest), None for no limit.

    `above_zero`: the lower hard limit itself is refused. `derived`: computed, never typed. `split`: it depends on
    the shaft diameter below which a hair counts as vellus.
    """

    code: str
    label: str
    ucum: str
    unit: str
    hard: Limits
    soft: Limits = (None, None)
    above_zero: bool = False
    derived: bool = False
    split: bool = False


def _limits(low: str | None, high: str | None) -> Limits:
    return (None if low is None else Decimal(low), None if high is None else Decimal(high))


_PERCENT = _limits("0", "100")

QUANTITIES: dict[str, Quantity] = {
    q.code: q
    for q in (
        Quantity("hair_density", "Hair density", "{hairs}/cm2", "hairs/cm²", _limits("0", "600"), _limits("40", "320")),
        Quantity(
            "terminal_density",
            "Terminal hair density",
            "{hairs}/cm2",
            "hairs/cm²",
            _limits("0", "600"),
            _limits("10", "300"),
            split=True,
        ),
        Quantity(
            "vellus_density",
            "Vellus hair density",
            "{hairs}/cm2",
            "hairs/cm²",
            _limits("0", "600"),
            _limits("0", "150"),
            split=True,
        ),
        Quantity(
            "fu_density", "Follicular unit density", "{FU}/cm2", "units/cm²", _limits("0", "200"), _limits("20", "130")
        ),
        Quantity(
            "hairs_per_fu", "Hairs per follicular unit", "1", "hairs per unit", _limits("1", "6"), _limits("1", "4")
        ),
        Quantity("shaft_diameter_mean", "Mean shaft diameter", "um", "µm", _limits("5", "200"), _limits("30", "110")),
        Quantity("thin_hair_pct", "Share of thin hairs", "%", "%", _PERCENT, split=True),
        Quantity(
            "terminal_vellus_ratio", "Terminal to vellus ratio", "{ratio}", "to 1", _limits("0", None), split=True
        ),
        Quantity("anagen_pct", "Share of anagen hairs", "%", "%", _PERCENT, _limits("50", "95")),
        Quantity("telogen_pct", "Share of telogen hairs", "%", "%", _PERCENT),
        Quantity(
            "anagen_telogen_ratio",
            "Anagen to telogen ratio",
            "{ratio}",
            "to 1",
            _limits("0", None),
            _limits("1", "20"),
            above_zero=True,
            derived=True,
        ),
        Quantity("growth_rate", "Linear growth", "mm/d", "mm/day", _limits("0", "1"), _limits("0.2", "0.5")),
        Quantity("cumulative_thickness", "Cumulative hair thickness", "mm/cm2", "mm/cm²", _limits("0", None)),
        Quantity(
            "shed_count_day", "Hairs shed a day", "{hairs}/d", "hairs/day", _limits("0", "2000"), _limits("0", "300")
        ),
        Quantity(
            "wash_test_count",
            "Hairs shed in a wash test",
            "{hairs}",
            "hairs",
            _limits("0", "2000"),
            _limits("0", "300"),
        ),
        Quantity("part_width", "Midline part width", "mm", "mm", _limits("0", "60")),
        Quantity(
            "density_change_pct",
            "Density change from baseline",
            "%",
            "%",
            _limits("-100", "1000"),
            _limits("-50", "100"),
        ),
    )
}

QUANTITY_CHOICES: list[tuple[str, str]] = [(q.code, q.label) for q in QUANTITIES.values() if not q.derived]

VELLUS_CUTOFF_UM = Decimal(30)
TERMINAL_CUTOFF_UM = Decimal(60)
"""Shafts under 30 µm are vellus, over 60 terminal, between them intermediate. Older work cuts
vellus at 40 µm, so the cut-off is recorded with every split count."""


def quantity(code: str) -> Quantity:
    """Raises ValueError for an unknown quantity."""
    try:
        return QUANTITIES[code]
    except KeyError:
        raise ValueError(f"There is no measurement called “{code}”.") from None


def check(code: str, value: Decimal, *, field: str = "value") -> list[Problem]:
    """Rule 10 for one value in the quantity's own unit: hard limits, then soft ones."""
    known = quantity(code)
    if not value.is_finite():
        return [error(10, field, "Write a number.", "not_a_number")]
    shown = f"{known.label}: {number(value)} {known.unit}"
    if not _is_within(value, known.hard) or (known.above_zero and value <= 0):
        sentence = f"{shown} is not possible. Write a value {_range(known.hard)} {known.unit}."
        return [error(10, field, sentence, "hard")]
    if not _is_within(value, known.soft):
        sentence = f"{shown} is unusual (usually {_range(known.soft)}). Please check it."
        return [warning(10, field, sentence, "soft")]
    return []


def check_together(values: Mapping[str, Decimal]) -> list[Problem]:
    """Rule 10 for values of one site at one visit, by quantity code: parts against their whole."""
    return [*_parts_over_total(values), *_phases_over_100(values), *_hairs_per_unit_differ(values)]


def _parts_over_total(values: Mapping[str, Decimal]) -> list[Problem]:
    total = values.get("hair_density")
    parts = values.get("terminal_density", Decimal(0)) + values.get("vellus_density", Decimal(0))
    if total is None or parts <= total:
        return []
    field = "terminal_density" if "terminal_density" in values else "vellus_density"
    sentence = f"Terminal and vellus hairs come to more than all hairs ({number(total)} per cm²)."
    return [error(10, field, sentence, "parts_over_total")]


def _phases_over_100(values: Mapping[str, Decimal]) -> list[Problem]:
    phases = values.get("anagen_pct", Decimal(0)) + values.get("telogen_pct", Decimal(0))
    if phases <= 100:
        return []
    sentence = f"Anagen and telogen come to {number(phases)} %. Together they are at most 100 %."
    return [error(10, "telogen_pct", sentence, "phases_over_100")]


def _hairs_per_unit_differ(values: Mapping[str, Decimal]) -> list[Problem]:
    """Hairs per unit further than 10 % from what the two densities give."""
    total, units, per_unit = (values.get(name) for name in ("hair_density", "fu_density", "hairs_per_fu"))
    if total is None or per_unit is None or not units:
        return []
    expected = total / units
    if abs(per_unit - expected) <= expected / 10:
        return []
    by_densities = number(expected.quantize(Decimal("0.1")))
    sentence = f"Hairs per unit is {number(per_unit)}, but the densities give {by_densities}. Please check all three."
    return [warning(10, "hairs_per_fu", sentence, "hairs_per_fu")]


@dataclass(frozen=True, slots=True)
class Reading:
    """A value with the circumstances that decide what it may be compared with; None and "" are "not recorded".

    `spot` is the place within the region, by landmark or tattoo; `is_same_spot` that whoever measured says that it is
    the very spot measured before. `area_cm2` is the counted area in cm², `vellus_cutoff_um` in µm; `device` includes
    its software.
    """

    quantity: str
    value: Decimal
    region: str
    method: str
    spot: str = ""
    is_same_spot: bool | None = None
    area_cm2: Decimal | None = None
    vellus_cutoff_um: Decimal | None = None
    device: str = ""
    magnification: int | None = None
    is_clipped: bool | None = None
    is_dyed: bool | None = None

    @property
    def circumstances(self) -> tuple[object, ...]:
        """All that decides what it may be compared with: of readings alike in this, one compares as the other does."""
        where = self.quantity, self.region, self.spot, self.method, self.device, self.magnification
        return *where, self.area_cm2, self.vellus_cutoff_um, self.is_clipped, self.is_dyed, self.value == 0

    @property
    def counted(self) -> Decimal | None:
        """How many hairs (or units) were counted: density times area; None where the area was not recorded."""
        return None if self.area_cm2 is None else self.value * self.area_cm2


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two readings may be compared: `reasons` why not; `unrecorded` is what is known of neither of them.

    What was recorded for one of the two only is a reason: it is not taken for the same. What was recorded for neither
    forbids nothing, and is said wherever the change is told. The person who counted is neither: repeat counts of two
    readers differ by 2.9 to 6.3 %, which the error of a change holds already.
    """

    reasons: tuple[str, ...] = ()
    unrecorded: tuple[str, ...] = ()
    is_matched_spot: bool = False
    nearness: tuple[int, int] = (0, 0)
    """The larger, the better the two go together: fewest reasons, then the spot that is known to be the same."""

    @property
    def is_comparable(self) -> bool:
        return not self.reasons


_YES_NO = {None: "", True: "yes", False: "no"}


def compare_readings(earlier: Reading, later: Reading) -> Comparison:
    """Rule 11: what forbids a figure for the change from one reading to the other."""
    circumstances = [
        ("method", method_words(earlier.method), method_words(later.method)),
        ("counted area", _cm2(earlier.area_cm2), _cm2(later.area_cm2)),
        ("device", earlier.device, later.device),
        ("magnification", _times(earlier.magnification), _times(later.magnification)),
        ("hair clipped", _YES_NO[earlier.is_clipped], _YES_NO[later.is_clipped]),
        ("hair dyed", _YES_NO[earlier.is_dyed], _YES_NO[later.is_dyed]),
    ]
    if quantity(later.quantity).split:
        circumstances.append(("vellus cut-off", _um(earlier.vellus_cutoff_um), _um(later.vellus_cutoff_um)))
    reasons = [*_other_place(earlier, later)]
    unrecorded = []
    for name, before, after in circumstances:
        if not before and not after:
            unrecorded.append(name)
        elif not before or not after:
            reasons.append(f"{name} recorded for one of the two only ({before or after})")
        elif before != after and fold(before) != fold(after):
            reasons.append(f"{name} differs ({before} against {after})")
    if earlier.value == 0:
        reasons.append("the baseline is 0")
    is_other = _is_other_spot(earlier, later)
    is_matched = later.is_same_spot is True and not is_other
    spot = 0 if is_other else 2 if earlier.spot and later.spot else 1
    return Comparison(tuple(reasons), tuple(unrecorded), is_matched, (-len(reasons), spot))


def _other_place(earlier: Reading, later: Reading) -> Iterator[str]:
    if earlier.quantity != later.quantity:
        yield f"not the same quantity ({quantity(earlier.quantity).label.lower()} before)"
    if earlier.region != later.region:
        yield "site differs"
    elif _is_other_spot(earlier, later):
        yield f"spot differs ({earlier.spot} against {later.spot})"


def _is_other_spot(earlier: Reading, later: Reading) -> bool:
    return earlier.region != later.region or not is_same_or_unknown_spot(earlier.spot, later.spot)


def is_same_or_unknown_spot(one: str, other: str) -> bool:
    """False where both spots are recorded and are not the same. Where one is not recorded nobody knows."""
    return len({_bare(one), _bare(other)} - {""}) < 2


def is_same_spot(one: str, other: str) -> bool:
    """Whether both are recorded as the same spot, or neither is recorded."""
    return _bare(one) == _bare(other)


_DECIMAL_SIGN = re.compile(r"(?<=[0-9])[.,](?=[0-9])")


@lru_cache(maxsize=1024)
def _bare(text: str) -> str:
    """ "3 cm behind the hairline." and "3cm behind the Hairline" are one spot; "1.2 cm" and "12 cm" are two."""
    exact = _DECIMAL_SIGN.sub("·", fold(text))
    return "".join(character for character in exact if character.isalnum() or character == "·")


def _cm2(area: Decimal | None) -> str:
    return "" if area is None else f"{number(area)} cm²"


def _um(cutoff: Decimal | None) -> str:
    return "" if cutoff is None else f"{number(cutoff)} µm"


def _times(magnification: int | None) -> str:
    return "" if magnification is None else f"×{magnification}"


@dataclass(frozen=True, slots=True)
class PercentChange:
    """`value` in per cent to one decimal, or None with the reasons why there is no figure."""

    value: Decimal | None
    reasons: tuple[str, ...] = ()

    @property
    def comparable(self) -> bool:
        return self.value is not None


def percent_change(baseline: Reading | None, later: Reading) -> PercentChange:
    """Rule 11: change from the baseline, only where the circumstances match."""
    if baseline is None:
        return PercentChange(None, ("there is no baseline measurement",))
    if reasons := compare_readings(baseline, later).reasons:
        return PercentChange(None, reasons)
    return PercentChange(per_cent(baseline.value, later.value))


def per_cent(before: Decimal, after: Decimal) -> Decimal:
    """The change to one decimal; a half is rounded away from no change. `before` is not 0."""
    return ((after - before) / before * 100).quantize(Decimal("0.1"), ROUND_HALF_UP) + 0


def _is_within(value: Decimal, limits: Limits) -> bool:
    low, high = limits
    return (low is None or low <= value) and (high is None or value <= high)


def _range(limits: Limits) -> str:
    low, high = limits
    if low is not None and high is not None:
        return f"from {number(low)} to {number(high)}"
    return f"of at least {number(low)}" if low is not None else "with no limit"


def shown(code: str, *, value: Decimal | None, low: Decimal | None, high: Decimal | None) -> str:
    """A value or range as it is printed, with its unit: "146 hairs/cm²", "+20–25 %", "−10 to −5 %".

    A change carries its sign; "" when there is neither value nor range. Raises ValueError for an
    unknown quantity.
    """
    known = quantity(code)
    spell = _signed if code == "density_change_pct" else number
    if value is not None:
        return f"{spell(value)} {known.unit}"
    if low is None or high is None:
        return ""
    # An en dash beside a minus sign would be misread: −10–5.
    figures = f"{spell(low)} to {spell(high)}" if low < 0 else f"{spell(low)}–{number(high)}"
    return f"{figures} {known.unit}"


def _signed(value: Decimal) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{number(abs(value))}"
