"""The files of a case report: page, PDF and DOCX say the same, photographs leave as their consent allows, and nothing
that identifies is in their bytes."""

import io
import re
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from tests import factories
from tests.html_tree import read
from tests.leaks import leaks, spellings
from tests.papers import docx_reader, pdf_reader
from tests.papers.pdf_reader import A4_HEIGHT, facts_of, letters, sheets_of, structure_of, words_of
from tests.papers.test_course import SECRET, picture_with_a_name, put_files
from tests.people import Cast
from treatments.demonstration.builder import RecordBuilder
from treatments.evidence.reports.actions import answer_flag
from treatments.evidence.reports.report_page import ReportPage
from treatments.evidence.reports.sentences import limits
from treatments.evidence.reports.sentences.record import load
from treatments.models import CaseReport, Patient, Photo, ReportFigure, ReportRelease
from treatments.papers.docx import as_docx
from treatments.papers.pdf import as_pdf
from treatments.photos.store.originals import storage_key
from treatments.records.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
READ = {"knows_nothing": "on", "_sentinel": "1"}


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client(cast.clinician)


@pytest.fixture
def photos(patient: Patient) -> list[Photo]:
    """The vertex before and after; their files name the patient in every place that a camera has for it."""
    rows = list(patient.photos.filter(view="vertex").order_by("taken_on"))
    for row in (rows[0], rows[-1]):
        row.key = storage_key(new_id())
        row.save()
        put_files(row, picture_with_a_name())
    return [rows[0], rows[-1]]


@pytest.fixture
def finished(cast: Cast, build: RecordBuilder, report: CaseReport, patient: Patient, photos: list[Photo]) -> CaseReport:
    """Everything written, with a figure, and consent to text and photos."""
    report.limits = limits.draft(load(patient, report.course, cast.clinic))
    report.take_away = "This case shows what a record can say of one course.\n\nIt shows no more."
    report.authors = "Ada Invented; Example Clinic; 0000-0002-1825-0097\nNguyễn Thị Hoài Ân; Example Clinic"
    report.keywords = "hair loss, exosomes, case report"
    report.references = "Lee WS. Characteristics. Ann Dermatol 24:243.\nGoh CL. A study. 31:6."
    report.interests = "None."
    report.save()
    factories.report_figure(report, photos[0], later=photos[1], caption="Vertex before and after", alt="The crown.")
    build.consent(patient, patient.courses.get().baseline_on, "case_publication")
    return report


def page_of(report: CaseReport) -> ReportPage:
    fresh = CaseReport.objects.select_related("clinic", "course").get(pk=report.pk)
    patient = Patient.objects.select_related("history", "clinic").get(pk=report.patient_id)
    return ReportPage.of(fresh, patient, fresh.clinic)


def home(report: CaseReport, page: str = "") -> str:
    return f"/patients/{report.patient_id}/case-reports/{report.pk}/{page}"


def final(client: Client, report: CaseReport, file_format: str) -> Any:
    form = READ | {"file_format": file_format, "version": report.version, "read": page_of(report).digest}
    return client.post(home(report, "release/"), form)


def test_three_outputs_say_the_same(client: Client, finished: CaseReport) -> None:
    """The same headings, every text, every number, the same figures and tables: on the page, as PDF and as DOCX."""
    document = page_of(finished).document(is_draft=True, for_file=True)
    page = next(iter(read(client.get(home(finished)).content.decode()).all("article")))
    on_page = pdf_reader.squeezed(page.text)
    pdf, docx = as_pdf(document), as_docx(document)
    headings = [(level, pdf_reader.squeezed(text)) for level, text in document.headings()]
    found = [(int(each.tag[1]), pdf_reader.squeezed(each.text)) for each in page.all("h1", "h2", "h3")]
    assert found == headings
    assert [text for _, text in pdf_reader.headings_of(pdf)] == [text for _, text in headings]
    assert [text for _, text in docx_reader.headings_of(docx)] == [text for _, text in headings]
    outputs = {"page": on_page, "pdf": pdf_reader.text_of(pdf), "docx": docx_reader.text_of(docx)}
    for text in document.texts()[:-1]:
        for name, said in outputs.items():
            if text not in (document.stamp, document.letterhead.name):
                assert letters(text) in letters(said), (name, text)
    numbers = sorted(re.findall(r"\d+", " ".join(text for block in document.flat() for text in _texts(block))))
    for name, said in outputs.items():
        assert not set(numbers) - set(re.findall(r"\d+", said)), name
    assert len(document.figures()) == 1 and document.figures()[0].startswith("Figure 1. ")
    tags = structure_of(pdf)
    assert len(page.all("img")) == len(docx_reader.pictures_of(docx)) == tags.count("Figure:") == 2
    assert len(page.all("table")) == len(docx_reader.tables_of(docx)) == len(re.findall(r"^ *Table\b", tags, re.M)) == 2
    assert facts_of(pdf)["Tagged"] == "yes"


def test_nothing_stands_empty_below(finished: CaseReport) -> None:
    """Of a photo that is cut above the brow the caption stands right below it, in the PDF too."""
    ReportFigure.objects.update(kept_earlier=30, kept_later=30)
    pdf = as_pdf(page_of(finished).document(is_draft=True, for_file=True))
    lowest = min(float(low) for low in re.findall(r"/BBox \[[\d.-]+ ([\d.-]+)", structure_of(pdf))[-2:])
    captions = [top for top, word in words_of(pdf) if word == "Figure"]
    assert any(0 < top - (A4_HEIGHT - lowest) < 40 for top in captions), (lowest, captions)


def _texts(block: Any) -> list[str]:
    from treatments.papers.document import texts_of  # noqa: PLC0415

    return list(texts_of(block))


def test_draft_says_draft_on_each_sheet(finished: CaseReport) -> None:
    page = page_of(finished)
    draft, last = page.document(is_draft=True, for_file=True), page.document(is_draft=False, for_file=True)
    assert all("DRAFT" in sheet for sheet in sheets_of(as_pdf(draft)))
    assert not any("DRAFT" in sheet or "Not written yet" in sheet for sheet in sheets_of(as_pdf(last)))
    parts = docx_reader.parts_of(as_docx(draft))
    assert any(b"DRAFT" in part for name, part in parts.items() if "header" in name)


@pytest.mark.parametrize("file_format", ["pdf", "docx"])
def test_nothing_identifies_in_the_bytes(
    cast: Cast, client: Client, finished: CaseReport, photos: list[Photo], file_format: str
) -> None:
    """Streams and archives unpacked: no name, number, day, place, file name or EXIF of the patient."""
    page = page_of(finished)
    assert page.obstacles == []
    answer = final(client, finished, file_format)
    assert answer.status_code == 200
    patient, record = finished.patient, page.record
    Photo.objects.filter(pk=photos[0].pk).update(original_name="IMG_thyme_0417.jpg")
    days = {each.happened_on for each in [*record.assessments, *record.sessions, *record.measurements, *record.photos]}
    words = [patient.name, *patient.name.split(), patient.record_number, patient.phone, SECRET, "Sentosa"]
    words += ["IMG_thyme_0417", cast.clinic.name, "Exif", *(str(photo.pk) for photo in photos), str(patient.pk)]
    words += [photo.sha256 for photo in photos] + [photo.key for photo in photos]
    words += [spelling for day in days for spelling in spellings(day)]
    assert leaks(answer.content, words) == []
    draft = client.post(home(finished, f"draft/{file_format}/")).content
    assert leaks(draft, words) == []
    # The search can find: what the report does print is found in the very file.
    assert leaks(answer.content, ["Example Clinic", "Month 5"])


def test_no_answer_lets_a_name_leave(cast: Cast, client: Client, finished: CaseReport) -> None:
    """A whole name or the record number is refused, answered or not; in a list of authors it may be another's."""
    patient = finished.patient
    for field, text in (("keywords", f"hair loss, {patient.name.upper()}"), ("take_away", patient.record_number)):
        CaseReport.objects.filter(pk=finished.pk).update(keywords="hair loss, case report", take_away="")
        CaseReport.objects.filter(pk=finished.pk).update(**{field: text})
        page = page_of(finished)
        for flag in page.open_flags:
            answer_flag(page.report, flag=flag, answer="It stays, he agreed.", by=cast.clinician)
        answer = final(client, finished, "docx")
        assert answer.status_code == 409 and "tells who the patient is" in answer.content.decode()
    CaseReport.objects.filter(pk=finished.pk).update(take_away="", authors=f"{patient.name}; Example Clinic")
    assert not any("tells who" in each.sentence for each in page_of(finished).obstacles)


def test_released_digest_is_of_the_file(client: Client, finished: CaseReport) -> None:
    import hashlib  # noqa: PLC0415

    answer = final(client, finished, "docx")
    release = ReportRelease.objects.get()
    assert release.sha256 == hashlib.sha256(answer.content).hexdigest()
    assert len(release.consents) == 2, "to the text and to the photos"
    assert len(release.export.photos) == 2 and release.export.purpose == "publication"
    for consent in finished.patient.consents.filter(kind__in=["photography", "case_publication"]):
        page = client.get(f"{consent.patient.get_absolute_url()}consents/{consent.pk}/withdraw/").content.decode()
        assert "was made under this consent" in page and "2 photos, DOCX" in page, "whoever withdraws learns of it"


def test_photos_need_their_own_purpose(client: Client, finished: CaseReport) -> None:
    """Refused without publication among the purposes; the draft has the figure without its pictures."""
    finished.patient.consents.filter(kind="photography").update(purposes=["record", "teaching"])
    answer = final(client, finished, "pdf")
    assert answer.status_code == 409 and "allows publication" in answer.content.decode()
    shown = client.get(home(finished)).content.decode()
    assert "is not printed" in shown
    figure = ReportFigure.objects.get()
    assert client.get(home(finished, f"figures/{figure.pk}/picture/1/")).status_code == 404
    document = page_of(finished).document(is_draft=True, for_file=True)
    assert [picture.jpeg for picture in document.pictures()] == [b"", b""]
    assert not ReportRelease.objects.exists()


@pytest.mark.parametrize(
    ("view", "kept", "is_identifiable", "is_allowed", "leaves"),
    [
        ("vertex", 100, False, False, True),
        ("vertex", 100, True, False, False),
        ("vertex", 100, True, True, True),
        ("frontal", 100, False, False, False),
        ("frontal", 100, False, True, True),
        ("frontal", 45, False, False, True),
        ("frontal", 45, True, False, False),
        ("temporal_left", 100, False, False, False),
    ],
)
def test_faces_need_their_consent(
    finished: CaseReport,
    photos: list[Photo],
    view: str,
    kept: int,
    is_identifiable: bool,
    is_allowed: bool,
    leaves: bool,
) -> None:
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(view=view)
    ReportFigure.objects.update(kept_earlier=kept, kept_later=kept, is_identifiable=is_identifiable)
    finished.patient.consents.filter(kind="photography").update(is_identifiable=is_allowed)
    assert (page_of(finished).refused == []) == leaves


def test_photo_of_another_patient_stays(cast: Cast, finished: CaseReport, photos: list[Photo]) -> None:
    """One that was filed under the wrong person and moved since is not printed."""
    Photo.objects.filter(pk=photos[1].pk).update(patient=factories.patient(cast.clinic), course=None)
    assert "moved to another record" in page_of(finished).refused[0].why


def test_picture_is_cut_and_made_anew(client: Client, finished: CaseReport) -> None:
    ReportFigure.objects.update(kept_earlier=40)
    figure = ReportFigure.objects.get()
    answer = client.get(home(finished, f"figures/{figure.pk}/picture/1/"))
    picture = Image.open(io.BytesIO(answer.content))
    assert (answer["Content-Type"], picture.size) == ("image/jpeg", (400, 120))
    assert not picture.getexif() and leaks(answer.content, [SECRET, "Ida"]) == []
    assert client.get(home(finished, f"figures/{figure.pk}/picture/3/")).status_code == 404


def test_figure_is_chosen_and_removed(client: Client, finished: CaseReport, photos: list[Photo]) -> None:
    form = {
        "earlier": photos[0].pk, "later": "", "kept_earlier": "100", "kept_later": "100", "is_identifiable": "no",
        "caption": "Vertex at the beginning", "alt": "The crown.", "_sentinel": "1",
    }  # fmt: skip
    Photo.objects.filter(pk=photos[0].pk).update(view="frontal")
    answer = client.post(home(finished, "figures/add/"), form)
    assert answer.status_code == 422 and "This view shows the face." in answer.content.decode()
    assert client.post(home(finished, "figures/add/"), form | {"kept_earlier": "45"}).status_code == 302
    assert page_of(finished).draft.figures()[1] == "Figure 2. Vertex at the beginning."
    figure = ReportFigure.objects.order_by("id").last()
    assert figure is not None
    gone = client.post(home(finished, f"figures/{figure.pk}/remove/"), {"reason": "Not needed", "version": 1, **READ})
    assert gone.status_code == 302 and len(page_of(finished).draft.figures()) == 1


def test_hostile_text_is_text(client: Client, finished: CaseReport) -> None:
    """What looks like markup is printed as it was written, in all three."""
    hostile = 'This case <script>alert(1)</script> #read("/etc/passwd") $x$ =1+1'
    CaseReport.objects.filter(pk=finished.pk).update(take_away=hostile)
    assert "<script>alert(1)" not in client.get(home(finished)).content.decode()
    document = page_of(finished).document(is_draft=True, for_file=True)
    assert letters(hostile) in letters(pdf_reader.text_of(as_pdf(document)))
    assert letters(hostile) in letters(docx_reader.text_of(as_docx(document)))
