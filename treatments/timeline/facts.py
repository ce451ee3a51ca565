"""Everything recorded about one patient, in a fixed number of queries whatever the length of the history."""

import datetime
import uuid
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, UUIDField, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils import timezone

from treatments.assessments.baseline import CourseStart, baseline_of, stage_baseline
from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryResult
from treatments.assessments.models import Assessment, Measurement
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind, PhotoPurpose
from treatments.courses.membership import Courses, Membership, by_date
from treatments.courses.models import Application, Course, ExosomeSession
from treatments.handouts.models import AftercareGiven, Letter
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.patients.moves import MovedRecord, RecordMove
from treatments.patients.other_treatments import OtherTreatment, Wording, beside
from treatments.patients.therapies import as_treatments
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.readings.models import Reading
from treatments.photos.readings.results import ReadPair, read_pairs
from treatments.products.vocabulary import Donor, SourceType
from treatments.records.fields import DatePrecision
from treatments.records.models import Correction, partial
from treatments.records.partial_dates import PartialDate
from treatments.safety.models import AdverseEvent, FollowUp

# What is shown and compared of a photograph; not its file, its origin and who entered it.
_PHOTO_COLUMNS = (
    "patient course exosome_session view site taken_on taken_precision exif_taken_at width height quality "
    "quality_checks lighting hair_state product_used parting hair_length_mm is_dyed device lens_mm distance_cm "
    "capture_path struck_out_at struck_out_by struck_out_reason created_at created_by"
).split()


_PRECISION_COLUMNS = {
    Assessment: "assessed_precision",
    Measurement: "measured_precision",
    LaboratoryReport: "sampled_precision",
    Photo: "taken_precision",
    ExosomeSession: "performed_precision",
    Course: "baseline_precision",
}
Fact = Assessment | Measurement | LaboratoryReport | Photo | AdverseEvent


def known(
    record: Assessment | Measurement | LaboratoryReport | Photo | ExosomeSession | Course,
) -> PartialDate | datetime.date:
    """When a record is of, as far as it is known: a day as such, which is quicker to count with."""
    day = record.happened_on
    precision = getattr(record, _PRECISION_COLUMNS[type(record)])
    return day if precision == DatePrecision.DAY else partial(day, precision)


@dataclass(frozen=True)
class Release:
    """A sheet of photographs, or a case report, that left the clinic. `is_withdrawn` when it was entered in error."""

    pk: uuid.UUID
    purpose: str
    photo_count: int
    file_format: str
    created_at: datetime.datetime
    entered_by: str
    is_withdrawn: bool
    is_case_report: bool = False

    @property
    def use(self) -> str:
        return str(PhotoPurpose(self.purpose).label)

    @property
    def day(self) -> datetime.date:
        return timezone.localdate(self.created_at)


@dataclass
class Facts:
    """One patient's record. Lists hold struck-out rows too; `standing_…` leave them out.

    `pairs` are photographs that were laid over each other, by the ids of the earlier and the later.
    """

    patient: Patient
    history: HairHistory | None
    therapies: list[Therapy]
    consents: list[Consent]
    courses: list[Course]
    sessions: list[ExosomeSession]
    assessments: list[Assessment]
    measurements: list[Measurement]
    laboratory: list[tuple[LaboratoryReport, list[LaboratoryResult]]]
    """Each report with its values, struck out or not."""
    events: list[AdverseEvent]
    follow_ups: dict[uuid.UUID, list[FollowUp]]
    photos: list[Photo]
    corrections: dict[uuid.UUID, list[Correction]]
    releases: list[Release]
    pairs: dict[tuple[uuid.UUID, uuid.UUID], PhotoPair]
    earlier_histories: list[HairHistory]
    """Those of records that were merged into this one, where it had a history of its own."""
    moves: dict[uuid.UUID, list[MovedRecord]]
    """What left this record and what came to it, by the id of the act."""
    letters: list[Letter]
    """Those that were signed; a draft is not the record's yet."""
    aftercare: list[AftercareGiven]
    read_blind: list[ReadPair]
    """What was read of its pairs of photographs in rounds that are closed."""
    asked_for: uuid.UUID | None = None

    @cached_property
    def course(self) -> Course | None:
        """The course that header and chart are about: the one asked for, else one that goes on, else the newest."""
        asked = (course for course in self.standing_courses if course.pk == self.asked_for)
        newest = max(self.standing_courses, key=lambda c: (c.is_open, c.baseline_on, str(c.pk)), default=None)
        return next(asked, newest)

    @property
    def course_going_on(self) -> Course | None:
        """The course that the next session is logged in: the page's, if it goes on, else another that does."""
        return next((course for course in (self.course, *self.other_courses) if course and course.is_open), None)

    @cached_property
    def other_courses(self) -> list[Course]:
        """The standing courses beside it, newest first."""
        return [course for course in reversed(self.standing_courses) if course is not self.course]

    @cached_property
    def all_courses(self) -> Courses[Course]:
        return Courses(self.courses)

    def membership(self, fact: Fact) -> Membership[Course]:
        """To which course a fact belongs: by its link, by that of its session or visit, else by its date."""
        return self._memberships[fact.pk]

    def is_of(self, course: Course | None, fact: Fact) -> bool:
        """Whether it belongs to this course; with None, to none that stands."""
        return self._memberships[fact.pk].course is course

    @cached_property
    def _memberships(self) -> dict[uuid.UUID, Membership[Course]]:
        of = self.all_courses.of
        sessions = {pk: session.course_id for pk, session in self._sessions_by_id.items()}
        visits = {each.pk: of(each.course_id, when=known(each)) for each in self.assessments}
        owned = dict(visits)
        for measurement in self.measurements:
            link = measurement.course_id
            if link is None and measurement.assessment_id in visits:
                owned[measurement.pk] = visits[measurement.assessment_id]
            else:
                owned[measurement.pk] = of(link, when=known(measurement))
        for report, _ in self.laboratory:
            owned[report.pk] = of(report.course_id, when=known(report))
        for photo in self.photos:
            owned[photo.pk] = of(photo.course_id, sessions.get(photo.exosome_session_id), when=known(photo))
        for event in self.events:
            owned[event.pk] = of(
                event.course_id, sessions.get(event.exosome_session_id), when=event.onset or event.happened
            )
        return owned

    def course_then(self, entered_at: datetime.datetime, when: PartialDate | datetime.date) -> Course | None:
        """In whose time something stands that belongs to the patient and not to a course: a consent, another treatment.

        Only courses that were known when it was entered are asked, so that a course that is planned later does not take
        it away; None where that course was struck out since. Before any course was known, the first that was planned.
        """
        if len(self.courses) == 1:
            return self.courses[0] if self.standing_courses else None
        known = [course for course in self.courses if course.created_at <= entered_at]
        first = min(self.standing_courses, key=lambda course: course.created_at, default=None)
        course = by_date(known, when) if known else first
        return None if course is None or course.is_struck_out else course

    def sessions_of(self, course: Course | None) -> list[ExosomeSession]:
        """The sessions of this course that are not struck out, in order."""
        return self._sessions_by_course[course.pk] if course else []

    @cached_property
    def _sessions_by_course(self) -> dict[uuid.UUID, list[ExosomeSession]]:
        by_course: dict[uuid.UUID, list[ExosomeSession]] = defaultdict(list)
        for session in self.standing_sessions:
            by_course[session.course_id].append(session)
        return by_course

    @cached_property
    def session_dates(self) -> dict[uuid.UUID, list[PartialDate | datetime.date]]:
        """When each session of a course was given, by the course's id: every month of the page asks it."""
        return {course.pk: [known(each) for each in self.sessions_of(course)] for course in self.standing_courses}

    @cached_property
    def numbers(self) -> dict[uuid.UUID, int]:
        """Each session's number in its course, by date; what was struck out has none."""
        courses = self._sessions_by_course.values()
        return {session.pk: number for sessions in courses for number, session in enumerate(sessions, start=1)}

    def start_of(self, course: Course) -> CourseStart:
        """Month 0 and first session, which decide what is its baseline."""
        return CourseStart.of(course.when, self.sessions_of(course))

    def baseline_grading(self, course: Course | None, graded: list[Assessment]) -> tuple[Assessment, bool] | None:
        """What the gradings of a course, `graded`, are set against, and whether that was found before treatment.

        On the scale of the last of them, else on another; where nobody graded before treatment, the first on that
        scale. None without any grading.
        """
        last = graded[-1] if graded else None
        if course is None:
            return (last, True) if last else None
        start = self.start_of(course)
        alike = stage_baseline(self.graded, start, scale=last.scale) if last else None
        baseline = alike or baseline_of(self.graded, start)
        if baseline is not None:
            return baseline, True
        return (next(each for each in graded if each.scale == last.scale), False) if last else None

    def course_of_session(self, session_id: uuid.UUID) -> Course | None:
        """The course of a session of this record; None where it was struck out."""
        session = self._sessions_by_id.get(session_id)
        return next((each for each in self.standing_courses if session and each.pk == session.course_id), None)

    def filed_under(self, event: AdverseEvent) -> PartialDate | datetime.date:
        """When an event began; where that is not known, or only to the span that its session was in, that session."""
        session = self._sessions_by_id.get(event.exosome_session_id)
        if session and (not event.onset or event.onset.earliest <= session.performed_on <= event.onset.latest):
            return known(session)
        return event.onset or event.happened

    @cached_property
    def _sessions_by_id(self) -> dict[uuid.UUID | None, ExosomeSession]:
        return {session.pk: session for session in self.sessions}

    @cached_property
    def standing_courses(self) -> list[Course]:
        return _standing(self.courses)

    @cached_property
    def standing_sessions(self) -> list[ExosomeSession]:
        return _standing(self.sessions)

    @cached_property
    def standing_assessments(self) -> list[Assessment]:
        return _standing(self.assessments)

    @cached_property
    def standing_events(self) -> list[AdverseEvent]:
        return _standing(self.events)

    @cached_property
    def standing_photos(self) -> list[Photo]:
        return _standing(self.photos)

    @cached_property
    def standing_measurements(self) -> list[Measurement]:
        return _standing(self.measurements)

    @cached_property
    def other_treatments(self) -> list[OtherTreatment]:
        """Those besides the clinic's sessions, with what changed in them."""
        return as_treatments(self.therapies, self.corrections)

    def beside(self, course: Course | None, first: PartialDate, last: PartialDate) -> str:
        """What other treatment began, ended or changed within six months before the first of two dates, or between
        them: "finasteride since Month 1"; Months are those of the course."""
        wording = Wording(course.when if course else None)
        return beside(self.other_treatments, first=first, last=last, wording=wording)

    @cached_property
    def graded(self) -> list[Assessment]:
        return [assessment for assessment in self.standing_assessments if assessment.stage]


def _standing(records: list[Any]) -> list[Any]:
    return [record for record in records if not record.is_struck_out]


def load(patient: Patient, *, asked_for: uuid.UUID | None = None) -> Facts:
    """Read the record in twelve queries, one more where a letter was signed, one where photos were read blind and two
    where something was moved; the history comes with the patient when it was selected along.

    `asked_for` is the id of the course that header and chart shall be about.
    What only a page of entries shows of a record is read when it is known which entries those are (`entries.page_of`).
    """
    consents, releases = _consents_and_releases(patient)
    photos = _photos_with_alignment(patient)
    return Facts(
        patient=patient,
        history=getattr(patient, "history", None),
        therapies=list(_with_people(Therapy.objects.filter(patient=patient)).order_by("id")),
        consents=consents,
        courses=list(
            _with_people(Course.objects.filter(patient=patient)).select_related("product").order_by("baseline_on", "id")
        ),
        sessions=list(
            _with_people(ExosomeSession.objects.filter(patient=patient), "operator")
            .annotate(
                lot_number=F("lot__number"),
                product_name=Coalesce("lot__product__name", "product__name"),
                is_own_blood=Q(
                    lot=None, product__source_type=SourceType.PLATELET_RICH_PLASMA, product__donor=Donor.AUTOLOGOUS
                ),
            )
            .in_order()
        ),
        assessments=list(_with_people(Assessment.objects.filter(patient=patient), "assessor").in_order()),
        measurements=list(
            _with_people(Measurement.objects.filter(patient=patient), "operator").order_by("measured_on", "id")
        ),
        laboratory=_laboratory(patient),
        events=list(_with_people(AdverseEvent.objects.filter(patient=patient)).order_by("happened", "id")),
        follow_ups=_grouped(
            FollowUp.objects.filter(patient=patient).select_related("exosome_session").order_by("seen_on", "id"),
            "event_id",
        ),
        photos=photos,
        corrections=_grouped(Correction.objects.of_patient(patient), "record_id"),
        releases=releases,
        earlier_histories=_earlier_histories(patient),
        moves=_grouped(MovedRecord.objects.of_patient(patient), "move_id") if has_moves(patient) else {},
        letters=_letters(patient),
        aftercare=list(
            _with_people(AftercareGiven.objects.filter(patient=patient))
            .select_related("sheet__protocol")
            .defer("sheet__text")
            .order_by("given_on", "id")
        ),
        read_blind=read_pairs(patient) if getattr(patient, "has_readings", True) else [],
        pairs={(photo.aligned_with, photo.pk): _pair(photo) for photo in photos if photo.aligned_with},
        asked_for=asked_for,
    )


def _with_people(records: QuerySet[Any], carried_out_by: str = "") -> Any:
    """Adds the names of who entered, struck out and carried out: a joined User would cost as much as the row."""
    columns = {"entered_by": "created_by", "struck_by": "struck_out_by", "carried_out_by": carried_out_by}
    return records.annotate(**{name: F(f"{column}__name") for name, column in columns.items() if column})


def with_further(sessions: list[Any]) -> list[Any]:
    """The same sessions, with what each gave beside its first product. One query."""
    further = Application.objects.select_related("product", "lot__product")
    prefetch_related_objects(sessions, Prefetch("applications", further))
    return sessions


def _earlier_histories(patient: Patient) -> list[HairHistory]:
    if not has_moves(patient):
        return []
    histories = HairHistory.objects.filter(patient__merged_into=patient).select_related("patient")
    return list(_with_people(histories).order_by("id"))


def with_rare_rows(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Adds whether anything was ever moved into or out of the record, whether a letter was signed, and whether photos
    were read blind, so that the others cost no query for it."""
    moves = RecordMove.objects.filter(Q(patient=OuterRef("pk")) | Q(from_patient=OuterRef("pk")))
    letters = Letter.objects.filter(patient=OuterRef("pk"), signed_at__isnull=False)
    readings = Reading.objects.filter(
        shown__pair__later__patient=OuterRef("pk"), shown__pair__round__closed_at__isnull=False
    )
    return patients.annotate(has_moves=Exists(moves), has_letters=Exists(letters), has_readings=Exists(readings))


def has_moves(patient: Patient) -> bool:
    return bool(getattr(patient, "has_moves", True))


def _letters(patient: Patient) -> list[Letter]:
    if not getattr(patient, "has_letters", True):
        return []
    signed = Letter.objects.filter(patient=patient, signed_at__isnull=False).defer("body", "subject")
    return list(_with_people(signed, "signed_by").order_by("signed_at", "id"))


def _grouped(rows: QuerySet[Any], column: str) -> dict[uuid.UUID, list[Any]]:
    groups: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, column)].append(row)
    return groups


def _laboratory(patient: Patient) -> list[tuple[LaboratoryReport, list[LaboratoryResult]]]:
    """Reports with their values in one query: each value brings its report, and the names of who entered that."""
    rows = (
        LaboratoryResult.objects.filter(patient=patient)
        .select_related("report", "test")
        .annotate(
            entered_by=F("report__created_by__name"),
            struck_by=F("report__struck_out_by__name"),
            value_struck_by=F("struck_out_by__name"),
        )
        .order_by("report__sampled_on", "report_id", "id")
    )
    reports: dict[uuid.UUID, tuple[Any, list[LaboratoryResult]]] = {}
    for result in rows:
        report, results = reports.setdefault(result.report_id, (result.report, []))
        report.entered_by, report.struck_by = result.entered_by, result.struck_by
        results.append(result)
    return [(report, sorted(results, key=lambda result: result.place)) for report, results in reports.values()]


def _consents_and_releases(patient: Patient) -> tuple[list[Consent], list[Release]]:
    """Both in one query: a row for each export under a consent, and one for a consent without."""
    rows = list(
        _with_people(Consent.objects.filter(patient=patient))
        .annotate(
            export_id=F("exports__id"),
            export_purpose=F("exports__purpose"),
            export_photos=F("exports__photos"),
            export_format=F("exports__file_format"),
            exported_at=F("exports__created_at"),
            exported_by=F("exports__created_by__name"),
            exported_by_email=F("exports__created_by__email"),
            export_struck_at=F("exports__struck_out_at"),
        )
        .order_by("given_on", "id", "exports__created_at")
    )
    releases = [
        Release(
            pk=row.export_id,
            purpose=row.export_purpose,
            photo_count=len(row.export_photos),
            file_format=row.export_format.upper(),
            created_at=row.exported_at,
            entered_by=row.exported_by or row.exported_by_email,
            is_withdrawn=row.export_struck_at is not None,
            is_case_report=row.kind == ConsentKind.CASE_PUBLICATION,
        )
        for row in rows
        if row.export_id is not None
    ]
    return list({row.pk: row for row in rows}.values()), releases


def _photos_with_alignment(patient: Patient) -> list[Any]:
    """Each photograph with how it was laid over the earliest it was aligned with, in the same query."""
    pairs = PhotoPair.objects.standing().filter(later=OuterRef("pk")).order_by("earlier__taken_on", "id")
    return list(
        _with_people(Photo.objects.filter(patient=patient))
        .only(*_PHOTO_COLUMNS)
        .in_order()
        .annotate(
            aligned_with=Subquery(pairs.values("earlier_id")[:1], output_field=UUIDField()),
            aligned_by_points=Subquery(pairs.values("landmarks")[:1]),
            aligned_by_hand=Subquery(pairs.values("nudge")[:1]),
        )
    )


def _pair(photo: Any) -> PhotoPair:
    return PhotoPair(
        earlier_id=photo.aligned_with,
        later_id=photo.pk,
        landmarks=photo.aligned_by_points or {},
        nudge=photo.aligned_by_hand or {},
    )
