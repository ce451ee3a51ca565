"""One answer for a form that comes several times: after a double click, or an answer that was lost on the way."""

import uuid
from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect

from clinic.staff.access import ClinicRequest
from treatments.patients.access import Elsewhere
from treatments.patients.moves import RecordMove


def answer_once(
    request: ClinicRequest, answer: Callable[[], HttpResponse], *, leads_to: Callable[[RecordMove], str]
) -> HttpResponse:
    """What `answer` gives, or the way to what this very form has done, be it while the answer was worked out."""
    if (done := _done(request)) is not None:
        return redirect(leads_to(done))
    try:
        response = answer()
    except Elsewhere:
        if (done := _done(request)) is None:
            raise
        return redirect(leads_to(done))
    if request.method == "POST" and (done := _done(request)) is not None:
        return redirect(leads_to(done))
    return response


def _done(request: ClinicRequest) -> RecordMove | None:
    """The act of this person whose id the form has; None before it was saved."""
    try:
        pk = uuid.UUID(request.POST.get("id", ""))
    except ValueError:
        return None
    return RecordMove.objects.filter(pk=pk, created_by=request.user, clinic=request.clinic).first()
