"""What the pages of a session draw of its form: lots to choose from, and what is folded away said in a line."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from treatments.products.models import Lot
from treatments.sessions.log import lot_choice
from treatments.sessions.volume_forms import VolumeForm

SETTINGS = (
    "route", "needle_gauge", "needle_length_mm", "depth_mm", "points", "point_ml", "device", "mixed_hours", "skin_prep",
    "anaesthesia", "anaesthesia_detail",
)  # fmt: skip
REST = (
    "when", "operator", "assistant", "performed_at", "phase", "outcome", "outcome_reason", "as_told", "reported_label",
    "pain_after", "note",
)  # fmt: skip


class SessionDrawing(VolumeForm):
    """The part of a session's form that only its pages read."""

    clinic: Any

    @property
    def chosen_lot(self) -> str:
        """The lot that stands chosen on the page: an id, "unknown" or ""."""
        if self.is_bound and isinstance(self.cleaned_data.get("lot"), Lot):
            return str(self.cleaned_data["lot"].pk)
        return str(self["lot"].value() or "")

    def lot_rows(self, *, product_id: Any, last_lot_id: Any) -> lot_choice.LotList:
        """Usable lots, and the chosen one whatever its state. At most two queries."""
        today = timezone.localdate()
        is_offered = not (self.is_bound or self.is_correction)
        listed = lot_choice.usable(self.clinic, today, product_id=product_id)
        chosen = self.chosen_lot
        if chosen and chosen != lot_choice.NOT_RECORDED and chosen not in {str(lot.pk) for lot in listed}:
            try:
                listed[:0] = Lot.objects.of(self.clinic).filter(pk=chosen).select_related("product")
            except ValidationError:
                """What was posted is no id; the error stands beside the field."""
        rows = [
            lot_choice.row(lot, chosen=chosen, day=today, last_lot_id=last_lot_id, is_offered=is_offered)
            for lot in listed
        ]
        return lot_choice.LotList(rows)

    def needs_a_look(self, names: Iterable[str]) -> bool:
        """Whether a folded part of the page must stand open: something in it is wrong or unusual."""
        return any(self[name].errors or self.warnings_of(name) for name in names)

    @property
    def settings_need_a_look(self) -> bool:
        return self.needs_a_look(SETTINGS)

    @property
    def rest_needs_a_look(self) -> bool:
        return self.needs_a_look(REST)

    @property
    def when_in_words(self) -> str:
        return str(self["when"].value() or "No day yet")

    @property
    def operator_in_words(self) -> str:
        choices = {str(value): label for value, label in self.fields["operator"].choices}  # type: ignore[attr-defined]
        return str(choices.get(str(self["operator"].value() or ""), "somebody not recorded"))

    @property
    def settings_in_words(self) -> str:
        """How it is given, in one line: what rarely changes and is folded away."""
        parts = []
        for name in ("route", "needle_gauge", "needle_length_mm", "anaesthesia"):
            value = self[name].value()
            if value in (None, ""):
                continue
            choices = dict(getattr(self.fields[name], "choices", ()))
            words = str(choices.get(value) or choices.get(str(value)) or value)
            shown = {
                "needle_length_mm": f"{words.removesuffix('.0')} mm",
                "anaesthesia": f"anaesthesia: {words.lower()}",
            }
            parts.append(shown.get(name, words))
        return "; ".join(parts) or "Route, needle and anaesthesia: not recorded"
