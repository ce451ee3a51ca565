"""What a session must satisfy: volumes, intervals, route, depth, cautions (rules 9, 17 to 21).

No Django here. Volumes are `Decimal` mL. What is due next is in `schedule`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal

from treatments.courses.vocabulary import BREAKS_SKIN, Phase, Route
from treatments.products.rules import footing_problems
from treatments.records.problems import Problem, error, warning
from treatments.records.regions import Region, region_from_text

SUM_TOLERANCE_ML = Decimal("0.05")
MAX_TOTAL_ML = Decimal("20")
USUAL_TOTAL_ML = (Decimal("1"), Decimal("10"))
USUAL_POINT_ML = (Decimal("0.02"), Decimal("0.2"))
POINTS_TOLERANCE = Decimal("0.15")

MIN_DAYS_PER_MONTH, MAX_DAYS_PER_MONTH = 21, 45
"""Days from the last session, for each month of the planned interval, that raise no question."""

INTRADERMAL_LIMIT_MM = Decimal("5")
USUAL_DEPTH_MM: dict[Route, tuple[Decimal, Decimal]] = {
    Route.INTRADERMAL_INJECTION: (Decimal("0.5"), Decimal("4")),
    Route.MICRONEEDLING_TOPICAL: (Decimal("0.2"), Decimal("2.5")),
}

Volumes = Mapping[str, Decimal] | Iterable[tuple[str, Decimal]]


def volume_problems(volumes: Volumes, total_ml: Decimal) -> list[Problem]:
    """Rule 18: mL by region, as a mapping or as pairs, each region once, adding up to the total.

    Crown is read as vertex, so the two together are one region listed twice.
    """
    pairs = list(volumes.items() if isinstance(volumes, Mapping) else volumes)
    found: list[Problem] = []
    seen: dict[Region, str] = {}
    for name, ml in pairs:
        try:
            region = region_from_text(name)
        except ValueError as reason:
            found.append(error(18, "volumes", str(reason), "unknown_region"))
            continue
        words = str(region.label)
        if region is Region.WHOLE_SCALP:
            sentence = "Say which regions received the volume; “whole scalp” is too wide."
            found.append(error(18, "volumes", sentence, "whole_scalp"))
        if ml <= 0:
            sentence = f"{words}: the volume must be more than 0 mL."
            found.append(error(18, region.value, sentence, "nothing_given"))
        if region in seen:
            sentence = f"{words} is listed twice. Add the two volumes together."
            if {name.strip().casefold(), seen[region].strip().casefold()} == {"crown", "vertex"}:
                sentence = "Crown and vertex are one region. Add the two volumes together."
            found.append(error(18, region.value, sentence, "listed_twice"))
        seen[region] = name
    given = sum((ml for _, ml in pairs), Decimal(0))
    if abs(given - total_ml) > SUM_TOLERANCE_ML:
        sentence = f"The regions add up to {given.normalize():f} mL, the total is {total_ml.normalize():f} mL."
        found.append(error(18, "total_ml", sentence, "sum"))
    return found


def total_problems(total_ml: Decimal, *, points: int | None = None, point_ml: Decimal | None = None) -> list[Problem]:
    """Rule 19: more than 0 and at most 20 mL, usually 1 to 10; points times mL near the total."""
    if total_ml <= 0:
        return [error(19, "total_ml", "The total volume must be more than 0 mL.", "total_none")]
    if total_ml > MAX_TOTAL_ML:
        sentence = f"{total_ml.normalize():f} mL is more than the {MAX_TOTAL_ML} mL one session may hold."
        return [error(19, "total_ml", sentence, "total_over_limit")]
    found: list[Problem] = []
    if not USUAL_TOTAL_ML[0] <= total_ml <= USUAL_TOTAL_ML[1]:
        sentence = f"{total_ml.normalize():f} mL is unusual; a session holds 1 to 10 mL. Please check."
        found.append(warning(19, "total_ml", sentence, "total_unusual"))
    if point_ml is not None and not USUAL_POINT_ML[0] <= point_ml <= USUAL_POINT_ML[1]:
        sentence = f"{point_ml.normalize():f} mL at each point is unusual (0.02 to 0.2 mL). Please check."
        found.append(warning(19, "point_ml", sentence, "point_unusual"))
    if points is not None and point_ml is not None:
        by_points = points * point_ml
        if abs(by_points - total_ml) > total_ml * POINTS_TOLERANCE:
            sentence = f"{points} points come to {by_points.normalize():f} mL, not {total_ml.normalize():f} mL."
            found.append(warning(19, "points", sentence, "points_differ"))
    return found


def interval_problems(
    performed_on: date,
    others: Iterable[date],
    *,
    interval_months: int = 1,
    phase: str = Phase.INDUCTION,
    field: str = "performed_on",
) -> list[Problem]:
    """Rule 20: against the days of the course's other sessions. Intervals count in induction only."""
    days = sorted(others)
    if performed_on in days:
        sentence = "This course has a session on that day already. Correct that one instead."
        return [error(20, field, sentence, "same_day")]
    found: list[Problem] = []
    before = [day for day in days if day < performed_on]
    if before and phase == Phase.INDUCTION:
        gap = (performed_on - before[-1]).days
        low, high = MIN_DAYS_PER_MONTH * interval_months, MAX_DAYS_PER_MONTH * interval_months
        if not low <= gap <= high:
            code = "too_soon" if gap < low else "too_late"
            sentence = f"{gap} days after the last session; planned are {low} to {high} days."
            found.append(warning(20, field, sentence, code))
    if len(before) < len(days):
        later = days[len(before)]
        sentence = (
            f"There is a later session already, on {later.day} {later:%b %Y}: "
            "the numbers of the sessions after this one will move up."
        )
        found.append(warning(20, field, sentence, "out_of_order"))
    return found


def route_problems(route: str, *, labelled_route: str, regulatory_basis: str) -> list[Problem]:
    """Rule 17 for a session's route. Raises ValueError for a route not in the list."""
    return footing_problems(
        breaks_skin=Route(route) in BREAKS_SKIN,
        labelled_route=labelled_route,
        regulatory_basis=regulatory_basis,
    )


def depth_problems(route: str, *, depth_mm: Decimal | None, needle_length_mm: Decimal | None = None) -> list[Problem]:
    """Rule 21: depth beyond what the route or the needle allows. A long needle alone is fine."""
    if depth_mm is None:
        return []
    found: list[Problem] = []
    shown = f"{depth_mm.normalize():f} mm"
    usual = USUAL_DEPTH_MM.get(Route(route))
    if route == Route.INTRADERMAL_INJECTION and depth_mm > INTRADERMAL_LIMIT_MM:
        sentence = f"{shown} is below the dermis. Check the depth or the route."
        found.append(warning(21, "depth_mm", sentence, "depth_over_limit"))
    elif usual is not None and not usual[0] <= depth_mm <= usual[1]:
        sentence = f"{shown} is unusual for this route ({usual[0]} to {usual[1]} mm). Please check."
        found.append(warning(21, "depth_mm", sentence, "depth_unusual"))
    if needle_length_mm is not None and depth_mm > needle_length_mm:
        sentence = f"{shown} is deeper than the needle is long ({needle_length_mm.normalize():f} mm)."
        found.append(warning(21, "depth_mm", sentence, "deeper_than_needle"))
    return found


def caution_problems(
    *,
    scarring_sign: int = 0,
    active_infection: int = 0,
    pregnant: bool = False,
    allergies_met: Collection[str] = (),
    cautions: Collection[str] = (),
) -> list[Problem]:
    """Rule 9: what must be acknowledged before a session. Findings are graded 0 to 3.

    `allergies_met` names ingredients of the product or anaesthetic the patient is allergic to;
    `cautions` are the labels of anything else that speaks against an injection.
    """
    sentences = [
        (scarring_sign > 0, "Signs of scarring: androgenetic alopecia does not scar.", "scarring"),
        (active_infection > 0, "Active scalp infection: do not inject into it.", "infection"),
        (pregnant, "Pregnant or breast-feeding.", "pregnancy"),
        (bool(allergies_met), f"Allergy to: {', '.join(allergies_met)}.", "allergy"),
        *((True, f"Caution: {text}.", "caution") for text in cautions),
    ]
    return [
        warning(9, "", f"{text} Say why the session goes ahead.", code) for applies, text, code in sentences if applies
    ]
