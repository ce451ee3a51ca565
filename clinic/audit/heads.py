"""The last seal of each clinic, kept outside the database: without it a trail could be cut off with its seals.

A file in VAR_DIR follows every seal, and `./anagen backup` prints the same, for a place that nobody on the server
reaches. A head that the database does not know is kept: it is what tells of the cut, until `./anagen audit restored`.
"""

import json
import os
import uuid
from pathlib import Path
from typing import Final, NamedTuple, Self

from django.conf import settings

from clinic.audit.models import AuditSeal

PRINTED_DIGITS: Final = 16


class Head(NamedTuple):
    """A clinic's last seal, or what is known of it: of a printed one the first digits of the mac."""

    clinic_id: int | None
    number: int
    mac: str

    def __str__(self) -> str:
        return f"{self.clinic_id or '-'}:{self.number}:{self.mac[:PRINTED_DIGITS]}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of "1:204:9f86d081884c7d65". Raises ValueError."""
        clinic, number, mac = text.strip().split(":")
        if len(mac) < PRINTED_DIGITS:
            raise ValueError(f"{text} is cut short.")
        return cls(None if clinic == "-" else int(clinic), int(number), mac)


def path() -> Path:
    return Path(settings.VAR_DIR) / "audit-heads"


def stored() -> dict[int | None, Head]:
    """The last seal of each clinic in the database."""
    found: dict[int | None, Head] = {}
    clinics = AuditSeal._meta.get_field("clinic").related_model  # staff stands above the trail
    for clinic_id in (None, *clinics._default_manager.order_by("pk").values_list("pk", flat=True)):
        seal = AuditSeal.objects.filter(clinic=clinic_id).defer("entries").order_by("number").last()
        if seal is not None:
            found[clinic_id] = Head(clinic_id, seal.number, seal.mac)
    return found


def kept() -> dict[int | None, Head]:
    """Those of the file; none where there is none. Raises ValueError for a file that is not ours, and OSError."""
    try:
        told = path().read_text()
    except FileNotFoundError:
        return {}
    found = [Head.parse(line) for line in json.loads(told)]
    return {head.clinic_id: head for head in found}


def follow() -> None:
    """Let the file have the last seal of each clinic, where it leads on from the one that the file has."""
    now, known = stored(), kept()
    heads = {**now, **{clinic: head for clinic, head in known.items() if not _is_stored(head)}}
    if heads != known:
        replace(heads)


def replace(heads: dict[int | None, Head]) -> None:
    """Write the file, whole or not at all, for nobody else to read. Raises OSError."""
    part = path().with_name(f".{path().name}.{uuid.uuid4().hex}")
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = [f"{head.clinic_id or '-'}:{head.number}:{head.mac}" for head in heads.values()]
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(lines, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path())
    finally:
        part.unlink(missing_ok=True)


def _is_stored(head: Head) -> bool:
    seals = AuditSeal.objects.filter(clinic=head.clinic_id, number=head.number)
    return seals.filter(mac__startswith=head.mac).exists()
