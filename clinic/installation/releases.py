"""One installed release: its virtual environment, and its commands with the settings of the installation."""

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

from clinic.installation import machine
from clinic.installation.machine import ProgramFailed

_WHOLE = "anagen-installed"
_WHEEL = re.compile(r"anagen-(\d[0-9A-Za-z.+_]*)-[^-]+-[^-]+-[^-]+\.whl")
_PINS = "clinic/share/requirements.txt"
_OWN_ROLE = "from django.conf import settings as s; print(s.DATABASES['default']['USER'])"


@dataclass(frozen=True)
class Release:
    """`folder` is a virtual environment, `environment` the file of settings."""

    folder: Path
    environment: Path

    def command(self, *words: str, database: str = "") -> subprocess.CompletedProcess[str]:
        """One of its commands; a database that is named goes before that of the settings."""
        variables = own_environment() | {"ANAGEN_ENV": str(self.environment)}
        variables |= {"DATABASE_URL": database} if database else {}
        program = [str(self.folder / "bin/anagen"), *words]
        return subprocess.run(program, env=variables, capture_output=True, text=True, check=False)  # noqa: S603

    def run(self, *words: str, database: str = "") -> str:
        """What the command printed. Raises ProgramFailed with what it said."""
        done = self.command(*words, database=database)
        if done.returncode:
            raise ProgramFailed(f"anagen {words[0]} failed: {machine.last_error(done.stderr or done.stdout)}")
        return done.stdout

    def migrate(self) -> None:
        """As the owner of the tables where OWNER_DATABASE_URL names one. Raises ProgramFailed."""
        owner = os.environ.get("OWNER_DATABASE_URL", "")
        self.run("migrate", "--verbosity", "0", database=owner)
        if owner:
            role = self.run("shell", "--no-imports", "-c", _OWN_ROLE).strip()
            self.run("audit", "rights", role, database=owner)

    @property
    def is_whole(self) -> bool:
        return (self.folder / _WHOLE).is_file()


def own_environment() -> dict[str, str]:
    """That of this program, without the role that owns the tables: what runs as the user of the service must not find
    it there."""
    return {name: value for name, value in os.environ.items() if name != "OWNER_DATABASE_URL"}


def require_own_folder(wheel: Path) -> None:
    """What lies beside a wheel is installed with it, as the administrator.

    Raises ValueError where others could have put it there, and OSError.
    """
    if wheel.parent.stat().st_mode & 0o002:
        raise ValueError(
            f"Everybody on this machine may write to {wheel.parent}. Bring the files to a folder of your own, for "
            "example /root."
        )


def version_of(wheel: Path) -> str:
    """Raises ValueError for a file that is no wheel of Anagen."""
    name = _WHEEL.fullmatch(wheel.name)
    if not name or not zipfile.is_zipfile(wheel):
        raise ValueError(f"{wheel} is no package of Anagen: it is called anagen-<version>-py3-none-any.whl.")
    with zipfile.ZipFile(wheel) as packed:
        if _PINS not in packed.namelist():
            raise ValueError(f"{wheel} is no package of Anagen: it has no list of what it needs.")
    return name[1]  # becomes the name of a folder


def install(wheel: Path, release: Release) -> None:
    """Make the environment of a release, each package checked by its hash. Raises ProgramFailed and OSError.

    The list that was brought beside the wheel checks the wheel too. What fails leaves nothing: the disk of the clinic
    may be full by it.
    """
    if release.folder.exists():
        shutil.rmtree(release.folder)  # it was begun and not ended: one that is whole is not made again
    try:
        _fill(wheel, release)
    except BaseException:
        shutil.rmtree(release.folder, ignore_errors=True)
        raise


def _fill(wheel: Path, release: Release) -> None:
    venv.EnvBuilder(with_pip=True, symlinks=True).create(release.folder)
    beside = wheel.with_name(f"anagen-{version_of(wheel)}.txt")
    if beside.is_file():
        _pip(release, wheel.parent, "--require-hashes", "--requirement", str(beside))
    else:
        pins = release.folder / "requirements.txt"
        with zipfile.ZipFile(wheel) as packed:
            pins.write_bytes(packed.read(_PINS))
        _pip(release, wheel.parent, "--require-hashes", "--requirement", str(pins))
        _pip(release, wheel.parent, "--no-deps", str(wheel))
    (release.folder / _WHOLE).touch()


def _pip(release: Release, beside: Path, *words: str) -> None:
    """Packages that were brought with the wheel are taken from beside it, without a network."""
    pip = [str(release.folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command = [*pip, "--only-binary", ":all:", "--find-links", str(beside), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise ProgramFailed(f"pip could not install it: {' '.join(said[:2]) or done.stderr.strip()[-300:]}")


def running() -> Path:
    """The environment of this very program."""
    return Path(sys.prefix).resolve()
