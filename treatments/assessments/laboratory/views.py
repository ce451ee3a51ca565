import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.assessments.laboratory import actions
from treatments.assessments.laboratory.catalogue import ANALYTES
from treatments.assessments.laboratory.forms import (
    FurtherValuesForm,
    LaboratoryTestForm,
    OfferForm,
    ReportForm,
    ResultCorrectionForm,
)
from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryResult, LaboratoryTest
from treatments.assessments.laboratory.values import other_causes, series_of
from treatments.patients.access import get_patient, get_record, page_context
from treatments.patients.record_views import record_views
from treatments.records.actions import correct
from treatments.records.form_view import form_page, history_page, nothing_to_do
from treatments.records.formatting import count
from treatments.records.models import Correction, PassedWarning

PAGES = "treatments/assessments/laboratory"


@requires(Can.SEE_RECORD)
@require_GET
def values(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Every test over time, the latest value first, with the change from the one before."""
    patient = get_patient(request, patient_id)
    return render(request, f"{PAGES}/values.html", page_context(patient, every_series=series_of(patient)))


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def report_add(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """A whole report at once. ?laboratory= says whose ranges the rows are filled in with; without it the last one's."""
    patient = get_patient(request, patient_id)
    asked = request.GET.get("laboratory")
    form = ReportForm(request.POST or None, patient=patient, clinic=request.clinic, laboratory=(asked or "")[:120])
    if asked is None and not form.is_bound and form.laboratories:
        form = ReportForm(None, patient=patient, clinic=request.clinic, laboratory=form.laboratories[0])

    def act(form: ReportForm) -> HttpResponse:
        new = form.new_record(clinic=request.clinic, patient=patient)
        results = form.results()
        report = actions.record_report(new, results=results, passed=form.passed, by=request.user)
        messages.success(request, f"The report is saved with {count(len(results), 'value')}.")
        return redirect(report)

    context = page_context(patient, heading="Add laboratory values", save_label="Save report")
    return form_page(request, f"{PAGES}/report_form.html", form, act, context)


@requires(Can.SEE_RECORD)
@require_GET
def report(request: ClinicRequest, patient_id: uuid.UUID, report_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    report = get_record(patient, LaboratoryReport, report_id)
    values = report.results.select_related("test", "struck_out_by", "report", "created_by")
    results = sorted(values, key=lambda result: (result.place, result.pk))
    ids = [report.pk, *(result.pk for result in results)]
    context = page_context(
        patient,
        report=report,
        results=results,
        other_causes="" if report.is_struck_out else other_causes(r for r in results if not r.is_struck_out),
        corrections=Correction.objects.filter(record_id__in=ids).select_related("by").order_by("at"),
        passed_warnings=PassedWarning.objects.filter(record_id__in=ids).select_related("by").order_by("at"),
    )
    return render(request, f"{PAGES}/report.html", context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def report_correct(request: ClinicRequest, patient_id: uuid.UUID, report_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    report = get_record(patient, LaboratoryReport, report_id)
    form = ReportForm(request.POST or None, patient=patient, clinic=request.clinic, instance=report)

    def act(form: ReportForm) -> HttpResponse:
        actions.correct_report(report, **form.correction(by=request.user))
        messages.success(request, "The report is corrected. The old entry is kept.")
        return redirect(report)

    context = page_context(patient, heading=f"Correct the laboratory report of {report.sampled.label()}")
    return form_page(
        request, f"{PAGES}/report_form.html", form, act, context | {"cancel_url": report.get_absolute_url()}
    )


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def values_add(request: ClinicRequest, patient_id: uuid.UUID, report_id: uuid.UUID) -> HttpResponse:
    """Values that arrived after the report was saved: an addition, since nothing that stands there was wrong."""
    patient = get_patient(request, patient_id)
    report = get_record(patient, LaboratoryReport, report_id)
    back = report.get_absolute_url()
    if report.is_struck_out and request.method == "GET":
        sentence = "This report was struck out as entered in error. Add a new report instead."
        return nothing_to_do(request, sentence, back=back)
    form = FurtherValuesForm(request.POST or None, report=report)
    if not form.rows:
        return nothing_to_do(
            request, "Every test has its value on this report. Correct the one that is wrong.", back=back
        )

    def act(form: FurtherValuesForm) -> HttpResponse:
        results = form.new_results()
        actions.add_results(report, results=results, passed=form.passed, by=request.user)
        messages.success(request, f"{count(len(results), 'value')} added to the report. What stood there is unchanged.")
        return redirect(report)

    lede = f"{report}{f', {report.laboratory}' if report.laboratory else ''}. What is there already is not changed."
    context = page_context(patient, heading="Add values to the report", lede=lede, save_label="Add the values")
    return form_page(request, f"{PAGES}/report_form.html", form, act, context | {"cancel_url": back, "report": report})


def _depending(report: LaboratoryReport) -> str:
    standing = report.results.standing().count()
    return f"{count(standing, 'value')} of this report will be struck out too." if standing else ""


report_strike_out, report_corrections = record_views(
    LaboratoryReport, act=actions.strike_out_report, depending=_depending
)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def result_correct(
    request: ClinicRequest, patient_id: uuid.UUID, report_id: uuid.UUID, result_id: uuid.UUID
) -> HttpResponse:
    patient = get_patient(request, patient_id)
    result = get_record(patient, LaboratoryResult, result_id, report_id=report_id)
    form = ResultCorrectionForm(request.POST or None, instance=result)

    def act(form: ResultCorrectionForm) -> HttpResponse:
        correct(result, **form.correction(by=request.user))
        messages.success(request, "The value is corrected. The old entry is kept.")
        return redirect(result)

    context = page_context(patient, heading=f"Correct {result.name}", lede=f"{result}, {result.report}")
    return form_page(request, "treatments/form.html", form, act, context | {"cancel_url": result.get_absolute_url()})


result_strike_out, result_corrections = record_views(LaboratoryResult)


# ── The clinic's own tests ─────────────────────────────────────────────────────────────────────


@requires(Can.SEE_RECORD, look="")
@require_GET
def tests(request: ClinicRequest) -> HttpResponse:
    own = LaboratoryTest.objects.of(request.clinic).order_by("archived_at", "name")
    context = {"tests": own, "catalogue": ANALYTES.values(), "nav": "laboratory-tests"}
    return render(request, f"{PAGES}/tests.html", context)


@requires(Can.WRITE_RECORD, look="")
@require_http_methods(["GET", "POST"])
def test_add(request: ClinicRequest) -> HttpResponse:
    form = LaboratoryTestForm(request.POST or None, clinic=request.clinic)

    def act(form: LaboratoryTestForm) -> HttpResponse:
        test = actions.list_test(form.new_record(clinic=request.clinic), passed=form.passed, by=request.user)
        messages.success(request, f"{test} is listed. It has a row in every new laboratory report.")
        return redirect("assessments:laboratory-tests")

    return form_page(request, "treatments/form.html", form, act, _context("Add a laboratory test"))


@requires(Can.MANAGE_PROTOCOLS, look="")
@require_http_methods(["GET", "POST"])
def test_correct(request: ClinicRequest, laboratory_test_id: uuid.UUID) -> HttpResponse:
    test = get_object_or_404(LaboratoryTest.objects.of(request.clinic), pk=laboratory_test_id)
    form = LaboratoryTestForm(request.POST or None, clinic=request.clinic, instance=test)

    def act(form: LaboratoryTestForm) -> HttpResponse:
        actions.correct_test(test, **form.correction(by=request.user))
        messages.success(request, "The test is corrected. The old entry is kept.")
        return redirect("assessments:laboratory-tests")

    return form_page(request, "treatments/form.html", form, act, _context(f"Correct {test}"))


@requires(Can.MANAGE_PROTOCOLS, look="")
@require_POST
def test_offer(request: ClinicRequest, laboratory_test_id: uuid.UUID) -> HttpResponse:
    test = get_object_or_404(LaboratoryTest.objects.of(request.clinic), pk=laboratory_test_id)
    form = OfferForm(request.POST)
    offered = form.is_valid() and form.cleaned_data["offered"]
    actions.offer_test(test, offered=offered, by=request.user)
    messages.success(request, f"{test} is {'offered again' if offered else 'not offered any more'} for new reports.")
    return redirect("assessments:laboratory-tests")


@requires(Can.SEE_RECORD, look="")
@require_GET
def test_corrections(request: ClinicRequest, laboratory_test_id: uuid.UUID) -> HttpResponse:
    test = get_object_or_404(LaboratoryTest.objects.of(request.clinic), pk=laboratory_test_id)
    return history_page(request, patient=None, record=test, back=test.get_absolute_url())


def _context(heading: str) -> dict[str, Any]:
    return {"heading": heading, "nav": "laboratory-tests", "cancel_url": reverse("assessments:laboratory-tests")}
