"""Installations beside the one of the tests: each its own database, folder of photos, and VAR_DIR."""

import hashlib
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import connection, connections
from django.db.utils import ConnectionHandler
from django.test import override_settings

from clinic.database.url import django_settings
from clinic.object_store.stores import md5_of
from clinic.staff.models import Clinic
from tests import factories
from treatments.copies.destination import open_originals
from treatments.photos.models import Photo
from treatments.photos.store.originals import storage_key
from treatments.records.ids import new_id

CHANGED_BY_A_RESTORE = {
    "django_session",
    "usersessions_usersession",
    "clinic_upkeep",
    "clinic_auditevent",
    "clinic_auditseal",
    "sqlite_sequence",
}
Rows = Counter[tuple[str, ...]]


@dataclass
class Installation:
    """`url` is its DATABASE_URL; `settings` further ones."""

    folder: Path
    url: str
    settings: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Everything in this thread works on it."""
        usual = connections["default"]
        own = django_settings(self.url, base=self.folder)
        if "pool" in own["OPTIONS"]:
            del own["OPTIONS"]["pool"]  # one connection, which ends with the test
        connections["default"] = ConnectionHandler({"default": own})["default"]
        told = {"MEDIA_ROOT": self.folder / "photos", "VAR_DIR": self.folder / "var", **self.settings}
        try:
            with override_settings(**told):
                yield
        finally:
            connections["default"].close()
            connections["default"] = usual


def beside(folder: Path, **settings: Any) -> Installation:
    """A new installation, its database empty, of the kind that the tests run on."""
    folder.mkdir()
    if connection.vendor == "sqlite":
        return Installation(folder, f"sqlite:///{folder}/anagen.sqlite3", settings)
    name, told = f"beside_{uuid.uuid4().hex}", connection.settings_dict
    with psycopg.connect(host=told["HOST"], user=told["USER"], dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    return Installation(folder, f"postgres://{told['USER']}@/{name}?host={quote(told['HOST'])}", settings)


def drop(installation: Installation) -> None:
    """Only PostgreSQL's: files go with their folder."""
    if connection.vendor != "sqlite":
        name, told = installation.url.split("@/")[1].split("?")[0], connection.settings_dict
        with psycopg.connect(host=told["HOST"], user=told["USER"], dbname="postgres", autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def fill(photos: int, *, size: int = 20_000) -> Clinic:
    """A clinic with two patients, and photos of random bytes: here nobody looks at them."""
    clinic = factories.clinic()
    patients = [factories.patient(clinic) for _ in range(2)]
    for number in range(photos):
        add_photo(patients[number % 2], size=size)
    return clinic


def add_photo(patient: Any, *, size: int = 20_000) -> Photo:
    content, pk = random.randbytes(size), new_id()
    return keep_photo(content, patient=patient, pk=pk)


def keep_photo(content: bytes, *, patient: Any, pk: uuid.UUID) -> Photo:
    from django.conf import settings

    path = Path(settings.VAR_DIR) / pk.hex
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    key = storage_key(pk)
    open_originals().put(key, path, md5=md5_of(path))
    path.unlink()
    told = {"key": key, "sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
    return factories.photo(patient, id=pk, **told)


def every_row() -> dict[str, Rows]:
    """All that the database in use has, table by table, but what a restore itself changes."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in CHANGED_BY_A_RESTORE:
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 -- from the database itself
                found[table] = Counter(tuple(map(str, row)) for row in cursor.fetchall())
    return found


def every_photo() -> dict[str, str]:
    """The SHA-256 of every original in the store in use, by its key."""
    store = open_originals()
    return {each.key: hashlib.sha256(b"".join(store.get(each.key))).hexdigest() for each in store.list("originals")}
