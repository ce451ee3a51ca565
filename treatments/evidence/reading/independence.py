"""Whose patients a reader knows: those whom they have treated, graded, measured or photographed."""

import datetime
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


def known_patients(
    readers: Collection[User], among: Collection[uuid.UUID], *, until: datetime.datetime | None = None
) -> dict[uuid.UUID, set[int]]:
    """By patient, the ids of the readers who know them, or knew them at that moment; in one query for each kind of
    record."""
    known: dict[uuid.UUID, set[int]] = defaultdict(set)
    for patient_id, reader_id in _rows(readers, among, until):
        known[patient_id].add(reader_id)
    return dict(known)


def _rows(
    readers: Collection[User], among: Collection[uuid.UUID], until: datetime.datetime | None
) -> Iterator[tuple[uuid.UUID, int]]:
    for model, column in _BY:
        rows = model.objects.standing().filter(patient__in=among, **{f"{column}__in": readers})
        if until is not None:
            rows = rows.filter(created_at__lte=until)
        yield from rows.values_list("patient", column).distinct()
