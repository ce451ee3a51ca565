"""One patient's record as a good tutorial would show it: a query for each kind of record, and a template."""

import uuid

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.models import Course, ExosomeSession, Patient


@requires(Can.SEE_RECORD)
def patient_record(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The patient, and eight tables fetched along with it. Who entered what, and corrections, are left out."""
    patients = Patient.objects.filter(clinic=request.clinic).prefetch_related(
        Prefetch("courses", Course.objects.select_related("product")),
        "consents",
        Prefetch("exosome_sessions", ExosomeSession.objects.select_related("product", "lot")),
        "exosome_sessions__region_volumes",
        "assessments",
        "measurements",
        "adverse_events",
        "photos",
    )
    patient = get_object_or_404(patients, pk=patient_id)
    return render(request, "idiomatic/patient_record.html", {"patient": patient})
