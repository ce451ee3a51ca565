"""mL by region: their order, their text, and the rules they keep (18 and 19). No Django queries here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Protocol

from treatments.records.formatting import listed, ml, number
from treatments.records.problems import Problem, error, warning
from treatments.records.regions import INJECTABLE, Region, region_from_text

# The vertex first: it is where most of what is given goes.
ORDER: tuple[Region, ...] = (
    Region.VERTEX,
    Region.MID_SCALP,
    Region.FRONTAL,
    *(r for r in INJECTABLE if r not in {Region.VERTEX, Region.MID_SCALP, Region.FRONTAL}),
)
FIRST_SHOWN = 3

MAX_SESSION_ML = Decimal("20")
MAX_FURTHER = 3
"""How many further products, lots or techniques one session takes beside its first product."""
SUM_TOLERANCE_ML = Decimal("0.05")
USUAL_TOTAL_ML = (Decimal("1"), Decimal("10"))
USUAL_POINT_ML = (Decimal("0.02"), Decimal("0.2"))
POINTS_TOLERANCE = Decimal("0.15")
"""By which share of the total the points times their mL may differ from it."""

Volumes = Mapping[str, Decimal] | Iterable[tuple[str, Decimal]]
_JOINTS = re.compile(r"\s*(?:,|;|/|&|\+|\band\b)\s*", re.IGNORECASE)


class VolumeRow(Protocol):
    """A region's volume as it is stored; `as_told` are the words used at the chairside, or ""."""

    region: str
    ml: Decimal
    as_told: str


def in_order(volumes: Mapping[str, Decimal]) -> list[tuple[str, Decimal]]:
    rank = {region.value: place for place, region in enumerate(ORDER)}
    return sorted(volumes.items(), key=lambda item: rank.get(item[0], len(rank)))


def total(volumes: Mapping[str, Decimal]) -> Decimal:
    return sum(volumes.values(), Decimal(0))


def volumes_of(rows: Iterable[VolumeRow]) -> tuple[dict[str, Decimal], dict[str, str]]:
    """mL by region, and the words that were used for a region where they differ from its label."""
    stored = list(rows)
    return {row.region: row.ml for row in stored}, {row.region: row.as_told for row in stored if row.as_told}


def shown_volumes(volumes: Mapping[str, Decimal], region_labels: Mapping[str, str] | None = None) -> str:
    """ "Vertex 3 mL (“crown and vertex”), Frontal 1 mL"; "" for none."""
    parts = []
    for code, given in in_order(volumes):
        label = (region_labels or {}).get(code)
        parts.append(f"{Region(code).label} {ml(given)}" + (f" (“{label}”)" if label else ""))
    return ", ".join(parts)


def regions_named(text: str, treated: Collection[str]) -> dict[str, str]:
    """Which of the treated regions the words used at the chairside name: "crown and vertex" is the vertex.

    Each region named gets the whole phrase. Words that name no region go with the first region treated.
    Raises ValueError with a sentence when a region is named that received nothing.
    """
    phrase = " ".join(text.split())
    if not phrase or not treated:
        return {}
    named = {region for part in _JOINTS.split(phrase) if (region := _region(part))}
    if missing := [Region(code).label for code in sorted(named - set(treated))]:
        raise ValueError(f"You wrote {listed(missing).lower()}, but gave no mL there. Check the regions.")
    return {code: phrase[:80] for code in treated if code in (named or {next(iter(treated))})}


def _region(text: str) -> str:
    try:
        return region_from_text(text).value
    except ValueError:
        return ""


def volume_problems(volumes: Volumes, total_ml: Decimal) -> list[Problem]:
    """Rule 18: mL by region, as a mapping or as pairs, each region once, adding up to the total.

    Crown is read as vertex, so the two together are one region listed twice.
    """
    pairs = list(volumes.items() if isinstance(volumes, Mapping) else volumes)
    problems: list[Problem] = []
    names: dict[Region, str] = {}
    for name, given in pairs:
        try:
            region = region_from_text(name)
        except ValueError as reason:
            problems.append(error(18, "volumes", str(reason), "unknown_region"))
            continue
        problems += _region_problems(region, given)
        if region in names:
            problems.append(_listed_twice(region, {name, names[region]}))
        names[region] = name
    sum_ml = sum((given for _, given in pairs), Decimal(0))
    if abs(sum_ml - total_ml) > SUM_TOLERANCE_ML:
        sentence = f"The regions add up to {ml(sum_ml)}, the total is {ml(total_ml)}."
        problems.append(error(18, "total_ml", sentence, "sum"))
    return problems


def _region_problems(region: Region, given: Decimal) -> list[Problem]:
    problems = []
    if region is Region.WHOLE_SCALP:
        sentence = "Write which regions got the volume. “Whole scalp” is not exact enough."
        problems.append(error(18, "volumes", sentence, "whole_scalp"))
    if given <= 0:
        sentence = f"{region.label}: the volume must be more than 0 mL."
        problems.append(error(18, region.value, sentence, "nothing_given"))
    return problems


def _listed_twice(region: Region, names: set[str]) -> Problem:
    subject = f"{region.label} is listed twice"
    if {name.strip().casefold() for name in names} == {"crown", "vertex"}:
        subject = "Crown and vertex are one region"
    return error(18, region.value, f"{subject}. Add the two volumes together.", "listed_twice")


def total_problems(total_ml: Decimal, *, points: int | None = None, point_ml: Decimal | None = None) -> list[Problem]:
    """Rule 19: more than 0 and at most 20 mL, usually 1 to 10; points times mL near the total."""
    if total_ml <= 0:
        return [error(19, "total_ml", "The total volume must be more than 0 mL.", "total_none")]
    if total_ml > MAX_SESSION_ML:
        sentence = f"{ml(total_ml)} is more than one session may have ({MAX_SESSION_ML} mL)."
        return [error(19, "total_ml", sentence, "total_over_limit")]
    problems = []
    if not USUAL_TOTAL_ML[0] <= total_ml <= USUAL_TOTAL_ML[1]:
        sentence = f"{ml(total_ml)} is unusual. A session has 1 to 10 mL. Please check."
        problems.append(warning(19, "total_ml", sentence, "total_unusual"))
    return problems if point_ml is None else problems + _point_problems(total_ml, points, point_ml)


def _point_problems(total_ml: Decimal, points: int | None, point_ml: Decimal) -> list[Problem]:
    problems = []
    if not USUAL_POINT_ML[0] <= point_ml <= USUAL_POINT_ML[1]:
        sentence = f"{number(point_ml)} mL at each point is unusual (0.02 to 0.2 mL). Please check."
        problems.append(warning(19, "point_ml", sentence, "point_unusual"))
    by_points = (points or 0) * point_ml
    if points is not None and abs(by_points - total_ml) > total_ml * POINTS_TOLERANCE:
        sentence = f"{points} points come to {ml(by_points)}, not {ml(total_ml)}."
        problems.append(warning(19, "points", sentence, "points_differ"))
    return problems
