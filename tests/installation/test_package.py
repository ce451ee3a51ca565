"""The wheel has all that an installation needs, and its command enters the installation it belongs to."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from clinic.installation import environment_file
from clinic.installation.environment_file import BadLine
from clinic.operations.release import version
from tests.installation import machine
from tests.missing_tools import skip_or_fail

TOP = Path(__file__).resolve().parents[2]


def test_wheel_has_every_file(wheel: Path) -> None:
    """Code, data, templates, static files and the pins; and nothing of the tests."""
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        assert packed.read("clinic/share/requirements.txt") == (TOP / "requirements/run.txt").read_bytes()
    wanted = {
        str(path.relative_to(TOP)) if folder in {"clinic", "treatments"} else f"clinic/share/{path.relative_to(TOP)}"
        for folder in ("clinic", "treatments", "templates", "static")
        for path in (TOP / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - names == set()
    assert {name.split("/")[0] for name in names} == {"clinic", "treatments", f"anagen-{version()}.dist-info"}


def test_list_beside_the_wheel_knows_it(wheel: Path) -> None:
    """By the list pip installs this wheel and no other, wherever both were brought."""
    lines = wheel.with_name(f"anagen-{version()}.txt").read_text().splitlines()

    assert lines[-1] == f"anagen=={version()} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"
    assert lines[-2] == "--find-links ."


def test_installed_command_runs(installed: Path, tmp_path: Path) -> None:
    """With the settings of its file; without one it says how to get it."""
    assert machine.run(installed, "--version").stdout == f"{version()}\n"

    refused = machine.run(installed, "migrate")
    usual = installed.parents[2] / "etc/anagen/anagen.env"
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"There is no {usual}. `anagen setup` makes it, asking six questions.\n"

    file = tmp_path / "anagen.env"
    file.write_text(f"SECRET_KEY={'k' * 60}\nALLOWED_HOSTS=records.example.org\nVAR_DIR={tmp_path}/var\n")
    show = "from django.conf import settings as s; from django.template.loader import get_template as g;"
    show += "print(s.VAR_DIR, s.ALLOWED_HOSTS, g('treatments/form.html').origin)"
    done = machine.run(installed, "shell", "--no-imports", "-c", show, ANAGEN_ENV=str(file))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{tmp_path}/var ['records.example.org'] {installed}/lib/")


def test_command_becomes_the_owner(installed: Path, tmp_path: Path) -> None:
    """What the administrator starts runs as who owns VAR_DIR."""
    if os.geteuid() != 0:
        skip_or_fail("The right to become another user", "run as root")
    data, file = tmp_path / "var", tmp_path / "anagen.env"
    data.mkdir()
    os.chown(data, 4321, 4321)
    file.write_text(f"SECRET_KEY={'k' * 60}\nALLOWED_HOSTS=records.example.org\nVAR_DIR={data}\n")

    done = machine.run(installed, "shell", "--no-imports", "-c", "", ANAGEN_ENV=str(file))

    assert done.returncode == 1
    assert "uid 4321" in done.stderr and "Traceback" not in done.stderr


def test_settings_are_read_as_written() -> None:
    """As a shell and systemd read them; what one of them would change is refused when it is written."""
    values = {"PLAIN": "a,b/c:d", "SPACES": "two words", "NONE": "", "URL": "p://u:p@h/n?a=b&c"}
    text = "# a comment\n\n; another\n" + "\n".join(environment_file.line(*each) for each in values.items())

    assert environment_file.parse(text) == values
    assert environment_file.parse("A='quoted'\nB=\"more of it\"") == {"A": "quoted", "B": "more of it"}
    for wrong in ('a"b', "a$b", "a\\b", "a\nb"):
        with pytest.raises(ValueError, match="NAME may not have"):
            environment_file.line("NAME", wrong)
    for text in ("SECRET KEY=1", "export A", 'A="no end'):
        with pytest.raises(BadLine, match="^Line 1 "):
            environment_file.parse(text)
