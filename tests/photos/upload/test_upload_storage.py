"""A disk that is full or not there, and a database that is away at the moment of writing: nothing is half kept."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.operations import photo_store
from tests import factories
from tests.people import Cast
from tests.photos.corpus import encoded, scene
from treatments.models import Photo
from treatments.photos.store import originals
from treatments.photos.store.sweep import sweep
from treatments.records.ids import new_id

DATA = encoded(scene(11, 900, 700, hairs=4000), "JPEG", quality=95)
Send = Callable[[], tuple[int, dict[str, Any]]]


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    return tmp_path / "photos"


@pytest.fixture
def send(cast: Cast) -> Send:
    """The same photo under the same id, each time it is called."""
    factories.consent(cast.patient, kind="photography", purposes=["record"])
    client = Client(raise_request_exception=False)
    client.force_login(cast.nurse)
    url, photo_id = reverse("photos:upload", args=[cast.patient.pk]), new_id()

    def send() -> tuple[int, dict[str, Any]]:
        fields = {"view": "vertex", "id": str(photo_id), "_sentinel": "1"}
        photo = SimpleUploadedFile("a.jpg", DATA, "image/jpeg")
        answer = client.post(url, {**fields, "photo": photo}, headers={"X-Requested-With": "fetch"})
        return answer.status_code, answer.json() if "json" in answer["Content-Type"] else {}

    return send


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """The kernel refuses to let a file grow beyond `size` bytes, as it does where a disk ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def gone(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if sql.startswith('INSERT INTO "treatments_photo"'):
        raise OperationalError("server closed the connection unexpectedly")
    return execute(sql, params, many, context)


@pytest.mark.django_db
def test_full_disk_stores_nothing(send: Send, root: Path) -> None:
    """A disk that fills while a photo arrives stores nothing, and the next try works."""
    with no_room_beyond(len(DATA) // 2):
        status, told = send()

    assert (status, told["code"]) == (507, "storage")
    assert "no room" in told["sentence"]
    assert files(root) == [] and Photo.objects.count() == 0
    assert send()[0] == 201
    assert (root / Photo.objects.get().key).read_bytes() == DATA


@pytest.mark.django_db
@pytest.mark.parametrize("folder", ["staging", "derivatives", "originals"])
def test_unwritable_folder_stores_nothing(folder: str, send: Send, root: Path) -> None:
    """A folder that cannot be written stores nothing, and the next try works."""
    (root / folder).write_bytes(b"")  # in the way; permissions would not stop the tests' own user everywhere

    status, told = send()

    assert (status, told["code"]) == (507, "storage")
    assert files(root) == [root / folder] and Photo.objects.count() == 0
    (root / folder).unlink()
    assert send()[0] == 201


@pytest.mark.django_db
def test_lost_database_leaves_it_sendable(send: Send, root: Path) -> None:
    """A database that goes away before the row is written leaves a photo that can be sent again."""
    with connection.execute_wrapper(gone):
        status, _told = send()

    assert status in (500, 503)
    assert Photo.objects.count() == 0
    assert send()[0] == 201
    photo = Photo.objects.get()
    assert list(originals.verify(photo_store.originals(), [(photo.key, photo.sha256)])) == []
    sweep(root, {photo.key}, timezone.now() + timedelta(hours=49), store=photo_store.originals())
    assert [path for path in files(root) if "derivatives" not in path.parts] == [root / photo.key]


@pytest.mark.django_db
def test_absent_database_leaves_sweepable(send: Send, root: Path) -> None:
    """A database that stays away leaves only what the sweep clears."""
    with connection.execute_wrapper(gone):
        send()
    assert list((root / "staging").iterdir()) == []
    sweep(root, set(), timezone.now() + timedelta(hours=49), store=photo_store.originals())
    assert [path.relative_to(root).parts[0] for path in files(root)] == ["quarantine"]
