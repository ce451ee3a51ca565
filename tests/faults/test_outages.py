"""What a person sees when the machine fails, by status and sentence: nothing confirmed is lost, nothing untrue said."""

import os
import signal
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import factories
from tests.databases import Cluster, cluster
from tests.faults.installation import (
    Answer,
    Disk,
    Installation,
    copy_into,
    copy_of_the_database,
    installation,
    small_disk,
)
from tests.faults.test_truncated_bodies import BOUNDARY, multipart
from tests.html_forms import Fields, filled
from tests.people import Cast
from tests.photos.corpus import encoded, scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
END_EVERY_CONNECTION = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
)
FILL = """
    INSERT INTO clinic_auditevent (at, action, object_type, object_id, detail, request_id, session)
    SELECT now(), 'test', '', '', '{}', '', '' FROM generate_series(1, %s)
"""
SLEEP_BEFORE_EACH_THERAPY = """
    CREATE FUNCTION sleep_first() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
    CREATE TRIGGER sleep_first BEFORE INSERT ON treatments_therapy FOR EACH ROW EXECUTE FUNCTION sleep_first();
"""
TYPED = "Typed while the machine failed"


class Desk:
    """A person at an installation, with a patient's page and a form that was opened before anything failed."""

    def __init__(self, at: Installation, cast: Cast) -> None:
        self.at, self.patient = at, cast.patient
        self.page = f"/patients/{cast.patient.pk}/"
        self.form = f"{self.page}therapies/add/"
        self.fields: Fields = filled(at.get(self.form).text, kind="minoxidil_topical", note=TYPED)

    def sees(self, status: int, code: str, title: str, *, is_read: bool = True) -> None:
        """The page of a patient, the form sent by hand and by the script, and a picture. `is_read`: the database can be
        read, so that it is the audit trail alone that keeps the page back."""
        page = self.at.get(self.page)
        assert page.outage == (status, code), page.text
        assert title in page.text and ("so nothing is shown" if is_read else "cannot be shown now") in page.text
        assert self.patient.name not in page.text and "draft" not in page.text
        self.is_held(self.at.post(self.form, self.fields), status, code, title)
        told = self.at.post(self.form, self.fields, script=True)
        assert (told.outage, told.json["error"], told.json["code"]) == ((status, code), "outage", code)
        assert title in told.json["sentence"] and told.headers["Retry-After"]
        picture = self.at.get(self.page, Accept="image/*")
        assert picture.outage == (status, code) and title in picture.text

    @staticmethod
    def is_held(answer: Answer, status: int, code: str, title: str) -> None:
        assert answer.outage == (status, code), answer.text
        assert title in answer.text and "not saved yet" in answer.text
        assert answer.text.count(TYPED) == 2, "once to be read, once to be sent"

    def is_well(self) -> None:
        assert self.at.get(self.page).status == 200
        assert (self.at.health().status, self.at.health().json["ok"]) == (200, True), self.at.health().text

    def is_ill(self, part: str, code: str) -> None:
        answer = self.at.health()
        assert (answer.status, answer.json["ok"]) == (503, False)
        assert answer.json[part]["fault"] == code, answer.text
        ready, live = self.at.health("ready"), self.at.health("live")
        assert (live.status, ready.status) == (200, 503 if part == "database" else 200), ready.text
        assert code in ([ready.json[part]["fault"]] if part == "database" else ready.json["warnings"])
        assert max(answer.seconds, ready.seconds, live.seconds) < 2


def until(true: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not come true in time"
        time.sleep(0.2)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk", 24) as disk:
        yield disk


@pytest.mark.any_database
def test_sqlite_locked_read_only_and_full(cast: Cast, disk: Disk, tmp_path: Path) -> None:
    """Locked, read-only, full, and gone: each is told in its own words, and the same form is saved once afterwards."""
    file = disk.path / "anagen.sqlite3"
    url = f"sqlite:///{file}?timeout=0.3"
    (tmp_path / "photos/originals").mkdir(parents=True)
    folders = {"VAR_DIR": str(disk.path), "MEDIA_ROOT": str(tmp_path / "photos")}
    with installation(cast.clinician, DATABASE_URL=url, **folders) as at:
        copy_of_the_database(file)
        desk = Desk(at, cast)
        desk.is_well()

        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        desk.sees(503, "database_busy", "The database is busy")
        desk.is_ill("database", "database_busy")
        other.execute("ROLLBACK")
        other.close()
        desk.is_well()
        until(lambda: not disk.open_files())  # or the disk could not be made read-only, or taken out

        # Where SQLite cannot write beside its file, it cannot read it either.
        with disk.is_read_only():
            desk.sees(503, "database_read_only", "The database can only be read, nothing can be saved", is_read=False)
            desk.is_ill("database", "database_read_only")
        desk.is_well()
        until(lambda: not disk.open_files())

        with disk.is_full():
            desk.sees(507, "disk_full", "The server’s disk is full, nothing can be saved", is_read=False)
            desk.is_ill("database", "disk_full")
        desk.is_well()
        until(lambda: not disk.open_files())

        assert at.post(desk.form, desk.fields).status == 302
        assert at.post(desk.form, desk.fields).status == 302, "the same form again"
        with sqlite3.connect(file) as rows:
            assert rows.execute("SELECT note FROM treatments_therapy").fetchall() == [(TYPED,)]
            assert rows.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def server() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


@pytest.mark.postgres
def test_postgresql_stops_freezes_and_fills(cast: Cast, server: Cluster, disk: Disk, tmp_path: Path) -> None:
    """Read-only, full, frozen and stopped: told in time and in its own words, and the same form is saved once."""
    (tmp_path / "photos/originals").mkdir(parents=True)
    folders = {"VAR_DIR": str(tmp_path), "MEDIA_ROOT": str(tmp_path / "photos")}

    def sql(text: str) -> list[Any]:
        with psycopg.connect(f"user=anagen host={server.folder} dbname=postgres", autocommit=True) as line:
            done = line.execute(text)
            return done.fetchall() if done.description else []

    url = f"{server.url}&pool_size=4&options=-c%20statement_timeout%3D5000"
    with installation(cast.clinician, DATABASE_URL=url, **folders) as at:
        copy_into(server)
        desk = Desk(at, cast)
        desk.is_well()

        sql("ALTER DATABASE postgres SET default_transaction_read_only = on")
        sql(END_EVERY_CONNECTION)
        desk.sees(503, "database_read_only", "The database can only be read, nothing can be saved")
        desk.is_ill("database", "database_read_only")
        with psycopg.connect(f"user=anagen host={server.folder} dbname=postgres", autocommit=True) as line:
            line.execute("SET default_transaction_read_only = off")
            line.execute("ALTER DATABASE postgres RESET default_transaction_read_only")
        sql(END_EVERY_CONNECTION)
        desk.is_well()

        with psycopg.connect(f"user=anagen host={server.folder} dbname=postgres") as somebody_else:
            somebody_else.execute("LOCK TABLE treatments_therapy IN EXCLUSIVE MODE")
            locked = at.post(desk.form, desk.fields)
            desk.is_held(locked, 503, "record_locked", "Somebody else is saving the same at this moment")
            assert locked.seconds < 6
        sql(SLEEP_BEFORE_EACH_THERAPY)
        slow = at.post(desk.form, desk.fields)
        desk.is_held(slow, 503, "database_slow", "The database took too long and ended this")
        sql("DROP FUNCTION sleep_first CASCADE")
        desk.is_well()

        fill_the_audit_trail(sql, disk)
        desk.sees(507, "disk_full", "The server’s disk is full, nothing can be saved")
        disk.filler.unlink()
        sql("ALTER TABLE clinic_auditevent SET TABLESPACE pg_default")
        sql("DROP TABLESPACE small")
        desk.is_well()

        frozen = server.processes()
        for process in frozen:
            os.kill(process, signal.SIGSTOP)
        try:
            desk.is_ill("database", "database_silent")
            first = at.get(desk.page)
            assert first.outage == (503, "database_away") and first.seconds < 12
            desk.is_ill("database", "database_silent")
        finally:
            for process in frozen:
                os.kill(process, signal.SIGCONT)
        until(lambda: at.get(desk.page).status == 200)

        server.stop("fast")
        desk.is_ill("database", "database_silent")
        desk.is_held(at.post(desk.form, desk.fields), 503, "database_away", "The database does not answer")
        server.start()
        until(lambda: at.post(desk.form, desk.fields).status == 302)
        assert at.post(desk.form, desk.fields).status == 302, "the same form again"
        assert sql("SELECT note FROM treatments_therapy") == [(TYPED,)]
        until(lambda: at.health().status == 200)


def fill_the_audit_trail(sql: Callable[[str], list[Any]], disk: Disk) -> None:
    """Move the table to a disk of its own, and fill that to the last row."""
    folder = disk.path / "table"
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        subprocess.run(["chown", "postgres", folder], check=True)
        private = [each for each in (disk.path, *disk.path.parents) if not each.stat().st_mode & 0o001]
        subprocess.run(["chmod", "755", *private], check=True)
    sql(f"CREATE TABLESPACE small LOCATION '{folder}'")
    sql("ALTER TABLE clinic_auditevent SET TABLESPACE small")
    disk.fill()
    for count in (1000, 100, 10, 1):
        while True:
            try:
                sql(FILL % count)
            except psycopg.errors.DiskFull:
                break


@pytest.mark.any_database
def test_photo_folder_gone_or_full(cast: Cast, disk: Disk, tmp_path: Path) -> None:
    """The photos' folder is gone, empty, read-only or full: no photo is half kept, text is saved, nothing is made."""
    factories.consent(cast.patient, kind="photography", purposes=["record"])
    folder, file = disk.path / "photos", tmp_path / "anagen.sqlite3"
    folders = {"VAR_DIR": str(tmp_path), "MEDIA_ROOT": str(folder)}
    with installation(cast.clinician, DATABASE_URL=f"sqlite:///{file}", **folders) as at:
        copy_of_the_database(file)
        (folder / "originals").mkdir(parents=True)
        desk = Desk(at, cast)
        kept = Sheet(desk)
        assert kept.sends().status == 201
        desk.is_well()
        another = Sheet(desk)

        away = folder.rename(disk.path / "away")
        refused = another.sends()
        assert (refused.status, refused.json["code"]) == (503, "photos_missing")
        assert "The folder of the photos is not there" in refused.json["sentence"]
        assert not folder.exists(), "a new folder was made"
        assert kept.picture().outage == (503, "photos_missing")
        assert at.get(f"{kept.path}original/").outage == (503, "photos_missing")
        desk.is_ill("photos", "photos_missing")
        folder.mkdir()  # as a disk that is not mounted leaves it
        assert another.sends().json["code"] == "photos_missing" and not any(folder.iterdir())
        assert at.post(desk.form, desk.fields).status == 302, "text is saved without the photos"
        folder.rmdir()
        away.rename(folder)

        with disk.is_read_only():
            refused = another.sends()
            assert (refused.status, refused.json["code"]) == (503, "photos_read_only")
            assert kept.picture().status == 200, "what is there is shown"
            desk.is_ill("photos", "photos_read_only")

        before = sorted(path for path in folder.rglob("*") if path.is_file())
        with disk.is_full():
            refused = another.sends()
            assert (refused.status, refused.json["code"]) == (507, "photos_full")
            assert sorted(path for path in folder.rglob("*") if path.is_file()) == before, "something half is left"
            desk.is_ill("photos", "photos_full")

        assert another.sends().status == 201
        assert another.sends().status in {200, 201}, "the same photo again"
        with sqlite3.connect(file) as rows:
            assert rows.execute("SELECT count(*) FROM treatments_photo").fetchone() == (2,)


class Sheet:
    """One photo that is sent from the page of photos, each time under the same id."""

    def __init__(self, desk: Desk) -> None:
        self.at, self.id = desk.at, uuid.uuid4()
        self.upload = f"{desk.page}photos/upload/"
        self.path = f"{desk.page}photos/{self.id}/"
        self.data = encoded(scene(self.id.int % 1000, 900, 700, hairs=2000), "JPEG", quality=90)

    def sends(self) -> Answer:
        fields = {"id": [str(self.id)], "view": ["vertex"]}
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "X-Requested-With": "fetch"}
        return self.at.ask("POST", self.upload, multipart(fields, {"photo": self.data}), headers)

    def picture(self) -> Answer:
        return self.at.get(f"{self.path}400.jpg", Accept="image/*")


@pytest.mark.browser
def test_held_form_is_sent_by_itself(
    new_page: Callable[..., Page], watch: Any, axe: Any, cast: Cast, disk: Disk, tmp_path: Path
) -> None:
    """In a browser: the disk is full, the form stays, and is saved by itself once there is room; without a script too,
    by its own button. A page that was asked for meanwhile comes by itself."""
    watch.allow("status of 507")
    file = disk.path / "anagen.sqlite3"
    (tmp_path / "photos/originals").mkdir(parents=True)
    folders = {"VAR_DIR": str(disk.path), "MEDIA_ROOT": str(tmp_path / "photos")}
    folders["ANAGEN_MODE"] = "development"  # which has style sheets and scripts without collecting them
    with installation(cast.clinician, DATABASE_URL=f"sqlite:///{file}?timeout=0.3", **folders) as at:
        copy_of_the_database(file)
        desk = Desk(at, cast)
        scripted, plain, reading = new_page(), new_page(java_script_enabled=False), new_page(width=390, height=844)
        for page in (scripted, plain, reading):
            carry(at, page.context)
        for page in (scripted, plain):
            page.goto(f"{at.address}{desk.form}")
            page.locator("#id_kind").select_option("minoxidil_topical")
        plain.locator("#id_note").fill("Without a script")

        with disk.is_full():
            scripted.locator("#id_note").fill(TYPED)
            scripted.get_by_role("button", name="Save").click()
            state = scripted.locator("[data-state]")
            expect(state).to_contain_text("The server’s disk is full, nothing can be saved")
            expect(state).to_contain_text("Everything is still here; tried again by itself")
            expect(scripted.locator("#id_note")).to_have_value(TYPED)
            assert "raft" not in state.inner_text()
            plain.get_by_role("button", name="Save").click()
            expect(plain.get_by_role("heading", level=1)).to_contain_text("The server’s disk is full")
            expect(plain.get_by_text("Without a script")).to_be_visible()
            reading.goto(f"{at.address}{desk.page}")
            expect(reading.get_by_text("This page tries again by itself")).to_be_visible()
            axe(reading)
            keep_a_picture(scripted, "held"), keep_a_picture(plain, "plain"), keep_a_picture(reading, "reading")

        scripted.wait_for_url(f"**{desk.page}", timeout=30_000)
        plain.get_by_role("button", name="Save now").click()
        plain.wait_for_url(f"**{desk.page}")
        expect(reading.get_by_role("heading", level=1)).to_contain_text(cast.patient.name, timeout=15_000)
        with sqlite3.connect(file) as rows:
            notes = rows.execute("SELECT note FROM treatments_therapy ORDER BY created_at").fetchall()
        assert notes == [(TYPED,), ("Without a script",)]


def carry(at: Installation, context: BrowserContext) -> None:
    """Sign the browser in at the installation."""
    context.add_cookies([{"name": name, "value": value, "url": at.address} for name, value in at.cookies.items()])


def keep_a_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
