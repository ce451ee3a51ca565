"""The style sheets hold what pages use, and nothing that pages have left behind."""

import re
from pathlib import Path

from django.conf import settings

TOP = settings.BASE_DIR
WRITES_CLASSES = {".html", ".js", ".py"}


def unused_classes(styles: str, pages: str) -> set[str]:
    """Class names of the style sheets that no template, script or widget writes, whole or begun ("is-{{ state }}")."""
    rules = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", styles, flags=re.DOTALL)
    named = set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", rules))
    written = set(re.findall(r"[A-Za-z_][\w-]*", pages))
    begun = tuple(re.findall(r"([A-Za-z_][\w-]*-)[{$]", pages))
    return {name for name in named - written if not name.startswith(begun)}


def test_no_style_is_of_a_page_that_is_gone() -> None:
    styles = "\n".join(sheet.read_text() for sheet in sorted((TOP / "static/css").glob("*.css")))
    folders = [TOP / name for name in ("templates", "static/js", "clinic", "treatments")]
    files: list[Path] = [file for folder in folders for file in folder.rglob("*") if file.suffix in WRITES_CLASSES]
    assert unused_classes(styles, "\n".join(file.read_text() for file in files)) == set()


def test_an_unused_class_is_found() -> None:
    styles = "/* .told */ .row, .gone > .is-late { background: url(a.png) } .of { margin: 0.5rem }"
    assert unused_classes(styles, '<p class="row is-{{ state }}"><i class="of">') == {"gone"}
