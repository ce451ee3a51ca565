"""Production refuses to start half-configured, and is the mode that nobody has to ask for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clinic import environment

ROOT = Path(__file__).resolve().parents[2]


def start(**given: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=inherited | given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_missing_settings_are_named() -> None:
    """Without any setting it refuses, and names what to set."""
    done = start()

    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def test_short_secret_or_no_host_is_refused() -> None:
    """A short secret and a missing host are refused."""
    assert "SECRET_KEY" in start(SECRET_KEY="short", ALLOWED_HOSTS="records.example.org").stderr
    assert "ALLOWED_HOSTS" in start(SECRET_KEY="k" * 60).stderr
    assert "AUDIT_KEY must have" in start(SECRET_KEY="k" * 60, AUDIT_KEY="short").stderr


def test_deployment_check_is_clean(tmp_path: Path) -> None:
    """The deployment check is clean in production."""
    key = "".join(chr(33 + (7 * n) % 90) for n in range(60))

    told = {
        "SECRET_KEY": key,
        "AUDIT_KEY": key[::-1].replace(",", "."),
        "ALLOWED_HOSTS": "records.example.org",
        "VAR_DIR": str(tmp_path),
    }
    done = start(**told, TRUSTED_PROXY="1")

    assert done.returncode == 0, done.stderr
    assert start(**told, TRUSTED_PROXY="0").returncode == 0, "somebody said that there is no proxy"


def test_deployment_check_asks_for_the_rest(tmp_path: Path) -> None:
    """A proxy of which nothing is said, and photos that every user of the server can read: each with what to do."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos").chmod(0o755)
    done = start(SECRET_KEY="k" * 60, ALLOWED_HOSTS="records.example.org", VAR_DIR=str(tmp_path))

    assert done.returncode == 1
    assert "anagen.W001" in done.stderr and "set TRUSTED_PROXY=1 where a proxy" in done.stderr
    assert "anagen.W003" in done.stderr and "Add to .env: AUDIT_KEY=" in done.stderr
    assert "anagen.W002" in done.stderr and f"chmod -R o-rwx {tmp_path / 'photos'}" in done.stderr


def test_hsts_binds_this_name_alone() -> None:
    """Neither the names below it nor the browsers' own list, unless somebody says so."""
    show = "from django.conf import settings as s; print(s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS)"
    told = {"SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "records.example.org", "DJANGO_SETTINGS_MODULE": "clinic.settings"}

    done = subprocess.run([sys.executable, "-c", show], cwd=ROOT, env=told, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["31536000", "False"]


@pytest.mark.parametrize(("value", "expected"), [("", False), ("0", False), ("1", True)])
def test_switch_is_0_or_1(value: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word that is taken for "off" would be noticed by nobody."""
    from django.core.exceptions import ImproperlyConfigured

    monkeypatch.setenv("TRUSTED_PROXY", value)
    assert environment.switch("TRUSTED_PROXY", default=False) is expected
    monkeypatch.setenv("TRUSTED_PROXY", "true")
    with pytest.raises(ImproperlyConfigured, match="must be 0 or 1"):
        environment.switch("TRUSTED_PROXY", default=False)
