"""A PostgreSQL of our own, made for one run and gone after it.

As a context manager it yields a DATABASE_URL:

    with postgresql() as url: ...

As a command it runs another with that URL in its environment, and exits as that one did:

    python -m tests.databases pytest tests

With --migrated before that command, the migrations run once, in a database from which every process of the tests
copies its own (MIGRATED_DATABASE names it): right for a run of many processes.

The cluster lives in a temporary folder, listens on a socket in that folder only, and does not
wait for the disk: right for tests, wrong for patients. PostgreSQL refuses to run as root, so
root hands the folder and the server to an unprivileged user.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

TOP = Path(__file__).resolve().parent.parent
SHARED = "ANAGEN_TESTS_SHARE"  # a folder for what all processes of a run may use once one has made it
MIGRATED = "MIGRATED_DATABASE"  # a file of SQLite, or the name of a database of PostgreSQL
NOT_FOUND = "No PostgreSQL server found. On Debian: apt install postgresql"
UNSAFE_BUT_QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # it counts the rows of a table at a moment of its own, and a plan would be another each time
    "listen_addresses": "",
    "max_connections": "200",
    "log_min_messages": "fatal",
}


def find_binaries() -> Path | None:
    """The folder with initdb and pg_ctl of the newest PostgreSQL; Debian keeps it off the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    wanted = ("initdb", "pg_ctl", "postgres")
    return next((folder for folder in folders if all((folder / name).is_file() for name in wanted)), None)


def version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom to run the server as: nobody in particular unless we are root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a server, yield the URL of an empty database, stop it and delete everything; raises as `cluster`."""
    with cluster() as server:
        yield server.url


@dataclass(frozen=True)
class Cluster:
    """A server that a test may stop and start. `folder` has its data and its socket."""

    folder: str
    run: Callable[..., None]

    @property
    def url(self) -> str:
        return f"postgres://anagen@/postgres?host={self.folder}"

    def start(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in UNSAFE_BUT_QUICK.items())
        # pg_ctl's child keeps any pipe it is given open, so its output goes to a file.
        log, options = f"--log={self.folder}/log", f"-k {self.folder} {options}"
        self.run("pg_ctl", "start", "--wait", "--silent", log, "-o", options)

    def stop(self, mode: str = "immediate") -> None:
        self.run("pg_ctl", "stop", f"--mode={mode}", "--wait", "--silent")

    def processes(self) -> list[int]:
        """The ids of the server and of all its children."""
        first = int(Path(self.folder, "data/postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a server, yield it, stop it and delete everything.

    Raises FileNotFoundError where there is no PostgreSQL, and CalledProcessError, with the
    server's own words printed, where it would not start.
    """
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError(NOT_FOUND)
    owner = unprivileged_user()
    # A socket's path may be at most 107 bytes long, so the folder is made in /tmp and its name is short.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        identity: dict[str, Any] = {}
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

        def run(program: str, *words: str) -> None:
            command = [str(binaries / program), "--pgdata", f"{folder}/data", *words]
            done = subprocess.run(
                command, cwd=folder, env=plain_environment(folder), capture_output=True, text=True, **identity
            )
            if done.returncode:
                print(done.stdout, done.stderr, read(Path(folder, "log")), file=sys.stderr)
                done.check_returncode()

        run("initdb", "--username=anagen", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        server = Cluster(folder, run)
        server.start()
        try:
            yield server
        finally:
            server.stop()  # the caller has started it again, if it was stopped


def plain_environment(folder: str) -> dict[str, str]:
    """Without PGPORT, PGDATA and the like, which would lead the server or pg_ctl elsewhere."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": folder, "LC_ALL": "C.UTF-8"}


def read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def main(command: list[str]) -> int:
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped then too
    is_migrated, command = command[0] == "--migrated", command[command[0] == "--migrated" :]
    with postgresql() as url:
        environment = {**os.environ, "DATABASE_URL": url}
        if is_migrated:
            environment[MIGRATED] = migrate_once(url)
        return subprocess.run(command, env=environment).returncode


def migrate_once(url: str) -> str:
    """The name of a database beside that of `url`, on which all migrations have run."""
    name = "migrated"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    migrate(url.replace("/postgres?", f"/{name}?"))
    return name


def migrate(url: str) -> None:
    """Run all migrations on the database of `url`. Raises CalledProcessError."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=TOP, env={**os.environ, "ANAGEN_MODE": "test", "DATABASE_URL": url}, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
