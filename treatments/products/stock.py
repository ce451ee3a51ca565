"""What a session takes from a lot and gives back. To be called within the session's transaction."""

import uuid
from collections.abc import Iterable
from decimal import Decimal

from django.core.exceptions import ValidationError

from treatments.products.models import Lot, LotState
from treatments.records import formatting


def lock(lot_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, Lot]:
    """The lots with these ids, locked until the transaction ends, always in the same order: no two sessions can
    wait for each other. SQLite has one writer at a time and needs no lock of the row."""
    ids = sorted({lot_id for lot_id in lot_ids if lot_id is not None})
    return {lot.pk: lot for lot in Lot.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}


def take(lot: Lot, ml: Decimal, *, chosen: Lot | None = None) -> None:
    """Take `ml` from a lot that is locked. `chosen` is the lot as the person saw it when they chose it.

    Raises ValidationError, with what is left, when there is not enough; also when the lot is finished, or was
    recalled after it was chosen.
    """
    if lot.state == LotState.FINISHED:
        raise ValidationError({"lot": f"Lot {lot} is finished. Choose another lot, or correct the stock of this one."})
    if lot.state == LotState.RECALLED and chosen is not None and chosen.state != LotState.RECALLED:
        sentence = f"Lot {lot} was recalled a moment ago. Choose another, or save again and say why it was given."
        raise ValidationError({"lot": sentence})
    if lot.stock_ml < ml:
        left = f"Only {formatting.ml(lot.stock_ml)}" if lot.stock_ml else "Nothing"
        sentence = f"{left} of lot {lot} is left, and this session needs {formatting.ml(ml)}."
        raise ValidationError({"lot": f"{sentence} Choose another lot, or count the stock again."})
    _set_stock(lot, lot.stock_ml - ml)


def give_back(lot: Lot, ml: Decimal) -> None:
    _set_stock(lot, lot.stock_ml + ml)


def _set_stock(lot: Lot, left: Decimal) -> None:
    """Set what is left, if there is still what was read.

    The subtraction is done here and not in SQL: SQLite counts in binary fractions, and the last 0.1 mL would be
    lost to them. The condition makes a forgotten lock an error instead of a lost volume.
    """
    if not Lot.objects.filter(pk=lot.pk, stock_ml=lot.stock_ml).update(stock_ml=left):
        raise ValidationError({"lot": f"The stock of lot {lot} changed meanwhile. Save again."})
    lot.stock_ml = left
