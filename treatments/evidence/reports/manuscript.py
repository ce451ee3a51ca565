"""The manuscript: what an author wrote and what the record says, under the headings of CARE, in one structure from
which the page, the PDF and the DOCX are made. No day, lot, place or name of the patient is put into it."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from treatments.assessments.measurement_kinds import method_words
from treatments.consents.models import Consent
from treatments.evidence.reports.authors import authors
from treatments.evidence.reports.checklist.case import is_answered
from treatments.evidence.reports.checklist.of_report import keywords_of, lines_of
from treatments.evidence.reports.sentences import course as told_course
from treatments.evidence.reports.sentences import patient as told_patient
from treatments.evidence.reports.sentences.record import CaseRecord
from treatments.evidence.reports.sentences.words import begun, says
from treatments.handouts.case_report import CaseReport
from treatments.papers.document import (
    Block,
    Document,
    Figure,
    Heading,
    Items,
    KeyValues,
    Letterhead,
    Paragraph,
    Sentence,
    Sentences,
    Table,
)
from treatments.records.formatting import listed, ml
from treatments.safety.models import AdverseEvent

DRAFT = "DRAFT"
NOT_WRITTEN = "Not written yet: "
_UNTITLED = "Not recorded."


def manuscript(
    report: CaseReport, record: CaseRecord, *, figures: Sequence[Figure], consent: Consent | None, is_draft: bool
) -> Document:
    """A draft says that it is one on every sheet, and names what is not written yet; a final one leaves that out."""
    writer = _Writer(report, record, tuple(figures), consent, is_draft)
    blocks = tuple(writer.blocks())
    return Document(
        title=report.title,
        letterhead=Letterhead("Case report"),
        about=(),
        blocks=blocks,
        made=f"Draft, version {report.version}. Not for publication." if is_draft else f"Version {report.version}",
        look="manuscript",
        stamp=DRAFT if is_draft else "",
    )


class _Writer:
    def __init__(
        self,
        report: CaseReport,
        record: CaseRecord,
        figures: tuple[Figure, ...],
        consent: Consent | None,
        is_draft: bool,
    ) -> None:
        self.report, self.record, self.figures = report, record, figures
        self.consent, self.is_draft = consent, is_draft

    def blocks(self) -> Iterator[Block]:
        yield from self._authors()
        if words := keywords_of(self.report):
            yield KeyValues((("Key words", ", ".join(words)),))
        yield from self._part("Abstract", self._abstract())
        yield from self._part("Introduction", self._own("introduction"))
        yield from self._part("Patient information", self._patient())
        yield from self._part("Clinical findings", self._rows(told_patient.findings(self.record)))
        yield from self._part("Timeline", self._timeline())
        yield from self._part("Diagnostic assessment", self._diagnostic())
        yield from self._part("Therapeutic intervention", self._treatment())
        yield from self._part("Follow-up and outcomes", self._outcomes())
        yield from self._part("Discussion", self._discussion())
        yield from self._part("The patient’s perspective", self._rows(told_course.perspective(self.record)))
        yield from self._part("Informed consent", self._consent())
        yield from self._part("Declarations", self._declarations())
        if references := lines_of(self.report.references):
            yield Heading("References")
            yield Items(references, is_numbered=True)

    def _part(self, title: str, blocks: Iterator[Block]) -> Iterator[Block]:
        inside = list(blocks)
        if not inside and self.is_draft:
            inside = [Paragraph(_UNTITLED, "quiet")]
        if inside:
            yield Heading(title)
            yield from inside

    def _below(self, title: str, blocks: Iterator[Block]) -> Iterator[Block]:
        inside = list(blocks)
        if inside:
            yield Heading(title, 3)
            yield from inside

    def _own(self, name: str) -> Iterator[Block]:
        """What an author wrote, paragraph by paragraph; a dash or a filler is not written yet."""
        text = str(getattr(self.report, name)).strip()
        if says(text) or is_answered(text):
            yield from (Paragraph(each) for each in _paragraphs(text))
        elif self.is_draft:
            field: Any = CaseReport._meta.get_field(name)
            yield Paragraph(f"{NOT_WRITTEN}{field.verbose_name}", "quiet")

    def _rows(self, *groups: Sequence[Sentence]) -> Iterator[Block]:
        sentences = tuple(sentence for group in groups for sentence in group)
        if sentences:
            yield Sentences(sentences)

    def _authors(self) -> Iterator[Block]:
        try:
            people = authors(self.report.authors)
        except ValueError:
            people = []
        if people:
            yield Paragraph(listed([each.name for each in people]))
            known = [each for each in people if each.affiliation or each.orcid]
            told = [
                f"{each.name}: {', '.join(filter(None, [each.affiliation, each.orcid and f'ORCID {each.orcid}']))}"
                for each in known
            ]
            if told:
                yield Paragraph("\n".join(told), "quiet")
        elif self.is_draft:
            yield Paragraph(f"{NOT_WRITTEN}authors", "quiet")

    def _abstract(self) -> Iterator[Block]:
        record = self.record
        yield from self._below("What is new", self._own("what_is_new"))
        found = [*told_patient.who(record), *told_patient.concern(record)[:1], *told_patient.stage(record)]
        yield from self._below("Main symptoms and findings", self._rows(found))
        course = [*told_patient.diagnosis(record)[:1], *told_course.given(record)[:1], *told_course.how(record)[:1]]
        became = told_course.changes(record)[:2]
        yield from self._below("Diagnosis, treatment and outcome", self._rows(course, became))
        yield from self._below("Main lesson", self._own("main_lesson"))

    def _patient(self) -> Iterator[Block]:
        record = self.record
        yield from self._rows(told_patient.who(record), told_patient.concern(record))
        yield from self._rows(
            told_patient.medical(record), told_patient.family(record), told_patient.psychosocial(record)
        )
        yield from self._rows(told_patient.earlier(record))

    def _timeline(self) -> Iterator[Block]:
        rows = sorted(self._entries(), key=lambda row: row[:2])
        if rows:
            yield Paragraph("Month 0 is the beginning of the course; Months are counted from it.")
            table = tuple(dict.fromkeys((month, what, begun(detail)) for _, _, month, what, detail in rows))
            yield Table(
                "What happened in each Month", ("Month", "Entry", "What was found or done"), table, (), (1.2, 1.4, 4)
            )

    def _entries(self) -> Iterator[tuple[datetime.date, int, str, str, str]]:
        """Of each row by what it is ordered, its day and its place on it; then its Month, what it is, what it says."""
        record = self.record
        for visit in record.assessments:
            said = [visit.stage_text and f"stage {visit.stage_text}", says(visit.change_seen)]
            detail = ". ".join(begun(each) for each in said if each) or "examined"
            yield visit.when.earliest, 0, record.month(visit.when), str(visit.get_visit_display()), detail
        for each in record.measurements:
            detail = f"{each.get_kind_display()} at the {each.place}, {each.shown} ({method_words(each.method)})"
            yield each.when.earliest, 1, record.month(each.when), "Measurement", detail
        for report in told_patient.laboratory_reports(record):
            yield report.when.earliest, 2, record.month(report.when), "Laboratory", "values taken"
        for photo in record.photos:
            yield photo.when.earliest, 3, record.month(photo.when), "Photographs", "taken"
        for session in record.sessions:
            detail = f"session {record.session_number(session)}, {ml(session.total_ml)}"
            yield session.when.earliest, 4, record.month(session.when), "Session", detail
        for event in record.events:
            known = f"{event.get_kind_display()}, grade {event.grade}"
            yield (
                self._day_of(event),
                5,
                record.month(event.onset) if event.onset else "Not known when",
                "Adverse event",
                known,
            )
        for sentence, when in told_patient.turns(record):
            yield when.earliest, 6, record.month(when), "Other treatment", sentence

    def _day_of(self, event: AdverseEvent) -> datetime.date:
        """By which an event is ordered: one whose month alone is known stands behind the session that it followed, not
        before the examination at the beginning."""
        if event.onset is None:
            return datetime.date.max
        sessions = self.record.sessions
        tied = [each for each in sessions if each.pk == event.exosome_session_id] or sessions[:1]
        after = min(tied[0].when.earliest, event.onset.latest) if tied else event.onset.earliest
        return max(event.onset.earliest, after)

    def _diagnostic(self) -> Iterator[Block]:
        record = self.record
        yield from self._rows(told_patient.methods(record), told_patient.laboratory(record))
        yield from self._rows(
            told_patient.diagnosis(record), told_patient.stage(record), told_patient.differentials(record)
        )
        yield from self._below("Diagnostic challenges", self._own("challenges"))
        yield from self._below("Diagnostic reasoning", self._own("reasoning"))

    def _treatment(self) -> Iterator[Block]:
        record = self.record
        yield from self._rows(told_course.given(record), told_course.product(record), told_course.how(record))
        if table := told_course.sessions_table(record):
            yield table
        yield from self._rows(told_patient.later_therapies(record))
        yield from self._rows(told_course.planned_next(record))
        changes = [*self._rows(told_course.deviations(record)), *self._own("changes_why")]
        yield from self._below("Changes of the plan", iter(changes))

    def _outcomes(self) -> Iterator[Block]:
        record = self.record
        outcome = [
            *told_course.changes(record),
            *told_course.beside(record),
            *_beyond(told_course.changes(record), told_course.by_clinician(record)),
        ]
        yield from self._rows(outcome, told_course.by_patient(record))
        yield from self.figures
        yield from self._below("Tests at follow-up", self._rows(told_course.repeated_tests(record)))
        tolerated = (told_course.adherence(record), told_course.tolerability(record))
        yield from self._below("Adherence and tolerability", self._rows(*tolerated))
        yield from self._below("Adverse events", self._rows(told_course.harms(record)))

    def _discussion(self) -> Iterator[Block]:
        yield from self._below("Strengths and limits", self._own("limits"))
        yield from self._below("The literature", self._own("literature"))
        yield from self._below("Rationale", self._own("rationale"))
        yield from self._below("Conclusion", self._own("take_away"))

    def _consent(self) -> Iterator[Block]:
        if self.consent is None:
            return
        words = "The patient gave written consent to the publication of this case."
        told = [self._consented(words)]
        if self.consent.has_read_manuscript:
            told.append(self._consented("The patient has read the manuscript."))
        yield Sentences(tuple(told))

    def _consented(self, words: str) -> Sentence:
        return Sentence(
            words, "Consent to the publication of the case", self.consent.get_absolute_url() if self.consent else ""
        )

    def _declarations(self) -> Iterator[Block]:
        named = (("ethics", "Ethics"), ("funding", "Funding"), ("interests", "Competing interests"))
        rows = tuple((title, text) for name, title in named if (text := str(getattr(self.report, name)).strip()))
        if rows:
            yield KeyValues(rows)


def _beyond(told: Sequence[Sentence], more: Sequence[Sentence]) -> list[Sentence]:
    known = {sentence.text for sentence in told}
    return [sentence for sentence in more if sentence.text not in known]


def _paragraphs(text: str) -> list[str]:
    return [each.strip() for each in text.replace("\r\n", "\n").split("\n\n") if each.strip()]
