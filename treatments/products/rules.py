"""Rules 15 to 17: the vial, its dates, its label, and the basis of its use. No Django here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from treatments.products.vocabulary import (
    NOT_VESICLES,
    RED_FLAG_BASES,
    Donor,
    LabelledRoute,
    RegulatoryBasis,
    SourceType,
)
from treatments.records.formatting import day, ml, number
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem, error, warning


def last_valid_day(expiry: PartialDate | date) -> date:
    """The last day a lot may be used; a year and month alone is valid to the month's end."""
    return expiry.latest if isinstance(expiry, PartialDate) else expiry


def lot_problems(
    *,
    lot_known: bool,
    expiry: PartialDate | date | None,
    used_on: PartialDate | date,
    field: str = "lot",
) -> list[Problem]:
    """Rule 15: expired on the day it was used, or lot or expiry unknown. Where only the month of use is known, a lot
    that expired in it may have been expired. Code "expired-drug" is FHIR's event category."""
    if not lot_known:
        sentence = "The lot is not known. A reaction cannot be traced to its vial."
        return [warning(15, field, sentence, "lot_unknown")]
    if expiry is None:
        sentence = "The expiry date of this lot is not known. Read it from the vial."
        return [warning(15, field, sentence, "expiry_unknown")]
    last = last_valid_day(expiry)
    is_a_month = isinstance(expiry, PartialDate) and not expiry.is_exact
    when = f"at the end of {expiry}" if is_a_month else f"on {day(last)}"
    first_day, last_day = used_on.bounds() if isinstance(used_on, PartialDate) else (used_on, used_on)
    if first_day <= last < last_day:
        sentence = (
            f"This lot expired {when}, and the day it was used is not known. Find out the day, or write why that is "
            "not possible."
        )
        return [warning(15, field, sentence, "perhaps_expired")]
    if first_day > last:
        sentence = f"This lot expired {when}. Take another lot."
        return [warning(15, field, sentence, "expired-drug")]
    return []


def untraceable_problems(*, field: str = "lot") -> list[Problem]:
    """Rule 15, where it is recorded neither which product was given nor of which lot."""
    sentence = "Neither product nor lot is recorded. A reaction cannot be traced to its vial."
    return [warning(15, field, sentence, "product_unknown")]


def handling_problems(
    *,
    mixed_hours: Decimal | None = None,
    in_use_hours: int | None = None,
    cold_chain_ok: bool | None = None,
    mixed_field: str = "mixed_hours",
    field: str = "lot",
) -> list[Problem]:
    """Rule 16: used more hours after mixing than the maker allows, or the cold chain broken (None: not recorded)."""
    problems: list[Problem] = []
    if mixed_hours is not None and in_use_hours is not None and mixed_hours > in_use_hours:
        sentence = f"Mixed {number(mixed_hours)} h before use; the limit is {in_use_hours} h."
        problems.append(warning(16, mixed_field, sentence, "in_use_limit"))
    if cold_chain_ok is False:
        sentence = "The cold chain of this lot was broken."
        problems.append(warning(16, field, sentence, "cold_chain"))
    return problems


def is_own_blood(source_type: str, donor: str) -> bool:
    return source_type == SourceType.PLATELET_RICH_PLASMA and donor == Donor.AUTOLOGOUS


def label_and_basis_problems(
    *, breaks_skin: bool, labelled_route: str, regulatory_basis: str, field: str = "route"
) -> list[Problem]:
    """Rule 17: the route against the label, and the basis of use. Each needs a reason to pass.

    Skin necrosis has followed a needle where only topical use was usual (10.1111/jocd.16206).
    """
    problems: list[Problem] = []
    as_labelled = regulatory_basis == RegulatoryBasis.COSMETIC_AS_LABELLED
    if breaks_skin and labelled_route == LabelledRoute.TOPICAL_ONLY:
        sentence = "The label allows topical use only, but this route breaks the skin."
        problems.append(warning(17, field, sentence, "route_against_label"))
    elif breaks_skin and as_labelled:
        sentence = "The product is listed as a cosmetic used as labelled, but this route breaks the skin."
        problems.append(warning(17, field, sentence, "route_against_basis"))
    if regulatory_basis in RED_FLAG_BASES:
        basis = str(RegulatoryBasis(regulatory_basis).label).lower()
        sentence = f"Legal basis of use: {basis}. Write why you give it."
        problems.append(warning(17, "regulatory_basis", sentence, "red_flag_basis"))
    return problems


def product_problems(
    *, regulatory_basis: str, regulatory_note: str, source_type: str, donor: str, marketed_as: str
) -> list[Problem]:
    """Rule 17 for the product itself: the reference of a special access, a basis and a name that its source does not
    bear."""
    problems: list[Problem] = []
    if regulatory_basis == RegulatoryBasis.OWN_BLOOD and not is_own_blood(source_type, donor):
        sentence = "This basis is for plasma of the patient’s own blood. Choose that source and donor, or another one."
        problems.append(error(17, "regulatory_basis", sentence, "own_blood"))
    if regulatory_basis == RegulatoryBasis.SPECIAL_ACCESS and not regulatory_note:
        sentence = "Special access has a reference. Write it down if you have it."
        problems.append(warning(17, "regulatory_note", sentence, "access_reference"))
    if source_type in NOT_VESICLES and "exosome" in marketed_as.lower():
        source = str(SourceType(source_type).label).partition(" (")[0]
        sentence = f"{source} is not a vesicle preparation, even if the maker sells it as one."
        problems.append(warning(17, "source_type", sentence, "not_vesicles"))
    return problems


def look_alike_problems(number: str, others: Sequence[str], *, field: str = "number") -> list[Problem]:
    """Rule 15: a number that an eye takes for one in the list. Each of `others` is a lot and what tells
    it apart: "EX-25 was received on 3 May 2025 (expires Nov 2026)"."""
    if not others:
        return []
    each = " ".join(f"Lot {other} and looks like {number}." for other in others)
    sentence = f"{each} Is it the same delivery? If not, write what is different."
    return [warning(15, field, sentence, "looks_alike")]


def received_volume(*, typed: Decimal | None, vials: int | None, unit_ml: Decimal | None) -> Decimal:
    """What arrived, in mL: as typed, or counted in vials of the product's size.

    Raises ValueError, with a sentence, when neither is known or the two contradict each other.
    """
    if typed is not None and typed <= 0:
        raise ValueError("Enter a volume above zero.")
    if vials and unit_ml:
        counted = vials * unit_ml
        if typed not in {None, counted}:
            raise ValueError(f"{vials} vials of {ml(unit_ml)} make {ml(counted)}. Change one of the two.")
        return counted
    if typed is None:
        unknown = "How much one vial of this product holds is not known. Enter the mL."
        raise ValueError(unknown if vials else "Enter how much arrived, in vials or in mL.")
    return typed


def particles_given(per_ml: Decimal | None, volume_ml: Decimal) -> Decimal | None:
    """Particles given, in the unit of `per_ml` (10^9); an unknown strength is an unknown dose."""
    return None if per_ml is None else per_ml * volume_ml
