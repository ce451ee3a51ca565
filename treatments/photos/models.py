import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.assessments.models import Assessment
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.photos.file_dates import FileDate, from_json
from treatments.photos.rules import EXIF_TOLERANCE_DAYS
from treatments.photos.vocabulary import (
    DAY_WITHOUT_SESSION,
    WHOSE_DAY,
    CapturePath,
    DatedBy,
    HairState,
    Parting,
    PhotoQuality,
    ProductUsed,
    View,
)
from treatments.records.fields import ClinicOf, DatePrecision
from treatments.records.ids import new_id
from treatments.records.models import ClinicalQuerySet, ClinicalRecord, partial, struck_out_together
from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.regions import Region
from treatments.records.vocabulary import Lighting


class PhotoQuerySet(ClinicalQuerySet):
    def in_order(self) -> Self:
        return self.order_by("taken_on", "id")


class Photo(ClinicalRecord):
    """One photograph. The original file's bytes are evidence: kept as they came under `key`, with their SHA-256.

    Everything else about the picture (the two upright derivatives, the quality measures) can be made again from it.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="photos")
    course = models.ForeignKey(
        Course, models.PROTECT, related_name="photos", null=True, blank=True, verbose_name="Course"
    )
    exosome_session = models.ForeignKey(ExosomeSession, models.PROTECT, related_name="photos", null=True, blank=True)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="photos", null=True, blank=True)
    view = models.CharField("View", max_length=20, choices=View.choices)
    site = models.CharField("Site", max_length=20, choices=Region.choices, blank=True)
    magnification = models.PositiveSmallIntegerField("Magnification", null=True, blank=True)
    taken_on = models.DateField("Taken on")
    taken_precision = models.CharField(
        max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    dated_by = models.CharField("Date from", max_length=8, choices=DatedBy.choices, blank=True, editable=False)
    # The id of the session on whose page it was sent, which is saved later, or never: no foreign key.
    sent_with = models.UUIDField(null=True, editable=False)
    reported_label = models.CharField("Name of this visit in the old record", max_length=80, blank=True)
    # The capture card: what must be alike before two photographs may be compared. Blank is "not recorded".
    lighting = models.CharField("Light", max_length=20, choices=Lighting.choices, blank=True)
    hair_state = models.CharField("Hair", max_length=8, choices=HairState.choices, blank=True)
    product_used = models.CharField("In the hair", max_length=20, choices=ProductUsed.choices, blank=True)
    parting = models.CharField("Parting", max_length=20, choices=Parting.choices, blank=True)
    hair_length_mm = models.PositiveSmallIntegerField("Hair length, mm", null=True, blank=True)
    is_dyed = models.BooleanField("Dyed", null=True)
    distance_cm = models.PositiveSmallIntegerField("Distance, cm", null=True, blank=True)
    device = models.CharField("Camera and lens", max_length=120, blank=True)
    lens_mm = models.DecimalField("Focal length, mm", max_digits=6, decimal_places=2, null=True, blank=True)
    capture_path = models.CharField(max_length=16, choices=CapturePath.choices, default=CapturePath.UPLOAD)
    note = models.CharField("Note", max_length=300, blank=True)
    # The file as it came.
    key = models.CharField(max_length=80, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size_bytes = models.PositiveBigIntegerField(editable=False)
    media_type = models.CharField(max_length=20, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    original_name = models.CharField(max_length=200, blank=True, editable=False)
    exif_taken_at = models.DateTimeField(null=True, editable=False)
    # {"used": FileDate as JSON or None, "unused": [those that cannot be right]}; {} where only EXIF's first was read
    file_date = models.JSONField(default=dict, editable=False)
    has_gps = models.BooleanField(default=False, editable=False)
    # {"measures": …, "gates": [{"code", "value", "threshold", "verdict", "sentence", "version"}]}; what is measured for
    # the search of a second copy stands in PhotoFingerprint: here it would be three quarters of the row.
    quality_checks = models.JSONField(default=dict, editable=False)
    quality = models.CharField(max_length=16, choices=PhotoQuality.choices, blank=True, editable=False)
    kept_reason = models.CharField("Kept, because", max_length=300, blank=True, editable=False)

    objects: ClassVar[Any] = PhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("photo_struck_out_with_who_and_why"),
            models.UniqueConstraint(fields=["key"], name="an_original_belongs_to_one_photo"),
            models.UniqueConstraint(
                fields=["patient", "sha256"],
                condition=models.Q(struck_out_at__isnull=True),
                name="a_file_is_kept_once_for_a_patient",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "view", "taken_on"], name="photos_of_a_patient"),
            models.Index(fields=["clinic", "sha256"], name="photos_by_content"),
        ]

    def __str__(self) -> str:
        return f"{self.get_view_display()}, {self.taken.label()}"

    @property
    def happened_on(self) -> datetime.date:
        return self.taken_on

    @property
    def when(self) -> PartialDate:
        return self.taken

    @property
    def taken(self) -> PartialDate:
        return partial(self.taken_on, self.taken_precision)

    @property
    def date_in_file(self) -> FileDate | None:
        """The day that the file itself gives, by the camera or by the program that saved it; None where it has none."""
        if used := self.file_date.get("used"):
            return from_json(used)
        if self.file_date or self.exif_taken_at is None:
            return None
        local = timezone.localtime(self.exif_taken_at)  # stored before the field and the camera's zone were kept
        return FileDate(local.date(), local.time(), local.isoformat()[-6:], "exif_original", "camera")

    @property
    def dates_not_used(self) -> list[FileDate]:
        """Days in the file that cannot be that of the photo, such as of a clock that was never set."""
        return [from_json(each) for each in self.file_date.get("unused", [])]

    @property
    def date_sentences(self) -> list[str]:
        """What the file says of its day, for the photo's page."""
        used = self.date_in_file
        if used:
            told = used.sentence
        elif self.dates_not_used:
            told = "The file has no date that can be that of the photo."
        elif self.file_date:
            told = "There is no date in the file."
        else:
            told = "No date was found when this photo was sent. Anagen then read only one of the date fields."
        return [told, *(each.why_not_used for each in self.dates_not_used)]

    @property
    def dated(self) -> str:
        """The day, and who says so: "10 Jun 2026, the camera’s date"."""
        whose = self.whose_day
        return f"{self.taken.label()}, {whose}" if whose else self.taken.label()

    @property
    def whose_day(self) -> str:
        """Who says the day; "" for a photo that was kept before this was recorded."""
        return DAY_WITHOUT_SESSION.get(self.session_was) or WHOSE_DAY.get(self.dated_by, "")

    @property
    def session_was(self) -> str:
        """ "not saved" or "struck out", where its day is that of a session so that nobody stands behind it now."""
        if self.dated_by != DatedBy.SESSION:
            return ""
        session = self.exosome_session  # without another query where it was loaded with its photos
        if session is None:
            if self.sent_with is None:
                return ""
            session = ExosomeSession.objects.filter(pk=self.sent_with).first()
        if session is None:
            return "not saved"
        return "struck out" if session.is_struck_out else ""

    @property
    def camera_day(self) -> PartialDate | None:
        """The camera's own day; None where it left none that can be that of the photo."""
        in_file = self.date_in_file
        return of_day(in_file.day) if in_file and in_file.strength == "camera" else None

    @property
    def camera_says_another_day(self) -> bool:
        """Whether it stands at the day of its session and its camera says another one: a person must say which."""
        camera, taken = self.camera_day, self.taken
        if self.dated_by != DatedBy.SESSION or camera is None:
            return False
        tolerance = datetime.timedelta(days=EXIF_TOLERANCE_DAYS)
        return not taken.earliest - tolerance <= camera.earliest <= taken.latest + tolerance

    @property
    def asks_for_day(self) -> bool:
        """Whether nobody and nothing said when it was taken, so that it stands at the day it was sent."""
        return self.dated_by == DatedBy.TODAY

    def get_absolute_url(self) -> str:
        return reverse("photos:detail", args=[self.patient_id, self.pk])

    @property
    def keep_url(self) -> str:
        return reverse("photos:keep", args=[self.patient_id, self.pk])

    def file_url(self, size: int) -> str:
        """Address of a derivative, 400 or 1600 px on its longest side; the view behind it checks access."""
        return reverse("photos:file", args=[self.patient_id, self.pk, size])

    @property
    def small_url(self) -> str:
        return self.file_url(400)

    @property
    def large_url(self) -> str:
        return self.file_url(1600)

    @property
    def small_size(self) -> tuple[int, int]:
        return self.derived_size(400)

    @property
    def large_size(self) -> tuple[int, int]:
        return self.derived_size(1600)

    def derived_size(self, longest: int) -> tuple[int, int]:
        """Width and height in px of a derivative, for the layout to be right before the picture arrives."""
        scale = min(1.0, longest / max(self.width, self.height, 1))
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))


WAITING_DAYS = 30
"""So long a photo that was sent in bulk waits to be given a patient; then the nightly sweep removes it."""


class PhotoFingerprint(models.Model):
    """By what a second copy of a picture is known again: 64 x 64 grey levels, a byte each (`quality/measures.py`)."""

    photo = models.OneToOneField(Photo, models.CASCADE, primary_key=True, related_name="fingerprint")
    clinic = ClinicOf("photo")
    levels = models.BinaryField()

    def __str__(self) -> str:
        return f"Fingerprint of {self.photo_id}"


class PhotoBatch(models.Model):
    """Old photos that were sent together, of whichever patients; what was kept of them can be taken back in one act."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    clinic = models.ForeignKey("clinic.Clinic", models.PROTECT, related_name="+", editable=False)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    started_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["clinic", "started_at"], name="photo_batches_of_a_clinic")]

    def __str__(self) -> str:
        return f"Photos sent {timezone.localtime(self.started_at):%d %b %Y, %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("photos:batch", args=[self.pk])

    @property
    def distinct_name(self) -> str:
        return str(self)


class WaitingPhotoQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Those that belong to no patient yet."""
        return self.filter(photo__isnull=True)

    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)


class WaitingPhoto(models.Model):
    """A file of a batch. It belongs to no patient until it is kept as a `Photo`, under its own id and its own file.

    `facts` and `measures` are what decoding it once gave. `entered` is what people have written of it so far, as they
    wrote it: {"patient", "view", "when", "site", "magnification"}; {} while there are only guesses.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(PhotoBatch, models.CASCADE, related_name="files")
    clinic = models.ForeignKey("clinic.Clinic", models.PROTECT, related_name="+", editable=False)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    original_name = models.CharField(max_length=200, blank=True)
    folder = models.CharField(max_length=300, blank=True)
    facts = models.JSONField()
    measures = models.JSONField()
    entered = models.JSONField(default=dict)
    refusal = models.CharField(max_length=600, blank=True)
    # What became of it. The bytes may have been in the patient's record already: then `photo` is that one.
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+", null=True)
    was_there = models.BooleanField(default=False)

    objects: ClassVar[Any] = WaitingPhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "sha256"],
                condition=models.Q(photo__isnull=True),
                name="a_file_waits_once_in_a_clinic",
            ),
        ]
        indexes = [
            models.Index(fields=["sent_at"], condition=models.Q(photo__isnull=True), name="waiting_photos_by_age"),
        ]

    def __str__(self) -> str:
        return self.original_name or "photo"

    def file_url(self, size: int) -> str:
        return reverse("photos:waiting-file", args=[self.batch_id, self.pk, size])

    @property
    def small_url(self) -> str:
        return self.file_url(400)

    @property
    def large_url(self) -> str:
        return self.file_url(1600)


class PhotoPair(ClinicalRecord):
    """How two photographs of one view were laid over each other: landmarks and a transform, never pixels.

    Landmarks map a name to {"earlier": [x, y], "later": [x, y]} in px of the upright picture at 1600 px;
    `transform` takes the later onto the earlier; `residual_px` is its error at 1600 px.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="photo_pairs")
    earlier = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    later = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    landmarks = models.JSONField(default=dict)
    transform = models.JSONField(default=dict)
    nudge = models.JSONField(default=dict)
    residual_px = models.FloatField(null=True)
    aligned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    aligned_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = ClinicalQuerySet.as_manager()

    class Meta:
        constraints = [
            struck_out_together("pair_struck_out_with_who_and_why"),
            models.UniqueConstraint(fields=["earlier", "later"], name="two_photos_are_aligned_once"),
            models.CheckConstraint(condition=~models.Q(earlier=models.F("later")), name="a_pair_is_two_photos"),
        ]

    def __str__(self) -> str:
        return f"{self.earlier_id} and {self.later_id}"

    @property
    def happened_on(self) -> datetime.date:
        return timezone.localdate(self.created_at)
