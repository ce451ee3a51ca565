"""Moves a record that was filed under the wrong patient to the right one, with what hangs on it, in one transaction."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from clinic.audit import log
from clinic.staff.models import User
from treatments.appointments import attendance
from treatments.assessments import next_visit
from treatments.assessments.actions import update_latest_stage
from treatments.assessments.laboratory.models import LaboratoryReport
from treatments.assessments.models import Assessment, Measurement
from treatments.courses.models import Course, ExosomeSession
from treatments.identity.move.belongings import Group, belongings, name_of, with_parts
from treatments.patients.actions import wait_for
from treatments.patients.models import Patient
from treatments.patients.moves import MovedRecord, RecordMove
from treatments.photos.actions import attach_to_session, check_again
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.upload.store_photo import link_to_session
from treatments.records.actions import Passed, correct, insert
from treatments.records.models import ClinicalRecord, Correction, PassedWarning
from treatments.safety.actions import follow_tie
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.sessions import course_state
from treatments.sessions.log.actions import check_day


@dataclass(frozen=True)
class Destination:
    """Where the record goes: the right patient; for a session the course, for an event the session suspected there."""

    patient: Patient
    course: Course | None = None
    session: ExosomeSession | None = None


def move_record(
    move: RecordMove,
    *,
    record: ClinicalRecord,
    to: Destination,
    expected_version: int,
    along: Collection[str] = (),
    passed: Iterable[Passed] = (),
    by: User,
) -> RecordMove:
    """Move a record to another patient, with the groups of `belongings` whose codes are in `along`.

    What is tied to it and not taken along loses the tie and stays. Stock stays with the session's lot. Corrections and
    passed warnings go with their record, and both patients' courses and lists are computed anew. Each record that
    changes keeps the patient before as a correction.

    Raises Conflict when the record is no longer at `expected_version`; ValidationError when it is struck out, when the
    course has a session that day or was stopped before it, or when the right patient has the very file of a photo.
    """
    _check(record, to)

    def take(kept: RecordMove) -> None:
        _Carrier(kept, to, by).carry(record, expected_version=expected_version, along=along)
        detail = {"record_type": record._meta.model_name, "record": str(record.pk), "to": str(to.patient.pk)}
        log.record("moved_away", by=by, clinic=kept.clinic, target=kept.from_patient, detail=detail)

    detail = {"record_type": record._meta.model_name, "record": str(record.pk), "from": str(move.from_patient_id)}
    try:
        with transaction.atomic():
            wait_for(to.patient.pk, move.from_patient_id)
            _lock_courses(record, to)
            return insert(move, event="moved_here", passed=passed, by=by, then=take, detail=detail)
    except IntegrityError as error:
        raise ValidationError(
            "Something that should move is already in the right record. Untick it, then move the rest."
        ) from error


def _check(record: ClinicalRecord, to: Destination) -> None:
    if record.is_struck_out:
        raise ValidationError("This was struck out as entered in error. Enter it again in the right record.")
    for chosen in (to.course, to.session):
        if chosen is not None and chosen.patient_id != to.patient.pk:
            raise ValidationError("What you chose belongs to another patient. Choose the right patient again.")
    if isinstance(record, ExosomeSession) and to.course is None:
        raise ValidationError({"course": "Choose the course that the session belongs to."})


def _lock_courses(record: ClinicalRecord, to: Destination) -> None:
    """After the patients, as every writer of sessions does; here two courses in the order of their ids."""
    ids: set[uuid.UUID] = {course.pk for course in [to.course] if course is not None}
    if isinstance(record, ExosomeSession):
        ids.add(record.course_id)
        for course_id in sorted(ids):
            next_visit.lock(course_id)


class _Carrier:
    """Carries records from one patient to the other within one move."""

    def __init__(self, move: RecordMove, to: Destination, by: User) -> None:
        self.move, self.to, self.by = move, to, by
        self.moved: list[ClinicalRecord] = []

    def carry(self, record: ClinicalRecord, *, expected_version: int, along: Collection[str]) -> None:
        groups = belongings(record)
        if isinstance(record, ExosomeSession) and self.to.course is not None:
            check_day(self.to.course, record.performed, own_id=record.pk)
        self._take(record, self._links(record), expected_version=expected_version, is_chief=True)
        for part in with_parts([record])[1:]:
            self._take(part, self._links(part))
        for group in groups:
            if group.code in along:
                self._take_group(group)
            elif group.link:
                self._untie(group)
        if isinstance(record, ExosomeSession):
            for look in FollowUp.objects.filter(exosome_session=record).exclude(patient=self.to.patient):
                self._correct(look, {"exosome_session": None})
        self._settle(record)

    def _take_group(self, group: Group) -> None:
        for record in with_parts(group.records):
            tied = bool(group.link)
            self._take(record, self._links_of_part(record) if tied else self._links(record))
            if not tied and isinstance(record, Assessment):
                for part in [*record.measurements.order_by("id"), *record.photos.order_by("id")]:
                    self._take(part, self._links_of_part(part))

    def _untie(self, group: Group) -> None:
        for record in group.records:
            self._correct(record, {group.link: None})
            if isinstance(record, AdverseEvent):
                follow_tie(record)

    def _links(self, record: ClinicalRecord) -> dict[str, Any]:
        """What a record that leaves alone is tied to among the right patient's."""
        match record:
            case ExosomeSession():
                return {"course": self.to.course}
            case AdverseEvent():
                return {"exosome_session": self.to.session, **self._own_course(record)}
            case Measurement():
                return {"assessment": None, **self._own_course(record)}
            case Photo():
                there = Photo(patient=self.to.patient, clinic_id=record.clinic_id)
                there.taken_on, there.taken_precision = record.taken_on, record.taken_precision
                link_to_session(there)
                return {"exosome_session": there.exosome_session, "course": there.course, "assessment": None}
            case Assessment() | LaboratoryReport():
                return self._own_course(record)
            case FollowUp() if record.exosome_session_id is not None:
                asked_at = ExosomeSession.objects.filter(pk=record.exosome_session_id, patient=self.to.patient)
                return {"exosome_session": asked_at.first()}
        return {}

    def _links_of_part(self, record: ClinicalRecord) -> dict[str, Any]:
        """Of a record that is tied to one that moves: the tie stays, and the course is that of the other."""
        if isinstance(record, FollowUp):
            return self._links(record)
        if isinstance(record, Photo) and record.exosome_session_id is not None and self.to.course is not None:
            return {"course": self.to.course}
        return self._own_course(record)

    def _own_course(self, record: ClinicalRecord) -> dict[str, Any]:
        """The course by which it is judged there: of the session, else the one in whose time it falls."""
        if not any(field.name == "course" for field in record._meta.concrete_fields):
            return {}
        of_session = self.to.course or (self.to.session.course if self.to.session else None)
        return {"course": of_session or Course.objects.on(self.to.patient, record.when)}

    def _take(
        self,
        record: ClinicalRecord,
        links: dict[str, Any],
        *,
        expected_version: int | None = None,
        is_chief: bool = False,
    ) -> None:
        before = {name: _as_text(getattr(record, f"{name}_id")) for name in links}
        self._correct(record, {"patient": self.to.patient, **links}, expected_version=expected_version)
        MovedRecord.objects.create(
            move=self.move,
            record_type=record._meta.model_name or "",
            record_id=record.pk,
            name=name_of(record).capitalize(),
            happened=record.when,
            is_chief=is_chief,
            before=before,
        )
        self.moved.append(record)

    def _correct(self, record: ClinicalRecord, changes: dict[str, Any], *, expected_version: int | None = None) -> None:
        version = record.version if expected_version is None else expected_version
        reason = self.move.reason
        correct(record, changes=changes, reason=reason, expected_version=version, event="moved_record", by=self.by)

    def _settle(self, chief: ClinicalRecord) -> None:
        """Bring in line what is computed from the records of both patients."""
        here, there = self.move.from_patient, self.to.patient
        take_history_along(self.moved, to=there, by=self.by)
        if isinstance(chief, ExosomeSession):
            attach_to_session(chief, by=self.by)
        for record in self.moved:
            if isinstance(record, Photo):
                check_again(record, by=self.by)
            if isinstance(record, AdverseEvent):
                follow_tie(record)
        settle([here, there], by=self.by)


def take_history_along(records: Sequence[ClinicalRecord], *, to: Patient, by: User) -> None:
    """Corrections and passed warnings stand in the record of the patient whom they are about."""
    ids = [record.pk for record in records]
    Correction.objects.filter(record_id__in=ids).update(patient_id=to.pk)
    PassedWarning.objects.filter(record_id__in=ids).update(patient_id=to.pk)


def settle(patients: Sequence[Patient], *, by: User) -> None:
    """Compute anew what is stored of the courses, lists and pairs of these patients."""
    for pair in PhotoPair.objects.filter(earlier__patient__in=patients, later__patient=F("earlier__patient")).exclude(
        patient=F("later__patient")
    ):
        PhotoPair.objects.filter(pk=pair.pk).update(patient=pair.later.patient)
    for course in Course.objects.filter(patient__in=patients).order_by("id"):
        course_state.recompute(course.pk)
    for patient in patients:
        next_visit.recompute_patient(patient.pk)
        update_latest_stage(patient.pk)
        attendance.settle(patient.pk, by=by)


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True)
class CourseChange:
    """What a move does to one course: sessions counted, and the day the next one is due, before and after."""

    course: Course
    after: Course

    @property
    def is_due_elsewhere(self) -> bool:
        return self.course.next_due != self.after.next_due


def rehearse(
    move: RecordMove,
    *,
    record: ClinicalRecord,
    to: Destination,
    along: Collection[str] = (),
    by: User,
) -> list[CourseChange]:
    """What the move would change in the plans of both patients, found by making it and taking it back."""
    patients = [move.from_patient, to.patient]
    before = {course.pk: course for course in Course.objects.standing().filter(patient__in=patients)}
    with transaction.atomic():
        try:
            move_record(move, record=record, to=to, expected_version=record.version, along=along, by=by)
            after = list(Course.objects.standing().filter(pk__in=before).select_related("patient").order_by("id"))
        except ValidationError:
            after = []
        transaction.set_rollback(True)
    changes = [CourseChange(before[course.pk], course) for course in after]
    return [each for each in changes if each.is_due_elsewhere or each.course.sessions_done != each.after.sessions_done]
