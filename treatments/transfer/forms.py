"""The questions of an import, step by step: as many as the sheets, columns and words of a file leave open."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.forms import BoundField

from clinic.staff.models import Clinic
from treatments.courses.models import Protocol
from treatments.records.forms.fields import WholeNumberField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MAX_REASON, MIN_REASON
from treatments.transfer.judging.judgement import ANOTHER, LEAVE_OUT
from treatments.transfer.judging.planned import PossibleDouble
from treatments.transfer.reading.layout import (
    Layout,
    Question,
    SheetLayout,
    column_problems,
    columns_of,
    headings,
    same_headings,
)
from treatments.transfer.reading.targets import BESIDE, GROUPS, TARGETS
from treatments.transfer.spreadsheets.tables import Table, letter

PROTOCOL: Final = "protocol"
_ASKED_AT_ONCE: Final = 60


def column_choices() -> list[tuple[str, Any]]:
    first = [each for each in TARGETS.values() if each.code not in BESIDE]
    groups = [
        (label, [(each.code, each.title) for each in first if each.group == group]) for group, label in GROUPS.items()
    ]
    beside = [(each.code, each.title) for each in TARGETS.values() if each.code in BESIDE]
    return [("", "Not imported"), *groups, ("Given beside the first product", beside)]


class FileForm(PlainTextForm, forms.Form):
    file = forms.FileField(
        label="Spreadsheet",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
        help_text="A workbook (.xlsx) or a CSV file, up to 20 MB and 20,000 rows.",
        error_messages={"required": "Choose a file first.", "empty": "This file is empty."},
    )


class EncodingForm(PlainTextForm, forms.Form):
    """Which of the readings of a CSV file shows its letters as they are."""

    encoding = forms.ChoiceField(
        label="Which of these looks right?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the one in which the names look right."},
    )

    def __init__(self, *args: Any, readings: Sequence[tuple[str, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["encoding"]
        field.choices = [(code, name) for code, name, _ in readings]
        self.readings = readings

    @property
    def previews(self) -> list[tuple[str, str, str, bool]]:
        chosen = self["encoding"].value()
        return [(code, name, lines, code == chosen) for code, name, lines in self.readings]


class SheetsForm(PlainTextForm, forms.Form):
    """Which sheets are read, and where their headings are."""

    def __init__(self, *args: Any, tables: Sequence[Table], layout: Layout, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tables = tables
        for place, (table, sheet) in enumerate(zip(tables, layout.sheets, strict=True)):
            last = table.rows[-1][0]
            self.fields[f"read-{place}"] = forms.BooleanField(
                label=f"Read “{table.name}”", required=False, initial=sheet.is_read
            )
            self.fields[f"header-{place}"] = WholeNumberField(
                label="In which row are the headings?", low=1, high=last, initial=sheet.header_row
            )
            self.fields[f"two-{place}"] = forms.BooleanField(
                label="The row above it belongs to the headings", required=False, initial=sheet.headings == 2
            )
            if any(bottom > top for top, _, bottom, _ in table.merged):
                self.fields[f"merged-{place}"] = forms.BooleanField(
                    label="Some cells are merged over several rows. Read their value in each of these rows",
                    required=False,
                    initial=sheet.repeat_merged,
                )
            self.fields[f"patient-{place}"] = forms.BooleanField(
                label="A row without a record number belongs to the patient above it",
                required=False,
                initial=sheet.repeat_patient,
            )
            if table.hidden_rows:
                self.fields[f"hidden-{place}"] = forms.BooleanField(
                    label="Leave out the rows that are hidden in the file", required=False, initial=sheet.without_hidden
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = [place for place in range(len(self.tables)) if cleaned.get(f"read-{place}")]
        if not chosen:
            raise forms.ValidationError("Choose at least one sheet.")
        for place in chosen:
            header = cleaned.get(f"header-{place}")
            if f"header-{place}" in self.errors:
                continue
            if header is None:
                self.add_error(f"header-{place}", "Write the number of the row.")
                continue
            sheet = self.sheet(place, SheetLayout())
            if not headings(self.tables[place], sheet):
                self.add_error(f"header-{place}", f"Row {header} is empty. Write the row that holds the headings.")
            for sentence in same_headings(self.tables[place], sheet):
                rename = f"{sentence} Which is meant cannot be known: rename one in the file, and send it again."
                self.add_error(f"header-{place}", rename)
        return cleaned

    def sheet(self, place: int, before: SheetLayout) -> SheetLayout:
        """The layout that was chosen for a sheet."""
        told = self.cleaned_data
        return SheetLayout(
            is_read=bool(told.get(f"read-{place}")),
            header_row=told.get(f"header-{place}") or before.header_row,
            headings=2 if told.get(f"two-{place}") else 1,
            repeat_merged=told.get(f"merged-{place}", before.repeat_merged),
            repeat_patient=bool(told.get(f"patient-{place}")),
            without_hidden=bool(told.get(f"hidden-{place}")),
        )

    @property
    def sheets(self) -> Iterator[tuple[Table, list[BoundField]]]:
        for place, table in enumerate(self.tables):
            yield table, [self[name] for name in self.fields if name.endswith(f"-{place}")]


class ColumnsForm(PlainTextForm, forms.Form):
    """What each column of the sheets holds."""

    def __init__(self, *args: Any, tables: Sequence[Table], layout: Layout, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tables, self.layout = tables, layout
        self.read = [(place, table) for place, table in enumerate(tables) if layout.sheets[place].is_read]
        choices = column_choices()
        for place, table in self.read:
            sheet = layout.sheets[place]
            for column, heading in columns_of(table, sheet).items():
                self.fields[f"c-{place}-{column}"] = forms.ChoiceField(
                    label=f"{heading} ({letter(column)})",
                    choices=choices,
                    required=False,
                    initial=sheet.columns.get(str(column), ""),
                    widget=forms.Select(attrs={"class": "form-select"}),
                )

    def columns(self, place: int) -> dict[str, str]:
        prefix = f"c-{place}-"
        told = {name.removeprefix(prefix): code for name, code in self.cleaned_data.items() if name.startswith(prefix)}
        return {column: code for column, code in told.items() if code}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        pairs = []
        for place, table in self.read:
            sheet = self.layout.sheets[place]
            sheet.columns = self.columns(place)
            pairs.append((table, sheet))
        if not any(sheet.columns for _, sheet in pairs):
            raise forms.ValidationError("Say of at least one column what it holds.")
        for sentence in column_problems(pairs):
            self.add_error(None, sentence)
        return cleaned


class AnswersForm(PlainTextForm, forms.Form):
    """What the values leave open, and the protocol of the courses that the import makes."""

    def __init__(
        self,
        *args: Any,
        questions: Sequence[Question],
        answers: Mapping[str, str],
        clinic: Clinic,
        has_sessions: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        if has_sessions:
            protocols = Protocol.objects.of(clinic).in_use().order_by("name")
            self.fields[PROTOCOL] = forms.ChoiceField(
                label="Which protocol do the courses have?",
                required=False,
                choices=[("", "None: only what was given"), *((str(each.pk), each.name) for each in protocols)],
                initial=answers.get(PROTOCOL, ""),
                help_text="For patients without a course one is made, Month 0 on the day of their first session.",
            )
        for place, question in enumerate(self.questions):
            blank = "Refuse the rows that say so" if question.may_wait else "Choose"
            self.fields[f"q-{place}"] = forms.ChoiceField(
                label=question.label,
                required=not question.may_wait,
                choices=[("", blank), *question.choices],
                initial=answers.get(question.key, ""),
                help_text=f"For example {question.help}." if question.help else "",
                error_messages={"required": "Choose one: it cannot be known from the file."},
            )

    @property
    def answers(self) -> dict[str, str]:
        told = {question.key: self.cleaned_data[f"q-{place}"] for place, question in enumerate(self.questions)}
        if PROTOCOL in self.fields:
            told[PROTOCOL] = self.cleaned_data[PROTOCOL]
        return {key: answer for key, answer in told.items() if answer}


_ANSWERS: Final = [(ANOTHER, "Another person: register"), (LEAVE_OUT, "The same: leave these rows out")]


class DoublesForm(PlainTextForm, forms.Form):
    """Of each person who may be a patient already: whether it is another one."""

    def __init__(
        self, *args: Any, doubles: Sequence[PossibleDouble], answers: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.doubles = list(doubles)[:_ASKED_AT_ONCE]
        for place, double in enumerate(self.doubles):
            self.fields[f"d-{place}"] = forms.ChoiceField(
                label=f"Row {double.place[1]}: {double.who}. Is this {double.other}? ({double.why})",
                required=False,
                choices=[("", "Not answered"), *_ANSWERS],
                initial=answers.get(double.key, ""),
            )
        if len(doubles) > len(self.doubles) or len(self.doubles) > 3:
            self.fields["others"] = forms.ChoiceField(
                label="All that are not answered",
                required=False,
                choices=[("", "Not answered"), *_ANSWERS],
                initial=answers.get("*", ""),
            )

    @property
    def answers(self) -> dict[str, str]:
        told = {double.key: self.cleaned_data[f"d-{place}"] for place, double in enumerate(self.doubles)}
        told["*"] = self.cleaned_data.get("others", "")
        return {f"double:{key}": answer for key, answer in told.items() if answer}


class ImportForm(PlainTextForm, forms.Form):
    """The last word: what was shown is imported, with a reason for what the rules ask about."""

    shown = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why are these accepted?",
        min_length=MIN_REASON,
        max_length=MAX_REASON,
        help_text="For example: copied from the paper records of 2019 to 2024. It is kept with each of these records.",
        error_messages={"required": "Write why these records are accepted as they are."},
    )
    without_refused = forms.BooleanField(
        label="Import without the refused rows",
        error_messages={"required": "Tick this, or mend the rows in the file and send it again."},
    )

    def __init__(self, *args: Any, asks_reason: bool, has_refused: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_reason:
            del self.fields["reason"]
        if not has_refused:
            del self.fields["without_refused"]


class TakeBackForm(PlainTextForm, forms.Form):
    reason = forms.CharField(
        label="Why is it taken back?",
        min_length=MIN_REASON,
        max_length=MAX_REASON,
        help_text="For example: wrong file. That these records were here stays on the audit trail.",
    )
