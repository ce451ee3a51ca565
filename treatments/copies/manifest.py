"""The manifest of a copy: what belongs to it, with the sum of each file. It is written last, so that what was begun
and not finished is no copy, and it can be read without the key of an encrypted copy: it names no patient."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from clinic.object_store.stores import checked

FORMAT: Final = 2
"""1 was a database beside photos, without a manifest."""
_SUM: Final = "sha256_of_the_rest"


class ManifestDamaged(Exception):
    """Its bytes are not those that were written; the text says which."""


@dataclass(frozen=True)
class KeptFile:
    """A file of a copy: `name` in its place, and SHA-256 (hex) and size (bytes) of what is stored there. `sha256` and
    `bytes` are those of the file itself; the same, where it is not encrypted."""

    name: str
    sha256: str
    bytes: int
    stored_sha256: str
    stored_bytes: int


@dataclass(frozen=True)
class Manifest:
    """`photos` by the key of the original; `missing` are keys whose original was not whole when the copy was made.

    `database` is None where another program copied it, and `copied_by` says which, with what finds its copy again.
    """

    made_at: str
    release: str
    engine: str
    migrations: list[str]
    clinics: list[int]
    rows: dict[str, int]
    audit_heads: list[str]
    recipient: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    database: KeptFile | None = None
    copied_by: str = ""
    photos: dict[str, KeptFile] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    format: int = FORMAT

    @property
    def stamp(self) -> str:
        """Of the names of its files: 20261130T031000Z."""
        return f"{datetime.fromisoformat(self.made_at):%Y%m%dT%H%M%SZ}"

    def as_bytes(self) -> bytes:
        told = asdict(self)
        told[_SUM] = hashlib.sha256(_written(told)).hexdigest()
        return _written(told)

    @classmethod
    def parse(cls, name: str, content: bytes) -> Self:
        """Raises ManifestDamaged for anything but what `as_bytes` wrote, to the last byte; also for what somebody else
        wrote to the place of the copies, with a sum that is right."""
        try:
            told: dict[str, Any] = json.loads(content)
            if content != _written(told):
                raise ValueError("written otherwise")
            if told.pop(_SUM) != hashlib.sha256(_written(told)).hexdigest():
                raise ValueError("another sum")
            if told["format"] > FORMAT:
                raise ManifestDamaged(
                    f"{name} was written by a newer release of Anagen. Install that one, or a newer one"
                )
            database = told.pop("database")
            photos = {key: KeptFile(**kept) for key, kept in told.pop("photos").items()}
            found = cls(database=KeptFile(**database) if database else None, photos=photos, **told)
            found._require_kinds()
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as fault:
            raise ManifestDamaged(f"{name} is damaged") from fault
        return found

    def _require_kinds(self) -> None:
        """Raises ValueError and TypeError where a value is of another kind than it should be."""
        datetime.fromisoformat(self.made_at)
        files = [*self.photos.values(), *([self.database] if self.database else [])]
        texts = [self.release, self.engine, self.recipient, self.copied_by, *self.migrations, *self.audit_heads]
        texts += [*self.missing, *self.digests.values()]
        texts += [text for each in files for text in (each.name, each.sha256, each.stored_sha256)]
        numbers = [*self.clinics, *self.rows.values(), *(n for each in files for n in (each.bytes, each.stored_bytes))]
        for each in files:
            checked(each.name)
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("not a text")
        if not all(type(number) is int and number >= 0 for number in numbers):
            raise TypeError("not a number")


def _written(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, indent=1, sort_keys=True).encode() + b"\n"
