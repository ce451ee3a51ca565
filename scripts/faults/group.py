"""The whole installation of docs/operations/group.md on this machine: what there is, and how it is brought up."""

import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import psycopg

from scripts.faults.database import DatabaseCluster
from scripts.faults.hosts import NUMBERS, AnagenHost, FrontDoor, prepare
from scripts.faults.processes import wait_until
from scripts.faults.store import Store
from tests.databases import find_binaries

NEEDED_FOR_NOTES: Final = ("etcd", "patroni", "haproxy", "nginx", "openssl")
NEEDED: Final = (*NEEDED_FOR_NOTES, "pgbackrest", "ceph", "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin")
APT: Final = (
    "apt install --no-install-recommends postgresql patroni etcd-server etcd-client python3-etcd python3-psycopg2 "
    "pgbackrest haproxy nginx openssl radosgw ceph-mon ceph-osd ceph-common"
)


def missing(needed: Iterable[str] = NEEDED) -> list[str]:
    """What this machine lacks of these programs, and PostgreSQL."""
    here = [shutil.which(name) or Path("/usr/sbin", name).exists() for name in needed]
    lacking = [name for name, is_here in zip(needed, here, strict=True) if not is_here]
    return lacking if find_binaries() else [*lacking, "postgresql"]


class Group:
    """Three database hosts, two hosts of Anagen, nginx and, unless only notes are saved, the store of the photos.

    `start` brings all up in about a minute.
    """

    def __init__(self, folder: Path, *, has_store: bool = True) -> None:
        self.folder = folder
        self.database, self.store = DatabaseCluster(folder), Store(folder)
        self.has_store = has_store
        self._starts = [self.database.start, *([self.store.start] if has_store else [])]
        variables = self.store.variables if has_store else dict.fromkeys(self.store.variables, "")
        self.hosts = [AnagenHost(number, folder, variables) for number in NUMBERS]
        self.door = FrontDoor(folder, self.hosts[0])

    def start(self) -> None:
        """Raises TimeoutError, RuntimeError or CalledProcessError, naming what did not come up."""
        with ThreadPoolExecutor() as both:
            for begun in [both.submit(start) for start in self._starts]:
                begun.result()
        if not self.has_store:  # then nobody takes the changes of the database
            self.database.configure(postgresql={"parameters": {"archive_command": "true"}})
        self.database.make_roles()
        for host in self.hosts:
            host.balancer.start()
        wait_until(self._balancers_know_the_primary, "HAProxy finds the primary", 20)
        prepare(self.hosts)
        for host in self.hosts:
            host.start()
        self.door.start()

    def _balancers_know_the_primary(self) -> bool:
        return all(_speaks_to_database(host) for host in self.hosts)


def _speaks_to_database(host: AnagenHost) -> bool:
    try:
        psycopg.connect(host.variables["DATABASE_URL"], connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
