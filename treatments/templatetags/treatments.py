from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.utils import timezone

from treatments.courses.schedule import Window
from treatments.records import formatting
from treatments.records.forms.composite_form import FormPart
from treatments.records.forms.record_form import RecordForm, Section

register = template.Library()


@register.filter
def warnings(field: BoundField) -> list[Any]:
    """The warnings that stand beside a form field."""
    return field.form.warnings_of(field.name) if isinstance(field.form, RecordForm | FormPart) else []


@register.simple_tag
def rows(form: RecordForm, section: Section) -> list[list[BoundField]]:
    """A section's fields as rows of bound fields; names the form has left out are passed over."""
    rows = ([form[name] for name in _names(entry) if name in form.fields] for entry in section.fields)
    return [row for row in rows if row]


def _names(entry: str | tuple[str, ...]) -> tuple[str, ...]:
    return entry if isinstance(entry, tuple) else (entry,)


@register.filter
def is_needed(section: Section, form: RecordForm) -> bool:
    """Whether a folded section must stand open: it holds a value, an error or a warning."""
    names = [name for entry in section.fields for name in _names(entry) if name in form.fields]
    return any(form[name].errors or form.warnings_of(name) or form[name].value() for name in names)


@register.filter
def get(mapping: dict[Any, Any] | None, key: Any) -> Any:
    return (mapping or {}).get(key)


@register.filter
def ml(value: Decimal | None) -> str:
    """A volume as it is read aloud: 3, 2.5, 0.25."""
    return "" if value is None else formatting.number(value)


@register.filter(expects_localtime=True)
def day(value: date | None) -> str:
    """ "14 May 2025"; as the filter date:"j M Y", at a tenth of its cost."""
    return formatting.day(value) if value else ""


@register.filter(expects_localtime=True)
def day_of_year(value: date | None) -> str:
    """ "14 May"."""
    return formatting.day_of_year(value) if value else ""


@register.filter
def due_label(text: str) -> str:
    """When the next session is planned, from the column: "14 May 2025", "May 2025", "14 Jul to 14 Oct 2025"."""
    return Window.read(text).label()


@register.filter
def due_standing(text: str) -> str:
    """The same in words, with whether it is due, open or overdue today."""
    return Window.read(text).standing(timezone.localdate())


@register.filter
def signed(value: int) -> str:
    return f"{value:+d}".replace("-", "−")


@register.filter
def sentence(text: str) -> str:
    """What was typed, with its full stop, so that the next sentence does not run into it."""
    typed = text.strip()
    return typed if not typed or typed[-1] in ".!?…" else f"{typed}."
