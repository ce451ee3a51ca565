"""Form fields of the record: partial dates, exact decimals and whole numbers, each typed as text."""

import datetime
import re
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from treatments.records.formatting import figure
from treatments.records.partial_dates import PartialDate, parse, parse_birth

_PLAIN = re.compile(r"[0-9]{1,6}(\.[0-9]*)?|\.[0-9]+")
_WITH_COMMA = re.compile(r"[0-9]*,[0-9]+")


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
        errors = {code: text for code, text in field.error_messages.items() if code == "required"}
        return cls(
            label=field.label,
            required=field.required,
            help_text=field.help_text,
            initial=field.initial,
            disabled=field.disabled,
            error_messages=errors,
        )

    def parse(self, text: str) -> datetime.date:
        return super().parse(text).earliest

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime.date) else value


class ExactDecimalField(ParsedField):
    """A decimal in plain figures with a full stop; never a binary fraction, an exponent or another script's digits.

    `places` is how many decimals are stored; `low` and `high` are included; `unit` ends the sentences about them.
    """

    value_type = Decimal

    def __init__(
        self,
        *,
        places: int = 2,
        low: Decimal = Decimal(0),
        high: Decimal = Decimal("Infinity"),
        unit: str = "mL",
        **kwargs: Any,
    ) -> None:
        self.places, self.low, self.high, self.unit = places, low, high, unit
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"required": False, "max_length": 40, "widget": widget, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return figure(value) if isinstance(value, Decimal) else value

    def parse(self, text: str) -> Decimal:
        if _WITH_COMMA.fullmatch(text):
            raise ValidationError(f"Write a full stop instead of the comma: {text.replace(',', '.')}.")
        if text.startswith("-"):
            raise ValidationError("This cannot be less than 0. Remove the minus sign.")
        if not _PLAIN.fullmatch(text):
            raise ValidationError("Write this in plain figures, for example 3 or 2.5.")
        number = Decimal(text)
        if number != round(number, self.places):
            raise ValidationError(f"At most {self.places} decimals can be kept, for example {number:.{self.places}f}.")
        return round(number, self.places)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if value < self.low:
            raise ValidationError(f"This must be at least {self.low:f} {self.unit}.".replace(" .", "."))
        if value > self.high:
            raise ValidationError(f"This may be at most {self.high:f} {self.unit}.".replace(" .", "."))


class WholeNumberField(ParsedField):
    """A whole number in figures, `low` to `high` included."""

    value_type = int

    def __init__(self, *, low: int = 0, high: int = 32767, **kwargs: Any) -> None:
        self.low, self.high = low, high
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(**{"required": False, "max_length": 40, "widget": widget, **kwargs})

    def parse(self, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", text):
            raise ValidationError(f"Write a whole number in figures, from {self.low} to {self.high}.")
        return int(text)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not self.low <= value <= self.high:
            raise ValidationError(f"This must be from {self.low} to {self.high}.")
