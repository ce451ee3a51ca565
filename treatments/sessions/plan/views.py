import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.appointments import desk
from treatments.assessments.next_visit import visits_seen
from treatments.courses import course_progress
from treatments.courses.models import Course, ExosomeSession, Protocol
from treatments.courses.vocabulary import CourseState
from treatments.patients.access import get_patient, get_record, page_context
from treatments.patients.models import Patient
from treatments.patients.record_views import record_views
from treatments.photos.vocabulary import View
from treatments.records.form_view import form_page, nothing_to_do, step_page
from treatments.records.formatting import count, day, listed, uncapitalised
from treatments.records.models import Correction
from treatments.records.months import label as month_label
from treatments.sessions.plan import actions, filed_facts
from treatments.sessions.plan.forms import AdvanceForm, CourseForm, HandOnForm, ProtocolForm, StepForm, StopForm


@requires(Can.SEE_RECORD, look="")
@require_GET
def protocols(request: ClinicRequest) -> HttpResponse:
    every = Protocol.objects.of(request.clinic).select_related("product").order_by("archived_at", "name")
    context = {"protocols": every, "nav": "protocols"}
    return render(request, "treatments/sessions/plan/protocols.html", context)


@requires(Can.MANAGE_PROTOCOLS, look="")
@require_http_methods(["GET", "POST"])
def protocol_add(request: ClinicRequest) -> HttpResponse:
    form = ProtocolForm(request.POST or None, clinic=request.clinic)

    def act(form: ProtocolForm) -> HttpResponse:
        protocol = actions.add_protocol(form.new_record(clinic=request.clinic), passed=form.passed, by=request.user)
        messages.success(request, f"{protocol.name} can now be chosen when a course is planned.")
        return redirect("sessions:protocols")

    context = {"heading": "Add a protocol", "nav": "protocols", "cancel_url": "../"}
    return form_page(request, "treatments/sessions/plan/form.html", form, act, context)


@requires(Can.MANAGE_PROTOCOLS, look="")
@require_http_methods(["GET", "POST"])
def protocol(request: ClinicRequest, protocol_id: uuid.UUID) -> HttpResponse:
    protocol = get_object_or_404(Protocol.objects.of(request.clinic), pk=protocol_id)
    form = ProtocolForm(request.POST or None, clinic=request.clinic, instance=protocol)

    def act(form: ProtocolForm) -> HttpResponse:
        actions.change_protocol(protocol, **form.correction(by=request.user))
        messages.success(request, "The protocol is changed. Courses already planned from it do not change.")
        return redirect("sessions:protocols")

    context = {"heading": protocol.name, "protocol": protocol, "nav": "protocols", "cancel_url": "../"}
    return form_page(request, "treatments/sessions/plan/form.html", form, act, context)


@requires(Can.MANAGE_PROTOCOLS, look="")
@require_POST
def protocol_archive(request: ClinicRequest, protocol_id: uuid.UUID) -> HttpResponse:
    protocol = get_object_or_404(Protocol.objects.of(request.clinic), pk=protocol_id)
    actions.archive_protocol(protocol, archived=protocol.archived_at is None, by=request.user)
    is_back = protocol.archived_at is not None
    messages.success(
        request, (f"{protocol.name} is {'offered again' if is_back else 'not offered any more'} for new courses.")
    )
    return redirect("sessions:protocols")


@requires(Can.SEE_RECORD)
@require_GET
def course(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    """The plan as a row of dots, the sessions with their numbers and deviations, and how the plan was changed."""
    patient = get_patient(request, patient_id)
    course = get_record(patient, Course, course_id)
    sessions = list(
        ExosomeSession.objects.filter(course=course).with_number().as_read().select_related("struck_out_by").in_order()
    )
    row = _dots(course, [session for session in sessions if not session.is_struck_out])
    deviations = {dot.key: dot.deviation for dot in row if dot.key is not None}
    lines = [
        {
            "session": session,
            "deviation": deviations.get(session.pk, ""),
            "month": month_label(course.baseline, session.performed),
        }
        for session in sessions
    ]
    context = page_context(patient, course=course) | {
        "due": course.due.in_full(timezone.localdate()) if course.due else "",
        "dots": row,
        "lines": lines,
        "filed": filed_facts.counts(course) if course.is_struck_out else [],
        "corrections": Correction.objects.of_record(course),
        "next_states": list(actions.next_states(course)),
        "view_labels": [View(code).label for code in course.views if code in View.values],
    }
    return render(request, "treatments/sessions/plan/course.html", context)


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def course_plan(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Plan a course, filled in from a protocol: the one that was chosen, or the only one there is."""
    patient = get_patient(request, patient_id)
    in_use = list(Protocol.objects.of(request.clinic).in_use().order_by("name"))
    asked = request.POST.get("protocol", request.GET.get("protocol", ""))
    chosen = next((p for p in in_use if str(p.pk) == asked), None)
    if chosen is None and len(in_use) == 1 and "protocol" not in request.GET and request.method == "GET":
        chosen = in_use[0]
    form = CourseForm(request.POST or None, clinic=request.clinic, protocol=chosen)

    def act(form: CourseForm) -> HttpResponse:
        planned = actions.plan_course(
            form.new_record(clinic=request.clinic, patient=patient), passed=form.passed, by=request.user
        )
        messages.success(request, f"The course is planned. The first session is due {planned.baseline.label()}.")
        return redirect(planned)

    context = page_context(patient, heading="Plan a course", protocols=in_use, protocol_chosen=chosen)
    return form_page(request, "treatments/sessions/plan/form.html", form, act, context)


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def course_change(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    course = get_record(patient, Course, course_id)
    form = CourseForm(request.POST or None, clinic=request.clinic, instance=course)

    def act(form: CourseForm) -> HttpResponse:
        actions.change_course(course, **form.correction(by=request.user))
        messages.success(request, "The plan is changed. The old plan and your reason are kept.")
        return redirect(course)

    context = page_context(patient, heading="Change the plan", cancel_url=course.get_absolute_url())
    return form_page(request, "treatments/sessions/plan/form.html", form, act, context)


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def course_stop(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    course = get_record(patient, Course, course_id)
    if request.method == "GET" and (course.is_struck_out or not course.is_open):
        return nothing_to_do(request, _as_it_stands(course), back=course.get_absolute_url())
    initial = {"version": course.version, "stopped_on": timezone.localdate()}
    form = StopForm(request.POST or None, initial=initial)

    def act(values: dict[str, Any]) -> str:
        actions.stop_course(course, on=values["stopped_on"], **_arguments(request, values))
        if (still := desk.ahead_of(patient).filter(course=course).first()) is not None:
            messages.warning(request, f"{patient.name} is booked for {still.label}. Cancel that if nobody will come.")
        return "The course is stopped. Nothing more is due."

    return _step(request, patient, course, form, act, heading="Stop the course", save_label="Stop the course")


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def course_resume(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    course = get_record(patient, Course, course_id)
    if request.method == "GET" and (course.is_struck_out or course.state != CourseState.STOPPED):
        sentence = f"{_as_it_stands(course)} Only a course that was stopped can be taken up again."
        return nothing_to_do(request, sentence, back=course.get_absolute_url())
    form = StepForm(request.POST or None, initial={"version": course.version})

    def act(values: dict[str, Any]) -> str:
        actions.resume_course(course, **_arguments(request, values))
        return "The course goes on from where it stopped."

    return _step(request, patient, course, form, act, heading="Take the course up again", save_label="Take it up again")


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def course_advance(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    course = get_record(patient, Course, course_id)
    states = [(state.value, str(state.label)) for state in actions.next_states(course)]
    heading = "Move the course on"
    if not states:
        context = page_context(patient, course=course, heading=heading, cancel_url=course.get_absolute_url())
        status = 422 if request.method == "POST" else 200
        return render(request, "treatments/sessions/plan/no_way_on.html", context, status=status)
    form = AdvanceForm(request.POST or None, states=states, initial={"version": course.version})

    def act(values: dict[str, Any]) -> str:
        moved = actions.advance_course(course, to=values["to"], **_arguments(request, values))
        return f"The course has moved on: {moved.get_state_display().lower()}."

    return _step(request, patient, course, form, act, heading=heading, save_label="Move on")


@requires(Can.WRITE_RECORD)
@require_http_methods(["GET", "POST"])
def course_hand_on(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    """Give what is filed under a course that was struck out to the right one."""
    patient = get_patient(request, patient_id)
    course = get_record(patient, Course, course_id)
    filed = filed_facts.counts(course)
    if not course.is_struck_out or not filed:
        messages.info(
            request, ("No record is left to move. Only records of a course that was entered in error can be moved.")
        )
        return redirect(course)
    form = HandOnForm(request.POST or None, course=course)

    def act(values: dict[str, Any]) -> str:
        number = actions.hand_facts_on(course, to=values["to"], reason=values["reason"], by=request.user)
        return (
            f"{count(number, 'record')} now {'belongs' if number == 1 else 'belong'} to {values['to'].distinct_name}."
        )

    heading = f"Where do {listed(filed)} belong?"
    return _step(request, patient, course, form, act, heading=heading, save_label="Move them to this course")


def _left_behind(course: Course) -> str:
    """What striking out a course leaves without one."""
    filed = listed(filed_facts.counts(course))
    later = "Then they belong to no course until somebody chooses one."
    return f"Filed under this course: {filed}. {later}" if filed else ""


_course_views = record_views(Course, act=actions.strike_out_course, can=Can.MANAGE_PROTOCOLS, depending=_left_behind)
course_corrections = _course_views.corrections


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def course_strike_out(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    course = get_record(get_patient(request, patient_id), Course, course_id)
    if course.sessions_done:
        messages.warning(request, "This course has sessions. Strike them out first, or stop the course.")
        return redirect(course)
    return _course_views.strike_out(request, patient_id, course_id=course_id)


def _dots(course: Course, sessions: list[ExosomeSession]) -> list[course_progress.Dot]:
    given = [course_progress.GivenSession(session.pk, session.given) for session in sessions]
    closed = (
        course.is_struck_out or course.is_left_unfinished or course.state in {CourseState.STOPPED, CourseState.FINISHED}
    )
    return course_progress.row(
        course.facts,
        baseline=course.baseline,
        given=given,
        seen=visits_seen(course),
        today=timezone.localdate(),
        closed=closed,
    )


def _as_it_stands(course: Course) -> str:
    if course.is_struck_out:
        return "This course was struck out as entered in error."
    if course.stopped_on is not None:
        return f"This course was stopped on {day(course.stopped_on)}."
    return f"This course is {uncapitalised(course.get_state_display())}."


def _step(
    request: ClinicRequest,
    patient: Patient,
    course: Course,
    form: forms.Form,
    act: Callable[[dict[str, Any]], str],
    **more: Any,
) -> HttpResponse:
    """Ask for a step's reason and take the step; `act` answers with what to tell the person."""

    def take(values: dict[str, Any]) -> HttpResponse:
        messages.success(request, act(values))
        return redirect(course)

    return step_page(
        request,
        "treatments/sessions/plan/step.html",
        form,
        take,
        page_context(patient, course=course, cancel_url=course.get_absolute_url(), **more),
        conflict="Somebody else changed this course while you were on this page. Read it again, then decide.",
    )


def _arguments(request: ClinicRequest, values: dict[str, Any]) -> actions.StepArguments:
    return {"reason": values["reason"], "expected_version": values["version"], "by": request.user}
