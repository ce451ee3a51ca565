"""Which lots can be chosen for a session. How a typed or scanned number finds one: `products.lot_search`."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.courses.protocol import route_problems
from treatments.courses.vocabulary import LotConfirmed
from treatments.products import gs1
from treatments.products.models import Lot, LotState
from treatments.products.rules import handling_problems, lot_problems
from treatments.records.formatting import count, day
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem, warning
from treatments.safety.grading import LOT_SIGNAL_EVENTS
from treatments.safety.models import AdverseEvent, LotEvents
from treatments.sessions.log.pre_session_checks import PreSessionChecks

NOT_RECORDED = "unknown"
"""The value of a lot choice that says: the lot was not recorded."""

SOON = datetime.timedelta(days=30)
SHOWN_AT_ONCE = 3


@dataclass(frozen=True)
class LotRow:
    """A lot to choose. `doubts` are what speaks against it for this patient; one without any may be suggested."""

    lot: Lot
    is_chosen: bool
    mark: str = ""
    doubts: Sequence[str] = ()

    @property
    def doubt(self) -> str:
        return "; ".join(self.doubts)

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
    """Open, unexpired stock of products in use, first to expire first; those of the expected product before all
    others. For an earlier day also the lots that were finished since."""
    of_clinic = Lot.objects.of(clinic).select_related("product")
    lots = list(of_clinic.usable(on).filter(product__archived_at=None))
    if on < timezone.localdate():
        lots += of_clinic.finished_since(on)
    return sorted(lots, key=lambda lot: product_id is not None and lot.product_id != product_id)


def expected_product(lots: Sequence[Lot], product_id: uuid.UUID | None) -> uuid.UUID | None:
    """The product that was planned or given last; where none was, the only one in stock."""
    if product_id is None and len({lot.product_id for lot in lots}) == 1:
        return lots[0].product_id
    return product_id


def suggested(rows: Sequence[LotRow], *, product_id: uuid.UUID | None, needed: Decimal) -> Lot | None:
    """The lot to propose: the first to expire of the expected product that holds enough and that nothing speaks
    against. None where no product is expected and there are several, or where each is in doubt."""
    fitting = [row.lot for row in rows if row.lot.product_id == product_id and not row.doubts]
    return next((lot for lot in fitting if lot.stock_ml >= needed), None)


def in_order(rows: list[LotRow], first: Lot | None) -> list[LotRow]:
    """The suggested lot before all others, marked as suggested while none is chosen."""
    if first is None:
        return rows
    is_open = not any(row.is_chosen for row in rows)
    marked = [replace(row, mark="suggested") if row.lot == first and is_open else row for row in rows]
    return sorted(marked, key=lambda row: row.lot != first)


def events_of(lots: Sequence[Lot], *, on: datetime.date | None = None) -> dict[uuid.UUID, LotEvents]:
    """What happened with these lots, by id; with a day, what had happened by then."""
    events = AdverseEvent.objects.all() if on is None else AdverseEvent.objects.filter(happened__lte=on)
    found: dict[uuid.UUID, LotEvents] = events.by_lot(lots) if lots else {}
    return found


def doubts_of(
    lot: Lot,
    on: datetime.date,
    *,
    events: LotEvents | None = None,
    checks: PreSessionChecks | None = None,
    route: str = "",
) -> list[str]:
    """What speaks against a lot on that day, each in a few words: its state, what happened with it, and, where the
    patient's `checks` are given, their allergies, their earlier reactions and their consent; `route` is the one
    planned."""
    doubts = [text] if (text := state_text(lot, on)) else []
    if not doubts and lot.expires_on is not None and lot.expires_on <= on + SOON:
        days = (lot.expires_on - on).days
        doubts.append(f"expires in {count(days, 'day')}" if days else "expires today")
    if lot.cold_chain_ok is False:
        doubts.append("cold chain broken")
    if events is not None and events.open_serious:
        doubts.append("serious event not resolved")
    if events is not None and events.total >= LOT_SIGNAL_EVENTS:
        doubts.append(f"{events.total} events")
    return doubts + (_doubts_for(checks, lot, on, route) if checks is not None else [])


def _doubts_for(checks: PreSessionChecks, lot: Lot, on: datetime.date, route: str) -> list[str]:
    product = lot.product
    doubts = [f"allergy to {met.allergy}: {met.word}" for met in checks.product_allergies(product)]
    for each in checks.events_by(on):
        if each.is_grave and (same := each.is_of(lot, product)):
            doubts.append(f"{each.name.lower()} after this {same}, {each.event.when.label()}")
    for problem in checks.consent_problems(on=on, product=product):
        if problem.code in _CONSENT_DOUBTS:
            doubts.append(_CONSENT_DOUBTS[problem.code])
    if route:
        basis = product.regulatory_basis
        for problem in route_problems(route, labelled_route=product.labelled_route, regulatory_basis=basis):
            doubts.append(_LABEL_DOUBTS[problem.code])
    return list(dict.fromkeys(doubts))


_CONSENT_DOUBTS = {
    "another_source": "consent is for another source",
    "unapproved_not_named": "consent does not name the use",
}
_LABEL_DOUBTS = {
    "route_against_label": "label: topical use only",
    "route_against_basis": "listed as a cosmetic",
    "red_flag_basis": "legal basis in question",
}


def state_text(lot: Lot, on: datetime.date) -> str:
    """What speaks against a lot on that day: "recalled", "finished 3 May 2024", "expired 1 May 2024", or ""."""
    if lot.state == LotState.RECALLED:
        return "recalled"
    if lot.is_finished:
        return f"finished {day(lot.finished_on)}" if lot.finished_on else "finished"
    if lot.expires_on is None:
        return "expiry not recorded"
    return f"expired {lot.expires}" if lot.is_expired(on) else ""


def lot_use_problems(lot: Lot, on: PartialDate | datetime.date, *, field: str = "lot") -> list[Problem]:
    """Rules 15 and 16 for a lot on the session's day. One that was recalled, given before that became known, must
    still be entered; given after it, only a clinician may enter it (`is_recalled_by`)."""
    problems = lot_problems(lot_known=True, expiry=lot.expires, used_on=on)
    problems += handling_problems(cold_chain_ok=lot.cold_chain_ok)
    if lot.state == LotState.RECALLED:
        reason = lot.recall_reason.rstrip(".")
        sentence = f"Lot {lot} is recalled: {reason}. If it was given, write how that happened."
        problems.append(warning(15, field, sentence, "recalled"))
    if lot.product.archived_at is not None:
        sentence = f"{lot.product} is not in use any more. If it was given, write how that happened."
        problems.append(warning(15, field, sentence, "product_archived"))
    return problems


def is_recalled_by(lot: Lot, on: datetime.date) -> bool:
    """Whether the lot was recalled on that day, or before it."""
    return lot.state == LotState.RECALLED and lot.recalled_at is not None and timezone.localdate(lot.recalled_at) <= on


def how_found(text: str) -> str:
    """Whether what was entered is the label of a vial, as a scanner reads it, or a number typed by hand."""
    return (LotConfirmed.SCANNED if gs1.parse(text).is_scanned else LotConfirmed.TYPED).value
