"""The lot that a person typed or scanned, in whatever state it is; never one of several that are written alike."""

from collections.abc import Sequence

from clinic.staff.models import Clinic
from treatments.products import gs1
from treatments.products.models import Lot, Product, is_of_product
from treatments.records.fields import DatePrecision
from treatments.records.formatting import day, listed

_IF_RIGHT = "Check the vial. If the vial is right, choose the lot from the list, and correct the lot in the list later."
MOST_OFFERED = 12


class NoSingleLot(ValueError):
    """No lot, or several, answer to what was typed; the text is a sentence. `lots` are those to choose among."""

    def __init__(self, sentence: str, lots: Sequence[Lot] = ()) -> None:
        super().__init__(sentence)
        self.lots = list(lots)


def find(clinic: Clinic, text: str) -> Lot:
    """The one lot that is meant. GS1 element strings are read for their lot.

    A number is found without its separators where only one lot is written so. Raises NoSingleLot when there is none,
    when several are written alike, or when the label of the vial says another product or expiry than the list.
    """
    try:
        label = gs1.parse(text)
    except ValueError as error:
        raise NoSingleLot(str(error)) from error
    if not label.lot:
        raise NoSingleLot("This code carries no lot number. Type the number that is printed beside it.")
    of_clinic = Lot.objects.of(clinic).select_related("product").order_by("number", "id")
    lots = list(of_clinic.filter(number_folded=gs1.normalise_lot(label.lot))[:MOST_OFFERED])
    if not lots:
        if product := Product.objects.of(clinic).numbered(label.lot):
            raise NoSingleLot(is_of_product(product))
        raise _not_listed(label.lot, list(Lot.objects.of(clinic).looking_like(label.lot)))
    lots = _as_printed(_of_the_product(lots, label), label)
    if len(lots) > 1:
        same_day = [lot for lot in lots if label.expiry is not None and lot.expires_on == label.expiry]
        if len(same_day) != 1:
            raise _several(label.lot, lots)
        lots = same_day
    _check_expiry(lots[0], label)
    return lots[0]


def _not_listed(number: str, alike: list[Lot]) -> NoSingleLot:
    sentence = f"Lot {number} is not in the list."
    if alike:
        names = listed([f"{lot} of {lot.product}" for lot in alike], "or")
        return NoSingleLot(f"{sentence} If you mean {names}, read the vial again and choose it from the list.", alike)
    return NoSingleLot(f"{sentence} Receive it under Lots, or choose “not recorded”.")


def _several(number: str, lots: list[Lot]) -> NoSingleLot:
    if len({lot.number_key for lot in lots}) == 1:
        names = listed([lot.product.name for lot in lots])
        return NoSingleLot(f"{names} each have a lot {number}. Choose one from the list.", lots)
    names = listed([lot.number for lot in lots])
    sentence = f"Lots {names} differ only in the signs between the digits. Choose one from the list."
    return NoSingleLot(sentence, lots)


def _as_printed(lots: list[Lot], label: gs1.GS1) -> list[Lot]:
    """Those with the very number, where it was scanned or typed with its separators; else all that are written so."""
    key = gs1.number_key(label.lot)
    if label.is_scanned or key != gs1.normalise_lot(label.lot):
        return [lot for lot in lots if lot.number_key == key] or lots
    return lots


def _of_the_product(lots: list[Lot], label: gs1.GS1) -> list[Lot]:
    """Those of the product that the label names; where the product's number is not listed, it cannot contradict."""
    if not label.gtin:
        return lots
    named = [lot for lot in lots if lot.product.gtin == label.gtin]
    candidates = named or [lot for lot in lots if not lot.product.gtin]
    if not candidates:
        names = listed([lot.product.name for lot in lots])
        raise NoSingleLot(f"Lot {label.lot} is listed as {names}, but the label is of another product. {_IF_RIGHT}")
    return candidates


def _check_expiry(lot: Lot, label: gs1.GS1) -> None:
    printed, recorded = label.expiry, lot.expires_on
    if printed is None or recorded is None or printed == recorded:
        return
    by_month = lot.expires_precision == DatePrecision.MONTH
    if by_month and (printed.year, printed.month) == (recorded.year, recorded.month):
        return
    days = f"the label says {day(printed)}, the list {lot.expires}"
    raise NoSingleLot(f"The expiry of lot {lot} is not certain: {days}. {_IF_RIGHT}")
