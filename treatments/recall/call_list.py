"""The list to telephone from when a lot is recalled, as a file for a spreadsheet."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from treatments.appointments.desk import last_calls_about
from treatments.appointments.models import Call
from treatments.products.models import Lot
from treatments.recall.tracing import open_events_of, patients_of, visits_of
from treatments.records.partial_dates import PartialDate
from treatments.records.text import spreadsheet

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
    "Last call",
    "What came of it",
    "Note of the call",
)


def _cell(when: PartialDate) -> date | str:
    """A day as spreadsheets read it; of a month they would make its first day, unless it is in words."""
    return when.earliest if when.is_exact else when.phrase


def lines(lot: Lot) -> Iterator[str]:
    """The call list of a lot as CSV, line by line."""
    return spreadsheet.lines(COLUMNS, _rows(lot))


def _rows(lot: Lot) -> Iterator[tuple[Any, ...]]:
    patients = patients_of(lot)
    events = open_events_of(patients)
    calls = last_calls_about(lot.pk)
    patient: Any  # with the columns that patients_of adds
    for patient in patients.iterator(chunk_size=1000):
        visits = visits_of(patient)
        yield (
            patient.name,
            patient.record_number,
            patient.state_text,
            patient.phone,
            patient.email,
            patient.contact_note,
            _cell(visits.first_given),
            _cell(visits.last_given),
            patient.times,
            patient.given_ml,
            _cell(visits.last_visit),
            "; ".join(events.get(patient.pk, [])),
            *_call(calls.get(patient.pk)),
        )


def _call(call: Call | None) -> tuple[date | str, str, str]:
    return (call.happened_on, f"{call.outcome_text} ({call.created_by})", call.note) if call else ("", "", "")
