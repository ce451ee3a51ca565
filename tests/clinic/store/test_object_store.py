"""The six calls, on a folder and on a real S3 server; another one is named by the environment (tests/s3_server.py)."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinic.object_store import s3
from clinic.object_store.addresses import WrongAddress, open_store
from clinic.object_store.folders import FolderStore
from clinic.object_store.probe import probe
from clinic.object_store.s3 import S3Store
from clinic.object_store.stores import AlreadyThere, NotThere, ObjectStore, StoreAway, md5_of
from tests.s3_server import S3Server, s3_server, store_to_try

KEY = "originals/1f/0198-1f"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture(params=["folder", "folder_that_takes_files", "s3"])
def store(request: pytest.FixtureRequest, server: S3Server, tmp_path: Path) -> ObjectStore:
    if request.param == "s3":
        return store_to_try(server)
    (tmp_path / "store").mkdir()
    return FolderStore(tmp_path / "store", takes_files=request.param != "folder")


def put(store: ObjectStore, key: str, content: bytes, folder: Path) -> None:
    path = folder / "sent"
    path.write_bytes(content)
    try:
        store.put(key, path, md5=md5_of(path))
    finally:
        path.unlink()


def test_put_and_read(store: ObjectStore, tmp_path: Path) -> None:
    put(store, KEY, b"a photo" * 500_000, tmp_path)
    assert b"".join(store.get(KEY)) == b"a photo" * 500_000
    found = store.head(KEY)
    assert (found.key, found.size) == (KEY, 3_500_000)
    assert abs(datetime.now(UTC) - found.modified_at) < timedelta(minutes=2)


def test_never_overwritten(store: ObjectStore, tmp_path: Path) -> None:
    put(store, KEY, b"first", tmp_path)
    for content in (b"other", b"first"):
        with pytest.raises(AlreadyThere):
            put(store, KEY, content, tmp_path)
    assert b"".join(store.get(KEY)) == b"first"


def test_altered_on_the_way(store: ObjectStore, tmp_path: Path) -> None:
    """Bytes of another MD5 are not kept; a folder that takes the file itself copies nothing, so nothing can change."""
    if isinstance(store, FolderStore) and store._takes_files:
        return
    path, other = tmp_path / "sent", tmp_path / "other"
    path.write_bytes(b"sent")
    other.write_bytes(b"SENT")
    with pytest.raises(StoreAway) as told:
        store.put(KEY, path, md5=md5_of(other))
    assert told.value.code == "altered"
    with pytest.raises(NotThere):
        store.head(KEY)


def test_what_is_not_there(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(NotThere):
        store.get(KEY)
    with pytest.raises(NotThere):
        store.head(KEY)
    with pytest.raises(NotThere):
        store.quarantine(KEY, "quarantine/x")
    store.delete(KEY)
    assert list(store.list()) == list(store.list("originals")) == []


def test_list_by_whole_parts(store: ObjectStore, tmp_path: Path) -> None:
    for key in (KEY, "originals/20/b", "originals-old/20/c"):
        put(store, key, b"x", tmp_path)
    assert {each.key for each in store.list("originals")} == {KEY, "originals/20/b"}
    assert {each.key for each in store.list("originals/20/")} == {"originals/20/b"}
    assert len(list(store.list())) == 3


def test_quarantine_and_back(store: ObjectStore, tmp_path: Path) -> None:
    put(store, KEY, b"bytes", tmp_path)
    store.quarantine(KEY, "quarantine/2026-11-30/x")
    with pytest.raises(NotThere):
        store.head(KEY)
    put(store, KEY, b"again", tmp_path)
    with pytest.raises(AlreadyThere):
        store.quarantine("quarantine/2026-11-30/x", KEY)
    store.delete(KEY)
    store.quarantine("quarantine/2026-11-30/x", KEY)
    assert b"".join(store.get(KEY)) == b"bytes"
    assert [each.key for each in store.list()] == [KEY]


@pytest.mark.parametrize("key", ["", "/etc/passwd", "a/../b", "a//b", ".hidden", "a/.b", "a\\b", "a b", "a\n", "ä"])
def test_other_keys_refused(store: ObjectStore, key: str, tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    with pytest.raises(ValueError, match="not a key"):
        store.put(key, tmp_path / "f", md5="")
    with pytest.raises(ValueError, match="not a key"):
        store.get(key)


def test_one_of_many_puts(store: ObjectStore, tmp_path: Path) -> None:
    """Of eight who put one key at once, on a folder one succeeds; on any store the object is one of them, whole."""
    outcomes: list[bytes] = []

    def send(number: int) -> None:
        (tmp_path / str(number)).mkdir()
        content = bytes([number]) * 50_000
        try:
            put(store, KEY, content, tmp_path / str(number))
            outcomes.append(content)
        except AlreadyThere:
            pass

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert b"".join(store.get(KEY)) in outcomes
    if isinstance(store, FolderStore):
        assert len(outcomes) == 1


def test_probe_of_a_folder(tmp_path: Path) -> None:
    assert [each.capability.name for each in probe(FolderStore(tmp_path)) if not each.has] == []
    assert list(FolderStore(tmp_path).list()) == []


def test_probe_of_a_server(server: S3Server) -> None:
    """rclone has all that is needed; what it lacks is said by name."""
    store = store_to_try(server)
    findings = {each.capability.name: each for each in probe(store)}
    assert [name for name, each in findings.items() if each.capability.is_needed and not each.has] == []
    if "ANAGEN_TEST_S3" not in os.environ:
        assert {name for name, each in findings.items() if not each.has} == {"put_if_absent", "range"}
        assert "overwrites although told not to" in findings["put_if_absent"].sentence
    assert list(store.list()) == []


def test_large_file_in_parts(server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "MULTIPART_BYTES", 9_000_000)
    store = store_to_try(server)
    content = os.urandom(1_000_000) * 17
    put(store, "copies/large", content, tmp_path)
    assert b"".join(store.get("copies/large")) == content
    with pytest.raises(AlreadyThere):
        put(store, "copies/large", content, tmp_path)
    (tmp_path / "kept").write_bytes(content)
    monkeypatch.setattr(s3, "_etag_of_parts", lambda path: "another way to sum")
    with pytest.raises(StoreAway) as told:
        store.put("copies/other", tmp_path / "kept", md5="0" * 32)
    assert told.value.code == "altered"
    with pytest.raises(NotThere):
        store.head("copies/other")


def test_why_it_is_away(server: S3Server, tmp_path: Path) -> None:
    """Refused key, missing bucket, nobody at the address: each by its code, on every call, within a second."""
    put(server.store(), KEY, b"x", tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = server.store(f"s3://photos?endpoint=http://127.0.0.1:{free.getsockname()[1]}")
    stores = {
        "refused": server.store(secret="another secret"),
        "no_bucket": server.store(server.url.replace("photos", "phhotos")),
        "unreachable": dead,
    }
    for code, store in stores.items():
        for call in (
            lambda store=store: store.head(KEY),
            lambda store=store: store.get(KEY),
            lambda store=store: list(store.list()),
            lambda store=store: put(store, "originals/1f/new", b"x", tmp_path),
            lambda store=store: store.quarantine(KEY, "quarantine/x"),
        ):
            with pytest.raises(StoreAway) as told:
                call()
            assert told.value.code == code
    server.store().delete(KEY)


def test_silent_server_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and never answers: given up after the wait alone, not after several of them."""
    monkeypatch.setattr(s3, "SILENCE_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"s3://photos?endpoint=http://127.0.0.1:{silent.getsockname()[1]}"
        store = open_store(url, key_id="k", secret="s")
        assert isinstance(store, S3Store)
        for call in (lambda: store.get(KEY), lambda: store.put_if_absent(KEY, b"x", md5="00")):
            began = time.monotonic()
            with pytest.raises(StoreAway) as told:
                call()
            assert told.value.code == "silent"
            assert time.monotonic() - began < 2


def test_odd_names_are_no_objects(tmp_path: Path) -> None:
    """What somebody put into the folder by hand stops nobody who goes through all there is."""
    folder = tmp_path / "store/originals/ab"
    folder.mkdir(parents=True)
    for name in ("kept", "kept (1)", "a b", "ü", ".hidden"):
        (folder / name).write_bytes(b"x")
    (folder / "link").symlink_to(folder / "kept")
    store = FolderStore(tmp_path / "store")
    assert [each.key for each in store.list("originals")] == ["originals/ab/kept"]
    for call in (store.head, store.get):
        with pytest.raises(NotThere):
            call("originals/ab/link")


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    """A disk that is not mounted is no empty store, and is not made."""
    store = FolderStore(tmp_path / "unmounted")
    for call in (lambda: store.get(KEY), lambda: list(store.list()), lambda: put(store, KEY, b"x", tmp_path)):
        with pytest.raises(StoreAway) as told:
            call()
        assert told.value.code == "no_folder"
    assert not store.root.exists()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "begins with file:/// or s3://"),
        ("/srv/photos", "begins with file:/// or s3://"),
        ("ftp://host/x", "begins with file:/// or s3://"),
        ("https://s3.example.org/photos", "s3://bucket?endpoint=https://"),
        ("file://srv/photos", "three slashes"),
        ("file:///", "whole folder"),
        ("s3://photos", "Name the server"),
        ("s3://photos?endpoint=s3.example.org", "https:// and a host"),
        ("s3://photos?endpoint=http://s3.example.org", "must be https"),
        ("s3://photos?endpoint=https://s3.example.org/photos", "a server alone"),
        ("s3://photos?endpoint=https://s3.example.org:port", "https:// and a host"),
        ("s3://photos?endpont=https://s3.example.org", "not “endpont”"),
        ("s3://Photos_1?endpoint=https://s3.example.org", "small letters"),
        ("s3://key:secret@photos?endpoint=https://s3.example.org", "settings of their own"),
        ("s3://photos/a//b?endpoint=https://s3.example.org", "single slashes"),
    ],
)
def test_wrong_addresses(url: str, sentence: str) -> None:
    with pytest.raises(WrongAddress, match=sentence.replace("?", r"\?")):
        open_store(url, key_id="k", secret="s")


def test_key_is_needed() -> None:
    with pytest.raises(WrongAddress, match="both its key ID and its secret"):
        open_store("s3://photos?endpoint=https://s3.example.org", key_id="k")
