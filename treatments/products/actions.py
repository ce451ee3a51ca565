"""What may happen to a product and to a lot. Sessions take their volume from a lot; that is theirs to write."""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from treatments.products.gs1 import normalise_lot
from treatments.products.models import Lot, LotState, Product
from treatments.records.actions import Conflict, Passed, correct, insert

LISTED_ALREADY = "A product of this name is listed already. Give this one a name that tells them apart."
RECEIVED_ALREADY = (
    "This lot of the product is in the list already. For a second delivery, open the lot and correct its volume."
)


def list_product(product: Product, *, passed: Iterable[Passed] = (), by: Any) -> Product:
    """Add a product to the clinic's list. Raises ValidationError for a name in use, AlreadyKept for a used id."""
    try:
        return insert(product, event="listed_product", passed=passed, by=by)
    except IntegrityError as error:
        raise ValidationError({"name": LISTED_ALREADY}) from error


def correct_product(
    product: Product,
    *,
    changes: dict[str, Any],
    reason: str,
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: Any,
) -> Product:
    """Change what is known of a product. Raises Conflict, and ValidationError for a name in use."""
    try:
        return correct(
            product, changes=changes, reason=reason, expected_version=expected_version, passed=passed, by=by
        )
    except IntegrityError as error:
        raise ValidationError({"name": LISTED_ALREADY}) from error


def receive(lot: Lot, *, passed: Iterable[Passed] = (), by: Any) -> Lot:
    """Put a new lot in stock, all of it. Raises ValidationError for a lot received before, AlreadyKept."""
    lot.stock_ml = lot.received_ml
    try:
        return insert(lot, event="received_lot", passed=passed, by=by)
    except IntegrityError as error:
        raise ValidationError({"number": RECEIVED_ALREADY}) from error


def correct_lot(
    lot: Lot,
    *,
    changes: dict[str, Any],
    reason: str,
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: Any,
) -> Lot:
    """Change what was received; what is left follows by the same difference.

    Raises Conflict; ValidationError when less would have been received than was used, or the number is in use.
    """

    def follow(kept: Lot) -> list[dict[str, str]]:
        kept.refresh_from_db()
        Lot.objects.filter(pk=kept.pk).update(number_folded=normalise_lot(kept.number))
        left = kept.stock_ml + kept.received_ml - lot.received_ml
        if left < 0:
            used = lot.received_ml - kept.stock_ml
            raise ValidationError({"received_ml": f"{used} mL of it has been used or discarded. Count again."})
        if left == kept.stock_ml:
            return []
        Lot.objects.filter(pk=kept.pk).update(stock_ml=left)
        return [{"field": "stock_ml", "label": "In stock, mL", "before": str(kept.stock_ml), "after": str(left)}]

    try:
        return correct(
            lot,
            changes=changes,
            reason=reason,
            expected_version=expected_version,
            passed=passed,
            then=follow,
            by=by,
        )
    except IntegrityError as error:
        raise ValidationError({"number": RECEIVED_ALREADY}) from error


def open_lot(lot: Lot, *, on: datetime.date, expected_version: int, by: Any) -> Lot:
    """Mark a lot in stock as opened. Raises Conflict, and ValidationError when it is not in stock."""
    if lot.state != LotState.RECEIVED:
        raise ValidationError(f"Lot {lot} is {lot.get_state_display().lower()}: only a lot in stock can be opened.")
    return correct(
        lot,
        changes={"state": LotState.OPEN, "opened_on": on},
        reason="Opened",
        expected_version=expected_version,
        event="opened_lot",
        by=by,
    )


def finish(lot: Lot, *, on: datetime.date, note: str, expected_version: int, by: Any) -> Lot:
    """Close a lot; what is left of it is discarded, and how much that was stays readable in its corrections.

    Raises Conflict, and ValidationError when the lot is finished or recalled.
    """
    with transaction.atomic():
        held = _held(lot, expected_version)
        if held.state not in {LotState.RECEIVED, LotState.OPEN}:
            raise ValidationError(f"Lot {lot} is {held.get_state_display().lower()} already.")
        left = held.stock_ml
        words = f"Finished; {left} mL discarded" if left else "Finished; nothing left"
        return correct(
            held,
            changes={"state": LotState.FINISHED, "finished_on": on, "stock_ml": Decimal("0")},
            reason=f"{words}. {note}".strip()[:300],
            expected_version=expected_version,
            event="finished_lot",
            by=by,
        )


def recall(lot: Lot, *, reason: str, expected_version: int, by: Any) -> Lot:
    """Take a lot out of use for good, whether it is in stock, open or finished. Raises Conflict, ValidationError."""
    if lot.state == LotState.RECALLED:
        raise ValidationError(f"Lot {lot} is recalled already.")
    return correct(
        lot,
        changes={
            "state": LotState.RECALLED,
            "recalled_at": timezone.now(),
            "recalled_by": by,
            "recall_reason": reason,
        },
        reason=reason,
        expected_version=expected_version,
        event="recalled_lot",
        by=by,
    )


def put_back(lot: Lot, *, stock_ml: Decimal, reason: str, expected_version: int, by: Any) -> Lot:
    """Bring a lot that was finished or recalled by mistake back into stock, with what a person counted.

    Raises Conflict, and ValidationError when the lot was not out of use or more is counted than was received.
    """
    if lot.state not in {LotState.FINISHED, LotState.RECALLED}:
        raise ValidationError(f"Lot {lot} is in use. There is nothing to put back.")
    if stock_ml > lot.received_ml:
        raise ValidationError({"stock_ml": f"Only {lot.received_ml} mL was received. Count again."})
    state = LotState.OPEN if lot.opened_on else LotState.RECEIVED
    return correct(
        lot,
        changes={
            "state": state,
            "stock_ml": stock_ml,
            "finished_on": None,
            "recalled_at": None,
            "recalled_by": None,
            "recall_reason": "",
        },
        reason=reason,
        expected_version=expected_version,
        event="put_back_lot",
        by=by,
    )


def _held(lot: Lot, expected_version: int) -> Lot:
    """The lot as it stands, locked, so that a session that draws from it now waits. Raises Conflict."""
    held = Lot.objects.select_for_update().get(pk=lot.pk)
    if held.version != expected_version:
        raise Conflict(held)
    return held
