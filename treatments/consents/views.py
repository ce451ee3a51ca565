import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.consents import actions, consent_status
from treatments.consents.forms import ConsentCorrectionForm, ConsentForm, WithdrawalForm
from treatments.consents.models import Consent, ConsentScan, Export
from treatments.consents.purposes import ConsentKind, PhotoPurpose
from treatments.consents.scans import PDF
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.records.actions import Conflict
from treatments.records.form_view import form_page, history_page, strike_out_page
from treatments.records.models import Correction

_NOT_TAKEN_IN = {
    "too_large": "It is too large: scan the page in grey, or at 200 dpi.",
    "storage": "The server has no room for it. Tell the person who looks after Anagen, and keep the paper.",
}


@requires(Can.SEE_RECORD)
@require_GET
def index(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What is in force today, by kind and by use of photographs, and every consent there has been."""
    patient = get_patient(request, patient_id)
    people = ("created_by", "withdrawn_by", "struck_out_by")
    # The page links to a scan and does not show it: its megabytes stay where they are.
    found = patient.consents.select_related(*people, "scan").defer("scan__data")
    consents = list(found.order_by("-given_on", "-id"))
    today = timezone.localdate()
    corrected = set(
        Correction.objects.filter(record_id__in=[c.pk for c in consents]).values_list("record_id", flat=True)
    )
    context = _about(
        patient,
        kinds=consent_status.by_kind(consents, today),
        purposes=consent_status.by_purpose(consents, today),
        history=[{"consent": c, "in_force": c.is_in_force(today), "corrected": c.pk in corrected} for c in consents],
        today=today,
        cancel_url=patient.get_absolute_url(),
    )
    return render(request, "treatments/consents/index.html", context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def add(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    asked = request.GET.get("kind", "")
    initial = {"kind": asked} if asked in ConsentKind.values else {}
    form = ConsentForm(request.POST or None, request.FILES or None, patient=patient, initial=initial)
    for _, name, why in getattr(request, "refused_files", []):
        form.add_error("scan", f"{name} was not taken in. {_NOT_TAKEN_IN[why]}")

    def act(form: ConsentForm) -> HttpResponse:
        consent = actions.record_consent(
            form.new_record(clinic=request.clinic, patient=patient),
            scan=form.scanned,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, f"The consent is saved: {consent.get_kind_display().lower()}.")
        return redirect(consent)

    context = _about(patient, heading="Record a consent", save_label="Save consent")
    return form_page(request, "treatments/consents/add.html", form, act, context)


@requires(Can.SEE_RECORD)
@require_GET
def scan(request: ClinicRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    """The signed page as it was attached; each time is on the audit trail."""
    patient = get_patient(request, patient_id, look="")
    kept = get_record(patient, Consent, consent_id)
    page = ConsentScan.objects.select_related("consent__clinic").filter(consent=kept).first()
    if page is None:
        raise Http404("No scan was attached to this consent.")
    actions.hand_out_scan(page, by=request.user)
    response = HttpResponse(bytes(page.data), content_type=page.media_type)
    # A browser's viewer of PDF needs what the sandbox forbids, so a PDF is saved to be looked at.
    place = "attachment" if page.media_type == PDF else "inline"
    response.headers["Content-Disposition"] = f'{place}; filename="{page.file_name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def withdraw(request: ClinicRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    """End a consent at once, having said what cannot be called back."""
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Consent, consent_id)
    form = WithdrawalForm(request.POST or None, consent=kept)
    context = _about(patient, consent=kept, form=form, exports=_left_the_clinic(kept))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            told = form.cleaned_data
            try:
                actions.withdraw(
                    kept, on=told["on"], reason=told["reason"], expected_version=told["version"], by=request.user
                )
            except Conflict as refusal:
                if _is_my_own(refusal.current, reason=told["reason"], by=request.user):
                    return redirect(kept)
                form.add_error(None, "Somebody changed this consent in the meantime. Look at it again, then decide.")
                context["consent"], status = refusal.current, 409
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.success(request, "The consent is withdrawn. From now on nothing may rest on it.")
                return redirect(kept)
    return render(request, "treatments/consents/withdraw.html", context, status=status)


def _is_my_own(current: Any, *, reason: str, by: Any) -> bool:
    """Whether this very withdrawal has been done already: the second half of a double click, or a retry."""
    return bool(current.withdrawn_by_id == by.pk and current.withdrawal_reason == reason)


def _left_the_clinic(consent: Consent) -> list[dict[str, Any]]:
    """What was exported under this consent, newest first."""
    made = Export.objects.filter(consent=consent, struck_out_at__isnull=True).select_related("created_by")
    words = dict(PhotoPurpose.choices)
    return [
        {
            "at": each.created_at,
            "purpose": words.get(each.purpose, each.purpose),
            "photos": len(each.photos),
            "file_format": each.file_format.upper(),
            "by": each.created_by,
        }
        for each in made.order_by("-created_at", "-id")
    ]


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Consent, consent_id)
    form = ConsentCorrectionForm(request.POST or None, patient=patient, instance=kept)

    def act(form: ConsentCorrectionForm) -> HttpResponse:
        actions.correct_consent(
            kept,
            changes=form.values(),
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The consent is corrected; what stood before is kept.")
        return redirect(kept)

    return form_page(request, "treatments/form.html", form, act, _about(patient, heading=f"Correct: {kept}"))


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def strike_out(request: ClinicRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Consent, consent_id)
    return strike_out_page(
        request, patient=patient, record=kept, act=actions.strike_out_consent, back=kept.get_absolute_url()
    )


@requires(Can.SEE_RECORD)
@require_GET
def corrections(request: ClinicRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Consent, consent_id)
    return history_page(request, patient=patient, record=kept, back=kept.get_absolute_url())


def _about(patient: Patient, **more: Any) -> dict[str, Any]:
    back = reverse("consents:index", args=[patient.pk])
    return {"patient": patient, "nav": "patients", "cancel_url": back, **more}
