import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse

from clinic.staff.models import Clinic
from treatments.products.gs1 import normalise_lot
from treatments.products.vocabulary import (
    RED_FLAG_BASES,
    ConcentrationMethod,
    Donor,
    LabelledRoute,
    ProductForm,
    RegulatoryBasis,
    SourceType,
)
from treatments.records.db_expressions import Literal
from treatments.records.fields import DatePrecision
from treatments.records.models import Record


class ProductQuerySet(models.QuerySet["Product"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def in_use(self) -> Self:
        return self.filter(archived_at__isnull=True)


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
        "On what basis is it used?", max_length=40, choices=RegulatoryBasis.choices, default=RegulatoryBasis.UNKNOWN
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
    def needs_acknowledgement(self) -> bool:
        return self.regulatory_basis in RED_FLAG_BASES


class LotState(models.TextChoices):
    RECEIVED = "received", "In stock"
    OPEN = "open", "Open"
    FINISHED = "finished", "Finished"
    RECALLED = "recalled", "Recalled"


IN_USE = models.Q(state__in=[LotState.RECEIVED, LotState.OPEN], stock_ml__gt=0)
"""In stock or open, with something left."""


class LotQuerySet(models.QuerySet["Lot"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def usable(self, on: datetime.date) -> Self:
        """In stock or open, unexpired that day, with something left; first to expire first."""
        return (
            self.filter(Literal(IN_USE))
            .exclude(expires_on__lt=on)
            .order_by(models.F("expires_on").asc(nulls_last=True), "number")
        )

    def near_expiry(self, on: datetime.date, days: int = 30) -> Self:
        """Lots with something left that expire within `days`, those already expired first."""
        return self.filter(Literal(IN_USE), expires_on__lte=on + datetime.timedelta(days=days)).order_by(
            "expires_on", "number"
        )


class Lot(Record):
    """One batch of a product. `stock_ml` is what is left; every session takes its volume from it."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="lots")
    number = models.CharField("Lot number", max_length=60)
    # Scanners, labels and people write one number in several ways.
    number_folded = models.CharField(max_length=60, editable=False)
    expires_on = models.DateField("Expires", null=True, blank=True)
    expires_precision = models.CharField(
        max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    received_on = models.DateField("Received")
    received_ml = models.DecimalField("Volume received, mL", max_digits=8, decimal_places=2)
    stock_ml = models.DecimalField("In stock, mL", max_digits=8, decimal_places=2, editable=False)
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
                fields=["clinic", "product", "number_folded"], name="a_lot_is_received_once_for_a_product"
            ),
            models.CheckConstraint(condition=models.Q(stock_ml__gte=0), name="stock_never_falls_below_zero"),
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
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.number_folded = normalise_lot(self.number)
        if self._state.adding and self.stock_ml is None:
            self.stock_ml = self.received_ml
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("recall:lot", args=[self.pk])

    def is_expired(self, on: datetime.date) -> bool:
        return self.expires_on is not None and self.expires_on < on

    @property
    def units_left(self) -> Decimal | None:
        """Vials left, where the product says how much one holds."""
        unit = self.product.unit_ml
        return (self.stock_ml / unit).quantize(Decimal("0.1")) if unit else None
