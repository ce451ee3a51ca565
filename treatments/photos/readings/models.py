"""Rounds of blind reading: what is read, by whom, in which order; and, in a table of their own, the readings.

Which photograph is later stands in the record alone. A row of `ShownPair` says on which side it was shown, and a row of
`Reading` what the reader said of the right one against the left one: nobody who reads one table can tell a change.
"""

import datetime
import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic.audit.append_only import AppendOnly
from clinic.staff.models import Clinic, User
from treatments.photos.models import Photo
from treatments.photos.vocabulary import View
from treatments.records.fields import ClinicOf
from treatments.records.models import Record, all_or_none
from treatments.records.regions import Region

LOWEST, HIGHEST = -3, 3
SCALE: dict[int, str] = {
    -3: "Left has much more",
    -2: "Left has more",
    -1: "Left has a little more",
    0: "No difference",
    1: "Right has a little more",
    2: "Right has more",
    3: "Right has much more",
}
"""What each reading says of the hair in the right photograph against the left one."""
CHANGES: dict[int, str] = {
    -3: "much less",
    -2: "less",
    -1: "a little less",
    0: "no difference",
    1: "a little more",
    2: "more",
    3: "much more",
}
"""The same of the later photograph against the earlier one, once a round is closed."""


class Against(models.TextChoices):
    """With which photograph those of the chosen Months are paired."""

    BASELINE = "baseline", "The baseline photo of the view"
    EARLIER = "earlier", "Any earlier photo of the view, by chance"


class PairKind(models.TextChoices):
    REAL = "real", "Two Months"
    NULL = "null", "Two photos of one Month"
    REPEAT = "repeat", "A pair shown again, sides changed"


class CannotJudge(models.TextChoices):
    CONDITIONS = "conditions", "Light, hair length, parting or wetness differ"
    QUALITY = "quality", "One of the two is blurred, too dark or too bright"
    AREA = "area", "They do not show the same area"
    RECOGNISED = "recognised", "I recognise the patient, or know which photo is later"
    OTHER = "other", "Another reason"


class RoundQuerySet(models.QuerySet[Any]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def closed(self) -> Self:
        return self.filter(closed_at__isnull=False)

    def newest_first(self) -> Self:
        return self.select_related("created_by").annotate(readers=models.Count("places")).order_by("-created_at", "-id")


class ReadingRound(Record):
    """Pairs of one view that several readers read, each without knowing which photograph is later.

    `months` are the Months of the later photographs; `found` is how the pairs were chosen, as counts by reason.
    Until `closed_at` nobody is shown a result.
    """

    name = models.CharField("Name", max_length=120)
    view = models.CharField("View", max_length=20, choices=View.choices)
    site = models.CharField("Site", max_length=20, choices=Region.choices, blank=True)
    months = models.JSONField("Months", default=list)
    against = models.CharField("Against", max_length=12, choices=Against.choices, default=Against.BASELINE)
    comparable_only = models.BooleanField("Comparable pairs only", default=True)
    at_most = models.PositiveSmallIntegerField("Pairs at most", default=40)
    null_percent = models.PositiveSmallIntegerField("Pairs of one Month, in a hundred", default=15)
    repeat_percent = models.PositiveSmallIntegerField("Repeats, in a hundred", default=15)
    found = models.JSONField(default=dict, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False)
    closed_reason = models.CharField("Why before everybody has read all?", max_length=300, blank=True, editable=False)

    objects: ClassVar[Any] = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=all_or_none("closed_at", "closed_by"), name="a_round_is_closed_by_somebody"
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-created_at"], name="reading_rounds_of_a_clinic")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("reading:round", args=[self.pk])

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @property
    def group(self) -> str:
        """As `patient_photos.group_of` writes it."""
        return f"{self.view}.{self.site}" if self.site else str(self.view)

    @property
    def closed_on(self) -> datetime.date | None:
        return timezone.localdate(self.closed_at) if self.closed_at else None


class ReadingPair(models.Model):
    """Two photographs of a round. Whose they are, and their Months, are those of the photographs, so that they follow
    every move and correction. `verdict` is that of the record when the round was opened."""

    round = models.ForeignKey(ReadingRound, models.PROTECT, related_name="pairs")
    clinic = ClinicOf("round")
    kind = models.CharField(max_length=8, choices=PairKind.choices)
    earlier = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    later = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=16)
    repeats = models.ForeignKey("self", models.PROTECT, related_name="repeated_by", null=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(earlier=models.F("later")), name="a_read_pair_is_two_photos"),
            models.CheckConstraint(
                condition=models.Q(kind=PairKind.REPEAT, repeats__isnull=False)
                | (~models.Q(kind=PairKind.REPEAT) & models.Q(repeats__isnull=True)),
                name="only_a_repeat_repeats_a_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.earlier} and {self.later.taken.label()}"


class ReaderPlace(models.Model):
    """A reader in a round. Order and sides are drawn from `seed`, which is random and derived from nothing.

    A third reader reads, after the round was closed, the pairs on which the first readers were two steps apart or more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(ReadingRound, models.PROTECT, related_name="places")
    clinic = ClinicOf("round")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reading_places")
    seed = models.CharField(max_length=64, editable=False)
    is_third = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "reader"], name="a_reader_has_one_place_in_a_round")]

    def __str__(self) -> str:
        return f"{self.reader} in {self.round}"

    @property
    def is_open(self) -> bool:
        """Whether the reader may read: a round that is not closed, or as the third reader of one that is."""
        return self.round.is_closed == self.is_third


class ShownPair(models.Model):
    """A pair as one reader is shown it: at which place in their order, and on which side the later photograph is.

    `token` stands in the address, random and of this reader and pair alone.
    """

    place = models.ForeignKey(ReaderPlace, models.PROTECT, related_name="shown")
    clinic = ClinicOf("place__round")
    pair = models.ForeignKey(ReadingPair, models.PROTECT, related_name="shown")
    position = models.PositiveSmallIntegerField()
    later_is_right = models.BooleanField()
    token = models.CharField(max_length=40, unique=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "position"], name="one_pair_at_a_position"),
            models.UniqueConstraint(fields=["place", "pair"], name="a_pair_is_shown_to_a_reader_once"),
        ]

    def __str__(self) -> str:
        return f"{self.place}, {self.position}"

    def get_absolute_url(self) -> str:
        return reverse("reading:pair", args=[self.token])

    @property
    def left(self) -> Photo:
        photo: Photo = self.pair.earlier if self.later_is_right else self.pair.later
        return photo

    @property
    def right(self) -> Photo:
        photo: Photo = self.pair.later if self.later_is_right else self.pair.earlier
        return photo


class Reading(AppendOnly):
    """What a reader said of a pair, once: `score` of the right photograph against the left one, or why it cannot be
    judged. The database refuses to change or delete it, and to take a second one."""

    shown = models.OneToOneField(ShownPair, models.PROTECT, related_name="reading")
    clinic = ClinicOf("shown__place__round")
    score = models.SmallIntegerField(null=True)
    cannot_judge = models.CharField(max_length=12, choices=CannotJudge.choices, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score__isnull=False, cannot_judge="")
                | (models.Q(score__isnull=True) & ~models.Q(cannot_judge="")),
                name="a_reading_is_a_score_or_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__range=(LOWEST, HIGHEST)),
                name="a_score_is_one_of_seven",
            ),
        ]

    def __str__(self) -> str:
        return self.said

    @property
    def reader(self) -> User:
        reader: User = self.shown.place.reader
        return reader

    @property
    def said(self) -> str:
        return str(self.get_cannot_judge_display()) if self.score is None else SCALE[self.score]

    @property
    def change(self) -> int | None:
        """Of the later photograph against the earlier one; None where it could not be judged."""
        if self.score is None:
            return None
        return int(self.score) if self.shown.later_is_right else -int(self.score)
