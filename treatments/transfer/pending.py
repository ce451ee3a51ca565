"""A file on its way into the record: what was read of it, how it is read, and what importing it would do."""

import io
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.courses.models import Protocol
from treatments.imports.models import ImportFile, ImportHabits
from treatments.transfer import encryption
from treatments.transfer.forms import PROTOCOL
from treatments.transfer.judging.judgement import judge
from treatments.transfer.judging.planned import Judgement
from treatments.transfer.reading import drafts, layout
from treatments.transfer.reading.layout import Layout, Question, SheetLayout, heading_key, headings
from treatments.transfer.reading.targets import SESSION, TARGETS
from treatments.transfer.spreadsheets import csv_files, workbooks
from treatments.transfer.spreadsheets.kinds import is_workbook
from treatments.transfer.spreadsheets.tables import Table, letter


def read_tables(data: bytes, *, name: str) -> list[Table]:
    """The sheets of a file; none of a CSV whose encoding a person must say. Raises FileRefused."""
    if is_workbook(data):
        return workbooks.read(io.BytesIO(data))
    encoding = csv_files.encoding_of(data)
    return [csv_files.read(data, encoding, name=name)] if encoding else []


@dataclass
class PendingFile:
    file: ImportFile

    @property
    def clinic(self) -> Clinic:
        return self.file.clinic

    @cached_property
    def layout(self) -> Layout:
        """As it was chosen so far; guessed where nothing was chosen yet."""
        kept = Layout.from_json(self.file.layout)
        if not kept.sheets:
            kept.sheets = [layout.guess_sheet(table) for table in self.tables]
            if kept.sheets and not any(sheet.is_read for sheet in kept.sheets):
                kept.sheets[0].is_read = True
            kept.answers = {**self.habits.words, **kept.answers}
        return kept

    @cached_property
    def tables(self) -> list[Table]:
        """Raises FileRefused."""
        return encryption.opened_tables(self.file.tables)

    @property
    def needs_encoding(self) -> bool:
        return not self.file.tables

    @cached_property
    def readings(self) -> list[tuple[str, str, str]]:
        return csv_files.readings(encryption.opened(self.file.content))

    def read_in(self, encoding: str) -> Table:
        """The file in the encoding that was chosen. Raises FileRefused."""
        return csv_files.read(encryption.opened(self.file.content), encoding, name=self.file.name)

    def guess_columns(self, sheet: SheetLayout, table: Table) -> dict[str, str]:
        return layout.guess_columns(table, sheet, self.habits.headings, today=timezone.localdate())

    @cached_property
    def habits(self) -> ImportHabits:
        return ImportHabits.of(self.clinic)

    @property
    def has_columns(self) -> bool:
        return any(sheet.is_read and sheet.columns for sheet in self.layout.sheets)

    @property
    def has_sessions(self) -> bool:
        columns = (code for sheet in self.layout.sheets if sheet.is_read for code in sheet.columns.values())
        return any(TARGETS[code].group == SESSION for code in columns)

    @cached_property
    def questions(self) -> list[Question]:
        return layout.questions(self.tables, self.layout, today=timezone.localdate())

    @property
    def unanswered(self) -> list[Question]:
        return layout.unanswered(self.questions, self.layout.answers)

    @property
    def protocol(self) -> Protocol | None:
        chosen = self.layout.answers.get(PROTOCOL)
        return Protocol.objects.of(self.clinic).filter(pk=chosen).first() if chosen else None

    def judgement(self) -> Judgement:
        """Read and compared anew, so that it is what importing now would do."""
        today = timezone.localdate()
        found = drafts.read(self.tables, self.layout, today=today)
        answers = {
            key.removeprefix("double:"): answer
            for key, answer in self.layout.answers.items()
            if key.startswith("double:")
        }
        return judge(self.clinic, found, today=today, protocol=self.protocol, answers=answers)

    @property
    def notes(self) -> list[str]:
        return layout.notes_on_file(self.tables, self.layout)

    @property
    def mapping(self) -> dict[str, object]:
        """How the file was read, kept with the import: headings, targets, and answers without a word of the file."""
        sheets = [
            {
                "sheet": table.name,
                "header_row": sheet.header_row,
                "columns": {headings(table, sheet).get(int(c), letter(int(c))): t for c, t in sheet.columns.items()},
            }
            for table, sheet in zip(self.tables, self.layout.sheets, strict=True)
            if sheet.is_read
        ]
        answers = {
            key: answer for key, answer in self.layout.answers.items() if not key.startswith(("word:", "double:"))
        }
        return {"sheets": sheets, "answers": answers}

    def learned(self) -> ImportHabits:
        """The clinic's habits with what was chosen for this file."""
        habits = self.habits
        for table, sheet in zip(self.tables, self.layout.sheets, strict=True):
            if sheet.is_read:
                names = headings(table, sheet)
                for column, code in sheet.columns.items():
                    if heading := names.get(int(column)):
                        habits.headings[heading_key(heading)[:120]] = code
        words = {key: answer for key, answer in self.layout.answers.items() if key.startswith("word:")}
        habits.words |= words
        return habits
