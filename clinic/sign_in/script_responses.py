"""Responses that our own scripts get instead of a redirect, and the refusal of forms that somebody else had opened."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.sign_in.forms import SignInForm
from clinic.sign_in.late_forms import LateForm, late_form_of, opened_as, save_again_page
from clinic.staff.models import Clinic, User
from clinic.truncated_requests import IS_TRUNCATED


def is_fetch(request: HttpRequest) -> bool:
    """Whether one of our scripts asks, which can show a dialog where a page would have to be left."""
    return request.headers.get("X-Requested-With") == "fetch"


class SignInRequired(LoginRequiredMiddleware):
    """Redirects to the sign-in page, answers scripts with 401, and passes a posted form on through the sign-in page."""

    # Django's own annotation allows nothing but the redirect.
    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if is_fetch(request):
            return JsonResponse({"error": "signed_out"}, status=401)
        late_form = late_form_of(request)
        if late_form is None:
            return super().handle_no_permission(request, view_func)
        return sign_in_to_save_page(request, late_form)


def sign_in_to_save_page(request: HttpRequest, late_form: LateForm) -> HttpResponse:
    """The sign-in page for the one person who may save the form that is passed on in it."""
    owner = User.objects.filter(pk=late_form.person, is_active=True).first()
    form = SignInForm(request, initial={"username": owner.email if owner else ""})
    context = {"form": form, "late_form": late_form.signed, "late_form_owner": owner}
    return render(request, "sign_in/sign_in.html", context, status=401)


def sign_in_fully_page(request: HttpRequest, late_form: LateForm | None) -> HttpResponse:
    """The sign-in page for somebody who came in with a PIN, which does not open what they asked for.

    It leads on to the address that they asked for, or to the form that is passed on; after any other form to their own
    page, which has a way to all that they may have sent.
    """
    address = request.get_full_path() if request.method == "GET" else reverse("own-page")
    context = {
        "form": SignInForm(request, initial={"username": getattr(request.user, "email", "")}),
        "next": address if late_form is None else "",
        "late_form": late_form.signed if late_form else "",
        "is_after_pin": True,
    }
    return render(request, "sign_in/sign_in.html", context, status=401)


class FormOwnerMiddleware:
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
        answer = JsonResponse({"go": response["Location"]})
        answer.cookies = response.cookies
        return answer

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.META.get(IS_TRUNCATED):
            # The CSRF check read the body, and goes on without it when the token came in a header.
            return HttpResponse(
                "Only a part of this arrived. Nothing was saved.", status=400, content_type="text/plain"
            )
        clinic: Clinic | None = getattr(request, "clinic", None)
        if request.method != "POST" or clinic is None:
            return None
        owner = opened_as(request)
        if owner is None or owner == (request.user.pk, clinic.pk):
            return None
        return _refuse_form_of(owner, request, clinic)


def _refuse_form_of(owner: tuple[int, int], request: HttpRequest, clinic: Clinic) -> HttpResponse:
    """`owner` are the ids of the person and the clinic that the form was opened as."""
    same_person = owner[0] == request.user.pk
    if is_fetch(request):
        error = "other_clinic" if same_person else "other_person"
        return JsonResponse({"error": error, "name": str(request.user), "clinic": str(clinic)}, status=409)
    late_form = LateForm.of(request, owner)
    if not same_person:
        return sign_in_to_save_page(request, late_form)
    opened_at = Clinic.objects.filter(pk=owner[1], memberships__user_id=request.user.pk or 0).first()
    return save_again_page(request, late_form, status=409, choose_first=str(opened_at or "the other clinic"))
