"""What our own scripts are told instead of a redirect, and forms that were opened by somebody else."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from clinic.staff.forms import SignInForm
from clinic.staff.late_forms import HeldForm, hold, opened_as, save_again_page
from clinic.staff.models import Clinic, User
from clinic.truncated_requests import WAS_CUT


def is_fetch(request: HttpRequest) -> bool:
    """Whether a script of ours asks, which can show a dialog where a page would have to be left."""
    return request.headers.get("X-Requested-With") == "fetch"


class SignInRequired(LoginRequiredMiddleware):
    """Sends people to the sign-in page, tells scripts 401, and holds what a form brought until they are back."""

    # Django's own annotation allows nothing but the redirect.
    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if is_fetch(request):
            return JsonResponse({"error": "signed_out"}, status=401)
        held = hold(request)
        if held is None:
            return super().handle_no_permission(request, view_func)
        return sign_in_to_save_page(request, held)


def sign_in_to_save_page(request: HttpRequest, held: HeldForm) -> HttpResponse:
    """The sign-in page for the one person whose form is held in it."""
    owner = User.objects.filter(pk=held.person, is_active=True).first()
    form = SignInForm(request, initial={"username": owner.email if owner else ""})
    return render(request, "staff/sign_in.html", {"form": form, "held": held.seal, "held_for": owner}, status=401)


class InPlaceMiddleware:
    """Refuses a form that another person, or the same one at another clinic, had opened: nobody signs for another.

    Answers our own scripts with {"go": address} where a page would be redirected, so that the page they go to is
    loaded once, with its messages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or not is_fetch(request) or response.status_code not in {301, 302, 303}:
            return response
        told = JsonResponse({"go": response["Location"]})
        told.cookies = response.cookies
        return told

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.META.get(WAS_CUT):
            # The CSRF check read the body, and goes on without it when the token came in a header.
            return HttpResponse(
                "Only a part of this arrived. Nothing was saved.", status=400, content_type="text/plain"
            )
        if request.method != "POST" or not request.user.is_authenticated or getattr(view, "is_open", False):
            return None
        whose = opened_as(request)
        clinic: Clinic | None = getattr(request, "clinic", None)
        if whose is None or clinic is None or whose == (request.user.pk, clinic.pk):
            return None
        same_person = whose[0] == request.user.pk
        if is_fetch(request):
            told = {"error": "other_clinic" if same_person else "other_person", "name": str(request.user)}
            return JsonResponse(told | {"clinic": str(clinic)}, status=409)
        held = HeldForm.of(request, whose)
        if not same_person:
            return sign_in_to_save_page(request, held)
        opened_at = Clinic.objects.filter(pk=whose[1], memberships__user=request.user).first()
        return save_again_page(request, held, status=409, choose_first=str(opened_at or "the other clinic"))
