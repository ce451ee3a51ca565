"""Form fields for figures that must be kept exactly as they were written."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_PLAIN = re.compile(r"[0-9]{1,6}(\.[0-9]*)?|\.[0-9]+")
_WITH_COMMA = re.compile(r"[0-9]*,[0-9]+")


def shown(value: Decimal, *, places: int = 1) -> str:
    """A figure without idle zeros, but with at least `places` decimals: 3.0, 2.25."""
    exact = value.normalize()
    exponent = exact.as_tuple().exponent
    decimals = max(places, -exponent if isinstance(exponent, int) else 0)
    return f"{value:.{decimals}f}"


class ExactDecimalField(forms.CharField):
    """A decimal in plain figures with a full stop; never a binary fraction, an exponent or another script's digits.

    `places` is how many decimals are kept; `low` and `high` are included.
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
        return shown(value) if isinstance(value, Decimal) else value

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
