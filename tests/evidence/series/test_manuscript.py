"""A case series as a paper: what it says, what it leaves out, and that all of its files say the same."""

import datetime
import hashlib
import re

import pytest

from clinic.audit.models import AuditEvent
from tests import factories
from tests.evidence.series.cohort import MONTH_0, treated
from tests.leaks import leaks, spellings
from tests.papers import docx_reader, pdf_reader
from tests.papers.pdf_tags import faults_in_tags
from tests.people import Cast
from treatments.evidence.series.actions import export_paper
from treatments.evidence.series.cases import load
from treatments.evidence.series.models import CaseSeries
from treatments.evidence.series.paper.manuscript import REQUIRED, manuscript, missing
from treatments.models import Consent, Course, ExosomeSession, SeriesRelease
from treatments.papers.document import Document, Table
from treatments.records.months import add_months

pytestmark = pytest.mark.django_db
NAME, PLACE = "Bùi Xuân Quỳnh", "Bukit Timah"


def written(cast: Cast, **fields: object) -> CaseSeries:
    texts = {name: f"What is told of {name}." for name in REQUIRED}
    return factories.case_series(cast.clinic, **{**texts, **fields})


def paper(cast: Cast, **fields: object) -> Document:
    return manuscript(load(written(cast, **fields)))


def said(document: Document) -> str:
    return " ".join(document.texts())


def table(document: Document, caption: str) -> Table:
    (found,) = [block for block in document.blocks if isinstance(block, Table) and block.caption.startswith(caption)]
    return found


def six(cast: Cast, **more: object) -> list[Course]:
    return [treated(cast.clinic, after=105 + number, **more) for number in range(6)]  # type: ignore[arg-type]


def test_definitions_stand_before_results(cast: Cast) -> None:
    six(cast)
    headings = [text for level, text in paper(cast).headings() if level < 4]

    assert headings.index("Outcomes") < headings.index("Results") < headings.index("Hair density")
    assert headings[0] == "Exosomes for pattern hair loss: a case series"
    assert paper(cast, title="Plain").title == "Plain: a case series"


def test_mean_has_its_interval_and_its_n(cast: Cast) -> None:
    """Of 105, 106 … 110 from 100: a geometric mean; who is missing is said before it."""
    six(cast)
    treated(cast.clinic, after=None)
    text = said(paper(cast))

    assert "Density changed by +7.5 % on average (95 % interval +5.5 % to +9.5 %, n = 6)" in text
    assert text.index("7 patients who were due at Month 6, 6 could be analysed. 1 could not") < text.index("on average")


def test_few_are_listed_and_not_averaged(cast: Cast) -> None:
    for after in (90, 112, 130, 101):
        treated(cast.clinic, after=after)
    text = said(paper(cast))

    assert "there is no mean: the changes were −10.0 %, +1.0 %, +12.0 % and +30.0 %" in text
    assert "on average" not in text and "p-value" in text


def test_consecutive_is_worked_out(cast: Cast) -> None:
    six(cast)

    assert "The cases are consecutive: every course" in said(paper(cast))
    chosen = said(paper(cast, chosen="sex=male&others=without"))
    assert "they were chosen by sex and the absence of another treatment" in chosen


def test_late_entries_are_a_share(cast: Cast) -> None:
    """Half of the sessions entered today, months after they were given."""
    course = six(cast)[0]
    assert "prospective in its records: of 12 sessions, 12 (100 %)" in said(paper(cast))

    ExosomeSession.objects.filter(course=course).update(created_at=datetime.datetime.now(datetime.UTC))

    text = said(paper(cast))
    assert "in part retrospective: of 12 sessions, 10 (83 %) were entered less than 2 days after the session, 2" in text
    assert "2 of 12 sessions were entered 2 days after them or later." in text


def test_harms_have_what_was_asked(cast: Cast) -> None:
    """By grade, in how many patients, over the sessions at which somebody asked."""
    courses = six(cast)
    for course, grade in ((courses[0], 1), (courses[0], 3), (courses[1], 1)):
        session = ExosomeSession.objects.filter(course=course).first()
        factories.adverse_event(course.patient, exosome_session=session, kind="pruritus", grade=grade)
    silent = ExosomeSession.objects.filter(course=courses[5])
    silent.update(reactions="not_asked", since_last="not_asked")
    document = paper(cast)

    assert "asked for adverse events at 10 of 12 sessions. That is 30.0 events per 100 sessions asked" in said(document)
    assert table(document, "Events by CTCAE grade").rows == (("Itching", "2", "0", "1", "2"),)
    events = [row[-1] for row in table(document, "Cases").rows]
    assert sorted(events) == sorted(
        ["itching (grade 1), itching (grade 3)", "itching (grade 1)", *["none (asked)"] * 3, "not asked"]
    )


def test_nothing_asked_is_no_zero(cast: Cast) -> None:
    six(cast)
    ExosomeSession.objects.update(reactions="not_asked", since_last="not_asked")
    text = said(paper(cast))

    assert "Their rate is not known." in text and "0.0 events" not in text and "none (asked)" not in text


def test_stages_move_in_a_table(cast: Cast) -> None:
    six(cast)
    for _ in range(5):
        treated(cast.clinic, stage_after="III-vertex")

    assert table(paper(cast), "Stage at baseline and at Month 6").rows == (
        ("Norwood III vertex", "Norwood III", "6"),
        ("Norwood III vertex", "Norwood III vertex", "5"),
    )


def test_lone_cases_are_held_back(cast: Cast) -> None:
    """Of eight with consent, the two who are not like five others are counted and not listed."""
    six(cast)
    treated(cast.clinic, birth="1950")
    treated(cast.clinic, ethnicity="Malay")
    treated(cast.clinic, consents=False)
    document = paper(cast)

    assert "Of 9 cases, 6 are listed one by one. 1 had no valid consent to research; 2 were held back" in said(document)
    rows = table(document, "Cases").rows
    assert len(rows) == 6 and "75 to 79" not in str(rows) and "Malay" not in said(document)


def test_lone_case_is_no_subtraction(cast: Cast) -> None:
    """All but one in the table, and a mean of all: what became of the one would follow. Two of a larger group stay
    out too, the same in every series; sex and age of the one follow from no other number."""
    for number in range(8):
        treated(cast.clinic, after=105 + number)
    treated(cast.clinic, sex="female", birth="1950")
    document = paper(cast)

    assert len(table(document, "Cases").rows) == 6 and "n = 9" in said(document)
    assert {row[2] for row in table(document, "9 patients at baseline").rows if row[0] != "Stage at baseline"} == {
        "not told"
    }
    again = sorted(row[1:] for row in table(paper(cast), "Cases").rows)
    assert again == sorted(row[1:] for row in table(document, "Cases").rows), "or two series would give them away"


def test_lone_analysed_is_no_subtraction(cast: Cast) -> None:
    """Four are in no row, and one of them alone has a change: the mean of all less those in the rows is theirs. Two
    others who have one stay out too, in a paper of another Month as well."""
    for number in range(8):
        treated(cast.clinic, after=105 + number)
    for after in (150, None, None, None):
        treated(cast.clinic, after=after, consents=False)
    document = paper(cast)

    assert "n = 9" in said(document)
    assert "Of 12 cases, 6 are listed one by one. 4 had no valid consent to research; 2 were held back" in said(
        document
    )
    listed = sorted(row[1:3] for row in table(document, "Cases").rows)
    assert len(listed) == 6
    assert sorted(row[1:3] for row in table(paper(cast, month=3), "Cases").rows) == listed


def test_order_of_cases_is_by_chance(cast: Cast) -> None:
    """The same each time for one series, another for another, and not that of the record."""
    for number in range(12):
        treated(cast.clinic, after=101 + number)
    first, second = written(cast), written(cast)

    def order(series: CaseSeries) -> list[str]:
        return [row[3] for row in table(manuscript(load(series)), "Cases").rows]

    assert order(first) == order(first) != order(second)
    assert order(first) != sorted(order(first)) and sorted(order(first)) == sorted(order(second))


def test_draft_until_all_is_written(cast: Cast) -> None:
    six(cast)
    assert paper(cast).stamp == "" and missing(written(cast)) == []

    assert paper(cast, ethics=" \n").stamp == "DRAFT" and missing(written(cast, ethics="")) == ["ethics"]
    assert "[To be written by the authors.]" in said(paper(cast, ethics=""))
    assert manuscript(load(factories.case_series(cast.clinic))).stamp == "DRAFT"


def test_nothing_fits_is_said(cast: Cast) -> None:
    document = paper(cast)

    assert "No course fits the choice of this series." in said(document) and document.stamp == "DRAFT"
    assert "No session was given." in said(document)


def test_page_and_files_say_the_same(cast: Cast) -> None:
    """The same headings, and the same figures in the same order, in all three."""
    six(cast)
    series = written(cast)
    document = manuscript(load(series))
    pdf, docx = (export_paper(series, file_format=each, by=cast.clinician) for each in ("pdf", "docx"))

    assert pdf_reader.headings_of(pdf) == docx_reader.headings_of(docx) == document.headings()
    page = cast.client(cast.reader).get(series.get_absolute_url()).content.decode()
    article = page[page.index("<article") :]
    figures = re.compile(r"[+−]?\d+\.\d+ %|\d+ to \d+ hairs")
    flat = " ".join(re.sub(r"<[^>]+>", " ", article).split())
    assert figures.findall(flat) == figures.findall(docx_reader.text_of(docx)) == figures.findall(said(document))
    assert sorted(figures.findall(pdf_reader.text_of(pdf))) == sorted(figures.findall(said(document)))
    assert faults_in_tags(pdf) == []


def test_files_tell_of_nobody(cast: Cast) -> None:
    """No name, number, day, month or place of a patient, in the bytes of either file."""
    courses = [
        treated(cast.clinic, name=f"{NAME} {number}", record_number=f"HC-04170{number}", contact_note=PLACE)
        for number in range(6)
    ]
    words = [NAME, PLACE, cast.clinic.name, cast.clinician.name, *(course.patient.record_number for course in courses)]
    days = [MONTH_0, add_months(MONTH_0, 6), *ExosomeSession.objects.values_list("performed_on", flat=True)]
    series = written(cast)

    for file_format in ("pdf", "docx"):
        made = export_paper(series, file_format=file_format, by=cast.clinician)
        assert leaks(made, [*words, *(spelling for day in days for spelling in spellings(day))]) == []


def test_export_is_on_the_trail(cast: Cast) -> None:
    six(cast)
    export_paper(written(cast, ethics=""), file_format="docx", by=cast.clinician)

    event = AuditEvent.objects.get(action="exported_case_series")
    assert {"format": "docx", "cases": 6, "draft": True}.items() <= event.detail.items()
    assert event.actor == cast.clinician


@pytest.mark.parametrize("text", ["As {name} told us.", "See record {number}, page 2.", "{name}"])
def test_named_patient_is_refused(cast: Cast, text: str) -> None:
    """A text of the authors that holds a name or number of a patient of the series: no file is made."""
    treated(cast.clinic, name=NAME, record_number="HC-0417")
    series = written(cast, limits=text.format(name=NAME.upper(), number="hc-0417"))

    answer = cast.client(cast.clinician).post(f"/evidence/case-series/{series.pk}/paper/pdf/")

    assert answer.status_code == 422 and "The text names a patient" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="exported_case_series").exists()


def answer(cast: Cast, series: CaseSeries, text: str) -> None:
    """To every passage that waits for an answer, as the page sends it."""
    client = cast.client(cast.clinician)
    while key := re.search(r'name="key" value="(\w+)"', client.get(series.get_absolute_url()).content.decode()):
        told = client.post(f"{series.get_absolute_url()}answer/", {"key": key[1], "answer": text, "_sentinel": "1"})
        assert told.status_code == 302


def test_words_that_identify_are_answered(cast: Cast) -> None:
    """On the page, with where they stand. The text is not changed; no final file leaves before each is answered, drafts
    may; changed words are asked about again."""
    treated(cast.clinic, name=NAME, phone="+65 6123 4567")
    series = written(cast, limits="One man of 3 May 2025 called 6123 4567.", authors=cast.clinician.name)
    client = cast.client(cast.clinician)

    page = client.get(series.get_absolute_url()).content.decode()
    shown = page[page.index("Your words may tell") : page.index("<article")]
    assert "“3 May 2025”</b> may be a day" in shown and "strengths and limits" in shown and "6123 4567" in shown
    assert "authors" not in shown and "2 to answer before a final file" in shown
    refused = client.post(f"{series.get_absolute_url()}paper/pdf/")
    assert refused.status_code == 422 and "2 passages that might tell who somebody is" in refused.content.decode()
    assert AuditEvent.objects.filter(action="refused_case_series").count() == 1
    assert export_paper(written(cast, limits=series.limits, ethics=""), file_format="docx", by=cast.clinician)
    short = client.post(f"{series.get_absolute_url()}answer/", {"key": "0", "answer": "", "_sentinel": "1"})
    assert short.status_code == 422

    answer(cast, series, "It is of the maker, not of a patient")
    made = client.post(f"{series.get_absolute_url()}paper/pdf/")
    assert made.status_code == 200
    assert "2 passages answered" in client.get(series.get_absolute_url()).content.decode()
    series.limits = "One man of 4 May 2025 called."
    series.save()
    assert client.post(f"{series.get_absolute_url()}paper/pdf/").status_code == 422


def test_file_is_on_record(cast: Cast) -> None:
    """With its digest, its version and whether it was a draft; the page lists it."""
    six(cast)
    series = written(cast)
    client = cast.client(cast.clinician)
    made = client.post(f"{series.get_absolute_url()}paper/docx/").content

    release = SeriesRelease.objects.get()
    assert release.sha256 == hashlib.sha256(made).hexdigest()
    assert (release.file_format, release.series_version, release.is_draft, release.cases) == ("docx", 1, False, 6)
    assert release.sha256 in client.get(series.get_absolute_url()).content.decode()


def test_consent_is_that_of_the_moment(cast: Cast) -> None:
    """Withdrawn between page and file: no case is listed, and the figures stay."""
    six(cast)
    series = written(cast)
    Consent.objects.update(withdrawn_on=datetime.date.today(), withdrawn_by=cast.nurse)

    text = docx_reader.text_of(export_paper(series, file_format="docx", by=cast.clinician))
    assert "Of 6 cases, 0 are listed one by one. 6 had no valid consent to research" in text
    assert "100 to 105 hairs" not in text and "n = 6" in text
