"""The manifest of a copy: what belongs to it, with the sum of each file. It is written last, so that what was begun
and not finished is no copy, and it can be read without the key of an encrypted copy: it names no patient."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, Self

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
        """Raises ManifestDamaged for anything but what `as_bytes` wrote, to the last byte."""
        try:
            told: dict[str, Any] = json.loads(content)
            if content != _written(told):
                raise ValueError("written otherwise")
            if told.pop(_SUM) != hashlib.sha256(_written(told)).hexdigest():
                raise ValueError("another sum")
        except (ValueError, KeyError, AttributeError) as fault:
            raise ManifestDamaged(f"{name} is damaged") from fault
        if told["format"] > FORMAT:
            raise ManifestDamaged(f"{name} was written by a newer release of Anagen. Install that one, or a newer one")
        database = told.pop("database")
        photos = {key: KeptFile(**kept) for key, kept in told.pop("photos").items()}
        return cls(database=KeptFile(**database) if database else None, photos=photos, **told)


def _written(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, indent=1, sort_keys=True).encode() + b"\n"
