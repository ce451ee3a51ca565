"""The bytes as they came: staged, published once, never overwritten, and found again or missed."""

import hashlib
import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinic.object_store.folders import FolderStore
from treatments.photos.store import originals
from treatments.photos.store.originals import Fault, derivative_path, original_path, verify
from treatments.photos.store.originals import publish as publish_in
from treatments.photos.store.staging import MAX_BYTES, Staged, discard, private_folder, stage
from treatments.photos.store.sweep import SweepReport
from treatments.photos.store.sweep import sweep as sweep_in
from treatments.photos.store.upload_errors import PhotoRefused

PROJECT = Path(originals.__file__).parents[3]
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ID = uuid.UUID("01985c3e-7a10-7c44-9b1e-3f2a5d6c7eab")


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def folder(root: Path) -> FolderStore:
    return FolderStore(root, takes_files=True)


def publish(staged: Staged, *, key: uuid.UUID | str) -> str:
    return publish_in(staged, key=key, store=folder(staged.path.parents[1]))


def sweep(root: Path, known: Collection[str], now: datetime) -> SweepReport:
    return sweep_in(root, known, now, store=folder(root))


def kept(root: Path, content: bytes = b"photo", photo_id: uuid.UUID | None = None) -> str:
    return publish(stage([content], root=root), key=photo_id or uuid.uuid4())


def aged(root: Path, name: str, hours: float) -> None:
    then = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(root / name, (then, then))


def test_staging_counts_and_hashes(tmp_path: Path) -> None:
    """Staging counts and hashes what streams in."""
    content = random.Random(1).randbytes(300_000)
    parts = [content[at : at + 65_536] for at in range(0, len(content), 65_536)]
    staged = stage(parts, root=tmp_path)
    assert staged.path.parent == tmp_path / "staging"
    assert (staged.path.read_bytes(), staged.size) == (content, 300_000)
    assert staged.sha256 == hashlib.sha256(content).hexdigest()
    assert staged.path.stat().st_mode & 0o077 == 0


def test_forty_megabytes_and_no_byte_more(tmp_path: Path) -> None:
    """Forty megabytes are taken, and one byte more is not."""
    megabyte = bytes(1024 * 1024)
    staged = stage([megabyte] * 40, root=tmp_path)
    assert staged.size == MAX_BYTES
    discard(staged.path)
    asked_for = 0

    def endless() -> Iterator[bytes]:
        nonlocal asked_for
        while True:
            asked_for += 1
            yield megabyte

    with pytest.raises(PhotoRefused) as refused:
        stage(endless(), root=tmp_path)
    assert refused.value.code == "too_large"
    assert asked_for == 41  # noticed while it streams, not afterwards
    assert files(tmp_path) == []


def test_broken_upload_leaves_nothing(tmp_path: Path) -> None:
    """An upload that breaks off leaves nothing."""

    def broken() -> Iterator[bytes]:
        yield b"half a pho"
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError):
        stage(broken(), root=tmp_path)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("chunks", "sha256", "code"),
    [([], None, "empty"), ([b""], None, "empty"), ([b"photo"], "0" * 64, "altered_on_the_way")],
)
def test_other_bytes_than_sent_are_refused(chunks: list[bytes], sha256: str | None, code: str, tmp_path: Path) -> None:
    """What is not what was sent is refused."""
    with pytest.raises(PhotoRefused) as refused:
        stage(chunks, root=tmp_path, sha256=sha256)
    assert refused.value.code == code
    assert files(tmp_path) == []


def test_checksum_may_be_in_capitals(tmp_path: Path) -> None:
    """The sender's checksum may be in capitals."""
    assert stage([b"photo"], root=tmp_path, sha256=hashlib.sha256(b"photo").hexdigest().upper()).size == 5


def test_unwritable_place_gives_a_sentence(tmp_path: Path) -> None:
    """A place that cannot be written is reported in a sentence."""
    (tmp_path / "staging").write_bytes(b"a file where a folder should be")
    with pytest.raises(PhotoRefused) as refused:
        stage([b"photo"], root=tmp_path)
    assert refused.value.code == "storage"


def test_published_name_is_made_from_the_id(tmp_path: Path) -> None:
    """Publishing moves the bytes under a name made from the id alone."""
    key = kept(tmp_path, b"photo", ID)
    assert key == f"originals/ab/{ID}"
    assert files(tmp_path) == [key]
    assert original_path(tmp_path, key).read_bytes() == b"photo"
    assert original_path(tmp_path, key).stat().st_mode & 0o222 == 0


def test_ids_of_a_month_share_no_folder(tmp_path: Path) -> None:
    """Ids of one month do not share one folder."""
    month = 30 * 24 * 3600 * 1000
    keys = [
        kept(tmp_path, b"x", uuid.UUID(int=(0x019A00000000 + n * month // 20) << 80 | random.Random(n).getrandbits(62)))
        for n in range(20)
    ]
    assert len({key.split("/")[1] for key in keys}) > 10


def test_retry_never_overwrites_other_bytes(tmp_path: Path) -> None:
    """A retry with the same bytes succeeds, and other bytes never overwrite."""
    key = kept(tmp_path, b"photo", ID)
    assert kept(tmp_path, b"photo", ID) == key
    with pytest.raises(PhotoRefused) as refused:
        kept(tmp_path, b"other", ID)
    assert refused.value.code == "already_stored"
    assert files(tmp_path) == [key]
    assert original_path(tmp_path, key).read_bytes() == b"photo"


@pytest.mark.parametrize("key", ["../../etc/passwd", "a/b", "photo.jpg", ""])
def test_an_id_is_an_id(key: str, tmp_path: Path) -> None:
    staged = stage([b"photo"], root=tmp_path)
    with pytest.raises(ValueError, match="hexadecimal"):
        publish(staged, key=key)


@pytest.mark.parametrize(
    "key",
    [
        f"originals/ab/../{ID}",
        f"/originals/ab/{ID}",
        f"originals/ab/{ID}/x",
        f"originals/ab/{ID}\n",
        f"staging/ab/{ID}",
        "originals/ab/x.jpg",
        "",
    ],
)
def test_only_issued_keys_lead_to_files(key: str, tmp_path: Path) -> None:
    """Only keys that were given out lead to files."""
    with pytest.raises(ValueError, match="not the key"):
        original_path(tmp_path, key)
    with pytest.raises(ValueError, match="not the key"):
        derivative_path(tmp_path, key, 400)


def test_derivatives_have_a_place_by_size(tmp_path: Path) -> None:
    assert derivative_path(tmp_path, f"originals/ab/{ID}", 400) == tmp_path / f"derivatives/400/ab/{ID}.jpg"


def test_sweep_clears_only_what_crashed(tmp_path: Path) -> None:
    """The sweep clears what crashes left, and nothing else."""
    with_row, old_row, rowless, fresh = (kept(tmp_path, bytes([n])) for n in range(4))
    for key, hours in ((with_row, 1), (old_row, 9000), (rowless, 48.1), (fresh, 47.9)):
        aged(tmp_path, key, hours)
    left, arriving = (stage([b"x"], root=tmp_path).path.relative_to(tmp_path).as_posix() for _ in range(2))
    aged(tmp_path, left, 24.1)
    aged(tmp_path, arriving, 23.9)
    for key in (old_row, rowless):
        path = derivative_path(tmp_path, key, 400)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"made")
        aged(tmp_path, path.relative_to(tmp_path).as_posix(), 60)
    of_old_size = derivative_path(tmp_path, old_row, 123)
    of_old_size.parent.mkdir(parents=True)
    of_old_size.write_bytes(b"of a size that an earlier release made")
    aged(tmp_path, of_old_size.relative_to(tmp_path).as_posix(), 60)

    report = sweep(tmp_path, {with_row, old_row}, NOW)

    assert (report.staging_removed, report.quarantined) == ([left], [rowless])
    assert report.derivatives_removed == [
        of_old_size.relative_to(tmp_path).as_posix(),
        f"derivatives/400/{rowless.removeprefix('originals/')}.jpg",
    ]
    assert (report.returned, report.quarantine_removed) == ([], [])
    waiting = f"quarantine/2026-11-22/{rowless.rpartition('/')[2]}"
    made = f"derivatives/400/{old_row.removeprefix('originals/')}.jpg"
    assert files(tmp_path) == sorted([with_row, old_row, fresh, arriving, waiting, made])


def test_quarantine_ends_after_thirty_days(tmp_path: Path) -> None:
    """Quarantine ends after thirty days and not before."""
    key = kept(tmp_path)
    aged(tmp_path, key, 100)
    assert sweep(tmp_path, set(), NOW).quarantined == [key]
    assert sweep(tmp_path, set(), NOW + timedelta(days=30)).quarantine_removed == []
    assert len(sweep(tmp_path, set(), NOW + timedelta(days=31)).quarantine_removed) == 1
    assert files(tmp_path) == []


def test_returning_row_ends_quarantine(tmp_path: Path) -> None:
    """A file whose row turns up again comes back from quarantine."""
    key = kept(tmp_path, b"evidence")
    aged(tmp_path, key, 100)
    sweep(tmp_path, set(), NOW)  # with a wrong list of keys
    assert not (tmp_path / key).exists()
    assert sweep(tmp_path, {key}, NOW + timedelta(days=31)).returned == [key]
    assert (tmp_path / key).read_bytes() == b"evidence"


def test_no_other_user_may_read_a_photo(tmp_path: Path) -> None:
    """Folders and files are the server's alone; what an earlier version left open, the sweep closes."""
    root = tmp_path / "photos"
    root.mkdir()
    root.chmod(0o755)
    key = kept(root, b"photo", ID)
    made = derivative_path(root, key, 400)
    private_folder(made.parent)
    inside = [path for path in root.rglob("*")]
    assert inside and all(path.stat().st_mode & 0o077 == 0 for path in inside)

    made.write_bytes(b"made")
    made.chmod(0o644)
    made.parent.chmod(0o755)
    closed = sweep(root, {key}, NOW).closed

    assert set(closed) == {".", made.relative_to(root).as_posix(), made.parent.relative_to(root).as_posix()}
    assert all(path.stat().st_mode & 0o007 == 0 for path in [root, *root.rglob("*")])
    assert sweep(root, {key}, NOW).closed == []


def test_a_sweep_of_nothing_does_nothing(tmp_path: Path) -> None:
    assert sweep(tmp_path, set(), NOW) == SweepReport()


def test_verify_names_missing_and_altered(tmp_path: Path) -> None:
    """Verify names what is missing and what was altered."""
    rows = [(kept(tmp_path, bytes([n]) * 100), hashlib.sha256(bytes([n]) * 100).hexdigest()) for n in range(5)]
    assert list(verify(folder(tmp_path), rows)) == []
    os.unlink(tmp_path / rows[1][0])
    altered = tmp_path / rows[3][0]
    altered.chmod(0o600)
    altered.write_bytes(b"\3" * 99 + b"\2")  # the same length, one bit
    strange = ("originals/zz/nothing", "0" * 64)
    assert list(verify(folder(tmp_path), [*rows, strange])) == [
        Fault(rows[1][0], "missing"),
        Fault(rows[3][0], "altered"),
        Fault(strange[0], "missing"),
    ]


KEEP_PUBLISHING = """
import hashlib, random, sys, uuid
from pathlib import Path
from clinic.object_store.folders import FolderStore
from treatments.photos.store.originals import publish
from treatments.photos.store.staging import stage
store = FolderStore(Path(sys.argv[1]), takes_files=True)
chance = random.Random(int(sys.argv[2]))
while True:
    content = chance.randbytes(chance.randrange(1, 400_000))
    parts = (content[at : at + 8192] for at in range(0, len(content), 8192))
    staged = stage(parts, root=Path(sys.argv[1]))
    print(publish(staged, key=uuid.uuid4(), store=store), staged.sha256, flush=True)
"""


def test_kill_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    """Whatever moment it is killed at, what was confirmed is whole."""
    chance, confirmed = random.Random(3), []
    for number in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", KEEP_PUBLISHING, str(tmp_path), str(number)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        begun = writer.stdout.readline()  # however slowly the machine starts it
        time.sleep(chance.uniform(0, 0.15))
        writer.kill()
        said = begun + writer.communicate()[0]
        confirmed += [tuple(line.split()) for line in said.splitlines(keepends=True) if line.endswith("\n")]
    assert len(confirmed) > 8
    assert list(verify(folder(tmp_path), confirmed)) == []
    # A file at a final place is whole even when nobody was told of it any more.
    unconfirmed = set(files(tmp_path / "originals")) - {key.removeprefix("originals/") for key, _ in confirmed}
    assert len(unconfirmed) <= 8
    sweep(tmp_path, {key for key, _ in confirmed}, datetime.now(UTC) + timedelta(hours=49))
    assert [name for name in files(tmp_path) if not name.startswith("quarantine/")] == sorted(k for k, _ in confirmed)
