"""Importing a spreadsheet, step by step: sent, sheets, columns, what is open, preview, import; and taking it back."""

import uuid
from collections.abc import Iterator
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit import log, looks
from clinic.operations.release import version
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.imports.models import Import, ImportFile
from treatments.records.form_view import is_truncated, step_page
from treatments.records.formatting import count
from treatments.records.text.numbers import page_number
from treatments.transfer import actions, own_workbook, refused_rows
from treatments.transfer.forms import (
    AnswersForm,
    ColumnsForm,
    DoublesForm,
    EncodingForm,
    FileForm,
    ImportForm,
    SheetsForm,
    TakeBackForm,
)
from treatments.transfer.judging.planned import CHANGED, NEW, REFUSED, SAME, STATES, Judgement, PlannedRecord
from treatments.transfer.pending import PendingFile, read_tables
from treatments.transfer.reading.layout import columns_of, guess_columns
from treatments.transfer.reading.targets import TARGETS
from treatments.transfer.spreadsheets.kinds import MAX_FILE_BYTES
from treatments.transfer.spreadsheets.tables import FileRefused, shown
from treatments.transfer.summary import summary

ROWS_ON_A_PAGE: Final = 50
DOUBTS_SHOWN: Final = 100
EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN_ROWS: Final = 6
_EXAMPLES: Final = 3
_PAGES: Final = "treatments/transfer/"


@requires(Can.IMPORT, look="")
@require_http_methods(["GET", "POST"])
def index(request: ClinicRequest) -> HttpResponse:
    """Send a file; and what was imported, newest first."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if (response := _take_file(request, form)) is not None:
            return response
    waiting = ImportFile.objects.of(request.clinic).alive().filter(uploaded_by=request.user).order_by("-uploaded_at")
    page = Paginator(Import.objects.of(request.clinic).newest_first(), 20).get_page(
        page_number(request.GET.get("page"))
    )
    context = {"form": form, "waiting": waiting.defer("content", "tables"), "page": page, "nav": "import"}
    return render(request, f"{_PAGES}index.html", context, status=422 if request.method == "POST" else 200)


def _take_file(request: ClinicRequest, form: FileForm) -> HttpResponse | None:
    dropped = [code for _, _, code in getattr(request, "refused_files", [])]
    if dropped or is_truncated(request):
        too_large = f"This file is too large. At most {MAX_FILE_BYTES // 1024 // 1024} MB are read."
        form.add_error(None, too_large if "too_large" in dropped else "The file did not arrive. Send it again.")
        return None
    if not form.is_valid():
        return None
    file: UploadedFile = form.cleaned_data["file"]
    name = str(file.name)
    try:
        if (file.size or 0) > MAX_FILE_BYTES:
            raise FileRefused(f"This file is too large. At most {MAX_FILE_BYTES // 1024 // 1024} MB are read.")
        data = file.read()
        tables = read_tables(data, name=name)
    except FileRefused as refusal:
        log.record("refused_import_file", by=request.user, clinic=request.clinic, detail={"bytes": file.size})
        form.add_error("file", f"{refusal} Nothing was kept.")
        return None
    kept = actions.keep_file(
        clinic=request.clinic, name=name, data=data, tables=tables, keep_content=not tables, by=request.user
    )
    return redirect("transfer:sheets", kept.pk)


def _pending(request: ClinicRequest, import_file_id: uuid.UUID) -> PendingFile:
    file = ImportFile.objects.of(request.clinic).alive().filter(pk=import_file_id).first()
    if file is None:
        raise Http404("No such file waits to be imported.")
    return PendingFile(file)


def _step(request: ClinicRequest, template: str, pending: PendingFile, form: Any, **context: Any) -> HttpResponse:
    told = {"form": form, "file": pending.file, "nav": "import", **context}
    return render(request, f"{_PAGES}{template}.html", told, status=422 if request.method == "POST" else 200)


@requires(Can.IMPORT, look="")
@require_http_methods(["GET", "POST"])
def sheets(request: ClinicRequest, import_file_id: uuid.UUID) -> HttpResponse:
    """Which encoding, which sheets, where their headings are."""
    pending = _pending(request, import_file_id)
    posted = request.POST if request.method == "POST" else None
    if pending.needs_encoding:
        chosen = EncodingForm(posted, readings=pending.readings)
        if posted is not None and chosen.is_valid():
            try:
                encoding = chosen.cleaned_data["encoding"]
                table = pending.read_in(encoding)
            except FileRefused as refusal:
                chosen.add_error(None, str(refusal))
            else:
                actions.read_in(pending.file, encoding=encoding, table=table, by=request.user)
                return redirect("transfer:sheets", pending.file.pk)
        return _step(request, "encoding", pending, chosen)
    form = SheetsForm(posted, tables=pending.tables, layout=pending.layout)
    if posted is not None and form.is_valid():
        for place, before in enumerate(pending.layout.sheets):
            sheet = form.sheet(place, before)
            is_as_before = (sheet.header_row, sheet.headings) == (before.header_row, before.headings)
            sheet.columns = before.columns if is_as_before and before.columns else {}
            if sheet.is_read and not sheet.columns:
                table = pending.tables[place]
                sheet.columns = guess_columns(table, sheet, pending.habits.headings, today=timezone.localdate())
            pending.layout.sheets[place] = sheet
        actions.keep_layout(pending.file, layout=pending.layout)
        return redirect("transfer:columns", pending.file.pk)
    previews = [
        (table, fields, [(number, [shown(cell) for cell in cells[:12]]) for number, cells in table.rows[:_SHOWN_ROWS]])
        for table, fields in form.sheets
    ]
    return _step(request, "sheets", pending, form, previews=previews, notes=pending.notes)


@requires(Can.IMPORT, look="")
@require_http_methods(["GET", "POST"])
def columns(request: ClinicRequest, import_file_id: uuid.UUID) -> HttpResponse:
    """What each column holds; guessed, and changed by hand."""
    pending = _pending(request, import_file_id)
    if pending.needs_encoding or not any(sheet.is_read for sheet in pending.layout.sheets):
        return redirect("transfer:sheets", pending.file.pk)
    form = ColumnsForm(request.POST if request.method == "POST" else None, tables=pending.tables, layout=pending.layout)
    if request.method == "POST" and form.is_valid():
        actions.keep_layout(pending.file, layout=pending.layout)
        return redirect("transfer:answers", pending.file.pk)
    return _step(request, "columns", pending, form, rows=list(_column_rows(pending, form)))


def _column_rows(pending: PendingFile, form: ColumnsForm) -> Any:
    """Each sheet with its columns: the field, and what stands in the first rows."""
    for place, table in form.read:
        sheet = pending.layout.sheets[place]
        below = [cells for number, cells in table.rows if number > sheet.header_row]
        lines = []
        for column in columns_of(table, sheet):
            cells = [
                shown(row[column - 1]) for row in below[:200] if column <= len(row) and row[column - 1] is not None
            ]
            lines.append((form[f"c-{place}-{column}"], list(dict.fromkeys(cells))[:_EXAMPLES]))
        yield table, lines


@requires(Can.IMPORT, look="")
@require_http_methods(["GET", "POST"])
def answers(request: ClinicRequest, import_file_id: uuid.UUID) -> HttpResponse:
    """What the values leave open: asked once, and not at all where they leave nothing open."""
    pending = _pending(request, import_file_id)
    if not pending.has_columns:
        return redirect("transfer:columns", pending.file.pk)
    form = AnswersForm(
        request.POST if request.method == "POST" else None,
        questions=pending.questions,
        answers=pending.layout.answers,
        clinic=request.clinic,
        has_sessions=pending.has_sessions,
    )
    if request.method == "POST" and form.is_valid():
        asked = {question.key for question in pending.questions}
        kept = {key: answer for key, answer in pending.layout.answers.items() if key not in asked}
        kept.pop("protocol", None)
        pending.layout.answers = kept | form.answers
        actions.keep_layout(pending.file, layout=pending.layout)
        # A scale that was chosen may leave words open that no scale had asked about.
        again = PendingFile(pending.file)
        return redirect("transfer:answers" if again.unanswered else "transfer:preview", pending.file.pk)
    if request.method == "GET" and not form.fields:
        return redirect("transfer:preview", pending.file.pk)
    return _step(request, "answers", pending, form)


@requires(Can.IMPORT)
@require_http_methods(["GET", "POST"])
def preview(request: ClinicRequest, import_file_id: uuid.UUID) -> HttpResponse:
    """What importing would do: counts first, then each row; and the import itself."""
    if (response := _imported_already(request, import_file_id)) is not None:
        return response
    pending = _pending(request, import_file_id)
    if not pending.has_columns or pending.unanswered:
        return redirect("transfer:answers" if pending.has_columns else "transfer:columns", pending.file.pk)
    judgement = pending.judgement()
    posted = request.POST if request.method == "POST" else None
    asks = {"asks_reason": bool(judgement.warnings), "has_refused": bool(judgement.refused)}
    form = ImportForm(posted, **asks, initial={"shown": judgement.digest})
    if posted is not None and form.is_valid():
        if (response := _import(request, pending, judgement, form)) is not None:
            return response
    open_doubles = _open_doubles(pending, judgement)
    doubles = DoublesForm(doubles=judgement.doubles, answers=_told_of_doubles(pending)) if judgement.doubles else None
    for double in judgement.doubles[:60]:
        if double.patient is not None:
            looks.reached(double.patient)
    return _step(
        request, "preview", pending, form,
        judgement=judgement, doubts=_doubts(pending, judgement), doubles=doubles, open_doubles=open_doubles,
        notes=pending.notes,
        **_shown_rows(request, judgement, pending),
    )  # fmt: skip


def _imported_already(request: ClinicRequest, import_file_id: uuid.UUID) -> HttpResponse | None:
    """Of a form that was sent twice, or gone back to: what it has done."""
    made = Import.objects.of(request.clinic).filter(pk=import_file_id).first()
    if made is None:
        return None
    messages.info(request, "This file is imported already.")
    return redirect(made)


def _doubts(pending: PendingFile, judgement: Judgement) -> list[tuple[str, str]]:
    """The first cells of which a person should know, by their row, and by their sheet where several are read."""
    is_one = sum(sheet.is_read for sheet in pending.layout.sheets) == 1
    names = [table.name for table in pending.tables]
    return [
        (f"Row {row}" if is_one else f"Row {row} of “{names[sheet]}”", sentence)
        for (sheet, row), sentence in judgement.doubts[:DOUBTS_SHOWN]
    ]


def _told_of_doubles(pending: PendingFile) -> dict[str, str]:
    told = pending.layout.answers.items()
    return {key.removeprefix("double:"): answer for key, answer in told if key.startswith("double:")}


def _open_doubles(pending: PendingFile, judgement: Judgement) -> int:
    told = _told_of_doubles(pending)
    return 0 if "*" in told else sum(double.key not in told for double in judgement.doubles)


def _import(
    request: ClinicRequest, pending: PendingFile, judgement: Judgement, form: ImportForm
) -> HttpResponse | None:
    if form.cleaned_data["shown"] != judgement.digest:
        form.data = {**form.data.dict(), "shown": judgement.digest}  # type: ignore[attr-defined]
        form.add_error(None, "The record changed while you were reading. Look at the preview again, then import.")
        return None
    if _open_doubles(pending, judgement):
        form.add_error(None, "Answer first whether the people named below are patients already.")
        return None
    if not judgement.in_state(NEW):
        form.add_error(None, "Nothing in this file is new.")
        return None
    try:
        made = actions.import_records(
            pending.file,
            judgement=judgement,
            protocol=pending.protocol,
            reason=form.cleaned_data.get("reason", ""),
            mapping=pending.mapping,
            habits=pending.learned(),
            by=request.user,
        )
    except ValidationError as refusal:
        if (response := _imported_already(request, pending.file.pk)) is not None:
            return response
        form.add_error(None, ["Nothing was imported.", *refusal.messages])
        return None
    messages.success(
        request, f"{count(sum(_records(made).values()), 'record')} imported. If it was wrong, take it back."
    )
    return redirect(made)


def _records(made: Import) -> dict[str, int]:
    """How many of each kind an import made, by the model's name."""
    return {kind: number for kind, number in made.counts.items() if kind not in STATES}


def _shown_rows(request: ClinicRequest, judgement: Judgement, pending: PendingFile) -> dict[str, Any]:
    """One page of the rows of one state: the state that was asked for, else the first that needs to be read."""
    counts = judgement.counts
    asked = request.GET.get("show", "")
    state = asked if asked in STATES else next((each for each in (REFUSED, CHANGED, NEW, SAME) if counts[each]), NEW)
    names = [table.name for table in pending.tables]
    is_one = sum(sheet.is_read for sheet in pending.layout.sheets) == 1
    rows: list[Any]
    if state == REFUSED:
        rows = sorted(judgement.refused.items())
    else:
        rows = sorted(judgement.in_state(state), key=lambda each: each.draft.places[0])
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(page_number(request.GET.get("page")))
    if state == REFUSED:
        lines = [
            {"sheet": names[place[0]], "row": place[1], "number": judgement.names.get(place, ""), "why": why}
            for place, why in page.object_list
        ]
    else:
        lines = [_line(each, names) for each in page.object_list]
        for each in page.object_list:
            _reach(each)
    return {
        "state": state,
        "lines": lines,
        "page": page,
        "query": f"show={state}",
        "one_sheet": is_one,
        "states": [(each, _STATE_LABELS[each], counts[each]) for each in STATES],
        "parts": [(_KIND_LABELS[kind][number != 1], number) for kind, number in judgement.new_by_kind.items()],
    }


_STATE_LABELS: Final = {NEW: "New", SAME: "Same", CHANGED: "Changed", REFUSED: "Refused rows"}
_KIND_LABELS: Final = {
    "patient": ("patient", "patients"),
    "session": ("session", "sessions"),
    "stage": ("examination", "examinations"),
    "measurement": ("measurement", "measurements"),
}


def _line(planned: PlannedRecord, names: list[str]) -> dict[str, Any]:
    sheet, row = planned.draft.places[0]
    return {
        "sheet": names[sheet],
        "row": row,
        "number": planned.draft.number,
        "what": summary(planned),
        "differences": planned.differences,
        "note": planned.note,
        "url": planned.existing.get_absolute_url() if planned.existing is not None else "",
    }


def _reach(planned: PlannedRecord) -> None:
    """A record of the clinic that the page shows, in its own words or beside those of the file."""
    if planned.existing is not None:
        looks.reached(getattr(planned.existing, "patient", planned.existing))


@requires(Can.IMPORT, look="")
@require_POST
def doubles(request: ClinicRequest, import_file_id: uuid.UUID) -> HttpResponse:
    """Note who of the file is another person than a patient who is there."""
    pending = _pending(request, import_file_id)
    if not pending.has_columns or pending.unanswered:
        return redirect("transfer:answers", pending.file.pk)
    judgement = pending.judgement()
    form = DoublesForm(request.POST, doubles=judgement.doubles, answers={})
    if form.is_valid():
        kept = {key: answer for key, answer in pending.layout.answers.items() if not key.startswith("double:")}
        pending.layout.answers = kept | form.answers
        actions.keep_layout(pending.file, layout=pending.layout)
    return redirect("transfer:preview", pending.file.pk)


@requires(Can.IMPORT, look="")
@require_GET
def refused(request: ClinicRequest, import_file_id: uuid.UUID) -> HttpResponse:
    """The refused rows as a sheet of the same columns, with one that says why."""
    pending = _pending(request, import_file_id)
    if not pending.has_columns or pending.unanswered:
        return redirect("transfer:answers", pending.file.pk)
    judgement = pending.judgement()
    if not judgement.refused:
        messages.info(request, "No row is refused any more.")
        return redirect("transfer:preview", pending.file.pk)
    data = refused_rows.write(pending.tables, pending.layout, judgement)
    log.record(
        "downloaded_refused_rows", by=request.user, clinic=request.clinic, detail={"rows": len(judgement.refused)}
    )
    return _download(data, f"refused-rows-{timezone.localdate():%Y-%m-%d}.xlsx")


def _download(data: bytes, name: str) -> HttpResponse:
    return HttpResponse(data, content_type=EXCEL, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@requires(Can.IMPORT, look="")
@require_POST
def remove(request: ClinicRequest, import_file_id: uuid.UUID) -> HttpResponse:
    """Remove a file that was not imported."""
    actions.forget_file(_pending(request, import_file_id).file, by=request.user)
    messages.success(request, "The file is removed. Nothing of it was imported.")
    return redirect("transfer:index")


@requires(Can.IMPORT, look="")
@require_GET
def one_import(request: ClinicRequest, import_id: uuid.UUID) -> HttpResponse:
    """One import: what it made, how its columns were read, and what would stand in the way of taking it back."""
    made = _made(request, import_id)
    context = {
        "import": made,
        "records": _counted(made),
        "obstacles": [] if made.is_taken_back else actions.in_the_way(made),
        "sheets": [(sheet["sheet"], list(_columns_in_words(sheet))) for sheet in made.mapping.get("sheets", [])],
        "nav": "import",
    }
    return render(request, f"{_PAGES}import.html", context)


def _columns_in_words(sheet: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for heading, code in sheet["columns"].items():
        yield heading, TARGETS[code].title if code in TARGETS else code


_MODEL_NAMES: Final = {
    "patient": ("patient", "patients"),
    "course": ("course", "courses"),
    "exosomesession": ("session", "sessions"),
    "adverseevent": ("reaction", "reactions"),
    "assessment": ("examination", "examinations"),
    "measurement": ("measurement", "measurements"),
}


def _counted(made: Import) -> list[tuple[int, str]]:
    found = _records(made)
    return [(found[kind], names[found[kind] != 1]) for kind, names in _MODEL_NAMES.items() if found.get(kind)]


def _made(request: ClinicRequest, import_id: uuid.UUID) -> Import:
    made: Import | None = (
        Import.objects.of(request.clinic).select_related("by", "taken_back_by").filter(pk=import_id).first()
    )
    if made is None:
        raise Http404("No such import of this clinic.")
    return made


@requires(Can.IMPORT, look="")
@require_http_methods(["GET", "POST"])
def take_back(request: ClinicRequest, import_id: uuid.UUID) -> HttpResponse:
    """Remove what an import made, with a reason; nothing, where one of its records was used since."""
    made = _made(request, import_id)
    if made.is_taken_back:
        return redirect(made)

    def act(values: dict[str, Any]) -> HttpResponse:
        actions.take_back(made, reason=values["reason"], by=request.user)
        messages.success(request, "The import is taken back. The record is as it was before.")
        return redirect(made)

    context = {
        "heading": "Take this import back",
        "lede": made.file_name,
        "records": _counted(made),
        "obstacles": actions.in_the_way(made),
        "cancel_url": made.get_absolute_url(),
        "save_label": "Take back",
        "nav": "import",
    }
    return step_page(request, f"{_PAGES}take_back.html", TakeBackForm(request.POST or None), act, context)


@requires(Can.EXPORT, look="")
@require_GET
def workbook(request: ClinicRequest) -> HttpResponse:
    """Everything that is imported, as a workbook that can be imported again."""
    data = own_workbook.write(request.clinic, by=request.user, version=version())
    return _download(data, f"anagen-{timezone.localdate():%Y-%m-%d}.xlsx")
