import tempfile
import uuid

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.audit import log
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.papers.hand_over import WhyForm
from treatments.patients.access import get_patient, page_context
from treatments.photos.models import Photo
from treatments.whole_record.archive import write_archive
from treatments.whole_record.tables import tables


@requires(Can.EXPORT)
@require_http_methods(["GET", "POST"])
def whole_record(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponseBase:
    """Say what the file holds and ask for whom it is; then hand it out, and put that on the trail."""
    patient = get_patient(request, patient_id)
    form = WhyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _file(request, patient_id, form.cleaned_data["asked_by"])
    photos = Photo.objects.standing().filter(patient=patient)
    context = page_context(
        patient,
        heading="The whole record",
        form=form,
        kinds=[(table.title, table.rows.count()) for table in tables(patient)],
        photos=photos.count(),
        megabytes=round(sum(photos.values_list("size_bytes", flat=True)) / 1_000_000),
        cancel_url=reverse("papers:index", args=[patient.pk]),
    )
    status = 422 if request.method == "POST" else 200
    response: HttpResponse = render(request, "treatments/whole_record/ask.html", context, status=status)
    return response


def _file(request: ClinicRequest, patient_id: uuid.UUID, asked_by: str) -> FileResponse:
    patient = get_patient(request, patient_id)
    file = tempfile.TemporaryFile()  # closed by the response, which reads it
    try:
        kept = write_archive(patient, file)
        detail = {
            "asked_by": asked_by,
            "photos": kept.photos,
            "missing": kept.missing,
            "scans": kept.scans,
            "sha256": kept.sha256,
        }
        log.record("exported_record", by=request.user, clinic=request.clinic, target=patient, detail=detail)
    except BaseException:
        file.close()
        raise
    name = f"record-{timezone.localdate():%Y-%m-%d}.zip"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
