"""Everything recorded about one patient, in a fixed number of queries whatever the length of the history."""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, UUIDField
from django.utils import timezone

from treatments.assessments.models import Assessment, Measurement
from treatments.consents.models import Consent
from treatments.consents.purposes import PhotoPurpose
from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.photos.models import Photo, PhotoPair
from treatments.records.models import Correction
from treatments.safety.models import AdverseEvent, FollowUp


@dataclass(frozen=True)
class Release:
    """A sheet of photographs that left the clinic. `taken_back` when the export was entered in error."""

    pk: Any
    purpose: str
    photos: int
    file_format: str
    created_at: datetime.datetime
    created_by: str
    taken_back: bool

    @property
    def use(self) -> str:
        return str(PhotoPurpose(self.purpose).label)

    @property
    def day(self) -> datetime.date:
        return timezone.localdate(self.created_at)


@dataclass
class Facts:
    """One patient's record. Lists hold struck-out rows too; `standing_…` leave them out."""

    patient: Patient
    history: HairHistory | None
    therapies: list[Therapy]
    consents: list[Consent]
    courses: list[Course]
    sessions: list[ExosomeSession]
    assessments: list[Assessment]
    measurements: list[Measurement]
    events: list[AdverseEvent]
    follow_ups: dict[Any, list[FollowUp]]
    photos: list[Photo]
    corrections: dict[Any, list[Correction]]
    releases: list[Release]
    pairs: dict[tuple[Any, Any], PhotoPair]
    numbers: dict[Any, int] = field(default_factory=dict)

    @property
    def course(self) -> Course | None:
        """The course the page is about: the newest that stands."""
        standing = [course for course in self.courses if not course.is_struck_out]
        return max(standing, key=lambda c: (c.baseline_on, str(c.pk)), default=None)

    def course_on(self, day: datetime.date) -> Course | None:
        """The course a day belongs to: the last that had begun, else the first."""
        standing = sorted((c for c in self.courses if not c.is_struck_out), key=lambda c: c.baseline_on)
        begun = [course for course in standing if course.baseline_on <= day]
        return begun[-1] if begun else (standing[0] if standing else None)

    def sessions_of(self, course: Course | None) -> list[ExosomeSession]:
        return [s for s in self.sessions if course is not None and s.course_id == course.pk and not s.is_struck_out]

    @property
    def standing_assessments(self) -> list[Assessment]:
        return [a for a in self.assessments if not a.is_struck_out]

    @property
    def standing_events(self) -> list[AdverseEvent]:
        return [e for e in self.events if not e.is_struck_out]

    @property
    def standing_photos(self) -> list[Photo]:
        return [p for p in self.photos if not p.is_struck_out]

    @property
    def standing_measurements(self) -> list[Measurement]:
        return [m for m in self.measurements if not m.is_struck_out]

    @property
    def graded(self) -> list[Assessment]:
        return [a for a in self.standing_assessments if a.stage]


def load(patient: Patient) -> Facts:
    """Read the record in eleven queries; the history comes with the patient when it was selected along."""
    people = ("created_by", "struck_out_by")
    sessions = list(
        ExosomeSession.objects.filter(patient=patient)
        .select_related(*people, "lot", "product", "operator")
        .prefetch_related("region_volumes")
        .in_order()
    )
    follow_ups: dict[Any, list[FollowUp]] = defaultdict(list)
    for follow_up in FollowUp.objects.filter(patient=patient).select_related("created_by").order_by("seen_on", "id"):
        follow_ups[follow_up.event_id].append(follow_up)
    corrections: dict[Any, list[Correction]] = defaultdict(list)
    for correction in Correction.objects.of_patient(patient):
        corrections[correction.record_id].append(correction)
    consents = _with_releases(Consent.objects.filter(patient=patient).select_related(*people))
    photos = _with_alignment(Photo.objects.filter(patient=patient).select_related("created_by").in_order())
    return Facts(
        patient=patient,
        history=getattr(patient, "history", None),
        therapies=list(Therapy.objects.filter(patient=patient).select_related(*people).order_by("id")),
        consents=list({consent.pk: consent for consent in consents}.values()),
        courses=list(
            Course.objects.filter(patient=patient)
            .select_related(*people, "product", "protocol")
            .order_by("baseline_on", "id")
        ),
        sessions=sessions,
        assessments=list(Assessment.objects.filter(patient=patient).select_related(*people, "assessor").in_order()),
        measurements=list(
            Measurement.objects.filter(patient=patient)
            .select_related(*people, "operator")
            .order_by("measured_on", "id")
        ),
        events=list(
            AdverseEvent.objects.filter(patient=patient)
            .select_related(*people, "exosome_session")
            .order_by("happened", "id")
        ),
        follow_ups=follow_ups,
        photos=photos,
        corrections=corrections,
        releases=_releases(consents),
        pairs=_pairs(photos),
        numbers=_numbers(sessions),
    )


def _with_releases(consents: QuerySet[Consent]) -> list[Any]:
    """Each consent once for every export made under it, and once where there was none: no query more than without."""
    return list(
        consents.annotate(
            export_id=F("exports__id"),
            export_purpose=F("exports__purpose"),
            export_photos=F("exports__photos"),
            export_format=F("exports__file_format"),
            exported_at=F("exports__created_at"),
            exported_by=F("exports__created_by__name"),
            export_struck_at=F("exports__struck_out_at"),
        ).order_by("given_on", "id", "exports__created_at")
    )


def _releases(rows: list[Any]) -> list[Release]:
    return [
        Release(
            row.export_id,
            row.export_purpose,
            len(row.export_photos),
            row.export_format.upper(),
            row.exported_at,
            row.exported_by,
            row.export_struck_at is not None,
        )
        for row in rows
        if row.export_id is not None
    ]


def _with_alignment(photos: QuerySet[Photo]) -> list[Any]:
    """Each photograph with how it was laid over the earliest it was aligned with, in the same query."""
    laid = PhotoPair.objects.standing().filter(later=OuterRef("pk")).order_by("earlier__taken_on", "id")
    return list(
        photos.annotate(
            aligned_with=Subquery(laid.values("earlier_id")[:1], output_field=UUIDField()),
            aligned_by_points=Subquery(laid.values("landmarks")[:1]),
            aligned_by_hand=Subquery(laid.values("nudge")[:1]),
        )
    )


def _pairs(photos: list[Any]) -> dict[tuple[Any, Any], PhotoPair]:
    return {
        (photo.aligned_with, photo.pk): PhotoPair(
            earlier_id=photo.aligned_with,
            later_id=photo.pk,
            landmarks=photo.aligned_by_points or {},
            nudge=photo.aligned_by_hand or {},
        )
        for photo in photos
        if photo.aligned_with
    }


def _numbers(sessions: list[ExosomeSession]) -> dict[Any, int]:
    """Each session's number in its course, by date; what was struck out has none."""
    counted: dict[Any, int] = defaultdict(int)
    numbers = {}
    for each in sessions:
        if not each.is_struck_out:
            counted[each.course_id] += 1
            numbers[each.pk] = counted[each.course_id]
    return numbers
