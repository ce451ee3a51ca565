"""Form fields of the record: partial dates, exact decimals and whole numbers."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from treatments.records.formatting import figure
from treatments.records.partial_dates import PartialDate, parse, parse_birth

_PLAIN = re.compile(r"[0-9]{1,6}(\.[0-9]*)?|\.[0-9]+")
_WITH_COMMA = re.compile(r"[0-9]*,[0-9]+")


class PartialDateInput(forms.TextInput):
    def format_value(self, value: Any) -> Any:
        return value.label() if isinstance(value, PartialDate) else value


class PartialDateFormField(forms.CharField):
    """A date in any of the ways people say one: 14 May 2025, May 2025, 2025, about 2020, 5 years ago."""

    widget = PartialDateInput

    def __init__(self, *, finest: str | None = None, is_birth: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 60)
        kwargs.setdefault("strip", True)
        kwargs.pop("empty_value", None)
        self.finest, self.is_birth = finest, is_birth
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, PartialDate):
            return value
        text = super().to_python(value)
        if not text:
            return None
        try:
            date = (parse_birth if self.is_birth else parse)(text, today=timezone.localdate())
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if self.finest == "month" and date.precision == "year":
            raise ValidationError("Give at least the month, for example May 2025 or 14 May 2025.")
        return date

    def validate(self, value: Any) -> None:
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The parsed date has been checked; the validators of a text field do not apply to it."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(str(self.prepare_value(initial) or "") != str(data or ""))


class ExactDecimalField(forms.CharField):
    """A decimal in plain figures with a full stop; never a binary fraction, an exponent or another script's digits.

    `places` is how many decimals are stored; `low` and `high` are included; `unit` ends the sentences about them.
    """

    def __init__(
        self,
        *,
        places: int = 2,
        low: Decimal | None = None,
        high: Decimal | None = None,
        unit: str = "mL",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        self.places, self.low, self.high, self.unit = places, low, high, unit
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return figure(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return value
        text = super().to_python(value)
        if not text:
            return None
        if _WITH_COMMA.fullmatch(text):
            raise ValidationError(f"Write a full stop instead of the comma: {text.replace(',', '.')}.")
        if text.startswith("-"):
            raise ValidationError("This cannot be less than nothing. Take the minus sign away.")
        if not _PLAIN.fullmatch(text):
            raise ValidationError("Write this in plain figures, for example 3 or 2.5.")
        number = Decimal(text)
        if number != round(number, self.places):
            raise ValidationError(f"At most {self.places} decimals can be kept, for example {number:.{self.places}f}.")
        return round(number, self.places)

    def validate(self, value: Any) -> None:
        super().validate("" if value is None else value)
        if value is None:
            return
        if self.low is not None and value < self.low:
            raise ValidationError(f"This must be at least {self.low:f} {self.unit}.".replace(" .", "."))
        if self.high is not None and value > self.high:
            raise ValidationError(f"This may be at most {self.high:f} {self.unit}.".replace(" .", "."))

    def run_validators(self, value: Any) -> None:
        """The text was read and the limits checked; the validators of a text field do not apply to a number."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")


class WholeNumberField(forms.CharField):
    """A whole number in figures, `low` to `high` included."""

    def __init__(self, *, low: int = 0, high: int = 32767, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        self.low, self.high = low, high
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, int):
            return value
        text = super().to_python(value)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,6}", text):
            raise ValidationError(f"Write a whole number in figures, from {self.low} to {self.high}.")
        return int(text)

    def validate(self, value: Any) -> None:
        super().validate("" if value is None else value)
        if value is not None and not self.low <= value <= self.high:
            raise ValidationError(f"This must be from {self.low} to {self.high}.")

    def run_validators(self, value: Any) -> None:
        """As above: the number was checked by `validate`."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str("" if initial is None else initial) != str(data or "")
