"""Compare what each lot has with its ledger and with the sessions that were given it."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from treatments.courses.models import Application, ExosomeSession
from treatments.products.models import Lot, StockMovement
from treatments.products.stock import columns

AT_ONCE = 2000


class Command(BaseCommand):
    help = (
        "name the lots whose figures are not the sum of their ledger, or whose sessions add up to something else; "
        "exit code 1 when there are any"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        standing = ExosomeSession.objects.standing()
        further = Application.objects.filter(exosome_session__in=standing)
        given = _totals(standing.exclude(lot=None).values_list("lot", "first_ml"))
        for lot_id, volume in _totals(further.exclude(lot=None).values_list("lot", "total_ml")).items():
            given[lot_id] += volume
        names = [f"{part}_ml" for part in ("received", "stock", "given", "discarded", "excess")]
        ledgers = {name: _totals(StockMovement.objects.values_list("lot", name)) for name in names}
        faults = 0
        for lot in Lot.objects.select_related("clinic").order_by("pk").iterator(AT_ONCE):
            has = columns(lot.balance)
            says = {name: ledgers[name][lot.pk] for name in names}
            wrong = [f"{name} {has[name]}, ledger {says[name]}" for name in names if has[name] != says[name]]
            if lot.given_ml != given[lot.pk]:
                wrong.append(f"given_ml {lot.given_ml}, sessions {given[lot.pk]}")
            faults += bool(wrong)
            if wrong:
                self.stdout.write(f"lot {lot} ({lot.pk}), {lot.clinic}: {'; '.join(wrong)}")
        if faults:
            raise CommandError(f"{faults} lots differ.")
        self.stdout.write(f"{Lot.objects.count()} lots compared; each is the sum of its ledger and of its sessions.")


def _totals(rows: Any) -> dict[uuid.UUID, Decimal]:
    """Added up here, not in SQL: SQLite counts in binary fractions."""
    totals: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    pairs: Iterable[tuple[uuid.UUID, Decimal]] = rows.order_by().iterator(AT_ONCE)
    for lot, volume in pairs:
        totals[lot] += volume
    return totals
