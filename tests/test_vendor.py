"""Other people's files stay as they came, say what they are, and ask the network for nothing."""

import hashlib
import json
import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
FOLDERS = [TOP / "static/vendor", TOP / "tests/vendor"]
ENTRIES = [
    pytest.param(folder / entry["file"], entry, id=entry["file"])
    for folder in FOLDERS
    for entry in json.loads((folder / "vendor.json").read_text())
]
STYLES_AND_DRAWINGS = sorted([*TOP.glob("static/**/*.css"), *TOP.glob("static/**/*.svg")])
FETCHED = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)|(?:href|src)\s*=\s*["']([^"']+)""")


@pytest.mark.parametrize("path, entry", ENTRIES)
def test_file_is_the_one_that_was_fetched(path, entry):
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
    assert entry["licence"] in {"MIT", "OFL-1.1", "MPL-2.0"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", entry["version"])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_file_is_listed(folder):
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    listed = {entry["file"] for entry in json.loads((folder / "vendor.json").read_text())}
    assert present - {"vendor.json"} == listed


def test_no_source_map_is_asked_for():
    texts = [path for path in (TOP / "static").rglob("*") if path.suffix in {".css", ".js"}]
    assert texts
    assert [str(path) for path in texts if "sourceMappingURL" in path.read_text()] == []


@pytest.mark.parametrize("path", STYLES_AND_DRAWINGS, ids=lambda path: str(path.relative_to(TOP)))
def test_vendored_files_fetch_nothing(path):
    """Style sheets and drawings fetch nothing from outside."""
    wanted = ["".join(parts) for parts in FETCHED.findall(path.read_text())]
    assert [address for address in wanted if re.match(r"(https?:)?//", address)] == []


@pytest.mark.parametrize(
    "path", [p for p in STYLES_AND_DRAWINGS if p.suffix == ".css"], ids=lambda p: str(p.relative_to(TOP))
)
def test_what_a_style_sheet_names_is_there(path):
    wanted = ["".join(parts) for parts in FETCHED.findall(path.read_text())]
    local = [address for address in wanted if not address.startswith(("data:", "#"))]
    assert [address for address in local if not (path.parent / address).is_file()] == []
