"""mL by region, in the order and the words of the clinic. No Django queries here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from treatments.records.regions import INJECTABLE, Region, region_from_text

# The vertex first: it is where most of what is given goes.
ORDER: tuple[Region, ...] = (
    Region.VERTEX,
    Region.MID_SCALP,
    Region.FRONTAL,
    *(r for r in INJECTABLE if r not in {Region.VERTEX, Region.MID_SCALP, Region.FRONTAL}),
)
FIRST_SHOWN = 3

_JOINTS = re.compile(r"\s*(?:,|;|/|&|\+|\band\b)\s*", re.IGNORECASE)


def in_order(volumes: Mapping[str, Decimal]) -> list[tuple[str, Decimal]]:
    rank = {region.value: place for place, region in enumerate(ORDER)}
    return sorted(volumes.items(), key=lambda item: rank.get(item[0], len(rank)))


def total(volumes: Mapping[str, Decimal]) -> Decimal:
    return sum(volumes.values(), Decimal(0))


def in_words(volumes: Mapping[str, Decimal], told: Mapping[str, str] | None = None) -> str:
    """ "Vertex 3.00 mL (“crown and vertex”), Frontal 1.00 mL"; "" for none."""
    parts = []
    for code, ml in in_order(volumes):
        words = (told or {}).get(code, "")
        parts.append(f"{Region(code).label} {ml} mL" + (f" (“{words}”)" if words else ""))
    return ", ".join(parts)


def as_told(text: str, charged: Collection[str]) -> dict[str, str]:
    """Which of the charged regions the words used at the chairside name: "crown and vertex" is the vertex.

    Each region named keeps the whole phrase. Words that name no region go with the first region charged.
    Raises ValueError with a sentence when a region is named that received nothing.
    """
    words = " ".join(text.split())
    if not words or not charged:
        return {}
    named: set[str] = set()
    for part in _JOINTS.split(words):
        try:
            named.add(region_from_text(part).value)
        except ValueError:
            continue
    missing = [Region(code).label for code in sorted(named - set(charged))]
    if missing:
        raise ValueError(f"You wrote {' and '.join(missing).lower()}, which received nothing. Check the regions.")
    return {code: words[:80] for code in charged if code in (named or {next(iter(charged))})}


def of_rows(rows: Iterable[Any]) -> tuple[dict[str, Decimal], dict[str, str]]:
    """mL and the words used, by region, of a session's RegionVolume rows."""
    kept = list(rows)
    return {row.region: row.ml for row in kept}, {row.region: row.as_told for row in kept if row.as_told}
