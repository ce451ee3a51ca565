from typing import TypeVar

from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from clinic.audit import log
from clinic.staff.access import Can, ClinicRequest, open_to_anyone, requires
from clinic.staff.forms import SignInForm
from clinic.staff.known_devices import remember
from clinic.staff.late_forms import save_again_page, unseal, whole_number
from clinic.staff.middleware import CHOSEN_CLINIC, chosen_membership
from clinic.staff.models import Membership, User

Response = TypeVar("Response", bound=HttpResponse)


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("today")


@open_to_anyone
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in, and go where the person was going; a form that came too late is shown to its owner, to be sent again."""
    form = SignInForm(request, request.POST or None)
    held = unseal(request.POST.get("held", ""))
    if request.method == "POST" and form.is_valid():
        user = form.get_user()
        is_theirs = held is not None and held.person == user.pk
        _let_in(request, user, clinic_id=held.clinic if held and is_theirs else None)
        response = save_again_page(request, held, status=200) if held and is_theirs else redirect(_next(request))
        remember(response, request, user.email)
        return response
    if request.method == "POST":
        _note_failure(form)
    context = {"form": form, "next": _next(request)}
    if held:
        context |= {"held": held.seal, "held_for": User.objects.filter(pk=held.person, is_active=True).first()}
    return _told_to_wait(form, render(request, "staff/sign_in.html", context, status=_status(request)))


@open_to_anyone
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in_again(request: HttpRequest) -> JsonResponse:
    """Sign in over a page that stays as it is: GET says who is signed in, POST signs in. Both bring a CSRF token.

    POST takes username, password and the clinic to work at (an id); 422 with a sentence when they do not fit, 429 when
    they were not looked at.
    """
    if request.method == "POST":
        form = SignInForm(request, request.POST)
        if not form.is_valid():
            _note_failure(form)
            return _told_to_wait(form, JsonResponse({"error": _first_error(form)}, status=422))
        _let_in(request, form.get_user(), clinic_id=whole_number(request.POST.get("clinic", "")))
    person = request.user if request.user.is_authenticated else None
    told = JsonResponse(
        {"person": person.pk if person else None, "name": str(person or ""), "csrf": get_token(request)}
    )
    if request.method == "POST" and person:
        remember(told, request, person.email)
    return told


def _first_error(form: SignInForm) -> str:
    return str(next(iter(error for errors in form.errors.values() for error in errors)))


def _note_failure(form: SignInForm) -> None:
    """A try that was not looked at leaves no trace: who sends a million of them must not fill the audit trail."""
    if not form.wait:
        log.record("sign_in_failed", by=None, clinic=None)


def _told_to_wait(form: SignInForm, response: Response) -> Response:
    if form.wait:
        response.status_code = 429
        response.headers["Retry-After"] = str(form.wait)
    return response


def _let_in(request: HttpRequest, user: User, *, clinic_id: int | None = None) -> None:
    login(request, user)
    if clinic_id is not None and Membership.objects.active().filter(user=user, clinic_id=clinic_id).exists():
        request.session[CHOSEN_CLINIC] = clinic_id
    membership = chosen_membership(request)
    log.record("signed_in", by=user, clinic=membership.clinic if membership else None)


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


@requires(Can.BE_SIGNED_IN)
@require_POST
def sign_out(request: ClinicRequest) -> HttpResponse:
    log.record("signed_out", by=request.user, clinic=request.clinic)
    logout(request)
    response = redirect("sign-in")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@requires(Can.BE_SIGNED_IN)
@require_POST
def choose_clinic(request: ClinicRequest, membership_id: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.active(), pk=membership_id, user=request.user)
    request.session[CHOSEN_CLINIC] = membership.clinic_id
    log.record("chose_clinic", by=request.user, clinic=membership.clinic)
    messages.success(request, f"You are now working at {membership.clinic}.")
    return redirect("today")


@open_to_anyone
@never_cache
@require_http_methods(["GET"])
def health(request: HttpRequest) -> JsonResponse:
    """Answers only that the process and its database are up; no versions."""
    User.objects.exists()
    return JsonResponse({"ok": True})
