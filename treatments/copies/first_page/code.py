"""The code of the first page: its hash, in a file of VAR_DIR, since an empty Anagen may have no database yet."""

import hashlib
import hmac
import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

VALID_FOR: Final = timedelta(hours=48)
_BYTES: Final = 24  # 192 bits


def make_code() -> str:
    """A new code; an older one ends. Raises OSError."""
    code = secrets.token_urlsafe(_BYTES)
    told = {"sha256": _hashed(code), "until": (timezone.now() + VALID_FOR).isoformat()}
    path = _path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(told, file)
    return code


def is_valid(code: str) -> bool:
    try:
        told = json.loads(_path().read_text())
        until, expected = datetime.fromisoformat(told["until"]), str(told["sha256"])
    except (OSError, ValueError, KeyError):
        return False
    return hmac.compare_digest(_hashed(code), expected) and timezone.now() < until


def _hashed(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _path() -> Path:
    return Path(settings.VAR_DIR) / "first-page"
