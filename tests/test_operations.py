"""The commands of docs/operations.md work as they are printed, from a new shell, and the backup line backs up."""

import json
import os
import re
import shlex
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import factories
from tests.faults.installation import copy_of_the_database

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs/operations.md").read_text()
CODE = ("clinic", "treatments", "templates", "static", "manage.py", "anagen", "pyproject.toml", ".env.example")
A_PATIENT_WITH_A_PHOTO = """
from clinic.staff.models import Clinic, User
from tests import factories
from tests.photos.corpus import encoded, scene
from treatments.photos.upload.store_photo import store_photo
from treatments.models import Photo
by = User.objects.get()
patient = factories.patient(Clinic.objects.get(), name="Ida Invented", created_by=by)
photo = Photo(patient=patient, clinic=patient.clinic, view="vertex", created_by=by)
store_photo(photo, [encoded(scene(11, 900, 700, hairs=2000), "JPEG", quality=90)], by=by)
"""


def section(heading: str) -> str:
    return re.split(r"^#+ ", TEXT.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]


def blocks(language: str, text: str = TEXT) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


class Machine:
    """A clinic's server as the document has it, with its two folders, and a port, in a folder of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.app, self.backup = folder, folder / "srv/anagen/app", folder / "backup/anagen"
        self.app.mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        for name in CODE:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, self.app / name)
        for name in (".venv", "tests"):
            (self.app / name).symlink_to(ROOT / name)

    def here(self, command: str) -> str:
        for place in ("/srv/anagen", "/backup"):
            command = re.sub(rf"(?<![\w/]){place}\b", str(self.folder) + place, command)
        return command.replace(":8000", f":{self.port}")

    def run(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """In a new shell, which has nothing of ours in its environment."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8", **variables}
        shell = ["bash", "-e", "-c", self.here(command)]
        return subprocess.run(shell, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def works(self, command: str, **variables: str) -> str:
        done = self.run(command, **variables)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def service(self) -> Iterator[None]:
        """Started as the unit file says, with the environment that it names."""
        unit = dict(line.split("=", 1) for line in blocks("ini")[0].splitlines() if "=" in line)
        command = f"cd {unit['WorkingDirectory']}; set -a; . {unit['EnvironmentFile']}; exec {unit['ExecStart']}"
        process = subprocess.Popen(["bash", "-c", self.here(command)], env={"PATH": os.environ["PATH"]})
        try:
            until = time.monotonic() + 40
            while time.monotonic() < until and process.poll() is None:
                with socket.socket() as line:
                    if line.connect_ex(("127.0.0.1", int(self.port))) == 0:
                        break
                time.sleep(0.2)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def rows(file: Path) -> dict[str, int]:
    with sqlite3.connect(file) as database:
        names = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}  # noqa: S608


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # SQLite's own copy waits for a transaction to end
@pytest.mark.any_database
def test_printed_commands_work(tmp_path: Path) -> None:
    """First start, service, health, nightly lines, backup, its proof, and a restore: each as it is printed.

    Its database is migrated already, as that of the tests: doing it once more would take a fifth of a minute.
    """
    machine = Machine(tmp_path)
    database, photos = machine.app / "var/anagen.sqlite3", machine.app / "var/photos"
    database.parent.mkdir(mode=0o700)
    copy_of_the_database(database)
    for block in blocks("sh", section("First start")):
        machine.works(block, ANAGEN_PASSWORD=factories.PASSWORD)
    assert database.stat().st_mode & 0o077 == photos.stat().st_mode & 0o077 == 0, "others can read it"
    with machine.service():
        machine.works(f"/srv/anagen/app/anagen shell -c {shlex.quote(A_PATIENT_WITH_A_PHOTO)}")
        machine.works(section("Is it well?").split("```sh\n")[1].split("```")[0])

    night = [machine.works(line.split(maxsplit=5)[5]) for line in blocks("crontab")[0].splitlines()]
    assert re.search(r"audit trail sealed up to \d+:\d+:[0-9a-f]{16}\n", night[1])
    backup, check = blocks("sh", section("Backup"))
    assert backup.strip() in blocks("crontab")[0], "run above"
    machine.works(check)
    copies = sorted(machine.backup.glob("database-*"))
    assert len(copies) == 1
    kept = rows(copies[-1])
    assert kept["treatments_photo"] == kept["treatments_patient"] == kept["clinic_user"] == 1
    assert kept.keys() == rows(database).keys()
    assert {name for name, count in rows(database).items() if kept[name] != count} <= {"clinic_upkeep"}
    [original] = [path for path in photos.joinpath("originals").rglob("*") if path.is_file()]
    copy = machine.backup / "photos" / original.relative_to(photos)
    assert copy.read_bytes() == original.read_bytes()

    machine.works(blocks("sh", section("The people"))[0], ANAGEN_PASSWORD=factories.PASSWORD)
    with sqlite3.connect(database) as people:
        told = people.execute("SELECT role, is_active FROM clinic_membership ORDER BY id").fetchall()
    assert told == [("manager", 1), ("clinician", 0)]
    machine.works(blocks("sh", section("The audit trail"))[0].replace("2026-05-14", "2020-01-01"))
    events = (machine.backup / "audit.ndjson").read_text().splitlines()
    assert {json.loads(event)["resourceType"] for event in events} == {"AuditEvent"}
    machine.works(blocks("sh", section("Leaving Anagen"))[0])
    table = machine.backup / "patients.csv"
    assert len(table.read_text().splitlines()) == 1 + kept["treatments_patient"]
    assert table.stat().st_mode & 0o077 == 0

    whole = copy.read_bytes()
    copy.chmod(0o600)
    copy.write_bytes(whole[:-1] + b"x")
    refused = machine.run(check)
    assert refused.returncode == 1 and f"missing or altered: photos/{original.relative_to(photos)}" in refused.stdout
    copy.write_bytes(whole)

    shutil.rmtree(machine.app / "var")
    machine.works("mkdir /srv/anagen/app/var")
    machine.works(blocks("sh", section("Restore"))[0])
    assert database.stat().st_mode & 0o077 == 0
    restored = rows(database)
    changed = {name: restored[name] - count for name, count in kept.items() if restored[name] != count}
    changed.pop("clinic_upkeep", None)
    assert changed == {"clinic_auditevent": 1, "clinic_auditseal": 1}, "that a backup was restored, sealed"
    assert original.read_bytes() == whole


def test_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    """Where no database is, no empty copy is made; and a folder without a backup is none."""
    machine = Machine(tmp_path)
    machine.works(blocks("sh", section("First start"))[0])

    for words in ("backup /backup/anagen", "backup --check /backup/anagen"):
        done = machine.run(f"/srv/anagen/app/anagen {words}")
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "There is no" in done.stderr
    assert not list(machine.backup.glob("*"))

    machine.works(f"echo DATABASE_URL=sqlite:///{tmp_path}/of-the-file >> /srv/anagen/app/.env")
    for named, asked in {"": "of-the-file", f"sqlite:///{tmp_path}/named": "named"}.items():
        done = machine.run("/srv/anagen/app/anagen backup /backup/anagen", DATABASE_URL=named)
        assert f"There is no database at {tmp_path}/{asked}.\n" in done.stderr, "a named one goes before that of .env"


def test_printed_git_lines_go_and_return(tmp_path: Path) -> None:
    """A new version comes by the line that fetches it, and the version before by the line that goes back."""
    printed = "\n".join(blocks("console", section("A new version, and back")))
    fetch, back = (line.replace("/srv/anagen", str(tmp_path)) for line in re.findall(r"-c '(.*\bgit .*)'", printed))
    origin, app = tmp_path / "origin", tmp_path / "app"

    def run(*words: str | Path) -> None:
        subprocess.run(words, check=True, cwd=tmp_path, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})

    def publish(version: str) -> None:
        (origin / "version").write_text(version)
        run("git", "-C", origin, "add", "version")
        run("git", "-C", origin, "-c", "user.name=Ada", "-c", "user.email=a@example.org", "commit", "-qm", version)

    run("git", "init", "-q", origin)
    publish("older")
    run("git", "clone", "-q", origin, app)
    publish("newer")

    run("sh", "-c", fetch)
    assert (app / "version").read_text() == "newer"
    run("sh", "-c", back)
    assert (app / "version").read_text() == "older"
