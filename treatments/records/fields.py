"""Model fields of the record. Migrations name this module: it never moves."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from treatments.records.partial_dates import PartialDate

if TYPE_CHECKING:
    _Text = models.CharField["PartialDate | str | None", "PartialDate | None"]
    _ForeignKey = models.ForeignKey[Any, Any]
else:
    _Text = models.CharField
    _ForeignKey = models.ForeignKey


class PartialDateField(_Text):
    """A date known to the year, the month or the day, perhaps approximately; stored in EDTF spelling ("2020-05~")."""

    description = "A partial date"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 11)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> PartialDate | None:
        return PartialDate(value) if value else None

    def to_python(self, value: Any) -> PartialDate | None:
        if value in (None, ""):
            return None
        if isinstance(value, PartialDate):
            return value
        try:
            return PartialDate(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def run_validators(self, value: Any) -> None:
        """The length that the database allows is that of the spelling."""
        super().run_validators(self.get_prep_value(value))

    def get_prep_value(self, value: Any) -> str:
        value = self.to_python(value)
        return value.text if value else ""

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj))


class ClinicOf(_ForeignKey):
    """The clinic of a row that is part of another one, taken from that one when the row is written.

    `whole` leads to it ("lot", "place__round"). So every clinical table can be read, copied and moved for one clinic
    without asking another table. Nullable, since a release that knows no such column may still be writing.
    """

    def __init__(self, whole: str, **kwargs: Any) -> None:
        self.whole = whole
        kwargs |= {"to": "clinic.Clinic", "on_delete": models.PROTECT, "related_name": "+"}
        super().__init__(**{"null": True, "editable": False, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for key in ("to", "on_delete", "related_name"):
            kwargs.pop(key)
        return name, path, args, {**kwargs, "whole": self.whole}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Of a bulk_create too, which calls no `save`."""
        if getattr(model_instance, self.attname) is None:
            whole: Any = model_instance
            for name in self.whole.split("__"):
                whole = getattr(whole, name)
            setattr(model_instance, self.attname, whole.clinic_id)
        return super().pre_save(model_instance, add)


class DatePrecision(models.TextChoices):
    """How exactly the date in the column beside it is known; of a month the column holds the first day."""

    DAY = "day", "Day"
    MONTH = "month", "Month (day not recorded)"
    ABOUT_DAY = "day~", "About that day"
    ABOUT_MONTH = "month~", "About that month"

    @classmethod
    def of(cls, when: PartialDate) -> "DatePrecision":
        """That of a date known to the month or the day. Raises ValueError for one known to the year."""
        return cls(f"{when.precision}{'~' if when.approximate else ''}")
