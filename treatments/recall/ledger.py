"""The ledger of a lot as it is read: each movement with the session that it was given in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone

from treatments.courses.models import ExosomeSession
from treatments.products.models import Lot, StockMovement
from treatments.records.formatting import signed


@dataclass(frozen=True)
class Line:
    """One movement; each part as it is printed, "" where it did not change."""

    movement: StockMovement
    session: ExosomeSession | None

    @property
    def day(self) -> date:
        """When it happened; where that was not asked, when it was entered."""
        return self.movement.on or timezone.localdate(self.movement.at)

    @property
    def what(self) -> str:
        kind, reason = str(self.movement.get_kind_display()), self.movement.reason
        return reason if reason.startswith(kind) else f"{kind}. {reason}".removesuffix(". ")

    @property
    def excess(self) -> str:
        return _printed(self.movement.excess_ml)

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Heading and signed mL of each column of the ledger."""
        moved = self.movement
        parts = {
            "Received": moved.received_ml,
            "Given": moved.given_ml,
            "Discarded": moved.discarded_ml,
            "In stock": moved.stock_ml,
        }
        return [(name, _printed(value)) for name, value in parts.items()]


def _printed(value: Decimal) -> str:
    return signed(value) if value else ""


def movements_of(lot: Lot) -> QuerySet[StockMovement]:
    """The latest first."""
    return lot.movements.select_related("by").order_by("-at", "-id")


def lines(movements: Iterable[StockMovement]) -> list[Line]:
    """Two queries, however many movements there are."""
    movements = list(movements)
    ids = {movement.session_id for movement in movements if movement.session_id}
    sessions = {each.pk: each for each in ExosomeSession.objects.filter(pk__in=ids).select_related("patient")}
    return [Line(each, sessions.get(each.session_id) if each.session_id else None) for each in movements]
