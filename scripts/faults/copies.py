"""The copies of the database by pgbackrest, as group.md prints them: to a bucket, whole and then every change."""

import os
import subprocess
import time
from pathlib import Path

from scripts.faults import recipe
from scripts.faults.database import DatabaseHost
from scripts.faults.group import Group
from scripts.faults.people import NOTES, say
from scripts.faults.people import lines_of as people_lines
from scripts.faults.processes import MARK, database_user, wait_until
from scripts.faults.store import COPIES_BUCKET, KEY_ID, SECRET
from tests.databases import find_binaries

CONFIGURATION = "pgbackrest.conf"


def write_configuration(group: Group) -> None:
    """The printed pgbackrest.conf on every database host, with this run's bucket."""
    for host in group.database.hosts:
        changes = {
            "store2.example.org": group.store.address,
            "anagen-database": COPIES_BUCKET,
            "key-id-of-the-copies": KEY_ID,
            "secret-of-the-copies": SECRET,
            "/var/lib/postgresql/15/anagen": str(host.folder / "data"),
            "/var/run/postgresql": str(host.folder),
            # Of this run alone: the certificate is its own, and so are the folders.
            "[global]": f"[global]\nrepo1-storage-port={group.store.tls_port}\nrepo1-storage-verify-tls=n\n"
            f"log-path={host.folder}\nlock-path={host.folder}/lock",
        }
        path = host.folder / CONFIGURATION
        path.write_text(recipe.replaced(recipe.block("ini", "[anagen]"), changes))
        if user := database_user():
            os.chown(path, user.pw_uid, user.pw_gid)


def begin(group: Group) -> None:
    """Make the place for the copies, so that changes go there from now on."""
    write_configuration(group)
    pgbackrest(group.database.leader, "stanza-create")


def pgbackrest(host: DatabaseHost, *words: str) -> str:
    """Run pgbackrest on a database host. Raises RuntimeError."""
    command = ["pgbackrest", f"--config={host.folder / CONFIGURATION}", "--stanza=anagen", *words]
    return as_database_user(host.folder, *command)


def as_database_user(folder: Path, *command: str) -> str:
    user = database_user()
    told = {"PATH": f"{os.environ['PATH']}:/usr/sbin", "HOME": str(folder), "LC_ALL": "C.UTF-8", MARK: str(folder)}
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    done = subprocess.run(command, cwd=folder, env=told, capture_output=True, text=True, timeout=300, **identity)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout


def copy_and_restore(group: Group) -> list[str]:
    """The database is copied while people work, restored beside it, and compared with their ledgers."""
    leader = group.database.leader
    begun = time.monotonic()
    pgbackrest(leader, "--type=full", "backup")
    say(f"a whole copy after {time.monotonic() - begun:.1f} s")
    time.sleep(10)
    until = time.time()
    wal = group.database.ask("SELECT pg_walfile_name(pg_switch_wal())")
    archived = "SELECT last_archived_wal FROM pg_stat_archiver"
    wait_until(lambda: (group.database.ask(archived) or "") >= wal, "the last changes are in the copy", 60)
    begun = time.monotonic()
    there = _restored_ids(leader)
    say(f"restored after {time.monotonic() - begun:.1f} s")
    confirmed = [one for one in people_lines(group.folder / "people-copies", "ledger") if one["at"] < until]
    missing = [one["id"] for one in confirmed if one["kind"] in NOTES and one["id"] not in there]
    say(f"of {len(confirmed)} saves that were confirmed by then {len(missing)} are missing from the copy")
    return [f"missing from the copy: {record}" for record in missing]


def _restored_ids(host: DatabaseHost) -> set[str]:
    """The ids of the notes in the newest copy, read from a server that is started on it."""
    data, binaries = host.folder / "restored", find_binaries()
    pgbackrest(host, f"--pg1-path={data}", "--archive-mode=off", "restore")
    options = f"-c listen_addresses= -c unix_socket_directories={data} -c shared_buffers=32MB"
    server = [f"{binaries}/pg_ctl", "-D", str(data)]
    as_database_user(host.folder, *server, "-o", options, "-l", f"{data}.log", "--wait", "--silent", "start")
    try:
        question = "SELECT id FROM treatments_measurement UNION ALL SELECT id FROM treatments_exosomesession"
        return set(as_database_user(host.folder, "psql", "-h", str(data), "-d", "anagen", "-Atc", question).split())
    finally:
        as_database_user(host.folder, *server, "--mode=immediate", "--wait", "--silent", "stop")
