"""What a session takes from a lot and gives back. To be called within the session's transaction."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from treatments.products.models import Lot, LotState


def hold(lots: Iterable[Any]) -> dict[Any, Lot]:
    """The lots with these ids, locked until the transaction ends, always in the same order: no two sessions can
    wait for each other. SQLite has one writer at a time and needs no lock of the row."""
    ids = sorted({lot for lot in lots if lot is not None})
    return {lot.pk: lot for lot in Lot.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}


def take(held: Lot, ml: Decimal, *, chosen: Lot | None = None) -> None:
    """Take `ml` from a lot that is held. `chosen` is the lot as the person saw it when they chose it.

    Raises ValidationError, with what is left, when there is not enough; also when the lot is finished, or was
    recalled after it was chosen.
    """
    if held.state == LotState.FINISHED:
        raise ValidationError({"lot": f"Lot {held} is finished. Choose another lot, or correct the stock of this one."})
    if held.state == LotState.RECALLED and chosen is not None and chosen.state != LotState.RECALLED:
        sentence = f"Lot {held} was recalled a moment ago. Choose another, or save again and say why it was given."
        raise ValidationError({"lot": sentence})
    if held.stock_ml < ml:
        left = f"Only {held.stock_ml} mL of lot {held} is left" if held.stock_ml else f"Nothing of lot {held} is left"
        raise ValidationError(
            {"lot": f"{left}, and this session needs {ml} mL. Choose another lot, or count the stock again."}
        )
    _keep(held, held.stock_ml - ml)


def give_back(held: Lot, ml: Decimal) -> None:
    _keep(held, held.stock_ml + ml)


def _keep(held: Lot, left: Decimal) -> None:
    """Set what is left, if the lot still holds what was read.

    The subtraction is done here and not in SQL: SQLite counts in binary fractions, and the last 0.1 mL would be
    lost to them. The condition makes a forgotten lock an error instead of a lost volume.
    """
    if not Lot.objects.filter(pk=held.pk, stock_ml=held.stock_ml).update(stock_ml=left):
        raise ValidationError({"lot": f"The stock of lot {held} changed meanwhile. Save again."})
    held.stock_ml = left
