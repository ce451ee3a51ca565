import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from treatments.courses.schedule import Window
from treatments.records import formatting
from treatments.records.forms.composite_form import FormPart
from treatments.records.forms.conditions import ConditionalForm
from treatments.records.forms.record_form import RecordForm, Section

register = template.Library()
_FIGURE = re.compile(r"(\d[\d.,]* (?:mL|mm|G|h)\b)")


@register.filter
def warnings(field: BoundField) -> list[Any]:
    """The warnings that stand beside a form field."""
    return field.form.warnings_of(field.name) if isinstance(field.form, RecordForm | FormPart) else []


@dataclass(frozen=True)
class Objection:
    """One line of the summary of what is wrong; `target` is the id of what it leads to, "" for the form as a whole."""

    sentence: str
    target: str = ""


@register.filter
def objections(form: BaseForm) -> list[Objection]:
    """All errors of a form, in the order of its page, and then the warnings that take a reason."""
    if not form.is_bound:
        return []
    found = [Objection(str(error)) for error in form.non_field_errors()]
    for field in form.fields_shown if isinstance(form, RecordForm) else form:
        # Of a field that is on no page nothing can be put right there.
        target = "" if field.is_hidden else field.id_for_label or field.auto_id
        part = getattr(field.form, "part_name", "")
        label = f"{part}, {str(field.label).lower().rstrip('?')}" if part else field.label
        told = f"{label}" if str(label).endswith("?") else f"{label}:"
        found += [Objection(f"{told} {error}" if target else str(error), target) for error in field.errors]
    unpassed = form.unpassed if isinstance(form, RecordForm) else []
    return found + [Objection(warning.sentence, f"id_{warning.input_name}") for warning in unpassed]


@register.simple_tag(takes_context=True)
def is_refused(context: Context) -> bool:
    """Whether the page says that nothing was saved: its title begins with "Error"."""
    if any(context.get(name) for name in ("already_saved", "conflict", "struck_out_since")):
        return True
    form = context.get("form")
    return isinstance(form, BaseForm) and bool(objections(form))


@register.filter
def described(field: BoundField) -> SafeString:
    """The attributes of an input that a template draws itself: whether it is wrong, and what says so."""
    attributes = {"aria-invalid": "true" if field.errors else "", "aria-describedby": field.aria_describedby or ""}
    return format_html_join("", ' {}="{}"', [item for item in attributes.items() if item[1]])


@register.simple_tag
def asked(form: ConditionalForm, name: str) -> SafeString:
    """The attributes of what stands around a field that is asked only after a certain answer; read and followed by
    static/js/forms/conditions.js."""
    condition = form.condition_of(name)
    if condition is None:
        return SafeString()
    told = format_html('data-asked-when="{}" data-answers="{}"', condition.question, " ".join(condition.answers))
    return told if form.is_asked(name) else told + SafeString(" hidden")


@register.filter
def is_conditional(field: BoundField) -> bool:
    return isinstance(field.form, ConditionalForm) and field.form.condition_of(field.name) is not None


@register.filter
def grouped(field: BoundField) -> SafeString:
    """The attributes of the fieldset around the choices of one field: what leads to it, and what is said about it."""
    described_by = field.aria_describedby
    group = format_html('id="{}" tabindex="-1"', field.auto_id)
    return group + format_html(' aria-describedby="{}"', described_by) if described_by else group


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


@register.filter
def unbroken(text: object) -> SafeString:
    """With no line break between a figure and its unit."""
    parts = _FIGURE.split(str(text or ""))
    told = (format_html('<span class="nb">{}</span>', part) if place % 2 else part for place, part in enumerate(parts))
    return format_html_join("", "{}", ((part,) for part in told))


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
    """ "+2", "−1", "0"."""
    return f"{value:+d}".replace("-", "−") if value else "0"


@register.filter
def uncapitalised(text: str) -> str:
    """A label inside a sentence: "total volume, mL", "CTCAE grade"."""
    return formatting.uncapitalised(text)


@register.filter
def sentence(text: str) -> str:
    """What was typed, with its full stop, so that the next sentence does not run into it."""
    typed = text.strip()
    return typed if not typed or typed[-1] in ".!?…" else f"{typed}."
