"""Fields that are asked only after a certain answer. What is not asked is not judged, and not stored.

A form declares its conditions once. Here they decide what is read of a submit; templates hand them to
`static/js/forms/conditions.js`, which hides what is not asked. What was typed into a hidden field is still sent, and is
there again when the answer changes back.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms


@dataclass(frozen=True)
class AskedWhen:
    """`fields`, as the form names them, are asked where the field `question` has one of these answers; with no answers
    named, where it has any. `question` and `answers` are spelled as the browser sends them: "since_last", "yes"."""

    question: str
    answers: tuple[str, ...]
    fields: tuple[str, ...]

    def is_met_by(self, values: Sequence[str]) -> bool:
        return any(value in self.answers if self.answers else value.strip() for value in values)


class ConditionalForm(forms.BaseForm):
    """A form that reads only what it asks."""

    conditions: Sequence[AskedWhen] = ()

    def condition_of(self, name: str) -> AskedWhen | None:
        return next((each for each in self.conditions if name in each.fields), None)

    def is_asked(self, name: str) -> bool:
        """Whether the field is asked, after what was sent; in a form that was not sent, after what it begins with."""
        condition = self.condition_of(name)
        return condition is None or condition.is_met_by(self._answers_to(condition.question))

    def _answers_to(self, question: str) -> list[str]:
        if self.is_bound:
            data: Any = self.data
            given = data.getlist(question) if hasattr(data, "getlist") else data.get(question, [])
        else:
            whole = getattr(self, "owner", self)
            given = whole[question].value() if whole.has_field(question) else None
        if isinstance(given, list | tuple | set):
            return [str(value) for value in given]
        return [] if given in (None, False) else [str(given)]

    def has_field(self, name: str) -> bool:
        return name in self.fields

    def _clean_fields(self) -> None:
        """Fields that are not asked are taken for empty, whatever was sent in them."""
        fields = self.fields
        unasked = {name: field for name, field in fields.items() if not self.is_asked(name)}
        self.fields = {name: field for name, field in fields.items() if name not in unasked}
        try:
            super()._clean_fields()  # type: ignore[misc]
        finally:
            self.fields = fields
        self.cleaned_data |= {name: _empty(name, field) for name, field in unasked.items()}


def _empty(name: str, field: forms.Field) -> Any:
    """What a field gives that nobody filled in, though it may be required where it is asked."""
    left_empty = copy.copy(field)
    left_empty.required = False
    return left_empty.clean(field.widget.value_from_datadict({}, {}, name))
