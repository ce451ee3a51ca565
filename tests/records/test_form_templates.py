"""Every form that takes words hangs on the script that loses none, and says who opened it."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# A form that asks for a page (method="get") has nothing to lose.
SENT = re.compile(r'<form(?=[^>]*class="record-form)(?=[^>]*method="post")')
PAGES = sorted(TEMPLATES.rglob("*.html"))
# One choice among buttons, where nothing is typed that could be lost.
NOTHING_TYPED = {TEMPLATES / "treatments/photos/export/original.html"}
# Sent by the browser itself, since its answer is a page that is shown once, with a link. Not about a patient.
ANSWERED_ONCE = {TEMPLATES / "people/add.html", TEMPLATES / "treatments/appointments/feeds.html"}
FORMS = [path for path in PAGES if SENT.search(path.read_text()) and path not in NOTHING_TYPED | ANSWERED_ONCE]
IN_THE_SHELL = [path for path in PAGES if '{% extends "treatments/form.html" %}' in path.read_text()]


def test_there_are_forms() -> None:
    assert TEMPLATES / "treatments/form.html" in FORMS
    assert len(FORMS) + len(IN_THE_SHELL) > 10


@pytest.mark.parametrize("path", FORMS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_form_drafts_and_names_its_opener(path: Path) -> None:
    """A form stores drafts and says who opened it."""
    text = path.read_text()

    assert "data-record-form" in text or "data-export-form" in text
    assert "data-draft=" in text and "data-draft-url=" in text or "data-export-form" in text
    assert 'include "components/savebar.html"' in text or 'include "components/opened_as.html"' in text
    if path.parent.name != "components" and "data-record-form" in text:
        assert "js/record-form.js" in text
        assert "data-state" in text or 'include "components/savebar.html"' in text
