"""What a page is told of a photo that was sent: the sentence for the person, and the facts for the script."""

from typing import Any, Final

from treatments.photos.models import Photo
from treatments.photos.quality.checks import QualityCheck
from treatments.photos.upload.store_photo import StoredPhoto
from treatments.photos.vocabulary import WHOSE_DAY, View

STATUS: Final[dict[str, int]] = {
    "too_large": 413,
    "storage": 507,
    "photos_full": 507,
    "photos_no_room": 507,
    "photos_missing": 503,
    "photos_read_only": 503,
    "photos_unreadable": 503,
    "photos_away": 503,
    "photos_refused": 503,
    "busy": 503,
}
"""Everything else that is wrong with a photo is 422."""
LAST_FIELD = "_sentinel"
"""Of the form. Django drops a file that was cut off and keeps the fields before it, without an error."""


def sentence(photo: Photo) -> str:
    """What was kept, of which day, and who says so; and what the person should look at."""
    kept = f"Kept: {photo.get_view_display()}"
    # Said beside the form of the session, which is not saved yet: its day follows when it is.
    whose = WHOSE_DAY.get(photo.dated_by, "")
    dated = f"{photo.taken.label()}, {whose}" if whose else photo.taken.label()
    if photo.asks_for_day:
        until = f"Until you write when it was taken, it is shown at the day it was sent, {photo.taken.label()}."
        return f"{kept}. {' '.join(photo.date_sentences)} {until}"
    if photo.camera_day and photo.camera_says_another_day:
        return f"{kept}, {dated}. The camera says {photo.camera_day.label()}: which is right?"
    return f"{kept}, {dated}."


def duplicate_sentence(photo: Photo) -> str:
    return f"Here already: {photo}. Nothing was added."


def as_json(stored: StoredPhoto) -> dict[str, Any]:
    told = facts(stored.photo, stored.checks)
    if stored.is_duplicate:
        return told | {"status": "duplicate", "sentence": duplicate_sentence(stored.photo), "asks": ""}
    return told | {"status": "kept"}


def facts(photo: Photo, checks: list[QualityCheck]) -> dict[str, Any]:
    """`asks` is what the person is asked of its day: "day" where nothing tells it, "camera" where the camera says
    another one than the session, else ""."""
    return {
        "id": str(photo.pk),
        "version": photo.version,
        "sentence": sentence(photo),
        "asks": "day" if photo.asks_for_day else "camera" if photo.camera_says_another_day else "",
        "url": photo.get_absolute_url(),
        "keep_url": photo.keep_url,
        "thumb": photo.small_url,
        "view": photo.view,
        "view_label": View(photo.view).label,
        "taken_on": photo.taken_on.isoformat(),
        "taken_label": photo.taken.label(),
        "dated_by": photo.dated_by,
        "date_label": photo.get_dated_by_display(),
        "date_sentences": photo.date_sentences,
        "megapixels": round(photo.width * photo.height / 1_000_000, 1),
        "gates": [{"code": check.code, "verdict": check.verdict, "sentence": check.sentence} for check in checks],
    }
