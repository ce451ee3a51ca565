import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Replace
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone

from clinic.audit.append_only import AppendOnly
from clinic.staff.models import Clinic
from treatments.products.balance import Balance, left_text, vials
from treatments.products.gs1 import LOOK_ALIKES, look_alike, normalise_lot, number_key
from treatments.products.rules import is_own_blood
from treatments.products.vocabulary import (
    RED_FLAG_BASES,
    ConcentrationMethod,
    Donor,
    LabelledRoute,
    ProductForm,
    RegulatoryBasis,
    SourceType,
)
from treatments.records.db_expressions import Literal, hundredths
from treatments.records.fields import ClinicOf, DatePrecision
from treatments.records.ids import new_id
from treatments.records.models import Record, partial
from treatments.records.partial_dates import PartialDate


class ProductQuerySet(models.QuerySet["Product"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def in_use(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def numbered(self, text: str) -> "Product | None":
        """The product whose own number this is, with or without its leading zeros, as an EAN-13 bar code has it."""
        figures = "".join(text.split())
        is_number = figures.isascii() and figures.isdecimal() and 8 <= len(figures) <= 14
        return self.filter(gtin=figures.zfill(14)).order_by("name").first() if is_number else None


def is_of_product(product: "Product") -> str:
    """Said where the bar code of a product, which carries no lot, was scanned for its lot number."""
    return f"This is the number of {product}, not of a lot. Type the lot number as it is printed."


class Product(Record):
    """A preparation the clinic gives. `marketed_as` keeps the maker's word; "exosome" is rarely proven."""

    name = models.CharField("Product name", max_length=120)
    manufacturer = models.CharField("Manufacturer", max_length=120, blank=True)
    country = models.CharField("Country", max_length=60, blank=True)
    marketed_as = models.CharField("Marketed as", max_length=120, blank=True)
    # The number a scanned vial carries, GS1's 14 figures: it says which product the vial is.
    gtin = models.CharField("Product number on the vial (GTIN)", max_length=14, blank=True)
    source_type = models.CharField("Source", max_length=32, choices=SourceType.choices, default=SourceType.UNKNOWN)
    donor = models.CharField("Donor", max_length=16, choices=Donor.choices, default=Donor.UNKNOWN)
    form = models.CharField("Form", max_length=24, choices=ProductForm.choices, blank=True)
    unit_ml = models.DecimalField("mL in one vial", max_digits=6, decimal_places=2, null=True, blank=True)
    particles_per_ml = models.DecimalField(
        "Particles per mL, in 10^9", max_digits=10, decimal_places=3, null=True, blank=True
    )
    particles_method = models.CharField("Counted by", max_length=16, choices=ConcentrationMethod.choices, blank=True)
    excipients = models.CharField("Other ingredients", max_length=300, blank=True)
    labelled_route = models.CharField(
        "Route on the label", max_length=16, choices=LabelledRoute.choices, default=LabelledRoute.NOT_STATED
    )
    regulatory_basis = models.CharField(
        "On what legal basis is it used?",
        max_length=40,
        choices=RegulatoryBasis.choices,
        default=RegulatoryBasis.UNKNOWN,
    )
    regulatory_note = models.CharField("Authority, reference and date", max_length=300, blank=True)
    in_use_hours = models.PositiveSmallIntegerField("Use within, hours after mixing", null=True, blank=True)
    storage = models.CharField("Storage", max_length=160, blank=True)
    archived_at = models.DateTimeField(null=True, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="a_product_is_listed_once_in_a_clinic"),
            models.CheckConstraint(condition=~models.Q(name=""), name="a_product_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("recall:product", args=[self.pk])

    @property
    def is_own_blood(self) -> bool:
        """Prepared from the patient's own blood on the day: it has no lot, and none is asked for."""
        return is_own_blood(self.source_type, self.donor)

    @property
    def needs_acknowledgement(self) -> bool:
        return self.regulatory_basis in RED_FLAG_BASES


class LotState(models.TextChoices):
    RECEIVED = "received", "In stock"
    OPEN = "open", "Open"
    FINISHED = "finished", "Finished"
    RECALLED = "recalled", "Recalled"


def parts_add_up(name: str) -> models.CheckConstraint:
    """received + excess = in stock + given + discarded. Compared in whole hundredths of a mL: SQLite keeps decimals as
    binary fractions, whose sums miss the last digit."""
    has = hundredths("received_ml") + hundredths("excess_ml")
    holds = hundredths("stock_ml") + hundredths("given_ml") + hundredths("discarded_ml")
    return models.CheckConstraint(condition=Exact(has, holds), name=name)


IN_USE = models.Q(state__in=[LotState.RECEIVED, LotState.OPEN], stock_ml__gt=0)
"""In stock or open, with something left."""


class LotQuerySet(models.QuerySet["Lot"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def looking_like(self, number: str) -> Self:
        """Lots whose number an eye may take for this one; at most three."""
        drawn: Any = models.F("number_folded")
        for letter, figure in LOOK_ALIKES.items():
            drawn = Replace(drawn, models.Value(letter), models.Value(figure))
        alike = self.annotate(drawn=drawn).filter(drawn=look_alike(number))
        return alike.select_related("product").order_by("number", "id")[:3]

    def usable(self, on: datetime.date) -> Self:
        """In stock or open, unexpired that day, with something left; first to expire first."""
        return (
            self.filter(Literal(IN_USE))
            .exclude(expires_on__lt=on)
            .order_by(models.F("expires_on").asc(nulls_last=True), "number")
        )

    def finished_since(self, on: datetime.date) -> Self:
        """Lots that were in use that day, unexpired, and are finished now; a session of that day may have used them."""
        finished = self.filter(state=LotState.FINISHED, finished_on__gte=on, received_on__lte=on, discarded_ml__gt=0)
        return finished.exclude(expires_on__lt=on).order_by("finished_on", "number")

    def near_expiry(self, on: datetime.date, days: int = 30) -> Self:
        """Lots with something left that expire within `days`, those already expired first."""
        return self.filter(Literal(IN_USE), expires_on__lte=on + datetime.timedelta(days=days)).order_by(
            "expires_on", "number"
        )


class Lot(Record):
    """One batch of a product, as it was received, and what became of it: see `balance`. Only `stock` moves any of it.

    `given_ml` is the sum of the sessions that stand. A lot that is finished has its rest in `discarded_ml`.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="lots")
    number = models.CharField("Lot number", max_length=60)
    # What is printed, without case and width: two numbers that differ by a hyphen are two lots.
    number_key = models.CharField(max_length=120, editable=False)
    # Letters and figures alone: what people type when they leave the hyphen out.
    number_folded = models.CharField(max_length=60, editable=False)
    expires_on = models.DateField("Expires", null=True, blank=True)
    expires_precision = models.CharField(
        max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    received_on = models.DateField("Received")
    received_ml = models.DecimalField("Volume received, mL", max_digits=8, decimal_places=2)
    stock_ml = models.DecimalField("In stock, mL", max_digits=8, decimal_places=2, editable=False)
    given_ml = models.DecimalField("Given, mL", max_digits=8, decimal_places=2, default=0, editable=False)
    discarded_ml = models.DecimalField("Discarded, mL", max_digits=8, decimal_places=2, default=0, editable=False)
    excess_ml = models.DecimalField(
        "In stock beyond what was received, mL", max_digits=8, decimal_places=2, default=0, editable=False
    )
    cold_chain_ok = models.BooleanField("Cold chain unbroken", null=True)
    state = models.CharField(max_length=12, choices=LotState.choices, default=LotState.RECEIVED, editable=False)
    opened_on = models.DateField(null=True, editable=False)
    finished_on = models.DateField(null=True, editable=False)
    recalled_at = models.DateTimeField(null=True, editable=False)
    recalled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )
    recall_reason = models.CharField(max_length=300, blank=True, editable=False)
    note = models.CharField("Note", max_length=300, blank=True)

    objects = LotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "product", "number_key"], name="a_lot_is_received_once_for_a_product"
            ),
            parts_add_up("received_is_in_stock_given_or_discarded"),
            models.CheckConstraint(condition=models.Q(stock_ml__gte=0), name="stock_never_falls_below_zero"),
            models.CheckConstraint(
                condition=models.Q(given_ml__gte=0, discarded_ml__gte=0, excess_ml__gte=0),
                name="no_part_of_a_lot_falls_below_zero",
            ),
            models.CheckConstraint(condition=models.Q(received_ml__gt=0), name="a_lot_holds_something_when_received"),
            models.CheckConstraint(
                condition=~models.Q(state="recalled")
                | (models.Q(recalled_at__isnull=False, recalled_by__isnull=False) & ~models.Q(recall_reason="")),
                name="a_recall_has_who_when_and_why",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "state", "expires_on"], name="lots_by_expiry"),
            models.Index(fields=["clinic", "expires_on", "number"], condition=IN_USE, name="lots_in_use_by_expiry"),
            models.Index(fields=["clinic", "number_folded"], name="lots_by_number"),
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.number_key, self.number_folded = number_key(self.number), normalise_lot(self.number)
        if self._state.adding and self.stock_ml is None:
            self.stock_ml = self.received_ml
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("recall:lot", args=[self.pk])

    @property
    def expires(self) -> PartialDate | None:
        """The expiry as it was printed: a day, or a month alone, which is good through its last day."""
        return None if self.expires_on is None else partial(self.expires_on, self.expires_precision)

    def is_expired(self, on: datetime.date) -> bool:
        return self.expires_on is not None and self.expires_on < on

    @property
    def is_finished(self) -> bool:
        """Finished, also when it was recalled after that."""
        return self.state == LotState.FINISHED or self.finished_on is not None

    @property
    def balance(self) -> Balance:
        return Balance(self.received_ml, self.stock_ml, self.given_ml, self.discarded_ml, self.excess_ml)

    @property
    def vials_left(self) -> str:
        """What is left in whole vials and mL, where the product says how much one holds, else ""."""
        return vials(self.stock_ml, self.product.unit_ml)

    @property
    def left_text(self) -> str:
        return left_text(self.stock_ml, self.product.unit_ml)

    @property
    def must_be_counted(self) -> bool:
        """Whether its books cannot be true: more left than was received, or something left of a finished lot."""
        return bool(self.excess_ml or (self.is_finished and self.stock_ml))


class MovementKind(models.TextChoices):
    RECEIVED = "received", "Received"
    GIVEN = "given", "Given"
    GIVEN_BACK = "given_back", "Given back"
    COUNTED = "counted", "Counted"
    FINISHED = "finished", "Finished"
    PUT_BACK = "put_back", "Put back in stock"
    RECEIVED_CORRECTED = "received_corrected", "Received corrected"
    CARRIED_OVER = "carried_over", "Carried over"


class StockMovement(AppendOnly):
    """One line of a lot's ledger: what one act added to each part of the lot, mL, signed. Append-only.

    The parts of a lot are the sums of its movements. `session_id` is the session that it was given in, `on` the day it
    happened, where that is not the day of entry. `by` is None for what was carried over from a release that kept no
    ledger.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="movements")
    clinic = ClinicOf("lot")
    kind = models.CharField(max_length=20, choices=MovementKind.choices)
    received_ml = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    stock_ml = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    given_ml = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    discarded_ml = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    excess_ml = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    session_id = models.UUIDField(null=True)
    on = models.DateField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [parts_add_up("a_movement_keeps_the_sum_of_a_lot")]
        indexes = [models.Index(fields=["lot", "at", "id"], name="movements_of_a_lot")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, lot {self.lot_id}"
