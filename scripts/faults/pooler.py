"""PgBouncer on each host of Anagen, between it and HAProxy, as docs/operations/database.md prints it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from scripts.faults import recipe
from scripts.faults.group import Group
from scripts.faults.hosts import AnagenHost, answers
from scripts.faults.processes import Program, database_user, wait_until

PORT: Final = 6431
LIMITS: Final = {"lock_timeout": "3s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "30s"}
"""What Anagen asks for itself where no pooler stands between."""


def lacks_pgbouncer() -> str:
    """Why there is no pooler; "" where there is."""
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    return "" if found else "PgBouncer is not here; on Debian 12: apt install pgbouncer"


@contextmanager
def behind_pgbouncer(group: Group) -> Iterator[None]:
    """Anagen reaches the database through PgBouncer, with the limits of its role."""
    group.database.execute(*recipe.limits_of_the_role())
    poolers = [_pooler(host) for host in group.hosts]
    usual = [host.variables["DATABASE_URL"] for host in group.hosts]
    try:
        for host, pooler in zip(group.hosts, poolers, strict=True):
            pooler.start()
            wait_until(lambda at=host.address: answers(at, PORT), "PgBouncer answers", 10)
            _restart(host, usual[0].rpartition("@")[0] + f"@{host.address}:{PORT}/anagen?pgbouncer=1")
        yield
    finally:
        for host, url, pooler in zip(group.hosts, usual, poolers, strict=True):
            _restart(host, url)
            pooler.stop()
        group.database.execute(*[f"ALTER ROLE anagen RESET {limit}" for limit in LIMITS])


def limits_missing_behind_pgbouncer(group: Group) -> list[str]:
    """A sentence for each limit that a connection through PgBouncer does not have."""
    url = group.hosts[0].variables["DATABASE_URL"].partition("?")[0]
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as line:
        found = {name: line.execute(f"SHOW {name}").fetchone() for name in LIMITS}
    return [f"{name} is {found[name]}, not {limit}" for name, limit in LIMITS.items() if found[name] != (limit,)]


def _pooler(host: AnagenHost) -> Program:
    folder = host.folder.with_name(f"{host.name}-pgbouncer")
    folder.mkdir()
    configuration, users = folder / "pgbouncer.ini", folder / "userlist.txt"
    configuration.write_text(recipe.pgbouncer_file(host.address, users))
    users.write_text('"anagen" "anagen-password"\n')
    if user := database_user():  # it refuses root too
        for path in (folder, configuration, users):
            os.chown(path, user.pw_uid, user.pw_gid)
    return Program(folder, ["pgbouncer", str(configuration)], is_of_the_database=True)


def _restart(host: AnagenHost, url: str) -> None:
    host.variables["DATABASE_URL"] = url
    if host.anagen.process:
        host.anagen.stop()
    host.start()
