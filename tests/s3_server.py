"""A real S3 server on this machine, or the one that the environment names.

`ANAGEN_TEST_S3` (s3://bucket?endpoint=…), `ANAGEN_TEST_S3_KEY_ID` and `ANAGEN_TEST_S3_SECRET` point the tests of the
store at another server; those that stop or freeze it use rclone all the same.
"""

import os
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import rclone_api

from clinic.object_store.addresses import open_store
from clinic.object_store.s3 import S3Store

KEY_ID, SECRET, BUCKET = "test-key", "test-secret-of-this-run", "photos"


@dataclass
class S3Server:
    """rclone with one bucket, `folder`; each object is a file below it."""

    top: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def folder(self) -> Path:
        return self.top / BUCKET

    @property
    def url(self) -> str:
        return f"s3://{BUCKET}?endpoint=http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """The settings of a clinic whose originals lie here."""
        return {"PHOTO_STORE": self.url, "PHOTO_STORE_KEY_ID": KEY_ID, "PHOTO_STORE_SECRET": SECRET}

    def store(self, url: str = "", secret: str = SECRET) -> S3Store:
        store = open_store(url or self.url, key_id=KEY_ID, secret=secret)
        assert isinstance(store, S3Store)
        return store

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [str(_rclone()), "serve", "s3", "--addr", f"127.0.0.1:{self.port}"]
        command += ["--auth-key", f"{KEY_ID},{SECRET}", "--config", "/dev/null", str(self.top)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("rclone did not start in time")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def look_again(self) -> None:
        """rclone remembers what its folder held; to be called after a file was changed behind its back."""
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)
        time.sleep(0.2)

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def s3_server(top: Path) -> Iterator[S3Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = S3Server(top, free.getsockname()[1])
    server.start()
    try:
        yield server
    finally:
        server.kill()


def address_to_try(server: S3Server) -> tuple[str, str, str]:
    """Address, key ID and secret of a prefix of its own, on the server that the environment names, else on `server`."""
    bucket, _, options = os.environ.get("ANAGEN_TEST_S3", server.url).partition("?")
    key_id = os.environ.get("ANAGEN_TEST_S3_KEY_ID", KEY_ID)
    secret = os.environ.get("ANAGEN_TEST_S3_SECRET", SECRET)
    return f"{bucket.rstrip('/')}/{uuid.uuid4().hex}?{options}", key_id, secret


def store_to_try(server: S3Server) -> S3Store:
    """Below a prefix of this test's own, on the server that the environment names, else on `server`."""
    url, key_id, secret = address_to_try(server)
    store = open_store(url, key_id=key_id, secret=secret)
    assert isinstance(store, S3Store)
    return store


def _rclone() -> Path:
    return Path(rclone_api.__file__).parent / "bin" / "rclone"
