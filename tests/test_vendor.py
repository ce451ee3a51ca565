"""Other people's files stay as they came, say what they are, and ask the network for nothing."""

import hashlib
import json
import re
from pathlib import Path

import crispy_bootstrap5
import pytest

from scripts.style_extract import CLASS, NEGATION, extract
from scripts.vendor import BOOTSTRAP_CLASSES

TOP = Path(__file__).resolve().parent.parent
FOLDERS = [TOP / "static/vendor", TOP / "treatments/papers/fonts", TOP / "tests/vendor"]
ENTRIES = [
    pytest.param(folder / entry["file"], entry, id=entry["file"])
    for folder in FOLDERS
    for entry in json.loads((folder / "vendor.json").read_text())
]
EXTRACT = TOP / "static/vendor/bootstrap-forms.css"
SHEET = """@charset "UTF-8";/*! Name v1 */:root,[data-bs-theme=light]{--a:var(--b);--b:url("x;{}");--unread:1}
[data-bs-theme=dark]{--a:2}/* no licence */.btn,.nav>.btn:hover{color:var(--a)}.table:not(.nav)>td,.col{margin:0}
@media (min-width:1px){.btn{margin:1px}.col{margin:2px}}@media print{.col{margin:3px}}@keyframes spin{to{margin:0}}
a:not([href],.nav){color:red}.btn .nav{color:red}"""
CRISPY_FIELD = Path(crispy_bootstrap5.__file__).parent / "templates/bootstrap5"
STYLES_AND_DRAWINGS = sorted([*TOP.glob("static/**/*.css"), *TOP.glob("static/**/*.svg")])
FETCHED = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)|(?:href|src)\s*=\s*["']([^"']+)""")


@pytest.mark.parametrize("path, entry", ENTRIES)
def test_file_is_the_one_that_was_fetched(path, entry):
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
    assert entry["licence"] in {"MIT", "OFL-1.1", "MPL-2.0", "Apache-2.0"}
    assert re.fullmatch(r"\d+\.\d+\.\d+|1:6\.0\.1r16-1\.1", entry["version"])


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


def test_extract_takes_classes_and_elements():
    """An extract has the rules of its classes and of plain elements."""
    assert extract(SHEET, {"btn", "table"}) == (
        "/*! Name v1 */\n"
        ':root{--a:var(--b);--b:url("x;{}")}\n'
        ".btn{color:var(--a)}\n"
        ".table:not(.nav)>td{margin:0}\n"
        "@media (min-width:1px){.btn{margin:1px}}\n"
        "a:not([href],.nav){color:red}\n"
    )


def test_extract_of_an_extract_is_itself():
    """The extract is an extract of its own classes."""
    text = EXTRACT.read_text()
    heads = NEGATION.sub("", re.sub(r"\{[^{}]*\}", "{}", re.sub(r"\"[^\"]*\"", "", text)))

    assert extract(text, set(CLASS.findall(heads))) == text


def test_every_extracted_class_is_used():
    """Every class of the extract is one that pages or fields use."""
    ours = [*TOP.glob("templates/**/*.html"), *TOP.glob("static/js/**/*.js")]
    pages = [*ours, *CRISPY_FIELD.glob("**/*field*.html"), *CRISPY_FIELD.glob("layout/*.html")]
    used = set(re.findall(r"[\w-]+", " ".join(path.read_text() for path in pages)))

    assert set(BOOTSTRAP_CLASSES.split()) - used == set()


def test_every_bootstrap_property_is_set():
    """Every property of Bootstrap that our style sheets read is set."""
    ours = "".join(path.read_text() for path in TOP.glob("static/css/*.css"))
    read = set(re.findall(r"var\(\s*(--bs-[\w-]+)", ours))

    assert read - set(re.findall(r"(--bs-[\w-]+)\s*:", ours + EXTRACT.read_text())) == set()
