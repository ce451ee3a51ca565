"""The part of a session's form that asks what was given beside its first product: another product, a second lot, or a
technique alone. Each is judged by the same rules as the first.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.choices import CallableChoiceIterator

from clinic.staff.models import Clinic
from treatments.courses.models import OWN_BLOOD, Application
from treatments.courses.vocabulary import LotConfirmed, Route
from treatments.courses.volumes import in_order, total
from treatments.products import lot_search
from treatments.products.gs1 import LONGEST_SCAN
from treatments.products.models import Lot, Product
from treatments.records.forms.composite_form import FormPart
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.fields import ExactDecimalField
from treatments.records.regions import INJECTABLE_CHOICES
from treatments.sessions.log import lot_choice
from treatments.sessions.volume_forms import VolumesForm

NOT_TODAY, TECHNIQUE = "none", "technique"
OWN, UNKNOWN = "own:", "unknown:"
Choices = list[tuple[str, Any]]


def own_product(products: Iterable[Product], choice: str) -> Product | None:
    """The product from the patient's own blood that a choice "own:" and its id names."""
    return next((each for each in products if choice == f"{OWN}{each.pk}" and each.is_own_blood), None)


def choices(lots: Iterable[Lot], products: Sequence[Product]) -> Choices:
    """What can be given beside the first product, in groups."""
    of_lots = [
        (str(lot.pk), f"{lot.product}, lot {lot}, {f'expires {lot.expires}' if lot.expires else 'expiry not recorded'}")
        for lot in lots
    ]
    own = [(f"{OWN}{each.pk}", f"{each}, {OWN_BLOOD}") for each in products if each.is_own_blood]
    unknown = [(f"{UNKNOWN}{each.pk}", f"{each}, lot not recorded") for each in products if not each.is_own_blood]
    groups = [
        ("With a lot", of_lots),
        ("Without a lot", own),
        ("Lot not recorded", [*unknown, (UNKNOWN, "Product and lot not recorded")]),
    ]
    listed = [(name, rows) for name, rows in groups if rows]
    return [("", "Choose"), *listed, (TECHNIQUE, "A technique without a product"), (NOT_TODAY, "Not given today")]


class FurtherForm(FormPart):
    """One of the things given beside the first product; its volumes are a part of their own.

    After validation `is_used` says whether it was given, `lot` and `product` what it was, `confirmed` how a person
    chose the lot. `recorded` is what a correction begins with.
    """

    use_required_attribute = False

    def __init__(
        self,
        *args: Any,
        clinic: Clinic,
        place: int,
        offered: Callable[[], Choices],
        products: list[Product],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, prefix=f"also{place}", **kwargs)
        self.clinic, self.place, self.products = clinic, place, products
        self.conditions = (AskedWhen(f"also{place}-what", (TECHNIQUE,), ("regions",)),)
        self.fields["what"] = forms.CharField(
            label="What was given?", required=False, max_length=60, widget=forms.Select(choices=[])
        )
        widget: Any = self.fields["what"].widget
        self._offered = cache(offered)
        widget.choices = CallableChoiceIterator(self._choices)
        self.fields["lot_number"] = forms.CharField(
            label="Or type or scan its lot number", required=False, max_length=LONGEST_SCAN, strip=False
        )
        self.fields["route"] = forms.ChoiceField(
            label="Route or technique", required=False, choices=[("", "Not recorded"), *Route.choices]
        )
        self.fields["depth_mm"] = ExactDecimalField(label="Depth, mm", places=1, high=Decimal(60), unit="mm")
        self.fields["device"] = forms.CharField(label="Device and cartridge", required=False, max_length=120)
        self.fields["mixed_hours"] = ExactDecimalField(
            label="Mixed, hours before use", places=1, high=Decimal(999), unit="h"
        )
        self.fields["note"] = forms.CharField(label="Note", required=False, max_length=300)
        self.fields["regions"] = forms.MultipleChoiceField(
            label="Where was it used?",
            required=False,
            choices=INJECTABLE_CHOICES,
            widget=forms.CheckboxSelectMultiple,
        )
        self.volumes: VolumesForm
        self.recorded: Application | None = None
        self.lot: Lot | None = None
        self.product: Product | None = None
        self.confirmed = ""
        self.is_carried = False

    def _choices(self) -> Choices:
        """With the lot that stands chosen, in whatever state it is."""
        offered = self._offered()
        lot = self.lot or (self.recorded.lot if self.recorded else None)
        known = {value for _, rows in offered if isinstance(rows, list) for value, _ in rows}
        if lot is None or str(lot.pk) in known:
            return offered
        return [*offered[:1], ("Recorded", [(str(lot.pk), f"{lot.product}, lot {lot}")]), *offered[1:]]

    # ── Reading ────────────────────────────────────────────────────────────────────────────────

    @property
    def what(self) -> str:
        return str(self.cleaned_data.get("what") or "")

    @property
    def is_used(self) -> bool:
        return bool(self.cleaned_data.get("lot_number")) or self.what not in {"", NOT_TODAY}

    @property
    def is_technique(self) -> bool:
        return self.what == TECHNIQUE and self.lot is None

    @property
    def lot_is_unknown(self) -> bool:
        return self.lot is None and self.what.startswith(UNKNOWN)

    def clean_lot_number(self) -> str:
        number = str(self.cleaned_data["lot_number"]).strip(" \t\r\n")
        if number:
            try:
                self.lot, self.confirmed = lot_search.find(self.clinic, number), lot_choice.how_found(number)
            except lot_search.NoSingleLot as error:
                raise ValidationError(str(error)) from error
        return number

    def clean(self) -> dict[str, Any]:
        """A number that was typed or scanned wins over a choice."""
        cleaned, what = self.cleaned_data, self.what
        if self.lot is None and not self.errors:
            self._choose(what)
        if self.lot is not None:
            self.product = self.lot.product
        if not self.is_used and what != NOT_TODAY and self._is_begun:
            self.add_error("what", "Choose what was given here. If it was not, choose “Not given today”.")
        return cleaned

    def _choose(self, what: str) -> None:
        if what.startswith((OWN, UNKNOWN)):
            self.product = next((each for each in self.products if what.endswith(f":{each.pk}")), None)
            if self.product is None and what != UNKNOWN:
                self.add_error("what", "This product is not in the list any more. Choose again.")
        elif what not in {"", NOT_TODAY, TECHNIQUE}:
            try:
                self.lot = Lot.objects.of(self.clinic).select_related("product").get(pk=uuid.UUID(what))
            except (Lot.DoesNotExist, ValueError):
                self.add_error("what", "This lot is not in the list any more. Choose again.")
                return
            self.confirmed = LotConfirmed.TAPPED.value

    @property
    def _is_begun(self) -> bool:
        """Whether anything but the choice was filled in."""
        others = ("route", "depth_mm", "device", "mixed_hours", "note")
        return any(self.cleaned_data.get(name) for name in others) or bool(self.volumes.ml_by_region)

    # ── What the page shows ────────────────────────────────────────────────────────────────────

    @property
    def is_open(self) -> bool:
        """Whether it stands open on the page: something is in it, or wrong with it."""
        names = [*map(self.add_prefix, self.fields), *map(self.volumes.add_prefix, self.volumes.fields)]
        has_value = any(self[name].value() for name in self.fields) or any(row.ml for row in self.volumes.rows)
        return has_value or bool(self.errors or self.volumes.errors) or any(map(self.owner.warnings_of, names))

    def start_with(self, given: Application, *, is_recorded: bool) -> None:
        """What the form begins with: a correction with all of it, a new session without the lot and the note."""
        values: dict[str, Any] = {
            "route": given.route, "depth_mm": given.depth_mm, "device": given.device, "regions": given.regions,
        }  # fmt: skip
        if given.lot is None and (is_recorded or not given.lot_is_unknown):
            values["what"] = _choice_of(given)
        self.is_carried = not is_recorded
        if is_recorded:
            self.recorded = given
            values |= {"mixed_hours": given.mixed_hours, "note": given.note}
            values |= {"what": str(given.lot_id)} if given.lot_id else {}
        for name, value in values.items():
            self.initial.setdefault(name, value)
        self.volumes.start_with(given.volumes_ml)

    # ── What goes to the action ────────────────────────────────────────────────────────────────

    def application(self) -> Application:
        volumes, cleaned = self.volumes.ml_by_region, self.cleaned_data
        was = self.recorded
        confirmed = self.confirmed if self.lot is not None else ""
        if was is not None and was.lot_id is not None and self.lot is not None and was.lot_id == self.lot.pk:
            confirmed = was.lot_confirmed
        return Application(
            product=self.product,
            lot=self.lot,
            lot_is_unknown=self.lot_is_unknown,
            lot_confirmed=confirmed,
            route=cleaned["route"],
            total_ml=total(volumes) if volumes else None,
            volumes={region: str(ml) for region, ml in in_order(volumes)},
            regions=cleaned["regions"] if self.is_technique else [],
            depth_mm=cleaned["depth_mm"],
            device=cleaned["device"],
            mixed_hours=None if self.is_technique else cleaned["mixed_hours"],
            note=cleaned["note"],
        )


def _choice_of(given: Application) -> str:
    if given.product is not None:
        return f"{OWN if given.product.is_own_blood else UNKNOWN}{given.product_id}"
    return UNKNOWN if given.total_ml is not None else TECHNIQUE
