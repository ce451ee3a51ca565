"""An act on one's own account, or for managers, asks again who it is after five minutes, and after a PIN."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from clinic.audit import log
from clinic.sign_in.factors.passkeys import ANSWER, why_not
from clinic.sign_in.failures import refuse
from clinic.sign_in.forms import StepForm
from clinic.sign_in.script_responses import is_fetch
from clinic.sign_in.sessions import CONFIRMED, is_confirmed
from clinic.staff.access import ClinicRequest

_STEP = "_confirm"
"""The field of the step's own form, with the method that was asked for."""
_NOT_ITS_OWN = {_STEP, ANSWER, "csrfmiddlewaretoken"}
View = Callable[..., HttpResponseBase]


def after_confirming(view: View) -> View:
    """Ask for the password or a passkey in between, at the same address; what was posted is kept and goes on with it.

    Scripts are answered 403 with {"error": "confirm"}: the page that they open anew asks.
    """

    @wraps(view)
    @sensitive_post_parameters()
    def confirmed(request: ClinicRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_confirmed(request):
            return view(request, *args, **kwargs)
        if is_fetch(request):
            return JsonResponse({"error": "confirm"}, status=403)
        is_asked = _STEP in request.POST
        form = StepForm(request, request.user, request.POST if is_asked else None, by_password=True)
        if not is_asked or not form.is_valid():
            response = _ask(request, form)
            if is_asked:
                refuse(form, response)
            return response
        _note(request, form)
        if request.POST[_STEP] == "GET":
            return redirect(request.get_full_path())
        return view(request, *args, **kwargs)

    return confirmed


def _ask(request: ClinicRequest, form: StepForm) -> HttpResponse:
    waiting = [(n, v) for n, values in request.POST.lists() for v in values if n not in {*_NOT_ITS_OWN, form.asked}]
    context = {
        "form": form,
        "method": request.POST.get(_STEP, request.method),
        "waiting": waiting,
        "passkeys_do": not why_not(request),
    }
    return render(request, "sign_in/confirm.html", context)


def _note(request: ClinicRequest, form: StepForm) -> None:
    request.session[CONFIRMED] = int(time.time())
    log.record("confirmed_identity", by=request.user, clinic=request.clinic, detail={"factor": form.factor})
