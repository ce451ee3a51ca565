"""Where the originals of the photographs are kept: in the folder of the photos, or in the bucket of PHOTO_STORE.

What arrives, and the pictures that pages show, lie in the folder of the photos in either case.
"""

from functools import cache

from django.conf import settings

from clinic.object_store.addresses import open_store
from clinic.object_store.circuit_breaker import CircuitBreaker
from clinic.object_store.folders import FolderStore
from clinic.object_store.stores import NotThere, ObjectStore, StoreAway
from clinic.operations import photo_folder
from clinic.operations.photo_faults import Fault


def is_bucket() -> bool:
    return bool(settings.PHOTO_STORE)


def originals() -> ObjectStore:
    """The store, by the settings of now."""
    if is_bucket():
        return _bucket(settings.PHOTO_STORE, settings.PHOTO_STORE_KEY_ID, settings.PHOTO_STORE_SECRET)
    return FolderStore(photo_folder.root(), takes_files=True)


@cache
def _bucket(url: str, key_id: str, secret: str) -> ObjectStore:
    return CircuitBreaker(open_store(url, key_id=key_id, secret=secret))


def require() -> None:
    """Raises FileNotFoundError where the whole folder is not there, so that nothing is claimed of one photo. A bucket
    tells that by itself: StoreAway."""
    if not is_bucket():
        photo_folder.require()


def bucket_fault() -> Fault | None:
    """Why the bucket cannot be read now, asked anew each time; None when nothing speaks against it."""
    store = open_store(settings.PHOTO_STORE, key_id=settings.PHOTO_STORE_KEY_ID, secret=settings.PHOTO_STORE_SECRET)
    try:
        store.head("originals/health")
    except NotThere:
        pass
    except StoreAway as fault:
        return photo_folder.fault_of(fault)
    return None
