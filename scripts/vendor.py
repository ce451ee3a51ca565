"""Fetches the few files of other people's that Anagen ships, and writes down what they are.

    python scripts/vendor.py

Needs npm, and only here: the files are committed, so that nothing is fetched to run or test
Anagen. Each comes unchanged but for its source-map line, which would have a browser ask for a
file that is not there. `vendor.json` beside the files keeps name, version, licence and SHA-256;
tests/test_vendor.py holds them to it.
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).resolve().parent.parent
SOURCE_MAP = re.compile(rb"^\s*(/\*[#@] sourceMappingURL=.*\*/|//[#@] sourceMappingURL=.*)\s*$", re.M)


class Package(NamedTuple):
    """One npm package at one version, and where each file we keep of it goes."""

    name: str
    version: str
    folder: str
    files: dict[str, str]
    why: str


PACKAGES = [
    Package(
        name="bootstrap",
        version="5.3.9",
        folder="static/vendor",
        files={"dist/css/bootstrap.min.css": "bootstrap.min.css", "LICENSE": "bootstrap.LICENSE.txt"},
        why="the floor under our own styles: what crispy's forms are marked up for",
    ),
    Package(
        name="@fontsource-variable/inter",
        version="5.3.0",
        folder="static/vendor",
        files={
            "files/inter-latin-wght-normal.woff2": "inter/inter-latin-wght-normal.woff2",
            "LICENSE": "inter/LICENSE.txt",
        },
        why="the one typeface, all weights in one file, with tabular figures",
    ),
    Package(
        name="axe-core",
        version="4.14.1",
        folder="tests/vendor",
        files={"axe.min.js": "axe.min.js", "LICENSE": "axe.LICENSE.txt"},
        why="finds accessibility faults in the browser tests; not shipped to any clinic",
    ),
]


def fetch(package: Package) -> list[dict[str, str]]:
    """Write the package's named files and return an entry for each."""
    with tempfile.TemporaryDirectory() as scratch:
        spec = f"{package.name}@{package.version}"
        subprocess.run(["npm", "pack", "--silent", spec], cwd=scratch, check=True)
        (tarball,) = Path(scratch).glob("*.tgz")
        with tarfile.open(tarball) as archive:
            licence = json.loads(read(archive, "package.json"))["license"]
            contents = {kept: read(archive, path) for path, kept in package.files.items()}
    folder = TOP / package.folder
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for kept, data in contents.items():
        if kept.endswith((".css", ".js")):
            data = SOURCE_MAP.sub(b"", data).rstrip() + b"\n"
        (folder / kept).parent.mkdir(exist_ok=True)
        (folder / kept).unlink(missing_ok=True)
        (folder / kept).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        entry = {"name": package.name, "version": package.version, "licence": licence}
        entries.append({**entry, "file": kept, "sha256": digest, "why": package.why})
    return entries


def read(archive: tarfile.TarFile, path: str) -> bytes:
    member = archive.extractfile(f"package/{path}")
    if member is None:
        raise SystemExit(f"{path} is not a file of that package")
    return member.read()


def main() -> None:
    for folder in dict.fromkeys(package.folder for package in PACKAGES):
        entries = [e for p in PACKAGES if p.folder == folder for e in fetch(p)]
        listing = TOP / folder / "vendor.json"
        listing.write_text(json.dumps(entries, indent=2) + "\n")
        print(f"{folder}: {', '.join(entry['file'] for entry in entries)}")


if __name__ == "__main__":
    main()
