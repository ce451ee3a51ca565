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
from treatments.records.models import Correction

LISTED_ALREADY = "A product of this name is listed already. Give this one a name that tells them apart."
RECEIVED_ALREADY = (
    "This lot of the product is in the list already. For a second delivery, open the lot and correct its volume."
)


def list_product(product: Product, *, passed: Iterable[Passed] = (), by: Any) -> Product:
    """Add a product to the clinic's list. Raises ValidationError for a name in use, AlreadySaved for a used id."""
    try:
        return insert(product, event="listed_product", passed=passed, by=by)
    except (IntegrityError, ValidationError) as error:
        _refuse_name_in_use(product, product.name, error)
        raise


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
        return correct(product, changes=changes, reason=reason, expected_version=expected_version, passed=passed, by=by)
    except (IntegrityError, ValidationError) as error:
        _refuse_name_in_use(product, changes.get("name", product.name), error)
        raise


def _refuse_name_in_use(product: Product, name: str, error: Exception) -> None:
    if Product.objects.of(product.clinic_id).filter(name=name).exclude(pk=product.pk).exists():
        raise ValidationError({"name": LISTED_ALREADY}) from error


def receive(lot: Lot, *, passed: Iterable[Passed] = (), by: Any) -> Lot:
    """Put a new lot in stock, all of it. Raises ValidationError for a lot received before, AlreadySaved."""
    lot.stock_ml = lot.received_ml
    try:
        return insert(lot, event="received_lot", passed=passed, by=by)
    except (IntegrityError, ValidationError) as error:
        _refuse_number_in_use(lot, lot.product, lot.number, error)
        raise


def _refuse_number_in_use(lot: Lot, product: Product, number: str, error: Exception) -> None:
    same = Lot.objects.of(lot.clinic_id).filter(product=product, number_folded=normalise_lot(number))
    if same.exclude(pk=lot.pk).exists():
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
    received_before = lot.received_ml

    def follow(kept: Lot) -> list[dict[str, str]]:
        if kept is not lot:  # the same correction come twice: the stock has followed already
            return []
        kept.refresh_from_db()
        Lot.objects.filter(pk=kept.pk).update(number_folded=normalise_lot(kept.number))
        left = kept.stock_ml + kept.received_ml - received_before
        if left < 0:
            used = received_before - kept.stock_ml
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
    except (IntegrityError, ValidationError) as error:
        product, number = changes.get("product", lot.product), changes.get("number", lot.number)
        _refuse_number_in_use(lot, product, number, error)
        raise


def open_lot(lot: Lot, *, on: datetime.date, expected_version: int, by: Any) -> Lot:
    """Mark a lot in stock as opened. Raises Conflict, and ValidationError when it is not in stock."""
    with transaction.atomic():
        held, is_done = _held(lot, LotState.OPEN, expected_version, by=by)
        if is_done:
            return held
        if held.state != LotState.RECEIVED:
            raise ValidationError(f"Lot {lot} is {_state(held)}: only a lot in stock can be opened.")
        return correct(
            held,
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
        held, is_done = _held(lot, LotState.FINISHED, expected_version, by=by)
        if is_done:
            return held
        if held.state not in {LotState.RECEIVED, LotState.OPEN}:
            raise ValidationError(f"Lot {lot} is {_state(held)} already.")
        words = f"Finished; {held.stock_ml} mL discarded" if held.stock_ml else "Finished; nothing left"
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
    with transaction.atomic():
        held, is_done = _held(lot, LotState.RECALLED, expected_version, by=by)
        if is_done:
            return held
        if held.state == LotState.RECALLED:
            raise ValidationError(f"Lot {lot} is recalled already.")
        return correct(
            held,
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
    state = LotState.OPEN if lot.opened_on else LotState.RECEIVED
    with transaction.atomic():
        held, is_done = _held(lot, state, expected_version, by=by)
        if is_done:
            return held
        if held.state not in {LotState.FINISHED, LotState.RECALLED}:
            raise ValidationError(f"Lot {lot} is in use. There is nothing to put back.")
        if stock_ml > held.received_ml:
            raise ValidationError(f"Only {held.received_ml} mL was received. Count again.")
        return correct(
            held,
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


def _held(lot: Lot, state: str, expected_version: int, *, by: Any) -> tuple[Lot, bool]:
    """The lot as it stands, locked, so that a session that draws from it now waits; and whether this very person has
    brought it from this version to this state already, as a double click does. Raises Conflict for another version.
    """
    held = Lot.objects.select_for_update().get(pk=lot.pk)
    if held.version == expected_version:
        return held, False
    step = Correction.objects.filter(record_id=lot.pk, version=expected_version + 1, by=by)
    if held.version == expected_version + 1 and held.state == state and step.exists():
        return held, True
    raise Conflict(held)


def _state(lot: Lot) -> str:
    return str(lot.get_state_display()).lower()
