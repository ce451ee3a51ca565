"""Makes the virtual environment and installs the pinned packages, once per change of the pins.

    python3 scripts/environment.py run    what a clinic needs
    python3 scripts/environment.py dev    that, and what developers and tests need

Uses nothing but the standard library of the Python it is called with. A stamp in the
environment holds the hash of the pins and the version of Python, so a second start costs nothing.
"""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("VENV") or TOP / ".venv")
STAMP = VENV / "anagen-pins.json"
OLDEST = (3, 11)


def state(kind: str) -> str:
    """What must be unchanged for the installed packages to be the right ones."""
    pins = (TOP / "requirements" / f"{kind}.txt").read_bytes()
    return f"{sys.version_info.major}.{sys.version_info.minor} {hashlib.sha256(pins).hexdigest()}"


def installed() -> dict[str, str]:
    try:
        return json.loads(STAMP.read_text())
    except (FileNotFoundError, ValueError):
        return {}


def refuse_what_cannot_work() -> None:
    if sys.version_info < OLDEST:
        have = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Anagen needs Python 3.11 or newer; this is {have}. Another one: make PYTHON=python3.12 …")
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit("Python cannot make virtual environments here. On Debian: apt install python3-venv")


def install(kind: str) -> None:
    print(f"Installing the pinned packages into {VENV.name} (once; about half a minute) …", flush=True)
    before = installed()
    other_python = not before or any(not value.startswith(state(kind).split()[0]) for value in before.values())
    # Half an environment, or one of another Python, is not mended but made anew.
    venv.EnvBuilder(with_pip=True, clear=other_python, symlinks=True).create(VENV)
    STAMP.unlink(missing_ok=True)
    pip = [VENV / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pins = TOP / "requirements" / f"{kind}.txt"
    done = subprocess.run([*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", pins])
    if done.returncode:
        sys.exit("The packages could not be installed; pip says why above. Is there a network?")
    # The developers' list contains the clinic's.
    kinds = ["run", "dev"] if kind == "dev" else ["run"]
    STAMP.write_text(json.dumps({kind: state(kind) for kind in kinds}, indent=2) + "\n")


def main(kind: str) -> None:
    if installed().get(kind) != state(kind):
        refuse_what_cannot_work()
        install(kind)


if __name__ == "__main__":
    main(sys.argv[1])
