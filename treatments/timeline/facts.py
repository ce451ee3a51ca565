"""Everything recorded about one patient, in a fixed number of queries whatever the length of the history."""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from treatments.assessments.models import Assessment, Measurement
from treatments.consents.models import Consent
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.photos.models import Photo
from treatments.records.models import Correction
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.sessions.models import Course, ExosomeSession


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
    return Facts(
        patient=patient,
        history=getattr(patient, "history", None),
        therapies=list(Therapy.objects.filter(patient=patient).select_related(*people).order_by("id")),
        consents=list(Consent.objects.filter(patient=patient).select_related(*people).order_by("given_on", "id")),
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
        photos=list(Photo.objects.filter(patient=patient).select_related("created_by").in_order()),
        corrections=corrections,
        numbers=_numbers(sessions),
    )


def _numbers(sessions: list[ExosomeSession]) -> dict[Any, int]:
    """Each session's number in its course, by date; what was struck out has none."""
    counted: dict[Any, int] = defaultdict(int)
    numbers = {}
    for each in sessions:
        if not each.is_struck_out:
            counted[each.course_id] += 1
            numbers[each.pk] = counted[each.course_id]
    return numbers
