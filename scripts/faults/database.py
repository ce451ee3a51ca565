"""Three database hosts with Patroni and PostgreSQL, and the three etcd on other hosts that say which of them leads."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from scripts.faults import recipe
from scripts.faults.processes import Program, database_user, end_all, send, wait_until
from tests.databases import find_binaries

NUMBERS = (1, 2, 3)
ETCD = {"app1": "10.0.0.21", "app2": "10.0.0.22", "copies1": "10.0.0.41"}
SUPERUSER = {"user": "postgres", "password": "superuser-password"}  # noqa: S106 -- of a database on loopback
HEALTHY = {"running", "streaming"}


class DatabaseHost:
    """One of three. `name` is db1, db2 or db3."""

    def __init__(self, number: int, folder: Path) -> None:
        self.name, self.address = f"db{number}", recipe.address(f"10.0.0.1{number}")
        self.folder = folder / self.name
        self.folder.mkdir(mode=0o700)
        binaries = find_binaries()
        if binaries is None:
            raise FileNotFoundError("no PostgreSQL")
        (self.folder / "config.yml").write_text(recipe.patroni_file(number, self.folder, binaries))
        if user := database_user():
            for path in (self.folder, self.folder / "config.yml"):
                os.chown(path, user.pw_uid, user.pw_gid)
        # The command that keeps the changes is the same on all hosts, and each has its own file, as in /etc of a host.
        told = {"PGBACKREST_CONFIG": str(self.folder / "pgbackrest.conf")}
        self.patroni = Program(self.folder, ["patroni", str(self.folder / "config.yml")], told, is_of_the_database=True)

    def kill(self) -> None:
        """Kill Patroni, the postmaster and all its children with -9."""
        end_all(self.folder)
        self.patroni.kill()

    def freeze(self) -> None:
        """Let Patroni and PostgreSQL stand still, as on a paused machine: its kernel still takes connections."""
        send(self.folder, signal.SIGSTOP)

    def thaw(self) -> None:
        send(self.folder, signal.SIGCONT)


@dataclass(frozen=True)
class Member:
    """What Patroni says of one host. `role` is leader, sync_standby or replica."""

    name: str
    role: str
    state: str


class DatabaseCluster:
    """All three, and what they say of each other."""

    def __init__(self, folder: Path) -> None:
        self.hosts = [DatabaseHost(number, folder) for number in NUMBERS]
        self.etcd = [_etcd(name, printed, folder / f"{name}-etcd") for name, printed in ETCD.items()]

    def start(self) -> None:
        """Start everything and wait until one leads and two stream. Raises TimeoutError."""
        for program in self.etcd:
            program.start()
        wait_until(self._etcd_has_a_leader, "etcd elects a leader", 60)
        for host in self.hosts:
            host.patroni.start()
            time.sleep(0.5)
        self.wait_until_whole(120)

    def _etcd_has_a_leader(self) -> bool:
        return any('"health":"true"' in _get(f"http://{recipe.address(at)}:2379/health") for at in ETCD.values())

    def wait_until_whole(self, seconds: float = 90) -> float:
        """Wait until there are a leader, a synchronous standby and a third that follows; after how many seconds."""
        wanted = ["leader", "replica", "sync_standby"]
        return wait_until(
            lambda: sorted(one.role for one in self.members() if one.state in HEALTHY) == wanted,
            "one leader, one synchronous standby and one replica",
            seconds,
        )

    def members(self) -> list[Member]:
        """As the first host that answers tells them; none when none answers."""
        for host in self.hosts:
            told = _json(_get(f"http://{host.address}:8008/cluster"))
            if told.get("members"):
                return [Member(one["name"], one["role"], one["state"]) for one in told["members"]]
        return []

    @property
    def leader(self) -> DatabaseHost:
        """The host that says itself that it is the primary. Raises LookupError when none does."""
        for host in self.hosts:
            if _json(_get(f"http://{host.address}:8008/patroni")).get("role") in {"master", "primary"}:
                return host
        raise LookupError("no host is the primary")

    @property
    def standbys(self) -> list[DatabaseHost]:
        leader = self.leader
        return [host for host in self.hosts if host is not leader]

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements on the primary as the superuser."""
        with psycopg.connect(host=self.leader.address, dbname=database, autocommit=True, **SUPERUSER) as line:
            for statement in statements:
                line.execute(statement)

    def ask(self, question: str, database: str = "postgres") -> str:
        """The one value that a question to the primary, as the superuser, is answered with; "" for none."""
        with psycopg.connect(host=self.leader.address, dbname=database, autocommit=True, **SUPERUSER) as line:
            row = line.execute(question).fetchone()
        return str(row[0] or "") if row else ""

    def make_roles(self) -> None:
        """The two roles and the database of group.md."""
        self.execute(
            "CREATE ROLE anagen_owner LOGIN PASSWORD 'anagen-password'",
            "CREATE ROLE anagen LOGIN PASSWORD 'anagen-password'",
            "CREATE DATABASE anagen OWNER anagen_owner",
        )

    def configure(self, **changes: Any) -> None:
        """Change Patroni's shared configuration, as patronictl edit-config does."""
        body = json.dumps(changes).encode()
        request = urllib.request.Request(  # noqa: S310 -- an address of our own
            f"http://{self.leader.address}:8008/config", body, {"Content-Type": "application/json"}, method="PATCH"
        )
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310
            pass


def _etcd(name: str, printed: str, folder: Path) -> Program:
    return Program(folder, ["etcd"], recipe.etcd_variables(name, printed, folder))


def _get(url: str, seconds: float = 1.5) -> str:
    """The body of an answer, whatever its status; "" when there is none."""
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:  # noqa: S310 -- an address of our own
            return str(answer.read().decode())
    except urllib.error.HTTPError as answer:
        return answer.read().decode()
    except OSError:
        return ""


def _json(text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except ValueError:
        return {}
