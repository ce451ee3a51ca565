"""What `anagen setup` writes for the proxy, and how doctor knows that an older release wrote it."""

import re
import subprocess
from argparse import Namespace
from pathlib import Path

import pytest

from clinic.installation import configuration, environment_file, installed_files, server_certificate
from clinic.installation.configuration import Answers
from clinic.installation.doctor import machine_faults
from clinic.installation.paths import Paths
from clinic.installation.setup import Setup
from tests.installation import machine

# ── nginx ──────────────────────────────────────────────────────────────────────────────────────


def certificate_in(folder: Path, name: str) -> None:
    """One that is for this name, signed by itself."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=clinic", "-addext", f"subjectAltName=DNS:{name}"]
    command += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)


def test_certificates_that_nginx_cannot_show(tmp_path: Path) -> None:
    host = "records.example.org"
    with pytest.raises(ValueError, match=r"fullchain.pem cannot be read: No such file"):
        server_certificate.check(tmp_path, host)
    certificate_in(tmp_path, "*.example.org")
    server_certificate.check(tmp_path, host)
    with pytest.raises(ValueError, match="is not for example.org"):
        server_certificate.check(tmp_path, "example.org")
    chain = (tmp_path / "fullchain.pem").read_bytes()
    certificate_in(tmp_path, host)
    (tmp_path / "fullchain.pem").write_bytes(chain)
    with pytest.raises(ValueError, match="is not the key of"):
        server_certificate.check(tmp_path, host)
    (tmp_path / "privkey.pem").write_text("no key")
    with pytest.raises(ValueError, match="no key without a password"):
        server_certificate.check(tmp_path, host)


def test_nginx_is_as_documented(tmp_path: Path) -> None:
    """What is printed for a checkout stands in what setup writes, in its order; tests/faults has it in front."""
    [printed] = re.findall(r"^```nginx\n(.*?)^```", (machine.TOP / "docs/operations.md").read_text(), re.M | re.S)
    answers = Answers("records.example.org", "Europe/London", "/media/disk", "/etc/ssl/anagen", database="")
    written = iter(configuration.nginx_site(Paths(), answers).splitlines())
    assert [line for line in printed.splitlines() if line not in written] == []
    assert environment_file.parse(configuration.settings(Paths(), answers))["HSTS_SECONDS"] == "31536000"


def test_proxy_that_is_not_wanted_gives_way(tmp_path: Path) -> None:
    """From Caddy to nginx and back: one file of ours leads, and the other lies beside as it was."""
    paths = Paths(tmp_path)
    settings = {"ALLOWED_HOSTS": "anagen.local", "BACKUP_TO": "/media/disk"}
    for proxy, certificate in (("caddy", "internal"), ("nginx", "/etc/ssl/anagen"), ("caddy", "public")):
        setup = Setup(Namespace(root=tmp_path, yes=True, renew=False))
        setup._write_proxy(Answers("anagen.local", "Europe/London", "/media/disk", certificate, database=""))
        found = installed_files.answers_of(settings, paths)
        assert (found.proxy, found.certificate) == (proxy, certificate)
        assert installed_files.host_of_proxy(paths) == "anagen.local"
        assert (tmp_path / "etc/nginx/sites-enabled/anagen").is_symlink() == (proxy == "nginx")
    assert (
        paths.nginx_site.with_name("anagen.before").exists() and paths.caddyfile.with_name("Caddyfile.before").exists()
    )


def test_outdated_files_are_named(tmp_path: Path) -> None:
    """An older release's units, and those that do not suit the settings any more; what is added by hand is not."""
    paths = Paths(tmp_path)
    settings = {"ALLOWED_HOSTS": "anagen.local", "BACKUP_TO": "/media/disk"}
    assert installed_files.outdated(paths, settings) == [], "nothing is set up"
    setup = Setup(Namespace(root=tmp_path, yes=True, renew=False))
    setup._write_files(Answers("anagen.local", "Europe/London", "/media/disk", "internal", database=""), "Lime & Tree")
    added = paths.units / "anagen.service.d/own.conf"
    added.parent.mkdir()
    added.write_text("[Service]\nMemoryMax=8G\n")
    assert installed_files.outdated(paths, settings) == []

    changed = {paths.units / "anagen.service", paths.caddyfile}
    for path in changed:
        path.write_text(path.read_text() + "# of an older release\n")
    (paths.units / "anagen-sweep.timer").unlink()
    (paths.certificate_page / "page.css").write_text("")
    wanted = changed | {paths.units / "anagen-sweep.timer", paths.certificate_page / "page.css"}
    assert set(installed_files.outdated(paths, settings)) == wanted
    [finding] = machine_faults.about_files(settings, paths)
    assert finding.name == "units_outdated" and "and 1 more" in finding.truth and "--renew" in finding.remedy

    setup.flags.renew = True
    setup._write_files(Answers("anagen.local", "Europe/London", "/media/disk", "internal", database=""), "Lime & Tree")
    assert installed_files.outdated(paths, settings) == []
    assert "older release" in (paths.units / "anagen.service.before").read_text()
    assert added.read_text().endswith("8G\n")
    elsewhere = installed_files.outdated(paths, settings | {"BACKUP_TO": "/media/other"})
    assert paths.units / "anagen-backup.service" in elsewhere, "the service may not write there"
    paths.caddyfile.write_text("somebody else's\n")
    assert installed_files.outdated(paths, settings) == []
