"""What a report is written from: the record of one patient as seen from one course, and how a row is named in it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse

from clinic.staff.models import Clinic
from treatments.assessments.baseline import CourseStart, before_treatment
from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.courses.models import Course, ExosomeSession
from treatments.papers.document import Sentence
from treatments.papers.products_given import with_products
from treatments.patients.models import HairHistory, Patient
from treatments.photos.models import Photo
from treatments.photos.readings.results import ReadPair, read_pairs
from treatments.records.formatting import uncapitalised
from treatments.records.months import label
from treatments.records.partial_dates import PartialDate
from treatments.safety.models import AdverseEvent
from treatments.timeline import density
from treatments.timeline.facts import Facts
from treatments.timeline.facts import load as load_facts


@dataclass(frozen=True)
class CaseRecord:
    """Rows of other courses are not of the case; history, other treatments and consents are the patient's."""

    facts: Facts
    course: Course
    changes: Mapping[uuid.UUID, DensityChange]
    read: Sequence[ReadPair] = ()
    """What was read blind of the patient's pairs of photographs, in rounds that are closed."""

    @property
    def patient(self) -> Patient:
        return self.facts.patient

    @property
    def history(self) -> HairHistory | None:
        history = self.facts.history
        return None if history is None or history.is_struck_out else history

    @cached_property
    def start(self) -> CourseStart:
        return self.facts.start_of(self.course)

    @cached_property
    def sessions(self) -> list[ExosomeSession]:
        return self.facts.sessions_of(self.course)

    @cached_property
    def assessments(self) -> list[Assessment]:
        return [each for each in self.facts.standing_assessments if self.facts.is_of(self.course, each)]

    @cached_property
    def before(self) -> list[Assessment]:
        """The examinations before treatment, the last of them first choice."""
        return before_treatment(self.assessments, self.start)

    @cached_property
    def after(self) -> list[Assessment]:
        known = {each.pk for each in self.before}
        return [each for each in self.assessments if each.pk not in known]

    @cached_property
    def measurements(self) -> list[Measurement]:
        return [each for each in self.facts.standing_measurements if self.facts.is_of(self.course, each)]

    @cached_property
    def later_measurements(self) -> list[Measurement]:
        """Those made after treatment began, but what was estimated by eye."""
        known = {each.pk for each in before_treatment(self.measurements, self.start)}
        return [each for each in self.measurements if each.pk not in known]

    @cached_property
    def events(self) -> list[AdverseEvent]:
        return [each for each in self.facts.standing_events if self.facts.is_of(self.course, each)]

    @cached_property
    def photos(self) -> list[Photo]:
        return [each for each in self.facts.standing_photos if self.facts.is_of(self.course, each)]

    @cached_property
    def readings(self) -> list[ReadPair]:
        """Those of pairs of this course."""
        own = {photo.pk for photo in self.photos}
        return [each for each in self.read if {each.earlier.pk, each.later.pk} <= own]

    def month(self, when: PartialDate) -> str:
        """ "Month 3", "14 months before Month 0": never a day."""
        heading = label(self.course.when, when).heading
        return f"{heading} Month 0" if heading.endswith("before") else heading

    def at(self, when: PartialDate) -> str:
        """ "at Month 3", "at about Month 3", "at screening", "14 months before Month 0": inside a sentence."""
        told = self.month(when)
        if "before" in told:
            return told
        return f"at {told if told.startswith('Month') else uncapitalised(told)}"

    def session_number(self, session: ExosomeSession) -> int:
        return self.facts.numbers[session.pk]

    def sentence(self, text: str, row: Any) -> Sentence:
        """A sentence with the row that it was written from."""
        return Sentence(text, self.named(row), self._address(row))

    def named(self, row: Any) -> str:
        """ "Session 3, Month 2", "History", "Examination, Month 0"."""
        match row:
            case Patient():
                return "The patient’s details"
            case HairHistory():
                return "Hair-loss history"
            case ExosomeSession():
                return f"Session {self.session_number(row)}, {self.month(row.when)}"
            case Assessment():
                return f"{row.get_visit_display()}, {self.month(row.when)}"
            case Course():
                return "Plan of the course"
            case _:
                name = str(row._meta.verbose_name)
                return f"{name[:1].upper()}{name[1:]}, {self.month(row.when)}"

    def _address(self, row: Any) -> str:
        if isinstance(row, HairHistory):
            return reverse("patients:history", args=[self.patient.pk])
        if isinstance(row, Patient):
            return reverse("patients:details", args=[self.patient.pk])
        return str(row.get_absolute_url()) or self.patient.get_absolute_url()


def load(patient: Patient, course: Course, clinic: Clinic) -> CaseRecord:
    """`patient` brings its history."""
    facts = load_facts(patient, asked_for=course.pk)
    own = next((each for each in facts.courses if each.pk == course.pk), course)
    with_products(facts.sessions_of(own))
    read = [each for each in read_pairs(patient) if each.later.pk in {photo.pk for photo in facts.standing_photos}]
    return CaseRecord(facts, own, density.changes(facts, thresholds_of(clinic)), read)
