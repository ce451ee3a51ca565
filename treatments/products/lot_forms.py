"""Receiving a lot and correcting it, and what is asked before one is finished, recalled or put back."""

import datetime
from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.products.gs1 import GS1, LONGEST_SCAN, normalise_lot, number_key, parse
from treatments.products.models import Lot, Product, is_of_product
from treatments.products.rules import look_alike_problems, lot_problems, received_volume
from treatments.records.fields import DatePrecision
from treatments.records.formatting import day, ml
from treatments.records.forms.fields import (
    DayFormField,
    ExactDecimalField,
    PartialDateFormField,
    VersionField,
    WholeNumberField,
    YesNoField,
)
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON, RecordForm, Section
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import warning


class LotForm(RecordForm):
    """Receiving a lot, typed or scanned, and correcting what was received."""

    sections: ClassVar[Sequence[Section]] = (
        Section("Lot", ("number", ("product", "expires"))),
        Section("Delivery", (("vials", "received_ml"), ("received_on", "cold_chain_ok"), "note")),
    )
    number = forms.CharField(
        label="Lot number",
        max_length=LONGEST_SCAN,
        strip=False,
        help_text="Type it as it is printed, or scan the vial: its expiry and product are read with it.",
        error_messages={"required": "Type the lot number as it is printed, or scan the vial."},
    )
    expires = PartialDateFormField(
        label="Expires",
        required=False,
        at_least="month",
        help_text="30 Nov 2026, or Nov 2026: valid through the last day of the month.",
    )
    vials = WholeNumberField(
        label="Vials", low=1, high=10_000, help_text="Anagen multiplies this by the mL in one vial."
    )

    class Meta:
        model = Lot
        fields = ["number", "product", "received_on", "received_ml", "cold_chain_ok", "note"]

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.scan = GS1()
        products = Product.objects.of(clinic).order_by("name")
        product = cast(forms.ModelChoiceField, self.fields["product"])
        product.queryset = products if self.is_correction else products.in_use()
        product.required, product.empty_label = False, "Choose, or scan the vial"
        self.fields["number"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters", "data-scan": ""}
        self.fields["received_ml"].required = False
        self.fields["received_ml"].help_text = "Or the whole volume, if you do not count vials."
        self.fields["cold_chain_ok"] = YesNoField(
            label="Was it kept cold on the whole way (cold chain)?", unanswered="Not recorded"
        )
        if self.is_correction:
            del self.fields["vials"]
            self.initial["expires"] = self.instance.expires
        else:
            self.initial.setdefault("received_on", timezone.localdate())

    def clean_number(self) -> str:
        try:
            self.scan = parse(str(self.cleaned_data["number"]))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        number = " ".join(self.scan.lot.split())
        if not number:
            raise forms.ValidationError("The label carries no lot number. Type it as it is printed on the vial.")
        if len(number) > 60 or len(number_key(number)) > 120 or not normalise_lot(number):
            raise forms.ValidationError("That is no lot number. Type it as it is printed on the vial.")
        if not self.scan.gtin and (product := Product.objects.of(self.clinic).numbered(number)):
            raise forms.ValidationError(is_of_product(product))
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._read_product()
        self._read_expiry()
        self._read_volume()
        today = timezone.localdate()
        received = cleaned.get("received_on") or today
        if received > today:
            self.add_error("received_on", "This date is in the future. Enter the day it arrived.")
        if "expires" not in self.errors:
            self.judge(lot_problems(lot_known=True, expiry=cleaned.get("expires"), used_on=received, field="expires"))
        if cleaned.get("cold_chain_ok") is False:
            sentence = "The cold chain was broken. Write what was decided about the lot."
            self.judge([warning(16, "cold_chain_ok", sentence, "cold_chain_on_arrival")])
        self._compare_with_others()
        return cleaned

    def _read_product(self) -> None:
        """A scanned GTIN names the product; one that was chosen by hand must be the same."""
        chosen, gtin = self.cleaned_data.get("product"), self.scan.gtin
        named = Product.objects.of(self.clinic).filter(gtin=gtin).first() if gtin else None
        if chosen:
            if named and named != chosen:
                self.add_error("product", f"The scanned vial is {named}, not {chosen}. Check the vial.")
            elif gtin and chosen.gtin not in {"", gtin}:
                self.add_error("product", f"The number on the scanned vial is not that of {chosen}. Check the vial.")
        elif named:
            self.cleaned_data["product"] = named
        elif "product" not in self.errors:
            unknown = " The scan does not name one that is listed here." if gtin else ""
            self.add_error("product", f"Choose the product.{unknown}")

    def _read_expiry(self) -> None:
        """The expiry of the scan, and the one that was typed must agree with it."""
        typed, scanned = self.cleaned_data.get("expires"), self.scan.expiry
        if typed and typed.approximate:
            self.add_error("expires", "The expiry is printed on the vial. Write it without “about”.")
        elif typed and scanned and not typed.earliest <= scanned <= typed.latest:
            self.add_error("expires", f"The scanned label says {day(scanned)}. Check the vial.")
        elif scanned:
            self.cleaned_data["expires"] = PartialDate(scanned.isoformat())

    def _read_volume(self) -> None:
        if {"vials", "received_ml"} & set(self.errors):
            return
        typed, vials = self.cleaned_data.get("received_ml"), self.cleaned_data.get("vials")
        product: Product | None = self.cleaned_data.get("product")
        try:
            volume = received_volume(typed=typed, vials=vials, unit_ml=product.unit_ml if product else None)
        except ValueError as reason:
            self.add_error("received_ml", str(reason))
        else:
            self.cleaned_data["received_ml"] = volume

    def _compare_with_others(self) -> None:
        """A number that is in the list is a second delivery; one that looks like it may be the same, misread."""
        number, product = self.cleaned_data.get("number"), self.cleaned_data.get("product")
        if not number or not product:
            return
        others = Lot.objects.of(self.clinic).filter(product=product).exclude(pk=self.own_id)
        other = others.filter(number_key=number_key(number)).first()
        if other:
            self.add_error(
                "number",
                f"Lot {other} of {product} was received on {day(other.received_on)}. "
                "For a second delivery, see that lot, press Correct, and change its volume.",
            )
        elif not self.is_correction or {"number", "product"} & set(self.changed_data):
            self.judge(look_alike_problems(number, [told_apart(lot) for lot in others.looking_like(number)]))

    def values(self) -> dict[str, Any]:
        """A month alone is valid through its last day."""
        expiry = self.cleaned_data.get("expires")
        by_month = expiry is not None and expiry.precision == "month"
        return super().values() | {
            "expires_on": expiry.latest if expiry else None,
            "expires_precision": DatePrecision.MONTH if by_month else DatePrecision.DAY,
        }


def told_apart(lot: Lot) -> str:
    """A lot with what tells it from another whose number looks alike."""
    expires = f"expires {lot.expires.label()}" if lot.expires else "expiry not recorded"
    return f"{lot} of {lot.product} was received on {day(lot.received_on)} ({expires})"


class LotStepForm(PlainTextForm, forms.Form):
    """One step of a lot; `version` is the lot's version that the person saw."""

    version = VersionField()


class RecallForm(LotStepForm):
    reason = forms.CharField(
        label="Why is it recalled?",
        min_length=MIN_REASON,
        max_length=300,
        help_text="For example: maker’s notice of 3 June; three nodules. The call list shows this reason.",
        error_messages={"required": "Write why it is recalled. The patients will ask."},
    )


class FinishForm(LotStepForm):
    on = DayFormField(label="Finished on")
    note = forms.CharField(
        label="What happened to the rest?",
        max_length=200,
        required=False,
        help_text="For example: expired, discarded; vial dropped.",
    )

    def clean_on(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError("This date is in the future. Enter the day it was finished.")
        return day


class CountForm(LotStepForm):
    """What a person counted. Where that is more than can be left by the books, the form asks whether more was received
    than was noted; `received_more` is asked for only then."""

    stock_ml = ExactDecimalField(label="mL counted in stock", required=True)
    reason = forms.CharField(
        label="Why was it counted?",
        min_length=MIN_REASON,
        max_length=250,
        help_text="For example: end of the month; vial dropped; the vials hold 5.2 mL.",
    )
    received_more = forms.BooleanField(
        label=("More was received than was written down. Correct that too."), required=False
    )

    def __init__(self, *args: Any, lot: Lot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lot = lot
        self.fields["stock_ml"].help_text = self._books()
        if not self.is_bound or not self._is_more():
            del self.fields["received_more"]

    def _books(self) -> str:
        vials = f" ({self.lot.vials_left})" if self.lot.vials_left else ""
        return f"The record says {ml(self.lot.stock_ml)}{vials}."

    def _is_more(self) -> bool:
        try:
            counted = self.fields["stock_ml"].clean(self["stock_ml"].value())
        except forms.ValidationError:
            return False
        return bool(counted > self.lot.balance.most_left)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned.setdefault("received_more", False)
        return cleaned


class PutBackForm(CountForm):
    reason = forms.CharField(
        label="Why is it put back?",
        min_length=MIN_REASON,
        max_length=300,
        help_text="For example: recalled by mistake, the notice was for another lot.",
    )

    def _books(self) -> str:
        return f"At most {ml(self.lot.balance.most_left)} can be left: what was received and not given."
