import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.courses.models import Course
from treatments.evidence.deidentification.forms import AnswerForm
from treatments.evidence.fhir.bundle import MEDIA_TYPE
from treatments.evidence.fhir.case_report import as_fhir
from treatments.evidence.reports import actions
from treatments.evidence.reports.figures import refusals
from treatments.evidence.reports.forms import BeginForm, FigureForm, ReleaseForm, ReportForm
from treatments.evidence.reports.models import ReportFigure, ReportRelease
from treatments.evidence.reports.report_page import PictureMissing, ReportPage, first_title, photos_to_choose
from treatments.evidence.reports.sentences.record import load
from treatments.handouts.case_report import CaseReport
from treatments.papers.document import Document
from treatments.papers.docx import as_docx
from treatments.papers.pdf import as_pdf, unwritable
from treatments.papers.photo_pair import pixels
from treatments.patients.access import get_patient, get_record, page_context
from treatments.patients.models import Patient
from treatments.patients.record_views import record_views
from treatments.records.actions import Conflict
from treatments.records.form_view import form_page, nothing_to_do, strike_out_page

_TYPES = {
    "pdf": (as_pdf, "application/pdf"),
    "docx": (as_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
CHANGED = "Somebody changed this report while you were on this page. Read it again, then make the file."
RECORD_CHANGED = (
    "The record behind this report was changed while you were on this page, or the patient was archived. Nothing was "
    "made. Read the report again, then make the file."
)
strike_out, corrections = record_views(CaseReport, can=Can.EXPORT, see=Can.EXPORT)


@requires(Can.EXPORT)
@require_GET
def index(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The case reports of this patient, and whether another one can be begun."""
    patient = get_patient(request, patient_id)
    context = page_context(
        patient,
        reports=list(CaseReport.objects.of_patient(patient)),
        has_course=Course.objects.of_patient(patient).exists(),
    )
    return render(request, "treatments/evidence/reports/index.html", context)


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def add(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Begin a report: of which course, and under which title."""
    patient = get_patient(request, patient_id, with_history=True)
    back = reverse("evidence:case-reports", args=[patient.pk])
    courses = list(Course.objects.of_patient(patient))
    if request.method == "GET" and not courses:
        return nothing_to_do(request, "A case report is of one course. Plan the course first.", back=back)
    form = BeginForm(request.POST or None, courses=courses, initial=_first(request, patient, courses))

    def act(form: BeginForm) -> HttpResponse:
        new = form.new_record(clinic=request.clinic, patient=patient)
        report = actions.begin_report(new, passed=form.passed, by=request.user)
        messages.success(request, "The report is begun. What the record knows is in it already.")
        return redirect(report)

    context = page_context(patient, heading="Begin a case report", cancel_url=back, save_label="Begin")
    return form_page(request, "treatments/form.html", form, act, context)


def _first(request: ClinicRequest, patient: Patient, courses: list[Course]) -> dict[str, Any]:
    if request.method == "POST":
        return {}
    newest = courses[-1]
    return {"course": newest.pk, "title": first_title(load(patient, newest, request.clinic))}


@requires(Can.EXPORT)
@require_GET
def report(request: ClinicRequest, patient_id: uuid.UUID, case_report_id: uuid.UUID) -> HttpResponse:
    """The manuscript as it stands, what is missing in it, what contradicts, and what might identify."""
    patient, found = _report(request, patient_id, case_report_id)
    return _page(request, patient, found)


def _page(
    request: ClinicRequest, patient: Patient, found: CaseReport, *, form: AnswerForm | None = None, error: str = ""
) -> HttpResponse:
    page = ReportPage.of(found, patient, request.clinic)
    context = page_context(
        patient,
        report=found,
        page=page,
        document=page.draft,
        unwritable=unwritable(page.draft),
        releases=list(ReportRelease.objects.filter(report=found).select_related("created_by").order_by("-created_at")),
        answer_form=form,
        error=error,
        cancel_url=reverse("evidence:case-reports", args=[patient.pk]),
    )
    status = 422 if form is not None else 409 if error else 200
    return render(request, "treatments/evidence/reports/report.html", context, status=status)


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def write(request: ClinicRequest, patient_id: uuid.UUID, case_report_id: uuid.UUID) -> HttpResponse:
    """What only an author can write."""
    patient, found = _report(request, patient_id, case_report_id)
    if request.method == "GET" and found.is_struck_out:
        return nothing_to_do(request, actions.STRUCK_OUT, back=found.get_absolute_url())
    drafted = ReportPage.of(found, patient, request.clinic).limits_draft
    form = ReportForm(request.POST or None, instance=found, initial={} if found.limits else {"limits": drafted})
    if found.limits:
        form.offer_limits(drafted)

    def act(form: ReportForm) -> HttpResponse:
        actions.write_report(found, **form.change(by=request.user))
        messages.success(request, "The report is saved. What stood there before is kept.")
        return redirect(found)

    context = page_context(
        patient, heading="Write the case report", cancel_url=found.get_absolute_url(), save_label="Save report"
    )
    return form_page(request, "treatments/evidence/reports/write.html", form, act, context)


@requires(Can.EXPORT)
@require_POST
def answer(request: ClinicRequest, patient_id: uuid.UUID, case_report_id: uuid.UUID) -> HttpResponse:
    """Keep why a passage stays that might identify, or leave it out; one that is not there any more needs no answer."""
    patient, found = _report(request, patient_id, case_report_id)
    is_left_out = request.POST.get("act") == "leave_out"
    form = AnswerForm({**request.POST.dict(), "answer": "Left out"} if is_left_out else request.POST)
    if found.is_struck_out or not form.is_valid():
        return _page(request, patient, found, form=form)
    flags = ReportPage.of(found, patient, request.clinic).flags
    flag = next((each for each in flags if each.key == form.cleaned_data["key"]), None)
    if flag is None:
        return _page(request, patient, found, error="This passage was changed while you were on this page.")
    if is_left_out:
        actions.leave_out(found, flag=flag, by=request.user)
    else:
        actions.answer_flag(found, flag=flag, answer=form.cleaned_data["answer"], by=request.user)
    return redirect(f"{found.get_absolute_url()}#identify")


@requires(Can.EXPORT)
@require_POST
def draft_pdf(request: ClinicRequest, patient_id: uuid.UUID, case_report_id: uuid.UUID) -> HttpResponse:
    return _draft(request, patient_id, case_report_id, "pdf")


@requires(Can.EXPORT)
@require_POST
def draft_docx(request: ClinicRequest, patient_id: uuid.UUID, case_report_id: uuid.UUID) -> HttpResponse:
    return _draft(request, patient_id, case_report_id, "docx")


def _draft(request: ClinicRequest, patient_id: uuid.UUID, case_report_id: uuid.UUID, ending: str) -> HttpResponse:
    """The draft as a file, always; it says on each sheet what it is. Pictures that may not leave are not in it."""
    patient, found = _report(request, patient_id, case_report_id)
    page = ReportPage.of(found, patient, request.clinic)
    try:
        document = page.document(is_draft=True, for_file=True)
    except PictureMissing as missing:
        return _page(request, patient, found, error=str(missing))
    actions.note_draft(found, file_format=ending, by=request.user)
    return _file(_TYPES[ending][0](document), "case-report-draft", ending)


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def release(request: ClinicRequest, patient_id: uuid.UUID, case_report_id: uuid.UUID) -> HttpResponse:
    """The last question, then the final file: made and put on record in one transaction."""
    patient, found = _report(request, patient_id, case_report_id)
    page = ReportPage.of(found, patient, request.clinic)
    form = ReleaseForm(request.POST or None, initial={"version": found.version, "read": page.digest})
    error = ""
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = actions.release(
                found,
                file_format=told["file_format"],
                expected_version=told["version"],
                make=lambda current, rests: _final(request, patient, current, rests, told),
                by=request.user,
            )
        except (actions.NotReleased, PictureMissing) as refusal:
            error = str(refusal)
        except Conflict:
            error = CHANGED
        else:
            return _file(made.content, "case-report", told["file_format"])
    # What was refused is not sent again as it is: the page says what to do, or is read anew.
    asked = None if page.obstacles or error else form
    context = page_context(
        patient, report=found, page=page, form=asked, error=error, cancel_url=found.get_absolute_url()
    )
    status = 409 if error else 422 if request.method == "POST" else 200
    return render(request, "treatments/evidence/reports/release.html", context, status=status)


def _final(
    request: ClinicRequest, patient: Patient, current: CaseReport, rests: actions.Rests, told: dict[str, Any]
) -> bytes:
    """The bytes of the final file, from the rows as they stand now. Raises NotReleased, and PictureMissing."""
    page = ReportPage.of(current, patient, request.clinic)
    if against := page.against_release(rests.consent, rests.photo_consents):
        raise actions.NotReleased(" ".join(each.sentence for each in against))
    if page.digest != told["read"]:
        raise actions.NotReleased(RECORD_CHANGED)
    document: Document = page.document(is_draft=False, for_file=True)
    if told["file_format"] == "fhir":
        try:
            return as_fhir(document, patient, current.course)
        except ValueError as fault:
            raise actions.NotReleased(str(fault)) from fault
    content: bytes = _TYPES[told["file_format"]][0](document)
    return content


def _file(content: bytes, name: str, ending: str) -> HttpResponse:
    """The name of the file names nobody."""
    is_fhir = ending == "fhir"
    response = HttpResponse(content, content_type=MEDIA_TYPE if is_fhir else _TYPES[ending][1])
    name = f"{name}-fhir-r4.json" if is_fhir else f"{name}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def figure_add(request: ClinicRequest, patient_id: uuid.UUID, case_report_id: uuid.UUID) -> HttpResponse:
    """Choose photographs for a figure, say how much of each is kept, and what is seen in them."""
    patient, found = _report(request, patient_id, case_report_id)
    record = load(patient, found.course, request.clinic)
    photos = photos_to_choose(record)
    if request.method == "GET" and (not photos or found.is_struck_out):
        why = actions.STRUCK_OUT if found.is_struck_out else "There is no photo in this course yet."
        return nothing_to_do(request, why, back=found.get_absolute_url())
    form = FigureForm(request.POST or None, report=found, labelled=photos)

    def act(form: FigureForm) -> HttpResponse:
        figure = form.new_record(clinic=request.clinic, report=found)
        actions.add_figure(figure, passed=form.passed, by=request.user)
        messages.success(request, "The figure is added. Look at it as it will be printed.")
        return redirect(f"{found.get_absolute_url()}#figures")

    context = page_context(
        patient,
        heading="Add a figure",
        cancel_url=found.get_absolute_url(),
        save_label="Add figure",
        report=found,
        photos=photos,
    )
    return form_page(request, "treatments/evidence/reports/figure.html", form, act, context)


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def figure_remove(
    request: ClinicRequest, patient_id: uuid.UUID, case_report_id: uuid.UUID, figure_id: uuid.UUID
) -> HttpResponse:
    patient, found = _report(request, patient_id, case_report_id)
    figure = _figure(found, figure_id)
    return strike_out_page(
        request, patient=patient, record=figure, act=actions.remove_figure, back=found.get_absolute_url()
    )


@requires(Can.EXPORT)
@require_GET
def figure_picture(
    request: ClinicRequest,
    patient_id: uuid.UUID,
    case_report_id: uuid.UUID,
    figure_id: uuid.UUID,
    number: int,
) -> HttpResponse:
    """What is kept of one photograph of a figure, made anew from its pixels."""
    patient, found = _report(request, patient_id, case_report_id)
    figure = _figure(found, figure_id)
    page = ReportPage.of(found, patient, request.clinic)
    if not 1 <= number <= len(figure.photos) or refusals([figure], page.record, page.photo_consents):
        raise Http404("No picture of this figure may be shown.")
    photo, kept = figure.photos[number - 1]
    try:
        content = pixels(photo, kept=kept)
    except PictureMissing as missing:
        raise Http404(str(missing)) from missing
    response = HttpResponse(content, content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _report(request: ClinicRequest, patient_id: uuid.UUID, case_report_id: uuid.UUID) -> tuple[Patient, CaseReport]:
    patient = get_patient(request, patient_id, with_history=True)
    return patient, get_record(patient, CaseReport, case_report_id)


def _figure(found: CaseReport, figure_id: uuid.UUID) -> ReportFigure:
    figure = ReportFigure.objects.filter(report=found, pk=figure_id).select_related("earlier", "later").first()
    if figure is None:
        raise Http404("No figure of this report has this id.")
    figure.report = found
    return figure
