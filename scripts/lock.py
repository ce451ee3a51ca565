"""Writes requirements/run.txt and requirements/dev.txt from pyproject.toml.

Every package is pinned with the SHA-256 of each file its version was published with, so
that the same list installs on Python 3.11 to 3.13 and on any processor. The files name no
package index: an installation uses the one the machine is set up for.

    python scripts/lock.py             keep the pins that still satisfy pyproject.toml
    python scripts/lock.py --upgrade   take the newest versions pyproject.toml allows
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
RESOLVER = "uv==0.13.9"
HEADER = """\
# Written by scripts/lock.py from pyproject.toml; not by hand.
# {what}
"""


def compile_into(target: Path, what: str, uv: Path, options: list[str]) -> None:
    """Resolve for every supported Python at once (`--universal`) and write the pins."""
    command = [uv, "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11"]
    command += ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    command += ["--no-config", "--quiet", "--output-file", target, *options]
    subprocess.run(command, cwd=TOP, check=True)
    target.write_text(HEADER.format(what=what) + strip_header(target.read_text()))


def strip_header(text: str) -> str:
    lines = text.splitlines(keepends=True)
    while lines and lines[0].startswith("#"):
        lines.pop(0)
    return "".join(lines)


def main(options: list[str]) -> None:
    run, dev = TOP / "requirements/run.txt", TOP / "requirements/dev.txt"
    run.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        venv.create(scratch, with_pip=True)
        binaries = Path(scratch) / "bin"
        subprocess.run([binaries / "pip", "install", "--quiet", RESOLVER], check=True)
        uv = binaries / "uv"
        compile_into(run, "What a clinic needs to run Anagen.", uv, options)
        dev_options = ["--group", "dev", "--constraint", str(run.relative_to(TOP)), *options]
        compile_into(dev, "The same, and what its developers and tests need.", uv, dev_options)


if __name__ == "__main__":
    main(sys.argv[1:])
