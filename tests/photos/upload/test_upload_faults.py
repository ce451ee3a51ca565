"""Bodies that are cut off, and servers that are killed: a photo is kept whole, once, or not at all."""

import json
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.people import Cast
from tests.photos.corpus import encoded, scene
from treatments.models import Photo
from treatments.records.ids import new_id

ROOT = Path(__file__).resolve().parents[3]
BOUNDARY = "----a-photo-on-its-way"
TOKEN = "t" * 32


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    return tmp_path / "photos"


def body_of(photo_id: Any, data: bytes) -> bytes:
    """The multipart body a browser sends, the sentinel last."""
    parts = []
    for name, value in {"view": "vertex", "id": str(photo_id)}.items():
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n'
    parts.append(head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + data + b"\r\n")
    parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="_sentinel"\r\n\r\n1\r\n'.encode())
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def post(live_server: Any, cast: Cast) -> Callable[..., int]:
    """Send a body over a socket of its own, whole or cut; the status of the answer, 0 when there is none."""
    factories.consent(cast.patient, kind="photography", purposes=["record"])
    client = Client()
    client.force_login(cast.nurse)
    session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    address = urlsplit(live_server.url)
    head = (
        f"POST {reverse('photos:upload', args=[cast.patient.pk])} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Cookie: sessionid={session}; csrftoken={TOKEN}\r\nX-CSRFToken: {TOKEN}\r\nX-Requested-With: fetch\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nConnection: close\r\n"
    )

    def send(body: bytes, *, share: float = 1, end: str = "whole") -> int:
        with socket.create_connection((address.hostname, address.port), timeout=20) as line:
            line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: int(len(body) * share)])
            if end == "reset":
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return 0
            if end == "close":
                return 0
            if end == "half-close":
                line.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := line.recv(65536):
                answer += chunk
        found = re.match(rb"HTTP/1\.[01] (\d+)", answer)
        return int(found[1]) if found else 0

    return send


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", ["close", "reset", "half-close"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_cut_body_stores_nothing(
    share: float, end: str, post: Callable[..., int], root: Path, live_server: Any
) -> None:
    """A body that is cut stores nothing, and the next try works."""
    photo_id, data = new_id(), encoded(scene(1, 800, 600), "JPEG", quality=90)
    body = body_of(photo_id, data)

    status = post(body, share=share, end=end)

    assert status in {0, 400, 422}
    assert Photo.objects.count() == 0
    assert post(body) == 201
    photo = Photo.objects.get()
    assert photo.pk == photo_id and (root / photo.key).read_bytes() == data
    assert Photo.objects.count() == 1
    assert list((root / "staging").iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_body_cut_before_the_sentinel(post: Callable[..., int], cast: Cast) -> None:
    """Cut between file and sentinel: Django takes it for a whole request without more fields."""
    data = encoded(scene(1), "JPEG")
    body = body_of(new_id(), data)
    end_of_file = body.index(data) + len(data) + 2 + len(BOUNDARY) + 4

    assert post(body, share=end_of_file / len(body), end="half-close") == 422
    assert Photo.objects.count() == 0


@pytest.mark.slow
def test_killed_workers_lose_nothing() -> None:
    """Workers killed again and again lose and double nothing."""
    script = [sys.executable, str(ROOT / "scripts/bench_uploads.py"), "--photos", "30", "--json"]

    done = subprocess.run(script, capture_output=True, text=True, timeout=300, cwd=ROOT)

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["rows"] == told["confirmed"] == 30
    assert told["kills"] >= 3
    assert told["wrong_or_missing"] == told["duplicates"] == told["orphans_after_sweep"] == 0
