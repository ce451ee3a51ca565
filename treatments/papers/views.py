import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from clinic.audit import log
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.courses.models import ExosomeSession, Protocol
from treatments.handouts import actions
from treatments.handouts.languages import LANGUAGES, OWN
from treatments.handouts.models import AftercareGiven, AftercareSheet, Letter
from treatments.papers.day_summary import day_summary
from treatments.papers.letterhead import telephone
from treatments.papers.paper_page import paper_page, pdf_answer
from treatments.patients.access import get_patient, get_record, page_context


@requires(Can.SEE_RECORD)
@require_GET
def index(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What can go home with this patient, and what did."""
    patient = get_patient(request, patient_id)
    sessions = ExosomeSession.objects.standing().filter(patient=patient).with_number().select_related("course")
    given = AftercareGiven.objects.standing().filter(patient=patient).select_related("sheet__protocol", "created_by")
    context = page_context(
        patient,
        sessions=list(sessions.in_order().reverse()),
        given=list(given.order_by("-given_on", "-id")),
        letters=list(Letter.objects.filter(patient=patient).select_related("signed_by", "created_by").newest_first()),
    )
    return render(request, "treatments/papers/index.html", context)


@requires(Can.SEE_RECORD)
@require_GET
def day(request: ClinicRequest, patient_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    """The summary of one session with the aftercare sheet, as it would go home."""
    patient = get_patient(request, patient_id)
    session = _session(request, patient_id, session_id)
    protocol = _protocol(session)
    language = _language(request.GET.get("language", OWN))
    sheet = actions.sheet_for(request.clinic, protocol, language)
    written = actions.languages_for(request.clinic, protocol)
    given = AftercareGiven.objects.standing().filter(exosome_session=session).select_related("sheet__protocol")
    context = page_context(
        patient,
        heading="Day’s summary",
        session=session,
        sheet=sheet,
        language=language,
        languages=[(code, LANGUAGES[code]) for code in written],
        given=list(given.order_by("id")),
        has_no_telephone=not telephone(request.clinic),
        protocol=protocol,
        cancel_url=session.get_absolute_url(),
        prints_at_once=request.GET.get("print") == "1",
    )
    return paper_page(request, day_summary(session, sheet), context, template="treatments/papers/day.html")


@requires(Can.WRITE_RECORD)
@require_POST
def day_give(request: ClinicRequest, patient_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    """Note which version of the sheet goes home, and hand out the PDF or open the page to print."""
    patient = get_patient(request, patient_id)
    session = _session(request, patient_id, session_id)
    language = _language(request.POST.get("language", OWN))
    sheet: AftercareSheet | None = actions.sheet_for(request.clinic, _protocol(session), language)
    if sheet is not None and not session.is_struck_out:
        sheet = actions.give_aftercare(session, sheet=sheet, by=request.user).sheet
    if request.POST.get("how") == "pdf":
        log.record(
            "downloaded_paper", by=request.user, clinic=request.clinic, target=patient, detail={"page": "papers:day"}
        )
        return pdf_answer(day_summary(session, sheet), f"summary-{session.performed_on:%Y-%m-%d}")
    return redirect(f"{reverse('papers:day', args=[patient.pk, session.pk])}?language={language}&print=1")


def _session(request: ClinicRequest, patient_id: uuid.UUID, session_id: uuid.UUID) -> ExosomeSession:
    patient = get_patient(request, patient_id)
    get_record(patient, ExosomeSession, session_id)
    found: ExosomeSession = (
        ExosomeSession.objects.with_number()
        .as_read()
        .select_related("clinic", "patient", "course__protocol")
        .get(pk=session_id)
    )
    return found


def _protocol(session: ExosomeSession) -> Protocol | None:
    return session.course.protocol


def _language(code: str) -> str:
    return code if code in LANGUAGES else OWN
