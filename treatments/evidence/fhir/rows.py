"""Everything a bundle says of one patient, in a number of queries that does not grow with the record."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from clinic.staff.models import Clinic, User
from treatments.appointments.models import Appointment
from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.measurements.visibility import Thresholds
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.courses.models import Application, Course, ExosomeSession, RegionVolume
from treatments.patients.models import HairHistory, Patient
from treatments.photos.models import Photo
from treatments.photos.readings.results import ReadPair, read_pairs
from treatments.records.formatting import count, listed
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.timeline import density
from treatments.timeline.facts import Facts, load, with_rare_rows


@dataclass(frozen=True)
class Rows:
    """The rows of one patient that stand, with what a resource says of each; struck-out rows are counted alone.

    `photos` come with their hash and type. `people` are names by the id of an account. `follow_ups` are by the id of
    their event.
    """

    patient: Patient
    facts: Facts
    photos: list[Photo]
    appointments: list[Appointment]
    readings: list[ReadPair]
    """Pairs of photographs that were read blind, in rounds that are closed."""
    thresholds: Thresholds
    changes: dict[uuid.UUID, DensityChange]
    people: dict[Any, User]
    struck_out: dict[str, int]

    @property
    def clinic(self) -> Clinic:
        return self.patient.clinic

    @property
    def histories(self) -> list[HairHistory]:
        """The history, and those of records that were merged into this one."""
        own = [self.facts.history] if self.facts.history is not None else []
        return [each for each in (*own, *self.facts.earlier_histories) if not each.is_struck_out]

    @property
    def courses(self) -> list[Course]:
        return self.facts.standing_courses

    @property
    def sessions(self) -> list[ExosomeSession]:
        return self.facts.standing_sessions

    @property
    def events(self) -> list[AdverseEvent]:
        return self.facts.standing_events

    def of_case(self) -> "Rows":
        """Without what belongs to another course than the one asked for. History, other treatments and consents are the
        patient's; so is everything of a patient without a course."""
        facts, course = self.facts, self.facts.course
        if course is None:
            return self

        def own(rows: list[Any]) -> list[Any]:
            return [each for each in rows if facts.is_of(course, each)]

        measurements, photos = own(facts.measurements), own(facts.photos)
        kept = {each.pk for each in (*measurements, *photos)}
        of_course = replace(
            facts,
            courses=[course],
            sessions=[each for each in facts.sessions if each.course_id == course.pk],
            assessments=own(facts.assessments),
            measurements=measurements,
            laboratory=[(report, results) for report, results in facts.laboratory if facts.is_of(course, report)],
            events=own(facts.events),
            photos=photos,
        )
        return replace(
            self,
            facts=of_course,
            photos=[each for each in self.photos if each.pk in kept],
            appointments=[each for each in self.appointments if each.course_id == course.pk],
            readings=[each for each in self.readings if {each.earlier.pk, each.later.pk} <= kept],
            changes={pk: change for pk, change in self.changes.items() if pk in kept},
        )

    def follow_ups(self, event: AdverseEvent) -> list[FollowUp]:
        return [each for each in self.facts.follow_ups.get(event.pk, ()) if not each.is_struck_out]

    def session_of(self, event: AdverseEvent) -> ExosomeSession | None:
        """The suspected session, where it stands."""
        return self.sessions_by_id.get(event.exosome_session_id)

    @cached_property
    def sessions_by_id(self) -> dict[uuid.UUID | None, ExosomeSession]:
        return {each.pk: each for each in self.sessions}

    @property
    def left_out(self) -> str:
        """ "2 sessions and 1 photo, struck out as entered in error, are left out."; "" for none."""
        told = [count(number, kind) for kind, number in self.struck_out.items() if number]
        if not told:
            return ""
        are = "is" if sum(self.struck_out.values()) == 1 else "are"
        return f"{listed(told)}, struck out as entered in error, {are} left out."


def rows_of(patient: Patient, *, course: uuid.UUID | None = None) -> Rows:
    """Read the record of a patient whom somebody has reached already. `course` is the one that Months are counted by,
    where they are."""
    person = with_rare_rows(Patient.objects.select_related("clinic", "history")).get(pk=patient.pk)
    facts = load(person, asked_for=course)
    _with_what_was_given(facts.standing_sessions)
    photos = list(Photo.objects.standing().filter(patient=person).in_order())
    appointments = list(Appointment.objects.standing().filter(patient=person).in_order())
    thresholds = thresholds_of(person.clinic)
    rows = Rows(
        patient=person,
        facts=facts,
        photos=photos,
        appointments=appointments,
        readings=read_pairs(person),
        thresholds=thresholds,
        changes=density.changes(facts, thresholds),
        people={},
        struck_out=_struck_out(facts),
    )
    rows.people.update(User.objects.in_bulk(list(_people(rows))))
    return rows


def _with_what_was_given(sessions: list[ExosomeSession]) -> None:
    """With products, lots, volumes and what was given besides: six queries."""
    further = Application.objects.select_related("product", "lot__product")
    prefetch_related_objects(
        sessions,
        Prefetch("region_volumes", RegionVolume.objects.order_by("id")),
        Prefetch("applications", further),
        "product",
        "lot__product",
    )


def _people(rows: Rows) -> Iterable[Any]:
    facts = rows.facts
    results = [result for _, each in facts.laboratory for result in each]
    reports = [report for report, _ in facts.laboratory]
    follow_ups = [each for group in facts.follow_ups.values() for each in group]
    every: list[Any] = [
        *rows.histories, *facts.therapies, *facts.consents, *facts.courses, *facts.sessions, *facts.assessments,
        *facts.measurements, *reports, *results, *facts.events, *follow_ups, *rows.photos, *rows.appointments,
        rows.patient,
    ]  # fmt: skip
    found = {each.created_by_id for each in every}
    found |= {getattr(each, name, None) for each in every for name in ("operator_id", "assessor_id", "seen_by_id")}
    found |= {each.withdrawn_by_id for each in facts.consents}
    found |= {each.by_id for group in facts.corrections.values() for each in group}
    return sorted(found - {None})


def _struck_out(facts: Facts) -> dict[str, int]:
    kinds: dict[str, list[Any]] = {
        "course": facts.courses,
        "session": facts.sessions,
        "assessment": facts.assessments,
        "measurement": facts.measurements,
        "laboratory report": [report for report, _ in facts.laboratory],
        "laboratory value": [result for _, results in facts.laboratory for result in results],
        "adverse event": facts.events,
        "follow-up": [each for group in facts.follow_ups.values() for each in group],
        "other treatment": facts.therapies,
        "consent": facts.consents,
        "photo": facts.photos,
        "history": [each for each in (facts.history, *facts.earlier_histories) if each is not None],
    }
    counted = Counter({kind: sum(each.is_struck_out for each in rows) for kind, rows in kinds.items()})
    return {kind: number for kind, number in counted.items() if number}
