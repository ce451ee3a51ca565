from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from clinic.audit import looks
from clinic.sign_in.cover.covering import is_covered, is_touch, leaves_held_page, touch, wants_page
from clinic.sign_in.cover.page import cover_page
from clinic.sign_in.late_forms import LateForm, late_form_of
from clinic.sign_in.script_responses import is_fetch, sign_in_fully_page
from clinic.sign_in.sessions import FACTORS
from clinic.staff.access import ClinicRequest, asks_full_sign_in, is_of_own_account

COVERED_STATUS = 423  # Locked


class _AfterClinic:
    """A middleware that looks at each view of a person who works at a clinic, before the view is called."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: ClinicRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if getattr(request, "membership", None) is None:
            return None
        return self.answer(request, view)

    def answer(self, request: ClinicRequest, view: Callable[..., HttpResponse]) -> HttpResponse | None:
        """The response in place of the view's; None to let it answer."""
        raise NotImplementedError


class CoverMiddleware(_AfterClinic):
    """Answers whatever is asked within a covered session with its cover, and notices that somebody is there."""

    def answer(self, request: ClinicRequest, view: Callable[..., HttpResponse]) -> HttpResponse | None:
        is_reachable = getattr(view, "is_reachable_while_covered", False)
        if is_covered(request) or (not is_reachable and leaves_held_page(request)):
            return None if is_reachable else _covered(request)
        if is_touch(request):
            touch(request)
        return None


def _covered(request: ClinicRequest) -> HttpResponse:
    if is_fetch(request):
        return JsonResponse({"error": "covered"}, status=COVERED_STATUS)
    if not wants_page(request):
        return HttpResponse("This page is covered.", status=COVERED_STATUS, content_type="text/plain")
    # A form was sent: what was typed in it comes back once the person who opened it has uncovered.
    going_to = request.get_full_path() if request.method == "GET" else ""
    return cover_page(request, next_address=going_to, late_form=late_form_of(request), status=COVERED_STATUS)


class FullSignInMiddleware(_AfterClinic):
    """Asks for a full sign-in before anything that takes records out of the clinic or administers it, where the
    session was begun by a PIN."""

    def answer(self, request: ClinicRequest, view: Callable[..., HttpResponse]) -> HttpResponse | None:
        if set(request.session.get(FACTORS, ())) != {"pin"} or not asks_full_sign_in(view):
            return None
        looks.told("refused_to_pin")
        if is_fetch(request):
            return JsonResponse({"error": "pin_only"}, status=401)
        late_form = None
        if request.method == "POST" and not is_of_own_account(view):
            late_form = late_form_of(request) or LateForm.of(request, (request.user.pk, request.clinic.pk))
        return sign_in_fully_page(request, late_form)
