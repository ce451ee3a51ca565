"""A clinic on SQLite comes to PostgreSQL with every row and every photo; the old place stays as it was."""

import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from clinic.audit import log
from clinic.operations import closing, photo_folder
from clinic.operations.outages import RETRY_SECONDS, outage_of
from clinic.staff.models import Clinic, Membership, Role
from tests import factories
from tests.copies.installations import Installation, add_photo, every_photo
from tests.s3_server import KEY_ID, SECRET, s3_server
from tests.upgrade.old_clinics import CLINICS, migrated_copy
from treatments.copies.moving import tables
from treatments.patients.models import Patient
from treatments.photos.models import Photo

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def old(transactional_db: None, tmp_path: Path) -> Iterator[Installation]:
    """A clinic of 0.1.0 that came to this release, with photos that are there."""
    place = Installation(tmp_path / "old", f"sqlite:///{tmp_path}/old/anagen.sqlite3")
    place.folder.mkdir()
    migrated_copy(CLINICS[0], place.folder / "anagen.sqlite3")
    with place.in_use():
        photo_folder.set_up()
        Photo.objects.all().delete()
        for _ in range(3):
            add_photo(Patient.objects.first())
        call_command("audit", "seal", stdout=StringIO())
    yield place


def move(old: Installation, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """As it is run on a server: the test itself may not connect to the new database."""
    environment = os.environ | {
        "ANAGEN_MODE": "test",
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "DATABASE_URL": old.url,
        "MEDIA_ROOT": str(old.folder / "photos"),
        "VAR_DIR": str(old.folder / "var"),
        "PHOTO_STORE_KEY_ID": KEY_ID,
        "PHOTO_STORE_SECRET": SECRET,
        **variables,
    }
    command = [sys.executable, "-m", "django", "move", *words, "--settle", "0"]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def refused(*words: str) -> str:
    """What a command says that ends with status 1; "" for one that goes on."""
    try:
        call_command(*words, stdout=StringIO())
    except CommandError as refusal:
        return str(refusal)
    return ""


def digests() -> dict[str, tables.Digest]:
    return {model._meta.db_table: tables.digest(model, "default") for model in tables.tables()}


@pytest.mark.slow
def test_every_row_and_photo_arrives(old: Installation, new: Installation, tmp_path: Path) -> None:
    """Also where an earlier attempt was ended in the middle: what is there is not sent again, nothing is doubled."""
    with s3_server(tmp_path / "s3") as server, old.in_use():
        to = ("--to", new.url, "--store", server.url)
        photos, rows = every_photo(), digests()
        path = old.folder / "photos" / Photo.objects.first().key
        path.rename(path.with_suffix(".away"))
        assert "is missing or altered" in move(old, *to).stderr
        assert closing.closed() == "" and rows == digests()
        path.with_suffix(".away").rename(path)

        closing.close(closing.MOVING)  # as a run leaves it that was killed
        failed = move(old, "--to", new.url, "--store", server.url.replace("photos", "nobodys"))
        assert "The pages are closed still" in failed.stderr and "--reopen" in failed.stderr
        done = move(old, *to)
        assert f"{sum(each.rows for each in rows.values())} rows of {len(rows)} tables" in done.stdout, done.stderr
        assert "3 photos, each compared" in done.stdout and f"DATABASE_URL={new.url}" in done.stdout
        assert closing.closed() == closing.MOVED
        answer = Client().get("/sign-in/")
        assert answer.status_code == 503 and answer["Anagen-Outage"] == "moved"
        assert "data-outage=" not in answer.content.decode(), "the page asks for ever for what is never over"
        with pytest.raises(CommandError, match="has moved already"):
            call_command("move", *to)
        lying = sum(photo.size_bytes for photo in Photo.objects.all())
        assert f"{lying} bytes of originals lie in {old.folder / 'photos'} still" in done.stdout
        assert rows == digests(), "the old place is as it was"

        with Installation(new.folder, new.url, dict(server.variables)).in_use():
            arrived = digests()
            changed = {name for name, digest in arrived.items() if digest != rows[name]}
            assert changed <= {"clinic_upkeep"}, "audit verify notes that it ran"
            assert every_photo() == photos
            factories.patient(Clinic.objects.first())
            call_command("audit", "verify", stdout=StringIO())


def test_pages_are_closed_by_a_file(old: Installation) -> None:
    """While it moves every page says so, with when to come back; a form comes back with what was typed. No command
    writes, whichever it is; those that read go on. Whoever was at work may end it while it settles."""
    with old.in_use():
        closing.close(closing.MOVING)
        answer = Client().post("/sign-in/", {"email": "ada@example.org"})
        assert answer.status_code == 503 and answer["Retry-After"] == str(RETRY_SECONDS)
        page = answer.content.decode()
        assert "opens again within minutes" in page and 'data-outage="database"' in page
        closing.reopen()
        assert Client().get("/sign-in/").status_code == 200

        email = Membership.objects.filter(role=Role.MANAGER, is_active=True)[0].user.email
        writing = ("member", "link", email, "--by", email), ("audit", "seal"), ("sweep",)
        for state, sentence in ((closing.MOVING, "is being moved"), (closing.MOVED, "has moved")):
            log.record("viewed", by=None, clinic=Clinic.objects.first())
            closing.close(state)
            rows = digests()
            for words in writing:
                assert sentence in refused(*words), words
            call_command("audit", "verify", stdout=StringIO())
            call_command("photos", "verify", stdout=StringIO())
            with closing.may_write(), pytest.raises(closing.DatabaseClosed) as late:
                factories.patient(Clinic.objects.first())
            assert (found := outage_of(late.value)) and found.code == state
            assert rows == digests()
            closing.reopen()
        closing.close(closing.SETTLING)
        with closing.may_write():
            factories.patient(Clinic.objects.first())
        with pytest.raises(CommandError, match="is being moved"):
            call_command("sweep", stdout=StringIO())


def test_a_database_in_use_is_refused(old: Installation) -> None:
    """Nothing is mixed with what somebody else keeps there. The address with its password comes in the environment,
    where no other user of the machine sees it."""
    factories.clinic()
    told = connection.settings_dict
    url = f"postgres://{told['USER']}@/{told['NAME']}?host={told['HOST']}"
    assert "has a clinic in it already" in move(old, NEW_DATABASE_URL=url).stderr
