"""How the sheets of one file are read: which sheets, where their headings are, what their columns hold, and what was
answered where the values leave it open. Guessed first, changed by hand, kept with the file as JSON. No Django here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from treatments.assessments.measurement_kinds import QUANTITIES, VELLUS_CUTOFF_UM, Method
from treatments.assessments.scales.catalogue import SCALE_CHOICES, SCALES
from treatments.records.formatting import listed
from treatments.records.regions import INJECTABLE_CHOICES, Region
from treatments.records.text.text_folding import fold
from treatments.transfer.reading import cell_values, reaction_words, stage_words
from treatments.transfer.reading.cell_values import Reading, Unreadable, codes_of, word_key
from treatments.transfer.reading.targets import (
    ALWAYS,
    BY_HEADING,
    FURTHER_PLACES,
    MEASUREMENT,
    PATIENT,
    TARGETS,
    heading_key,
    target_of_heading,
)
from treatments.transfer.spreadsheets.tables import TITLE_ROWS, Cell, Table, filled_down, letter, plain, shown

DATES: Final = {"birth", "past"}
NUMBERS: Final = {"decimal", "amount"}
WORDS: Final = {"choice", "bool", "region", "places", "site", "stage", "asked", "reactions"}
MAX_WORDS: Final = 40
NO_HEADING: Final = "No heading"
_TELLING: Final = 400
"""Rows that are looked at to guess what a column holds; every row is looked at for what is asked."""


@dataclass
class SheetLayout:
    """Of one sheet. `headings` is 2 where the row above the headings is a part of them; `columns` are target codes by
    column number as text, because JSON has no other keys."""

    is_read: bool = True
    header_row: int = 1
    headings: int = 1
    repeat_merged: bool = True
    repeat_patient: bool = False
    without_hidden: bool = False
    columns: dict[str, str] = field(default_factory=dict)

    def column_of(self, code: str) -> int | None:
        return next((int(column) for column, target in self.columns.items() if target == code), None)


@dataclass
class Layout:
    """Of a whole file. `answers` are by the key of their question (`Question`)."""

    sheets: list[SheetLayout] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Layout:
        return cls([SheetLayout(**sheet) for sheet in kept.get("sheets", [])], dict(kept.get("answers", {})))


@dataclass(frozen=True)
class Question:
    """What the values leave open. `choices` are code and label; one that `may_wait` refuses the rows that need it."""

    key: str
    label: str
    help: str
    choices: tuple[tuple[str, str], ...]
    may_wait: bool = False
    usual: str = ""


# ── Headings and rows ──────────────────────────────────────────────────────────────────────────


def guess_sheet(table: Table) -> SheetLayout:
    """The row that has most headings which are known, and whether the row above it belongs to them."""
    rows = [(number, cells) for number, cells in table.rows[: TITLE_ROWS + 1] if number <= TITLE_ROWS * 2]
    scored = [(sum(map(_is_known, cells)), -place, number) for place, (number, cells) in enumerate(rows)]
    known, _, header = max(scored, default=(0, 0, 1))
    if known < 2:
        wordy = (number for number, cells in rows if sum(isinstance(cell, str) for cell in cells) >= 2)
        header = next(wordy, rows[0][0] if rows else 1)
    layout = SheetLayout(header_row=header)
    layout.is_read = known >= 2 and not _is_about(table)
    groups = [each for each in table.merged if each[0] == each[2] == header - 1 and each[3] > each[1]]
    layout.headings = 2 if groups and len(groups) + 1 > 1 and _is_group_row(table, header - 1, groups) else 1
    return layout


def _is_about(table: Table) -> bool:
    """The sheet of the own workbook that says what its columns mean."""
    return table.name == "About" and table.rows[0][1][:1] == ["Clinic"]


def _is_group_row(table: Table, row: int, groups: Sequence[tuple[int, int, int, int]]) -> bool:
    """Whether a row above the headings names groups of them, and is no title over the whole sheet."""
    return not any(right - left + 1 >= table.width for _, left, _, right in groups)


def _is_known(cell: Cell) -> bool:
    return isinstance(cell, str) and bool(target_of_heading(plain(cell)))


def headings(table: Table, sheet: SheetLayout) -> dict[int, str]:
    """The heading of each column; with a second heading row "Session: Date"."""
    by_number = dict(table.rows)
    lower = _texts(by_number.get(sheet.header_row, []))
    if sheet.headings == 2:
        upper = _texts(by_number.get(sheet.header_row - 1, []))
        for top, left, bottom, right in table.merged:
            if top <= sheet.header_row - 1 <= bottom and left in upper and bottom < sheet.header_row:
                for column in range(left, min(right, table.width) + 1):
                    upper[column] = upper[left]
            elif top == sheet.header_row - 1 and bottom >= sheet.header_row:
                lower.setdefault(left, upper.pop(left, ""))
        lower = {
            column: f"{upper[column]}: {lower[column]}" if column in upper and column in lower else text
            for column, text in (upper | lower).items()
        }
    return dict(sorted((column, text) for column, text in lower.items() if text))


def columns_of(table: Table, sheet: SheetLayout) -> dict[int, str]:
    """The heading of each column that has one or has anything below it; of one without a heading what to call it."""
    names = headings(table, sheet)
    without = {column: NO_HEADING for column in _filled(table, sheet) - set(names)}
    return dict(sorted((names | without).items()))


def _filled(table: Table, sheet: SheetLayout) -> set[int]:
    """The columns that have something in them below the headings."""
    filled: set[int] = set()
    for number, cells in table.rows:
        if number > sheet.header_row:
            filled.update(column for column, cell in enumerate(cells, start=1) if cell is not None)
    return filled


def _texts(cells: Sequence[Cell]) -> dict[int, str]:
    found = ((column, plain(shown(cell))) for column, cell in enumerate(cells, start=1))
    return {column: text for column, text in found if text}


def same_headings(table: Table, sheet: SheetLayout) -> list[str]:
    """A sentence for each heading that two columns share: which of them is meant cannot be known."""
    places: dict[str, list[int]] = {}
    for column, text in headings(table, sheet).items():
        places.setdefault(heading_key(text), []).append(column)
    names = headings(table, sheet)
    return [
        f"Columns {listed([letter(each) for each in columns])} of “{table.name}” are all called “{names[columns[0]]}”."
        for columns in places.values()
        if len(columns) > 1
    ]


def body(table: Table, sheet: SheetLayout) -> Iterator[tuple[int, list[Cell]]]:
    """The rows below the headings, with what was merged or left out filled in as it was chosen."""
    if sheet.repeat_merged and table.merged:
        rows = filled_down(table, after=sheet.header_row)
    else:
        rows = ((number, cells) for number, cells in table.rows if number > sheet.header_row)
    hidden = set(table.hidden_rows) if sheet.without_hidden else set()
    patient = [int(c) - 1 for c, code in sheet.columns.items() if code in TARGETS and TARGETS[code].group == PATIENT]
    number_at = (sheet.column_of("record_number") or 0) - 1
    above: list[Cell] = []
    for number, cells in rows:
        if number in hidden:
            continue
        if sheet.repeat_patient and number_at >= 0 and above and _at(cells, number_at) is None:
            cells = cells + [None] * (max(patient) + 1 - len(cells))
            for place in patient:
                cells[place] = _at(cells, place) if _at(cells, place) is not None else _at(above, place)
        above = cells
        yield number, cells


def _at(cells: Sequence[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else None


def cells_of(table: Table, sheet: SheetLayout, column: int) -> list[Cell]:
    return [cell for _, cells in body(table, sheet) if (cell := _at(cells, column - 1)) is not None]


# ── What the columns hold ──────────────────────────────────────────────────────────────────────


def guess_columns(table: Table, sheet: SheetLayout, kept: Mapping[str, str], *, today: date) -> dict[str, str]:
    """Targets by column: as it was chosen for this heading before, by the heading, else by what stands below it."""
    found: dict[str, str] = {}
    names = headings(table, sheet)
    for column, text in names.items():
        code = kept.get(heading_key(text), "") or target_of_heading(text)
        if code in TARGETS and code not in found.values():
            found[str(column)] = code
    for column in columns_of(table, sheet):
        if str(column) not in found and (code := _by_values(table, sheet, column, today)) not in {"", *found.values()}:
            found[str(column)] = code
    return dict(sorted(found.items(), key=lambda item: int(item[0])))


def _by_values(table: Table, sheet: SheetLayout, column: int, today: date) -> str:
    """The target that nearly all cells of a column can be: only where hardly anything else can."""
    cells = [
        cell
        for number, cells in table.rows[:_TELLING]
        if number > sheet.header_row and (cell := _at(cells, column - 1)) is not None
    ]  # noqa: E501
    if len(cells) < 2:
        return ""
    texts = [plain(cell) for cell in cells if isinstance(cell, str)]
    if len(texts) == len(cells):
        if all("@" in text for text in texts):
            return "email"
        sexes = codes_of(TARGETS["sex"])
        if len(set(texts)) <= 4 and all(word_key(text) in sexes for text in texts):
            return "sex"
        stages = Reading(TARGETS["stage"], today, scale="norwood_1975")
        if all(any(sign.isalpha() for sign in text) for text in texts) and _reads_all(stages, cells):
            return "stage"
    return ""


def _reads_all(reading: Reading, cells: Sequence[Cell]) -> bool:
    try:
        return all(reading.read(cell) is not None for cell in cells)
    except Unreadable:
        return False


def column_problems(sheets: Sequence[tuple[Table, SheetLayout]]) -> list[str]:
    """What is missing or told twice among the columns of the sheets that are read."""
    problems = []
    for table, sheet in sheets:
        twice = [code for code, times in Counter(sheet.columns.values()).items() if times > 1]
        for code in twice:
            problems.append(
                f"“{table.name}”: two columns are said to hold “{TARGETS[code].label}”. Choose one of them."
            )
        groups = {TARGETS[code].group for code in sheet.columns.values()}
        if sheet.columns and "record_number" not in sheet.columns.values():
            problems.append(
                f"“{table.name}”: no column holds the record number, by which each row finds its patient. Choose it; "
                "if the file has none, add a column with numbers to the sheet."
            )
        dates = {"date", "session_date", "stage_date", "measured_date"}
        if groups - ALWAYS and not dates & set(sheet.columns.values()):
            problems.append(f"“{table.name}”: no column holds the date of the visit.")
    return problems


# ── What is open ───────────────────────────────────────────────────────────────────────────────

_ORDERS: Final = (
    ("dmy", "Day, month, year: 1/2/2025 is 1 February"),
    ("mdy", "Month, day, year: 1/2/2025 is 2 January"),
    ("ymd", "Year, month, day: 25-02-01 is 1 February 2025"),
)
_SIGNS: Final = (("point", "The full stop: 1.500 is one and a half"), ("comma", "The comma: 1,500 is one and a half"))
FIRST_ALONE, SAME_REGION = "first", "same"
_TOTALS: Final = ((FIRST_ALONE, "Of the first product alone"), ("all", "Of all that was given, together"))
_SERIALS: Final = (("yes", "Yes, they are days"), ("no", "No: refuse these rows"))


def column_key(place: int, column: int | str) -> str:
    return f"{place}:{column}"


def questions(tables: Sequence[Table], layout: Layout, *, today: date) -> list[Question]:
    """What must be answered before the rows can be read; the same again with the answers that are given."""
    asked: dict[str, Question] = {}
    for place, (table, sheet) in enumerate(zip(tables, layout.sheets, strict=True)):
        if not sheet.is_read:
            continue
        names = headings(table, sheet)
        columns: dict[int, list[Cell]] = {int(column): [] for column in sheet.columns}
        for _, cells in body(table, sheet):
            for column, found in columns.items():
                if column <= len(cells) and (cell := cells[column - 1]) is not None:
                    found.append(cell)
        for column, cells in columns.items():
            code = sheet.columns[str(column)]
            where = f"“{names.get(column, letter(column))}” (column {letter(column)} of “{table.name}”)"
            for question in _of_column(
                code, where, column_key(place, column), cells, layout, sheet, today, from_1904=table.from_1904
            ):
                asked.setdefault(question.key, question)
        for question in _of_sheet(table, sheet, place, names):
            asked.setdefault(question.key, question)
    return list(asked.values())


def _of_column(
    code: str,
    where: str,
    key: str,
    cells: list[Cell],
    layout: Layout,
    sheet: SheetLayout,
    today: date,
    *,
    from_1904: bool,
) -> Iterator[Question]:
    target = TARGETS[code]
    if target.reads in DATES:
        opened = cell_values.date_orders(cells, today=today, is_birth=target.reads == "birth")[1]
        if opened is not None:
            orders = tuple((order, label) for order, label in _ORDERS if order in opened.orders)
            yield Question(f"order:{key}", f"In which order are the dates of {where}?", opened.example, orders)
        if (opened := cell_values.serial_numbers(cells, from_1904=from_1904)) is not None:
            label = f"{where} holds numbers. Are they days as a spreadsheet counts them?"
            yield Question(f"serials:{key}", label, opened.example, _SERIALS)
    if target.reads in NUMBERS and (opened := cell_values.decimal_signs(cells)[1]) is not None:
        yield Question(f"sign:{key}", f"What is the decimal sign of {where}?", opened.example, _SIGNS)
    has_scale = "scale" in sheet.columns.values() or bool(stage_words.scale_of_heading(where))
    if code == "stage" and not has_scale and (words := _without_scale(cells, today)):
        label = f"Which scale are the stages of {where}?"
        yield Question(f"scale:{key}", label, _examples(words), tuple(SCALE_CHOICES), usual="norwood_1975")
    if target.reads in WORDS:
        yield from _of_words(code, where, key, cells, layout, today)
    if code == "sex" and _has_two_ms(cells, where):
        label = f"What does “M” in {where} mean?"
        yield Question(f"sexes:{key}", label, "H and M: hombre and mujer", _M_MEANS)
    if target.reads == "reactions" and (
        example := _reaction_seen(Reading(target, today, words=_words(code, layout)), cells)
    ):
        label = f"How were the reactions of {where} when the patient left?"
        yield Question(f"left:{key}", label, example[:60], reaction_words.LEFT, usual=reaction_words.SETTLED)


_M_MEANS: Final = (("female", "Female"), ("male", "Male"))


def _has_two_ms(cells: list[Cell], where: str) -> bool:
    """Whether "M" may be a woman (mujer, mulher): it stands beside H, or alone under a heading of these languages."""
    words = {word_key(cell) for cell in cells if isinstance(cell, str)}
    return "m" in words and (bool(words & {"h", "hombre", "homem"}) or ("sexo" in fold(where) and "f" not in words))


def _words(code: str, layout: Layout) -> dict[str, str]:
    """What the words of a target were said to mean."""
    prefix = f"word:{TARGETS[code].word_code}:"
    return {key.removeprefix(prefix): answer for key, answer in layout.answers.items() if key.startswith(prefix)}


def _reaction_seen(reading: Reading, cells: list[Cell]) -> str:
    """A cell that names a reaction, as far as its words are known; "" for none."""
    for cell in cells:
        try:
            if reading.read(cell).seen:
                return plain(shown(cell))
        except Unreadable:
            continue
    return ""


def _of_words(code: str, where: str, key: str, cells: list[Cell], layout: Layout, today: date) -> Iterator[Question]:
    """What a word of the file means that is not known here."""
    target = TARGETS[code]
    scale = layout.answers.get(f"scale:{key}") or stage_words.scale_of_heading(where) or "norwood_1975"
    reading = Reading(target, today, scale=scale)
    seen: dict[str, str] = {}
    for cell in cells:
        if len(seen) >= MAX_WORDS or (isinstance(cell, list) and cell[0] in "ef"):
            continue
        for text in reading.unknown_words(cell):
            seen.setdefault(word_key(text), text)
    for word, text in seen.items():
        label = f"What does “{text[:60]}” in {where} mean?"
        yield Question(f"word:{target.word_code}:{word}", label, "", word_choices(code), may_wait=True)


def word_choices(code: str) -> tuple[tuple[str, str], ...]:
    target = TARGETS[code]
    if target.reads == "bool":
        return (("yes", "Yes"), ("no", "No"))
    if target.reads in {"region", "places"}:
        return tuple(INJECTABLE_CHOICES)
    if target.reads == "reactions":
        return reaction_words.CHOICES
    if target.reads == "site":
        return tuple((region.value, str(region.label)) for region in Region)
    if target.reads == "stage":
        return tuple(
            (f"{scale.code}/{stage.code}", f"{scale.short_name}: {stage.label}")
            for scale in SCALES.values()
            for stage in scale.stages  # noqa: E501
        )
    return target.choices


def _without_scale(cells: list[Cell], today: date) -> list[str]:
    """Stages of which the words do not say the scale."""
    reading = Reading(TARGETS["stage"], today)
    texts = dict.fromkeys(plain(shown(cell)) for cell in cells if not (isinstance(cell, list) and cell[0] in "ef"))
    found = []
    for text in list(texts)[:200]:
        try:
            if isinstance(reading.read(text), str):
                found.append(text)
        except Unreadable:  # an error of the spreadsheet, written as text: its row is refused
            continue
    return found


def _examples(words: Sequence[str]) -> str:
    return ", ".join(word[:30] for word in words[:4])


def _of_sheet(table: Table, sheet: SheetLayout, place: int, names: Mapping[int, str]) -> Iterator[Question]:
    """What no column says: the region of a total, where and how something was measured."""
    codes = set(sheet.columns.values())
    has_regions = "region" in codes or any(code.startswith("volume_") for code in codes)
    if "total_ml" in codes and not has_regions:
        label = f"In which region was the volume of “{table.name}” given?"
        yield Question(f"region:{place}", label, "", tuple(INJECTABLE_CHOICES), usual=Region.VERTEX.value)
    further = [number for number in FURTHER_PLACES if f"ml_{number}" in codes]
    if "total_ml" in codes and further:
        label = f"Of what is “{names.get(sheet.column_of('total_ml') or 0, 'Total')}” of “{table.name}” the volume?"
        yield Question(f"total:{place}", label, "", _TOTALS)
    for number in further:
        if f"where_{number}" not in codes:
            label = (
                f"In which region was “{names.get(sheet.column_of(f'ml_{number}') or 0, '')}” of “{table.name}” given?"
            )
            yield Question(
                f"region:{place}:{number}", label, "", ((SAME_REGION, "Where the first was given"), *INJECTABLE_CHOICES)
            )
    for column, code in sheet.columns.items():
        target = TARGETS[code]
        if target.group != MEASUREMENT or not target.kind:
            continue
        named = f"“{names.get(int(column), letter(int(column)))}”"
        key = column_key(place, column)
        if "site" not in codes:
            sites = tuple((region.value, str(region.label)) for region in Region)
            yield Question(f"site:{key}", f"Where was {named} measured?", "", sites, usual=Region.VERTEX.value)
        if "method" not in codes:
            methods = tuple((str(value), str(label)) for value, label in Method.choices)
            yield Question(f"method:{key}", f"How was {named} measured?", "", methods)
        if QUANTITIES[target.kind].split and "vellus_cutoff_um" not in codes:
            cutoffs = ((str(VELLUS_CUTOFF_UM), f"{VELLUS_CUTOFF_UM} µm"), ("40", "40 µm"))
            yield Question(
                f"cutoff:{key}", f"Below which diameter did a hair count as vellus for {named}?", "", cutoffs
            )


def unanswered(asked: Sequence[Question], answers: Mapping[str, str]) -> list[Question]:
    """The questions that must be answered and are not, or not with one of their choices."""
    return [q for q in asked if not q.may_wait and answers.get(q.key) not in {code for code, _ in q.choices}]


def readings(tables: Sequence[Table], layout: Layout, place: int, *, today: date) -> dict[int, Reading]:
    """How each column of a sheet is read, by its number."""
    table, sheet, answers = tables[place], layout.sheets[place], layout.answers
    names = headings(table, sheet)
    found: dict[int, Reading] = {}
    for column_text, code in sheet.columns.items():
        column, target, key = int(column_text), TARGETS[code], column_key(place, column_text)
        scale = answers.get(f"scale:{key}", "") or stage_words.scale_of_heading(names.get(column, ""))
        reading = Reading(target, today, words=_words(code, layout), scale=scale if code == "stage" else "")
        if code == "sex" and (meaning := answers.get(f"sexes:{key}")):
            reading = Reading(target, today, words={**_words(code, layout), "m": meaning})
        if target.reads in DATES | NUMBERS:
            cells = cells_of(table, sheet, column)
            shown_order = cell_values.date_orders(cells, today=today, is_birth=target.reads == "birth")[0]
            reading.order = answers.get(f"order:{key}") or shown_order or cell_values.DAY_FIRST
            reading.sign = answers.get(f"sign:{key}") or cell_values.decimal_signs(cells)[0] or cell_values.POINT
            reading.from_1904 = table.from_1904
            reading.serials = answers.get(f"serials:{key}") == "yes"
        found[column] = reading
    return found


def notes_on_file(tables: Sequence[Table], layout: Layout) -> list[str]:
    """What a person should know before the rows are read: hidden rows and columns by name, numbers that lost zeros."""
    notes = []
    for table, sheet in zip(tables, layout.sheets, strict=True):
        if not sheet.is_read:
            continue
        if table.is_hidden:
            notes.append(f"“{table.name}” is hidden in the file. It is read like the others.")
        hidden = [number for number in table.hidden_rows if number > sheet.header_row]
        if hidden:
            left = "They are left out" if sheet.without_hidden else "They are read like the others"
            notes.append(f"“{table.name}” hides {_named('row', list(map(str, hidden)))}. {left}.")
        if table.hidden_columns:
            columns = [letter(column) for column in table.hidden_columns]
            notes.append(f"“{table.name}” hides {_named('column', columns)}. What they hold is read like the others.")
        left_out = sorted(column for column in _filled(table, sheet) if str(column) not in sheet.columns)
        if sheet.columns and left_out:
            names = headings(table, sheet)
            columns = [f"{letter(column)} ({names.get(column, NO_HEADING)})" for column in left_out]
            notes.append(f"Of “{table.name}” {_named('column', columns)} {_is_or_are(columns)} not imported.")
        number_at = sheet.column_of("record_number")
        if number_at is not None:
            kinds = {type(cell) for cell in cells_of(table, sheet, number_at)}
            if kinds == {str, list}:
                notes.append(
                    f"Some record numbers of “{table.name}” are text and some are numbers: the numbers may have lost "
                    "zeros at their beginning (00123 → 123). Compare them."
                )
    return notes


def _is_or_are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _named(what: str, names: list[str]) -> str:
    rest = len(names) - 12
    shown_names = listed(names[:12]) if rest <= 0 else f"{', '.join(names[:12])} and {rest} more"
    return f"{what}{'s' if len(names) > 1 else ''} {shown_names}"


__all__ = ["BY_HEADING", "Layout", "Question", "SheetLayout"]
