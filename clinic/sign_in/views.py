from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from clinic.audit import log
from clinic.sign_in.failures import note_failure, note_wait
from clinic.sign_in.forms import SignInForm
from clinic.sign_in.known_devices import remember_device
from clinic.sign_in.late_forms import LateForm, read_late_form, save_again_page, whole_number
from clinic.sign_in.sessions import start_session
from clinic.staff.access import Can, ClinicRequest, open_to_anyone, requires
from clinic.staff.middleware import CHOSEN_CLINIC
from clinic.staff.models import Membership, User


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
    late_form = read_late_form(request.POST.get("held", ""))
    if form.is_valid():
        return _signed_in(request, form.get_user(), late_form)
    context = {"form": form, "next": _next(request)}
    if late_form:
        owner = User.objects.filter(pk=late_form.person, is_active=True).first()
        context |= {"late_form": late_form.signed, "late_form_owner": owner}
    response = render(request, "sign_in/sign_in.html", context)
    if request.method == "POST":
        _refuse(form, response)
    return response


def _signed_in(request: HttpRequest, user: User, late_form: LateForm | None) -> HttpResponse:
    if late_form and late_form.person == user.pk:
        start_session(request, user, factors=["password"], clinic_id=late_form.clinic)
        response = save_again_page(request, late_form, status=200)
    else:
        start_session(request, user, factors=["password"])
        response = redirect(_next(request))
    remember_device(response, request, user.email)
    return response


@open_to_anyone
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in_again(request: HttpRequest) -> JsonResponse:
    """Sign in over a page that stays as it is: GET says who is signed in, POST signs in. Both bring a CSRF token.

    POST takes username, password and the clinic to work at (an id); 422 with a sentence when they do not fit, 429 when
    they were not checked.
    """
    if request.method == "GET":
        return _person_and_token(request)
    form = SignInForm(request, request.POST)
    if not form.is_valid():
        response = JsonResponse({"error": _first_error(form)})
        _refuse(form, response)
        return response
    user = form.get_user()
    clinic_id = whole_number(request.POST.get("clinic", ""))
    start_session(request, user, factors=["password"], clinic_id=clinic_id)
    response = _person_and_token(request)
    remember_device(response, request, user.email)
    return response


def _person_and_token(request: HttpRequest) -> JsonResponse:
    name = str(request.user) if request.user.is_authenticated else ""
    return JsonResponse({"person": request.user.pk, "name": name, "csrf": get_token(request)})


def _first_error(form: SignInForm) -> str:
    return str(next(iter(error for errors in form.errors.values() for error in errors)))


def _refuse(form: SignInForm, response: HttpResponse) -> None:
    """422, or 429 when the try has to wait; on the audit trail is each of the first, and one for each wait."""
    email = form.data.get("username", "")
    if form.wait:
        response.status_code = 429
        response.headers["Retry-After"] = str(form.wait)
        if form.is_new_wait:
            note_wait(email, seconds=form.wait)
    else:
        response.status_code = 422
        note_failure(email, how="password")


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
