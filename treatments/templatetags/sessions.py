"""What the pages of plans and sessions draw."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.forms import BoundField
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from treatments.courses.session_title import title
from treatments.records.formatting import number
from treatments.sessions.log.forms import LogForm
from treatments.sessions.volume_forms import VolumesForm

register = template.Library()


@register.filter
def mark(field: BoundField) -> str:
    """ "carried" or "planned" beside a field that still says what it was filled in with."""
    form = getattr(field.form, "owner", field.form)
    return form.mark_of(field.html_name) if isinstance(form, LogForm) else ""


@register.filter
def session_title(session: Any) -> str:
    """ "Session 4 of 5" of a session that was read with its number; "Session" of one that was struck out."""
    if session.number is None:
        return "Session"
    return title(session.course, session.number, session.place, session.phase, session.outcome)


@cache
def _drawing() -> str:
    path = finders.find("drawings/scalp-map.svg")
    with open(str(path), encoding="utf-8") as file:
        return file.read()


@register.simple_tag
def scalp_map(volumes: VolumesForm) -> SafeString:
    """The scalp map with the volumes written in; a script makes it tappable. The number fields carry the values,
    so the drawing is hidden from screen readers."""
    return _with_volumes({row.region: row.ml for row in volumes.rows if row.is_treated})


@register.simple_tag
def scalp_of(volumes: Mapping[str, Decimal]) -> SafeString:
    """The scalp map of a session as it was given; what is not on the map is said beside it."""
    return _with_volumes({region: number(ml) for region, ml in volumes.items()})


def _with_volumes(volumes: dict[str, str]) -> SafeString:
    drawing = _drawing().replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    for region, ml in volumes.items():
        drawing = drawing.replace(f'<g data-region="{region}">', f'<g data-region="{region}" class="on">')
        opening = re.compile(rf'(<g data-region="{region}" class="on">.*?<text class="region-ml"[^>]*>)', re.DOTALL)
        # The replacement holds a figure only; a backslash in it would be read as a group.
        drawing = opening.sub(rf"\g<1>{escape(ml)}", drawing)
    # The drawing is ours, and what is written into it was escaped above.
    return mark_safe(drawing)  # noqa: S308
