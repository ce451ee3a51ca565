"""The page that answers who saw or did what; the same on paper and as a file; and what a patient is told of it."""

import uuid
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from clinic.audit import log, looks
from clinic.audit_report.questions import COUNTED, Answer, Question
from clinic.audit_report.words import Kind
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.audit_trail.forms import QuestionForm, SinceForm
from treatments.audit_trail.lines import Line, lines
from treatments.audit_trail.people import people_of
from treatments.audit_trail.spreadsheet import file_lines
from treatments.audit_trail.subjects import subject_of
from treatments.audit_trail.who_looked import days_of_people, trail_begins
from treatments.patients.access import get_patient, page_context
from treatments.records.formatting import count, day
from treatments.records.text.numbers import page_number

EVENTS_ON_A_PAGE = 50
EVENTS_ON_PAPER = 1_000
PAGE = "treatments/audit_trail/audit_trail.html"
WHO_LOOKED = "treatments/audit_trail/who_looked.html"


def _form(request: ClinicRequest) -> QuestionForm:
    """Bound once something was asked: the empty page asks the trail nothing."""
    asked = any(name in request.GET for name in QuestionForm.base_fields)
    return QuestionForm(request.GET if asked else None, clinic=request.clinic, people=people_of(request.clinic))


def _put_on_trail(request: ClinicRequest, form: QuestionForm, action: str) -> Question:
    """The question, on the trail itself before it is answered."""
    question = form.question(asked_at=timezone.now())
    patient = form.subject.patient if form.subject else None
    log.record(action, by=request.user, clinic=request.clinic, target=patient, detail=form.codes)
    return question


def _told(form: QuestionForm, answer: Answer) -> list[Line]:
    return list(lines(answer.events, clinic=form.clinic, people=form.people, with_names=True))


def _how_many(events: int) -> str:
    return (
        f"more than {COUNTED:,} events"
        if events > COUNTED
        else count(events, "event").replace(str(events), f"{events:,}")
    )


@requires(Can.SEE_AUDIT, look="")  # the question writes its own event; unasked the page shows nobody
@require_GET
def audit_trail(request: ClinicRequest) -> HttpResponse:
    form = _form(request)
    context: dict[str, Any] = {"nav": "audit-trail", "form": form, "examples": _examples()}
    if not form.is_bound or not form.is_valid():
        if form.matches:
            looks.told("searched", letters=len(form.data["patient"]), hits=len(form.matches))
        return render(request, PAGE, context, status=422 if form.is_bound else 200)
    question = _put_on_trail(request, form, "viewed_audit")
    looks.told("viewed_audit")  # printed, it is on the trail as well
    after, before = (
        page_number(request.GET.get(name)) if name in request.GET else None for name in ("after", "before")
    )
    answer = question.page(EVENTS_ON_A_PAGE, after=after, before=before)
    context |= {"answer": answer, "lines": _told(form, answer), "how_many": _how_many(question.count())}
    return render(request, PAGE, context)


@requires(Can.SEE_AUDIT)
@require_GET
def audit_trail_print(request: ClinicRequest) -> HttpResponse:
    """The answer on paper, with the question, who asked and when. A question that cannot be answered is asked anew."""
    form = _form(request)
    if not form.is_valid():
        return redirect(f"{reverse('audit-trail')}?{request.GET.urlencode()}")
    question = _put_on_trail(request, form, "printed_audit")
    answer = question.page(EVENTS_ON_PAPER)
    context = {
        "nav": "audit-trail",
        "form": form,
        "answer": answer,
        "lines": _told(form, answer),
        "how_many": _how_many(question.count()),
        "asked_at": question.asked_at,
        "on_paper": EVENTS_ON_PAPER,
    }
    return render(request, "treatments/audit_trail/print.html", context)


@requires(Can.SEE_AUDIT)
@require_GET
def audit_trail_csv(request: ClinicRequest) -> HttpResponse | StreamingHttpResponse:
    """The answer as a file, one event a row. Patients are named in it only where one was asked for."""
    form = _form(request)
    if not form.is_valid():
        return redirect(f"{reverse('audit-trail')}?{request.GET.urlencode()}")
    question = _put_on_trail(request, form, "exported_audit")
    now = timezone.localtime(question.asked_at)
    told = lines(question.all(), clinic=form.clinic, people=form.people, with_names=form.subject is not None)
    heading = f"Audit trail of {form.clinic}, asked by {request.user} on {day(now)}, {now:%H:%M}"
    return StreamingHttpResponse(
        file_lines(form.facts, heading, told),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="audit-trail-{now:%Y-%m-%d-%H%M}.csv"'},
    )


def _examples() -> list[tuple[str, str]]:
    """Questions that are often asked, each with its address."""
    today = timezone.localdate()
    month = f"1 {today:%b %Y}"
    asked: dict[str, dict[str, str]] = {
        "Everything of today": {"since": day(today)},
        "What was exported or printed this month": {"since": month, "kind": Kind.LEFT},
        "What was refused this month": {"since": month, "kind": Kind.REFUSED},
        "Who signed in this month": {"since": month, "kind": Kind.SIGNED},
    }
    return [(label, urlencode(answers)) for label, answers in asked.items()]


@requires(Can.SEE_AUDIT)
@require_GET
def who_looked(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Who looked at this record or wrote in it, by day, to be given to the patient."""
    patient = get_patient(request, patient_id)
    form = SinceForm(request.GET if "since" in request.GET else None)
    context = page_context(patient, form=form, trail_begins=trail_begins(request.clinic))
    if form.is_bound and not form.is_valid():
        return render(request, WHO_LOOKED, context, status=422)
    subject = subject_of(patient)
    question = Question(
        clinic=request.clinic,
        asked_at=timezone.now(),
        patients=subject.ids,
        entries=subject.entries,
        first=form.first,
    )
    log.record("viewed_audit", by=request.user, clinic=request.clinic, target=patient, detail={"page": "who-looked"})
    context |= {
        "days": days_of_people(question, people_of(request.clinic)),
        "asked_at": question.asked_at,
        "subject": subject,
    }
    return render(request, WHO_LOOKED, context)
