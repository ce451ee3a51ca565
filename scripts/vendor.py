"""Fetches the few files of other people's that Anagen ships, and writes down what they are.

    python scripts/vendor.py

Needs npm, and Debian's apt-get and dpkg-deb for the one typeface that npm has only in parts; and only here: the files
are committed, so that nothing is fetched to run Anagen.
Each comes unchanged but for its source-map line, which would have a browser ask for a file that
is not there; a style sheet with `classes` comes as the extract of the rules that these classes
and plain elements need. `vendor.json` beside the files notes name, version, licence and SHA-256,
and for an extract the whole file's name and SHA-256; tests/test_vendor.py compares them.
"""

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

from scripts.style_extract import extract  # noqa: E402 -- only after the line above

SOURCE_MAP = re.compile(rb"^\s*(/\*[#@] sourceMappingURL=.*\*/|//[#@] sourceMappingURL=.*)\s*$", re.M)
# What crispy's template of a field writes (|as_crispy_field), then what our own pages share with Bootstrap.
# All of it is styled further in static/css.
BOOTSTRAP_CLASSES = """
    form-control form-select form-label form-text form-check form-check-input form-check-label
    is-invalid invalid-feedback mb-3 fs-6
    btn btn-primary btn-danger table lead small
"""


class Package(NamedTuple):
    """One npm package at one version, and where each of its files that we ship goes. With `classes`, only the rules
    of its style sheets that these and plain elements need are taken.

    `debian` is the licence of a package that is Debian's and not npm's; npm's packages name their own, which is
    `licence` for the files that we take where the package has a licence of its own besides.
    """

    name: str
    version: str
    folder: str
    files: dict[str, str]
    why: str
    classes: str = ""
    licence: str = ""
    debian: str = ""


NOTO = (
    ("Bengali", "0.4.4"),
    ("Devanagari", "0.4.1"),
    ("Gurmukhi", "0.4.1"),
    ("Hebrew", "0.4.1"),
    ("Khmer", "0.4.3"),
    ("Myanmar", "0.4.2"),
    ("Tamil", "0.4.3"),
    ("Telugu", "0.4.2"),
    ("Thai", "0.4.2"),
)
PACKAGES = [
    Package(
        name="bootstrap",
        version="5.3.9",
        folder="static/vendor",
        files={"dist/css/bootstrap.min.css": "bootstrap-forms.css", "LICENSE": "bootstrap.LICENSE.txt"},
        why="the floor under our own styles: plain elements, and what crispy's forms are marked up for",
        classes=BOOTSTRAP_CLASSES,
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
        name="@expo-google-fonts/inter",
        version="0.4.2",
        folder="treatments/papers/fonts",
        files={
            "400Regular/Inter_400Regular.ttf": "Inter_400Regular.ttf",
            "600SemiBold/Inter_600SemiBold.ttf": "Inter_600SemiBold.ttf",
            "700Bold/Inter_700Bold.ttf": "Inter_700Bold.ttf",
            "LICENSE_FONT": "inter.LICENSE.txt",
        },
        why="the typeface of a paper: Latin with Vietnamese, Greek and Cyrillic; a word processor asks for 700",
        licence="OFL-1.1",
    ),
    Package(
        name="@expo-google-fonts/ibm-plex-sans-arabic",
        version="0.4.2",
        folder="treatments/papers/fonts",
        files={
            "400Regular/IBMPlexSansArabic_400Regular.ttf": "IBMPlexSansArabic_400Regular.ttf",
            "600SemiBold/IBMPlexSansArabic_600SemiBold.ttf": "IBMPlexSansArabic_600SemiBold.ttf",
            "700Bold/IBMPlexSansArabic_700Bold.ttf": "IBMPlexSansArabic_700Bold.ttf",
            "LICENSE_FONT": "ibm-plex-sans-arabic.LICENSE.txt",
        },
        why="Arabic in a PDF, with letters that can be copied out of it again",
        licence="OFL-1.1",
    ),
    Package(
        name="@expo-google-fonts/nanum-gothic",
        version="0.4.0",
        folder="treatments/papers/fonts",
        files={
            "400Regular/NanumGothic_400Regular.ttf": "NanumGothic_400Regular.ttf",
            "LICENSE_FONT": "nanum-gothic.LICENSE.txt",
        },
        why="Korean on a paper: every syllable of Hangul in one file of 2 MB",
        licence="OFL-1.1",
    ),
    *(
        Package(
            name=f"@expo-google-fonts/noto-sans-{script.lower()}",
            version=version,
            folder="treatments/papers/fonts",
            files={
                f"400Regular/NotoSans{script}_400Regular.ttf": f"NotoSans{script}_400Regular.ttf",
                "LICENSE_FONT": f"noto-sans-{script.lower()}.LICENSE.txt",
            },
            why=f"{script} on a paper: a language of consent forms is written in it",
            licence="OFL-1.1",
        )
        for script, version in NOTO
    ),
    Package(
        name="fonts-droid-fallback",
        version="1:6.0.1r16-1.1",
        folder="treatments/papers/fonts",
        files={
            "usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf": "DroidSansFallbackFull.ttf",
            "usr/share/doc/fonts-droid-fallback/copyright": "droid-fallback.LICENSE.txt",
        },
        why="Chinese in a PDF, with every letter of a name in one file of 4 MB; Japanese syllables besides",
        debian="Apache-2.0",
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
        licence, contents = (from_debian if package.debian else from_npm)(package, Path(scratch))
    entries = []
    for path, data in contents.items():
        file = TOP / package.folder / package.files[path]
        entry = {"name": package.name, "version": package.version, "licence": licence, "file": package.files[path]}
        if package.classes and file.suffix == ".css":
            entry |= {"extract_of": path, "whole_sha256": hashlib.sha256(data).hexdigest()}
            data = extract(data.decode(), set(package.classes.split())).encode()
        elif file.suffix in {".css", ".js"}:
            data = SOURCE_MAP.sub(b"", data).rstrip() + b"\n"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_bytes(data)
        entries.append({**entry, "sha256": hashlib.sha256(data).hexdigest(), "why": package.why})
    return entries


def from_npm(package: Package, scratch: Path) -> tuple[str, dict[str, bytes]]:
    subprocess.run(["npm", "pack", "--silent", f"{package.name}@{package.version}"], cwd=scratch, check=True)
    (tarball,) = scratch.glob("*.tgz")
    with tarfile.open(tarball) as archive:
        licence = package.licence or json.loads(read(archive, "package.json"))["license"]
        return licence, {path: read(archive, path) for path in package.files}


def from_debian(package: Package, scratch: Path) -> tuple[str, dict[str, bytes]]:
    subprocess.run(["apt-get", "-q", "download", f"{package.name}={package.version}"], cwd=scratch, check=True)
    (deb,) = scratch.glob("*.deb")
    subprocess.run(["dpkg-deb", "--extract", deb.name, "files"], cwd=scratch, check=True)
    return package.debian, {path: (scratch / "files" / path).read_bytes() for path in package.files}


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
