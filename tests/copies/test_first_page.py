"""An empty Anagen offers a new clinic, or a copy of one, to whoever has the code, and to nobody else."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from clinic.operations import photo_folder
from clinic.staff.models import Clinic, Role
from tests.copies.installations import Installation, beside, drop, every_photo, every_row, fill
from treatments.copies import restore
from treatments.copies.destination import stamp_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def empty(transactional_db: None, tmp_path: Path) -> Iterator[Installation]:
    new = beside(tmp_path / "new")
    yield new
    drop(new)


def address() -> str:
    told = StringIO()
    call_command("first_page", address="http://testserver", stdout=told)
    found = re.search(r"http://testserver(/begin/\S+)", told.getvalue())
    assert found
    return found[1]


def restored(client: Client, page: str, **told: str) -> str:
    """The page when the program that restores has ended."""
    assert client.post(page, {"act": "copy", **told}).status_code == 302
    until = time.monotonic() + 60
    while (answer := client.get(page)).headers.get("Refresh") and time.monotonic() < until:
        time.sleep(0.2)
    return answer.content.decode()


@pytest.fixture
def on_new_machine(
    empty: Installation, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """A clinic with three photos here, and what makes every process use the empty installation beside it."""
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "photos", tmp_path / "var"
    photo_folder.set_up()
    fill(photos=3)
    environment = {
        "ANAGEN_MODE": "test",
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "DATABASE_URL": empty.url,
        "MEDIA_ROOT": str(empty.folder / "photos"),
        "VAR_DIR": str(empty.folder / "var"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield empty.in_use


def test_copy_comes_back_by_the_first_page(
    on_new_machine: Callable[[], AbstractContextManager[None]], tmp_path: Path
) -> None:
    """A process of its own restores; the page tells how far it is. A wrong place is told at once."""
    call_command("backup", str(tmp_path / "copies"), stdout=StringIO())
    rows, photos = every_row(), every_photo()
    with on_new_machine():
        page, client = address(), Client()
        assert "I have a copy" in client.get(page).content.decode()
        wrong = client.post(page, {"act": "copy", "place": str(tmp_path / "nothing")})
        assert wrong.status_code == 422 and "There is no folder" in wrong.content.decode()
        wrong = client.post(page, {"act": "copy", "place": str(tmp_path), "identity": "AGE-SECRET-KEY-1QQ"})
        assert "after AGE-SECRET-KEY-1; this has 2" in wrong.content.decode()
        wrong = client.post(page, {"act": "copy", "place": "copies"})
        assert "Write the whole path" in wrong.content.decode()
        wrong = client.post(page, {"act": "copy", "place": str(tmp_path)})
        assert "There is no copy there" in wrong.content.decode()

        told = restored(client, page, place=str(tmp_path / "copies"))
        assert "The copy is restored" in told and "3 photos" in told, told
        assert "What was entered after that is not in it" in told
        assert every_row() == rows and every_photo() == photos
        assert client.get("/sign-in/").status_code == 200
        with pytest.raises(CommandError, match="There is a clinic already"):
            address()


def test_another_copy_where_one_is_damaged(
    on_new_machine: Callable[[], AbstractContextManager[None]], tmp_path: Path
) -> None:
    """Where the copies are is not asked twice, and an older one can be chosen on the page."""
    place = tmp_path / "copies"
    call_command("backup", str(place), stdout=StringIO())
    rows = every_row()
    fill(photos=1)
    call_command("backup", str(place), stdout=StringIO())
    older, newer = sorted(place.glob("database-*"))
    newer.write_bytes(b"not what it was")
    with on_new_machine():
        page, client = address(), Client()
        assert 'name="stamp"' not in client.get(page).content.decode()
        told = restored(client, page, place=str(place))
        assert f"{newer.name} is missing or altered" in told and "choose another copy" in told
        assert f'value="{place}"' in told and f'value="{stamp_of(older.name)}"' in told
        assert "The copy is restored" in restored(client, page, place=str(place), stamp=stamp_of(older.name))
        assert every_row() == rows


def test_interrupted_restoring_says_so(
    on_new_machine: Callable[[], AbstractContextManager[None]], tmp_path: Path
) -> None:
    """A program that was killed is not taken for one that still restores."""
    call_command("backup", str(tmp_path / "copies"), stdout=StringIO())
    with on_new_machine():
        page, client = address(), Client()
        place = {"act": "copy", "place": str(tmp_path / "copies")}
        assert client.post(page, place).status_code == 302
        os.kill(restore.progress().process, signal.SIGKILL)
        until = time.monotonic() + 10
        while (answer := client.get(page)).headers.get("Refresh") and time.monotonic() < until:
            time.sleep(0.1)
        assert "Restoring was interrupted" in answer.content.decode()


def test_new_clinic_by_the_first_page(settings: Any, tmp_path: Path) -> None:
    """Its manager chooses a password by the one-time link; then the page is gone."""
    settings.VAR_DIR = tmp_path
    page, client = address(), Client()
    told = {"name": "Lime Tree", "person": "Ada Bloom", "email": "ada@example.org", "time_zone": "Europe/London"}
    assert client.post(page, {"act": "new", **told, "email": "ada"}).status_code == 422
    answer = client.post(page, {"act": "new", **told})
    assert client.get(answer["Location"]).status_code == 200
    member = Clinic.objects.get(name="Lime Tree").memberships.get()
    assert (member.role, member.user.email) == (Role.MANAGER, "ada@example.org")
    assert client.get(page).status_code == 404
    assert client.post(page, {"act": "new", **told, "email": "b@example.org"}).status_code == 404


def test_no_stranger_sees_the_first_page(settings: Any, tmp_path: Path) -> None:
    """Without the code, with an older one, or two days later there is none."""
    settings.VAR_DIR = tmp_path
    refused = Client().get("/begin/anything/")
    assert refused.status_code == 404 and "can make another one" in refused.content.decode()
    older = address()
    page = address()
    assert Client().get(older).status_code == 404
    assert Client().get(page).status_code == 200
    assert page.split("/")[2] not in (tmp_path / "first-page").read_text()
    assert (tmp_path / "first-page").stat().st_mode & 0o077 == 0
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        assert Client().get(page).status_code == 404


def test_sign_in_says_that_nobody_can_yet() -> None:
    assert "anagen first_page" in Client().get("/sign-in/").content.decode()
    Clinic.objects.create(name="Invented Clinic")
    assert "anagen first_page" not in Client().get("/sign-in/").content.decode()
