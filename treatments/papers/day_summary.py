"""The summary of one session that goes home with the patient: what was given, how it went, what comes next, and the
aftercare sheet."""

from collections.abc import Iterator

from django.utils import timezone

from treatments.appointments.desk import ahead_of
from treatments.courses.models import Course, ExosomeSession
from treatments.courses.session_title import title
from treatments.courses.vocabulary import SessionOutcome
from treatments.handouts.models import AftercareSheet
from treatments.papers import sheet_text
from treatments.papers.document import Block, Document, Heading, KeyValues, Paragraph, Passage
from treatments.papers.letterhead import about, letterhead, made, telephone
from treatments.papers.next_visit import next_visit
from treatments.papers.products_given import NOT_RECORDED, products_given
from treatments.photos.models import Photo
from treatments.photos.vocabulary import STANDARD_VIEWS, View
from treatments.records.formatting import count, listed, ml, uncapitalised
from treatments.records.months import label
from treatments.records.vocabulary import Asked


def day_summary(session: ExosomeSession, sheet: AftercareSheet | None) -> Document:
    """`session` comes `with_number` and `as_read`. Five queries."""
    clinic = session.clinic
    return Document(
        title=f"Your treatment {session.performed.phrase}",
        letterhead=letterhead(clinic),
        about=about(session.patient, _which(session)),
        blocks=(
            *_state(session),
            Heading("What was given"),
            KeyValues(tuple(_given(session))),
            Heading("How it went"),
            KeyValues(tuple(_felt(session))),
            Heading("What comes next"),
            *_next(session),
            *_aftercare(sheet),
        ),
        made=made(clinic),
        look="day",
    )


def _state(session: ExosomeSession) -> Iterator[Block]:
    if session.is_struck_out:
        yield Paragraph("Struck out as entered in error. This summary does not count.", "notice")


def _which(session: ExosomeSession) -> str:
    """ "Session 4 of 5, Month 3"; the Month alone of one that is struck out."""
    number, place = getattr(session, "number", None), getattr(session, "place", None)
    month = label(session.course.baseline, session.performed).heading
    if number is None:
        return month
    return f"{title(session.course, number, place or 0, session.phase, session.outcome)}, {month}"


def _given(session: ExosomeSession) -> Iterator[tuple[str, str]]:
    first, *beside = products_given(session)
    yield "Product", first.product
    yield "Lot", first.lot
    yield "Volume", first.volume
    yield "Where", first.where
    yield "How", first.how
    for given in beside:
        yield "Also given", given.text
    if beside:
        yield "Volume in all", ml(session.total_ml)
    if session.anaesthesia:
        yield "Anaesthesia", str(session.get_anaesthesia_display())
    if session.given_by:
        yield "Given by", session.given_by
    if session.outcome != SessionOutcome.COMPLETED:
        # Why is the clinic's own note, as is what was noted of a product.
        yield "How it ended", str(session.get_outcome_display())


def _felt(session: ExosomeSession) -> Iterator[tuple[str, str]]:
    if session.pain_during is not None:
        yield "Pain during the treatment", f"{session.pain_during} of 10"
    if session.pain_after is not None:
        yield "Pain 15 minutes after", f"{session.pain_after} of 10"
    events = list(session.adverse_events.standing().serious_first())
    named = listed([uncapitalised(str(event.get_kind_display())) for event in events])
    yield "Reactions", named.capitalize() or _REACTIONS[Asked(session.reactions)]
    photos = Photo.objects.standing().filter(exosome_session=session).in_order()
    ranks = {view.value: rank for rank, view in enumerate(STANDARD_VIEWS)}
    taken = sorted((photo.view for photo in photos), key=lambda view: ranks.get(view, len(ranks)))
    views = [str(View(view).label).lower() for view in taken]
    yield "Photos taken", f"{count(len(views), 'photo')}: {listed(views)}" if views else "none"


_REACTIONS = {
    Asked.NOT_ASKED: "not asked",
    Asked.NONE: "you were asked, and named none",
    Asked.YES: NOT_RECORDED,
}


def _next(session: ExosomeSession) -> Iterator[Block]:
    number = telephone(session.clinic)
    whom = f"{session.clinic.name}, {number}" if number else session.clinic.name
    booked, today = ahead_of(session.patient).first(), timezone.localdate()
    courses = [session.course] if booked or session.course.due else [*_going_on(session)]
    planned = next(filter(None, (next_visit(course, booked, today) for course in courses)), None)
    yield KeyValues((planned or ("Next session", "nothing is planned"), ("Whom to telephone", whom)))


def _going_on(session: ExosomeSession) -> list[Course]:
    """The other courses of the patient: a summary may be printed again when this one is over."""
    return list(Course.objects.going_on().filter(patient=session.patient).exclude(pk=session.course_id).newest_first())


def _aftercare(sheet: AftercareSheet | None) -> Iterator[Block | Passage]:
    if sheet is None:
        return
    yield Passage(sheet.language, sheet_text.blocks(sheet.text))
    if not sheet._state.adding:
        yield Paragraph(f"{sheet}.", "quiet")
