"""A copy has every row and every photo, says what is wrong with it, and comes back whole."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pyrage
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.operations import closing, photo_folder
from clinic.operations import models as upkeep
from clinic.operations.models import Upkeep
from tests.copies.installations import Installation, add_photo, beside, drop, every_photo, every_row, fill
from tests.missing_tools import skip_or_fail
from tests.s3_server import KEY_ID, SECRET, s3_server
from treatments.copies import check
from treatments.copies.destination import Destination, open_place
from treatments.copies.manifest import _SUM, Manifest, ManifestDamaged, _written
from treatments.patients.models import Patient
from treatments.photos.models import Photo

pytestmark = pytest.mark.django_db(transaction=True)
PERSON = pyrage.x25519.Identity.generate()


@pytest.fixture
def here(settings: Any, tmp_path: Path) -> Path:
    """The installation of the test itself, with a place for copies."""
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "photos", tmp_path / "var"
    photo_folder.set_up()
    return tmp_path / "copies"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Installation]:
    new = beside(tmp_path / "new")
    yield new
    drop(new)


def run(*words: Any, **options: Any) -> str:
    told = StringIO()
    call_command(*map(str, words), stdout=told, **options)
    return told.getvalue()


def refused(*words: Any) -> str:
    """What a command says that ends with status 1."""
    told = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(*map(str, words), stdout=told)
    return f"{told.getvalue()}\n{refusal.value}"


@contextmanager
def place_of(kind: str, folder: Path, settings: Any) -> Iterator[str]:
    """A folder for plain copies, or a bucket for encrypted ones."""
    if kind == "folder":
        yield str(folder)
        return
    settings.BACKUP_KEY_ID, settings.BACKUP_SECRET = KEY_ID, SECRET
    settings.BACKUP_RECIPIENT = str(PERSON.to_public())
    with s3_server(folder) as server:
        yield server.url


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_copy_comes_back_whole(kind: str, here: Path, empty: Installation, settings: Any, tmp_path: Path) -> None:
    """Every row and every byte, in an empty installation; and once more nothing is fetched, nor a clinic replaced."""
    fill(photos=4)
    with place_of(kind, here, settings) as place:
        told = run("backup", place)
        assert "Read back: database, manifest, and 4 of 4 photos, 4 of them new." in told
        assert "0 of them new" in run("backup", place), "what is there is not sent again"
        rows, photos = every_row(), every_photo()
        key = tmp_path / "key"
        key.write_text(f"# created: 2026-05-14\n{PERSON}\n")
        with empty.in_use():
            if kind == "bucket":
                assert "Give the private key" in refused("restore", place)
            told = run("restore", place, identity=str(key))
            assert "4 photos (4 fetched now)" in told
            assert every_row() == rows and every_photo() == photos
            assert "all as they were sealed" in run("audit", "verify")
            assert "has a clinic in it already" in refused("restore", place)
            Patient.objects.update(name="Changed since")
            told = run("restore", place, identity=str(key), replace=True)
            assert "(0 fetched now)" in told and every_row() == rows
            [kept] = (empty.folder / "var/before-restore").iterdir()
            assert kept.stat().st_size > 100_000


def test_age_itself_opens_a_copy(here: Path, settings: Any, tmp_path: Path) -> None:
    """Debian's own `age -d` has no word of ours."""
    clinic = fill(photos=2)
    settings.BACKUP_RECIPIENT = str(PERSON.to_public())
    run("backup", here)
    (tmp_path / "key").write_text(str(PERSON))
    files = [path for path in here.rglob("*.age") if path.is_file()]
    assert len(files) == 3
    try:
        opened = [
            subprocess.run(["age", "-d", "-i", tmp_path / "key", path], capture_output=True, check=True).stdout
            for path in files
        ]
    except FileNotFoundError:
        skip_or_fail("age", "apt install age")
    assert sorted(map(len, opened))[:2] == [20_000, 20_000]
    assert clinic.name.encode() not in (here / "manifests").glob("*").__next__().read_bytes()


def damage(path: Path) -> None:
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("recipient", ["", str(PERSON.to_public())], ids=["plain", "encrypted"])
def test_each_damage_is_named(recipient: str, here: Path, settings: Any) -> None:
    """A byte of a photo, of the database and of the manifest; a photo that is gone; one that nobody knows."""
    settings.BACKUP_RECIPIENT = recipient
    fill(photos=3)
    run("backup", here)
    assert "Read to the last byte" in run("backup", here, check=True)
    altered, gone, other = sorted(path for path in here.glob("photos*/originals/*/*"))
    [database], [manifest] = here.glob("database-*"), here.glob("manifests/*")
    extra = other.with_name(f"{other.name[:-1]}{'0' if other.name[-1] != '0' else '1'}")
    damage(altered)
    damage(database)
    extra.write_bytes(b"a photo of nobody")
    gone.unlink()
    told = refused("backup", here, "--check")
    for path in (altered, database, gone):
        assert f"missing or altered: {path.relative_to(here)}\n" in told
    assert f"no copy names it: {extra.relative_to(here)}\n" in told
    assert "4 things are wrong" in told

    damage(manifest)
    assert f"manifests/{manifest.name} is damaged" in refused("backup", here, "--check")
    told = run("backup", here)
    assert "2 of them new" in told and "its copy was damaged" in told, "the next copy is whole again"
    newest = check.newest(Destination(open_place(str(here)), scratch=here))
    assert len(newest.photos) == 3
    assert f"manifests/{manifest.name} is damaged" in refused("backup", here, "--check"), "and the old one is told"


def test_an_altered_original_is_told(here: Path, settings: Any) -> None:
    """Each night anew; the whole copy stays, and a damaged one is replaced only by a whole original."""
    fill(photos=2)
    run("backup", here)
    photo = Photo.objects.first()
    original, copy = Path(settings.MEDIA_ROOT) / photo.key, here / "photos" / photo.key
    whole = original.read_bytes()
    damage(original)
    run("backup", here)
    assert copy.read_bytes() == whole

    damage(copy)
    for _night in range(2):
        told = refused("backup", here)
        assert f"missing or altered: photos/{photo.key}\n" in told
        assert Upkeep.objects.get(task=upkeep.BACKUP).faults == 1
    original.write_bytes(whole)
    run("backup", here)
    assert copy.read_bytes() == whole
    assert Upkeep.objects.get(task=upkeep.BACKUP).faults == 0


def test_a_failed_copy_is_remembered(here: Path, settings: Any) -> None:
    """What is no place, a disk that is not there, and a key that is none, each with its sentence."""
    fill(photos=1)
    assert "Say where the copy goes" in refused("backup")
    assert "There is no folder" in refused("backup", f"file://{here}/not-mounted")
    settings.BACKUP_RECIPIENT = "age1nothing"
    assert "is no public key of age" in refused("backup", here)
    assert "is no public key of age" in Upkeep.objects.get(task=upkeep.BACKUP_FAILED).reason
    assert not Upkeep.objects.filter(task=upkeep.BACKUP).exists()
    assert not list(here.glob("manifests/*"))


def test_older_photos_are_read_in_turn(here: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all would take too long: each within seven nights, the new ones at once, with --all every one."""
    monkeypatch.setattr("treatments.copies.backup.READ_ALL_BYTES", 0)
    clinic = fill(photos=14)
    run("backup", here)
    add_photo(Patient.objects.filter(clinic=clinic)[0])
    keys = list(Photo.objects.values_list("key", flat=True))
    told = run("backup", here)
    [count] = {int(line.split("and ")[1].split(" of")[0]) for line in told.splitlines() if "Read back" in line}
    today = datetime.now(UTC).date().toordinal() % 7
    assert count in {1 + sum(int(key[-2:], 16) % 7 == day for key in keys) for day in (today, today + 1)} | {
        sum(int(key[-2:], 16) % 7 == today for key in keys)
    }
    assert "and 15 of 15 photos, 0 of them new" in run("backup", here, all=True)


def test_old_copies_are_thinned() -> None:
    """All of 35 days, the last of each month for a year, and always the newest."""
    now = datetime(2026, 11, 30, 3, tzinfo=UTC)
    days = {f"{now - timedelta(days=n):%Y%m%d}": now - timedelta(days=n) for n in range(800)}
    kept = check.kept_stamps(days, now)
    assert {stamp for stamp, at in days.items() if now - at <= timedelta(days=35)} <= kept
    older = sorted(kept - {stamp for stamp, at in days.items() if now - at <= timedelta(days=35)})
    assert older == [
        "20251130", "20251231", "20260131", "20260228", "20260331", "20260430", "20260531", "20260630", "20260731",
        "20260831", "20260930",
    ]  # fmt: skip
    assert check.kept_stamps({"20200101": now - timedelta(days=2000)}, now) == {"20200101"}


def test_old_copies_go_with_their_photos(here: Path, settings: Any) -> None:
    """A photo goes when no copy names it any more, never before."""
    fill(photos=2)
    run("backup", here)
    place, now = Destination(open_place(str(here)), scratch=here), datetime.now(UTC)
    manifest = check.newest(place)
    path = here / f"photos/originals/00/{'0' * 8}-0000-0000-0000-{'0' * 12}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"of an older copy")
    assert check.thin_out(place, now) == []
    assert check.thin_out(place, now + timedelta(days=36)) == [path.relative_to(here).as_posix()]
    assert all((here / kept.name).is_file() for kept in manifest.photos.values())


def test_copy_of_the_earlier_format(here: Path, empty: Installation, settings: Any) -> None:
    """A database beside photos, as 0.1.0 and 0.2.0 left it, is checked and restored; the next copy has a manifest."""
    fill(photos=2)
    run("backup", here)
    [manifest] = here.glob("manifests/*")
    manifest.unlink()
    rows, photos = every_row(), every_photo()
    assert "2 photos" in run("backup", here, check=True)
    with empty.in_use():
        run("restore", here)
        assert every_row() == rows and every_photo() == photos


def test_a_newer_release_is_refused(here: Path, empty: Installation) -> None:
    """Its tables are not known here; and nothing was begun."""
    fill(photos=1)
    run("backup", here)
    [path] = here.glob("manifests/*")
    manifest = Manifest.parse("", path.read_bytes())
    manifest.migrations.append("treatments.9999_of_tomorrow")
    path.unlink()
    path.write_bytes(manifest.as_bytes())
    with empty.in_use():
        assert "made by a newer release" in refused("restore", here)
        assert not (empty.folder / "photos/originals").exists()


@pytest.mark.parametrize("offset", [0, 40, 200, -3])
def test_no_byte_of_a_manifest_may_change(offset: int) -> None:
    """Not even one that JSON does not mind."""
    whole = Manifest("2026-11-30T03:10:00+00:00", "0.2.0", "sqlite", ["a.1"], [1], {"t": 3}, []).as_bytes()
    assert Manifest.parse("m", whole).rows == {"t": 3}
    changed = bytearray(whole)
    changed[offset] ^= 1
    for content in (bytes(changed), whole[:-1], whole + b" ", json.dumps(json.loads(whole)).encode()):
        with pytest.raises(ManifestDamaged):
            Manifest.parse("m", content)


def test_database_is_of_another_kind(here: Path, empty: Installation) -> None:
    """A dump cannot become a file, nor the other way round: the way between is `move`."""
    fill(photos=1)
    run("backup", here)
    [path] = here.glob("manifests/*")
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[connection.vendor]
    content = json.loads(path.read_bytes())
    content["engine"] = other
    content.pop("sha256_of_the_rest")
    database, photos = content.pop("database"), content.pop("photos")
    from treatments.copies.manifest import KeptFile

    manifest = Manifest(
        database=KeptFile(**database), photos={key: KeptFile(**kept) for key, kept in photos.items()}, **content
    )
    path.unlink()
    path.write_bytes(manifest.as_bytes())
    with empty.in_use():
        assert "./anagen move" in refused("restore", here)


@pytest.mark.postgres
def test_manifest_behind_another_program(here: Path, settings: Any) -> None:
    """Its database is not here: a restored cluster is compared with the manifest, row by row and byte by byte."""
    fill(photos=3)
    shutil.copytree(settings.MEDIA_ROOT, here / "photos")
    told = run("backup", here, manifest_only="pgbackrest 20261130-031000F")
    assert "copied by pgbackrest 20261130-031000F, and its log up to 0/" in told
    assert "restore it from there first" in refused("restore", here)
    # What is noted of the copy itself is in no copy.
    Upkeep.objects.all().delete()
    assert "Read to the last byte" in run("backup", here, check=True, restored=True)

    Patient.objects.filter(pk=Patient.objects.first().pk).update(name="Another")
    damage(Path(settings.MEDIA_ROOT) / Photo.objects.first().key)
    told = refused("backup", here, "--check", "--restored")
    assert "treatments_patient: a row is not what it was\n" in told and "2 things are wrong" in told
    gone = next((here / "photos/originals").rglob("*-*"))
    gone.unlink()
    assert f"not there in full length: photos/originals/{gone.parent.name}/{gone.name}" in refused(
        "backup", here, "--manifest-only", "pgbackrest"
    )


@pytest.mark.django_db
def test_nothing_of_no_clinic_is_copied(tmp_path: Path) -> None:
    """On a machine that is set up again an empty copy would be the newest, and the one that is restored."""
    with pytest.raises(CommandError, match="There is no clinic in this database"):
        call_command("backup", str(tmp_path / "copies"))

    assert not (tmp_path / "copies").exists()
    assert not Upkeep.objects.filter(task__in=[upkeep.BACKUP, upkeep.BACKUP_FAILED]).exists()


def forged(manifest: Path, **changes: Any) -> None:
    """As whoever can write to the place can write it: with a sum that is right."""
    told = json.loads(manifest.read_text())
    told = {name: value for name, value in (told | changes).items() if name != _SUM}
    told[_SUM] = hashlib.sha256(_written(told)).hexdigest()
    manifest.write_bytes(_written(told))


LIES: dict[str, Any] = {
    "no photos": {"photos": [1]},
    "a file that is none": {"database": {"name": "x"}},
    "no time": {"made_at": "yesterday"},
    "a number that is none": {"rows": {"clinic_clinic": "1"}},
    "another word": {"owner": "me"},
    "a text that is none": {"release": {"a": 1}},
    "no format": {"format": "2"},
}


@pytest.mark.parametrize("changes", LIES.values(), ids=LIES.keys())
def test_forged_manifest_is_damaged(changes: dict[str, Any], tmp_path: Path) -> None:
    """It stops no nightly copy, and no check of the others."""
    path = tmp_path / "manifest"
    path.write_bytes(Manifest("2026-11-30T03:10:00+00:00", "0.3.0", "sqlite", [], [1], {}, []).as_bytes())
    Manifest.parse("whole", path.read_bytes())
    forged(path, **changes)
    for content in (path.read_bytes(), b"[" * 100_000):
        with pytest.raises(ManifestDamaged, match="forged is damaged"):
            Manifest.parse("forged", content)


def test_forged_copy_brings_nothing(here: Path, empty: Installation, settings: Any) -> None:
    """Two photos exchanged, a file that is no original, an old copy under a newer name: nothing is changed."""
    fill(photos=2)
    run("backup", here)
    [manifest] = here.glob("manifests/*")
    photos = json.loads(manifest.read_text())["photos"]
    (first, one), (second, other) = photos.items()
    whole = manifest.read_bytes()
    picture = first.replace("originals", "derivatives/1600") + ".jpg"
    for lie in ({first: other, second: one}, photos | {picture: one}, {first: one}):
        forged(manifest, photos=lie)
        with empty.in_use():
            assert "do not belong together: somebody has altered" in refused("restore", here)
            assert not [path for path in (empty.folder / "photos").rglob("*") if path.is_file()]
    manifest.write_bytes(whole)
    newer = manifest.rename(manifest.with_name("20991231T000000Z.json"))
    assert "under another name" in refused("backup", here, "--check")
    newer.rename(manifest)
    assert "Read to the last byte" in run("backup", here, check=True)


def test_what_is_no_file_is_no_copy(here: Path, settings: Any) -> None:
    """A link to a file of the machine, and a pipe, for which a nightly copy would wait for ever."""
    fill(photos=2)
    run("backup", here)
    first, second = sorted(here.glob("photos/originals/*/*"))
    content = first.read_bytes()
    elsewhere = here.parent / "elsewhere"
    elsewhere.write_bytes(content)
    first.unlink()
    first.symlink_to(elsewhere)
    second.unlink()
    os.mkfifo(second)
    told = refused("backup", here, "--check")
    for path in (first, second):
        assert f"missing or altered: {path.relative_to(here)}\n" in told


def test_strange_files_stop_no_copy(here: Path, settings: Any) -> None:
    """An encrypted photo that somebody opened where it lies, and names that no store of ours gives."""
    settings.BACKUP_RECIPIENT = str(PERSON.to_public())
    fill(photos=1)
    run("backup", here)
    [photo] = here.glob("photos-*/originals/*/*.age")
    photo.with_name(photo.name.split(".")[0]).write_bytes(b"opened by hand")
    photo.with_name("IMG 1234.jpg").write_bytes(b"put there")
    (here / "photos/originals").mkdir(parents=True)
    old = here / "photos/originals/a b"
    old.write_bytes(b"put there long ago")
    os.utime(old, (0, 0))
    assert "0 of them new" in run("backup", here)


def test_private_key_is_never_repeated(here: Path, settings: Any) -> None:
    """Set as the recipient by mistake: what a nightly copy says goes to the log."""
    fill(photos=1)
    settings.BACKUP_RECIPIENT = str(PERSON)
    told = refused("backup", here)
    assert "but the private one" in told and str(PERSON)[15:] not in told


def test_a_disk_that_is_not_connected(here: Path, settings: Any) -> None:
    """Its folder is there and empty, on the disk of the records: nothing is written, but to a new one."""
    fill(photos=1)
    here.mkdir()
    place = f"file://{here}"
    run("backup", place)
    here.rename(here.with_name("disk"))
    here.mkdir()
    assert "no copy is there now. Connect its disk" in refused("backup", place)
    assert not list(here.iterdir())
    run("backup", place, new_place=True)
    run("backup", place)
    assert "is a file" in refused("backup", next(here.glob("manifests/*")))


def test_a_clock_that_went_back(here: Path, settings: Any) -> None:
    """An older copy is never the newest by its name: it follows within minutes; of long before it is refused."""
    fill(photos=1)
    now = datetime.now(UTC)
    with time_machine.travel(now + timedelta(minutes=5)):
        run("backup", here)
    run("backup", here)
    first, second = sorted(path.stem for path in here.glob("manifests/*"))
    assert (second > first) and first == f"{now + timedelta(minutes=5):%Y%m%dT%H%M%SZ}"
    with time_machine.travel(now - timedelta(days=2)):
        assert "Set its clock right" in refused("backup", here)


def test_what_a_newcomer_is_told(here: Path, empty: Installation, settings: Any, tmp_path: Path) -> None:
    """Another key, a key file that is none, a photo that is gone, a database that a move has closed."""
    fill(photos=2)
    settings.BACKUP_RECIPIENT = str(PERSON.to_public())
    run("backup", here)
    (tmp_path / "key").write_text(str(PERSON))
    (tmp_path / "other").write_text(str(pyrage.x25519.Identity.generate()))
    next(path for path in here.rglob("*.age") if "originals" in path.parts).unlink()
    with empty.in_use():
        assert "encrypted for another one" in refused("restore", here, "--identity", tmp_path / "other")
        assert "cannot be read" in refused("restore", here, "--identity", tmp_path / "none")
        if connection.vendor == "sqlite":
            closing.close(closing.MOVING)
            assert "A move has closed this database" in refused("restore", here, "--identity", tmp_path / "key")
            closing.reopen()
        told = refused("restore", here, "--identity", tmp_path / "key")
        assert "1 photos (1 fetched now)" in told and "Where another place has copies too" in told
