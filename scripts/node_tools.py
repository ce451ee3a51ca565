"""Installs the tools that look at static/js, once per change of package-lock.json, and runs one of them.

    python3 scripts/node_tools.py biome check --write

They are for development only: pages are served the scripts as they are written. Needs Node 18.19 or
newer and npm, and nothing but Python's standard library. A stamp in node_modules holds the hash of
the lock file, so a second start costs nothing.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
MODULES = TOP / "node_modules"
BIN = MODULES / ".bin"
STAMP = MODULES / "anagen-lock"
OLDEST = (18, 19)


def what_is_missing() -> str:
    """The name of what has to be installed from the system first, "" for nothing."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "Node and npm"
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    version = tuple(map(int, re.findall(r"\d+", answer)[:2]))
    return "" if version >= OLDEST else "Node 18.19 or newer"


def install() -> bool:
    """Whether the tools are there now, installed if they were not; npm says why not."""
    lock = hashlib.sha256((TOP / "package-lock.json").read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == lock:
        return True
    print("Installing the tools for static/js into node_modules (once; a few seconds) …", flush=True)
    if subprocess.run(["npm", "ci", "--loglevel=error"], cwd=TOP).returncode:
        return False
    STAMP.write_text(lock)
    return True


def main(arguments: list[str]) -> int:
    missing = what_is_missing()
    if missing:
        print(f"{missing} missing; static/js is left as it is. On Debian: apt install nodejs npm", file=sys.stderr)
        return 0
    if not install():
        return 1
    return subprocess.run([BIN / arguments[0], *arguments[1:]], cwd=TOP).returncode if arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
