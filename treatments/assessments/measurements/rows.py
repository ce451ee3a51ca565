"""Several measurements in one go: rows below each other, each judged by the rules together with those above it.

What a row leaves empty of where, how and with what it was measured is taken from the row above. Rows stand on the page
from the beginning, folded one after another, so that none needs a script.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.forms import BoundField

from clinic.staff.models import Clinic, User
from treatments.assessments.measurements.forms import InlineMeasurementForm, MeasuredBy, MeasurementForm
from treatments.patients.models import Patient
from treatments.records.actions import Passed
from treatments.records.forms.record_form import FormWarning, RecordForm
from treatments.records.partial_dates import PartialDate

MOST_ROWS = 6


class MeasurementRows(RecordForm):
    """A form with rows of measurements, which are sent, checked and saved with it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.rows: list[InlineMeasurementForm] = []
        super().__init__(*args, **kwargs)

    def add_rows(
        self,
        data: Any,
        *,
        patient: Patient,
        clinic: Clinic,
        by: User,
        begin: Sequence[dict[str, Any]] = (),
        above: MeasurementForm | None = None,
    ) -> None:
        """`begin` fills the first rows in; `above` is the form of a measurement that stands over them."""
        first = 0 if above is None else 1
        for number in range(first, MOST_ROWS):
            initial = begin[number - first] if number - first < len(begin) else {}
            row = InlineMeasurementForm(
                data, number=number, above=above, patient=patient, clinic=clinic, by=by, initial=initial
            )
            if row.is_used or above is None:
                above = row
            self.rows.append(row)
        everyone: list[RecordForm] = [self, *self.rows]
        for form in everyone:
            form.sent_with = [each for each in everyone if each is not form]

    @property
    def rows_made(self) -> list[InlineMeasurementForm]:
        """Those into which something was typed."""
        return [row for row in self.rows if row.is_used] if self.is_bound else []

    def check_rows(
        self,
        when: PartialDate | None,
        *,
        beside: Sequence[MeasurementForm] = (),
        measured_by: MeasuredBy | None = None,
    ) -> None:
        """To be called in `clean`. `beside` were checked before, and are judged together with the rows; `measured_by`
        made those that name nobody."""
        checked = list(beside)
        for row in self.rows_made:
            row.set_visit(when, measured_by=measured_by)
            row.beside = list(checked)
            for error in row.non_field_errors():
                self.add_error(None, f"Measurement: {error}")
            checked.append(row)

    @property
    def begun_rows(self) -> list[InlineMeasurementForm]:
        """The rows that stand open: those that are filled in, or were typed into, and at least the first."""
        last = max((place for place, row in enumerate(self.rows) if row.is_begun), default=0)
        return self.rows[: last + 1]

    @property
    def further_rows(self) -> list[InlineMeasurementForm]:
        return self.rows[len(self.begun_rows) :]

    @property
    def fields_shown(self) -> Iterator[BoundField]:
        """Those of the measurements too, where some were made."""
        yield from self
        for row in self.rows_made:
            yield from row

    @property
    def unpassed(self) -> list[FormWarning]:
        return super().unpassed + [warning for row in self.rows_made for warning in row.unpassed]

    @property
    def passed(self) -> list[Passed]:
        return super().passed + [each for row in self.rows_made for each in row.passed]


class MeasureForm(MeasurementRows, MeasurementForm):
    """The page of measurements: one, and as many more as were made on the same day."""

    def __init__(self, *args: Any, patient: Patient, clinic: Clinic, by: User, **kwargs: Any) -> None:
        super().__init__(*args, patient=patient, clinic=clinic, by=by, **kwargs)
        self.add_rows(args[0] if args else None, patient=patient, clinic=clinic, by=by, above=self)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.check_rows(self.measured, beside=[self])
        return cleaned

    @property
    def begun_rows(self) -> list[InlineMeasurementForm]:
        """None but those that were typed into: the first measurement has fields of its own."""
        last = max((place for place, row in enumerate(self.rows, start=1) if row.is_begun), default=0)
        return self.rows[:last]
