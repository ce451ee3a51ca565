"""What setting up and upgrading do to a machine: files that are whole or not there, and programs of the system."""

import contextlib
import os
import pwd
import re
import subprocess
from pathlib import Path


class ProgramFailed(Exception):
    """A program ended badly; the text is what it said."""


def run(*words: str) -> None:
    """Raises ProgramFailed."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 -- words of our own
    if done.returncode:
        raise ProgramFailed(f"{' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")


def release_of_caddy() -> tuple[int, ...]:
    """Of "v2.11.7 h1:…" and of Debian's "2.6.2"; the latter where it cannot be asked."""
    with contextlib.suppress(OSError):
        said = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=False).stdout  # noqa: S603, S607
        if numbers := re.match(r"v?(\d+)\.(\d+)", said):
            return int(numbers[1]), int(numbers[2])
    return 2, 6


def last_error(said: str) -> str:
    """The line that names the error in what a program said: the last but for gunicorn's own, and for those by which a
    trace and PostgreSQL point at a place."""
    lines = reversed(said.strip().splitlines())
    return next((line for line in lines if line[:1].strip() and not line.startswith(("[", "LINE "))), "")


def write(path: Path, content: bytes, mode: int) -> None:
    """All of the file or nothing, also when the machine loses its power meanwhile. Raises OSError."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), mode)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def is_one_disk(one: Path, other: Path) -> bool:
    """False where either is not there."""
    with contextlib.suppress(OSError):
        return one.stat().st_dev == other.stat().st_dev
    return False


def has_systemd() -> bool:
    return Path("/run/systemd/system").is_dir()


def is_active(unit: str) -> bool:
    """False where systemd does not run."""
    return has_systemd() and subprocess.run(("systemctl", "is-active", "--quiet", unit), check=False).returncode == 0  # noqa: S603, S607


def can_write(folder: Path, user: str) -> bool:
    """Whether this user could make a file there. Needs to be root; raises KeyError for a user who is not there."""
    group = pwd.getpwnam(user).pw_gid
    words = ("test", "-w", str(folder), "-a", "-x", str(folder))
    return subprocess.run(words, user=user, group=group, extra_groups=[], check=False).returncode == 0  # noqa: S603
