"""The list of a clinic as it really looks: 200 patients and 900 sessions on one sheet, in every spelling at once."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Font

from tests.transfer.workbooks import saved

PATIENTS: Final = 200
SESSIONS: Final = 900
REFUSED: Final = 1
_FIRST: Final = datetime.date(2023, 1, 5)
_STAGES: Final = (("3v", "III-vertex"), ("III v", "III-vertex"), ("IV", "IV"), ("NW 2", "II"), ("Type Va", "Va"))
_VOLUMES: Final = (("3,0", "3.00"), ("2,5 mL", "2.50"), (3.5, "3.50"), ("4 cc", "4.00"), (4, "4.00"))
GROUPS: Final = {"Patient": 5, "Session": 4, "Examination": 2}
HEADINGS: Final = (
    "No.", "Name", "M/F", "Born", "Mobile", "Date", "mL", "Where", "Batch", "Norwood", "Improvement",
)  # fmt: skip


@dataclass
class Expected:
    """What must stand in the record afterwards, by record number."""

    names: dict[str, str] = field(default_factory=dict)
    births: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)
    improved: dict[str, Decimal] = field(default_factory=dict)
    sessions: dict[tuple[str, datetime.date], Decimal] = field(default_factory=dict)


def hostile_workbook() -> tuple[bytes, Expected]:
    """A title, two heading rows, merged cells, hidden rows, and no two columns of one mind."""
    book, told = Workbook(), Expected()
    sheet: Any = book.active
    sheet.title = "List 2023"
    sheet.append(["Patients of the clinic, all years"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(HEADINGS))
    _write_groups(sheet)
    sheet.append(list(HEADINGS))
    for each in range(PATIENTS):
        _write_patient(sheet, each, 4 + each % 2, told)
    row = sheet.max_row + 1  # a session whose volume was never calculated
    sheet.append(["00001", None, None, None, None, datetime.date(2024, 6, 3), f"=G{row - 1}*2", "crown"])
    sheet.row_dimensions[7].hidden = True
    book.create_sheet("Notes")["A1"] = "Ask Mei about the old files"
    return saved(book), told


def _write_groups(sheet: Any) -> None:
    sheet.append([])
    column = 1
    for name, width in GROUPS.items():
        sheet.cell(2, column, name).font = Font(bold=True)
        sheet.merge_cells(start_row=2, start_column=column, end_row=2, end_column=column + width - 1)
        column += width


def _write_patient(sheet: Any, each: int, sessions: int, told: Expected) -> None:
    number = f"{each + 1:05d}"
    name, written = f"Person{_letters(each)} Invented", f"Person{_letters(each)}\u00a0Invented  "
    birth, shown = _birth(each)
    phone = f"+65 5550 {each:04d}"
    stage_text, stage = _STAGES[each % len(_STAGES)]
    told.names[number], told.births[number], told.phones[number] = name, birth, phone
    told.stages[number] = stage
    first = sheet.max_row + 1
    for month in range(sessions):
        day = _FIRST + datetime.timedelta(days=each % 24 + 30 * month)
        volume, ml = _VOLUMES[(each + month) % len(_VOLUMES)]
        told.sessions[number, day] = Decimal(ml)
        date = day if each % 3 else f"{day.day}/{day.month}/{day.year}"
        sheet.append([None] * 5 + [date, volume, "crown" if month else "Vertex", f"B{each % 7}-0{month}"])
    for column, value in enumerate((number, written, "M" if each % 2 else "female", shown, phone), start=1):
        sheet.cell(first, column, value)
        sheet.merge_cells(start_row=first, start_column=column, end_row=first + sessions - 1, end_column=column)
    sheet.cell(first, 10, stage_text)
    gain = sheet.cell(first + sessions - 1, 11, (5 + each % 20) / 100)
    gain.number_format = "0%"
    told.improved[number] = Decimal(5 + each % 20)


def _letters(each: int) -> str:
    """Names differ by more than a letter: nobody is taken for another."""
    syllables = ("ba", "do", "fi", "gu", "ke", "lo", "mi", "nu", "pa", "re")
    return "".join(syllables[int(figure)] for figure in f"{each:03d}")


def _birth(each: int) -> tuple[str, Any]:
    """As it is recorded, and as it stands in the sheet: a day of Excel, a text, a month, a year."""
    day = datetime.date(1950 + each % 40, each % 12 + 1, each % 28 + 1)
    match each % 4:
        case 0:
            return day.isoformat(), day
        case 1:
            return day.isoformat(), f"{day.day:02d}.{day.month:02d}.{day.year}"
        case 2:
            return f"{day:%Y-%m}", f"{day:%b %Y}"
    return f"{day:%Y}", day.year
