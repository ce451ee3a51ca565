from typing import Final

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clinic.operations.database_restore import is_empty
from clinic.staff.access import open_to_anyone
from treatments.copies import restore
from treatments.copies.first_page.actions import begin_clinic, begin_restore
from treatments.copies.first_page.code import is_valid
from treatments.copies.first_page.forms import CopyForm, NewClinicForm, time_of
from treatments.copies.progress import Progress

SHOWN: Final = 20
"""Of the photos that are not whole, so many stand on the page."""


@open_to_anyone
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, secret: str) -> HttpResponse:
    """A new clinic, or a copy of one; while the copy is restored, how far it is. 404 without a valid code."""
    if not is_valid(secret):
        raise Http404
    state = restore.progress()
    response = _progress(request, state) if state.is_alive() or _is_restored(state) else _choice(request, state)
    # The address holds the code.
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_restored(state: Progress) -> bool:
    return state.is_over and not state.fault and "report" in state.facts


def _progress(request: HttpRequest, state: Progress) -> HttpResponse:
    if request.method == "POST":  # pressed twice
        return redirect(request.path)
    report = state.facts.get("report") if state.is_over else None
    context: dict[str, object] = {"state": state, "report": report}
    if report:
        context |= {"made_at": time_of(report["stamp"]), "more": len(report["wrong"]) - SHOWN}
    response = render(request, "treatments/copies/begin_progress.html", context)
    if not state.is_over:
        response.headers["Refresh"] = "2"
    return response


def _choice(request: HttpRequest, state: Progress) -> HttpResponse:
    if not state.step and not is_empty():
        raise Http404
    posted = request.POST if request.method == "POST" else None
    act = posted.get("act", "") if posted else ""
    new = NewClinicForm(posted if act == "new" else None)
    copy = CopyForm(posted if act == "copy" else None, last_place=state.facts.get("place", ""))
    if act == "copy" and copy.is_valid():
        begin_restore(**copy.cleaned_data)
        return redirect(request.path)
    if act == "new" and new.is_valid():
        if not is_empty():
            raise Http404
        try:
            return redirect("one-time-link", begin_clinic(**new.cleaned_data))
        except ValidationError as refusal:
            new.add_error(None, refusal)
    context = {"new": new, "copy": copy, "fault": state.fault, "was_stopped": bool(state.step) and not state.is_over}
    return render(request, "treatments/copies/begin.html", context, status=422 if posted else 200)
