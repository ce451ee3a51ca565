"""Upload photos while the server's workers are killed again and again; count what was lost, doubled or left behind.

    python scripts/bench_uploads.py [--photos 200] [--clients 4] [--seed 1] [--postgres] [--json]

Starts gunicorn on a free port with a database and a photo folder of its own, which are removed afterwards. Each client
sends its photos one after the other, each under an id of its own, and repeats a photo until the server has confirmed
it. Exit code 1 when a confirmed photo is missing, altered or there twice, or when a file without a row is left after
the sweep.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
BOUNDARY = "----a-photo-on-its-way"
TOKEN = "t" * 32
WORKERS = 2
GIVE_UP_AFTER = 240
"""Seconds for all photos; a server that makes no progress has lost them."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL made for this run, not on SQLite")
    parser.add_argument("--json", action="store_true", help="one line of JSON last")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anagen-uploads-") as folder, _database(told.postgres, folder) as url:
        os.environ |= {
            "ANAGEN_MODE": "development",
            "DATABASE_URL": url,
            "MEDIA_ROOT": f"{folder}/photos",
            "VAR_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "clinic.settings",
        }
        found = _measure(Path(folder), photos=told.photos, clients=told.clients, seed=told.seed)
    for name, value in found.items():
        print(f"{name.replace('_', ' '):22} {value}")
    if told.json:
        print(json.dumps(found))
    whole = found["rows"] == found["confirmed"] == told.photos
    return 0 if whole and not (found["wrong_or_missing"] or found["duplicates"] or found["orphans_after_sweep"]) else 1


@contextlib.contextmanager
def _database(postgres: bool, folder: str) -> Iterator[str]:
    if not postgres:
        yield f"sqlite:///{folder}/anagen.sqlite3"
        return
    from tests.databases import postgresql

    with postgresql() as url:
        yield url


def _measure(folder: Path, *, photos: int, clients: int, seed: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    path, session = _clinic()
    port = _free_port()
    server = _start(port, folder)
    chance = random.Random(seed)  # noqa: S311 - seeded chance, not secrecy
    work = [_picture(chance) for _ in range(photos)]
    confirmed: dict[str, str] = {}
    done = threading.Event()
    killer = threading.Thread(target=_kill, args=(server.pid, done, chance, kills := [], confirmed, photos))
    senders = [
        threading.Thread(target=_send_all, args=(work[place::clients], port, path, session, confirmed))
        for place in range(clients)
    ]
    began = time.monotonic()
    try:
        for thread in [killer, *senders]:
            thread.start()
        for thread in senders:
            thread.join()
    finally:
        done.set()
        killer.join()
        server.terminate()
        server.wait(30)
    seconds = time.monotonic() - began
    return {"seconds": round(seconds, 1), "kills": len(kills), **_count(folder / "photos", confirmed)}


def _clinic() -> tuple[str, str]:
    """A clinic, a nurse and a patient with consent: the upload's path, and a session key of the nurse."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from tests import factories

    clinic = factories.clinic()
    nurse, patient = factories.member(clinic, "nurse"), factories.patient(clinic)
    factories.consent(patient, kind="photography", purposes=["record"])
    client = Client()
    client.force_login(nurse)
    return reverse("photos:upload", args=[patient.pk]), client.cookies[settings.SESSION_COOKIE_NAME].value


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(port: int, folder: Path) -> "subprocess.Popen[bytes]":
    words = ["clinic.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--threads", "8"]
    words += ["--worker-class", "gthread", "--preload", "--timeout", "120", "--log-level", "critical"]
    log = open(folder / "gunicorn.log", "wb")
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", *words], cwd=ROOT, stdout=log, stderr=log)
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return server
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError((folder / "gunicorn.log").read_text()[-2000:])


def _kill(
    arbiter: int,
    done: threading.Event,
    chance: random.Random,
    kills: list[int],
    confirmed: dict[str, str],
    photos: int,
) -> None:
    """Kill every worker each time two to six more photos are confirmed, at a moment anywhere in an upload.

    Counted in photos and not in seconds, so that a quick machine is interrupted as often as a slow one.
    """
    after = chance.randint(2, 4)
    while after < photos:
        while len(confirmed) < after:
            if done.wait(0.02):
                return
        done.wait(chance.uniform(0, 0.4))
        workers = _children(arbiter)
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        if workers:
            kills.append(len(workers))
        after = len(confirmed) + chance.randint(2, 6)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def _picture(chance: random.Random) -> tuple[str, bytes]:
    """An id and a JPEG of 0.4 to 1.5 MB; noise, so that no two are alike and none compresses."""
    from PIL import Image

    from treatments.records.ids import new_id

    width, height = chance.randrange(700, 1300), chance.randrange(500, 900)
    picture = Image.frombytes("L", (width, height), chance.randbytes(width * height)).convert("RGB")
    out = BytesIO()
    picture.save(out, "JPEG", quality=92)
    return str(new_id()), out.getvalue()


def _send_all(work: list[tuple[str, bytes]], port: int, path: str, session: str, confirmed: dict[str, str]) -> None:
    until = time.monotonic() + GIVE_UP_AFTER
    for photo_id, data in work:
        sha256 = hashlib.sha256(data).hexdigest()
        while time.monotonic() < until:
            status = _send(photo_id, data, sha256, port, path, session)
            if status in {200, 201}:
                confirmed[photo_id] = sha256
                break
            time.sleep(0.2)


def _send(photo_id: str, data: bytes, sha256: str, port: int, path: str, session: str) -> int:
    fields = {"view": "vertex", "id": photo_id, "sha256": sha256}
    parts = [_field(name, value) for name, value in fields.items()]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n'
    parts += [head.encode(), b"Content-Type: image/jpeg\r\n\r\n", data, b"\r\n", _field("_sentinel", "1")]
    body = b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])
    headers = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
        "X-Requested-With": "fetch",
    }
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("POST", path, body, headers)
        answer = line.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        line.close()


def _field(name: str, value: str) -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def _count(root: Path, confirmed: dict[str, str]) -> dict[str, int]:
    """Compare what was confirmed with what is there, before and after a sweep 49 hours later."""
    from django.db import connection
    from django.utils import timezone

    from clinic.operations import photo_store
    from treatments.models import Photo
    from treatments.photos.store import originals
    from treatments.photos.store.sweep import sweep

    connection.close()
    rows = {str(pk): (key, sha256) for pk, key, sha256 in Photo.objects.values_list("pk", "key", "sha256")}
    lost = sum(1 for photo_id, sha256 in confirmed.items() if rows.get(photo_id, ("", ""))[1] != sha256)
    faults = list(originals.verify(photo_store.originals(), rows.values()))
    keys = {key for key, _sha256 in rows.values()}
    before = {_name(path, root) for path in _files(root / "originals")} - keys
    staged = _files(root / "staging")
    report = sweep(root, keys, timezone.now() + timedelta(hours=49), store=photo_store.originals())
    left = {_name(path, root) for path in _files(root / "originals")} ^ keys
    left |= {_name(path, root) for path in _files(root / "staging")}
    return {
        "confirmed": len(confirmed),
        "rows": len(rows),
        "duplicates": len(rows) - len({sha256 for _key, sha256 in rows.values()}),
        "wrong_or_missing": lost + len(faults),
        "orphans_before_sweep": len(before),
        "staged_before_sweep": len(staged),
        "thumbnails_swept": len(report.derivatives_removed),
        "orphans_after_sweep": len(left),
    }


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


if __name__ == "__main__":
    sys.exit(main())
