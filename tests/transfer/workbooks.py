"""Workbooks as clinics keep them, made by openpyxl for tests."""

import datetime
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(rows: Iterable[Sequence[Any]], *, title: str = "Patients") -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same package with one more part."""
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return file.getvalue()


FIRST = datetime.date(2024, 1, 8)


def visits(patients: int, sessions: int) -> list[list[Any]]:
    """A row for each of `sessions` of each patient, a month apart, with the columns of the patient in each row."""
    rows: list[list[Any]] = [
        [
            "Record number",
            "Name",
            "Sex",
            "Date of birth",
            "Date of the visit",
            "Vertex, mL",
            "Route",
            "Norwood",
            "Density",
        ]
    ]
    for each in range(patients):
        for month in range(sessions):
            day = FIRST + datetime.timedelta(days=each % 20 + 30 * month)
            rows.append(
                [
                    f"B-{each:05d}",
                    f"Person{each} Invented{each}",
                    "M" if each % 2 else "F",
                    datetime.date(1950 + each % 40, each % 12 + 1, each % 28 + 1),
                    day,
                    3,
                    "intradermal",
                    "III" if not month else None,
                    120 + each % 50 if not month else None,
                ]
            )
    return rows
