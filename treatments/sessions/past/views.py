"""Several past sessions of a patient at once: a row for each, from a paper file."""

import uuid
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.staff.access import Can, ClinicRequest, may, people_who_may, requires
from treatments.courses.models import Course, ExosomeSession, Protocol
from treatments.courses.vocabulary import Route
from treatments.patients.access import get_patient, page_context
from treatments.patients.models import Patient
from treatments.products.models import Lot, Product
from treatments.records.actions import AlreadySaved
from treatments.records.drafts import store as drafts
from treatments.records.drafts.leaving import opening_of
from treatments.records.form_view import is_truncated
from treatments.records.formatting import count
from treatments.records.ids import new_id
from treatments.records.partial_dates import of_day
from treatments.records.vocabulary import Asked
from treatments.sessions.log import lot_choice
from treatments.sessions.past import actions
from treatments.sessions.past.forms import NEW, PastSessions, course_from

LOTS_LISTED: Final = 200
PAGE: Final = "treatments/sessions/past/past.html"


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def past(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Rows for sessions that were given before; all that are filled are saved, or none."""
    patient = get_patient(request, patient_id, with_history=True)
    courses = list(Course.objects.standing().filter(patient=patient).open_first())
    may_plan = may(request.membership, Can.MANAGE_PROTOCOLS)
    protocols = list(Protocol.objects.of(request.clinic).in_use().order_by("name")) if may_plan else []
    if not courses and not protocols:
        return render(request, "treatments/sessions/log/no_course.html", page_context(patient))
    asked = request.POST.get("course") or request.GET.get("course") or ""
    form = _form(request, patient, asked, courses, protocols)
    status, told = 200, ""
    is_one_more = request.method == "POST" and request.POST.get("act") == "add"
    if request.method == "POST" and not is_one_more:
        if is_truncated(request):
            status, told = 422, "Only a part of this form arrived. Nothing was saved. Press Save again."
        elif form.course is None:
            status, told = 422, "Choose the course that these sessions belong to."
        elif not form.filled:
            status, told = 422, "Nothing is written yet. Write at least the day of one session."
        elif response := _save(request, patient, form):
            return response
        else:
            status = 422
    context = _context(request, patient, form, courses, protocols, asked) | {"told": told}
    if is_one_more:
        context["resumed"] = opening_of(request)
    return render(request, PAGE, context, status=status)


def _form(
    request: ClinicRequest, patient: Patient, asked: str, courses: list[Course], protocols: list[Protocol]
) -> PastSessions:
    """With the course that was chosen; where none was, the one that goes on, or the only protocol's."""
    data = request.POST if request.method == "POST" else None
    who: dict[str, Any] = {
        "clinic": request.clinic,
        "patient": patient,
        "may_override": may(request.membership, Can.OVERRIDE),
    }
    course = next((each for each in courses if str(each.pk) == asked), None if asked else next(iter(courses), None))
    if course is not None:
        return PastSessions(data, course=course, **who)
    protocol = next((each for each in protocols if f"{NEW}{each.pk}" == asked), None)
    if protocol is None and not asked and len(protocols) == 1:
        protocol = protocols[0]
    form = PastSessions(data, course=None, **who)
    if protocol is None:
        return form
    planned = course_from(
        protocol, patient=patient, course_id=_new_course_id(request), rows=[row.when for row in form.filled]
    )
    if planned.baseline_on is None:  # a page without a date yet is judged by nothing
        planned.baseline_on = timezone.localdate()
    if (saved := Course.objects.filter(pk=planned.pk, patient=patient).first()) is not None:
        planned = saved  # the same form, sent again
    return PastSessions(data, course=planned, **who)


def _new_course_id(request: ClinicRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("new-course", ""))
    except ValueError:
        return new_id()


def _save(request: ClinicRequest, patient: Patient, form: PastSessions) -> HttpResponse | None:
    """None where something is to be put right first."""
    if (saved := _saved_before(request, patient, form)) is None:
        if not form.is_valid():
            return None
        course = form.course if form.is_new_course else None
        try:
            saved = actions.log_sessions(form.sessions(), new_course=course, by=request.user)
        except actions.RowRefused as refusal:
            form.filled[refusal.number].refusals = list(refusal.sentences)
            return None
        except (ValidationError, AlreadySaved) as refusal:
            form.filled[0].refusals = getattr(refusal, "messages", [str(refusal)])
            return None
    drafts.discard_saved(
        owner=request.user,
        clinic=request.clinic,
        form=request.path,
        opening=request.POST.get("_opening", ""),
        record_id="",
    )
    messages.success(request, f"{count(len(saved), 'session')} saved.")
    return redirect(patient)


def _saved_before(request: ClinicRequest, patient: Patient, form: PastSessions) -> list[ExosomeSession] | None:
    """The sessions of a form that is sent a second time, as they were saved; None unless all of them were.

    Another content under the same ids is no repeat: the action refuses it.
    """
    form.is_valid()
    made = form.submissions()
    standing = ExosomeSession.objects.standing().filter(pk__in=made, patient=patient, created_by=request.user)
    saved = [each for each in standing if each.submission == made[each.pk]]
    return saved if made and len(saved) == len(made) else None


def _context(
    request: ClinicRequest,
    patient: Patient,
    form: PastSessions,
    courses: list[Course],
    protocols: list[Protocol],
    asked: str,
) -> dict[str, Any]:
    chosen = asked
    if not chosen and form.course is not None:
        chosen = f"{NEW}{form.course.protocol_id}" if form.is_new_course else str(form.course.pk)
    return page_context(
        patient,
        heading="Enter past sessions",
        sheet=form,
        course_choices=[(str(each.pk), each.distinct_name) for each in courses]
        + [(f"{NEW}{each.pk}", f"New course: {each.name}") for each in protocols],
        course_chosen=chosen,
        new_course_id=form.course.pk if form.is_new_course and form.course else new_id(),
        lots=list(Lot.objects.of(request.clinic).select_related("product").order_by("-pk")[:LOTS_LISTED]),
        not_recorded=lot_choice.NOT_RECORDED,
        products=list(Product.objects.of(request.clinic).filter(archived_at=None).order_by("name")),
        routes=Route.choices,
        people=list(people_who_may(Can.WRITE_RECORD, clinic=request.clinic)),
        pain=range(11),
        reactions=[(Asked.NOT_ASKED.value, "Not asked"), (Asked.NONE.value, "Asked, none")],
        not_treated=patient.treatment_day_problems(of_day(timezone.localdate()), field="when", what="session"),
        save_label="Save all",
        draft_form=request.path,
    )
