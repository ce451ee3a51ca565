"""Reading settings from environment variables, with a sentence when one is wrong."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from clinic.object_store.addresses import WrongAddress, open_store
from clinic.object_store.folders import FolderStore


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def switch(name: str, default: bool) -> bool:
    """0 or 1; nothing else, because a "true" that is taken for "off" is noticed by nobody."""
    value = text(name) or ("1" if default else "0")
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def whole_number(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error


def photo_store(url: str, folder: Path, *, key_id: str, secret: str) -> str:
    """The address of the bucket that keeps the originals; "" where they are kept in the folder of the photos.

    Raises ImproperlyConfigured with a sentence for an address that is no store's, and for another folder.
    """
    if not url:
        return ""
    try:
        store = open_store(url, key_id=key_id, secret=secret)
    except WrongAddress as fault:
        raise ImproperlyConfigured(f"PHOTO_STORE, PHOTO_STORE_KEY_ID, PHOTO_STORE_SECRET: {fault}") from None
    if not isinstance(store, FolderStore):
        return url
    if store.root != folder:
        raise ImproperlyConfigured(f"A folder for the photos is named by MEDIA_ROOT: MEDIA_ROOT={store.root}")
    return ""
