"""What every page on which photos are sent needs: the views with their last photo, the card, the consent."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from clinic.staff.access import ClinicRequest
from treatments.patients.models import Patient
from treatments.photos.forms import UploadForm
from treatments.photos.models import Photo
from treatments.photos.upload.consent_checks import filing_problems, may_file_without_consent
from treatments.photos.vocabulary import (
    INSTRUCTIONS,
    NEEDS_MAGNIFICATION,
    NEEDS_SITE,
    STANDARD_VIEWS,
    PhotoQuality,
    View,
    pictogram,
)
from treatments.records.problems import Problem

CARRIED = ("lighting", "hair_state", "product_used")


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
class Sending:
    """Everything the sending part of a page shows. `card` is the shared capture card as one sentence."""

    form: UploadForm
    problems: list[Problem]
    may_send: bool
    slots: list[Slot]
    card: str

    @property
    def other_views(self) -> list[tuple[View, str]]:
        """What else may be chosen for a file, each with what must be said of it: "", "site" or "site magnification"."""
        shown = {slot.view for slot in self.slots}
        return [(view, _needs(view)) for view in View if view not in shown]

    @property
    def done(self) -> int:
        return sum(slot.today is not None for slot in self.slots)


def sending(request: ClinicRequest, patient: Patient, views: Iterable[str] = ()) -> Sending:
    """Gather it in three queries. Without `views` these are the six standard ones."""
    problems = filing_problems(patient)
    may_override = may_file_without_consent(request)
    photos = list(Photo.objects.standing().filter(patient=patient).defer("quality_checks").in_order())
    carried = {name: value for name in CARRIED if photos and (value := getattr(photos[-1], name))}
    form = UploadForm(patient=patient, problems=problems, may_override=may_override, initial=carried)
    today = timezone.localdate()
    wanted = [View(view) for view in views] or list(STANDARD_VIEWS)
    return Sending(
        form=form,
        problems=problems,
        may_send=may_override or not problems,
        slots=[_slot(view, photos, today) for view in wanted],
        card=_sentence(photos[-1] if photos else None),
    )


def _slot(view: View, photos: list[Photo], today: datetime.date) -> Slot:
    """`photos` in the order they were taken."""
    good = [photo for photo in photos if photo.view == view and photo.quality != PhotoQuality.RETAKE]
    taken = [photo for photo in good if photo.taken_on == today]
    before = [photo for photo in good if photo.taken_on < today]
    return Slot(view, taken[-1] if taken else None, before[-1] if before else None)


def _needs(view: View) -> str:
    told = {"site": view in NEEDS_SITE, "magnification": view in NEEDS_MAGNIFICATION}
    return " ".join(name for name, is_needed in told.items() if is_needed)


def _sentence(last: Photo | None) -> str:
    words = [str(getattr(last, f"get_{name}_display")()) for name in CARRIED if last and getattr(last, name)]
    if not words:
        return ""
    if last and last.product_used == "none":
        words[-1] = "nothing in the hair"
    return ", ".join([words[0], *(word.lower() for word in words[1:])])
