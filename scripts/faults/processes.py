"""The programs of a run: started in a folder that is thrown away, and ended with all their children, whatever happens.

A process belongs to a part of the installation (`db1`, `app2`) when it works in that part's folder or was started for
it: PostgreSQL leaves Patroni's process group and keeps none of its environment, but works in its data folder.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
MARK = "ANAGEN_FAULTS_PART"
NETWORK = "127.0.77."
TURN = (f"{NETWORK}254", 7799)
"""Whoever has bound this may use the addresses."""


def processes_of(folder: Path) -> list[int]:
    """The ids of all processes that work in a folder or below it, or were started for it."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            mark = f"{MARK}={folder}".encode()
            told = [one for one in (each / "environ").read_bytes().split(b"\0") if one.startswith(mark)]
            is_marked = any(one == mark or one.startswith(mark + b"/") for one in told)
            if is_marked or (each / "cwd").readlink().is_relative_to(folder):
                found.append(int(each.name))
    return [pid for pid in found if pid != os.getpid()]


def send(folder: Path, what: signal.Signals) -> int:
    """Send a signal to every process of a folder, and return to how many."""
    pids = processes_of(folder)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, what)
    return len(pids)


def end_all(folder: Path, seconds: float = 20) -> None:
    """Kill every process of a folder, frozen ones too. Raises TimeoutError when some are still there."""
    until = time.monotonic() + seconds
    while send(folder, signal.SIGKILL):
        if time.monotonic() > until:
            raise TimeoutError(f"still running in {folder}: {processes_of(folder)}")
        time.sleep(0.1)


@contextmanager
def throw_away_folder() -> Iterator[Path]:
    """A folder for a run. At the end, were it by kill -9 of this process, its processes are ended and it is removed.

    Raises RuntimeError while another run of this machine has the addresses.
    """
    with socket.socket() as turn:
        try:
            turn.bind(TURN)
        except OSError:
            raise RuntimeError("another run uses these addresses; wait until it has ended") from None
        with _guarded_folder() as folder:
            yield folder


@contextmanager
def _guarded_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="anagen-faults-", dir="/tmp"))  # noqa: S108 -- sockets need a short path
    folder.chmod(0o711)  # PostgreSQL runs as a user of its own
    watched, held = os.pipe()
    command = [sys.executable, "-m", "scripts.faults.processes", str(folder)]
    guard = subprocess.Popen(command, cwd=TOP, stdin=watched, start_new_session=True)
    os.close(watched)
    try:
        yield folder
    finally:
        os.close(held)
        guard.wait()


def _guard(folder: Path) -> None:
    """Wait until the process that made the folder is gone, and clear up behind it."""
    sys.stdin.buffer.read()
    end_all(folder)
    shutil.rmtree(folder, ignore_errors=True)


def database_user() -> pwd.struct_passwd | None:
    """Who PostgreSQL runs as: it refuses root. None for whoever runs this."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


@dataclass
class Program:
    """One program of a part of the installation, with its log in the folder of that part."""

    folder: Path
    command: list[str]
    variables: dict[str, str] = field(default_factory=dict)
    is_of_the_database: bool = False
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it; its children are found by the folder that it works in."""
        user = database_user() if self.is_of_the_database else None
        told = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        self.folder.mkdir(exist_ok=True)
        with (self.folder / f"{Path(self.command[0]).name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=told | {MARK: str(self.folder)} | self.variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )

    @property
    def log(self) -> str:
        """The last lines of what it wrote."""
        path = self.folder / f"{Path(self.command[0]).name}.log"
        return path.read_text(errors="replace")[-2000:] if path.exists() else ""

    def kill(self) -> None:
        """Kill it and its own group of processes, and wait for its end."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 40) -> None:
        """End it as systemd does: a word first, and force when it does not listen."""
        assert self.process is not None  # noqa: S101 -- a program that was never started is a fault of the run
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 60, pause: float = 0.25) -> float:
    """Wait until something holds and return after how many seconds. Raises TimeoutError naming `what`."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > seconds:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(pause)
    return time.monotonic() - begun


if __name__ == "__main__":
    _guard(Path(sys.argv[1]))
