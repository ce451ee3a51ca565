"""A machine with an installed package, all of it below a folder of the test."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from scripts import package

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


build = package.build
