"""What the pages of a session's form show beside its fields: lots to choose from, and folded parts in one line."""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from treatments.courses.vocabulary import Phase
from treatments.products.models import Lot, Product
from treatments.records.partial_dates import PartialDate, of_day
from treatments.sessions.log import further, lot_choice
from treatments.sessions.log.forms import LogForm, SessionForm
from treatments.sessions.log.lot_choice import LotRow

SETTINGS = (
    "route", "needle_gauge", "needle_length_mm", "depth_mm", "points", "point_ml", "device", "mixed_hours", "skin_prep",
    "anaesthesia", "anaesthesia_detail",
)  # fmt: skip
REST = (
    "when", "operator", "operator_name", "assistant", "performed_at", "phase", "outcome", "outcome_reason", "as_told",
    "reported_label",
    "pain_after", "note",
)  # fmt: skip


@dataclass(frozen=True)
class SessionPage:
    """The page of a session's form. `product_id` is the product of a session that is corrected."""

    form: SessionForm
    product_id: uuid.UUID | None = None

    @property
    def chosen_lot(self) -> str:
        """The lot that stands chosen on the page: an id, "unknown" or ""."""
        lot = self.form.lot
        return str(lot.chosen.pk if lot.chosen is not None else lot["lot"].value() or "")

    @property
    def own_blood(self) -> list[tuple[Product, str]]:
        """Products without a lot, each with the value of its choice."""
        return [(each, f"{further.OWN}{each.pk}") for each in self.form.products if each.is_own_blood]

    @property
    def lots(self) -> lot_choice.LotList:
        """Usable lots, the suggested one first, and in whatever state the chosen one and those that a typed number may
        mean. At most three queries."""
        form, on, chosen = self.form, self.form.lots_on, self.chosen_lot
        log, offered = form if isinstance(form, LogForm) else None, form.lot.offered
        known = log.lot_rows if log else [LotRow(lot, False) for lot in form.lot.usable_for(self.product_id, on=on)]
        listed = [*self._rows(offered, on), *(row for row in known if row.lot not in offered)]
        named = {str(row.lot.pk) for row in listed} | {choice for _, choice in self.own_blood}
        if chosen not in {"", lot_choice.NOT_RECORDED, *named}:
            try:
                found = list(Lot.objects.of(form.clinic).filter(pk=chosen).select_related("product"))
            except ValidationError:
                found = []  # What was posted is no id; the error stands beside the field.
            listed = [*self._rows(found, on), *listed]
        rows = [replace(row, is_chosen=str(row.lot.pk) == chosen) for row in listed]
        return lot_choice.LotList(lot_choice.in_order(rows, log.suggested if log else None))

    def _rows(self, lots: list[Lot], on: datetime.date) -> list[LotRow]:
        """Lots that are not in use, or not usual, with what speaks against them."""
        events, form = lot_choice.events_of(lots), self.form
        if isinstance(form, LogForm):
            return [form.lot_row(lot, on=on, events=events.get(lot.pk)) for lot in lots]
        return [LotRow(lot, False, doubts=lot_choice.doubts_of(lot, on, events=events.get(lot.pk))) for lot in lots]

    @property
    def compared(self) -> str:
        """Which words of the allergies were compared with what is chosen on the page, or expected."""
        form, lot = self.form, self.form.lot.chosen
        expected = form.expected if isinstance(form, LogForm) else None
        first = lot.product if lot is not None else form.lot.own_product or expected
        further = [each.product for each in form.used_further] if hasattr(form, "cleaned_data") else []
        values = {name: str(form[name].value() or "") for name in ("anaesthesia", "skin_prep")}
        return form.checks.as_of(form.lots_on).compared(
            products=[first, *further], agent=str(form["anaesthesia_detail"].value() or ""), **values
        )

    def _is_in_question(self, names: Iterable[str]) -> bool:
        return any(self.form[name].errors or self.form.warnings_of(name) for name in names)

    @property
    def settings_in_question(self) -> bool:
        """Whether this folded part must stand open: something in it is wrong or unusual, or was left open."""
        return self._is_in_question(SETTINGS) or bool(self.form.is_correction or self.left_open)

    @property
    def left_open(self) -> tuple[str, ...]:
        """Why something that was given last time is not filled in."""
        return self.form.prefill.left_open if isinstance(self.form, LogForm) else ()

    @property
    def rest_in_question(self) -> bool:
        return self._is_in_question(REST)

    @property
    def when_text(self) -> str:
        return str(self.form["when"].value() or "No day yet")

    @property
    def operator_text(self) -> str:
        field: Any = self.form.fields["operator"]
        if name := str(self.form["operator_name"].value() or ""):
            return name
        names = {str(value): str(name) for value, name in field.choices}
        return names.get(str(self.form["operator"].value() or ""), "somebody not recorded")

    @property
    def settings_text(self) -> str:
        """How it is given, in one line: what rarely changes and is folded away."""
        length, anaesthesia = self._value_text("needle_length_mm"), self._value_text("anaesthesia")
        parts = [
            self._value_text("route"),
            self._value_text("needle_gauge"),
            length and f"{length.removesuffix('.0')} mm",
            anaesthesia and f"anaesthesia: {anaesthesia.lower()}",
        ]
        return "; ".join(filter(None, parts)) or "Route, needle and anaesthesia: not recorded"

    def _value_text(self, name: str) -> str:
        value = self.form[name].value()
        if value in (None, ""):
            return ""
        choices = {str(code): str(label) for code, label in getattr(self.form.fields[name], "choices", ())}
        return choices.get(str(value), str(value))


def day_asked(form: LogForm) -> PartialDate:
    """The day that stands in the form; today while it cannot be read."""
    try:
        when: PartialDate = form.fields["when"].clean(form["when"].value())
    except ValidationError:
        return of_day(timezone.localdate())
    return when


def phase_asked(form: LogForm) -> str:
    phase = str(form["phase"].value())
    return phase if phase in Phase.values else form.prefill.phase
