"""What hangs on a record and may go with it to another patient."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryResult
from treatments.assessments.models import Assessment, Measurement
from treatments.courses.models import ExosomeSession
from treatments.handouts.models import AftercareGiven
from treatments.photos.models import Photo
from treatments.records.formatting import count
from treatments.records.models import ClinicalRecord
from treatments.safety.models import AdverseEvent, FollowUp

NAMES: dict[type[ClinicalRecord], str] = {
    ExosomeSession: "session",
    AdverseEvent: "event",
    FollowUp: "follow-up",
    Assessment: "assessment",
    Measurement: "measurement",
    LaboratoryReport: "laboratory report",
    LaboratoryResult: "laboratory value",
    Photo: "photo",
    AftercareGiven: "aftercare sheet given",
}
"""What each kind of record is called, for the patient whose record it left: without its content."""


@dataclass(frozen=True)
class Group:
    """Records that are taken along together or left together.

    Those of a `link` are tied to the record by this column, and lose the tie when they are left. Those without were
    only made on the same day.
    """

    code: str
    records: list[Any]
    link: str = ""

    @property
    def label(self) -> str:
        """ "3 photos of it", "1 measurement of the same day"."""
        standing = sum(not record.is_struck_out for record in self.records)
        struck_out = len(self.records) - standing
        name = NAMES[type(self.records[0])]
        counted = count(standing, name) if standing else count(struck_out, name)
        extra = f", and {struck_out} struck out" if standing and struck_out else ""
        alone = " (struck out)" if not standing else ""
        return f"{counted}{extra}{alone} {'tied to it' if self.link else 'of the same day, not tied to it'}"


def name_of(record: ClinicalRecord) -> str:
    return NAMES[type(record)]


def belongings(record: ClinicalRecord) -> list[Group]:
    """What may go along: what is tied to the record, struck out or not, and what stands of the same day."""
    groups = [Group(code, list(rows), link) for code, rows, link in _tied(record)]
    groups += [Group(f"day-{code}", list(rows)) for code, rows in _same_day(record)]
    return [group for group in groups if group.records]


def _tied(record: Any) -> Iterable[tuple[str, Any, str]]:
    if isinstance(record, ExosomeSession):
        yield "photos", Photo.objects.filter(exosome_session=record).in_order(), "exosome_session"
        yield "events", record.adverse_events.order_by("happened", "id"), "exosome_session"
    if isinstance(record, Assessment):
        yield "measurements", record.measurements.order_by("measured_on", "id"), "assessment"
        yield "photos", record.photos.order_by("taken_on", "id"), "assessment"


def _same_day(record: Any) -> Iterable[tuple[str, Any]]:
    """Only to a visit, because a visit to the wrong record brings all of its day there."""
    if not isinstance(record, ExosomeSession | Assessment):
        return
    day: datetime.date = record.happened_on
    patient = record.patient_id
    if isinstance(record, ExosomeSession):
        yield "assessments", Assessment.objects.standing().filter(patient=patient, assessed_on=day).in_order()
    alone = Measurement.objects.standing().filter(patient=patient, measured_on=day, assessment=None)
    yield "measurements", alone.order_by("id")
    yield "laboratory", LaboratoryReport.objects.standing().filter(patient=patient, sampled_on=day).in_order()
    free = Photo.objects.standing().filter(patient=patient, taken_on=day, exosome_session=None, assessment=None)
    yield "photos", free.in_order()
    events = AdverseEvent.objects.standing().filter(patient=patient, happened=day, exosome_session=None)
    yield "events", events.order_by("id")


def with_parts(records: Sequence[ClinicalRecord]) -> list[ClinicalRecord]:
    """The records and what is nothing without them: the follow-ups of events, what was given home after a session, the
    values of laboratory reports."""
    parts: list[ClinicalRecord] = []
    for record in records:
        parts.append(record)
        if isinstance(record, AdverseEvent):
            parts += record.follow_ups.order_by("seen_on", "id")
        if isinstance(record, ExosomeSession):
            parts += record.aftercare_given.order_by("given_on", "id")
        if isinstance(record, LaboratoryReport):
            parts += record.results.order_by("id")
    return parts
