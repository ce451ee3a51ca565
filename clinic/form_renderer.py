"""Inputs, choices and lists of a form, written without a template for each tag.

Django renders an input through three templates and a choice through four. On a page with two hundred choices that
is most of the processor time. The tags are the same (tests/clinic/test_form_renderer.py); whatever is
not in `_TAGS` is rendered by its template.
"""

from collections.abc import Callable
from html import escape
from typing import Any

from django.forms import BoundField
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest

Widget = dict[str, Any]


def _escaped(value: Any) -> str:
    """As Django's conditional_escape, without its wrapper for lazy texts, which takes longer than the escaping."""
    return str(value.__html__() if hasattr(value, "__html__") else escape(str(value)))


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{_escaped(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{_escaped(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{_escaped(widget["name"])}"{value}{_attributes(widget)}>'


def _textarea(widget: Widget) -> str:
    text = _escaped(widget["value"] or "")
    return f'<textarea name="{_escaped(widget["name"])}"{_attributes(widget)}>\n{text}</textarea>'


def _select(widget: Widget) -> str:
    groups = "".join(_options(label, options) for label, options, _ in widget["optgroups"])
    return f'<select name="{_escaped(widget["name"])}"{_attributes(widget)}>{groups}\n</select>'


def _options(group: str | None, options: list[Widget]) -> str:
    tags = "".join(
        f'\n  <option value="{_escaped(option["value"])}"{_attributes(option)}>{_escaped(option["label"])}</option>'
        for option in options
    )
    return f'\n  <optgroup label="{_escaped(group)}">{tags}\n  </optgroup>' if group else tags


_NOTHING_TO_FILL_IN = {"hidden", "checkbox", "radio", "file", "submit", "select-multiple"}
_INPUTS = (
    "checkbox", "checkbox_option", "date", "email", "file", "hidden", "number", "password", "radio_option", "text",
)  # fmt: skip
_TAGS: dict[str, Callable[[Widget], str]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in _INPUTS},
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/textarea.html": _textarea,
}


class DescribedField(BoundField):
    """A field that names everything said about it: its help, its errors, and the warnings of a record's form.

    Templates give these the ids that are named here (WCAG 2.2, 1.3.1): `…_helptext`, `…_error`, and each warning's own.
    """

    @property
    def aria_describedby(self) -> str | None:
        if self.field.widget.attrs.get("aria-describedby") or self.is_hidden:
            return super().aria_describedby
        warnings = self.form.warnings_of(self.name) if hasattr(self.form, "warnings_of") else ()
        ids = [super().aria_describedby, *(warning.sentence_id for warning in warnings)]
        return " ".join(filter(None, ids)) or None


class FormRenderer(DjangoTemplates):
    """Takes the place of Django's own in settings.FORM_RENDERER."""

    bound_field_class = DescribedField

    @staticmethod
    def _keep_from_browsers(widget: Widget | None) -> None:
        """What is typed here is about a patient: no browser may fill in the name or telephone of who types."""
        if (
            widget is not None
            and widget.get("type", "text") not in _NOTHING_TO_FILL_IN
            and widget.get("is_hidden") is False
        ):
            widget["attrs"].setdefault("autocomplete", "off")

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        self._keep_from_browsers(context.get("widget"))
        tag = _TAGS.get(template_name)
        if tag is None or context["widget"].get("wrap_label"):
            return super().render(template_name, context, request)
        return tag(context["widget"])
