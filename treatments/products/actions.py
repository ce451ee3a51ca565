"""What may happen to a product and to a lot. What a session takes from a lot, and the ledger, are in `stock`."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.staff.models import User
from treatments.products import stock
from treatments.products.balance import NO_CHANGE, Change
from treatments.products.gs1 import normalise_lot, number_key
from treatments.products.models import Lot, LotState, MovementKind, Product
from treatments.records.actions import Conflict, CorrectionArguments, Passed, correct, insert
from treatments.records.formatting import day, ml
from treatments.records.models import Correction

LISTED_ALREADY = "A product with this name is already listed. Give this one a different name."
RECEIVED_ALREADY = (
    "This lot is already in the list. For a second delivery, see the lot, press Correct, and change its volume."
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

    def open_the_ledger(lot: Lot) -> None:
        all_of_it = Change(received=lot.received_ml, stock=lot.received_ml)
        stock.write_line(lot, MovementKind.RECEIVED, all_of_it, on=lot.received_on, by=by)

    try:
        return insert(lot, event="received_lot", passed=passed, then=open_the_ledger, by=by)
    except (IntegrityError, ValidationError) as error:
        _refuse_number_in_use(lot, lot.product, lot.number, error)
        raise


def _refuse_number_in_use(lot: Lot, product: Product, number: str, error: Exception) -> None:
    same = Lot.objects.of(lot.clinic).filter(product=product, number_key=number_key(number))
    if same.exclude(pk=lot.pk).exists():
        raise ValidationError({"number": RECEIVED_ALREADY}) from error


def correct_lot(
    lot: Lot, *, then: Callable[[Lot], None] = lambda lot: None, **correction: Unpack[CorrectionArguments]
) -> Lot:
    """Change what was received; what is left follows by the same difference. `then` corrects what depends on it.

    Raises Conflict; ValidationError when less would have been received than was given, or the number is in use.
    """
    asked, reason, by = correction["changes"], correction["reason"], correction["by"]
    with transaction.atomic():
        current = stock.lock([lot.pk])[lot.pk]
        changes, change = dict(asked), Change()
        if "received_ml" in asked:
            change = _received_was(current, asked["received_ml"])
            changes |= _moved(current, change)

        def follow(corrected: Lot) -> None:
            corrected.refresh_from_db()
            keys = {"number_key": number_key(corrected.number), "number_folded": normalise_lot(corrected.number)}
            Lot.objects.filter(pk=corrected.pk).update(**keys)
            if corrected is current and change:
                facts = {"on": corrected.received_on, "reason": reason}
                stock.write_line(corrected, MovementKind.RECEIVED_CORRECTED, change, by=by, **facts)
            then(corrected)

        correction["changes"] = changes
        try:
            return correct(current, then=follow, **correction)
        except (IntegrityError, ValidationError) as error:
            product, number = changes.get("product", lot.product), changes.get("number", lot.number)
            _refuse_number_in_use(lot, product, number, error)
            raise


def _received_was(lot: Lot, received: Decimal) -> Change:
    try:
        return lot.balance.received_was(received, is_finished=lot.is_finished)
    except ValueError as refusal:
        raise ValidationError({"received_ml": str(refusal)}) from refusal


def _moved(lot: Lot, change: Change) -> dict[str, Decimal]:
    """The columns that a change gives other values."""
    before, after = stock.columns(lot.balance), stock.columns(lot.balance + change)
    return {name: value for name, value in after.items() if value != before[name]}


def open_lot(lot: Lot, *, on: datetime.date, expected_version: int, by: User) -> Lot:
    """Mark a lot in stock as opened. Raises Conflict, and ValidationError when it is not in stock."""

    def plan(current: Lot) -> Step:
        if current.state != LotState.RECEIVED:
            raise ValidationError(f"Lot {lot} is {_state(current)}: only a lot that is in stock can be opened.")
        return Step("Opened", {"opened_on": on})

    return _take_step(lot, LotState.OPEN, "opened_lot", plan, expected_version=expected_version, by=by)


def finish(
    lot: Lot, *, on: datetime.date, note: str, expected_version: int, last_given: datetime.date | None = None, by: User
) -> Lot:
    """Close a lot; what is left of it counts as discarded. `last_given` is the day of the last session that used it.

    Raises Conflict, and ValidationError when the lot is finished or recalled, or for a day on which it cannot have
    been.
    """

    def plan(current: Lot) -> Step:
        if current.state not in {LotState.RECEIVED, LotState.OPEN}:
            raise ValidationError(f"Lot {lot} is {_state(current)} already.")
        what = {"received": current.received_on, "opened": current.opened_on, "last given": last_given}
        for did, then in what.items():
            if then is not None and on < then:
                sentence = f"Lot {lot} was {did} on {day(then)}. Enter the day it was finished."
                raise ValidationError({"on": sentence})
        change = current.balance.finish()
        rest = f"{ml(change.discarded)} discarded" if change.discarded else "nothing left"
        reason = f"Finished; {rest}. {note}".strip()[:300]
        return Step(reason, {"finished_on": on}, MovementKind.FINISHED, change, on)

    return _take_step(lot, LotState.FINISHED, "finished_lot", plan, expected_version=expected_version, by=by)


def recall(lot: Lot, *, reason: str, expected_version: int, by: User) -> Lot:
    """Recall a lot, in stock, open or finished: from then on using it takes a reason, until it is put back.

    Raises Conflict, ValidationError.
    """

    def plan(current: Lot) -> Step:
        if current.state == LotState.RECALLED:
            raise ValidationError(f"Lot {lot} is recalled already.")
        return Step(reason, {"recalled_at": timezone.now(), "recalled_by": by, "recall_reason": reason})

    return _take_step(lot, LotState.RECALLED, "recalled_lot", plan, expected_version=expected_version, by=by)


def put_back(
    lot: Lot, *, stock_ml: Decimal, reason: str, expected_version: int, received_more: bool = False, by: User
) -> Lot:
    """Bring a lot that was finished or recalled by mistake back into stock, with the volume that a person counted.

    Raises Conflict, and ValidationError when the lot was not out of use, or as `count` does.
    """

    def plan(current: Lot) -> Step:
        if current.state not in {LotState.FINISHED, LotState.RECALLED}:
            raise ValidationError(f"Lot {lot} is in use. It cannot be put back in stock.")
        nobody = {"finished_on": None, "recalled_at": None, "recalled_by": None, "recall_reason": ""}
        return Step(reason, nobody, MovementKind.PUT_BACK, _counted(current, stock_ml, received_more=received_more))

    state = LotState.OPEN if lot.opened_on else LotState.RECEIVED
    return _take_step(lot, state, "put_back_lot", plan, expected_version=expected_version, by=by)


def count(
    lot: Lot, *, stock_ml: Decimal, reason: str, expected_version: int, received_more: bool = False, by: User
) -> Lot:
    """Put down what a person counted in stock. What is missing counts as discarded.

    More than was received and not given is refused unless `received_more`: then more had been received than was
    noted, and that is put right with it. Where the count agrees with the books nothing is written. Raises Conflict,
    and ValidationError for stock of a finished lot.
    """
    said = f"Counted: {ml(stock_ml)}. {reason}"[:300]

    def plan(current: Lot) -> Step:
        if current.is_finished and stock_ml:
            raise ValidationError(
                {"stock_ml": (f"Lot {lot} is finished. If some of it is left, press Put back in stock.")}
            )
        change = _counted(current, stock_ml, received_more=received_more)
        return Step(said, {}, MovementKind.COUNTED, change)

    return _take_step(
        lot, LotState(lot.state), "counted_lot", plan, said=said, expected_version=expected_version, by=by
    )


def _counted(lot: Lot, stock_ml: Decimal, *, received_more: bool) -> Change:
    try:
        return lot.balance.counted(stock_ml, received_more=received_more)
    except ValueError as refusal:
        raise ValidationError({"stock_ml": f"{refusal} Count again, or write that more was received."}) from refusal


@dataclass(frozen=True)
class Step:
    """What a step does: its reason, the columns besides the state, and what it moves."""

    reason: str
    columns: dict[str, Any]
    kind: MovementKind | None = None
    change: Change = NO_CHANGE
    on: datetime.date | None = None


def _take_step(
    lot: Lot,
    state: LotState,
    event: str,
    plan: Callable[[Lot], Step],
    *,
    said: str = "",
    expected_version: int,
    by: User,
) -> Lot:
    """Bring the lot into a state. `plan` gets the locked row, so that a session that draws from it now waits; it
    raises ValidationError, or gives the step.

    The same step by the same person from the same version, as a double click sends it, writes nothing more; a step
    that keeps the state is the same when it has the same reason, `said`. Raises Conflict for any other version.
    """
    with transaction.atomic():
        current = stock.lock([lot.pk])[lot.pk]
        if current.version != expected_version:
            done = Correction.objects.filter(record_id=lot.pk, version=expected_version + 1, by=by)
            done = done.filter(reason=said) if said else done
            if current.version == expected_version + 1 and current.state == state and done.exists():
                return current
            raise Conflict(current)
        step = plan(current)

        def write_line(lot: Lot) -> None:
            if step.kind:
                stock.write_line(lot, step.kind, step.change, on=step.on, reason=step.reason, by=by)

        changes = {"state": state, **step.columns, **_moved(current, step.change)}
        return correct(
            current,
            changes=changes,
            reason=step.reason,
            expected_version=expected_version,
            event=event,
            then=write_line,
            by=by,
        )


def _state(lot: Lot) -> str:
    return str(lot.get_state_display()).lower()
