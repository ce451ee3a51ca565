"""What depends on a session, in sentences, before it is struck out."""

from treatments.courses.models import Course, ExosomeSession
from treatments.photos.models import Photo
from treatments.records.formatting import count, listed, ml
from treatments.safety.suspected_sessions import left_behind
from treatments.sessions.course_state import course_without


def depending_on(session: ExosomeSession) -> str:
    """ "3 photos of it stay in the record. 3 mL go back to lot X. Induction: 2 → 1 session and next due …" """
    photos = Photo.objects.standing().filter(exosome_session=session).count()
    sentences = []
    if photos:
        sentences.append(f"{count(photos, 'photo')} of it {'stays' if photos == 1 else 'stay'} in the record.")
    if events := left_behind(session):
        sentences.append(events)
    for lot in session.lots_given:
        sentences.append(f"{ml(session.ml_of(lot))} go back to lot {lot.number}.")
    return " ".join([*sentences, *_plan_after(session)])


def _plan_after(session: ExosomeSession) -> list[str]:
    before = Course.objects.get(pk=session.course_id)
    after = course_without(session, by=session.created_by)
    changes = [f"{before.sessions_done} → {count(after.sessions_done, 'session')}"]
    if before.next_due != after.next_due:
        due = [course.due.label() if course.due else "nothing" for course in (before, after)]
        changes.append(f"next due {due[1]} instead of {due[0]}")
    if before.state != after.state:
        changes.append(f"{before.get_state_display().lower()} → {after.get_state_display().lower()}")
    return [f"{before.name}: {listed(changes)}."]
