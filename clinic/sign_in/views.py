from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit import log
from clinic.sign_in.factors.passkeys import request_options, why_not
from clinic.sign_in.factors.second_factors import has_second_factor
from clinic.sign_in.factors.signed_cookies import CHALLENGE, HALF_SIGN_IN, give, read, take_back
from clinic.sign_in.failures import refuse
from clinic.sign_in.forms import PasskeyForm, SignInForm, StepForm
from clinic.sign_in.known_devices import remember_device
from clinic.sign_in.late_forms import LateForm, read_late_form, save_again_page, whole_number
from clinic.sign_in.next_page import next_page
from clinic.sign_in.second_factor_required import before_second_factor
from clinic.sign_in.sessions import end_session, start_session
from clinic.staff.access import Can, ClinicRequest, open_to_anyone, requires
from clinic.staff.middleware import CHOSEN_CLINIC
from clinic.staff.models import Clinic, Membership, User

TOO_LATE = "Nothing was typed for five minutes. Enter your e-mail and password again."
Step = SignInForm | StepForm | PasskeyForm


@open_to_anyone
@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in, and go where the person was going; a form that came too late is shown to its owner, to be sent again.

    Whoever has a second factor is asked for it in between: that page is no session.
    """
    form = _step(request)
    late_form = read_late_form(request.POST.get("held", ""))
    context = {"next": next_page(request), "passkeys_do": not why_not(request), "is_empty": _is_empty}
    if late_form:
        owner = User.objects.filter(pk=late_form.person, is_active=True).first()
        context |= {"late_form": late_form.signed, "late_form_owner": owner}
    if form is None:
        return render(request, "sign_in/sign_in.html", context | {"form": SignInForm(), "fault": TOO_LATE}, status=422)
    if form.is_valid() and not _asks_more(form):
        return _signed_in(request, form, late_form)
    if form.is_valid():
        second = StepForm(request, form.get_user())
        response = render(request, "sign_in/second_step.html", context | {"form": second})
        _half_signed_in(response, form.get_user())
        return response
    if isinstance(form, PasskeyForm):
        response = render(
            request, "sign_in/sign_in.html", context | {"form": SignInForm(), "fault": _first_error(form)}
        )
    else:
        template = "sign_in/second_step.html" if isinstance(form, StepForm) else "sign_in/sign_in.html"
        response = render(request, template, context | {"form": form})
    if form.is_bound:
        refuse(form, response)
    return response


def _is_empty() -> bool:
    """Whether nobody can sign in, because no clinic is open yet; the template asks."""
    return not Clinic.objects.exists()


def _step(request: HttpRequest) -> Step | None:
    """The form of the step that was posted; None for a second one that comes too late after the first."""
    step = request.POST.get("step", "")
    if step == "second":
        person = _person_half_signed_in(request)
        return StepForm(request, person, request.POST) if person else None
    if step == "passkey":
        return PasskeyForm(request, request.POST)
    # A page that holds a form sends it here without an e-mail, to be asked for it.
    return SignInForm(request, request.POST if "username" in request.POST else None)


def _asks_more(form: Step) -> bool:
    return isinstance(form, SignInForm) and has_second_factor(form.get_user())


def _half_signed_in(response: HttpResponse, user: User) -> None:
    """The password was right. Whoever changes it meanwhile ends this."""
    give(response, HALF_SIGN_IN, [user.pk, user.get_session_auth_hash()])


def _person_half_signed_in(request: HttpRequest) -> User | None:
    user_id, password = read(request, HALF_SIGN_IN) or (0, "")
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user if user and constant_time_compare(user.get_session_auth_hash(), password) else None


def _signed_in(request: HttpRequest, form: Step, late_form: LateForm | None) -> HttpResponse:
    user = form.get_user()
    is_theirs = late_form is not None and late_form.person == user.pk
    start_session(request, user, factors=form.factors, clinic_id=late_form.clinic if late_form and is_theirs else None)
    response = (
        save_again_page(request, late_form, status=200) if late_form and is_theirs else redirect(next_page(request))
    )
    remember_device(response, request, user.email)
    take_back(response, HALF_SIGN_IN, CHALLENGE)
    return response


@open_to_anyone
@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "POST"])
def sign_in_again(request: HttpRequest) -> JsonResponse:
    """Sign in over a page that stays as it is: GET says who is signed in, POST signs in. Both bring a CSRF token.

    POST takes the clinic to work at (an id) and the fields of a step, as the page of signing in does. The answer to a
    right password may be `second`, which says by what the person can go on; 422 with a sentence when something does not
    fit, with `begin` where it begins anew; 429 when it was not checked.
    """
    if request.method == "GET":
        return _person_and_token(request)
    form = _step(request)
    if isinstance(form, SignInForm) and not form.is_bound:
        form = SignInForm(request, request.POST)  # without an e-mail it says that one is missing
    if form is None:
        return JsonResponse({"error": TOO_LATE, "begin": True}, status=422)
    if not form.is_valid():
        response = JsonResponse({"error": _first_error(form)})
        refuse(form, response)
        return response
    user = form.get_user()
    if _asks_more(form):
        second = StepForm(request, user)
        response = JsonResponse({"second": {"code": "code" in second.fields, "passkey": second.has_passkey}})
        _half_signed_in(response, user)
        return response
    start_session(request, user, factors=form.factors, clinic_id=whole_number(request.POST.get("clinic", "")))
    response = _person_and_token(request)
    remember_device(response, request, user.email)
    take_back(response, HALF_SIGN_IN, CHALLENGE)
    return response


@open_to_anyone
@never_cache
@require_GET
def passkey_options(request: HttpRequest) -> JsonResponse:
    """What the browser is to ask a passkey: of whom, says `?for=`: "second" step, "confirm", or else anybody."""
    purpose = request.GET.get("for", "")
    if purpose == "second" and (person := _person_half_signed_in(request)) is None:
        return JsonResponse({"error": TOO_LATE}, status=422)
    if purpose == "second":
        return request_options(person)
    is_known = purpose == "confirm" and request.user.is_authenticated
    return request_options(cast("User", request.user) if is_known else None)


def _person_and_token(request: HttpRequest) -> JsonResponse:
    name = str(request.user) if request.user.is_authenticated else ""
    return JsonResponse({"person": request.user.pk, "name": name, "csrf": get_token(request)})


def _first_error(form: Step) -> str:
    """The first sentence of a form that is not right; a form that was sent without its fields has none."""
    return next((str(error) for errors in form.errors.values() for error in errors), "Type your e-mail and password.")


@before_second_factor
@requires(Can.BE_SIGNED_IN)
@require_POST
def sign_out(request: ClinicRequest) -> HttpResponse:
    log.record("signed_out", by=request.user, clinic=request.clinic)
    end_session(request)
    response = redirect("sign-in")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@before_second_factor
@requires(Can.BE_SIGNED_IN)
@require_POST
def choose_clinic(request: ClinicRequest, membership_id: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.active(), pk=membership_id, user=request.user)
    request.session[CHOSEN_CLINIC] = membership.clinic_id
    log.record("chose_clinic", by=request.user, clinic=membership.clinic)
    messages.success(request, f"You are now working at {membership.clinic}.")
    return redirect("today")
