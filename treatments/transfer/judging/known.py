"""What the clinic has already of what a file names."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from clinic.staff.access import Can, people_who_may
from clinic.staff.models import Clinic, User
from treatments.assessments.models import Assessment, Measurement
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.products.models import Lot, Product
from treatments.records.problems import Problem
from treatments.records.text.text_folding import fold
from treatments.safety.grading import lot_problems as signal_problems
from treatments.safety.models import AdverseEvent
from treatments.transfer.reading.drafts import Reading as FileReading

_AT_ONCE: Final = 400


class Known:
    """What the clinic has of the patients of a file, and what it gives. A fixed number of queries for each few hundred
    patients."""

    def __init__(self, clinic: Clinic, found: FileReading) -> None:
        keys = list(found.patients)
        rows: list[Patient] = []
        for some in _portions(keys):
            rows += Patient.objects.of(clinic).filter(record_key__in=some)
        self.patients = {str(patient.record_key): patient for patient in rows}
        into = [patient.merged_into_id for patient in rows if patient.merged_into_id is not None]
        self.merged = {patient.pk: patient for patient in Patient.objects.filter(pk__in=into)}
        ids = [*(patient.pk for patient in rows), *self.merged]
        self.courses = _by_patient(Course.objects.standing().order_by("baseline_on", "id"), ids)
        sessions = ExosomeSession.objects.in_order().select_related("course", "lot__product", "product", "operator")
        beside = ("region_volumes", "applications__product", "applications__lot__product")
        self.sessions = _by_patient(sessions.prefetch_related(*beside), ids)
        self.reactions = _reactions(ids)
        self.assessments = _by_patient(Assessment.objects.in_order(), ids)
        self.measurements = _by_patient(
            Measurement.objects.select_related("operator").order_by("measured_on", "id"), ids
        )
        self.struck_out = {
            each.pk
            for groups in (self.sessions, self.assessments, self.measurements)
            for each in (row for rows in groups.values() for row in rows)
            if each.struck_out_at is not None
        }
        self.lots = list(Lot.objects.of(clinic).select_related("product"))
        self.lots_by_number: dict[str, list[Lot]] = {}
        self.lots_folded: dict[str, list[Lot]] = {}
        for lot in self.lots:
            self.lots_by_number.setdefault(lot.number_key, []).append(lot)
            self.lots_folded.setdefault(lot.number_folded, []).append(lot)
        self.lots_doubted_since = AdverseEvent.objects.open_serious_since(self.lots)
        self.products = {fold(product.name): product for product in Product.objects.of(clinic)}
        self.people: dict[str, list[User]] = {}
        for user in people_who_may(Can.WRITE_RECORD, clinic=clinic):
            self.people.setdefault(fold(user.name), []).append(user)
        # What is left of each lot while the sessions of a file are judged one after the other.
        self.stock = {lot.pk: lot.balance.available(is_finished=lot.is_finished) for lot in self.lots}

    def lot_signals(self, lot: Lot, on: date) -> list[Problem]:
        """A session from paper knew of no event that came after it."""
        since = self.lots_doubted_since.get(lot.pk)
        return signal_problems(lot.number, 0, open_serious=int(since is not None and since <= on))


def _portions(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _reactions(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[tuple[str, int]]]:
    """By session, the kind and grade of what is reported of it."""
    found: dict[uuid.UUID, list[tuple[str, int]]] = {}
    for some in _portions(ids):
        tied = AdverseEvent.objects.standing().filter(patient__in=some, exosome_session__isnull=False)
        for session_id, kind, grade in tied.values_list("exosome_session", "kind", "reported_grade"):
            found.setdefault(session_id, []).append((kind, grade))
    return found


def _by_patient(rows: Any, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = {}
    for some in _portions(ids):
        for row in rows.filter(patient__in=some):
            found.setdefault(row.patient_id, []).append(row)
    return found
