"""The list to telephone from when a lot is recalled, as a file for a spreadsheet."""

import csv
from collections.abc import Iterator
from datetime import date
from typing import Any

from treatments.products.models import Lot
from treatments.recall.tracing import open_events_of, patients_of, visits_of
from treatments.records.partial_dates import PartialDate

COLUMNS = (
    "Patient",
    "Record number",
    "Died or archived",
    "Telephone",
    "E-mail",
    "How best to reach",
    "First given",
    "Last given",
    "Times given",
    "mL given",
    "Last visit",
    "Events not resolved",
)
# A spreadsheet takes a cell that begins with one of these for a formula, and runs it.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def safe_cell(value: Any) -> str:
    """Text that no spreadsheet takes for a formula: one that begins like it stands behind an apostrophe."""
    text = value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _cell(when: PartialDate) -> str:
    """A day as spreadsheets read it; of a month they would make its first day, unless it is in words."""
    return when.text if when.is_exact else when.phrase


class _Echo:
    """A file whose `write` returns the line, so that the list is never whole in memory."""

    def write(self, line: str) -> str:
        return line


def lines(lot: Lot) -> Iterator[str]:
    """The call list of a lot as CSV, line by line, in UTF-8 with the mark that spreadsheets look for."""
    writer = csv.writer(_Echo())
    patients = patients_of(lot)
    events = open_events_of(patients)
    yield "\ufeff" + writer.writerow(COLUMNS)
    patient: Any  # with the columns that patients_of adds
    for patient in patients.iterator(chunk_size=1000):
        visits = visits_of(patient)
        row = (
            patient.name,
            patient.record_number,
            patient.state_text,
            patient.phone,
            patient.email,
            patient.contact_note,
            _cell(visits.first_given),
            _cell(visits.last_given),
            patient.times,
            f"{patient.given_ml:.2f}",
            _cell(visits.last_visit),
            "; ".join(events.get(patient.pk, [])),
        )
        yield writer.writerow([safe_cell(cell) for cell in row])
