import uuid

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clinic.staff.access import Can, ClinicRequest, may, requires
from treatments.appointments.desk import ahead_of
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.papers.course_so_far.actions import release_course
from treatments.papers.course_so_far.course_text import course_so_far, photo_blocks
from treatments.papers.document import Block, Document, Paragraph, Pictures
from treatments.papers.letterhead import about, letterhead, made
from treatments.papers.paper_page import paper_page, pdf_answer
from treatments.papers.pdf import as_pdf
from treatments.papers.photo_pair import PictureMissing, ShownPair, pair_of, pictures
from treatments.papers.products_given import with_products
from treatments.patients.access import get_patient, page_context
from treatments.patients.models import Patient
from treatments.records.formatting import day
from treatments.timeline import density, facts

BY_A_CLINICIAN = "The pair of photos is printed by a clinician: photos leave the clinic with it."


@requires(Can.SEE_RECORD)
@require_GET
def course(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The course in plain words; the pair of photographs only for whoever may let photographs leave the clinic."""
    patient = get_patient(request, patient_id, with_history=True)
    may_export = may(request.membership, Can.EXPORT)
    pair, why = pair_of(patient, request.clinic) if may_export else (None, BY_A_CLINICIAN)
    document = _document(request, patient, _photos(pair, why, for_file=False))
    context = page_context(patient, heading="Your course so far", may_export=may_export)
    return paper_page(request, document, context, template="treatments/papers/course_so_far/course.html")


@requires(Can.EXPORT)
@require_POST
def course_pdf(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The file, with the pair where the consent covers it at this moment."""
    patient = get_patient(request, patient_id, with_history=True)
    pair, why = pair_of(patient, request.clinic)
    try:
        photos = _photos(pair, why, for_file=True)
    except PictureMissing as missing:
        pair, photos = None, (Paragraph(str(missing)),)
    document = _document(request, patient, photos)
    content = as_pdf(document)
    if not release_course(patient, photos=list(pair.pair) if pair else [], content=content, by=request.user):
        _, why = pair_of(patient, request.clinic)
        document = _document(request, patient, _photos(None, why, for_file=True))
        release_course(patient, photos=[], content=as_pdf(document), by=request.user)
    return pdf_answer(document, f"course-{timezone.localdate():%Y-%m-%d}")


def _photos(pair: ShownPair | None, why: str, *, for_file: bool) -> tuple[Block, ...]:
    if pair is None:
        return (Paragraph(why),)
    return photo_blocks(Pictures(pictures(pair, for_file=for_file)), pair.sentences, pair.view)


def _document(request: ClinicRequest, patient: Patient, photos: tuple[Block, ...]) -> Document:
    today = timezone.localdate()
    record = facts.load(patient)
    with_products(record.sessions_of(record.course))
    return course_so_far(
        record,
        density.changes(record, thresholds_of(request.clinic)),
        today,
        letterhead=letterhead(request.clinic),
        about=about(patient, day(today)),
        made=made(request.clinic),
        photos=photos,
        booked=ahead_of(patient).first(),
    )
