"""The context of every page on which photos are sent: the views with their last photo, the shared card, the consent."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from clinic.staff.access import ClinicRequest
from treatments.patients.models import Patient
from treatments.photos.file_names import VIEW_WORDS
from treatments.photos.models import Photo
from treatments.photos.patient_photos import PatientPhotos
from treatments.photos.store.raw_files import RAW_FILES
from treatments.photos.store.upload_errors import SENTENCES, raw_sentence
from treatments.photos.upload.consent_checks import filing_problems, may_file_without_consent
from treatments.photos.upload.forms import UploadForm
from treatments.photos.vocabulary import (
    INSTRUCTIONS,
    NEEDS_MAGNIFICATION,
    NEEDS_SITE,
    STANDARD_VIEWS,
    PhotoQuality,
    ProductUsed,
    View,
    pictogram,
)
from treatments.records.problems import Problem

LIKE_LAST_TIME = ("lighting", "hair_state", "product_used")
"""What of the patient's last photo the form offers for the next ones; it is taken over when a person presses it."""
ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif,image/tiff,.jpg,.jpeg,.jfif,.heic,.heif,.hif,.tif,.tiff"
"""What a picker of files offers. Whatever else is chosen or dropped is named before it is sent."""
_NEEDS = {"site": NEEDS_SITE, "magnification": NEEDS_MAGNIFICATION}


@dataclass(frozen=True)
class Slot:
    """A view to be taken: today's photo of it, and the last one before, which shines through the camera picture."""

    view: View
    today: Photo | None
    last: Photo | None

    @property
    def drawing(self) -> str | None:
        return pictogram(self.view)

    @property
    def how(self) -> str:
        return INSTRUCTIONS[self.view]


@dataclass(frozen=True)
class UploadContext:
    """Everything the part of a page shows that sends photos.

    `last_card` is the light and the hair of the patient's last photo as one sentence, `last_values` the same by field.
    """

    form: UploadForm
    problems: list[Problem]
    may_send: bool
    slots: list[Slot]
    last_card: str
    last_values: dict[str, str]
    accept: str = ACCEPT

    @property
    def last_values_json(self) -> str:
        return json.dumps(self.last_values)

    @property
    def view_words_json(self) -> str:
        """Words in the names of files and the view that each means; not of close-ups, which need more than a view."""
        return json.dumps([[words, view] for words, view in VIEW_WORDS if view not in NEEDS_SITE])

    @property
    def raw_json(self) -> str:
        """Why raw files are refused, by the ending of their names, and of one that has another ending."""
        files = {ending: raw_sentence(name) for ending, name in RAW_FILES.items()}
        return json.dumps({"files": files, "sentence": SENTENCES["raw"]})

    @property
    def other_views(self) -> list[tuple[View, str]]:
        """Views without a slot, each with the fields that it cannot do without: "", "site" or "site magnification"."""
        shown = {slot.view for slot in self.slots}
        return [(view, _needs(view)) for view in View if view not in shown]

    @property
    def done(self) -> int:
        return sum(slot.today is not None for slot in self.slots)


def upload_context(
    request: ClinicRequest,
    patient: Patient,
    known: PatientPhotos | None = None,
    *,
    views: Iterable[str] = (),
    in_session: bool = False,
) -> UploadContext:
    """`known` are the patient's photos, where the page has read them. Without `views` there are the standard six."""
    photos = known.photos if known else _photos_in_order(patient)
    last = photos[-1] if photos else Photo()
    last_values = {name: str(getattr(last, name)) for name in LIKE_LAST_TIME if getattr(last, name)}
    problems, may_override = filing_problems(patient), may_file_without_consent(request)
    return UploadContext(
        form=UploadForm(
            patient=patient,
            courses=known.courses.standing if known else None,
            problems=problems,
            may_override=may_override,
            in_session=in_session,
        ),
        problems=problems,
        may_send=may_override or not problems,
        slots=_slots(photos, list(map(View, views)) or STANDARD_VIEWS),
        last_card=_card_text(last, last_values),
        last_values=last_values,
    )


def _photos_in_order(patient: Patient) -> list[Photo]:
    return list(Photo.objects.standing().filter(patient=patient).defer("quality_checks").in_order())


def _needs(view: View) -> str:
    return " ".join(name for name, views in _NEEDS.items() if view in views)


def _slots(photos: Iterable[Photo], views: Sequence[View]) -> list[Slot]:
    """With the last photo of each view from today, and from before, that need not be taken again."""
    today = timezone.localdate()
    latest = {
        (photo.view, photo.taken_on == today): photo
        for photo in photos
        if photo.taken_on <= today and photo.quality != PhotoQuality.RETAKE
    }
    return [Slot(view, latest.get((view, True)), latest.get((view, False))) for view in views]


def _card_text(photo: Photo, names: Iterable[str]) -> str:
    """ "Ring light, dry, nothing in the hair", of those columns."""
    labels = {name: str(getattr(photo, f"get_{name}_display")()) for name in names}
    if photo.product_used == ProductUsed.NONE:
        labels["product_used"] = "nothing in the hair"
    first, *others = labels.values() or [""]
    return ", ".join([first, *(label.lower() for label in others)])
