"""What a session must satisfy: route, depth, cautions (rules 9, 17 and 21). No Django queries here.

The rules of its volumes are in `volumes`, those of the days between sessions in `intervals`; what is due next is in
`schedule`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from treatments.courses.vocabulary import BREAKS_SKIN, Route
from treatments.patients.allergies import Met
from treatments.products.rules import label_and_basis_problems
from treatments.records.formatting import mm, uncapitalised
from treatments.records.problems import Problem, warning

INTRADERMAL_LIMIT_MM = Decimal("5")
USUAL_DEPTH_MM: dict[Route, tuple[Decimal, Decimal]] = {
    Route.INTRADERMAL_INJECTION: (Decimal("0.5"), Decimal("4")),
    Route.MICRONEEDLING_TOPICAL: (Decimal("0.2"), Decimal("2.5")),
}


class Labelled(Protocol):
    """A product, as far as its label and its basis of use are asked for; as text it is its name."""

    labelled_route: str
    regulatory_basis: str


def route_problems(route: str, *, labelled_route: str, regulatory_basis: str) -> list[Problem]:
    """Rule 17 for a session's route. Raises ValueError for a route not in the list."""
    return label_and_basis_problems(
        breaks_skin=Route(route) in BREAKS_SKIN,
        labelled_route=labelled_route,
        regulatory_basis=regulatory_basis,
    )


def technique_problems(route: str, given: Iterable[tuple[Labelled | None, str]]) -> list[Problem]:
    """Rule 17 for a technique without a product, by the label of each product that the same session gave by a route
    that leaves the skin whole: its own route was judged, and is no objection there. `given` are the products of the
    session with the route of each."""
    problems = []
    for product, own_route in given:
        if product is None or own_route in BREAKS_SKIN:
            continue
        basis = product.regulatory_basis
        problems += [
            replace(problem, sentence=f"{product}: {uncapitalised(problem.sentence)}")
            for problem in route_problems(route, labelled_route=product.labelled_route, regulatory_basis=basis)
            if problem.code != "red_flag_basis"
        ]
    return problems


def depth_problems(route: str, *, depth_mm: Decimal | None, needle_length_mm: Decimal | None = None) -> list[Problem]:
    """Rule 21: depth beyond what the route or the needle allows. A long needle alone is fine."""
    if depth_mm is None:
        return []
    problems = []
    low, high = USUAL_DEPTH_MM.get(Route(route), (depth_mm, depth_mm))
    if route == Route.INTRADERMAL_INJECTION and depth_mm > INTRADERMAL_LIMIT_MM:
        sentence = f"{mm(depth_mm)} is below the dermis. Check the depth or the route."
        problems.append(warning(21, "depth_mm", sentence, "depth_over_limit"))
    elif not low <= depth_mm <= high:
        sentence = f"{mm(depth_mm)} is unusual for this route ({low} to {high} mm). Please check."
        problems.append(warning(21, "depth_mm", sentence, "depth_unusual"))
    if needle_length_mm is not None and depth_mm > needle_length_mm:
        sentence = f"{mm(depth_mm)} is deeper than the needle is long ({mm(needle_length_mm)})."
        problems.append(warning(21, "depth_mm", sentence, "deeper_than_needle"))
    return problems


def caution_problems(
    *,
    scarring_sign: int = 0,
    active_infection: int = 0,
    pregnant: bool = False,
    cautions: Collection[str] = (),
) -> list[Problem]:
    """Rule 9: what must be acknowledged before a session. Findings are graded 0 to 3.

    `cautions` are the labels of anything else that speaks against an injection.
    """
    sentences = [
        (scarring_sign > 0, "Signs of scarring: androgenetic alopecia does not scar.", "scarring"),
        (active_infection > 0, "Active scalp infection: do not inject into it.", "infection"),
        (pregnant, "Pregnant or breast-feeding.", "pregnancy"),
        *((True, f"Caution: {text}.", "caution") for text in cautions),
    ]
    return [
        warning(9, "", f"{text} Write why you give the session.", code) for applies, text, code in sentences if applies
    ]


def allergy_problems(met: Iterable[Met], *, field: str) -> list[Problem]:
    """Rule 9: what is to be given meets an allergy. One question for each of them."""
    sentences = [f"Allergy to “{each.allergy}”: {each.given} has “{each.word}”. Write why you give it." for each in met]
    return [warning(9, field, sentence, "allergy") for sentence in sentences]
