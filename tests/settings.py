"""Anagen's own settings, on a database, a photo folder and passwords that are thrown away."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ["ANAGEN_MODE"] = "test"  # whatever the shell says: tests never run with a clinic's settings

from clinic.settings import *  # noqa: E402, F403 -- everything, as it is
from clinic.settings import DATABASES  # noqa: E402

SCRATCH = Path(tempfile.mkdtemp(prefix="anagen-tests-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

MEDIA_ROOT = SCRATCH / "photos"
MEDIA_ROOT.mkdir()
VAR_DIR = SCRATCH / "var"
VAR_DIR.mkdir()

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in a clinic: SQLite in memory shares one connection among threads, and so never
    # shows a lock, a queue of writers or a stale read.
    DATABASES["default"]["TEST"] = {"NAME": str(SCRATCH / "tests.sqlite3")}

# A good hash takes a quarter of a second on purpose, which a thousand sign-ins cannot afford.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
