"""Whose patients a reader knows: those whom they have treated, graded, measured or photographed."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from clinic.staff.models import User
from treatments.assessments.models import Assessment, Measurement
from treatments.courses.models import ExosomeSession
from treatments.photos.models import Photo

_BY: tuple[tuple[Any, str], ...] = (
    (ExosomeSession, "operator"),
    (Assessment, "assessor"),
    (Measurement, "operator"),
    (Photo, "created_by"),
)


def known_patients(readers: Collection[User], among: Collection[uuid.UUID]) -> dict[uuid.UUID, set[int]]:
    """By patient, the ids of the readers who know them; in one query for each kind of record."""
    known: dict[uuid.UUID, set[int]] = defaultdict(set)
    for patient_id, reader_id in _rows(readers, among):
        known[patient_id].add(reader_id)
    return dict(known)


def _rows(readers: Collection[User], among: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, int]]:
    for model, column in _BY:
        rows = model.objects.standing().filter(patient__in=among, **{f"{column}__in": readers})
        yield from rows.values_list("patient", column).distinct()
