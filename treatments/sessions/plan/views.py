import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.courses import course_progress
from treatments.courses.models import Course, ExosomeSession, Protocol
from treatments.courses.vocabulary import CourseState
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.photos.vocabulary import View
from treatments.records.actions import Conflict
from treatments.records.form_view import form_page, history_page, strike_out_page
from treatments.records.models import Correction
from treatments.records.months import label as month_label
from treatments.sessions.plan import actions as planning
from treatments.sessions.plan.forms import AdvanceForm, CourseForm, ProtocolForm, StepForm, StopForm


@requires(Can.SEE_RECORD)
@require_GET
def protocols(request: ClinicRequest) -> HttpResponse:
    found = Protocol.objects.of(request.clinic).select_related("product").order_by("archived_at", "name")
    context = {"protocols": found, "nav": "protocols"}
    return render(request, "treatments/sessions/plan/protocols.html", context)


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def protocol_add(request: ClinicRequest) -> HttpResponse:
    form = ProtocolForm(request.POST or None, clinic=request.clinic)

    def act(form: ProtocolForm) -> HttpResponse:
        protocol = planning.add_protocol(form.new_record(clinic=request.clinic), passed=form.passed, by=request.user)
        messages.success(request, f"{protocol.name} can now be chosen when a course is planned.")
        return redirect("sessions:protocols")

    context = {"heading": "Add a protocol", "nav": "protocols", "cancel_url": "../"}
    return form_page(request, "treatments/sessions/plan/form.html", form, act, context)


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def protocol(request: ClinicRequest, protocol_id: uuid.UUID) -> HttpResponse:
    kept = get_object_or_404(Protocol.objects.of(request.clinic), pk=protocol_id)
    form = ProtocolForm(request.POST or None, clinic=request.clinic, instance=kept)

    def act(form: ProtocolForm) -> HttpResponse:
        planning.change_protocol(
            kept,
            changes=form.values(),
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The protocol is changed. Courses made from it keep the plan they have.")
        return redirect("sessions:protocols")

    context = {"heading": kept.name, "protocol": kept, "nav": "protocols", "cancel_url": "../"}
    return form_page(request, "treatments/sessions/plan/form.html", form, act, context)


@requires(Can.MANAGE_PROTOCOLS)
@require_POST
def protocol_archive(request: ClinicRequest, protocol_id: uuid.UUID) -> HttpResponse:
    kept = get_object_or_404(Protocol.objects.of(request.clinic), pk=protocol_id)
    planning.archive_protocol(kept, archived=kept.archived_at is None, by=request.user)
    is_back = kept.archived_at is not None
    messages.success(request, f"{kept.name} is {'back on' if is_back else 'off'} the list for new courses.")
    return redirect("sessions:protocols")


@requires(Can.SEE_RECORD)
@require_GET
def course(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    """The plan as a row of dots, the sessions with their numbers and deviations, and how the plan was changed."""
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Course, course_id)
    sessions = list(
        ExosomeSession.objects.filter(course=kept).with_number().as_read().select_related("struck_out_by").in_order()
    )
    row = _dots(kept, [session for session in sessions if not session.is_struck_out])
    deviations = {dot.key: dot.deviation for dot in row if dot.key is not None}
    lines = [
        {
            "session": session,
            "deviation": deviations.get(session.pk, ""),
            "month": month_label(kept.baseline_on, session.performed_on),
        }
        for session in sessions
    ]
    context = _about(patient, course=kept) | {
        "dots": row,
        "lines": lines,
        "corrections": Correction.objects.of_record(kept),
        "next_states": list(planning.next_states(kept)),
        "view_labels": [View(code).label for code in kept.views if code in View.values],
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
        planned = planning.plan_course(
            form.new_record(clinic=request.clinic, patient=patient), passed=form.passed, by=request.user
        )
        messages.success(request, f"The course is planned. The first session is due {planned.baseline.label()}.")
        return redirect(planned)

    context = _about(patient, heading="Plan a course", protocols=in_use, protocol_chosen=chosen)
    return form_page(request, "treatments/sessions/plan/form.html", form, act, context)


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def course_change(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Course, course_id)
    form = CourseForm(request.POST or None, clinic=request.clinic, instance=kept)

    def act(form: CourseForm) -> HttpResponse:
        planning.change_course(
            kept,
            changes=form.values(),
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The plan is changed; the reason and the plan as it was are kept.")
        return redirect(kept)

    context = _about(patient, heading="Change the plan", cancel_url=kept.get_absolute_url())
    return form_page(request, "treatments/sessions/plan/form.html", form, act, context)


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def course_stop(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Course, course_id)
    today = f"{timezone.localdate():%-d %b %Y}"
    form = StopForm(request.POST or None, initial={"version": kept.version, "stopped_on": today})

    def act(told: dict[str, Any], shared: dict[str, Any]) -> str:
        planning.stop_course(kept, on=told["stopped_on"].earliest, **shared)
        return "The course is stopped. Nothing more is due."

    return _step(request, patient, kept, form, act, heading="Stop the course", save_label="Stop the course")


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def course_resume(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Course, course_id)
    form = StepForm(request.POST or None, initial={"version": kept.version})

    def act(told: dict[str, Any], shared: dict[str, Any]) -> str:
        planning.resume_course(kept, **shared)
        return "The course goes on where it was left."

    return _step(request, patient, kept, form, act, heading="Take the course up again", save_label="Take it up again")


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def course_advance(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Course, course_id)
    states = [(state.value, str(state.label)) for state in planning.next_states(kept)]
    form = AdvanceForm(request.POST or None, states=states, initial={"version": kept.version})

    def act(told: dict[str, Any], shared: dict[str, Any]) -> str:
        moved = planning.advance_course(kept, to=told["to"], **shared)
        return f"The course has moved on: {moved.get_state_display().lower()}."

    return _step(
        request, patient, kept, form, act, heading="Move the course on", save_label="Move on", has_ways=bool(states)
    )


@requires(Can.MANAGE_PROTOCOLS)
@require_http_methods(["GET", "POST"])
def course_strike_out(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Course, course_id)
    if kept.sessions_done:
        messages.warning(request, "Sessions stand in this course. Strike them out first, or stop the course instead.")
        return redirect(kept)
    act, back = planning.strike_out_course, kept.get_absolute_url()
    return strike_out_page(request, patient=patient, record=kept, act=act, back=back)


@requires(Can.SEE_RECORD)
@require_GET
def course_corrections(request: ClinicRequest, patient_id: uuid.UUID, course_id: uuid.UUID) -> HttpResponse:
    patient = get_patient(request, patient_id)
    kept = get_record(patient, Course, course_id)
    return history_page(request, patient=patient, record=kept, back=kept.get_absolute_url())


def _about(patient: Patient, **more: Any) -> dict[str, Any]:
    return {"patient": patient, "nav": "patients", "cancel_url": patient.get_absolute_url(), **more}


def _dots(course: Course, sessions: list[ExosomeSession]) -> list[course_progress.Dot]:
    given = [course_progress.GivenSession(s.pk, s.phase, s.performed_on, s.performed.latest) for s in sessions]
    closed = course.is_struck_out or course.state in {CourseState.STOPPED, CourseState.FINISHED}
    return course_progress.row(
        course.facts, baseline_on=course.baseline_on, given=given, today=timezone.localdate(), closed=closed
    )


def _step(
    request: ClinicRequest,
    patient: Patient,
    course: Course,
    form: forms.Form,
    act: Callable[[dict[str, Any], dict[str, Any]], str],
    **more: Any,
) -> HttpResponse:
    """Ask for a step's reason and take the step. What was typed stays on the page when it is refused."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            told = form.cleaned_data
            shared = {"reason": told["reason"], "expected_version": told["version"], "by": request.user}
            try:
                messages.success(request, act(told, shared))
                return redirect(course)
            except Conflict as refusal:
                form.data = form.data.copy()  # type: ignore[attr-defined]
                form.data["version"] = str(refusal.current.version)  # type: ignore[index]
                form.add_error(None, "Somebody changed this course in the meantime. Look at it again, then decide.")
                status = 409
            except ValidationError as refusal:
                form.add_error(None, refusal)
    context = _about(patient, course=course, form=form, **more) | {"cancel_url": course.get_absolute_url()}
    return render(request, "treatments/sessions/plan/step.html", context, status=status)
