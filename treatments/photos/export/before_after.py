"""A before/after sheet to be: which photographs stand where, and what is printed under each."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from clinic.object_store.stores import StoreAway
from treatments.assessments.measurements.visibility import Thresholds
from treatments.assessments.models import Measurement
from treatments.consents.purposes import PhotoPurpose
from treatments.patients.other_treatments import OtherTreatment
from treatments.photos.compare.alignment import Alignment, label_for
from treatments.photos.compare.change_verdict import judge_change
from treatments.photos.compare.pairs import alignment_of, judge
from treatments.photos.export.redaction import Cover, covered, cut, laid_over
from treatments.photos.export.sheet_layout import Cell, Row, Sheet
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.patient_photos import CourseCalendar, PatientPhotos, group_label, presentable
from treatments.photos.store.photo_files import OriginalFault, derivative
from treatments.photos.store.upload_errors import PhotoRefused
from treatments.records.partial_dates import PartialDate

DRAWN_FROM_PX = 1600

Covers = Mapping[uuid.UUID, Cover]
"""What is cut off and covered, by the photograph's id."""
StoredPairs = Mapping[tuple[uuid.UUID, uuid.UUID], PhotoPair]
"""By the ids of the earlier and the later photograph."""


class PictureMissing(Exception):
    """The file of a photograph cannot be read; the text says which, and what to do."""


@dataclass(frozen=True)
class Line:
    """One view of the sheet: its photograph at each date, None where it was not taken."""

    group: str
    photos: tuple[Photo | None, ...]

    @property
    def label(self) -> str:
        return group_label(self.group)

    @property
    def taken(self) -> list[Photo]:
        return [photo for photo in self.photos if photo]

    def only(self, places: Sequence[int]) -> "Line":
        """The line at some of the dates."""
        return Line(self.group, tuple(self.photos[place] for place in places))


@dataclass(frozen=True)
class Plan:
    """What was chosen: lines of photographs, how months are counted, for what purpose, on what kind of file."""

    lines: tuple[Line, ...]
    days: tuple[PartialDate, ...]
    calendar: CourseCalendar
    purpose: str
    file_format: str
    clinic_name: str
    lay_over: bool

    @property
    def photos(self) -> list[Photo]:
        return [photo for line in self.lines for photo in line.taken]

    @property
    def months(self) -> list[str]:
        """The heading of each date."""
        columns = zip(*(line.photos for line in self.lines), strict=True)
        return [self.calendar.month(next(photo for photo in column if photo)) for column in columns]

    @property
    def file_name(self) -> str:
        """ "before-after-month-0-month-5.png"."""
        letters = "-".join(self.months).lower()
        return f"before-after-{''.join(c if c.isalnum() else '-' for c in letters)}.{self.file_format}"


def line_of(photos: PatientPhotos, group: str, days: Sequence[PartialDate], calendar: CourseCalendar) -> Line:
    """A view at those dates: the photograph of the day, else the nearest of the same Month not shown already; for a
    date of before the first needle none of after it."""
    of_view = photos.groups.get(group, [])
    return Line(group, tuple(_photo_on(day, of_view, days, calendar) for day in days))


def _photo_on(
    day: PartialDate, photos: Sequence[Photo], days: Sequence[PartialDate], calendar: CourseCalendar
) -> Photo | None:
    same_day = presentable([photo for photo in photos if photo.when == day])
    if same_day:
        return same_day[-1]
    free = [photo for photo in photos if photo.when not in days]
    if calendar.may_begin_after(day):
        free = [photo for photo in free if calendar.may_be_before_needle(photo)]
    same_month = [photo for photo in free if calendar.number(photo) == calendar.number_of(day)]
    return min(same_month, key=lambda photo: abs((photo.taken_on - day.earliest).days), default=None)


def sheet_of(
    plan: Plan,
    covers: Covers,
    *,
    pairs: StoredPairs,
    measurements: list[Measurement],
    thresholds: Thresholds,
    treatments: Sequence[OtherTreatment] = (),
) -> Sheet:
    """Open, cover and place every picture. Raises PictureMissing."""
    cells = _Cells(plan, covers, pairs, measurements, thresholds, treatments)
    rows = tuple(Row(line.label, tuple(cells.cell(line, photo) for photo in line.photos)) for line in plan.lines)
    return Sheet(plan.clinic_name, "Before and after", rows, tuple(_notes(plan, covers)))


@dataclass(frozen=True)
class _Cells:
    plan: Plan
    covers: Covers
    pairs: StoredPairs
    measurements: list[Measurement]
    thresholds: Thresholds
    treatments: Sequence[OtherTreatment]

    def cell(self, line: Line, photo: Photo | None) -> Cell:
        if photo is None:
            return Cell(None, "Not taken")
        first = line.taken[0]
        if photo == first:
            picture, lines = self._covered(photo), [self._cropped(photo)]
        else:
            picture, lines = self._against(first, photo)
        session = self.plan.calendar.session(photo)
        return Cell(picture, self.plan.calendar.month_and_offset(photo), tuple(filter(None, [session, *lines])))

    def _covered(self, photo: Photo) -> Image.Image:
        cover = self.covers[photo.pk]
        return cut(covered(opened(photo), cover), cover.crop)

    def _cropped(self, photo: Photo) -> str:
        return "Cut to a part: its scale is its own." if self.covers[photo.pk].crop else ""

    def _against(self, first: Photo, photo: Photo) -> tuple[Image.Image, list[str]]:
        """A later picture, and what is printed of it against the first.

        It is laid over the first where that was asked for and their alignment can be trusted, and then loses what its
        own crop and the first one's cut away; else it is shown as taken.
        """
        calendar = self.plan.calendar
        alignment = alignment_of(self.pairs.get((first.pk, photo.pk)))
        verdict = judge(first, photo, calendar, alignment)
        change = judge_change(first, photo, self.measurements, calendar, self.thresholds, self.treatments)
        if self.plan.lay_over and alignment and alignment.state == "aligned":
            picture, how = self._laid_over(first, photo, alignment), f"{label_for(alignment)}."
        else:
            shown = "; shown as taken" if alignment else ""
            picture, how = self._covered(photo), f"{label_for(alignment)}{shown}. {self._cropped(photo)}".rstrip()
        others = f"Other treatment: {change.beside_undated}." if change.beside_undated else ""
        return picture, [how, f"{verdict.headline}.", f"{change.in_short}.", others]

    def _laid_over(self, first: Photo, photo: Photo, alignment: Alignment) -> Image.Image:
        later = covered(opened(photo), self.covers[photo.pk])
        over = laid_over(later, first.derived_size(DRAWN_FROM_PX), alignment.transform)
        return cut(over, self.covers[first.pk].crop)


def opened(photo: Photo) -> Image.Image:
    """The upright picture of up to 1600 px, made again from the original if need be. Raises PictureMissing."""
    try:
        with Image.open(derivative(photo, DRAWN_FROM_PX)) as file:
            return file.convert("RGB")
    except StoreAway as fault:
        raise PictureMissing(
            f"The photograph {photo} cannot be shown now: the store of the photos does not answer. "
            "Try again in a minute."
        ) from fault
    except (OSError, OriginalFault, PhotoRefused) as fault:
        raise PictureMissing(
            f"The file of the photograph {photo} cannot be read. "
            "Leave it out, and tell the person who looks after Anagen."
        ) from fault


def _notes(plan: Plan, covers: Covers) -> list[str]:
    hidden = sum(not covers[photo.pk].is_empty for photo in plan.photos)
    start = "the start of the course" if plan.calendar.is_course else "the first photograph"
    light = "Nothing was brightened or retouched; the originals are unchanged."
    parts = f"Parts of {hidden} of {len(plan.photos)} photographs are cut off or covered. " if hidden else ""
    notes = [f"Months are counted from {start}. {parts}{light} A photograph measures no density."]
    if plan.purpose != PhotoPurpose.RECORD:
        use = str(PhotoPurpose(plan.purpose).label).lower()
        notes.append(f"Released with the patient’s consent for this use only: {use}. One patient, without a control.")
    return notes
