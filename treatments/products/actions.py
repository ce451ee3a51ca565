"""What may happen to a product and to a lot. What a session takes from a lot is in `stock`."""

import datetime
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.staff.models import User
from treatments.products.gs1 import normalise_lot
from treatments.products.models import Lot, LotState, Product
from treatments.records.actions import Conflict, CorrectionArguments, Passed, correct, insert
from treatments.records.formatting import ml, number
from treatments.records.models import Correction

LISTED_ALREADY = "A product of this name is listed already. Give this one a name that tells them apart."
RECEIVED_ALREADY = (
    "This lot of the product is in the list already. For a second delivery, open the lot and correct its volume."
)


def list_product(product: Product, *, passed: Iterable[Passed] = (), by: User) -> Product:
    """Add a product to the clinic's list. Raises ValidationError for a name in use, AlreadySaved for a used id."""
    try:
        return insert(product, event="listed_product", passed=passed, by=by)
    except (IntegrityError, ValidationError) as error:
        _refuse_name_in_use(product, product.name, error)
        raise


def correct_product(product: Product, **correction: Unpack[CorrectionArguments]) -> Product:
    """Change what is known of a product. Raises Conflict, and ValidationError for a name in use."""
    try:
        return correct(product, **correction)
    except (IntegrityError, ValidationError) as error:
        _refuse_name_in_use(product, correction["changes"].get("name", product.name), error)
        raise


def _refuse_name_in_use(product: Product, name: str, error: Exception) -> None:
    if Product.objects.of(product.clinic).filter(name=name).exclude(pk=product.pk).exists():
        raise ValidationError({"name": LISTED_ALREADY}) from error


def receive(lot: Lot, *, passed: Iterable[Passed] = (), by: User) -> Lot:
    """Put a new lot in stock, all of it. Raises ValidationError for a lot received before, AlreadySaved."""
    lot.stock_ml = lot.received_ml
    try:
        return insert(lot, event="received_lot", passed=passed, by=by)
    except (IntegrityError, ValidationError) as error:
        _refuse_number_in_use(lot, lot.product, lot.number, error)
        raise


def _refuse_number_in_use(lot: Lot, product: Product, number: str, error: Exception) -> None:
    same = Lot.objects.of(lot.clinic).filter(product=product, number_folded=normalise_lot(number))
    if same.exclude(pk=lot.pk).exists():
        raise ValidationError({"number": RECEIVED_ALREADY}) from error


def correct_lot(lot: Lot, **correction: Unpack[CorrectionArguments]) -> Lot:
    """Change what was received; what is left follows by the same difference.

    Raises Conflict; ValidationError when less would have been received than was used, or the number is in use.
    """
    received_before = lot.received_ml

    def move_stock(corrected: Lot) -> list[dict[str, str]]:
        if corrected is not lot:  # the same correction come twice: the stock has followed already
            return []
        lot.refresh_from_db()
        Lot.objects.filter(pk=lot.pk).update(number_folded=normalise_lot(lot.number))
        used = received_before - lot.stock_ml
        left = lot.received_ml - used
        if left < 0:
            raise ValidationError({"received_ml": f"{ml(used)} of it has been used or discarded. Count again."})
        if left == lot.stock_ml:
            return []
        Lot.objects.filter(pk=lot.pk).update(stock_ml=left)
        return [{"field": "stock_ml", "label": "In stock, mL", "before": number(lot.stock_ml), "after": number(left)}]

    try:
        return correct(lot, then=move_stock, **correction)
    except (IntegrityError, ValidationError) as error:
        changes = correction["changes"]
        _refuse_number_in_use(lot, changes.get("product", lot.product), changes.get("number", lot.number), error)
        raise


def open_lot(lot: Lot, *, on: datetime.date, expected_version: int, by: User) -> Lot:
    """Mark a lot in stock as opened. Raises Conflict, and ValidationError when it is not in stock."""

    def plan(current: Lot) -> tuple[dict[str, Any], str]:
        if current.state != LotState.RECEIVED:
            raise ValidationError(f"Lot {lot} is {_state(current)}: only a lot in stock can be opened.")
        return {"opened_on": on}, "Opened"

    return _take_step(lot, LotState.OPEN, "opened_lot", plan, expected_version=expected_version, by=by)


def finish(lot: Lot, *, on: datetime.date, note: str, expected_version: int, by: User) -> Lot:
    """Close a lot; what is left of it is discarded, and how much that was stays readable in its corrections.

    Raises Conflict, and ValidationError when the lot is finished or recalled.
    """

    def plan(current: Lot) -> tuple[dict[str, Any], str]:
        if current.state not in {LotState.RECEIVED, LotState.OPEN}:
            raise ValidationError(f"Lot {lot} is {_state(current)} already.")
        rest = f"{ml(current.stock_ml)} discarded" if current.stock_ml else "nothing left"
        return {"finished_on": on, "stock_ml": Decimal("0")}, f"Finished; {rest}. {note}".strip()[:300]

    return _take_step(lot, LotState.FINISHED, "finished_lot", plan, expected_version=expected_version, by=by)


def recall(lot: Lot, *, reason: str, expected_version: int, by: User) -> Lot:
    """Take a lot out of use for good, whether it is in stock, open or finished. Raises Conflict, ValidationError."""

    def plan(current: Lot) -> tuple[dict[str, Any], str]:
        if current.state == LotState.RECALLED:
            raise ValidationError(f"Lot {lot} is recalled already.")
        return {"recalled_at": timezone.now(), "recalled_by": by, "recall_reason": reason}, reason

    return _take_step(lot, LotState.RECALLED, "recalled_lot", plan, expected_version=expected_version, by=by)


def put_back(lot: Lot, *, stock_ml: Decimal, reason: str, expected_version: int, by: User) -> Lot:
    """Bring a lot that was finished or recalled by mistake back into stock, with the volume that a person counted.

    Raises Conflict, and ValidationError when the lot was not out of use or more is counted than was received.
    """

    def plan(current: Lot) -> tuple[dict[str, Any], str]:
        if current.state not in {LotState.FINISHED, LotState.RECALLED}:
            raise ValidationError(f"Lot {lot} is in use. There is nothing to put back.")
        if stock_ml > current.received_ml:
            raise ValidationError(f"Only {ml(current.received_ml)} was received. Count again.")
        nobody = {"finished_on": None, "recalled_at": None, "recalled_by": None, "recall_reason": ""}
        return {"stock_ml": stock_ml, **nobody}, reason

    state = LotState.OPEN if lot.opened_on else LotState.RECEIVED
    return _take_step(lot, state, "put_back_lot", plan, expected_version=expected_version, by=by)


def _take_step(
    lot: Lot,
    state: LotState,
    event: str,
    plan: Callable[[Lot], tuple[dict[str, Any], str]],
    *,
    expected_version: int,
    by: User,
) -> Lot:
    """Bring the lot into a state. `plan` gets the locked row, so that a session that draws from it now waits; it
    raises ValidationError, or gives the other columns that change and the reason for the correction.

    The same step by the same person from the same version, as a double click sends it, writes nothing more. Raises
    Conflict for any other version.
    """
    with transaction.atomic():
        current = Lot.objects.select_for_update().get(pk=lot.pk)
        if current.version != expected_version:
            step = Correction.objects.filter(record_id=lot.pk, version=expected_version + 1, by=by)
            if current.version == expected_version + 1 and current.state == state and step.exists():
                return current
            raise Conflict(current)
        changes, reason = plan(current)
        changes = {"state": state, **changes}
        return correct(current, changes=changes, reason=reason, expected_version=expected_version, event=event, by=by)


def _state(lot: Lot) -> str:
    return str(lot.get_state_display()).lower()
