"""The rows of a series as files for research: who is in them, under which codes, and how other programs read them."""

import csv
import datetime
import io
import re
import unicodedata
import zipfile

import pytest
from django.core.exceptions import ValidationError
from openpyxl import load_workbook

from clinic.audit.models import AuditEvent
from tests import factories
from tests.evidence.series.cohort import MONTH_0, treated
from tests.leaks import leaks, spellings
from tests.office import converted
from tests.people import Cast
from treatments.evidence.series import actions, research_file
from treatments.evidence.series.actions import NOBODY, TOO_FEW, export_rows, would_leave
from treatments.evidence.series.cases import load
from treatments.evidence.series.columns import columns
from treatments.evidence.series.models import CaseSeries
from treatments.models import Consent, Course, ExosomeSession, Pseudonym, ResearchExport
from treatments.records.months import add_months

pytestmark = pytest.mark.django_db
HOSTILE = ['=HYPERLINK("http://x","1")', "00123", "1E5", "+65 6000", "-3", "@x", "3-4"]
NAME = "Bùi Xuân Quỳnh"


def series_of(cast: Cast, number: int = 6, **fields: object) -> CaseSeries:
    for place in range(number):
        treated(cast.clinic, after=105 + place, name=f"{NAME} {place}", **fields)  # type: ignore[arg-type]
    return factories.case_series(cast.clinic)


def workbook(made: bytes) -> list[dict[str, object]]:
    rows = list(load_workbook(io.BytesIO(made))["Data"].values)
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def table(made: bytes, name: str = "data.csv") -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        text = archive.read(name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def export(cast: Cast, series: CaseSeries, file_format: str = "xlsx") -> bytes:
    return export_rows(series, file_format=file_format, by=cast.clinician)[1]


def test_row_says_what_the_record_says(cast: Cast) -> None:
    series = series_of(cast)
    course = load(series).cases[0].course
    session = ExosomeSession.objects.filter(course=course).first()
    factories.adverse_event(course.patient, exosome_session=session, grade=2)
    rows = workbook(export(cast, series))

    (row,) = [row for row in rows if row["events"] == 1]
    told = {
        "sex": "male",
        "ethnicity": "Chinese",
        "baseline_scale": "norwood_1975",
        "baseline_stage": "III vertex",
        "sessions_given": 2,
        "total_ml": 6,
        "month_3_status": "not_seen",
        "month_3_density_after": "unknown",
        "month_6_status": "analysed",
        "month_6_density_before": 100,
        "month_6_density_change": 5,
        "month_6_same_spot": "yes",
        "month_6_stage": "III",
        "month_6_global_change": 1,
        "month_6_patient_change": "not_asked",
        "month_12_density_change": "not_due",
        "sessions_asked": 2,
        "events_at_asked": 1,
        "worst_grade": 2,
        "serious_events": 0,
    }
    assert {name: row[name] for name in told} == told


def test_missing_is_a_code_and_never_blank(cast: Cast) -> None:
    series = series_of(cast)
    ExosomeSession.objects.update(reactions="not_asked", since_last="not_asked")
    rows = workbook(export(cast, series))

    assert all(value not in (None, "") for row in rows for value in row.values())
    assert {row["events"] for row in rows} == {"not_asked"} and {row["worst_grade"] for row in rows} == {"not_asked"}


def test_every_column_is_explained(cast: Cast) -> None:
    """In both kinds of file, in the order of the columns, with the codes of what is missing."""
    series = series_of(cast)
    book = load_workbook(io.BytesIO(export(cast, series)))
    explained = [row[0] for row in book["Dictionary"].values][1:]
    names = [column.name for column in columns()]

    assert explained == [*names, "not_asked", "unknown", "not_comparable", "not_due"]
    zipped = export(cast, series, "csv")
    assert [row["Column"] for row in table(zipped, "dictionary.csv")] == explained
    assert list(table(zipped)[0]) == names and len(set(names)) == len(names)
    about = {str(row[0]): row[1] for row in book["About"].values}
    assert about["Rows in this file"] == "6" and about["Held back: fewer than 5 alike, or told by subtraction"] == "0"


def test_who_did_not_consent_is_left_out(cast: Cast) -> None:
    """And who is like too few; both are counted in the row, on the trail and in the file."""
    series = series_of(cast)
    for _ in range(2):
        treated(cast.clinic, consents=False)
    treated(cast.clinic, sex="female")
    export, made = export_rows(series, file_format="csv", by=cast.clinician)

    assert (export.rows, export.suppressed, export.without_consent, export.k) == (6, 1, 2, 5)
    assert len(table(made)) == 6 and {row["sex"] for row in table(made)} == {"male"}
    detail = AuditEvent.objects.get(action="exported_research_rows").detail
    assert detail == {"format": "csv", "rows": 6, "suppressed": 1, "without_consent": 2}
    about = table(made, "about.csv")
    assert {"Left out: no valid consent to research": "2"}.items() <= {r["Of this file"]: r[""] for r in about}.items()


@pytest.mark.parametrize(
    "ended", [{"withdrawn_on": datetime.date.today()}, {"expires_on": datetime.date.today() - datetime.timedelta(1)}]
)
def test_ended_consent_is_none(cast: Cast, ended: dict[str, object]) -> None:
    """Withdrawn or expired after the page was opened: refused in the transaction that would make the file."""
    series = series_of(cast)
    page = cast.client(cast.clinician)
    address = f"/evidence/case-series/{series.pk}/rows/"
    assert "Workbook (XLSX)" in page.get(address).content.decode()
    Consent.objects.update(**ended, withdrawn_by=cast.nurse if "withdrawn_on" in ended else None)

    answer = page.post(address, {"format": "xlsx"})

    assert answer.status_code == 422 and NOBODY in answer.content.decode()
    assert (
        not ResearchExport.objects.exists() and not AuditEvent.objects.filter(action="exported_research_rows").exists()
    )


def test_withdrawn_while_the_file_is_made(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the facts were read, before the consents are locked: the row is not in the file, and two others are held
    back with it, so that nobody learns by subtraction what became of the one."""
    series, real = series_of(cast, 8), actions.load

    def then_withdraw(of: CaseSeries) -> object:
        found = real(of)
        Consent.objects.filter(patient=found.cases[0].patient).update(
            withdrawn_on=datetime.date.today(), withdrawn_by=cast.nurse
        )
        return found

    monkeypatch.setattr(actions, "load", then_withdraw)
    made, _ = export_rows(series, file_format="csv", by=cast.clinician)
    assert (made.rows, made.without_consent, made.suppressed) == (5, 1, 2)


def test_spelling_singles_nobody_out(cast: Cast) -> None:
    """However it was typed, in one spelling: a row in capitals would be known to whoever saw the record."""
    for typed in ("Việt", "VIỆT", " việt ", unicodedata.normalize("NFD", "Việt"), "Việt"):
        treated(cast.clinic, ethnicity=typed)

    assert {row["ethnicity"] for row in table(export(cast, factories.case_series(cast.clinic), "csv"))} == {"Việt"}


def test_nobody_is_like_five(cast: Cast) -> None:
    """Refused, and nobody can pass it."""
    series = series_of(cast, 4)

    assert would_leave(series).refusal == TOO_FEW and would_leave(series).suppressed == 4
    with pytest.raises(ValidationError, match="Every row would be held back"):
        export_rows(series, file_format="csv", by=cast.manager)


def test_codes_are_by_chance(cast: Cast) -> None:
    """New ones for each file, in another order; the key names each course once."""
    series = series_of(cast)
    first, second = (export_rows(series, file_format="csv", by=cast.clinician) for _ in range(2))
    codes = [[row["case"] for row in table(made)] for _, made in (first, second)]

    assert all(re.fullmatch("P[B-DF-HJ-NP-TV-XZ]{7}", code) for each in codes for code in each)
    assert not set(codes[0]) & set(codes[1])
    for (made, _), told in zip((first, second), codes, strict=True):
        key = {each.code: each.course_id for each in made.pseudonyms.all()}
        assert key.keys() == set(told) and len(set(key.values())) == 6
    orders = [[row["month_6_density_after"] for row in table(export(cast, series, "csv"))] for _ in range(4)]
    assert len(set(map(tuple, orders))) > 1


def test_files_tell_of_nobody(cast: Cast) -> None:
    """No name, number, note, day or month of a patient or of a person of the clinic, in the bytes of either file."""
    series = series_of(cast, contact_note="Bukit Timah")
    Course.objects.update(note="The only piano tuner in Sentosa")
    ExosomeSession.objects.update(note="Sister Siew Ling came along")
    numbers = [case.patient.record_number for case in load(series).cases]
    words = [NAME, "Bukit Timah", "piano tuner", "Siew Ling", cast.clinic.name, cast.clinician.name, *numbers]
    ids = [str(case.patient.pk) for case in load(series).cases]
    days = [spelling for day in (MONTH_0, add_months(MONTH_0, 6)) for spelling in spellings(day)]

    for file_format in ("xlsx", "csv"):
        assert leaks(export(cast, series, file_format), [*words, *ids, *days]) == []


@pytest.mark.slow
def test_office_reads_texts_as_texts(cast: Cast) -> None:
    """LibreOffice runs no formula of either file and takes no text for a number or a day; numbers stay numbers."""
    cases = load(series_of(cast, len(HOSTILE))).cases
    for case, text in zip(cases, HOSTILE, strict=True):
        case.patient.ethnicity = text
    rows = [(case, f"P{place}") for place, case in enumerate(cases)]
    book, zipped = (research_file.write(rows, research_file.About(()), file_format=each) for each in ("xlsx", "csv"))
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        plain = archive.read("data.csv")

    for read, mark in ((converted(book, "xlsx", "csv"), ""), (converted(plain, "csv", "csv"), "'")):
        told = list(csv.DictReader(io.StringIO(read.decode())))
        assert [row["ethnicity"].lstrip(mark).casefold() for row in told] == [text.casefold() for text in HOSTILE]
        assert {row["age_band"] for row in told} == {"45 to 49"} and {row["total_ml"] for row in told} == {"6"}


def test_csv_is_as_spreadsheets_want_it(cast: Cast) -> None:
    """UTF-8 with its mark, lines ending in CR LF, and a negative change that is a number."""
    for _ in range(5):
        treated(cast.clinic, after=90, ethnicity="Việt")
    made = export(cast, factories.case_series(cast.clinic), "csv")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        raw = archive.read("data.csv")
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}

    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\r\n") == raw.count(b"\n") == 6
    assert {row["month_6_density_change"] for row in table(made)} == {"-10"} and "Việt" in raw.decode()


def test_manager_looks_a_code_up(cast: Cast) -> None:
    """It names the patient, and puts that on the trail of the patient; others may not."""
    made, _ = export_rows(series_of(cast), file_format="csv", by=cast.clinician)
    row = Pseudonym.objects.filter(export=made).select_related("course__patient").first()
    assert row is not None
    address = f"/evidence/case-series/exports/{made.pk}/"

    page = cast.client(cast.manager).post(address, {"code": f" {row.code.lower()} "})
    assert row.course.patient.name in page.content.decode()
    event = AuditEvent.objects.get(action="looked_up_pseudonym")
    assert event.patient_id == row.course.patient_id and event.actor == cast.manager
    wrong = cast.client(cast.manager).post(address, {"code": "PBBBBBBB"})
    assert wrong.status_code == 422 and "No row of this file has that code" in wrong.content.decode()
    for person in (cast.clinician, cast.nurse, cast.reader):
        assert cast.client(person).post(address, {"code": row.code}).status_code == 403
    assert cast.client(cast.stranger).post(address, {"code": row.code}).status_code == 404
    assert AuditEvent.objects.filter(action="looked_up_pseudonym").count() == 1
