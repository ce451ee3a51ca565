"""Anagen's own settings, on a database, a photo folder and passwords that are thrown away."""

import os
import shutil
import tempfile
from pathlib import Path

os.environ["ANAGEN_MODE"] = "test"  # whatever the shell says: tests never run with a clinic's settings

from clinic.settings import *  # noqa: E402, F403 -- everything, as it is
from clinic.settings import DATABASES  # noqa: E402
from tests.databases import MIGRATED  # noqa: E402

# Made and removed by conftest.py: the type checker reads these settings too, and must leave nothing behind.
# In memory where the system has room for it there: every commit of a test would wait for the disk otherwise.
MEMORY = Path("/dev/shm")  # noqa: S108 -- a folder of this run's own is made in it
ROOMY = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2_000_000_000
SCRATCH = (MEMORY if ROOMY else Path(tempfile.gettempdir())) / f"anagen-tests-{os.getpid()}"
MEDIA_ROOT = SCRATCH / "photos"
PHOTO_STORE = ""
VAR_DIR = SCRATCH / "var"

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in a clinic: SQLite in memory shares one connection among threads, and so never
    # shows a lock, a queue of writers or a stale read.
    DATABASES["default"]["TEST"] = {"NAME": str(SCRATCH / "tests.sqlite3")}
elif MIGRATED in os.environ:
    DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ[MIGRATED]}

# A good hash takes a quarter of a second on purpose, which a thousand sign-ins cannot afford.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
