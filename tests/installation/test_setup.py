"""`anagen setup`: six questions, and an installation that runs; asked again it changes nothing."""

import configparser
import json
import os
import plistlib
import re
import shutil
import subprocess
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pyrage
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from clinic.installation import authority, configuration, environment_file, questions
from clinic.installation import machine as machine_of_setup
from clinic.installation.addresses import host_of, is_internal
from clinic.installation.configuration import Answers
from clinic.installation.machine import can_write
from clinic.installation.paths import Paths
from clinic.installation.setup import Setup
from tests.faults.installation import copy_of_the_database
from tests.installation import machine
from tests.missing_tools import skip_or_fail

BAD_THEN_GOOD = [
    "", "Lime Tree Hair Clinic",
    "Ada Bloom",
    "nobody", "ada@example.org",
    "https://anagen.local:8000/x", "Anagen.LOCAL",
    "Mars", "Europe/London",
    "copies", "/home/me", "/media/disk/anagen",
]  # fmt: skip


def contents(root: Path) -> dict[Path, bytes]:
    folders = [root / name for name in ("etc", "var/lib/anagen-certificate")]
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


@pytest.mark.django_db(transaction=True)  # SQLite's own copy waits for a transaction to end
@pytest.mark.any_database
def test_six_answers_set_up_a_clinic(wheel: Path, tmp_path: Path) -> None:
    """Bad answers are asked for again; what is printed opens the clinic. Its database is migrated already."""
    release = machine.install(wheel, tmp_path)
    (tmp_path / "var/lib/anagen").mkdir(parents=True)
    copy_of_the_database(tmp_path / "var/lib/anagen/anagen.sqlite3")

    done = machine.run(release, "setup", input="\n".join(BAD_THEN_GOOD) + "\n")
    assert done.returncode == 0, done.stdout + done.stderr
    for question in questions.catalogue("any").values():
        assert done.stdout.count(question.asks) == 1 and question.why in done.stdout
    assert re.search(r"^https://anagen.local/link/[\w-]+/$", done.stdout, re.M)

    settings = environment_file.read(tmp_path / "etc/anagen/anagen.env")
    told = {name: settings[name] for name in ("ANAGEN_MODE", "ALLOWED_HOSTS", "TRUSTED_PROXY", "HSTS_SECONDS")}
    assert told == {
        "ANAGEN_MODE": "production",
        "ALLOWED_HOSTS": "anagen.local",
        "TRUSTED_PROXY": "1",
        "HSTS_SECONDS": "0",
    }
    assert settings["TIME_ZONE"] == "Europe/London"
    assert (
        len(settings["SECRET_KEY"]) >= 60 <= len(settings["AUDIT_KEY"])
        and settings["SECRET_KEY"] != settings["AUDIT_KEY"]
    )
    [identity] = re.findall(r"AGE-SECRET-KEY-\w{20,}", done.stdout)
    assert str(pyrage.x25519.Identity.from_str(identity).to_public()) == settings["BACKUP_RECIPIENT"]
    assert identity.encode() not in b"".join(contents(tmp_path).values())
    assert (tmp_path / "etc/anagen/anagen.env").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "var/lib/anagen").stat().st_mode & 0o077 == 0

    before = contents(tmp_path)
    again = machine.run(release, "setup")
    assert again.returncode == 0, again.stdout + again.stderr
    assert contents(tmp_path) == before, "nothing that is there changes"
    assert "AGE-SECRET-KEY" not in again.stdout and "/link/" not in again.stdout

    doctor = machine.run(release, "doctor", "--json", "--https", "127.0.0.1:9")
    told = {each["name"] for each in json.loads(doctor.stdout)["findings"]}
    # What the first night, the proxy and systemd change, and the one disk of this test.
    assert told - {"service_off", "timer_off", "clock_off"} == {
        "https_away",
        "copies_on_same_disk",
        "copy_never",
        "seals_not_verified",
    }
    checked = machine.run(release, "check", "--deploy", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr


def test_flags_answer_too(installed: Path) -> None:
    """With --yes nothing is asked; what no flag and no default answers is named, and nothing is written."""
    done = machine.run(installed, "setup", "--yes", "--name", "Lime Tree")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "\n--manager is needed. Who manages the clinic?\n"
    done = machine.run(installed, "setup", "--yes", "--name", "Lime Tree", "--manager", "Ada", "--email", "ada")
    assert done.stderr.startswith("\n--email ada: Write an e-mail address")
    done = machine.run(installed, "setup", "--yes", "--empty", "--address", "a b")
    assert done.stderr.startswith("\n--address a b: Write only the name"), "who the clinic is comes with the copy"
    done = machine.run(installed, "setup", input="Lime Tree\n")
    assert done.stderr == "\nThe answers end here. Start `anagen setup` again; what is done is kept.\n"
    root = installed.parents[2]
    assert not (root / "etc").exists() and not (root / "var").exists()


@pytest.mark.parametrize(
    ("typed", "host", "internal"),
    [
        ("anagen.local", "anagen.local", True),
        ("https://Records.Clinic.Example/", "records.clinic.example", False),
        ("192.168.1.10", "192.168.1.10", True),
        ("reception", "reception", True),
        ("pc.home.arpa", "pc.home.arpa", True),
        ("klinik-grün.example", "xn--klinik-grn-ieb.example", False),
    ],
)
def test_address_decides_the_certificate(typed: str, host: str, internal: bool) -> None:
    assert (host_of(typed), is_internal(host)) == (host, internal)


@pytest.mark.parametrize("typed", ["", "a b", "anagen:8000", "x/y", "1.2.3", "-a.local", "a@b.example", "a..local"])
def test_no_address(typed: str) -> None:
    with pytest.raises(ValueError, match="^Write |^This is no name"):
        host_of(typed)


def test_hsts_needs_a_public_name() -> None:
    """A browser that was told to insist lets nobody in once the clinic's own authority is lost."""
    for host, seconds in (("anagen.local", "0"), ("192.168.1.10", "0"), ("records.clinic.example", "31536000")):
        certificate = configuration.certificate_for(host)
        answers = Answers(host, "Europe/London", "/media/disk", certificate, database="")
        text = configuration.settings(Paths(), answers)
        assert environment_file.parse(text)["HSTS_SECONDS"] == seconds


def test_units_keep_the_service_in() -> None:
    """Each unit runs in the sandbox, and may write to its own folder and to the copies alone."""
    answers = Answers("anagen.local", "Europe/London", "/media/disk", "internal", database="")
    units = configuration.units(Paths(), answers)
    assert len(units) == 1 + 2 * len(configuration.TASKS)
    for name, text in units.items():
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment, method-assign]
        unit.read_string(text)
        if name.endswith(".timer"):
            assert unit["Timer"]["Persistent"] == "true" and "OnCalendar" in unit["Timer"]
            continue
        assert unit["Service"]["User"] == "anagen"
        assert unit["Service"]["ProtectSystem"] == "strict" and unit["Service"]["CapabilityBoundingSet"] == ""
        assert re.findall(r"^ReadWritePaths=(.*)", text, re.M) == ["-/media/disk"]
        assert re.findall(r"\$\w+", text) == (["$MAINPID"] if name == "anagen.service" else [])
    assert "IPAddressDeny=any" in units["anagen.service"]
    elsewhere = Answers("a.example", "UTC", "s3://b?endpoint=https://x", "public", database="postgres://u@db.example/a")
    assert "IPAddressDeny" not in configuration.units(Paths(), elsewhere)["anagen.service"]


def test_folder_of_copies_is_one_word() -> None:
    """A disk may be called "My Disk", or 100%: the service may write there, and nowhere else."""
    for copies, word in (
        ("/media/My Disk/anagen", '"-/media/My Disk/anagen"'),
        ("/media/100%/anagen", "-/media/100%%/anagen"),
        ("file:///media/disk", "-/media/disk"),
    ):
        answers = Answers("anagen.local", "Europe/London", copies, "internal", database="")
        assert f"\nReadWritePaths={word}\n" in configuration.units(Paths(), answers)["anagen-backup.service"]


@pytest.mark.parametrize(
    ("database", "is_shut_in"),
    [
        ("", True),
        ("postgres://anagen@/anagen?host=/run/postgresql", True),
        ("postgres://anagen:x@127.0.0.1:6432/anagen", True),
        ("postgres://anagen:x@/anagen?host=10.0.0.1,10.0.0.2&port=5432,5432", False),
        ("postgres://anagen:x@localhost.clinic.example/anagen", False),
    ],
)
def test_service_reaches_its_database(database: str, is_shut_in: bool) -> None:
    answers = Answers("anagen.local", "Europe/London", "/media/disk", "internal", database)
    assert ("IPAddressDeny=any" in configuration.units(Paths(), answers)["anagen.service"]) is is_shut_in


@pytest.mark.parametrize("end", ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_no_answer_begins_another_line(end: str) -> None:
    """In the file of settings, for whichever of its readers: what follows would be a setting of its own."""
    with pytest.raises(ValueError, match="BACKUP_TO may not have"):
        questions.destination(f"/media/disk{end}TRUSTED_PROXY=0")
    assert end == "\n" or environment_file.parse(f"A=1{end}B=2\n").keys() == {"A"}


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    authority.make(tmp_path, host="anagen.local", clinic="Lime Tree Hair Clinic")
    yield tmp_path


@pytest.mark.parametrize("clinic", ["Lime Tree", "Zentrum für Haar " + "ä" * 80, "毛" * 60])
def test_authority_is_listed_by_its_name(clinic: str, tmp_path: Path) -> None:
    """However long the clinic's name is: people look for the line with Anagen, and X.509 has 64 bytes."""
    authority.make(tmp_path, host="anagen.local", clinic=clinic)
    [name] = authority.load(tmp_path).subject
    assert str(name.value).startswith(f"Anagen: {clinic[:15]}")
    assert len(str(name.value).encode()) <= 64


def test_authority_vouches_for_one_name(root: Path) -> None:
    """Whoever steals its key cannot pretend to be a bank, nor an address."""
    assert (root / "root.key").stat().st_mode & 0o007 == 0
    key = serialization.load_pem_private_key((root / "root.key").read_bytes(), None)
    issuer = authority.load(root)
    verdicts = {}
    for name in ("anagen.local", "bank.example", "192.168.1.10"):
        leaf = root / f"{name}.pem"
        leaf.write_bytes(_certificate(name, issuer, key).public_bytes(serialization.Encoding.PEM))
        command = ["openssl", "verify", "-CAfile", root / "root.crt", leaf]
        verdicts[name] = subprocess.run(command, capture_output=True).returncode == 0
    assert verdicts == {"anagen.local": True, "bank.example": False, "192.168.1.10": False}


def test_authority_vouches_for_servers_alone(root: Path) -> None:
    """Its root is trusted by whole PCs: whoever steals its key must not sign programs or letters either."""
    key = serialization.load_pem_private_key((root / "root.key").read_bytes(), None)
    leaf = root / "leaf.pem"
    leaf.write_bytes(_certificate("anagen.local", authority.load(root), key).public_bytes(serialization.Encoding.PEM))
    verdicts = {}
    for purpose in ("sslserver", "smimesign", "timestampsign"):
        command = ["openssl", "verify", "-purpose", purpose, "-CAfile", root / "root.crt", leaf]
        verdicts[purpose] = subprocess.run(command, capture_output=True).returncode == 0
    assert verdicts == {"sslserver": True, "smimesign": False, "timestampsign": False}


def _certificate(name: str, issuer: x509.Certificate, key: object) -> x509.Certificate:
    told = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    own = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(issuer.subject)
    builder = builder.public_key(own.public_key()).serial_number(1).not_valid_before(now - timedelta(hours=1))
    builder = builder.not_valid_after(now + timedelta(hours=1))
    return builder.add_extension(x509.SubjectAlternativeName([told]), critical=True).sign(key, hashes.SHA256())  # type: ignore[arg-type]


def test_profile_holds_the_certificate(root: Path) -> None:
    certificate = authority.load(root)

    told = plistlib.loads(authority.profile(certificate, host="anagen.local", clinic="Lime Tree & Sons"))

    [payload] = told["PayloadContent"]
    assert x509.load_der_x509_certificate(payload["PayloadContent"]) == certificate
    assert payload["PayloadType"] == "com.apple.security.root"
    assert told["PayloadUUID"] != payload["PayloadUUID"]


@pytest.mark.parametrize(
    ("said", "wants"),
    [
        ("2.6.2", ["buffer_requests", "max_buffer_size 45MB"]),
        ("v2.11.7 h1:yj0Y4fYZ=", ["request_buffers 45MB"]),
        ("", ["buffer_requests", "max_buffer_size 45MB"]),
    ],
)
@pytest.mark.parametrize("kind", ["internal", "public"])
def test_caddy_waits_for_whole_bodies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, wants: list[str], kind: str
) -> None:
    """Passed on while they arrive, some dozens of forms that are sent slowly would keep everybody out. Each release of
    Caddy refuses the word of the other; Debian's is taken where none is installed yet."""
    if said:
        (tmp_path / "caddy").write_text(f"#!/bin/sh\necho '{said}'\n")
        (tmp_path / "caddy").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    answers = Answers("anagen.local", "Europe/London", "/media/disk", kind, database="")
    text = configuration.caddyfile(Paths(), answers, release_of_caddy=machine_of_setup.release_of_caddy())

    assert text.split("reverse_proxy 127.0.0.1:8000 {\n")[1].split("\t}")[0].split("\n") == [
        *(f"\t\t{word}" for word in wants),
        "",
    ]


def test_caddys_own_file_is_kept(tmp_path: Path) -> None:
    """A Caddyfile that somebody else wrote stays; what Anagen needs of it is written beside the settings."""
    theirs = tmp_path / "etc/caddy/Caddyfile"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("other.example {\n}\n")
    setup = Setup(Namespace(root=tmp_path, yes=True, renew=False))

    setup._write_proxy(Answers("anagen.local", "Europe/London", "/media/disk", "internal", database=""))

    assert theirs.read_text() == "other.example {\n}\n"
    assert "https://anagen.local {" in (tmp_path / "etc/anagen/Caddyfile").read_text()


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("/media/disk/anagen/", "/media/disk/anagen"),
        ("//media//disk", "/media/disk"),
        ("file:///media/USB disk", "/media/USB disk"),
        ("s3://copies?endpoint=https://s3.example.org", "s3://copies?endpoint=https://s3.example.org"),
    ],
)
def test_places_of_copies(typed: str, used: str) -> None:
    assert questions.destination(typed) == used


@pytest.mark.parametrize(
    "typed",
    ["", " ", "copies", "/", "/etc/passwd", "/media/../etc", "/home/me", "/media/a$b", '/media/"', "s3://x",
     "s3://copies?endpoint=nowhere", "s3://copies?endpoint=https://k:s@h", "https://s3.example.org/copies"],
)  # fmt: skip
def test_no_places_of_copies(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\.$|…$"):
        questions.destination(typed)


def test_host_name_that_is_no_address() -> None:
    defaults = [questions.catalogue(name)["address"].default for name in ("Reception-PC.lan", "my_pc", "")]
    assert defaults == ["reception-pc.local", "anagen.local", "anagen.local"]


@pytest.mark.parametrize(
    "typed", ["", "ada", "a b@x.org", 'a"b@x.org', "ada@x", "ada@ex ample.org", "a" * 300 + "@x.org"]
)
def test_no_email(typed: str) -> None:
    """What the account would refuse is refused while somebody can type it again."""
    with pytest.raises(ValueError, match="^Write an e-mail address"):
        questions.email(typed)


def test_folder_the_service_cannot_write() -> None:
    """The administrator can, so the service's own user is asked; one with a space in its name, too."""
    if os.geteuid() != 0:
        skip_or_fail("The right to become another user", "run as root")
    folder = Path("/dev/shm") / f"copies of {os.getpid()}"  # noqa: S108 -- every user may enter it
    folder.mkdir(mode=0o700)
    try:
        assert not can_write(folder, "nobody")
        shutil.chown(folder, "nobody")
        assert can_write(folder, "nobody") and not can_write(folder / "missing", "nobody")
    finally:
        folder.rmdir()
