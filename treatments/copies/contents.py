"""What a copy of the database says of itself: its photos, its migrations, its clinics, the last seals of its trails."""

import uuid
from typing import Final

from clinic.operations.database_copy import Columns, Contents
from treatments.photos.store.originals import storage_key

WANTED: Final[Columns] = {
    "treatments_photo": ("key", "sha256", "size_bytes"),
    "treatments_waitingphoto": ("id", "sha256", "size_bytes", "photo_id"),
    "django_migrations": ("app", "name"),
    "clinic_clinic": ("id",),
    "clinic_auditseal": ("clinic_id", "number", "mac"),
}
"""Columns that every release since 0.1.0 has, where it has the table."""
Original = tuple[str, str, int]
"""Key, SHA-256 in hex, and size in bytes."""


def originals(contents: Contents) -> list[Original]:
    """Those that a row names: of patients, and of photos that wait to be given one."""
    found = [
        (str(key), str(sha256), int(size or 0)) for key, sha256, size in contents.wanted.get("treatments_photo", [])
    ]
    for pk, sha256, size, photo in contents.wanted.get("treatments_waitingphoto", []):
        if photo is None:
            found.append((storage_key(uuid.UUID(pk)), str(sha256), int(size or 0)))
    return sorted(set(found))


def migrations(contents: Contents) -> list[str]:
    return sorted(f"{app}.{name}" for app, name in contents.wanted.get("django_migrations", []))


def clinics(contents: Contents) -> list[int]:
    return sorted(int(pk or 0) for (pk,) in contents.wanted.get("clinic_clinic", []))


def audit_heads(contents: Contents) -> list[str]:
    """The last seal of each clinic, as `./anagen audit verify --head` takes it, with its whole mac."""
    last: dict[str, tuple[int, str]] = {}
    for clinic, number, mac in contents.wanted.get("clinic_auditseal", []):
        last[clinic or "-"] = max(last.get(clinic or "-", (0, "")), (int(number or 0), str(mac)))
    return [f"{clinic}:{number}:{mac}" for clinic, (number, mac) in sorted(last.items())]
