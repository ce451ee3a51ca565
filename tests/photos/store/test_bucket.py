"""Originals in a bucket of a real S3 server: kept, shown, checked, cleared away; and what goes on while it is away."""

import hashlib
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.object_store import circuit_breaker, s3
from clinic.operations import health, photo_store
from tests import factories
from tests.copies.installations import keep_photo
from tests.people import Cast
from tests.photos.corpus import encoded, scene
from tests.s3_server import KEY_ID, SECRET, S3Server, s3_server
from treatments.models import Photo
from treatments.photos.batches import actions as batches
from treatments.photos.export.before_after import PictureMissing, opened
from treatments.photos.models import WaitingPhoto
from treatments.photos.store.originals import storage_key
from treatments.records.ids import new_id

pytestmark = pytest.mark.django_db
DATA = encoded(scene(11, 400, 300, hairs=500), "JPEG", quality=90)
OTHER = encoded(scene(12, 400, 300, hairs=500), "JPEG", quality=90)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    with s3_server(tmp_path / "s3") as running:
        yield running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A silent server is given up after a second, and one that was away is asked again at once."""
    monkeypatch.setattr(s3, "SILENCE_SECONDS", 1)
    monkeypatch.setattr(circuit_breaker, "PAUSE_SECONDS", 0)
    photo_store._bucket.cache_clear()
    yield
    photo_store._bucket.cache_clear()


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path, server: S3Server) -> Path:
    """The folder of this host, which need not be there."""
    settings.MEDIA_ROOT = tmp_path / "host"
    use(settings, server.url)
    return tmp_path / "host"


def use(settings: Any, url: str, secret: str = SECRET) -> None:
    settings.PHOTO_STORE, settings.PHOTO_STORE_KEY_ID, settings.PHOTO_STORE_SECRET = url, KEY_ID, secret


class Sender:
    """The same photo under the same id, each time it is called."""

    def __init__(self, cast: Cast) -> None:
        factories.consent(cast.patient, kind="photography", purposes=["record"])
        self.client, self.cast, self.id = cast.client(cast.nurse), cast, new_id()

    def __call__(self, data: bytes = DATA) -> tuple[int, dict[str, Any]]:
        fields = {"view": "vertex", "id": str(self.id), "sha256": hashlib.sha256(data).hexdigest(), "_sentinel": "1"}
        photo = SimpleUploadedFile("a.jpg", data, "image/jpeg")
        url = reverse("photos:upload", args=[self.cast.patient.pk])
        answer = self.client.post(url, {**fields, "photo": photo}, headers={"X-Requested-With": "fetch"})
        return answer.status_code, answer.json()


@pytest.fixture
def send(cast: Cast) -> Sender:
    return Sender(cast)


def objects(server: S3Server) -> dict[str, bytes]:
    files = [path for path in server.folder.rglob("*") if path.is_file()]
    return {path.relative_to(server.folder).as_posix(): path.read_bytes() for path in files}


def local(root: Path) -> set[str]:
    return {path.relative_to(root).parts[0] for path in root.rglob("*") if path.is_file()}


def detail(photo: Photo) -> str:
    return reverse("photos:detail", args=[photo.patient_id, photo.pk])


def test_kept_shown_and_handed_out(send: Sender, server: S3Server, root: Path, cast: Cast, settings: Any) -> None:
    """The original lies in the bucket alone; a second host makes the pictures anew, under the same ETag."""
    assert send()[0] == 201
    photo = Photo.objects.get()
    assert objects(server) == {photo.key: DATA}
    assert local(root) == {"derivatives"}
    first = send.client.get(photo.small_url)
    assert "original_fault" in (page := send.client.get(detail(photo))).context and not page.context["original_fault"]

    settings.MEDIA_ROOT = root.with_name("second-host")
    second = send.client.get(photo.small_url)
    assert second.status_code == 200 and second["ETag"] == first["ETag"]
    assert {path.parent.parent.name for path in settings.MEDIA_ROOT.rglob("*.jpg")} == {"400", "1600"}
    assert local(settings.MEDIA_ROOT) == {"derivatives"}

    original = cast.client(cast.clinician).post(
        reverse("photos:original", args=[photo.patient_id, photo.pk]), {"purpose": "record"}
    )
    assert b"".join(original.streaming_content) == DATA


def test_host_without_its_folder(server: S3Server, root: Path, settings: Any) -> None:
    """It needs nothing to be set up: what it lacks is made, and no command says that photos are kept there. Where the
    address of the bucket is forgotten, nothing is put into that folder."""
    assert not root.exists()
    assert health.examine()["photos"]["ok"] and list(root.iterdir()) == []
    told = StringIO()
    call_command("photos", "folder", stdout=told)
    assert told.getvalue().startswith("Originals are kept in the bucket of PHOTO_STORE; ")
    call_command("photos", "sweep", stdout=StringIO())
    settings.PHOTO_STORE = ""
    assert health.examine()["photos"]["fault"] == "photos_missing"


def test_same_id_other_bytes_refused(send: Sender, server: S3Server) -> None:
    """As in a folder: what is there is never overwritten, although this server would."""
    key = storage_key(send.id)
    (server.folder / key).parent.mkdir(parents=True)
    (server.folder / key).write_bytes(OTHER)
    server.look_again()
    status, told = send()
    assert (status, told["code"]) == (422, "already_stored")
    assert objects(server) == {key: OTHER}


@pytest.mark.parametrize("how", ["dead", "frozen", "failing"])
def test_photo_waits_and_text_goes_on(
    how: str, send: Sender, server: S3Server, root: Path, cast: Cast, settings: Any
) -> None:
    """Notes are saved, pictures of this host are shown, others say why not; the photo arrives when it is back."""
    assert send()[0] == 201
    shown = Photo.objects.get()
    later = Sender(cast)
    with away(how, server, settings):
        began = time.monotonic()
        status, told = later(OTHER)
        assert time.monotonic() - began < 5
        assert (status, told["code"]) == (503, "photos_away")
        assert "not stored yet" in told["sentence"]
        assert (picture := send.client.get(shown.small_url)).status_code == 200
        etag = picture["ETag"]
        page = send.client.get(detail(shown))
        assert page.status_code == 200 and "The store of the photos does not answer" in page.content.decode()
        for path in root.rglob("*.jpg"):
            path.unlink()
        kept_by_browser = send.client.get(shown.small_url, headers={"If-None-Match": etag})
        assert kept_by_browser.status_code == 304
        picture = send.client.get(shown.small_url, headers={"Accept": "image/*"})
        assert (picture.status_code, picture["Anagen-Outage"]) == (503, "photos_away")
        assert picture.content.decode().startswith("The store of the photos does not answer. ")
        assert health.examine()["photos"]["fault"] == "photos_away"
        original = reverse("photos:original", args=[shown.patient_id, shown.pk])
        asked = cast.client(cast.clinician).post(original, {"purpose": "record"})
        assert (asked.status_code, asked["Anagen-Outage"]) == (503, "photos_away")
        with pytest.raises(PictureMissing, match="cannot be shown now"):
            opened(shown)
        assert send.client.get(cast.patient.get_absolute_url()).status_code == 200

    assert later(OTHER)[0] == 201
    assert later(OTHER)[0] == 201
    assert health.examine()["photos"]["ok"]
    assert send.client.get(shown.small_url).status_code == 200
    assert Photo.objects.count() == len(objects(server)) == 2
    assert "staging" not in local(root)


@contextmanager
def away(how: str, server: S3Server, settings: Any) -> Iterator[None]:
    if how == "dead":
        server.kill()
        yield
        server.start()
    elif how == "frozen":
        server.freeze()
        yield
        server.thaw()
    else:
        with failing_server() as port:
            use(settings, f"s3://photos?endpoint=http://127.0.0.1:{port}")
            yield
        use(settings, server.url)


@contextmanager
def failing_server() -> Iterator[int]:
    """Answers 503 to everything."""

    class Failing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_PUT = do_HEAD = do_DELETE = answer

        def log_message(self, *args: Any) -> None: ...

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Failing)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield listening.server_address[1]
    finally:
        listening.shutdown()
        listening.server_close()


@pytest.mark.parametrize("wrong", ["secret", "bucket"])
def test_refused_by_the_store(wrong: str, send: Sender, server: S3Server, settings: Any) -> None:
    if wrong == "secret":
        use(settings, server.url, secret="of another key")
    else:
        use(settings, server.url.replace("photos", "another"))
    status, told = send()
    assert (status, told["code"]) == (503, "photos_refused")
    assert "refuses this server; tell the person who looks after Anagen" in told["sentence"]
    assert health.examine()["photos"]["fault"] == "photos_refused"
    assert Photo.objects.count() == 0


def test_lost_answer_is_no_second_photo(send: Sender, server: S3Server, settings: Any) -> None:
    """The object was put, its answer swallowed: told as not stored, and sent again it is one row and one object."""
    with swallowing_proxy(server.port) as port:
        use(settings, f"s3://photos?endpoint=http://127.0.0.1:{port}")
        status, told = send()
    assert (status, told["code"]) == (503, "photos_away")
    assert list(objects(server).values()) == [DATA] and Photo.objects.count() == 0
    use(settings, server.url)
    assert send()[0] == 201
    assert Photo.objects.count() == len(objects(server)) == 1


@contextmanager
def swallowing_proxy(port: int) -> Iterator[int]:
    """Passes everything on, and closes the connection in place of the answer to a PUT."""

    def serve(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as behind:
            seen = b""
            while head := client.recv(65536):
                seen += head
                behind.sendall(head)
                if not (length := re.search(rb"content-length: (\d+)", seen, re.I)) and seen.startswith(b"PUT"):
                    continue
                body = seen.partition(b"\r\n\r\n")[2]
                if length and len(body) < int(length[1]):
                    continue
                answer = behind.recv(65536)
                if seen.startswith(b"PUT"):
                    return
                client.sendall(answer)
                seen = b""

    def accept() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def test_old_photo_waits_in_the_bucket(server: S3Server, cast: Cast, root: Path) -> None:
    """Photos that wait for a patient use the same store, and go with their object."""
    received = batches.receive([DATA], waiting_id=new_id(), batch_id=new_id(), clinic=cast.clinic, by=cast.nurse)
    waiting = received.waiting
    assert waiting is not None and objects(server) == {storage_key(waiting.pk): DATA}
    picture = reverse("photos:waiting-file", args=[waiting.batch_id, waiting.pk, 400])
    for path in root.rglob("*.jpg"):
        path.unlink()
    assert Client.get(cast.client(cast.nurse), picture).status_code == 200
    batches.remove(waiting.batch, ids=[waiting.pk], by=cast.nurse)
    assert objects(server) == {} and not WaitingPhoto.objects.exists()


def test_sweep_by_the_stores_clock(send: Sender, server: S3Server, root: Path) -> None:
    """A rowless object goes aside after 48 hours, comes back with its row, and a picture goes that nobody asks for."""
    assert send()[0] == 201
    photo = Photo.objects.get()
    for key, hours in (("originals/aa/" + str(new_id()), 49), ("originals/ab/" + str(new_id()), 47), (photo.key, 999)):
        path = server.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(path.read_bytes() if path.exists() else b"rowless")
        aged(path, timedelta(hours=hours))
    for path in root.rglob("*.jpg"):
        aged(path, timedelta(days=91 if "400" in path.parts else 89))
    server.look_again()
    told = StringIO()
    call_command("photos", "sweep", stdout=told)
    assert "1 put in quarantine" in told.getvalue()
    assert {key.split("/")[0] for key in objects(server)} == {"originals", "quarantine"}
    assert len(objects(server)) == 3
    assert [path.parts[-3] for path in root.rglob("*.jpg")] == ["1600"]

    server.store().quarantine(photo.key, f"quarantine/2026-11-01/{photo.pk}")
    call_command("photos", "sweep", stdout=StringIO())
    assert objects(server)[photo.key] == DATA


def aged(path: Path, age: timedelta) -> None:
    then = (timezone.now() - age).timestamp()
    os.utime(path, (then, then))


def test_verify_names_what_is_wrong(send: Sender, server: S3Server, cast: Cast) -> None:
    assert send()[0] == 201 and Sender(cast)(OTHER)[0] == 201
    call_command("photos", "verify", stdout=StringIO())
    first, second = Photo.objects.order_by("pk")
    (server.folder / first.key).unlink()
    (server.folder / second.key).write_bytes(DATA)
    server.look_again()
    told = StringIO()
    with pytest.raises(CommandError, match="2 of 2"):
        call_command("photos", "verify", stdout=told)
    assert f"missing  {first.key}" in told.getvalue() and f"altered  {second.key}" in told.getvalue()
    assert "was changed after it came" in send.client.get(detail(second)).content.decode()
    server.kill()
    with pytest.raises(CommandError, match="The store cannot be reached"):
        call_command("photos", "verify", stdout=StringIO())


def test_silent_store_asked_by_one(send: Sender, server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first wait others are told at once, so that its silence cannot hold every thread of the server."""
    monkeypatch.setattr(circuit_breaker, "PAUSE_SECONDS", 60)
    monkeypatch.setattr(s3, "SILENCE_SECONDS", 5)
    server.freeze()
    assert send()[1]["code"] == "photos_away"
    began = time.monotonic()
    for _ in range(3):
        assert send()[1]["code"] == "photos_away"
    assert time.monotonic() - began < 12  # and not three times five seconds, however busy the machine
    server.thaw()


def test_what_moved_leaves_the_folder(root: Path, cast: Cast, server: S3Server) -> None:
    """Each original that the bucket has, byte for byte, and no other."""
    photos = [keep_photo(content, patient=cast.patient, pk=new_id()) for content in (DATA, OTHER)]
    for photo in photos:
        path = root / photo.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(DATA)  # of the second photo something else
    nobodys = root / storage_key(new_id())
    nobodys.parent.mkdir(parents=True, exist_ok=True)
    nobodys.write_bytes(DATA)
    told = StringIO()
    with pytest.raises(CommandError, match="2 originals stay"):
        call_command("photos", "remove_moved", stdout=told)
    assert f"1 originals removed from {root}, {len(DATA)} bytes" in told.getvalue()
    assert f"stays, in the bucket it is altered: {photos[1].key}" in told.getvalue()
    assert f"stays, in the bucket it is missing: {nobodys.relative_to(root)}" in told.getvalue()
    for path in (root / photos[1].key, nobodys):
        path.unlink()
    call_command("photos", "remove_moved", stdout=told)
    assert not (root / "originals").exists() and len(objects(server)) == 2
    call_command("photos", "verify", stdout=told)


def test_a_folder_keeps_its_originals(root: Path, settings: Any) -> None:
    """Without a bucket there is nothing that moved."""
    settings.PHOTO_STORE = ""
    with pytest.raises(CommandError, match="names no bucket"):
        call_command("photos", "remove_moved")
