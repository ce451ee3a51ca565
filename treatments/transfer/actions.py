"""Keeps a file that was sent, imports it whole or not at all, and takes an import back whole or not at all."""

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import Clinic, User
from treatments.assessments.actions import record_assessment, record_measurement, update_latest_stage
from treatments.assessments.models import Assessment, Measurement
from treatments.courses.computed_columns import once_for_all
from treatments.courses.models import Course, ExosomeSession, Protocol
from treatments.imports.models import Import, ImportedRecord, ImportFile, ImportHabits
from treatments.patients.actions import register_patient, wait_for
from treatments.patients.models import Patient
from treatments.photos.models import Photo
from treatments.products import stock
from treatments.records.actions import AlreadySaved, IdInUse, Passed
from treatments.records.fields import DatePrecision
from treatments.records.formatting import count
from treatments.records.models import Correction
from treatments.safety.models import AdverseEvent
from treatments.sessions.course_state import recompute, recompute_patient
from treatments.sessions.log.actions import log_session
from treatments.sessions.plan.actions import plan_course
from treatments.sessions.plan.forms import PLAN_FIELDS
from treatments.transfer import encryption
from treatments.transfer.judging.planned import NEW, Judgement, PlannedCourse, PlannedRecord
from treatments.transfer.reading.layout import Layout
from treatments.transfer.reading.targets import MEASUREMENT, PATIENT, SESSION, STAGE
from treatments.transfer.spreadsheets.tables import Table

COURSE_NAME: Final = "Sessions from the old record"
_MODELS: Final[tuple[type[Any], ...]] = (Measurement, Assessment, AdverseEvent, ExosomeSession, Course, Patient)
"""What an import makes, in the order in which it is taken back: nothing is deleted while another row needs it."""
_TIED: Final[dict[str, type[Any]]] = {
    "assessment": Assessment,
    "measurement": Measurement,
    "photo": Photo,
    "adverseevent": AdverseEvent,
}
_AT_ONCE: Final = 400
MOST_NAMED: Final = 12
ENTERED_SINCE: Final = "A record of this file was entered a moment ago. Look at the preview again."


def keep_file(
    *, clinic: Clinic, name: str, data: bytes, tables: Sequence[Table], keep_content: bool, by: User
) -> ImportFile:
    """Keep a file, encrypted, until it is imported, for a day at most. `keep_content` of one that is not read yet."""
    with transaction.atomic():
        kept = ImportFile.objects.create(
            clinic=clinic,
            uploaded_by=by,
            name=name[:200],
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
            content=encryption.sealed(data) if keep_content else b"",
            tables=encryption.sealed_tables(tables) if tables else b"",
        )
        log.record("sent_import_file", by=by, clinic=clinic, detail={"bytes": len(data)})
    return kept


def forget_file(file: ImportFile, *, by: User) -> None:
    """Remove a file that was not imported."""
    with transaction.atomic():
        log.record("forgot_import_file", by=by, clinic=file.clinic)
        file.delete()


def read_in(file: ImportFile, *, encoding: str, table: Table, by: User) -> None:
    """Keep what was read of a CSV in the encoding that `by` chose; the file as it came is not needed any more."""
    file.content, file.tables = b"", encryption.sealed_tables([table])
    file.layout = {"answers": {"encoding": encoding}}
    file.save(update_fields=["tables", "content", "layout"])


def sweep_files(*, now: datetime.datetime) -> int:
    """Remove what was sent more than a day before and not imported; how many files."""
    removed: int = ImportFile.objects.over(now).delete()[0]
    return removed


def keep_layout(file: ImportFile, *, layout: Layout) -> None:
    """Note how a file is to be read. Nothing of the record changes."""
    ImportFile.objects.filter(pk=file.pk).update(layout=layout.as_json())
    file.layout = layout.as_json()


def import_records(
    file: ImportFile,
    *,
    judgement: Judgement,
    protocol: Protocol | None,
    reason: str,
    mapping: Mapping[str, Any],
    habits: ImportHabits,
    by: User,
) -> Import:
    """Write every new record of a judged file through the actions of its kind, and the import itself: all or nothing.

    Warnings are passed with one `reason`. Raises ValidationError, and nothing is written, where an action refuses: the
    record has changed since the file was judged.
    """
    clinic = file.clinic
    try:
        with transaction.atomic():
            # One import at a time: a second one of the same file waits here, and finds the file gone.
            if not ImportFile.objects.filter(pk=file.pk).delete()[0]:
                raise ValidationError("This file was imported or removed a moment ago. Look at the list of imports.")
            # Of two files of the same people the second would be taken for a repetition, and for what made them.
            Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
            _refuse_what_is_there(judgement)
            made = Import.objects.create(
                pk=file.pk,  # by which a form that is sent twice finds what it has done
                clinic=clinic,
                by=by,
                file_name=file.name,
                sha256=file.sha256,
                mapping=dict(mapping),
                warnings_reason=reason,
            )
            with once_for_all():
                counts = _Writer(made, judgement, protocol=protocol, reason=reason, by=by).write()
            made.counts = counts | {state: n for state, n in judgement.counts.items() if state != NEW}
            made.save(update_fields=["counts"])
            habits.save()
            log.record("imported", by=by, clinic=clinic, target=made, detail=_told(counts))
    except (AlreadySaved, IdInUse) as refusal:
        raise ValidationError(ENTERED_SINCE) from refusal
    return made


def _refuse_what_is_there(judgement: Judgement) -> None:
    """Raises ValidationError where a record that is to be made was made since the file was judged."""
    models_of: dict[str, type[Any]] = {
        PATIENT: Patient, SESSION: ExosomeSession, STAGE: Assessment, MEASUREMENT: Measurement,
    }  # fmt: skip
    for kind, model in models_of.items():
        ids = [each.id for each in judgement.in_state(NEW) if each.kind == kind]
        if any(model._default_manager.filter(pk__in=some).exists() for some in _portions(ids)):
            raise ValidationError(ENTERED_SINCE)


def _told(counts: Mapping[str, int]) -> dict[str, Any]:
    return {"records": sum(counts.values()), **counts}


class _Writer:
    """Writes what is new of one judged file, and notes each row it makes and each that it ties to one of them."""

    def __init__(self, made: Import, judgement: Judgement, *, protocol: Protocol | None, reason: str, by: User) -> None:
        self.made, self.judgement, self.protocol, self.reason, self.by = made, judgement, protocol, reason, by
        self.clinic = made.clinic
        self.patients: dict[str, Patient] = {}
        self.courses: dict[Any, Course] = {}
        self.rows: list[ImportedRecord] = []

    def write(self) -> dict[str, int]:
        for planned in self.judgement.planned:
            if planned.kind == PATIENT:
                self._patient(planned)
        self._known_patients()
        for course in self.judgement.courses:
            self._course(course)
        writers = {SESSION: self._session, STAGE: self._assessment, MEASUREMENT: self._measurement}
        in_order = sorted(
            (each for each in self.judgement.planned if each.kind != PATIENT and each.state == NEW),
            key=lambda each: (list(writers).index(each.kind), each.draft.extra["when"].earliest),
        )
        for planned in in_order:
            writers[planned.kind](planned)
        ImportedRecord.objects.bulk_create(self.rows, batch_size=_AT_ONCE)
        return dict(Counter(row.record_type for row in self.rows if not row.is_tied))

    def _note(self, record: models.Model) -> None:
        kind = record._meta.model_name or ""
        self.rows.append(ImportedRecord(imported=self.made, record_type=kind, record_id=record.pk))

    def _passed(self, planned: PlannedRecord) -> list[Passed]:
        return [Passed(str(each.rule), each.sentence, self.reason) for each in planned.warnings]

    def _patient(self, planned: PlannedRecord) -> None:
        key = planned.draft.patient_key
        if planned.state != NEW:
            self.patients[key] = planned.existing
            return
        patient = Patient(pk=planned.id, clinic=self.clinic, submission=_submission(planned), **planned.values)
        self.patients[key] = register_patient(patient, passed=self._passed(planned), by=self.by)
        self._note(patient)

    def _known_patients(self) -> None:
        """Those whom the file names by their number alone, and those under whose record they are read since a merge."""
        keys = {each.draft.patient_key for each in self.judgement.planned} - set(self.patients)
        for some in _portions(sorted(keys)):
            for patient in Patient.objects.of(self.clinic).filter(record_key__in=some):
                self.patients[str(patient.record_key)] = patient
        for key, patient in self.patients.items():
            if patient.merged_into is not None:
                self.patients[key] = patient.merged_into
        # All at once, before the first course and the first lot: who logs a session of one of them goes first or waits.
        wait_for(*(patient.pk for patient in self.patients.values()))

    def _course(self, planned: PlannedCourse) -> None:
        patient = self.patients[planned.patient_key]
        plan = self.protocol
        values: dict[str, Any] = {"sessions_planned": planned.facts.sessions_planned, "interval_months": 1}
        if plan is not None:
            values = {name: getattr(plan, name) for name in (*PLAN_FIELDS, "checkpoints", "volumes")}
        course = Course(
            pk=planned.id,
            clinic=self.clinic,
            patient=patient,
            protocol=plan,
            name=plan.name if plan else COURSE_NAME,
            baseline_on=planned.baseline.earliest,
            baseline_precision=DatePrecision.of(planned.baseline),
            **values,
        )
        untied = {
            name: list(model.objects.filter(patient=patient, course__isnull=True).values_list("pk", flat=True))
            for name, model in _TIED.items()
        }
        self.courses[planned.id] = plan_course(course, by=self.by)
        self._note(course)
        self._tie(untied, "course", planned.id)

    def _tie(self, before: Mapping[str, Sequence[Any]], field: str, to: Any) -> None:
        """Note which rows the action has tied to one that the import made."""
        for name, ids in before.items():
            if ids:
                tied = _TIED[name].objects.filter(pk__in=ids, **{field: to}).values_list("pk", flat=True)
                self.rows += [
                    ImportedRecord(imported=self.made, record_type=name, record_id=pk, is_tied=True, field=field)
                    for pk in tied
                ]

    def _session(self, planned: PlannedRecord) -> None:
        patient = self.patients[planned.draft.patient_key]
        course = self.courses.get(planned.course.pk) or planned.course
        volumes = planned.draft.extra["volumes"]
        session = ExosomeSession(
            pk=planned.id,
            clinic=self.clinic,
            patient=patient,
            course=course,
            submission=_submission(planned),
            route_confirmed=bool(planned.values.get("route")),
            **planned.values,
        )
        is_new = patient.created_at >= self.made.at
        photos = [] if is_new else list(
            Photo.objects.filter(patient=patient, exosome_session__isnull=True).values_list("pk", "course_id")
        )  # fmt: skip
        log_session(
            session,
            volumes=volumes,
            region_labels=planned.draft.extra["labels"],
            applications=planned.further,
            events=[self._event(event, session) for event in planned.events],
            passed=self._passed(planned),
            by=self.by,
        )
        self._note(session)
        for event in planned.events:
            self._note(event)
        if photos:
            self._tie({"photo": [pk for pk, _ in photos]}, "exosome_session", session.pk)
            self._tie({"photo": [pk for pk, course_id in photos if course_id is None]}, "course", session.course_id)

    def _event(self, event: AdverseEvent, session: ExosomeSession) -> AdverseEvent:
        event.patient, event.exosome_session = session.patient, session
        return event

    def _assessment(self, planned: PlannedRecord) -> None:
        patient = self.patients[planned.draft.patient_key]
        row = Assessment(
            pk=planned.id, clinic=self.clinic, patient=patient, submission=_submission(planned), **planned.values
        )
        record_assessment(row, passed=self._passed(planned), by=self.by)
        self._note(row)

    def _measurement(self, planned: PlannedRecord) -> None:
        patient = self.patients[planned.draft.patient_key]
        visit = Assessment.objects.get(pk=planned.visit_id) if planned.visit_id else None
        row = Measurement(
            pk=planned.id,
            clinic=self.clinic,
            patient=patient,
            assessment=visit,
            submission=_submission(planned),
            **planned.values,
        )
        record_measurement(row, passed=self._passed(planned), by=self.by)
        self._note(row)


def _submission(planned: PlannedRecord) -> str:
    """What tells this row from another one under the same id."""
    return hashlib.sha256(repr(sorted(map(str, planned.values.items()))).encode()).hexdigest()


def _portions(keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))


# ── Taking back ────────────────────────────────────────────────────────────────────────────────


def in_the_way(made: Import) -> list[str]:
    """What forbids that an import is taken back, a sentence for each; empty where nothing does."""
    ids = _ids(made)
    sentences: list[str] = []
    for model in _MODELS:
        mine = ids.get(model._meta.model_name or "", [])
        if mine:
            sentences += _changed(model, mine)
            sentences += _referred_to(model, mine, ids)
    return list(dict.fromkeys(sentences))


def take_back(made: Import, *, reason: str, by: User) -> Import:
    """Remove every row that an import made, untie what it tied, and give back what was taken from lots: all of it, or
    nothing. What is told of it stays: the trail, the ledger of the lots, the warnings that were passed.

    Raises ValidationError where a row was changed, corrected, struck out or referred to since; it names them.
    """
    with transaction.atomic():
        locked = Import.objects.select_for_update(no_key=True).get(pk=made.pk)
        if locked.is_taken_back:
            return locked
        if obstacles := in_the_way(locked):
            raise ValidationError(obstacles)
        ids = _ids(locked)
        affected = _affected(ids)
        wait_for(*ids.get("patient", []), *affected[1])
        _untie(locked)
        _give_back(ids.get("exosomesession", []), reason=f"Import taken back: {reason}"[:300], by=by)
        try:
            for model in _MODELS:
                for some in _portions(ids.get(model._meta.model_name or "", [])):
                    model._default_manager.filter(pk__in=some).delete()
        except ProtectedError as refusal:
            raise ValidationError("Something else belongs to these records since. Nothing was taken back.") from refusal
        _bring_up_to_date(affected)
        now = timezone.now()
        told = {"taken_back_at": now, "taken_back_by": by, "taken_back_reason": reason}
        Import.objects.filter(pk=locked.pk).update(**told)
        log.record(
            "took_back_import",
            by=by,
            clinic=locked.clinic,
            target=locked,
            detail={"records": sum(map(len, ids.values()))},
        )
    locked.refresh_from_db()
    return locked


def _ids(made: Import) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for kind, pk in made.records.filter(is_tied=False).values_list("record_type", "record_id"):
        found.setdefault(kind, []).append(pk)
    return found


def _changed(model: type[Any], ids: Sequence[Any]) -> list[str]:
    """Rows that are not as the import left them, by name."""
    name = str(model._meta.verbose_name)
    changed: set[Any] = set()
    there: set[Any] = set()
    for some in _portions(ids):
        rows = model._default_manager.filter(pk__in=some)
        there |= set(rows.values_list("pk", flat=True))
        changed |= set(rows.exclude(version=1).values_list("pk", flat=True))
        changed |= set(Correction.objects.filter(record_id__in=some).values_list("record_id", flat=True))
        if hasattr(model, "struck_out_at"):
            changed |= set(rows.filter(struck_out_at__isnull=False).values_list("pk", flat=True))
        if model is Patient:
            moved = models.Q(archived_at__isnull=False) | models.Q(merged_into__isnull=False)
            changed |= set(rows.filter(moved).values_list("pk", flat=True))
        if model is Course:
            changed |= set(rows.filter(stopped_on__isnull=False).values_list("pk", flat=True))
    sentences = [f"{count(len(ids) - len(there), name)} of this import are gone."] if len(there) < len(ids) else []
    if changed:
        sentences.append(f"Changed since: {_named(model, changed)}.")
    return sentences


def _referred_to(model: type[Any], ids: Sequence[Any], mine: Mapping[str, Sequence[Any]]) -> list[str]:
    """What was entered for these rows since, and was not imported with them."""
    sentences = []
    for relation in model._meta.related_objects:
        other: Any = relation.field.model
        if relation.on_delete is models.CASCADE:
            continue  # a part of the row itself: the volumes of a session
        own = set(mine.get(other._meta.model_name or "", []))
        field = relation.field.name
        found: set[Any] = set()
        for some in _portions(ids):
            rows = other._default_manager.filter(**{f"{field}__in": some})
            found |= set(rows.values_list("pk", flat=True)) - own
        found -= _tied_by(other._meta.model_name or "", field, found)
        if found:
            sentences.append(f"Entered since: {_named(other, found)}.")
    return sentences


def _tied_by(name: str, field: str, ids: set[Any]) -> set[Any]:
    """Those that an import itself has tied to what it made, and unties."""
    if not ids:
        return set()
    tied = ImportedRecord.objects.filter(is_tied=True, record_type=name, field=field, record_id__in=list(ids)[:10_000])
    return set(tied.values_list("record_id", flat=True))


def _named(model: type[Any], ids: set[Any]) -> str:
    """ "3 photos (of HC-0001, HC-0007)"."""
    what = str(model._meta.verbose_name)
    some = model._default_manager.filter(pk__in=list(ids)[:MOST_NAMED])
    numbers = []
    for row in some:
        patient = row if isinstance(row, Patient) else getattr(row, "patient", None)
        numbers.append(patient.record_number if isinstance(patient, Patient) else str(row))
    unique = list(dict.fromkeys(numbers))
    more = ", …" if len(ids) > MOST_NAMED else ""
    return f"{count(len(ids), what)} (of {', '.join(unique)}{more})"


def _affected(ids: Mapping[str, Sequence[Any]]) -> tuple[set[Any], set[Any]]:
    """Courses and patients that were there before the import, of which copies are computed from what it made."""
    patients: set[Any] = set()
    courses: set[Any] = set()
    for model in (Measurement, Assessment, ExosomeSession, Course):
        for some in _portions(ids.get(model._meta.model_name or "", [])):
            rows = model._default_manager.filter(pk__in=some)
            patients |= set(rows.values_list("patient", flat=True))
            if model is ExosomeSession:
                courses |= set(rows.values_list("course", flat=True))
    return courses - set(ids.get("course", [])), patients - set(ids.get("patient", []))


def _untie(made: Import) -> None:
    tied: dict[tuple[str, str], list[Any]] = {}
    for kind, field, pk in made.records.filter(is_tied=True).values_list("record_type", "field", "record_id"):
        tied.setdefault((kind, field), []).append(pk)
    for (kind, field), ids in tied.items():
        for some in _portions(ids):
            _TIED[kind].objects.filter(pk__in=some).update(**{field: None})


def _give_back(session_ids: Sequence[Any], *, reason: str, by: User) -> None:
    sessions: list[ExosomeSession] = []
    for some in _portions(session_ids):
        sessions += ExosomeSession.objects.filter(pk__in=some).as_read()
    # All at once, in the order in which everybody locks lots.
    lots = stock.lock(lot.pk for session in sessions for lot in session.lots_given)
    for session in sessions:
        for lot in session.lots_given:
            facts: Any = {"when": session.performed, "session_id": session.pk, "reason": reason, "by": by}
            stock.give_back(lots[lot.pk], session.ml_of(lot), **facts)


def _bring_up_to_date(affected: tuple[set[Any], set[Any]]) -> None:
    courses, patients = affected
    for course_id in sorted(courses, key=str):
        recompute(course_id)
    for patient_id in sorted(patients, key=str):
        update_latest_stage(patient_id)
        recompute_patient(patient_id)
