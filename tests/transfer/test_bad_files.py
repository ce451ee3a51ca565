"""Files that are refused: each with a sentence, and nothing of them is kept."""

import io
import struct
import zipfile
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook

from tests.people import Cast
from tests.photos.pictures import jpeg
from tests.transfer.steps import send
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
def test_nothing_of_it_is_kept(cast: Cast) -> None:
    client: Client = cast.client(cast.manager)

    page: Any = send(client, BAD["macros"][0], "list.xlsm")

    assert page.status_code == 422
    assert "holds macros" in page.content.decode() and "Nothing was kept" in page.content.decode()
    assert ImportFile.objects.count() == 0
