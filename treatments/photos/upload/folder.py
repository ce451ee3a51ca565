"""Whether photos may be written to MEDIA_ROOT now; see clinic/operations/photo_folder.py."""

from clinic.operations import photo_folder, photo_store
from treatments.photos.models import Photo
from treatments.photos.store.originals import original_path
from treatments.photos.store.upload_errors import PhotoRefused


def require_folder() -> None:
    """Raises PhotoRefused where the folder is not the one that was set up, or its disk has no room left for photos."""
    fault = photo_folder.fault_for()
    if fault == "photos_missing" and photo_folder.root().is_dir():
        if not Photo.objects.exists():
            # Made by hand, and never used.
            try:
                photo_folder.set_up()
            except OSError as error:
                raise PhotoRefused("storage") from error
        # Asked again: what was sent in the same moment may have set it up, and be the first photo.
        fault = photo_folder.fault_for()
    if fault is not None:
        raise PhotoRefused(fault)


def set_up_if_new() -> bool:
    """Make the folder of a new installation, and mark one that is in use; False where it does not hold the photos."""
    if not photo_folder.is_set_up():
        if not holds_the_photos():
            return False
        photo_folder.set_up()
    return True


def holds_the_photos() -> bool:
    """Whether the folder has the original of the newest photo, or there is no photo, or a bucket keeps them."""
    if photo_store.is_bucket():
        return True
    newest = Photo.objects.order_by("-pk").values_list("key", flat=True).first()
    return newest is None or original_path(photo_folder.root(), newest).is_file()
