"""A record's form that is made of small forms, each with fields of its own, sent and checked together."""

from collections.abc import Iterator
from typing import Any, TypeVar

from django import forms
from django.forms import BoundField
from django.forms.utils import ErrorDict

from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import FormWarning, RecordForm

P = TypeVar("P", bound="FormPart")


class FormPart(PlainTextForm, forms.Form):
    """A small form within a record's form (`owner`), which shows its fields, errors and warnings among its own."""

    owner: "CompositeForm"

    def warnings_of(self, name: str) -> list[FormWarning]:
        return self.owner.warnings_of(self.add_prefix(name))


class CompositeForm(RecordForm):
    """A record's form with parts. A part's field is named here as the browser sends it: "volume-vertex"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.parts: list[FormPart] = []
        super().__init__(*args, **kwargs)

    def add_part(self, part_class: type[P], **kwargs: Any) -> P:
        part = part_class(self.data if self.is_bound else None, **kwargs)
        part.owner = self
        self.parts.append(part)
        return part

    def has_field(self, name: str) -> bool:
        return name in self.fields or self._part_field(name) is not None

    def _part_field(self, name: str) -> tuple[FormPart, str] | None:
        for part in self.parts:
            for field in part.fields:
                if part.add_prefix(field) == name:
                    return part, field
        return None

    def __getitem__(self, name: str) -> BoundField:
        in_part = None if name in self.fields else self._part_field(name)
        return super().__getitem__(name) if in_part is None else in_part[0][in_part[1]]

    def __iter__(self) -> Iterator[BoundField]:
        yield from super().__iter__()
        for part in self.parts:
            yield from part

    def full_clean(self) -> None:
        if self.is_bound:
            self.count_from_own_dates()
        for part in self.parts:
            part.full_clean()
        super().full_clean()

    @property
    def errors(self) -> ErrorDict:
        """The errors of all parts too, under the names that the browser sends."""
        errors = super().errors
        of_parts = {part.add_prefix(name): each for part in self.parts for name, each in part.errors.items()}
        return ErrorDict(errors | of_parts) if of_parts else errors

    def add_error(self, field: str | None, error: Any) -> None:
        in_part = None if field is None or field in self.fields else self._part_field(field)
        if in_part is None:
            super().add_error(field, error)
        else:
            in_part[0].add_error(in_part[1], error)
