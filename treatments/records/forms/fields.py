"""Form fields of the record: partial dates, exact decimals and whole numbers, each typed as text."""

import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from treatments.records.formatting import number
from treatments.records.partial_dates import PartialDate, parse, parse_birth
from treatments.records.text.numbers import MOST_FIGURES, AmbiguousNumber, parse_decimal, parse_whole


def _as_asked(field: forms.Field) -> dict[str, Any]:
    """What the field that Django makes for a column asks: its label, help and whether it is required."""
    return {
        "label": field.label,
        "required": field.required,
        "help_text": field.help_text,
        "initial": field.initial,
        "disabled": field.disabled,
        "error_messages": {code: text for code, text in field.error_messages.items() if code == "required"},
    }


class YesNoField(forms.NullBooleanField):
    """Yes, no, or nothing chosen, which reads `unanswered`. A saved answer is chosen when it is shown again: a plain
    select would look for "True" among its choices, and a correction of something else would take the answer away."""

    def __init__(self, *, label: str, unanswered: str) -> None:
        choices = [("", unanswered), ("true", "Yes"), ("false", "No")]
        super().__init__(label=label, required=False, widget=forms.Select(choices=choices))

    def prepare_value(self, value: Any) -> Any:
        return {True: "true", False: "false"}.get(value, value)


class ParsedField(forms.CharField):
    """A text box whose text is parsed into a value of `value_type`; a blank one gives None."""

    value_type: ClassVar[type]

    def parse(self, text: str) -> Any:
        """Raises ValidationError with a sentence."""
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        if isinstance(value, self.value_type):
            return value
        text = super().to_python(value)
        return self.parse(text) if text else None

    def validate(self, value: Any) -> None:
        super().validate("" if value is None else value)

    def run_validators(self, value: Any) -> None:
        """Those of a text field do not apply to the parsed value."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        shown = "" if initial is None else self.prepare_value(initial)
        return str(shown) != str(data or "")


class PartialDateInput(forms.TextInput):
    def format_value(self, value: Any) -> Any:
        return value.label() if isinstance(value, PartialDate) else value


class PartialDateFormField(ParsedField):
    """A date in any of the ways people write one: 14 May 2025, May 2025, 2025, about 2020, 5 years ago.

    Every date that a form asks for is asked by this field. With `at_least="month"` a year alone is refused, with
    `at_least="day"` a month too. `counted_from` is the day from which "5 years ago" counts; None for today.
    """

    value_type: ClassVar[type] = PartialDate
    widget: Any = PartialDateInput

    def __init__(self, *, at_least: str = "year", is_birth: bool = False, **kwargs: Any) -> None:
        self.at_least, self.is_birth = at_least, is_birth
        self.counted_from: datetime.date | None = None
        super().__init__(**{"max_length": 60, **kwargs})

    def parse(self, text: str) -> Any:
        parse_date = parse_birth if self.is_birth else parse
        try:
            date = parse_date(text, today=self.counted_from or timezone.localdate())
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if self.at_least == "day" and not date.is_exact:
            raise ValidationError("Write the day itself, for example 14 May 2025.")
        if self.at_least == "month" and date.precision == "year":
            raise ValidationError("Write at least the month, for example May 2025 or 14 May 2025.")
        return date


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"type": "date"})


class DayFormField(PartialDateFormField):
    """A date that is known to the day; gives a `datetime.date`, for a column that is one."""

    value_type = datetime.date
    widget = DayInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(at_least="day", **kwargs)

    @classmethod
    def instead_of(cls, field: forms.DateField) -> "DayFormField":
        """For the column that Django's own field would ask for."""
        return cls(**_as_asked(field))

    def parse(self, text: str) -> datetime.date:
        return super().parse(text).earliest

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime.date) else value


class NumberField(ParsedField):
    """What both fields for numbers share: the spellings of `records.text.numbers`, and the range, ends included."""

    keyboard: ClassVar[str]
    low: Any
    high: Any

    def __init__(self, **kwargs: Any) -> None:
        # The keyboard for figures has no minus on a telephone.
        keyboard = self.keyboard if self.low >= 0 else "text"
        widget = forms.TextInput(attrs={"inputmode": keyboard, "autocomplete": "off", "data-figure": ""})
        super().__init__(**{"required": False, "max_length": 40, "widget": widget, **kwargs})

    def parse(self, text: str) -> Any:
        number = self.read(text)
        if number < 0 <= self.low:
            raise ValidationError("This cannot be less than 0. Remove the minus sign.")
        return number

    def read(self, text: str) -> Any:
        """Raises ValidationError with a sentence."""
        raise NotImplementedError


class ExactDecimalField(NumberField):
    """A decimal number, kept exactly as it was typed: never a binary fraction, nothing rounded unseen.

    `places` is how many decimals are stored; `low` and `high` are included; `unit` ends the sentences about them.
    `hint` follows where the text is no number.
    """

    value_type = Decimal
    keyboard = "decimal"

    def __init__(
        self,
        *,
        places: int = 2,
        low: Decimal = Decimal(0),
        high: Decimal = Decimal(999_999),
        unit: str = "mL",
        hint: str = "",
        **kwargs: Any,
    ) -> None:
        self.places, self.low, self.high, self.unit, self.hint = places, low, high, unit, hint
        super().__init__(**kwargs)

    @classmethod
    def instead_of(cls, field: forms.DecimalField, **more: Any) -> "ExactDecimalField":
        """For the column that Django's own field would ask for, with the size of the column as its limits."""
        places, figures = field.decimal_places or 0, field.max_digits or MOST_FIGURES
        high = Decimal(10) ** (figures - places) - Decimal(1).scaleb(-places)
        return cls(**{"places": places, "high": high, "unit": "", **_as_asked(field), **more})

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, Decimal) else value

    def read(self, text: str) -> Decimal:
        try:
            value = parse_decimal(text)
        except ValueError as error:
            raise ValidationError(f"{error} {self.hint}".strip()) from error
        kept = round(value, self.places)
        if value != kept:
            raise ValidationError(f"At most {self.places} decimals can be kept, for example {kept}.")
        return kept

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if value < self.low:
            raise ValidationError(f"This must be at least {number(self.low)} {self.unit}.".replace(" .", "."))
        if value > self.high:
            raise ValidationError(f"This may be at most {number(self.high)} {self.unit}.".replace(" .", "."))


class WholeNumberField(NumberField):
    """A whole number in figures, `low` to `high` included."""

    value_type = int
    keyboard = "numeric"

    def __init__(self, *, low: int = 0, high: int = 32767, **kwargs: Any) -> None:
        self.low, self.high = low, high
        super().__init__(**kwargs)

    @classmethod
    def instead_of(cls, field: forms.IntegerField, **more: Any) -> "WholeNumberField":
        low = 0 if field.min_value is None else field.min_value
        high = 32767 if field.max_value is None else field.max_value
        return cls(**{"low": low, "high": high, **_as_asked(field), **more})

    def read(self, text: str) -> int:
        try:
            return parse_whole(text)
        except AmbiguousNumber as error:
            raise ValidationError(str(error)) from error
        except ValueError as error:
            raise ValidationError(f"Write a whole number in figures, from {self.low} to {self.high}.") from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not self.low <= value <= self.high:
            raise ValidationError(f"This must be from {self.low} to {self.high}.")


class VersionField(WholeNumberField):
    """The version of the record that a page was opened with, unseen on it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"low": 1, "high": 2**31 - 1, "required": True, "widget": forms.HiddenInput(), **kwargs})


def asked_here(field: forms.Field) -> forms.Field:
    """The field by which this project asks for what Django's own field for a column would: days and numbers."""
    if isinstance(field, forms.DateField):
        return DayFormField.instead_of(field)
    if isinstance(field, forms.DecimalField):
        return ExactDecimalField.instead_of(field)
    if type(field) is forms.IntegerField:
        return WholeNumberField.instead_of(field)
    return field
