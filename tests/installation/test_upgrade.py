"""`anagen upgrade` goes to another release, comes back from one that does not work, and ends what was interrupted."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from clinic.installation import releases
from clinic.installation.paths import Paths
from clinic.installation.upgrading.upgrade import Upgrade
from clinic.operations.release import version
from tests.faults.installation import copy_of_the_database, small_disk
from tests.installation import machine

MIGRATION = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("clinic", "{after}")]
    operations = [migrations.RunSQL("CREATE TABLE trial_{name} (id integer)")]
"""
LAST = sorted(path.stem for path in (machine.TOP / "clinic/migrations").glob("0*.py"))[-1]


class Installation:
    """What `anagen setup` makes, as far as upgrading needs it, below a folder of the test."""

    def __init__(self, root: Path, wheel: Path) -> None:
        self.root, self.current = root, root / "opt/anagen/current"
        self.first = machine.install(wheel, root)
        self.current.symlink_to(self.first)
        self.database = root / "var/lib/anagen/anagen.sqlite3"
        self.database.parent.mkdir(parents=True)
        copy_of_the_database(self.database)
        environment = root / "etc/anagen/anagen.env"
        environment.parent.mkdir(parents=True)
        values = {
            "SECRET_KEY": "k" * 60,
            "ALLOWED_HOSTS": "anagen.local",
            "TRUSTED_PROXY": "1",
            "VAR_DIR": str(self.database.parent),
            "DATABASE_URL": f"sqlite:///{self.database}",
        }
        environment.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        (self.database.parent / "photos/originals").mkdir(parents=True)

    def upgrade(self, *words: Path) -> tuple[int, str]:
        """pip finds the packages of the tests on PYTHONPATH, so that it need not install them again."""
        done = machine.run(self.current, "upgrade", *words, PYTHONPATH=str(machine.SITE), PIP_NO_INDEX="1")
        return done.returncode, done.stdout + done.stderr

    @property
    def runs(self) -> str:
        return self.current.resolve().name

    def tables(self) -> set[str]:
        with sqlite3.connect(self.database) as database:
            names = database.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'trial_%'").fetchall()
        return {name for (name,) in names}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # SQLite's own copy waits for a transaction to end
@pytest.mark.any_database
def test_forth_and_back_by_itself(wheel: Path, tmp_path: Path) -> None:
    """To a second build with a migration; then to a third that migrates and does not start: all is as before."""
    clinic = Installation(tmp_path / "root", wheel)
    good = machine.build_other(
        tmp_path / "good", "99.1", {"clinic/migrations/9998_good.py": MIGRATION.format(after=LAST, name="good")}
    )
    broken = machine.build_other(
        tmp_path / "broken",
        "99.2",
        {
            "clinic/migrations/9998_good.py": MIGRATION.format(after=LAST, name="good"),
            "clinic/migrations/9999_bad.py": MIGRATION.format(after="9998_good", name="bad"),
            "clinic/wsgi.py": "raise RuntimeError('this build does not start')\n",
        },
    )

    older = clinic.root / "opt/anagen/0.1.0/bin/anagen"
    older.parent.mkdir(parents=True)
    older.touch()
    copies = clinic.database.parent / "before-upgrade"
    copies.mkdir()
    (copies / "database-of-0.1.0.sqlite3").touch()

    status, said = clinic.upgrade(good)
    assert (status, clinic.runs, clinic.tables()) == (0, "99.1", {"trial_good"}), said
    assert f"Anagen 99.1 runs. {version()} is kept beside it" in said
    assert "removed: Anagen 0.1.0\n" in said and not older.parents[1].exists()
    assert [copy.name for copy in copies.iterdir()] == [f"database-of-{version()}.sqlite3"]
    assert machine.run(clinic.current, "--version", PYTHONPATH=str(machine.SITE)).stdout == "99.1\n"
    manifest = clinic.database.parent / "static/staticfiles.json"
    collected = json.loads(manifest.read_text())

    status, said = clinic.upgrade(broken)
    assert (status, clinic.runs, clinic.tables()) == (1, "99.1", {"trial_good"}), said
    assert "The new release is not taken: it does not start" in said and "the database is as it was copied" in said
    assert said.endswith("Anagen 99.1 runs as before\n")
    assert json.loads(manifest.read_text()) == collected
    assert not (clinic.root / "opt/anagen/upgrade.json").exists()
    assert clinic.database.stat().st_mode & 0o077 == 0

    for step in ("migrating", "installing"):
        folder = clinic.root / "opt/anagen/99.2"
        told = {"before": str(clinic.current.resolve()), "after": str(folder), "step": step}
        (clinic.root / "opt/anagen/upgrade.json").write_text(json.dumps(told))
        status, said = clinic.upgrade()
        assert (status, clinic.runs) == (0, "99.1"), said
        assert "The upgrade to 99.2 was interrupted." in said and said.endswith("Nothing else to do.\n")
        assert not (clinic.root / "opt/anagen/upgrade.json").exists()


def test_failed_install_leaves_nothing(wheel: Path, tmp_path: Path) -> None:
    """pip finds none of the packages: half a release would fill the disk of the clinic, and be taken for one."""
    alone = tmp_path / "brought" / wheel.name
    alone.parent.mkdir()
    alone.write_bytes(wheel.read_bytes())
    alone.with_name(f"anagen-{version()}.txt").write_text("--no-index\nno-such-package==1 --hash=sha256:" + "0" * 64)
    release = releases.Release(tmp_path / "opt/anagen/9.9", tmp_path / "anagen.env")
    with pytest.raises(releases.ProgramFailed, match="no-such-package"):
        releases.install(alone, release)
    assert not release.folder.exists()


@pytest.mark.django_db
@pytest.mark.any_database
def test_no_upgrade_onto_a_full_disk(wheel: Path, tmp_path: Path) -> None:
    """Refused while people work, before anything is written."""
    with small_disk(tmp_path / "small", 64) as disk:
        (disk.path / "opt/anagen/0.3.0").mkdir(parents=True)
        (disk.path / "opt/anagen/current").symlink_to(disk.path / "opt/anagen/0.3.0")
        (disk.path / "var/lib/anagen").mkdir(parents=True)
        (disk.path / "etc/anagen").mkdir(parents=True)
        (disk.path / "etc/anagen/anagen.env").write_text("DATABASE_URL=sqlite:////none\n")
        with pytest.raises(ValueError, match=r"600 MB have to be free on the disk of .*/opt/anagen, and \d+ are\."):
            Upgrade(Paths(disk.path)).run(machine.renamed(wheel, tmp_path, "9.9"))


def test_what_is_no_package_is_refused(wheel: Path, tmp_path: Path) -> None:
    """With a sentence, and nothing is changed."""
    nothing = tmp_path / "anagen-9.9-py3-none-any.whl"
    nothing.write_text("no wheel")
    for name in (nothing, tmp_path / "other.whl"):
        with pytest.raises(ValueError, match="is no package of Anagen"):
            releases.version_of(name)
    for name in ("anagen-..-py3-none-any.whl", "anagen-current-py3-none-any.whl"):  # a version is the name of a folder
        shutil.copy(wheel, tmp_path / name)
        with pytest.raises(ValueError, match="is no package of Anagen"):
            releases.version_of(tmp_path / name)
    assert releases.version_of(wheel) == version()


def test_nothing_is_installed_from_tmp(tmp_path: Path) -> None:
    """The list of packages beside a wheel is installed by the administrator, whoever put it there."""
    wheel = tmp_path / "anagen-9.9-py3-none-any.whl"
    releases.require_own_folder(wheel)
    tmp_path.chmod(0o1777)
    with pytest.raises(ValueError, match="Everybody on this machine may write to"):
        releases.require_own_folder(wheel)


def test_owners_role_stays_with_migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other command of a release finds it in its environment."""
    monkeypatch.setenv("OWNER_DATABASE_URL", "postgres://anagen_owner:secret@localhost/anagen")
    program = tmp_path / "bin/anagen"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho $1 >> $0.log\nenv | grep anagen_owner >> $0.log\ntrue\n")
    program.chmod(0o755)
    release = releases.Release(tmp_path, tmp_path / "anagen.env")

    release.run("check")
    release.migrate()

    told = (tmp_path / "bin/anagen.log").read_text().splitlines()
    owner = "DATABASE_URL=postgres://anagen_owner:secret@localhost/anagen"
    assert told == ["check", "migrate", owner, "shell", "audit", owner]
