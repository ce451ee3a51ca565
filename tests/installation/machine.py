"""A machine with an installed package, all of it below a folder of the test."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from scripts import package

TOP = Path(__file__).resolve().parents[2]
SITE = Path(sysconfig.get_paths()["purelib"])


def install(wheel: Path, root: Path) -> Path:
    """Install the wheel as a release below `root`; the packages it needs are those of the tests. Gives its folder."""
    release = root / "opt/anagen" / wheel.name.split("-")[1]
    venv.EnvBuilder(symlinks=True).create(release)
    own = release / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    (own / "of-the-tests.pth").write_text(f"{SITE}\n")
    pip = [sys.executable, "-m", "pip", "--python", release / "bin/python", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-index", "--no-compile", wheel], check=True)
    return release


def run(release: Path, *words: str | Path, input: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """The command `anagen` of a release, with nothing of the tests' own settings."""
    plain = {"PATH": os.environ["PATH"], "HOME": "/", "LC_ALL": "C.UTF-8", **variables}
    command = [release / "bin/anagen", *words]
    return subprocess.run(command, cwd="/", env=plain, input=input, capture_output=True, text=True, check=False)


def renamed(wheel: Path, folder: Path, version: str) -> Path:
    """The same wheel as if it were another release."""
    name, _, rest = wheel.name.split("-", 2)
    return Path(shutil.copy(wheel, folder / f"{name}-{version}-{rest}"))


build = package.build
SOURCES = ("clinic", "treatments", "templates", "static", "requirements", "pyproject.toml", "README.md", "LICENSE")


def build_other(folder: Path, version: str, changes: dict[str, str]) -> Path:
    """The wheel of a release that does not exist: this source with another version, and these files in it."""
    source = folder / f"source-{version}"
    source.mkdir(parents=True)
    for name in SOURCES:
        if (TOP / name).is_dir():
            shutil.copytree(TOP / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(TOP / name, source / name)
    project = source / "pyproject.toml"
    project.write_text(re.sub(r'^version = ".*"', f'version = "{version}"', project.read_text(), count=1, flags=re.M))
    for name, text in changes.items():
        (source / name).write_text(text)
    return build(folder, source)
