"""The original file leaves the clinic's store: who took it is put on the audit trail."""

from clinic.audit import log
from clinic.staff.models import User
from treatments.photos.models import Photo


def hand_out_original(photo: Photo, *, by: User) -> None:
    """Put on the trail that somebody took the original file, with all its camera wrote into it."""
    log.record("downloaded_original", by=by, clinic=photo.clinic, target=photo)
