"""The question for a time of day, in any of the ways people write one."""

import datetime
import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from treatments.records.forms.fields import ParsedField

_WRITTEN = re.compile(r"(\d{1,2})(?:[:.h ]?(\d{2}))?(?::00)?\s*(?:(a|p)\.?m?\.?|h)?", re.IGNORECASE)
_HALF_DAY = 12


def parse_time(text: str) -> datetime.time:
    """14:30, 14.30, 1430, 2:30 pm, 9. Raises ValueError with a sentence."""
    found = _WRITTEN.fullmatch(text.strip())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if found and found[3]:
        hour = hour % _HALF_DAY + (_HALF_DAY if found[3].lower() == "p" else 0) if 0 < hour <= _HALF_DAY else 99
    try:
        return datetime.time(hour, minute)
    except ValueError:
        raise ValueError("Write the time as 14:30.") from None


class ClockInput(forms.TimeInput):
    """The browser's own clock."""

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"type": "time", "step": "300", "autocomplete": "off"})


class ClockField(ParsedField):
    """A time of day; gives a `datetime.time`."""

    value_type: ClassVar[type] = datetime.time
    widget = ClockInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 12, **kwargs})

    def parse(self, text: str) -> datetime.time:
        try:
            return parse_time(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error
