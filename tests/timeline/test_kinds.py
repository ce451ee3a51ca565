"""Each kind of entry has its order, its tab and its template; else the page fails for whoever has such a row."""

import re
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template

from treatments.timeline.entries import FILTERS, KINDS

ENTRIES = Path(settings.BASE_DIR) / "treatments/timeline/entries.py"


def test_each_kind_made_is_listed() -> None:
    """What `entries.py` yields is in KINDS, and nothing else is."""
    made = set(re.findall(r'(?:Entry|_finding)\("(\w+)"', ENTRIES.read_text()))

    assert made == set(KINDS)


def test_each_kind_has_a_tab_and_a_template() -> None:
    for kind, about in KINDS.items():
        assert about.tab in FILTERS
        assert get_template(f"treatments/timeline/entries/{kind}.html")


def test_each_tab_shows_a_kind() -> None:
    assert {about.tab for about in KINDS.values()} == set(FILTERS)
