"""Files of patients while they wait to be imported: compressed, and encrypted with a key that the database has not."""

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from treatments.transfer.spreadsheets.tables import FileRefused, Table

_PURPOSE: Final = b"anagen: files that wait to be imported"


def _key(secret: str) -> Fernet:
    derived = hashlib.scrypt(secret.encode(), salt=_PURPOSE, n=2**12, r=8, p=1, dklen=32)
    return Fernet(base64.urlsafe_b64encode(derived))


def _keys() -> MultiFernet:
    return MultiFernet([_key(secret) for secret in map(str, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))])


def sealed(data: bytes) -> bytes:
    return _keys().encrypt(zlib.compress(data, 3))


def opened(kept: bytes | memoryview) -> bytes:
    """Raises FileRefused where the secret of the server was changed since."""
    try:
        return zlib.decompress(_keys().decrypt(bytes(kept)))
    except InvalidToken as fault:
        raise FileRefused("This file cannot be opened any more. Send it again.") from fault


def sealed_tables(tables: Sequence[Table]) -> bytes:
    return sealed(json.dumps([table.as_json() for table in tables], separators=(",", ":"), ensure_ascii=False).encode())


def opened_tables(kept: bytes | memoryview) -> list[Table]:
    return [Table.from_json(each) for each in json.loads(opened(kept))] if kept else []
