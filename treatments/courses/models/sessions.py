import datetime
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, F, OuterRef, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from treatments.courses.intervals import Given
from treatments.courses.models.plans import Course
from treatments.courses.vocabulary import (
    TECHNIQUES,
    Anaesthesia,
    LotConfirmed,
    NeedleGauge,
    Phase,
    Route,
    SessionOutcome,
    SkinPrep,
)
from treatments.courses.volumes import MAX_SESSION_ML, in_order, shown_volumes
from treatments.patients.models import Patient
from treatments.products.models import Lot, Product
from treatments.records.fields import ClinicOf, DatePrecision
from treatments.records.formatting import count, listed, ml, mm, number, uncapitalised
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, partial, struck_out_together
from treatments.records.partial_dates import PartialDate
from treatments.records.regions import BESIDE_THE_SCALP, INJECTABLE_CHOICES, Region
from treatments.records.vocabulary import Asked

LATE_ENTRY_DAYS = 2
"""Entered this many days after it took place, a session says so wherever it is read."""

WAS_ASKED = ~models.Q(reactions=Asked.NOT_ASKED) | ~models.Q(since_last=Asked.NOT_ASKED)
"""Of a session at which somebody asked for events: since the last one, or today."""

OWN_BLOOD = "prepared from the patient’s own blood"
"""What is said of a product that has no lot."""


_ORDER = ("performed_on", "performed_precision")
_SAME_DAY = models.Q(performed_on=OuterRef("performed_on"))
_BEFORE = (
    models.Q(performed_on__lt=OuterRef("performed_on"))
    | (_SAME_DAY & models.Q(performed_precision__lt=OuterRef("performed_precision")))
    | (_SAME_DAY & models.Q(performed_precision=OuterRef("performed_precision"), id__lt=OuterRef("id")))
)
"""The sessions that come before the outer one, in the order of `in_order` within a course."""


def _one_more_than(sessions: models.QuerySet[Any]) -> Case:
    counted = sessions.order_by().values("course").annotate(count=Count("pk")).values("count")
    return Case(When(struck_out_at__isnull=True, then=Coalesce(Subquery(counted), 0) + 1), default=None)


class SessionQuerySet(ClinicalQuerySet):
    def in_order(self) -> Self:
        """By date; on one first day what is known to the day before what is known to the month, then as entered."""
        return self.order_by(*_ORDER, F("performed_at").asc(nulls_last=True), "id")

    def of_product(self, product_id: Any) -> Self:
        """Those that gave a product: that of their lot, and without a lot the one that was named."""
        own = models.Q(lot__product=product_id) | models.Q(lot__isnull=True, product=product_id)
        return self.filter(own | models.Q(pk__in=Application.objects.filter(own).values("exosome_session")))

    def of_lots(self, lots: Iterable[Any]) -> Self:
        """Those at which one of these lots was given, first or beside another."""
        in_lots = models.Q(lot__in=[getattr(lot, "pk", lot) for lot in lots])
        return self.filter(in_lots | models.Q(pk__in=Application.objects.filter(in_lots).values("exosome_session")))

    def where_asked(self) -> Self:
        """Those at which somebody asked for events: since the last session, or today."""
        return self.filter(WAS_ASKED)

    def with_number(self) -> Self:
        """Adds `number`, the place by date among the course's standing sessions, from 1, and `place`, that among those
        that fill a place of the same phase; both None when struck out.

        They are counted for each row, so they are right in any selection: one session, a lot's, a patient's.
        """
        earlier = ExosomeSession.objects.standing().filter(_BEFORE, course=OuterRef("course"))
        filled = earlier.filter(phase=OuterRef("phase")).exclude(outcome=SessionOutcome.ABORTED)
        return self.annotate(number=_one_more_than(earlier), place=_one_more_than(filled))

    def as_read(self) -> Self:
        """With all that a page prints of a session, so that no row costs a query of its own."""
        return self.select_related("course", "product", "lot__product", "operator", "created_by").prefetch_related(
            "region_volumes", "applications__product", "applications__lot__product"
        )


class ExosomeSession(ClinicalRecord):
    """One treatment visit. Its number is never stored: it follows from the dates of the course's sessions."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="exosome_sessions")
    course = models.ForeignKey(Course, models.PROTECT, related_name="exosome_sessions")
    performed_on = models.DateField("Date of the session")
    performed_precision = models.CharField(
        max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    performed_at = models.TimeField("Time", null=True, blank=True)
    phase = models.CharField(max_length=16, choices=Phase.choices, default=Phase.INDUCTION)
    reported_label = models.CharField("Name of this visit in the old record", max_length=80, blank=True)
    route = models.CharField("Route", max_length=32, choices=Route.choices, blank=True)
    route_confirmed = models.BooleanField("Route confirmed", default=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="exosome_sessions", null=True, blank=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="exosome_sessions", null=True, blank=True)
    lot_is_unknown = models.BooleanField("The lot was not recorded", default=False)
    # Blank: entered before it was recorded whether a person chose the lot, or no lot is known.
    lot_confirmed = models.CharField(
        "How the lot was chosen", max_length=8, choices=LotConfirmed.choices, blank=True, editable=False
    )
    # Of all that was given; `first_ml` of the product that stands in this row, the rest in its applications.
    total_ml = models.DecimalField("Total volume, mL", max_digits=5, decimal_places=2)
    first_ml = models.DecimalField("Volume of the first product, mL", max_digits=5, decimal_places=2, editable=False)
    needle_gauge = models.PositiveSmallIntegerField("Needle", choices=NeedleGauge.choices, null=True, blank=True)
    needle_length_mm = models.DecimalField("Needle length, mm", max_digits=4, decimal_places=1, null=True, blank=True)
    depth_mm = models.DecimalField("Depth, mm", max_digits=4, decimal_places=1, null=True, blank=True)
    points = models.PositiveSmallIntegerField("Injection points", null=True, blank=True)
    point_ml = models.DecimalField("mL at each point", max_digits=4, decimal_places=3, null=True, blank=True)
    device = models.CharField("Device and cartridge", max_length=120, blank=True)
    mixed_hours = models.DecimalField("Mixed, hours before use", max_digits=4, decimal_places=1, null=True, blank=True)
    skin_prep = models.CharField("Skin preparation", max_length=20, choices=SkinPrep.choices, blank=True)
    anaesthesia = models.CharField("Anaesthesia", max_length=32, choices=Anaesthesia.choices, blank=True)
    anaesthesia_detail = models.CharField("Agent and dose", max_length=120, blank=True)
    pain_during = models.PositiveSmallIntegerField("Pain during the session, 0 to 10", null=True, blank=True)
    pain_after = models.PositiveSmallIntegerField("Pain 15 minutes after, 0 to 10", null=True, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="Given by"
    )
    operator_name = models.CharField("Given by somebody without an account", max_length=120, blank=True)
    assistant = models.CharField("Assisted by", max_length=120, blank=True)
    outcome = models.CharField(max_length=12, choices=SessionOutcome.choices, default=SessionOutcome.COMPLETED)
    outcome_reason = models.CharField("Why it was not completed", max_length=300, blank=True)
    # Blank is not "none": each of the two questions records whether it was put at all.
    since_last = models.CharField(
        "Anything since last time?", max_length=10, choices=Asked.choices, default=Asked.NOT_ASKED
    )
    reactions = models.CharField("Reactions today?", max_length=10, choices=Asked.choices, default=Asked.NOT_ASKED)
    note = models.TextField("Note", max_length=4000, blank=True)

    objects: ClassVar[Any] = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("session_struck_out_with_who_and_why"),
            models.UniqueConstraint(
                fields=["course", "performed_on"],
                # Of two that are known to one month neither is known to be of the other's day.
                condition=models.Q(struck_out_at__isnull=True, performed_precision=DatePrecision.DAY),
                name="one_session_a_day_in_a_course",
            ),
            models.CheckConstraint(
                condition=models.Q(total_ml__gt=0, total_ml__lte=MAX_SESSION_ML), name="a_session_gives_up_to_20_ml"
            ),
            models.CheckConstraint(
                condition=models.Q(first_ml__gt=0, first_ml__lte=models.F("total_ml")),
                name="the_first_product_is_part_of_the_total",
            ),
            models.CheckConstraint(
                condition=models.Q(operator__isnull=True) | models.Q(operator_name=""),
                name="a_session_was_given_by_one_or_the_other",
            ),
            models.CheckConstraint(
                condition=models.Q(lot__isnull=True) | models.Q(lot_is_unknown=False),
                name="a_lot_is_known_or_unknown_not_both",
            ),
            models.CheckConstraint(
                condition=models.Q(lot_confirmed="") | models.Q(lot__isnull=False),
                name="only_a_lot_that_is_known_was_chosen",
            ),
            models.CheckConstraint(
                condition=(models.Q(pain_during__isnull=True) | models.Q(pain_during__lte=10))
                & (models.Q(pain_after__isnull=True) | models.Q(pain_after__lte=10)),
                name="pain_is_rated_0_to_10",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="completed") | ~models.Q(outcome_reason=""),
                name="an_unfinished_session_has_its_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "performed_on"], name="sessions_of_a_patient"),
            models.Index(
                fields=["lot", "-performed_on", "-id"],
                condition=models.Q(struck_out_at__isnull=True),
                name="sessions_of_a_lot",
            ),
            models.Index(fields=["clinic", "created_at"], name="sessions_by_entry"),
        ]

    def __str__(self) -> str:
        return f"Session of {self.performed.label()}"

    @property
    def entered_after(self) -> str:
        """ "12 days", for a session known to the month "12 to 42 days": from the session to its entry."""
        entered = timezone.localdate(self.created_at)
        first, last = self.performed.bounds()
        least, most = max(0, (entered - last).days), (entered - first).days
        return count(most, "day") if least == most else f"{least} to {most} days"

    @property
    def is_late_entry(self) -> bool:
        """Certainly: whichever day of its month it was."""
        return (timezone.localdate(self.created_at) - self.performed.bounds()[1]).days >= LATE_ENTRY_DAYS

    @property
    def was_asked(self) -> bool:
        """`WAS_ASKED` of this row."""
        return {self.reactions, self.since_last} != {Asked.NOT_ASKED}

    @property
    def happened_on(self) -> datetime.date:
        return self.performed_on

    @property
    def when(self) -> PartialDate:
        return self.performed

    @property
    def performed(self) -> PartialDate:
        return partial(self.performed_on, self.performed_precision)

    @property
    def given(self) -> Given:
        """What the schedule counts of it."""
        return Given(self.phase, self.performed, self.outcome)

    @property
    def given_product(self) -> Product | None:
        """That of the lot, which may be corrected after the session; without a lot the one that was named."""
        return self.lot.product if self.lot else self.product

    @property
    def given_product_id(self) -> uuid.UUID | None:
        return self.lot.product_id if self.lot else self.product_id

    @property
    def given_by(self) -> str:
        """The name of who gave it, with or without an account; "" where it is not recorded."""
        return str(self.operator) if self.operator else self.operator_name

    @property
    def lots_given(self) -> list[Lot]:
        """Each lot once, the first product's first."""
        lots = [self.lot, *(each.lot for each in self.applications.all())]
        return list({lot.pk: lot for lot in lots if lot is not None}.values())

    @property
    def lots_text(self) -> str:
        """ "lot EX-1 and lot EX-2": each lot that is recorded, once; "" for none."""
        return listed([f"lot {lot}" for lot in self.lots_given])

    @property
    def own_blood_text(self) -> str:
        """ "prepared from the patient’s own blood" where something of it was, which has no lot; "" otherwise."""
        products = [self.product, *(each.product for each in self.applications.all())]
        return OWN_BLOOD if any(each is not None and each.is_own_blood for each in products) else ""

    @property
    def sources_text(self) -> str:
        """Where all that was given came from, each once: "EX-1, EX-2", "EX-1, prepared from the patient’s own blood",
        "EX-1, not recorded"."""
        sources = [(self.lot, self.product)]
        sources += [(each.lot, each.product) for each in self.applications.all() if each.total_ml is not None]
        return ", ".join(dict.fromkeys(_source(lot, product) for lot, product in sources))

    @property
    def products_given(self) -> list[Product]:
        """Each product once, the first first."""
        products = [self.given_product, *(each.given_product for each in self.applications.all())]
        return list({product.pk: product for product in products if product is not None}.values())

    def ml_of(self, lot: Lot) -> Decimal:
        """How many mL of this lot were given in all."""
        first = self.first_ml if self.lot_id == lot.pk else Decimal(0)
        further = (each.total_ml for each in self.applications.all() if each.lot_id == lot.pk)
        return sum((volume for volume in further if volume is not None), first)

    @property
    def all_volumes(self) -> dict[str, Decimal]:
        """mL by region of all that was given."""
        volumes = {row.region: row.ml for row in self.region_volumes.all()}
        for each in self.applications.all():
            for region, given in each.volumes_ml.items():
                volumes[region] = volumes.get(region, Decimal(0)) + given
        return volumes

    @property
    def all_volumes_text(self) -> str:
        return shown_volumes(self.all_volumes)

    @property
    def beside_the_scalp(self) -> str:
        """ "Beard 2 mL": what the map of the scalp cannot show; "" for none."""
        return shown_volumes({region: ml for region, ml in self.all_volumes.items() if region in BESIDE_THE_SCALP})

    @property
    def where_text(self) -> str:
        """The regions treated, with mL each where there are several, in the words of the chairside if they differ."""
        rows = list(self.region_volumes.all())
        if len(rows) == 1:
            return rows[0].name
        return ", ".join(f"{row.name} {ml(row.ml)}" for row in rows)

    def get_absolute_url(self) -> str:
        return reverse("sessions:detail", args=[self.patient_id, self.pk])


def _source(lot: Lot | None, product: Product | None) -> str:
    if lot is not None:
        return str(lot)
    return OWN_BLOOD if product is not None and product.is_own_blood else "not recorded"


class Application(models.Model):
    """What was given in a session beside its first product: another product, a second lot, or a technique alone.

    `place` counts from 2. Without a product there is neither lot nor volume, and `regions` says where it was used.
    """

    exosome_session = models.ForeignKey(ExosomeSession, models.CASCADE, related_name="applications")
    clinic = ClinicOf("exosome_session")
    place = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, models.PROTECT, related_name="applications", null=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="applications", null=True)
    lot_is_unknown = models.BooleanField(default=False)
    lot_confirmed = models.CharField(max_length=8, choices=LotConfirmed.choices, blank=True)
    route = models.CharField(max_length=32, choices=Route.choices, blank=True)
    total_ml = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    # {"vertex": "3.00"}: mL as text, so that no volume passes through binary fractions.
    volumes = models.JSONField(default=dict)
    regions = models.JSONField(default=list)
    depth_mm = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    device = models.CharField(max_length=120, blank=True)
    mixed_hours = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exosome_session", "place"], name="an_application_has_its_own_place"),
            models.CheckConstraint(condition=models.Q(place__gte=2), name="the_first_product_stands_in_the_session"),
            models.CheckConstraint(
                condition=models.Q(total_ml__isnull=True) | models.Q(total_ml__gt=0, total_ml__lte=MAX_SESSION_ML),
                name="an_application_gives_up_to_20_ml",
            ),
            models.CheckConstraint(
                condition=models.Q(lot__isnull=True) | models.Q(lot_is_unknown=False, total_ml__isnull=False),
                name="what_came_from_a_lot_has_its_volume",
            ),
            models.CheckConstraint(
                condition=models.Q(lot_confirmed="") | models.Q(lot__isnull=False),
                name="only_a_known_lot_was_chosen_for_it",
            ),
            models.CheckConstraint(
                condition=models.Q(total_ml__isnull=False) | ~models.Q(route=""),
                name="an_application_is_a_volume_or_a_technique",
            ),
        ]
        indexes = [models.Index(fields=["lot", "exosome_session"], name="applications_of_a_lot")]
        ordering = ["place"]

    def __str__(self) -> str:
        return self.text

    @property
    def given_product(self) -> Product | None:
        return self.lot.product if self.lot else self.product

    @property
    def given_product_id(self) -> uuid.UUID | None:
        return self.lot.product_id if self.lot else self.product_id

    @property
    def volumes_ml(self) -> dict[str, Decimal]:
        return {region: Decimal(given) for region, given in self.volumes.items()}

    @property
    def where_text(self) -> str:
        """ "vertex", with mL each where there are several regions; without a volume the regions alone."""
        if len(self.volumes) > 1:
            each = in_order(self.volumes_ml)
            return ", ".join(f"{str(Region(code).label).lower()} {ml(given)}" for code, given in each)
        return ", ".join(str(Region(code).label).lower() for code in self.volumes or self.regions)

    @property
    def what_text(self) -> str:
        """The product, the name of a technique without one, or that the product was not recorded."""
        if product := self.given_product:
            return str(product)
        return "Product not recorded" if self.total_ml is not None else self.technique

    @property
    def technique(self) -> str:
        """ "Microneedling": how a route is called that was used without a product."""
        return TECHNIQUES.get(self.route, str(self.get_route_display()))

    @property
    def lot_text(self) -> str:
        """ "lot EX-1", "from the patient’s own blood", "lot not recorded"; "" for a technique."""
        if self.lot:
            return f"lot {self.lot}"
        if self.product is not None and self.product.is_own_blood:
            return OWN_BLOOD
        return "lot not recorded" if self.total_ml is not None else ""

    @property
    def text(self) -> str:
        """ "PRP, prepared from the patient’s own blood, 3 mL, vertex; injection into the skin (intradermal)"."""
        volume = ml(self.total_ml) if self.total_ml is not None else ""
        route = str(self.get_route_display()) if self.route and self.total_ml is not None else ""
        depth = mm(self.depth_mm) if self.depth_mm is not None else ""
        mixed = f"mixed {number(self.mixed_hours)} h before use" if self.mixed_hours is not None else ""
        given = ", ".join(filter(None, [self.what_text, self.lot_text, volume, self.where_text]))
        return "; ".join(filter(None, [given, uncapitalised(route), depth, self.device, mixed, self.note]))

    @property
    def content(self) -> tuple[Any, ...]:
        """What a correction compares."""
        return (
            self.product_id, self.lot_id, self.lot_is_unknown, self.route, self.total_ml, self.volumes_ml,
            sorted(self.regions), self.depth_mm, self.device, self.mixed_hours, self.note,
        )  # fmt: skip


class RegionVolume(models.Model):
    """The mL that one region received in a session."""

    exosome_session = models.ForeignKey(ExosomeSession, models.CASCADE, related_name="region_volumes")
    clinic = ClinicOf("exosome_session")
    region = models.CharField(max_length=20, choices=INJECTABLE_CHOICES)
    ml = models.DecimalField("mL", max_digits=5, decimal_places=2)
    # The words used at the chairside, where they differ from the code: "crown and vertex".
    as_told = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exosome_session", "region"], name="a_region_is_charged_once_in_a_session"),
            models.CheckConstraint(condition=models.Q(ml__gt=0), name="a_charged_region_received_something"),
            models.CheckConstraint(
                condition=models.Q(region__in=[code for code, _ in INJECTABLE_CHOICES]),
                name="only_a_known_region_is_charged",
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{Region(self.region).label} {ml(self.ml)}"

    @property
    def name(self) -> str:
        return self.as_told or str(self.get_region_display()).lower()
