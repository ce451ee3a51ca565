"""A before/after sheet to be: which photographs stand where, and what is said under each."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from treatments.assessments.measurements.visibility import Thresholds
from treatments.assessments.models import Measurement
from treatments.consents.purposes import PhotoPurpose
from treatments.photos.compare.alignment import Alignment, label_for
from treatments.photos.compare.change_verdict import seen
from treatments.photos.compare.pairs import alignment_of, judge
from treatments.photos.export.redaction import Cover, covered, cut, laid_over
from treatments.photos.export.sheet_drawing import Cell, Row, Sheet, months_in_name
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.patient_photos import Album, Counting, group_label, presentable
from treatments.photos.store.decoding import decode
from treatments.photos.store.media import media_root
from treatments.photos.store.originals import derivative_path, original_path
from treatments.photos.store.upload_errors import PhotoRefused

DRAWN_FROM_PX = 1600


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
    def first(self) -> Photo | None:
        return next((photo for photo in self.photos if photo), None)


@dataclass(frozen=True)
class Plan:
    """What was chosen: lines of photographs, how months are counted, for what purpose, on what kind of file."""

    lines: tuple[Line, ...]
    days: tuple[datetime.date, ...]
    counting: Counting
    purpose: str
    file_format: str
    clinic_name: str
    lay_over: bool

    @property
    def photos(self) -> list[Photo]:
        return [photo for line in self.lines for photo in line.photos if photo]

    @property
    def months(self) -> list[str]:
        """The heading of each date."""
        columns = zip(*(line.photos for line in self.lines), strict=True)
        return [self.counting.month(next(photo for photo in column if photo)) for column in columns]

    @property
    def file_name(self) -> str:
        return f"before-after-{months_in_name(self.months)}.{self.file_format}"


def line_of(album: Album, group: str, days: tuple[datetime.date, ...], counting: Counting) -> Line:
    """A view at those dates: the photograph of the day, else the nearest of the same Month not shown already."""
    photos = album.groups.get(group, [])
    found: list[Photo | None] = []
    for day in days:
        same_day = [photo for photo in photos if photo.taken_on == day]
        number = counting.number_of(day)
        same_month = [p for p in photos if counting.number(p) == number and p.taken_on not in days]
        near = sorted(same_month, key=lambda p: abs((p.taken_on - day).days))
        found.append(presentable(same_day)[-1] if same_day else next(iter(near), None))
    return Line(group, tuple(found))


def sheet_of(
    plan: Plan,
    covers: Mapping[Any, Cover],
    *,
    pairs: Mapping[tuple[Any, Any], PhotoPair],
    measurements: list[Measurement],
    thresholds: Thresholds,
) -> Sheet:
    """Open, cover and place every picture. Raises PictureMissing."""
    rows = []
    for line in plan.lines:
        cells = [_cell(plan, line, photo, covers, pairs, measurements, thresholds) for photo in line.photos]
        rows.append(Row(line.label, tuple(cells)))
    return Sheet(plan.clinic_name, "Before and after", tuple(rows), tuple(_notes(plan, covers)))


def _cell(
    plan: Plan,
    line: Line,
    photo: Photo | None,
    covers: Mapping[Any, Cover],
    pairs: Mapping[tuple[Any, Any], PhotoPair],
    measurements: list[Measurement],
    thresholds: Thresholds,
) -> Cell:
    first = line.first
    if photo is None or first is None:
        return Cell(None, "Not taken")
    cover = covers[photo.pk]
    heading, session = month_text(photo, plan.counting), plan.counting.session(photo)
    if photo == first:
        whole = covered(opened(photo), cover)
        return Cell(cut(whole, cover.crop), heading, tuple(text for text in (session, _cropped(cover)) if text))
    alignment = alignment_of(pairs.get((first.pk, photo.pk)))
    told = judge(first, photo, plan.counting, alignment)
    word = seen(first, photo, measurements, plan.counting, thresholds).in_short
    picture, how = _picture(plan, first, photo, covers, alignment)
    lines = (session, f"{how}.", f"{told.headline}.", f"{word}.")
    return Cell(picture, heading, tuple(text for text in lines if text))


def _picture(
    plan: Plan, first: Photo, photo: Photo, covers: Mapping[Any, Cover], alignment: Alignment | None
) -> tuple[Image.Image, str]:
    """The later picture as taken, or laid over the first where that was asked for and their alignment is sound.

    Laid over, it loses what its own crop and the first one's cut away.
    """
    cover = covers[photo.pk]
    done = covered(opened(photo), cover)
    if not (plan.lay_over and alignment and alignment.state == "aligned"):
        shown = f"{label_for(alignment)}; shown as taken" if alignment else label_for(None)
        return cut(done, cover.crop), f"{shown}. {_cropped(cover)}".removesuffix(". ").removesuffix(".")
    width, height = first.derived_size(DRAWN_FROM_PX)
    over = laid_over(done, (width, height), alignment.transform)
    return cut(over, covers[first.pk].crop), label_for(alignment)


def _cropped(cover: Cover) -> str:
    return "Cut to a part: its scale is its own." if cover.crop else ""


def month_text(photo: Photo, counting: Counting) -> str:
    """ "Month 5 (+2 d)": never the day itself."""
    offset = counting.offset(photo)
    return f"{counting.month(photo)} ({offset})" if offset and counting.number(photo) >= 0 else counting.month(photo)


def opened(photo: Photo) -> Image.Image:
    """The upright picture of up to 1600 px, made again from the original if need be. Raises PictureMissing."""
    try:
        path = derivative_path(media_root(), photo.key, DRAWN_FROM_PX)
        if not path.is_file():
            decode(original_path(media_root(), photo.key), derive={DRAWN_FROM_PX: path})
        with Image.open(path) as file:
            return file.convert("RGB")
    except (ValueError, OSError, PhotoRefused) as fault:
        raise PictureMissing(
            f"The file of the photograph {photo} cannot be read. "
            "Leave it out, and tell the person who looks after Anagen."
        ) from fault


def _notes(plan: Plan, covers: Mapping[Any, Cover]) -> list[str]:
    hidden = sum(bool(covers[photo.pk].crop or covers[photo.pk].masks) for photo in plan.photos)
    count = len(plan.photos)
    start = "the start of the course" if plan.counting.is_course else "the first photograph"
    light = "Nothing was brightened or retouched; the originals are unchanged."
    parts = f"Parts of {hidden} of {count} photographs are cut off or covered. " if hidden else ""
    told = [f"Months are counted from {start}. {parts}{light} A photograph measures no density."]
    if plan.purpose != PhotoPurpose.RECORD:
        use = str(PhotoPurpose(plan.purpose).label).lower()
        told.append(f"Released with the patient’s consent for this use only: {use}. One patient, without a control.")
    return told
