"""A form whose body is cut on its way leaves no row and no half of one, and the next try works."""

import io
import socket
import struct
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from tests.faults.create_forms import CREATE_FORMS
from tests.faults.servers import gunicorn
from tests.html_forms import Fields, filled
from tests.people import Cast
from treatments.models import Draft, Photo, Therapy
from treatments.records.drafts import store as drafts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SHARES = [0.1, 0.5, 0.9, 0.999]
BOUNDARY = "boundary-of-the-test"


@pytest.fixture
def server(transactional_db: None) -> Iterator[tuple[str, int]]:
    with gunicorn() as address:
        yield address


class Sending:
    """One request, written to the socket by hand, whole or cut."""

    def __init__(self, server: tuple[str, int], client: Client, path: str, kind: str, body: bytes) -> None:
        self.server, self.body = server, body
        cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())
        self.head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\nX-CSRFToken: {token(client)}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        ).encode()

    def cut(self, share: float, how: str) -> None:
        with socket.create_connection(self.server, timeout=20) as line:
            line.sendall(self.head + self.body[: int(len(self.body) * share)])
            if how == "reset":
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif how == "half-close":
                line.shutdown(socket.SHUT_WR)
                assert b" 302 " not in read_all(line)[:20], "a cut body was taken for a whole one"

    def whole(self) -> int:
        with socket.create_connection(self.server, timeout=20) as line:
            line.sendall(self.head + self.body)
            return int(read_all(line).split(b" ", 2)[1])


def read_all(line: socket.socket) -> bytes:
    parts = []
    while part := line.recv(65536):
        parts.append(part)
    return b"".join(parts)


def token(client: Client) -> str:
    return client.cookies[settings.CSRF_COOKIE_NAME].value


def prepared(cast: Cast) -> tuple[Client, str, Fields]:
    client = cast.client(cast.manager)
    filling = CREATE_FORMS["patients:therapy-add"](cast, 5)
    fields = filled(client.get(filling.url).content.decode(), **filling.changes, note="The last words of the form")
    return client, filling.url, fields


def multipart(fields: Fields, files: dict[str, bytes] | None = None) -> bytes:
    """As a browser writes it: files where their fields stand, the sentinel last."""
    parts = []
    for name, values in fields.items():
        parts += [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for value in values]
    for name, data in (files or {}).items():
        told = f'Content-Disposition: form-data; name="{name}"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        parts.append(told.encode() + data)
    parts.append(b'Content-Disposition: form-data; name="_sentinel"\r\n\r\n1')
    return b"".join(f"--{BOUNDARY}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()


def bodies(fields: Fields) -> dict[str, bytes]:
    return {
        "application/x-www-form-urlencoded": urlencode(fields, doseq=True).encode(),
        f"multipart/form-data; boundary={BOUNDARY}": multipart({n: v for n, v in fields.items() if n != "_sentinel"}),
    }


@pytest.mark.parametrize("how", ["close", "reset", "half-close"])
@pytest.mark.parametrize("number", [0, 1], ids=["plain", "multipart"])
def test_cut_form_saves_nothing(server: tuple[str, int], cast: Cast, how: str, number: int) -> None:
    """A cut form saves nothing and the next try works."""
    client, url, fields = prepared(cast)
    kind, body = list(bodies(fields).items())[number]
    sending = Sending(server, client, url, kind, body)

    for share in SHARES:
        sending.cut(share, how)
    time.sleep(0.3)

    assert Therapy.objects.count() == 0
    assert sending.whole() == 302
    assert Therapy.objects.get(pk=fields["id"][0]).note == "The last words of the form"


@pytest.mark.parametrize("how", ["close", "half-close"])
def test_cut_photo_leaves_no_row_or_file(server: tuple[str, int], cast: Cast, how: str) -> None:
    """A cut photo leaves neither row nor file."""
    client, _, _ = prepared(cast)
    picture = io.BytesIO()
    Image.effect_noise((800, 800), 60).convert("RGB").save(picture, "JPEG")
    fields = {"id": [str(uuid.uuid4())], "view": ["vertex"], "reason": ["Asked by telephone"]}
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    body = multipart(fields, {"photo": picture.getvalue()})
    sending = Sending(server, client, f"/patients/{cast.patient.pk}/photos/upload/", kind, body)
    before = _files()

    for share in SHARES:
        sending.cut(share, how)
    time.sleep(0.5)

    assert Photo.objects.count() == 0
    assert _files() == before


def _files() -> set[Path]:
    """Other tests leave photos here too: only what is new counts."""
    return {path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()}


@pytest.mark.parametrize("how", ["close", "half-close"])
def test_cut_draft_is_not_stored(server: tuple[str, int], cast: Cast, how: str) -> None:
    client, url, _ = prepared(cast)
    ticket = drafts.ticket(owner=cast.manager, clinic=cast.clinic, form=url)
    body = f'{{"ticket": "{ticket}", "opening": "0123456789ab", "values": {{"note": ["{"n" * 3000}"]}}}}'.encode()
    sending = Sending(server, client, "/drafts/keep/", "application/json", body)

    for share in SHARES:
        sending.cut(share, how)
    time.sleep(0.3)

    assert Draft.objects.count() == 0
    assert sending.whole() == 200
    assert Draft.objects.get().values == {"note": ["n" * 3000]}


def test_form_without_last_field_is_refused(cast: Cast) -> None:
    """Where a server in between has made the length fit, the missing sentinel tells."""
    client, url, fields = prepared(cast)
    without: dict[str, Any] = {name: values for name, values in fields.items() if name != "_sentinel"}

    answer = client.post(url, without)

    assert answer.status_code == 422
    assert "Only a part of this form arrived" in answer.content.decode()
    assert Therapy.objects.count() == 0
