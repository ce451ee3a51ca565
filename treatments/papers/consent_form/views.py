import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from clinic.audit import log
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.consents.models import Consent
from treatments.papers.consent_form.consent_text import consent_paper
from treatments.papers.paper_page import paper_page, pdf_answer
from treatments.patients.access import get_patient, get_record, page_context


@requires(Can.SEE_RECORD)
@require_GET
def consent(request: ClinicRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    """The consent in the clinic's letterhead, to print and to hand out."""
    patient = get_patient(request, patient_id)
    signed = get_record(patient, Consent, consent_id)
    context = page_context(patient, consent=signed)
    return paper_page(request, consent_paper(signed), context, template="treatments/papers/consent_form/consent.html")


@requires(Can.SEE_RECORD)
@require_POST
def consent_pdf(request: ClinicRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    signed = get_record(patient, Consent, consent_id)
    log.record(
        "downloaded_paper", by=request.user, clinic=request.clinic, target=signed, detail={"page": "papers:consent"}
    )
    return pdf_answer(consent_paper(signed), f"consent-{signed.kind}-{signed.given_on}")
