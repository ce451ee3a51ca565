"""The only way in which the volumes of a lot change: every act a line in its ledger, and the row follows.

To be called within the transaction of the act.
"""

import uuid
from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from clinic.staff.models import User
from treatments.products.balance import Balance, Change
from treatments.products.models import Lot, LotState, MovementKind, StockMovement
from treatments.records.formatting import day, ml
from treatments.records.partial_dates import PartialDate


def lock(lot_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, Lot]:
    """The lots with these ids, locked until the transaction ends, always in the same order: no two sessions can
    wait for each other. SQLite has one writer at a time and needs no lock of the row."""
    ids = sorted({lot_id for lot_id in lot_ids if lot_id is not None})
    return {lot.pk: lot for lot in Lot.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}


def take(
    lot: Lot,
    volume: Decimal,
    *,
    when: PartialDate,
    session_id: uuid.UUID,
    chosen: Lot | None = None,
    reason: str = "",
    by: User,
) -> None:
    """Take what a session of `when` was given from a lot that is locked. `chosen` is the lot as the person saw it when
    they chose it.

    Of a finished lot a session of a day on which it was still in use takes what was counted as discarded. Raises
    ValidationError for a later day, for more than there is, and for a lot that was recalled after it was chosen.
    """
    check_day(lot, when)
    if lot.state == LotState.RECALLED and chosen is not None and chosen.state != LotState.RECALLED:
        sentence = f"Lot {lot} was recalled a moment ago. Choose another lot, or save again and write why it was given."
        raise ValidationError({"lot": sentence})
    available = lot.balance.available(is_finished=lot.is_finished)
    if volume > available:
        left = f"Only {ml(available)}" if available else "Nothing"
        sentence = f"{left} of lot {lot} is left, and this session needs {ml(volume)}."
        if lot.is_finished:
            sentence = f"{left} of lot {lot} was counted as discarded, and this session needs {ml(volume)}."
        raise ValidationError({"lot": f"{sentence} Choose another lot, or count the stock again."})
    change = lot.balance.give(volume, is_finished=lot.is_finished)
    move(lot, MovementKind.GIVEN, change, session_id=session_id, on=when.earliest, reason=reason, by=by)


def check_day(lot: Lot, when: PartialDate) -> None:
    """Raises ValidationError when a session of that day cannot have used the lot, because it was finished before."""
    if not lot.is_finished or (lot.finished_on is not None and not when.certainly_after(lot.finished_on)):
        return
    since = f" on {day(lot.finished_on)}" if lot.finished_on else ""
    todo = "Choose the lot that was used; if it was this one, put it back in stock first."
    raise ValidationError({"lot": f"Lot {lot} is finished: nothing of it was left{since}. {todo}"})


def note_of_use(lot: Lot, volume: Decimal) -> str:
    """What a person is told who enters a session of a lot that is finished; "" for any other."""
    if not lot.is_finished:
        return ""
    return f"Lot {lot} is finished: {ml(volume)} of it counts as given now, and not as discarded any more."


def give_back(
    lot: Lot, volume: Decimal, *, when: PartialDate, session_id: uuid.UUID, reason: str = "", by: User
) -> None:
    """Undo what a session took, when it is struck out, got less or had another lot. A finished lot gets no stock: what
    comes back counts as discarded with the rest."""
    change = lot.balance.give_back(volume, is_finished=lot.is_finished)
    move(lot, MovementKind.GIVEN_BACK, change, session_id=session_id, on=when.earliest, reason=reason, by=by)


def move(lot: Lot, kind: MovementKind, change: Change, *, by: User, **facts: Any) -> None:
    """Change the parts of a lot, if they still are what was read, and write the line in its ledger.

    The sums are made here and not in SQL: SQLite counts in binary fractions, and the last 0.1 mL would be lost to
    them. The condition makes a forgotten lock an error instead of a lost volume.
    """
    if not change:
        return
    before, after = columns(lot.balance), columns(lot.balance + change)
    if not Lot.objects.filter(pk=lot.pk, **before).update(**after):
        raise ValidationError({"lot": f"The stock of lot {lot} changed while you were typing. Press Save again."})
    for name, value in after.items():
        setattr(lot, name, value)
    write_line(lot, kind, change, by=by, **facts)


def write_line(lot: Lot, kind: MovementKind, change: Change, *, by: User, **facts: Any) -> None:
    """The line of a change whose columns are written with the step or the correction that it belongs to."""
    StockMovement.objects.create(lot=lot, kind=kind, by=by, **columns(change), **facts)


def columns(parts: Balance | Change) -> dict[str, Decimal]:
    return {f"{name}_ml": value for name, value in asdict(parts).items()}
