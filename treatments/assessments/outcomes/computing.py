"""Brings the outcomes of patients in line with their record, and finds those that are not."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.db.models import Q

from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.outcomes import rules
from treatments.assessments.outcomes.models import CourseOutcome
from treatments.courses.computed_columns import bring_in_line
from treatments.courses.models import Application, Course, ExosomeSession
from treatments.patients.models import Patient, Therapy
from treatments.patients.therapies import as_treatments
from treatments.records.models import Correction

_STANDING: Final = {"struck_out_at__isnull": True}
_COURSE = (
    "id",
    "clinic_id",
    "patient_id",
    "baseline_on",
    "baseline_precision",
    "protocol_id",
    "struck_out_at",
    "state",
)
_COURSE_END = ("stopped_on", "last_session_on", "last_session_precision")
_SESSION = ("id", "patient_id", "course_id", "performed_on", "performed_precision", "since_last", "reactions")
_VISIT = ("id", "patient_id", "course_id", "assessed_on", "assessed_precision", "scale", "stage")
_OPINIONS = ("global_change", "patient_change")
_MEASUREMENT = ("id", "patient_id", "course_id", "assessment_id", "measured_on", "measured_precision", "kind", "value")
_CIRCUMSTANCES = (
    *("site", "site_detail", "is_same_spot", "method", "device", "area_cm2", "magnification"),
    *("vellus_cutoff_um", "is_clipped", "is_dyed"),
)
_THERAPY = ("id", "patient_id", "kind", "dose", "dose_unit", "detail", "grafts", "started", "ended", "is_ongoing")
_ENTRY = ("created_at", "version")
_UPDATE = ("id", "record_id", "version", "kind", "since", "changes")
FIELDS: Final = [field.attname for field in CourseOutcome._meta.concrete_fields if field.attname != "id"]
AT_ONCE: Final = 500
Columns = dict[tuple[uuid.UUID, int], dict[str, Any]]
"""The columns of rows, by their course and Month."""


class Tables:
    """The tables that outcomes are computed from. A migration gives those of its own time, by their names."""

    def __init__(self, get_model: Any = None) -> None:
        def table(model: type[Any]) -> Any:
            return get_model("treatments", model.__name__) if get_model else model

        self.Patient = table(Patient)
        self.Course, self.ExosomeSession, self.Application = map(table, (Course, ExosomeSession, Application))
        self.Assessment, self.Measurement = map(table, (Assessment, Measurement))
        self.Therapy, self.Correction, self.CourseOutcome = map(table, (Therapy, Correction, CourseOutcome))


NOW: Final = Tables()


def bring_outcomes_in_line(patient_id: uuid.UUID) -> None:
    """At once, or once at the end of an import. To be called in the transaction of the act that changed the record."""
    bring_in_line(recompute_outcomes, patient_id)


def recompute_outcomes(patient_id: uuid.UUID) -> None:
    """Bring the rows of one patient in line. Of two acts at once the second waits for what the first has written."""
    Patient.objects.select_for_update(no_key=True).filter(pk=patient_id).values_list("pk").first()
    store([patient_id])


def store(patient_ids: Sequence[uuid.UUID], tables: Tables = NOW) -> int:
    """Bring the rows of these patients in line; how many were not. Nine queries, and what has to be written."""
    right = _computed(patient_ids, tables)
    there = _stored(patient_ids, right, tables)
    new, changed = [], 0
    for key, columns in right.items():
        row = there.get(key)
        if row is None:
            new.append(tables.CourseOutcome(**columns))
        elif any(row[name] != columns[name] for name in FIELDS):
            tables.CourseOutcome.objects.filter(pk=row["id"]).update(**columns)
            changed += 1
    left_over = [row["id"] for key, row in there.items() if key not in right]
    if new:
        tables.CourseOutcome.objects.bulk_create(new)
    if left_over:
        tables.CourseOutcome.objects.filter(pk__in=left_over).delete()
    return len(new) + changed + len(left_over)


def out_of_line(patient_ids: Sequence[uuid.UUID]) -> Iterator[tuple[uuid.UUID, int, str]]:
    """Course, Month and what differs, of rows that do not say what the record says."""
    right = _computed(patient_ids, NOW)
    there = _stored(patient_ids, right, NOW)
    for key in sorted(there.keys() | right.keys()):
        if key not in right or key not in there:
            yield *key, "a row too many" if key not in right else "no row"
            continue
        wrong = [name for name in FIELDS if there[key][name] != right[key][name]]
        if wrong:
            yield *key, ", ".join(f"{name} {there[key][name]}, record {right[key][name]}" for name in wrong)


def in_portions(patients: Any) -> Iterator[list[uuid.UUID]]:
    """The ids of patients, some hundred at a time, so that a large clinic needs no more memory than a small one."""
    ids = patients.order_by("pk").values_list("pk", flat=True)
    portion = list(ids[:AT_ONCE])
    while portion:
        yield portion
        portion = list(ids.filter(pk__gt=portion[-1])[:AT_ONCE])


def _stored(patient_ids: Sequence[uuid.UUID], right: Columns, tables: Tables) -> Columns:
    """What is stored of these patients, and of a course that came to one of them from another."""
    own = Q(patient__in=patient_ids) | Q(course__in={course for course, _ in right})
    found = tables.CourseOutcome.objects.filter(own).values("id", *FIELDS)
    return {(row["course_id"], row["month"]): row for row in found}


def _computed(patient_ids: Sequence[uuid.UUID], tables: Tables) -> Columns:
    default = {field.attname: field.get_default() for field in CourseOutcome._meta.concrete_fields}
    default.pop("id")
    return {
        (columns["course_id"], columns["month"]): default | {"rung": rules.Rung.COURSE.value} | columns
        for facts in load(patient_ids, tables)
        for columns in rules.rows(facts)
    }


def load(patient_ids: Sequence[uuid.UUID], tables: Tables = NOW) -> Iterator[rules.Facts]:
    """The facts of those of these patients who have a course. Eight queries, whatever their number; one if none has."""
    courses = _of_patients(Course, tables.Course.objects.filter(patient__in=patient_ids), (*_COURSE, *_COURSE_END))
    if not courses:
        return
    sexes = dict(tables.Patient.objects.filter(pk__in=list(courses)).values_list("pk", "sex"))
    mine = {"patient__in": list(courses), **_STANDING}
    given = tables.ExosomeSession.objects.filter(**mine)
    sessions = _of_patients(ExosomeSession, given, _SESSION)
    products: dict[uuid.UUID, set[uuid.UUID | None]] = defaultdict(set)
    for session, own, of_lot in given.order_by().values_list("pk", "product_id", "lot__product_id"):
        products[session].add(of_lot or own)
    further = tables.Application.objects.filter(exosome_session__in=list(products)).order_by()
    for session, own, of_lot in further.values_list("exosome_session_id", "product_id", "lot__product_id"):
        products[session].add(of_lot or own)
    visits = _of_patients(Assessment, tables.Assessment.objects.filter(**mine), (*_VISIT, *_OPINIONS))
    measured = tables.Measurement.objects.filter(**mine)
    measurements = _of_patients(Measurement, measured, (*_MEASUREMENT, *_CIRCUMSTANCES))
    therapies = _of_patients(Therapy, tables.Therapy.objects.filter(**mine), (*_THERAPY, *_ENTRY))
    updates = _updates(therapies.values(), tables)
    for patient_id, of_patient in courses.items():
        yield rules.Facts(
            clinic_id=of_patient[0].clinic_id,
            patient_id=patient_id,
            sex=sexes[patient_id],
            courses=of_patient,
            sessions=sessions[patient_id],
            visits=visits[patient_id],
            measurements=measurements[patient_id],
            treatments=as_treatments(therapies[patient_id], updates),
            products=products,
        )


def _of_patients(model: type[Any], rows: Any, columns: Iterable[str]) -> dict[uuid.UUID, list[Any]]:
    """Records by their patient, made from these columns alone: their rules need no others."""
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in rows.order_by("pk").values(*columns):
        found[row["patient_id"]].append(model(**row))
    return found


def _updates(therapies: Iterable[Sequence[Therapy]], tables: Tables) -> dict[uuid.UUID, list[Correction]]:
    changed = [each.pk for some in therapies for each in some if each.version > 1]
    updates: dict[uuid.UUID, list[Correction]] = defaultdict(list)
    if changed:
        told = tables.Correction.objects.filter(record_id__in=changed).order_by("version")
        for row in told.values(*_UPDATE):
            updates[row["record_id"]].append(Correction(**row))
    return updates
