"""Which lots can be chosen for a session. How a typed or scanned number finds one: `products.lot_search`."""

import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal

from clinic.staff.models import Clinic
from treatments.products.models import Lot, LotState
from treatments.products.rules import handling_problems, lot_problems
from treatments.records.formatting import count, day
from treatments.records.problems import Problem, warning

NOT_RECORDED = "unknown"
"""The value of a lot choice that says: the lot was not recorded."""

SOON = datetime.timedelta(days=30)
SHOWN_AT_ONCE = 3


@dataclass(frozen=True)
class LotRow:
    """A lot to choose. `doubt` is what speaks against it, `note` what else is worth knowing."""

    lot: Lot
    is_chosen: bool
    mark: str
    doubt: str
    note: str

    @property
    def left(self) -> str:
        return self.lot.left_text


@dataclass(frozen=True)
class LotList:
    """Lots to choose from: a few at once, the others folded away."""

    rows: list[LotRow]

    @property
    def first(self) -> list[LotRow]:
        return self.rows[:SHOWN_AT_ONCE]

    @property
    def more(self) -> list[LotRow]:
        return self.rows[SHOWN_AT_ONCE:]

    @property
    def more_is_open(self) -> bool:
        return any(row.is_chosen for row in self.more)


def usable(clinic: Clinic, on: datetime.date, *, product_id: uuid.UUID | None) -> list[Lot]:
    """Open, unexpired stock, first to expire first; lots of the expected product before all others."""
    lots = list(Lot.objects.of(clinic).usable(on).select_related("product"))
    return sorted(lots, key=lambda lot: product_id is not None and lot.product_id != product_id)


def preselected(lots: list[Lot], *, product_id: uuid.UUID | None, needed: Decimal) -> Lot | None:
    """The lot to begin with: the first to expire of the expected product that holds enough.

    Nothing is chosen for the person where no product is expected and there are several.
    """
    if product_id is None and len({lot.product_id for lot in lots}) == 1:
        product_id = lots[0].product_id
    fitting = [lot for lot in lots if lot.product_id == product_id]
    return next((lot for lot in fitting if lot.stock_ml >= needed), fitting[0] if fitting else None)


def row(
    lot: Lot, *, chosen: object, on: datetime.date, last_lot_id: uuid.UUID | None = None, is_offered: bool = False
) -> LotRow:
    """`is_offered`: nobody has chosen yet, so whatever stands chosen is marked as put in beforehand."""
    doubt = state_text(lot, on)
    if not doubt and lot.expires_on is not None and lot.expires_on <= on + SOON:
        days = (lot.expires_on - on).days
        doubt = f"expires in {count(days, 'day')}" if days else "expires today"
    return LotRow(
        lot=lot,
        is_chosen=str(lot.pk) == str(chosen),
        mark="carried" if lot.pk == last_lot_id else "suggested" if is_offered else "",
        doubt=doubt,
        note="cold chain broken" if lot.cold_chain_ok is False else "",
    )


def state_text(lot: Lot, on: datetime.date) -> str:
    """What speaks against a lot on that day: "recalled", "finished", "expired 1 May 2024", or ""."""
    if lot.state in {LotState.RECALLED, LotState.FINISHED}:
        return str(lot.get_state_display()).lower()
    if lot.expires_on is None:
        return "expiry not recorded"
    return f"expired {day(lot.expires_on)}" if lot.is_expired(on) else ""


def lot_use_problems(lot: Lot, on: datetime.date, *, field: str = "lot") -> list[Problem]:
    """Rules 15 and 16 for a lot on the session's day. One that was recalled, given before that became known, must
    still be entered."""
    problems = lot_problems(lot_known=True, expiry=lot.expires_on, used_on=on)
    problems += handling_problems(cold_chain_ok=lot.cold_chain_ok)
    if lot.state == LotState.RECALLED:
        reason = lot.recall_reason.rstrip(".")
        sentence = f"Lot {lot} is recalled: {reason}. If it was given all the same, say how that came about."
        problems.append(warning(15, field, sentence, "recalled"))
    return problems
