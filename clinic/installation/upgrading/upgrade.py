"""`anagen upgrade`: to another release, and back again by itself if that fails.

The new release is installed and checked while people work. Then the service stops, the database is copied, migrated,
and the new release has to say that it is ready where nobody but this program reaches it; only then does `current` lead
to it. Until that moment nobody could have saved anything, so going back may put the copied file of SQLite back.
PostgreSQL, and whatever is found wrong later, keep the migrated database: migrations only expand, so the release before
works with it, and nothing that was saved is lost.
"""

import argparse
import ctypes
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from clinic.installation import environment_file, machine, releases
from clinic.installation.machine import ProgramFailed
from clinic.installation.paths import Paths, installed_below
from clinic.installation.releases import Release
from clinic.installation.upgrading import leftovers

SECONDS_TO_BE_READY: Final = 60
SERVICE: Final = "http://127.0.0.1:8000/health/ready"
# What has happened, in this order. A state of an upgrade that was killed says which was the last.
RELEASE_BYTES: Final = 600 * 10**6
"""What the environment of a release takes, and as much again while pip works."""
UNITS_OUTDATED: Final = "units_outdated"
"""What doctor calls units and the like that an older release wrote."""
INSTALLING, STOPPED, MIGRATING, SWITCHED = "installing", "stopped", "migrating", "switched"


class NotReady(Exception):
    """The new release does not answer that it is ready; the text is its answer."""


@dataclass
class State:
    """Kept in a file from the first step to the last, so that an upgrade that was killed is known."""

    before: str
    after: str
    step: str = INSTALLING


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="anagen upgrade",
        description="Install another release and change to it; if anything fails, everything is as before. An upgrade "
        "that was interrupted goes on or goes back first. With PostgreSQL, OWNER_DATABASE_URL in the environment is "
        "the role that owns the tables.",
    )
    parser.add_argument("wheel", type=Path, nargs="?", help="anagen-<version>-py3-none-any.whl, its .txt beside it")
    flags = parser.parse_args(words)
    paths = Paths(installed_below())
    if paths.is_this_machine and os.geteuid() != 0:
        print("Upgrading changes /opt/anagen and the service: sudo anagen upgrade …", file=sys.stderr)
        return 1
    upgrade = Upgrade(paths)
    try:
        was_interrupted = upgrade.recover()
        if upgrade.state_file.exists():
            return 1
        if flags.wheel is None:
            print(
                "Nothing else to do." if was_interrupted else "Say which: anagen upgrade anagen-1.2.3-py3-none-any.whl"
            )
            return 0 if was_interrupted else 1
        return upgrade.run(flags.wheel.resolve())
    except KeyboardInterrupt:
        print("\nInterrupted. Run `anagen upgrade` again: it goes back or on.", file=sys.stderr)
        return 1
    except (ProgramFailed, ValueError, OSError) as fault:
        upgrade.state_file.unlink(missing_ok=True)
        print(f"\nNothing was changed. {fault}", file=sys.stderr)
        return 1


class Upgrade:
    """Raises ProgramFailed, ValueError and OSError while nothing has changed yet; later it goes back and says so."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.state_file = paths.releases / "upgrade.json"
        self.begun = time.monotonic()

    # Going forward

    def run(self, wheel: Path) -> int:
        old, new = self._release(self.paths.current.resolve()), self._release(self._folder_of(wheel))
        self._refuse_without_room()
        self._install(wheel, old, new)
        state = State(str(old.folder), str(new.folder))
        copy = self._copy_of(old)
        try:
            self._reach(state, STOPPED)
            self._service("stop")
            # Whatever the new release would seal before it is taken back would be missing in the copy.
            old.run("audit", "seal")
            self._rescue(old, "copy", copy)
            self._told(f"database copied to {copy}")
            self._reach(state, MIGRATING)
            new.migrate()
            self._keep_manifest(old)
            new.run("collectstatic", "--no-input", "--verbosity", "0")
            self._told("database migrated, static files collected; those of the release before stay")
            with self._alone(new) as (address, process):
                _wait_until_ready(address, process)
            self._told("the new release is ready")
            self._switch(new)
        except (ProgramFailed, NotReady, OSError, KeyboardInterrupt) as fault:
            return self._go_back(old, state, fault, copy)
        with suppress(OSError):  # a full disk: `current` tells as much
            self._reach(state, SWITCHED)
        return self._finish(old, new, state)

    def _folder_of(self, wheel: Path) -> Path:
        """Raises ValueError and OSError."""
        releases.require_own_folder(wheel)
        folder = self.paths.releases / releases.version_of(wheel)
        if folder.resolve() == self.paths.current.resolve():
            raise ValueError(f"{folder.name} is the release that runs.")
        return folder

    def _refuse_without_room(self) -> None:
        """For a release, for the copy of SQLite's file and for what a migration writes. Raises ValueError."""
        url = environment_file.read(self.paths.environment).get("DATABASE_URL", "")
        file = Path(url.removeprefix("sqlite:///"))
        database = 2 * file.stat().st_size if url.startswith("sqlite:///") and file.is_file() else 0
        for folder, needed in ((self.paths.releases, RELEASE_BYTES), (self.paths.data, database)):
            free = shutil.disk_usage(folder).free
            if free < needed:
                raise ValueError(
                    f"{needed // 10**6} MB have to be free on the disk of {folder}, and {free // 10**6} are. Make room."
                )

    def _install(self, wheel: Path, old: Release, new: Release) -> None:
        print(f"From {old.folder.name} to {new.folder.name}", flush=True)
        if not new.is_whole:
            self._reach(State(str(old.folder), str(new.folder)), INSTALLING)
            releases.install(wheel, new)
        self._told("installed beside the release that runs")
        new.run("check")
        self._told("the settings suit it")

    def _finish(self, old: Release, new: Release, state: State) -> int:
        """The service has to be ready for people, too."""
        try:
            self._service("start")
            if self._has_service():
                _wait_until_ready(SERVICE)
        except (ProgramFailed, NotReady) as fault:
            return self._go_back(old, state, fault, None)
        self.state_file.unlink(missing_ok=True)
        self._told(f"Anagen {new.folder.name} runs. {old.folder.name} is kept beside it")
        self._clear_away(old, new)
        self._tell_what_is_outdated(new)
        return 0

    # What is left behind

    def _keep_manifest(self, old: Release) -> None:
        """Which static files belong to the release that is left, for as long as its environment is there."""
        done = self._leftovers(old, "manifest")
        if done.returncode == 0:
            machine.write(old.folder / leftovers.MANIFEST, done.stdout.encode(), 0o644)

    def _clear_away(self, old: Release, new: Release) -> None:
        """The clinic works already: what cannot be removed is said, and the next upgrade tries again."""
        try:
            removed = leftovers.remove_releases(self.paths.releases, kept={old.folder.resolve(), new.folder.resolve()})
            if removed:
                self._told(f"removed: Anagen {', '.join(removed)}")
            manifest = old.folder / leftovers.MANIFEST
            manifests = [str(manifest)] if manifest.is_file() else []
            done = self._leftovers(new, "clear", old.folder.name, new.folder.name, "--", *manifests)
            if done.returncode:
                raise ProgramFailed(done.stderr.strip())
            told = json.loads(done.stdout)
            if any(told.values()):
                self._told(
                    f"removed of older releases: {told['static']} static files, {told['copies']} copies of the database"
                )
        except (OSError, ValueError, ProgramFailed) as fault:
            self._told(f"what older releases left is not all removed, and nothing is lost by that: {fault}")

    def _leftovers(self, release: Release, *words: str) -> subprocess.CompletedProcess[str]:
        return self._module(release, "leftovers", *words)

    def _tell_what_is_outdated(self, new: Release) -> None:
        """By the new release, which knows how it would write them."""
        done = new.command("doctor", "--json")
        with suppress(ValueError, KeyError):
            for finding in json.loads(done.stdout)["findings"]:
                if finding["name"] == UNITS_OUTDATED:
                    print(f"\n{finding['truth']}\n{finding['remedy']}")

    # Going back

    def _go_back(self, old: Release, state: State, fault: BaseException, copy: Path | None) -> int:
        """`copy` is put back where it may be: SQLite's, while nobody could have saved since."""
        print(f"\nThe new release is not taken: {fault or 'it was interrupted'}", flush=True)
        try:
            self._undo(old, state, copy)
        except (ProgramFailed, NotReady, OSError) as second:
            print(f"\nGoing back stopped: {second}\nMend it, and run `anagen upgrade` again.", file=sys.stderr)
            return 1
        self.state_file.unlink(missing_ok=True)
        self._told(f"Anagen {old.folder.name} runs as before")
        return 1

    def _undo(self, old: Release, state: State, copy: Path | None) -> None:
        """Raises ProgramFailed, NotReady and OSError."""
        self._service("stop")
        self._switch(old)
        if state.step in {MIGRATING, SWITCHED}:
            if copy is not None and copy.suffix == ".sqlite3":
                self._rescue(old, "restore", copy)
                self._told("the database is as it was copied")
            else:
                self._told("the database keeps what the migrations added; the release before works with it")
            old.run("collectstatic", "--no-input", "--clear", "--verbosity", "0")
        self._service("start")
        if self._has_service():
            _wait_until_ready(SERVICE)

    def recover(self) -> bool:
        """End what an upgrade that was killed has begun; whether there was one. Raises as `run`."""
        try:
            state = State(**json.loads(self.state_file.read_text()))
        except FileNotFoundError:
            return False
        old, new = self._release(Path(state.before)), self._release(Path(state.after))
        print(f"The upgrade to {new.folder.name} was interrupted.", flush=True)
        if state.step == SWITCHED or self.paths.current.resolve() == new.folder.resolve():
            self._finish(old, new, state)
        elif state.step == INSTALLING:
            self.state_file.unlink()
            self._told("nothing had changed yet")
        else:
            # The service may have been started since, by somebody or by the machine: what was saved must stay.
            self._go_back(old, state, ProgramFailed("the upgrade was interrupted"), None)
        return True

    # The parts

    def _release(self, folder: Path) -> Release:
        return Release(folder, self.paths.environment)

    def _copy_of(self, old: Release) -> Path:
        url = environment_file.read(self.paths.environment).get("DATABASE_URL", "")
        suffix = ".dump" if url.startswith("postgres") else ".sqlite3"
        return self.paths.data / f"before-upgrade/database-of-{old.folder.name}{suffix}"

    def _reach(self, state: State, step: str) -> None:
        state.step = step
        machine.write(self.state_file, json.dumps(asdict(state)).encode(), 0o644)

    def _switch(self, to: Release) -> None:
        part = self.paths.current.with_name(".current.part")
        part.unlink(missing_ok=True)
        part.symlink_to(to.folder)
        part.replace(self.paths.current)

    def _rescue(self, old: Release, act: str, copy: Path) -> None:
        done = self._module(old, "rescue", act, str(copy))
        if done.returncode:
            raise ProgramFailed(f"The database could not be {'copied' if act == 'copy' else 'put back'}: {done.stderr}")

    def _module(self, release: Release, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Part of this program, as the user of the service."""
        variables = releases.own_environment() | {"ANAGEN_ENV": str(self.paths.environment)}
        command = [str(release.folder / "bin/python"), "-m", f"clinic.installation.upgrading.{name}", *words]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, cwd="/")  # noqa: S603

    @contextmanager
    def _alone(self, release: Release) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
        """A server of the release that nobody else knows of, with its address of readiness."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = environment_file.read(self.paths.environment)
        command = [str(release.folder / "bin/python"), "-m", "gunicorn", "clinic.wsgi", "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", "1", "--threads", "2", "--no-control-socket", "--log-level", "error"]
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(  # noqa: S603
                command,
                cwd="/",
                env=releases.own_environment() | settings,
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_parent,
                **_as_owner_of(self.paths.data),
            )
            try:
                yield f"http://127.0.0.1:{port}/health/ready", process
            except NotReady as fault:
                log.seek(0)
                raise NotReady(f"{fault}. {machine.last_error(log.read().decode(errors='replace'))}") from None
            finally:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=20)
                process.kill()

    def _has_service(self) -> bool:
        return self.paths.is_this_machine and machine.has_systemd()

    def _service(self, act: str) -> None:
        if self._has_service():
            machine.run("systemctl", act, "anagen.service")
            self._told(f"service: {act}")

    def _told(self, what: str) -> None:
        print(f"  {time.monotonic() - self.begun:5.1f} s  {what}", flush=True)


def _end_with_parent() -> None:
    """Let the kernel end this process when the one that started it is killed (prctl, PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _as_owner_of(folder: Path) -> dict[str, Any]:
    owner = folder.stat().st_uid
    if owner == os.geteuid():
        return {}
    return {"user": owner, "group": pwd.getpwuid(owner).pw_gid, "extra_groups": [], "umask": 0o077}


def _wait_until_ready(address: str, process: subprocess.Popen[bytes] | None = None) -> None:
    """Raises NotReady; at once when the process has ended."""
    until, said = time.monotonic() + SECONDS_TO_BE_READY, "it does not answer"
    while time.monotonic() < until:
        if process and process.poll() is not None:
            raise NotReady(f"it does not start, and ends with status {process.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 -- an address of this machine
                return
        except urllib.error.HTTPError as fault:
            said = fault.read().decode(errors="replace")[:300]
        except OSError as fault:
            said = f"it does not answer ({fault})"
        time.sleep(0.3)
    raise NotReady(said)
