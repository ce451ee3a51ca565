"""`anagen doctor` finds each fault that is planted, by its name, and nothing where none is."""

import json
import os
import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from clinic.installation import authority
from clinic.installation.doctor import machine_faults, record_faults
from clinic.installation.doctor.examination import examine
from clinic.installation.doctor.findings import REMEDIES, Finding
from clinic.installation.paths import Paths
from clinic.operations import models as upkeep
from clinic.operations.models import Upkeep
from tests import factories
from tests.clinic.test_database_roles import as_the_service, service  # noqa: F401 -- a fixture
from tests.faults.installation import small_disk
from tests.people import Cast

KEY = "kX8f-2mQz7LpR4vTn9WbY3sHcJ6dGaE1uNo5iKqVwZxCyBtMrPlS0hDg"
GOOD = {
    "ANAGEN_MODE": "production",
    "SECRET_KEY": KEY,
    "AUDIT_KEY": KEY[::-1],
    "ALLOWED_HOSTS": "anagen.local",
    "TRUSTED_PROXY": "1",
    "HSTS_SECONDS": "0",
}


def names(findings: Iterator[Finding]) -> set[str]:
    found = list(findings)
    assert all(each.truth.endswith(".") or ":" in each.truth for each in found)
    return {each.name for each in found}


# ── Settings ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        ({}, None),
        ({"ANAGEN_MODE": "development"}, "not_production"),
        ({"SECRET_KEY": "short"}, "secret_key_weak"),
        ({"SECRET_KEY": "change-me-" * 6}, "secret_key_weak"),
        ({"AUDIT_KEY": ""}, "audit_key_missing"),
        ({"TRUSTED_PROXY": ""}, "proxy_not_told"),
        ({"ALLOWED_HOSTS": "other.local"}, "address_not_allowed"),
        ({"ALLOWED_HOSTS": "*"}, "any_address_allowed"),
        ({"HSTS_SECONDS": "31536000"}, "hsts_not_keepable"),
    ],
)
def test_faults_of_settings(planted: dict[str, str], name: str | None) -> None:
    assert names(machine_faults.about_settings(GOOD | planted, "anagen.local")) == ({name} if name else set())


def test_faults_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "anagen.env"

    def found() -> set[str]:
        return names(examine(file, address=None, https="127.0.0.1:443"))

    assert found() == {"settings_missing"}
    file.write_text("SECRET KEY\n")
    assert found() == {"settings_wrong"}
    file.chmod(0o644)
    assert names(machine_faults.about_file(file)) == {"settings_open"}
    file.chmod(0o640)
    assert names(machine_faults.about_file(file)) == set()


def test_faults_of_the_clock() -> None:
    """What chrony 4.3 printed of a clock that was behind, of one that was right, and where it reached no other."""
    line = "7F000001,127.0.0.1,2,1796082800.28,%s,-0.0001,0.0005,-0.013,-0.000,0.569,0.00007,0.00005,4.0,Normal"
    alone = "00000000,,0,0.000000000,0.000000000,0.0,0.0,0.000,0.000,0.000,1.0,1.0,0.0,Not synchronised"
    told = (line % "29.999998093", line % "-75.2", line % "0.000012", alone, "506 Cannot talk to daemon")
    truths = [[each.truth for each in machine_faults.about_chrony(tracking)] for tracking in told]
    assert truths == [
        ["The clock is 30 seconds behind, says chrony."],
        ["The clock is 75 seconds ahead, says chrony."],
        [],
        ["chrony reaches no other clock, so times in the record may be wrong."],
        [],
    ]


# ── The certificate ────────────────────────────────────────────────────────────────────────────


@contextmanager
def https(folder: Path, name: str, *, begun: timedelta, ends: timedelta) -> Iterator[tuple[str, int]]:
    """A server whose certificate is for this name, begun so long ago and ending in so long."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(x509.Name([]))
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(now - begun).not_valid_after(now + ends)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file = folder / "served.pem"
    secret = key.private_bytes(pem, form, serialization.NoEncryption())
    file.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            line, _ = listening.accept()
            context.wrap_socket(line, server_side=True).close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[:2]
        thread.join(timeout=5)


@pytest.mark.parametrize(
    ("name", "begun", "ends", "expected"),
    [
        ("anagen.local", timedelta(days=40), timedelta(days=50), set()),
        ("anagen.local", timedelta(hours=6), timedelta(hours=6), set()),
        ("anagen.local", timedelta(days=85), timedelta(days=5), {"certificate_ends"}),
        ("anagen.local", timedelta(hours=11), timedelta(hours=1), {"certificate_ends"}),
        ("other.local", timedelta(days=40), timedelta(days=50), {"certificate_of_another_name"}),
    ],
)
def test_faults_of_the_certificate(
    tmp_path: Path, name: str, begun: timedelta, ends: timedelta, expected: set[str]
) -> None:
    with https(tmp_path, name, begun=begun, ends=ends) as at:
        assert names(machine_faults.about_certificate("anagen.local", at, Paths(tmp_path))) == expected


def test_nothing_answers_or_authority_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        at = closed.getsockname()[:2]
    assert names(machine_faults.about_certificate("anagen.local", at, Paths(tmp_path))) == {"https_away"}
    monkeypatch.setattr(authority, "LIFETIME", timedelta(days=80))
    authority.make(Paths(tmp_path).authority, host="anagen.local", clinic="Lime Tree")
    with https(tmp_path, "anagen.local", begun=timedelta(1), ends=timedelta(60)) as at:
        assert names(machine_faults.about_certificate("anagen.local", at, Paths(tmp_path))) == {"authority_ends"}


# ── Records ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def installation(cast: Cast, settings: Any, tmp_path: Path) -> Iterator[Path]:
    """An installation in which nothing is wrong, but for what cannot be right in a test: its role owns the tables."""
    disk = Path("/dev/shm") / f"copies-{os.getpid()}"  # noqa: S108 -- a disk of its own on every machine
    disk.mkdir(mode=0o700)
    for folder in ("var", "photos"):
        (tmp_path / folder).mkdir(mode=0o700)
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path / "var", tmp_path / "photos"
    settings.ARRIVING_DIR = settings.VAR_DIR / "arriving"
    settings.BACKUP_TO, settings.BACKUP_RECIPIENT = f"file://{disk}", "age1x"
    if connection.vendor == "sqlite":
        Path(settings.DATABASES["default"]["NAME"]).chmod(0o600)
    call_command("photos", "folder", verbosity=0, stdout=open(os.devnull, "w"))
    for task in (upkeep.BACKUP, upkeep.SWEEP, upkeep.VERIFY, upkeep.AUDIT):
        upkeep.done(task)
    yield tmp_path
    shutil.rmtree(disk)


def found() -> set[str]:
    of_the_test = {"database_role_too_strong"} if connection.vendor == "postgresql" else set()
    return names(record_faults.all_of_them()) - of_the_test


@pytest.mark.django_db
def test_faults_of_records(installation: Path, settings: Any, cast: Cast) -> None:
    """One after the other, each taken back before the next."""
    assert found() == set()
    var, photos, to = installation / "var", installation / "photos", Path(settings.BACKUP_TO.removeprefix("file://"))

    var.chmod(0o755)
    assert found() == {"data_open"}
    var.chmod(0o700)
    os.chown(photos, 4321, -1) if os.geteuid() == 0 else None
    assert os.geteuid() != 0 or found() == {"data_of_another"}
    os.chown(photos, os.geteuid(), -1)
    (photos / "originals").rmdir()
    assert found() == {"photos_missing"}
    (photos / "originals").mkdir(mode=0o700)

    settings.BACKUP_TO = ""
    assert found() == {"copies_not_set"}
    settings.BACKUP_TO = str(installation / "not-there")
    assert found() == {"copies_away"}
    settings.BACKUP_TO = str(installation)
    assert found() == {"copies_on_same_disk"}
    settings.BACKUP_TO, settings.BACKUP_RECIPIENT = str(to), ""
    assert found() == {"copies_not_encrypted"}
    settings.BACKUP_RECIPIENT = "age1x"

    rows = Upkeep.objects.filter(task=upkeep.BACKUP)
    rows.update(at=timezone.now() - timedelta(days=3))
    assert found() == {"copy_too_old"}
    upkeep.done(upkeep.BACKUP_FAILED)
    assert found() == {"copy_too_old", "copy_failed"}
    upkeep.done(upkeep.BACKUP, faults=2)
    assert found() == {"copy_failed"}
    rows.delete()
    Upkeep.objects.filter(task=upkeep.BACKUP_FAILED).delete()
    assert found() == {"copy_never"}
    upkeep.done(upkeep.BACKUP)

    upkeep.done(upkeep.AUDIT, faults=1)
    assert found() == {"seals_broken"}
    upkeep.done(upkeep.AUDIT, at=timezone.now() - timedelta(days=3))
    assert found() == {"seals_not_verified"}
    upkeep.done(upkeep.AUDIT)
    upkeep.done(upkeep.VERIFY, faults=1)
    assert found() == {"originals_wrong"}
    upkeep.done(upkeep.VERIFY)
    upkeep.done(upkeep.HEARTBEAT, at=timezone.now() + timedelta(hours=1))
    assert found() == {"clock_put_back"}
    Upkeep.objects.filter(task=upkeep.HEARTBEAT).delete()

    factories.photo(cast.patient)
    assert found() == {"photos_elsewhere"}


@pytest.mark.django_db
def test_faults_of_migrations(installation: Path) -> None:
    with connection.cursor() as cursor:
        MigrationRecorder(connection).record_applied("clinic", "9999_newer")
        assert found() == {"release_too_old"}
        cursor.execute("DELETE FROM django_migrations WHERE name IN ('9999_newer', '0003_upkeep')")
    assert found() == {"migrations_missing"}


@pytest.mark.django_db
@pytest.mark.any_database
def test_faults_of_a_disk(installation: Path, settings: Any) -> None:
    with small_disk(installation / "small", 32) as disk:
        disk.path.chmod(0o700)
        settings.MEDIA_ROOT = disk.path
        (disk.path / "originals").mkdir(mode=0o700)
        with disk.is_read_only():
            assert found() == {"photos_read_only"}
        settings.MEDIA_ROOT, settings.VAR_DIR = installation / "photos", disk.path
        (disk.path / "filler").write_bytes(bytes(disk_free(disk.path) - 2 * 1024**2))
        assert found() <= {"disk_nearly_full", "disk_full"} and found()


def disk_free(path: Path) -> int:
    return shutil.disk_usage(path).free


@pytest.mark.django_db
@pytest.mark.any_database
def test_faults_of_a_store(installation: Path, settings: Any) -> None:
    settings.PHOTO_STORE = "s3://photos?endpoint=http://127.0.0.1:9"
    settings.PHOTO_STORE_KEY_ID = settings.PHOTO_STORE_SECRET = "nobody"
    assert found() == {"store_away"}


@pytest.mark.django_db
@pytest.mark.any_database
def test_static_files_of_another_release(installation: Path, settings: Any) -> None:
    settings.MODE, settings.STATIC_ROOT = "production", installation / "static"
    assert found() == {"static_of_another_release"}


@pytest.mark.django_db
@pytest.mark.any_database
def test_sqlite_on_a_network_share(settings: Any, tmp_path: Path) -> None:
    """A share of the right kind cannot be mounted in a test, so what the kernel would tell of it is given."""
    if connection.vendor != "sqlite":
        return
    folder = Path(settings.DATABASES["default"]["NAME"]).resolve().parent
    line = f"36 35 0:40 / {folder} rw,relatime shared:1 - %s server:/share rw\n"
    here = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"

    for kind in ("nfs4", "cifs", "fuse.sshfs"):
        assert names(record_faults.about_network_share(here + line % kind)) == {"database_on_network_share"}
    assert names(record_faults.about_network_share(here + line % "ext4")) == set()
    assert names(record_faults.about_network_share(line % "nfs4" + line % "ext4")) == set(), (
        "the last one mounted there"
    )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_faults_of_postgresql(service: None, installation: Path) -> None:  # noqa: F811
    """The owner's role, and time-outs that PgBouncer dropped."""
    assert names(record_faults.all_of_them()) == {"database_role_too_strong"}
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
    assert names(record_faults.all_of_them()) == {"database_role_too_strong", "database_timeouts_lost"}
    with as_the_service():
        assert names(record_faults._about_postgresql()) == set()


def test_every_fault_has_a_remedy() -> None:
    """And what is printed for a program has names, truths and remedies."""
    told = json.loads(machine_faults.as_json([Finding(name, "It is so.") for name in REMEDIES]))

    assert not told["ok"] and len(told["findings"]) == len(REMEDIES) > 40
    assert all(each["remedy"] and not each["remedy"].startswith(" ") for each in told["findings"])
