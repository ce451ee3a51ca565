"""What the page of a report shows, and what a final file of it rests on: the manuscript, the two meters, what might
identify, and what stands against a release."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind
from treatments.evidence.deidentification.flags import Flag, Known, unanswered
from treatments.evidence.reports.checklist.care import ITEMS, MET, NOT_MET, PARTLY, Marked, Need, score, score_words
from treatments.evidence.reports.checklist.consistency import Check
from treatments.evidence.reports.checklist.of_report import checks_of, consent_in_force, marks_of
from treatments.evidence.reports.figures import Refusal, figures_of, refusals
from treatments.evidence.reports.manuscript import manuscript
from treatments.evidence.reports.models import FlagAnswer, ReportFigure
from treatments.evidence.reports.scan import flags_of, known_of, named, without
from treatments.evidence.reports.sentences import course as told_course
from treatments.evidence.reports.sentences import limits
from treatments.evidence.reports.sentences import patient as told_patient
from treatments.evidence.reports.sentences.record import CaseRecord, load
from treatments.handouts.case_report import CaseReport
from treatments.papers.document import Document, Sentence
from treatments.papers.photo_pair import PictureMissing
from treatments.patients.models import Patient
from treatments.records.formatting import count, listed

_PAGES = {
    "history": "patients:history",
    "details": "patients:details",
    "therapies": "patients:history",
    "examination": "examination:record",
    "baseline": "examination:record",
    "session": "sessions:past",
    "photos": "photos:sheet",
}
_PAGE_NAMES = {
    "history": "Hair-loss history",
    "details": "Details",
    "therapies": "Hair-loss history",
    "examination": "Assess",
    "baseline": "Assess",
    "session": "Sessions",
    "photos": "Photos",
    "consent": "Record a consent",
    "text": "Write",
}


@dataclass(frozen=True)
class Question:
    """What is missing for a line of the checklist, with the page that answers it."""

    item: str
    words: str
    address: str
    page: str


@dataclass(frozen=True)
class Line:
    """A line of the checklist as the page shows it."""

    marked: Marked
    questions: list[Question]


@dataclass(frozen=True)
class Answered:
    """A flag with the answer that was given."""

    flag: Flag
    answer: FlagAnswer


@dataclass(frozen=True)
class Obstacle:
    """What stands against a final file, and the page on which something can be done about it."""

    sentence: str
    address: str
    page: str


class ReportPage:
    """Of one report today. `consents` are all of the patient."""

    def __init__(self, report: CaseReport, record: CaseRecord, clinic: Clinic) -> None:
        self.report, self.record, self.clinic = report, record, clinic
        self.today = timezone.localdate()

    @classmethod
    def of(cls, report: CaseReport, patient: Patient, clinic: Clinic) -> "ReportPage":
        return cls(report, load(patient, report.course, clinic), clinic)

    @cached_property
    def consent(self) -> Consent | None:
        return consent_in_force(self.record.facts.consents, self.today)

    @cached_property
    def photo_consents(self) -> list[Consent]:
        return [
            each
            for each in self.record.facts.consents
            if each.kind == ConsentKind.PHOTOGRAPHY and each.is_in_force(self.today)
        ]

    @cached_property
    def figures(self) -> list[ReportFigure]:
        rows = ReportFigure.objects.standing().filter(report=self.report)
        return list(rows.select_related("earlier", "later", "created_by").order_by("id"))

    @cached_property
    def refused(self) -> list[Refusal]:
        return refusals(self.figures, self.record, self.photo_consents)

    def document(self, *, is_draft: bool, for_file: bool = False) -> Document:
        """Without what was left out of it. Raises PictureMissing."""
        return without(self._whole(is_draft=is_draft, for_file=for_file), self._known, self._left_out)

    def _whole(self, *, is_draft: bool, for_file: bool = False) -> Document:
        address = reverse("evidence:case-report", args=[self.report.patient_id, self.report.pk])
        figures = figures_of(
            self.figures,
            self.record,
            refused=self.refused,
            for_file=for_file,
            address="" if for_file else f"{address}figures/{{figure}}/picture/{{number}}/",
        )
        return manuscript(self.report, self.record, figures=figures, consent=self.consent, is_draft=is_draft)

    @cached_property
    def draft(self) -> Document:
        return self.document(is_draft=True)

    @cached_property
    def marks(self) -> list[Marked]:
        return marks_of(self.report, self.record, self.today)

    @property
    def score(self) -> str:
        return score_words(score(self.marks))

    @property
    def most(self) -> int:
        return len(ITEMS)

    @property
    def tally(self) -> str:
        """ "16 met, 9 partly, 5 not"."""
        of = {mark: sum(each.mark == mark for each in self.marks) for mark in (MET, PARTLY, NOT_MET)}
        return f"{of[MET]} met, {of[PARTLY]} partly, {of[NOT_MET]} not"

    @cached_property
    def lines(self) -> list[Line]:
        return [Line(each, [self._question(each.item.number, need) for need in each.missing]) for each in self.marks]

    @property
    def questions(self) -> list[Question]:
        """Those of lines that are not met, the first of each."""
        return [line.questions[0] for line in self.lines if line.questions]

    def _question(self, item: str, need: Need) -> Question:
        patient = self.report.patient_id
        if need.where == "text":
            address = f"{reverse('evidence:case-report-write', args=[patient, self.report.pk])}#id_{need.box}"
        elif need.where == "consent":
            address = _consent_address(patient)
        elif entry := self._entry(need):
            return Question(item, need.question, *entry)
        else:
            address = reverse(_PAGES[need.where], args=[patient])
        return Question(item, need.question, address, _PAGE_NAMES[need.where])

    def _entry(self, need: Need) -> tuple[str, str] | None:
        """The page of the entry in which the answer belongs, and its name: what was entered is not entered again."""
        record, patient = self.record, self.report.patient_id
        if need.where == "baseline" and record.before:
            visit = record.before[0]
            return reverse("examination:correct", args=[patient, visit.pk]), record.named(visit)
        if need.where != "session":
            return None
        if session := next((each for each in record.sessions if told_course.lacks(each, need.about)), None):
            name = f"Session {record.session_number(session)}"
            return reverse("sessions:correct", args=[patient, session.pk]), name
        weak = [each for each in told_course.products(record) if not told_course.strength(each)]
        if need.about == "strength" and weak:
            return reverse("recall:product", args=[weak[0].pk]), str(weak[0])
        return None

    @cached_property
    def checks(self) -> list[Check]:
        return checks_of(self.report, self.record)

    @property
    def checks_passed(self) -> int:
        return sum(each.is_passed for each in self.checks)

    @cached_property
    def flags(self) -> list[Flag]:
        """Of the whole text, so that an answer stands whatever else of its sentence is left out."""
        return flags_of(self._whole(is_draft=True), self._known)

    @cached_property
    def _known(self) -> Known:
        return known_of(self.record, self.clinic)

    @property
    def _left_out(self) -> frozenset[str]:
        return frozenset(key for key, answer in self._answers.items() if answer.is_left_out)

    @cached_property
    def _answers(self) -> dict[str, FlagAnswer]:
        rows = FlagAnswer.objects.filter(report=self.report).select_related("created_by")
        return {answer.key: answer for answer in rows}

    @property
    def open_flags(self) -> list[Flag]:
        return unanswered(self.flags, self._answers)

    @property
    def answered_flags(self) -> list[Answered]:
        return [Answered(flag, self._answers[flag.key]) for flag in self.flags if flag.key in self._answers]

    @property
    def sources(self) -> list[Sentence]:
        return self.draft.sentences()

    @property
    def limits_draft(self) -> str:
        return limits.draft(self.record)

    def against_release(self, consent: Consent | None, photo_consents: Sequence[Consent]) -> list[Obstacle]:
        """What stands against a final file; none means that it may be made."""
        patient, home = self.report.patient_id, self.report.get_absolute_url()
        written = reverse("evidence:case-report-write", args=[patient, self.report.pk])
        told = []
        if consent is None:
            words = "No consent to the publication of the case is valid today. Record a signed one first."
            told.append(Obstacle(words, _consent_address(patient), "Record a consent"))
        for each in refusals(self.figures, self.record, photo_consents):
            number = self.figures.index(each.figure) + 1
            words = f"Figure {number}, {each.figure.caption.rstrip('.')}: {each.why}"
            told.append(Obstacle(words, f"{home}#figures", "Figures"))
        for word in named(self.draft, self.record):
            words = f"“{word}” stands in it, which tells who the patient is. Change the text."
            told.append(Obstacle(words, written, "Write"))
        if flags := self.open_flags:
            are = "is" if len(flags) == 1 else "are"
            words = f"{count(len(flags), 'passage')} that might identify {are} not answered."
            told.append(Obstacle(words, f"{home}#identify", "Answer"))
        return told

    @property
    def obstacles(self) -> list[Obstacle]:
        return self.against_release(self.consent, self.photo_consents)

    @cached_property
    def digest(self) -> str:
        """Of every text of the final file, of its figures, and of whether the patient is archived: a person who read
        this has read what is made, and nothing else."""
        document = self.document(is_draft=False)
        told = [
            *document.texts(),
            *(each.alt for each in document.pictures()),
            *(str(each.pk) for each in self.figures),
        ]
        told.append(self.record.patient.state_text)
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _consent_address(patient: uuid.UUID) -> str:
    return f"{reverse('consents:add', args=[patient])}?kind={ConsentKind.CASE_PUBLICATION.value}"


def photos_to_choose(record: CaseRecord) -> list[tuple[Any, str]]:
    """The photos of the course, each with how a list names it: "Vertex, Month 5 (16 Jun 2025)"."""
    return [
        (photo, f"{photo.get_view_display()}, {record.month(photo.when)} ({photo.taken.label()})")
        for photo in record.photos
    ]


def first_title(record: CaseRecord) -> str:
    """ "Exosomes for male pattern hair loss: a case report": for the author to change."""
    diagnosed = told_patient.diagnosis_visit(record)
    condition = (
        str(diagnosed.get_diagnosis_display()).lower() if diagnosed and diagnosed.diagnosis != "other" else "hair loss"
    )
    products = [str(each) for each in told_course.products(record)]
    what = listed(products[:2]) if products else "Exosomes"
    return f"{what} for {condition}: a case report"


__all__ = ["PictureMissing", "ReportPage", "first_title", "photos_to_choose"]
