from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from clinic.audit import log
from clinic.sign_in.cover import covering, pins
from clinic.sign_in.cover.covering import is_covered, reachable_while_covered
from clinic.sign_in.cover.forms import DevicePinForm
from clinic.sign_in.cover.page import cover_page
from clinic.sign_in.known_devices import device_of
from clinic.sign_in.late_forms import LateForm, read_late_form, save_again_page, whole_number
from clinic.sign_in.next_page import next_page
from clinic.sign_in.own_page.confirming import after_confirming
from clinic.sign_in.script_responses import is_fetch
from clinic.sign_in.second_factor_required import before_second_factor
from clinic.sign_in.sessions import BEGUN, start_session
from clinic.staff.access import Can, ClinicRequest, by_full_sign_in, requires
from clinic.staff.models import Membership, User

GONE = "Five wrong PINs, or 12 hours since the last full sign-in: this PIN opens nothing. Sign in with the password."


@requires(Can.BE_SIGNED_IN)
@reachable_while_covered
@before_second_factor
@never_cache
@require_http_methods(["GET", "POST"])
def cover(request: ClinicRequest) -> HttpResponse:
    """POST covers every page of this session, and GET shows the cover.

    A script is given the cover to lay over its page; where nothing is covered GET tells it who is signed in, and a CSRF
    token.
    """
    if request.method == "POST":
        covering.cover(request, because="untouched" if request.POST.get("because") == "untouched" else "asked")
        if not is_fetch(request):
            covered_page = request.headers.get("Referer", "")
            return redirect(f"{reverse('cover')}?{urlencode({'next': covered_page})}")
    elif not is_covered(request):
        return _person_and_token(request, request.user) if is_fetch(request) else redirect("today")
    return cover_page(request, next_address=next_page(request), status=200)


@requires(Can.BE_SIGNED_IN)
@reachable_while_covered
@before_second_factor
@require_POST
def touched(request: ClinicRequest) -> HttpResponse:
    """A page says that somebody has touched it, which uncovers nothing."""
    if is_covered(request):
        return JsonResponse({"covered": True})
    covering.touch(request, told_by_page=True)
    return JsonResponse({"covered": False})


@requires(Can.BE_SIGNED_IN)
@reachable_while_covered
@before_second_factor
@never_cache
@sensitive_post_parameters("pin")
@sensitive_variables("pin")
@require_POST
def uncover(request: ClinicRequest) -> HttpResponse:
    """Go on as the person whose tile and PIN these are: where the page was, or at Today for another person.

    A script is answered as by sign_in_again: who goes on and a CSRF token, or 422 and a sentence.
    """
    late_form = read_late_form(request.POST.get("held", ""))
    chosen, pin = whole_number(request.POST.get("person", "")), request.POST.get("pin", "")
    membership = next((m for m in pins.people_here(request, request.clinic) if m.user_id == chosen), None)
    user = membership.user if membership else None
    kept = pins.usable_pin(user, device_of(request, user.email)) if user else None
    outcome = pins.try_pin(kept, pin, request) if kept else pins.Tried.REMOVED
    if membership is None or kept is None or outcome != pins.Tried.RIGHT:
        error = _error(kept, outcome) if chosen else "Press your name, then enter your PIN."
        if is_fetch(request):
            return JsonResponse({"error": error, "is_removed": outcome == pins.Tried.REMOVED}, status=422)
        return cover_page(
            request, next_address=next_page(request), late_form=late_form, error=error, chosen=chosen, status=422
        )
    return _uncovered(request, membership, kept.signed_in_at, late_form)


def _error(kept: pins.DevicePin | None, outcome: pins.Tried) -> str:
    left = pins.tries_left(kept) if kept and outcome == pins.Tried.WRONG else 0
    if not left:
        return GONE
    return f"That is not the PIN. {left} {'try is' if left == 1 else 'tries are'} left."


def _uncovered(
    request: ClinicRequest, membership: Membership, signed_in_at: datetime, late_form: LateForm | None
) -> HttpResponse:
    """`membership` is of who goes on, `signed_in_at` the full sign-in from which the 12 hours count."""
    user = membership.user
    is_same = user.pk == request.user.pk
    going_to = next_page(request) if is_same else reverse("today")
    start_session(request, user, factors=["pin"], begun=int(signed_in_at.timestamp()), clinic_id=request.clinic.pk)
    if is_fetch(request):
        return _person_and_token(request, user)
    if late_form and late_form.person == user.pk:
        request.membership = membership  # the page offers what this person may do
        return save_again_page(request, late_form, status=200)
    return redirect(going_to)


def _person_and_token(request: ClinicRequest, user: User) -> JsonResponse:
    return JsonResponse({"person": user.pk, "csrf": get_token(request)})


@requires(Can.BE_SIGNED_IN)
@by_full_sign_in
@never_cache
@sensitive_post_parameters("pin", "pin_again")
@require_http_methods(["GET", "POST"])
@after_confirming
def device_pin(request: ClinicRequest) -> HttpResponse:
    """Choose the six digits for this device, or change them."""
    device = device_of(request, request.user.email)
    form = DevicePinForm(request.POST if "pin" in request.POST else None)
    if device and form.is_valid():
        signed_in_at = datetime.fromtimestamp(request.session[BEGUN], UTC)
        pins.choose(request.user, device, form.cleaned_data["pin"], signed_in_at=signed_in_at)
        log.record("pin_set", by=request.user, clinic=request.clinic)
        messages.success(request, "Your PIN for this device is set. It uncovers a page; it never signs you in.")
        return redirect("device-pin")
    context = {"form": form, "device": device, "has_pin": bool(device) and pins.has_pin(request.user, device)}
    return render(request, "sign_in/device_pin.html", context, status=422 if form.is_bound else 200)


@requires(Can.BE_SIGNED_IN)
@by_full_sign_in
@require_POST
def remove_pin(request: ClinicRequest) -> HttpResponse:
    if pins.remove(request.user, device_of(request, request.user.email)):
        log.record("pin_removed", by=request.user, clinic=request.clinic, detail={"because": "asked"})
        messages.success(request, "Your PIN for this device is removed. A covered page asks for your password now.")
    return redirect("device-pin")
