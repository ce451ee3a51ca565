"""The pair of photographs that a patient is shown or given: baseline against latest of one view, where the patient's
consent covers photographs in the clinical record, and never more."""

import io
from dataclasses import dataclass

from PIL import Image

from clinic.staff.models import Clinic
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.consents.consent_status import ConsentStatus
from treatments.consents.photo_permission import photo_permissions
from treatments.consents.purposes import PhotoPurpose
from treatments.papers.document import Picture
from treatments.patients.models import Patient
from treatments.photos.compare.change_verdict import ChangeVerdict, densities_of, judge_change
from treatments.photos.compare.comparability import PairVerdict
from treatments.photos.compare.pairs import Pair, Wanted, alignment_of, choose, judge, pairs_with
from treatments.photos.export.before_after import PictureMissing, opened
from treatments.photos.models import Photo
from treatments.photos.patient_photos import CourseCalendar, group_label, load
from treatments.photos.vocabulary import View

PURPOSE = PhotoPurpose.RECORD
LONGEST_PX = 1100
"""Of a picture on half the width of a sheet: 200 dots per inch and more."""
_WHY_NONE = {
    "consent": "No photos are shown here: no signed consent covers photos for this use today.",
    "pair": "There are not two photos of one view yet that could be set side by side.",
}


@dataclass(frozen=True)
class ShownPair:
    """Two photographs of one view, whether they may be compared, and what may be said of a change."""

    pair: Pair
    calendar: CourseCalendar
    verdict: PairVerdict
    change: ChangeVerdict

    @property
    def view(self) -> str:
        return group_label(self.pair.group)

    def caption(self, photo: Photo) -> str:
        """ "Month 0, 14 May 2025, baseline"."""
        told = [self.calendar.month(photo), photo.taken.label(), self.calendar.session(photo)]
        return ", ".join(filter(None, told))

    @property
    def sentences(self) -> list[str]:
        """What the pair can show at all, in the record's own words: never more than its verdict."""
        about = self.change.in_photographs(self.verdict.code)
        return [f"{self.verdict.headline}.".replace("..", "."), *filter(None, [self.change.sentence, about])]


def permission(patient: Patient) -> ConsentStatus:
    return next(each for each in photo_permissions(patient) if each.code == PURPOSE)


def pair_of(patient: Patient, clinic: Clinic) -> tuple[ShownPair | None, str]:
    """The pair, or why there is none."""
    if not permission(patient).is_allowed:
        return None, _WHY_NONE["consent"]
    photos = load(patient)
    vertex = len(photos.groups.get(View.VERTEX, [])) > 1
    chosen = choose(photos, Wanted(view=View.VERTEX.value if vertex else ""))
    if chosen is None or chosen.pair is None or chosen.pair.earlier == chosen.pair.later:
        return None, _WHY_NONE["pair"]
    earlier, later = chosen.pair
    calendar = photos.calendar(later)
    alignment = alignment_of(pairs_with(earlier).get(later.pk))
    verdict = judge(earlier, later, calendar, alignment)
    change = judge_change(earlier, later, densities_of(patient), calendar, thresholds_of(clinic))
    return ShownPair(chosen.pair, calendar, verdict, change), ""


def pictures(shown: ShownPair, *, for_file: bool) -> tuple[Picture, ...]:
    """As the page shows them, or with their pixels for a file. Raises PictureMissing."""
    return tuple(_picture(shown, photo, for_file=for_file) for photo in shown.pair)


def _picture(shown: ShownPair, photo: Photo, *, for_file: bool) -> Picture:
    caption = shown.caption(photo)
    return Picture(
        alt=f"{shown.view}, {caption}",
        caption=caption,
        address=photo.file_url(1600),
        jpeg=pixels(photo) if for_file else b"",
    )


def pixels(photo: Photo, *, kept: int = 100) -> bytes:
    """A JPEG made anew from the pixels alone: of what the camera or a program wrote beside them nothing is left. `kept`
    is how much of the height is kept, from the top, in per cent."""
    picture = opened(photo)
    picture = picture.crop((0, 0, picture.width, max(1, picture.height * kept // 100)))
    picture.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS)
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    made = io.BytesIO()
    bare.save(made, "JPEG", quality=86, optimize=True)
    return made.getvalue()


__all__ = ["PURPOSE", "PictureMissing", "ShownPair", "pair_of", "permission", "pictures", "pixels"]
