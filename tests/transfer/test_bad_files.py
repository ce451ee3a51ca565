"""Files that are refused: each with a sentence, and nothing of them is kept."""

import datetime
import io
import struct
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests import factories
from tests.people import Cast
from tests.photos.pictures import jpeg
from tests.transfer.steps import go_on, import_all, send, to_preview
from tests.transfer.workbooks import saved, with_part, workbook
from treatments.models import ImportFile
from treatments.transfer.pending import read_tables
from treatments.transfer.spreadsheets import tables, workbooks
from treatments.transfer.spreadsheets.tables import FileRefused

ROWS = [["Record number", "Name"], ["1", "Ann Invented"]]


def package(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return file.getvalue()


def bomb() -> bytes:
    return with_part(workbook(ROWS), "xl/worksheets/sheet2.xml", b"0" * (workbooks.MAX_UNPACKED + 1))


def squeezed() -> bytes:
    """Under the limit unpacked, and a thousandfold of what was sent."""
    return with_part(workbook(ROWS), "xl/media/picture.bin", b"0" * (20 * 1024 * 1024))


def entities() -> bytes:
    data = workbook(ROWS)
    sheet = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData/></worksheet>'
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return file.getvalue()


def wide() -> bytes:
    return workbook([[f"column {each}" for each in range(tables.MAX_COLUMNS + 1)]])


BAD: dict[str, tuple[bytes, str]] = {
    "bomb": (bomb(), "unpacks to far more"),
    "squeezed": (squeezed(), "unpacks to far more"),
    "macros": (with_part(workbook(ROWS), "xl/vbaProject.bin", b"x"), "holds macros"),
    "word": (package(word__document_dot_xml=b"<w/>"), "a Word document"),
    "archive": (package(holiday_dot_txt=b"x"), "not a workbook"),
    "photo": (jpeg(1), "This is a photo"),
    "old_excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old Excel file"),
    "pdf": (b"%PDF-1.7 ...", "This is a PDF"),
    "binary": (struct.pack("<40I", *range(40)), "neither a spreadsheet"),
    "empty": (b"  \n", "empty"),
    "damaged": (workbook(ROWS)[:900], "damaged"),
    "entities": (entities(), "damaged"),
    "wide": (wide(), "at most 200 columns"),
    "nothing": (saved(Workbook()), "has anything in it"),
    "quotes": (b'Record number,Name\n1,"Ann Invented\n2,Bo Invented\n', "quotation marks of this file do not match"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_file_is_a_sentence(kind: str) -> None:
    data, sentence = BAD[kind]

    with pytest.raises(FileRefused, match=sentence):
        read_tables(data, name="patients.xlsx")


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_ROWS", 50)
    with pytest.raises(FileRefused, match="at most"):
        read_tables(workbook([[each, "x"] for each in range(100)]), name="x")


@pytest.mark.django_db
def test_a_first_heading_pk_is_text(cast: Cast) -> None:
    """What a workbook begins with, and a list from a database may."""
    page: Any = send(cast.client(cast.manager), b"PK,Record number,Name\n1,1,Ann Invented\n", "list.csv")
    assert "/sheets/" in page.request["PATH_INFO"]


@pytest.mark.django_db
def test_nothing_of_it_is_kept(cast: Cast) -> None:
    client: Client = cast.client(cast.manager)

    page: Any = send(client, BAD["macros"][0], "list.xlsm")

    assert page.status_code == 422
    assert "holds macros" in page.content.decode() and "Nothing was kept" in page.content.decode()
    assert ImportFile.objects.count() == 0


# ── Cells that say less, or more, than they seem to ────────────────────────────────────────────

DAY = datetime.date(2025, 3, 3)


def refused(client: Client, data: bytes, name: str = "list.xlsx", **answers: str) -> dict[int, str]:
    """Why, by the number of the row."""
    judgement = to_preview(client, data, name=name, answers=answers).context["judgement"]
    return {number: " ".join(why) for (_, number), why in judgement.refused.items()}


@pytest.mark.django_db
def test_merged_visit_is_no_two_visits(cast: Cast) -> None:
    """One date over two rows, each with its product: neither row is taken for the visit."""
    head = ["Record number", "Name", "Date", "Lot", "mL", "Region"]
    rows = [head, ["1", "Ann Invented", DAY, "A-1", 3, "Vertex"], [None, None, None, "A-2", 2, "Vertex"]]
    book = load_workbook(io.BytesIO(workbook(rows)))
    for column in "ABC":
        book.active.merge_cells(f"{column}2:{column}3")

    why = refused(cast.client(cast.manager), saved(book))

    assert set(why) == {2, 3} and "“Product 2”" in why[3]


@pytest.mark.django_db
def test_two_lots_in_a_cell_are_refused(cast: Cast) -> None:
    """Where one of them is the clinic's: it could not be recalled from a note."""
    factories.lot(factories.product(cast.clinic), number="EX-1")
    head = ["Record number", "Name", "Date", "Vertex, mL", "Lot"]
    rows = [head, *([str(each), f"P{each} Invented", DAY, 3, lot] for each, lot in enumerate(
        ("EX-1, OLD-2", "OLD-1 / EX-1", "EX-1 (2 mL) EX-1", "OLD/1", "EX-1"), start=1
    ))]  # fmt: skip

    why = refused(cast.client(cast.manager), workbook(rows))

    assert set(why) == {2, 3, 4} and "more than the number of one lot" in why[2]


@pytest.mark.django_db
def test_excel_of_a_german_clinic(cast: Cast) -> None:
    """Semicolons, Windows-1252, comma decimals, days with full stops, and errors as words."""
    text = (
        "Patientennummer;Nachname;Geschlecht;Datum;Vertex, mL;Charge;Charge 2;Menge 2;Region 2;Reaktion\r\n"
        "007;Müller;w;13.02.2025;3,5;A-1;B-2;1,5 ml;Vertex;leichte Rötung\r\n"
        "008;Groß;m;3.2.2025;2,0;#NV;;;;keine\r\n"
        "009;Weiß;d;4.2.25;2,0;A-1;;;;mäßiger Schmerz und leichte Schwellung\r\n"
    )

    preview = to_preview(
        cast.client(cast.manager), text.encode("cp1252"), name="liste.csv",
        answers={"encoding": "cp1252", "left": "settled"},
    )  # fmt: skip

    judgement = preview.context["judgement"]
    sessions = {each.draft.number: each for each in judgement.planned if each.kind == "session"}
    assert {place[1]: why for place, why in judgement.refused.items()} == {
        3: ["Charge (F): The cell shows the error #NV. Mend it in the file."]
    }
    first, other = sessions["007"], sessions["009"]
    assert first.draft.extra["volumes"] == {"vertex": Decimal("3.50")}
    assert (first.draft.extra["when"].text, first.further[0].total_ml) == ("2025-02-13", Decimal("1.50"))
    assert [(each.kind, each.grade) for each in other.events] == [
        ("injection_site_pain", 2), ("injection_site_oedema", 1),
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("is_formatted", [True, False])
def test_days_counted_from_1904(cast: Cast, is_formatted: bool) -> None:
    """The days of old Excel for the Mac: where they are shown as days, and where they lost their format."""
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet: Any = book.active
    sheet.append(["Record number", "Name", "Date", "Vertex, mL"])
    since = datetime.datetime(1904, 1, 1)
    sheet.append(["1", "Ann Invented", DAY if is_formatted else (datetime.datetime(2025, 3, 3) - since).days, 3])

    preview = to_preview(cast.client(cast.manager), saved(book), answers={"serials": "yes"})

    [session] = (each for each in preview.context["judgement"].planned if each.kind == "session")
    assert session.draft.extra["when"].text == "2025-03-03"


@pytest.mark.django_db
def test_formulas_and_units_of_a_volume(cast: Cast) -> None:
    """A formula is what Excel last showed; one that was never calculated, and another unit, is no volume."""
    head = ["Record number", "Name", "Date", "Vertex, mL"]
    cells = ["=1+2", "3 ml", "3 cc.", "3 mg", "3 Ampullen", "2-3 mL", "ca. 3", "3,0", "=A1"]
    rows = [head, *([str(each), f"P{each} Invented", DAY, cell] for each, cell in enumerate(cells, start=1))]

    why = refused(cast.client(cast.manager), workbook(rows), sign="comma")

    assert set(why) == {2, 5, 6, 7, 8, 10}
    assert "never calculated" in why[2] and "not a number" in why[5]


@pytest.mark.django_db
@pytest.mark.parametrize(("meant", "code"), [("female", "female"), ("male", "male")])
def test_m_beside_h_is_asked(cast: Cast, meant: str, code: str) -> None:
    """Hombre and mujer: M is a woman there. What was answered for this file is not kept for one with M and F."""
    client = cast.client(cast.manager)
    rows = [["Record number", "Name", "Sex"], ["1", "Ana Invented", "M"], ["2", "Juan Invented", "H"]]
    with pytest.raises(AssertionError, match="Choose one"):
        to_preview(client, workbook(rows))

    planned = to_preview(client, workbook(rows), answers={"sexes": meant}).context["judgement"].planned

    assert [each.values["sex"] for each in planned] == [code, "male"]
    plain = to_preview(client, workbook([rows[0], ["1", "Ana Invented", "F"], ["2", "Juan Invented", "M"]]))
    assert [each.values["sex"] for each in plain.context["judgement"].planned] == ["female", "male"]


@pytest.mark.django_db
def test_per_cent_of_what_is_no_per_cent(cast: Cast) -> None:
    """A column of values of every kind, of which one is shown as per cent and is hairs."""
    head = ["Record number", "Name", "Date", "What was measured", "Value", "Measured where", "Measured how"]
    where = ["Vertex", "Phototrichogram"]
    rows = [head, ["1", "Ann Invented", DAY, "Hair density", "25 %", *where]]

    why = refused(cast.client(cast.manager), workbook(rows))

    assert "is measured in hairs/cm²" in why[2]


@pytest.mark.django_db
def test_zeros_of_a_format_are_kept(cast: Cast) -> None:
    """What the spreadsheet shows of a number is the record number, also in the sheet of refused rows; 3 mL are 3."""
    client = cast.client(cast.manager)
    shown = [(123, "00000"), (124, '"HC-"0000'), (7, "000\\-00"), (123456, "00000"), (125, "0"), (126, "#,##0")]
    book = load_workbook(io.BytesIO(workbook([["Record number", "Name", "Date", "Vertex, mL"]])))
    for row, (number, code) in enumerate(shown, start=2):
        book.active.append([number, f"P{row} Invented", DAY, 3])
        book.active.cell(row, 1).number_format = code
        book.active.cell(row, 4).number_format = '0" mL"'
    book.active["D3"] = 300

    preview = to_preview(client, saved(book))

    sessions = {each.draft.number: each for each in preview.context["judgement"].planned if each.kind == "session"}
    assert set(sessions) == {"00123", "000-07", "123456", "125", "126"}
    assert {*sessions["00123"].draft.extra["volumes"].values()} == {Decimal(3)}
    sheet: Any = load_workbook(
        io.BytesIO(client.get(preview.request["PATH_INFO"].replace("preview", "refused")).content)
    )
    sheet.active["D2"] = 3
    again = to_preview(client, saved(sheet)).context["judgement"]
    assert [each.draft.number for each in again.planned] == ["HC-0124", "HC-0124"]


@pytest.mark.django_db
def test_a_parted_value_refuses_its_row(cast: Cast) -> None:
    """A comma in a name without quotation marks: the values behind it stand in the wrong columns."""
    text = (
        "Record number,Name,Telephone,Ethnicity,Contact\n1,Ann Invented,1,2\n2,Tan, Bo,555 0100,Malay,\n"
        '3,"Tan, Cho",5,6,\n4,Dee Invented\n5,Eve Invented\n'
    )

    why = refused(cast.client(cast.manager), text.encode(), "list.csv")

    assert [*why] == [3] and "has 6 cells, more than the others" in why[3]


@pytest.mark.django_db
def test_a_column_without_a_heading_is_shown(cast: Cast) -> None:
    """Of all the columns it may be the record number; what it holds is said by hand."""
    client = cast.client(cast.manager)
    rows = [[None, "Name", "Sex"], ["17", "Ann Invented", "f", "remark of nobody"]]
    page = go_on(client, send(client, workbook(rows)))
    assert [*page.context["form"].fields] == ["c-0-1", "c-0-2", "c-0-3", "c-0-4"]
    assert "No heading (D)" in page.content.decode() and "remark of nobody" in page.content.decode()

    preview = go_on(client, page, **{"c-0-1": "record_number"})

    [planned] = preview.context["judgement"].planned
    assert planned.values["record_number"] == "17"
    assert preview.context["notes"] == ["Of “Patients” column D (No heading) is not imported."]
    import_all(client, preview)
    again = go_on(client, send(client, workbook([[None, "Name", "Sex"], ["18", "Bo Invented", "m"]])))
    assert again.context["form"]["c-0-1"].value() == ""  # what has no heading cannot be known again


@pytest.mark.django_db
def test_a_hidden_sheet_is_named(cast: Cast) -> None:
    book = load_workbook(io.BytesIO(workbook(ROWS)))
    old: Any = book.create_sheet("Old")
    for row in (ROWS[0], ["2", "Bo Invented"]):
        old.append(row)
    old.sheet_state = "hidden"

    preview = to_preview(cast.client(cast.manager), saved(book))

    assert preview.context["notes"] == ["“Old” is hidden in the file. It is read like the others."]
    assert preview.context["judgement"].counts["new"] == 2


def test_a_merged_range_without_end() -> None:
    """Over all that a sheet can have: only the rows that are there are filled."""
    table = tables.Table(
        "x", [(1, ["No", "Name"]), (2, ["7", "Ann"]), (9, [None, "Bo"])], merged=[(2, 1, 2**20, 2**14)]
    )
    assert [*tables.filled_down(table, after=1)] == [(2, ["7", "Ann"]), (9, ["7", "Bo"])]


@pytest.mark.django_db
def test_whole_scalp_is_no_place_of_a_dose(cast: Cast) -> None:
    """As many a list says it: the row is refused, unless a person says which region it was."""
    client = cast.client(cast.manager)
    data = workbook([["Record number", "Name", "Date", "mL", "Region"], ["1", "Ann Invented", DAY, 3, "Whole scalp"]])

    assert "Write which regions got it" in refused(client, data)[2]
    [_, session] = to_preview(client, data, answers={"word:region": "vertex"}).context["judgement"].planned

    assert session.draft.extra["volumes"] == {"vertex": Decimal(3)}


@pytest.mark.django_db
def test_error_beside_stages_refuses_its_row(cast: Cast) -> None:
    """Written as text, in a column of which the scale is asked."""
    data = b"Record number,Name,Date,Stage\n1,Ann Invented,2025-03-03,III\n2,Bo Invented,2025-03-03,#N/A\n"

    why = refused(cast.client(cast.manager), data, "list.csv", scale="norwood_1975")

    assert "shows the error #N/A" in why[3] and len(why) == 1
