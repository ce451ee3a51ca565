import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.evidence.fhir.actions import hand_out
from treatments.evidence.fhir.bundle import MEDIA_TYPE, collection
from treatments.evidence.fhir.contents import contents_of
from treatments.evidence.fhir.rows import rows_of
from treatments.papers.hand_over import WhyForm
from treatments.patients.access import get_patient, page_context


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def record(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Say what the file holds and ask for whom it is; then hand it out."""
    patient = get_patient(request, patient_id)
    form = WhyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _file(hand_out(patient, asked_by=form.cleaned_data["asked_by"], by=request.user))
    rows = rows_of(patient)
    context = page_context(
        patient,
        heading="FHIR R4",
        form=form,
        contents=contents_of(collection(rows)),
        left_out=rows.left_out,
        cancel_url=reverse("papers:index", args=[patient.pk]),
    )
    status = 422 if request.method == "POST" else 200
    return render(request, "treatments/evidence/fhir/ask.html", context, status=status)


def _file(data: bytes) -> HttpResponse:
    response = HttpResponse(data, content_type=MEDIA_TYPE)
    name = f"record-fhir-r4-{timezone.localdate():%Y-%m-%d}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
