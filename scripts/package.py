"""Builds the wheel that a clinic installs, and beside it the list of everything that pip installs with it, by hash.

python scripts/package.py             into dist/
python scripts/package.py FOLDER      into another folder
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
# Files of a wheel carry a time; with one that is always the same, the same source makes the same bytes.
EPOCH = "1764547200"


def build(folder: Path, source: Path = TOP) -> Path:
    """The wheel of a source tree, and the list `anagen-<version>.txt` beside it; no network is needed."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder.resolve()]
    done = subprocess.run(
        command, cwd=source, env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH}, check=True, capture_output=True, text=True
    )
    wheel = folder / Path((done.stdout.strip() or done.stderr.strip()).splitlines()[-1]).name
    version = wheel.name.split("-")[1]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    pins = (source / "requirements/run.txt").read_text()
    # The wheel is looked for beside the list, wherever both were brought.
    own = f"--find-links .\nanagen=={version} --hash=sha256:{digest}\n"
    (folder / f"anagen-{version}.txt").write_text(pins + own)
    return wheel


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else TOP / "dist"))
