"""Leads an address of a record that was moved, or of two records that were merged, to where it is read now."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from treatments.patients.access import Elsewhere

Response = Callable[[HttpRequest], HttpResponse]


class FollowMovedRecords:
    """A page that is asked for leads on; a form that was sent changes nothing, and says where to do it instead."""

    def __init__(self, get_response: Response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Elsewhere):
            return None
        if request.method in {"GET", "HEAD"}:
            messages.info(request, exception.sentence)
            return redirect(exception.address)
        context = {"address": exception.address, "sentence": exception.sentence, "nav": "patients"}
        return render(request, "treatments/records/elsewhere.html", context, status=409)
