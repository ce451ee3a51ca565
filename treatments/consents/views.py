import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinic.sign_in.next_page import next_page
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.consents import actions, consent_status
from treatments.consents.forms import ConsentCorrectionForm, ConsentForm, WithdrawalForm
from treatments.consents.models import Consent, ConsentScan, ConsentText
from treatments.consents.photo_permission import exports_under
from treatments.consents.purposes import ENDED, ConsentKind, PhotoPurpose
from treatments.consents.scans import PDF
from treatments.patients.access import get_patient, get_record, page_context
from treatments.patients.models import Patient
from treatments.patients.record_views import record_views
from treatments.records.actions import Conflict
from treatments.records.form_view import form_page, nothing_to_do, step_page
from treatments.records.formatting import count
from treatments.records.models import Correction

ADD_PAGE = "treatments/consents/add.html"
_REFUSED_FILES = {
    "too_large": "It is too large: scan the page in grey, or at 200 dpi.",
    "storage": "The server has no room for it. Tell the person who looks after Anagen, and keep the paper.",
}


def _depending(consent: Consent) -> str:
    files = len(exports_under(consent))
    left = f" {count(files, 'file')} left the clinic under it. The export stays in the record." if files else ""
    return f"It then covers nothing, not even what was done before.{left}"


strike_out, corrections = record_views(Consent, depending=_depending)


@requires(Can.SEE_RECORD)
@require_GET
def index(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What is in force today, by kind and by use of photographs, and every consent there has been."""
    patient = get_patient(request, patient_id)
    people = ("created_by", "withdrawn_by", "struck_out_by")
    # The page links to a scan and does not show it, so its megabytes are not read.
    rows = patient.consents.select_related(*people, "scan", "text").defer("scan__data", "text__body")
    consents = list(rows.order_by("-given_on", "-id"))
    today = timezone.localdate()
    of_these = Correction.objects.filter(record_id__in=[c.pk for c in consents])
    corrected = set(of_these.values_list("record_id", flat=True))
    context = page_context(
        patient,
        kinds=consent_status.by_kind(consents, today),
        purposes=consent_status.by_purpose(consents, today),
        history=[{"consent": c, "in_force": c.is_in_force(today), "corrected": c.pk in corrected} for c in consents],
        today=today,
    )
    return render(request, "treatments/consents/index.html", context)


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def add(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """A consent that is signed now, under its words, or was signed on paper. `next` is the page that asked for it."""
    patient = get_patient(request, patient_id)
    initial = {"kind": request.GET.get("kind", "")}
    form = ConsentForm(request.POST or None, request.FILES or None, patient=patient, initial=initial)
    for _, name, reason in getattr(request, "refused_files", []):
        form.add_error("scan", f"{name} was not attached. {_REFUSED_FILES[reason]}")
    asked_by = next_page(request, or_else="")

    def act(form: ConsentForm) -> HttpResponse:
        consent = form.new_record(clinic=request.clinic, patient=patient)
        consent = actions.record_consent(consent, scan=form.new_scan, passed=form.passed, by=request.user)
        messages.success(request, f"The consent is saved: {consent.get_kind_display().lower()}.")
        return redirect(asked_by or consent)

    context = _form_context(patient, heading="Record a consent", save_label="Save consent", asked_by=asked_by)
    if asked_by:
        context["cancel_url"] = asked_by
    if "show" in request.POST:
        form.show_text()
        return render(request, ADD_PAGE, {"form": form, **context})
    return form_page(request, ADD_PAGE, form, act, context)


@requires(Can.SEE_RECORD)
@require_GET
def words(request: ClinicRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    """One consent as a page to read and to print: the words of the version that was signed, and who signed it."""
    patient = get_patient(request, patient_id)
    consent = get_record(patient, Consent, consent_id)
    context = page_context(patient, consent=consent, text=consent.text, today=timezone.localdate())
    if consent.text is not None:
        context["newer"] = ConsentText.objects.versions_of(consent.text).filter(number__gt=consent.text.number).exists()
    return render(request, "treatments/consents/words.html", context)


@requires(Can.SEE_RECORD)
@require_GET
def scan(request: ClinicRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    """The signed page as it was attached; each time is on the audit trail."""
    patient = get_patient(request, patient_id)
    consent = get_record(patient, Consent, consent_id)
    page = ConsentScan.objects.select_related("consent__clinic").filter(consent=consent).first()
    if page is None:
        raise Http404("No scan was attached to this consent.")
    actions.note_opened_scan(page, by=request.user)
    response = HttpResponse(bytes(page.data), content_type=page.media_type)
    # A browser's viewer of PDF needs what the sandbox forbids, so a PDF is saved to be looked at.
    disposition = "attachment" if page.media_type == PDF else "inline"
    response.headers["Content-Disposition"] = f'{disposition}; filename="{page.file_name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def withdraw(request: ClinicRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    """End a consent at once, after saying what cannot be undone by it."""
    patient = get_patient(request, patient_id)
    consent = get_record(patient, Consent, consent_id)
    staying = consent_status.staying(consent, timezone.localdate())
    context = _form_context(
        patient, heading="Withdraw this consent", consent=consent, exports=_exports(consent), staying=staying
    )

    def act(values: dict[str, Any]) -> HttpResponse:
        on, reason, version = values["on"], values["reason"], values["version"]
        try:
            actions.withdraw(consent, on=on, reason=reason, expected_version=version, by=request.user)
        except Conflict as refusal:
            current: Any = refusal.current
            context["consent"] = current
            # Done already by this very request: the second half of a double click, or a retry.
            if (current.withdrawn_by_id, current.withdrawal_reason) != (request.user.pk, reason):
                raise
        else:
            _tell_withdrawn(request, consent, staying)
        # The head of the page says what stays, which its place further down would leave above the screen.
        return redirect("consents:index", patient.pk) if staying else redirect(consent)

    form = WithdrawalForm(request.POST or None, consent=consent)
    conflict = "Somebody else changed this consent while you were on this page. Read it again, then decide."
    return step_page(
        request, "treatments/consents/withdraw.html", form, act, context, conflict=conflict, is_shown_anew=False
    )


def _tell_withdrawn(request: ClinicRequest, consent: Consent, staying: list[consent_status.Staying]) -> None:
    """What may not be done any more; or that it still may, as another consent allows the same."""
    if not staying:
        messages.success(request, f"The consent is withdrawn. {ENDED[ConsentKind(consent.kind)]}")
        return
    others = "; ".join(each.in_words for each in staying)
    messages.warning(
        request,
        f"The consent is withdrawn, and what it allowed is allowed still: {others}. Withdraw that too if the patient "
        "takes everything back.",
    )


def _exports(consent: Consent) -> list[dict[str, Any]]:
    """What was exported under this consent, newest first."""
    labels = dict(PhotoPurpose.choices)
    return [
        {
            "at": export.created_at,
            "purpose": labels.get(export.purpose, export.purpose),
            "photos": len(export.photos),
            "file_format": export.file_format.upper(),
            "by": export.created_by,
        }
        for export in exports_under(consent)
    ]


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def correct(request: ClinicRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    consent = get_record(patient, Consent, consent_id)
    if request.method == "GET" and consent.withdrawn_on is not None:
        sentence = "This consent was withdrawn: it is not changed any more. To allow something again, record a new one."
        return nothing_to_do(request, sentence, back=reverse("consents:index", args=[patient.pk]))
    form = ConsentCorrectionForm(request.POST or None, patient=patient, instance=consent)

    def act(form: ConsentCorrectionForm) -> HttpResponse:
        actions.correct_consent(consent, **form.correction(by=request.user))
        messages.success(request, "The consent is corrected. The old entry is kept.")
        return redirect(consent)

    context = _form_context(patient, heading=f"Correct: {consent}")
    return form_page(request, "treatments/form.html", form, act, context)


def _form_context(patient: Patient, **more: Any) -> dict[str, Any]:
    return page_context(patient, cancel_url=reverse("consents:index", args=[patient.pk]), **more)
