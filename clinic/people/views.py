from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.people.actions import LinkIsOver, sign_out_everywhere, use_link
from clinic.people.forms import AddPersonForm, ClinicForm, MakeLinkForm, NewPasswordForm, RoleForm
from clinic.people.qr import qr_of
from clinic.people.roster import roster
from clinic.sign_in import throttle
from clinic.sign_in.factors import passkeys
from clinic.sign_in.factors.second_factors import has_second_factor
from clinic.sign_in.factors.signed_cookies import CHALLENGE, take_back
from clinic.sign_in.known_devices import remember_device
from clinic.sign_in.sessions import start_session
from clinic.staff.access import Can, ClinicRequest, is_guarded, open_to_anyone, requires
from clinic.staff.actions import ChangedMeanwhile, add_member, change_clinic, change_member
from clinic.staff.links import cancel_links, find_link, make_link
from clinic.staff.models import Clinic, Membership, OneTimeLink, User

OWN_ROW = "Nobody changes their own role, or ends their own work here. Ask another manager."
CHANGED = "Somebody else has changed this while you were looking. The page shows what is true now: please look again."


@requires(Can.MANAGE_PEOPLE)
@require_GET
def people(request: ClinicRequest) -> HttpResponse:
    """Who works here, in which role, since when, and who has left."""
    everybody = list(roster(request.clinic))
    context = {
        "working": [member for member in everybody if member.works_here],
        "left": [member for member in everybody if not member.works_here],
        "nav": "people",
    }
    return render(request, "people/people.html", context)


@requires(Can.MANAGE_PEOPLE)
@never_cache
@require_http_methods(["GET", "POST"])
def add_person(request: ClinicRequest) -> HttpResponse:
    """Give somebody a role here; who has no account yet gets a one-time link, which is the answer to this form."""
    form = AddPersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = form.cleaned_data
        try:
            member = add_member(
                clinic=request.clinic, email=told["email"], person=told["name"], role=told["role"], by=request.user
            )
        except ValidationError as refusal:
            form.add_error("email", refusal.messages)
        else:
            return _added(request, member)
    context = {
        "form": form,
        "heading": "Add a person",
        "lede": "Each person has an account of their own: the record says who wrote what.",
        "cancel_url": reverse("people"),
        "save_label": "Add this person",
        "nav": "people",
    }
    return render(request, "people/add.html", context, status=422 if request.method == "POST" else 200)


def _added(request: ClinicRequest, member: Membership) -> HttpResponse:
    if member.user.waits_for_link:
        try:
            secret, link = make_link(member, by=request.user)
        except ValidationError as refusal:
            messages.warning(request, f"{member.user} works here now. {' '.join(refusal.messages)}")
            return redirect("people")
        return _link_page(request, member, secret, link)
    messages.success(
        request,
        f"{member.user} works here now, and signs in as before: there was an account with this e-mail already. "
        "If the person in front of you cannot sign in, it is not theirs: end it here, and take another e-mail.",
    )
    return redirect("person", member.pk)


@requires(Can.MANAGE_PEOPLE)
@require_GET
def person(request: ClinicRequest, membership_id: int) -> HttpResponse:
    return _person_page(request, _member(request, membership_id))


def _member(request: ClinicRequest, membership_id: int) -> Membership:
    return get_object_or_404(roster(request.clinic), pk=membership_id)


def _person_page(
    request: ClinicRequest,
    member: Membership,
    *,
    objection: str = "",
    role_form: RoleForm | None = None,
    status: int = 200,
) -> HttpResponse:
    stands = {"role": member.role, "was": f"{member.role}:{member.is_active}"}
    context = {
        "member": member,
        "is_own": member.user_id == request.user.pk,
        "is_guarded": is_guarded(member) or request.clinic.second_factor_for_all,
        "role_form": role_form or RoleForm(initial=stands),
        "link_form": MakeLinkForm() if has_second_factor(member.user) else None,
        "objection": objection,
        "nav": "people",
    }
    return render(request, "people/person.html", context, status=status)


def _refused(request: ClinicRequest, membership_id: int, objection: str, *, status: int = 422) -> HttpResponse:
    return _person_page(request, _member(request, membership_id), objection=objection, status=status)


def _change(
    request: ClinicRequest, membership_id: int, *, is_active: bool, takes_role: bool, done: str
) -> HttpResponse:
    """Change the role of a person, or whether they work here, and say so; `done` is what is said, after the name."""
    member, form = _member(request, membership_id), RoleForm(request.POST)
    if member.user_id == request.user.pk:
        return _refused(request, membership_id, OWN_ROW)
    if not form.is_valid():
        return _refused(request, membership_id, "Choose a role from the list.")
    role = form.cleaned_data["role"] if takes_role else member.role
    try:
        member = change_member(
            member, role=role, is_active=is_active, by=request.user, expected=form.cleaned_data["was"]
        )
    except ChangedMeanwhile:
        return _refused(request, membership_id, CHANGED, status=409)
    except ValidationError as refusal:
        return _refused(request, membership_id, " ".join(refusal.messages))
    messages.success(request, f"{member.user} {done.format(role=member.get_role_display().lower())}")
    return redirect("person", member.pk)


@requires(Can.MANAGE_PEOPLE)
@require_POST
def change_role(request: ClinicRequest, membership_id: int) -> HttpResponse:
    is_active = _member(request, membership_id).is_active
    return _change(
        request,
        membership_id,
        is_active=is_active,
        takes_role=True,
        done="is {role} here from the next page they open.",
    )


@requires(Can.MANAGE_PEOPLE)
@require_POST
def end_person(request: ClinicRequest, membership_id: int) -> HttpResponse:
    return _change(
        request, membership_id, is_active=False, takes_role=False, done="can open nothing here any more, from now on."
    )


@requires(Can.MANAGE_PEOPLE)
@require_POST
def let_come_back(request: ClinicRequest, membership_id: int) -> HttpResponse:
    return _change(request, membership_id, is_active=True, takes_role=True, done="works here again, as {role}.")


@requires(Can.MANAGE_PEOPLE)
@require_POST
def sign_out_person(request: ClinicRequest, membership_id: int) -> HttpResponse:
    member = _member(request, membership_id)
    try:
        sign_out_everywhere(member, by=request.user)
    except ValidationError as refusal:
        return _refused(request, membership_id, " ".join(refusal.messages))
    messages.success(request, f"{member.user} is signed out on every device.")
    return redirect("person", member.pk)


@requires(Can.MANAGE_PEOPLE)
@never_cache
@require_POST
def link_for_person(request: ClinicRequest, membership_id: int) -> HttpResponse:
    """Make a link and show it, this once: it is in no address, and nowhere stored."""
    member, form = _member(request, membership_id), MakeLinkForm(request.POST)
    removes = form.is_valid() and form.cleaned_data["removes_second_factor"]
    try:
        secret, link = make_link(member, by=request.user, removes_second_factor=removes)
    except ValidationError as refusal:
        return _refused(request, membership_id, " ".join(refusal.messages))
    return _link_page(request, member, secret, link)


def _link_page(request: ClinicRequest, member: Membership, secret: str, link: OneTimeLink) -> HttpResponse:
    # By the name under which the manager's own browser has found this clinic, for so will the person's.
    address = request.build_absolute_uri(reverse("one-time-link", args=[secret]))
    context = {"member": member, "link": link, "address": address, "qr": qr_of(address), "nav": "people"}
    context["keeps_second_factor"] = _keeps_second_factor(link)
    response = render(request, "people/link.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@requires(Can.MANAGE_PEOPLE)
@require_POST
def cancel_link(request: ClinicRequest, membership_id: int) -> HttpResponse:
    member = _member(request, membership_id)
    cancel_links(member.user, by=request.user, clinic=request.clinic)
    messages.success(request, f"No link opens the account of {member.user} any more.")
    return redirect("person", member.pk)


@requires(Can.MANAGE_CLINIC)
@require_http_methods(["GET", "POST"])
def clinic_settings(request: ClinicRequest) -> HttpResponse:
    """What is true of the clinic as a whole: its name, what is printed, its time zone, and how it signs in."""
    form = ClinicForm(request.POST if request.method == "POST" else None, instance=_copy(request.clinic))
    status, context = (422 if request.method == "POST" else 200), {}
    if form.is_valid():
        try:
            change_clinic(request.clinic, changes=form.changes(), expected=form.expected(), by=request.user)
        except ChangedMeanwhile:
            current = Clinic.objects.get(pk=request.clinic.pk)
            context = {"conflict": True, "differences": form.differences(current)}
            form.take_version_of(current)
            status = 409
        else:
            messages.success(request, "The clinic’s page is saved.")
            # The first time it is a step of First start, which goes on from there.
            return redirect("clinic-settings" if request.clinic.settings_saved_at else "first-start")
    context |= {
        "form": form,
        "heading": "Clinic",
        "lede": "What you change here applies to everybody, from the next page they open.",
        "cancel_url": reverse("today"),
        "save_label": "Save the clinic’s page",
        "nav": "clinic",
    }
    return render(request, "people/clinic.html", context, status=status)


def _copy(clinic: Clinic) -> Clinic:
    """The form writes what was typed onto its row; the page around it shows what is saved."""
    return Clinic.objects.get(pk=clinic.pk)


@open_to_anyone
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def one_time_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Whose account the link opens; POST sets the password and signs in. A look uses nothing up: programs that preview
    a link look too. Used, over, cancelled and invented links are told apart by nobody."""
    response = _one_time_link(request, secret)
    # The address holds the secret. Not "no-referrer": a browser then sends "Origin: null", and the form is refused.
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def _one_time_link(request: HttpRequest, secret: str) -> HttpResponse:
    tries = throttle.place()
    if wait := throttle.count_try(tries):
        response = render(request, "people/link_over.html", {"refusal": throttle.refusal(wait)}, status=429)
        response.headers["Retry-After"] = str(wait)
        return response
    link = find_link(secret)
    if link is None:
        return _link_over(request)
    throttle.reset_tries(tries)
    with_passkey = passkeys.ANSWER in request.POST and _takes_passkey(request, link)
    form = NewPasswordForm(request.POST if request.method == "POST" and not with_passkey else None)
    fault = ""
    try:
        if with_passkey:
            credential = passkeys.new_credential(request, link.user)
            user = use_link(link, password=None, passkey=credential, by=link.user)
            return _sign_in(request, user, link.clinic_id, factors=["link", "webauthn"])
        if form.is_valid():
            user = use_link(link, password=form.cleaned_data["password"], by=link.user)
            return _sign_in(request, user, link.clinic_id, factors=["link"])
    except LinkIsOver:
        return _link_over(request)
    except ValidationError as refusal:
        if with_passkey:
            fault = " ".join(refusal.messages)
        else:
            form.add_error("password", refusal.messages)
    other = request.user if request.user.is_authenticated and request.user.pk != link.user_id else None
    context = {"form": form, "link": link, "secret": secret, "signed_in_here": other, "fault": fault}
    context |= {"takes_passkey": _takes_passkey(request, link), "keeps_second_factor": _keeps_second_factor(link)}
    return render(request, "people/one_time_link.html", context, status=422 if request.method == "POST" else 200)


def _keeps_second_factor(link: OneTimeLink) -> bool:
    return not link.removes_second_factor and has_second_factor(link.user)


def _takes_passkey(request: HttpRequest, link: OneTimeLink) -> bool:
    """Not where a second factor stays: whoever has no more than the link would come in without it."""
    return not passkeys.why_not(request) and not _keeps_second_factor(link)


@open_to_anyone
@never_cache
@require_GET
def link_passkey_options(request: HttpRequest, secret: str) -> JsonResponse:
    """What the browser is to ask the passkey that stands for a password; 404 where the link opens nothing."""
    tries = throttle.place()
    link = None if throttle.count_try(tries) else find_link(secret)
    if link is None or not _takes_passkey(request, link):
        return JsonResponse({"error": "This link opens nothing."}, status=404)
    throttle.reset_tries(tries)
    return passkeys.creation_options(request, link.user, alone=True)


def _sign_in(request: HttpRequest, user: User, clinic_id: int, *, factors: list[str]) -> HttpResponse:
    """Into the clinic that made the link; where a second factor stays, by the sign-in page, which asks for it."""
    throttle.reset_tries(throttle.subjects(request, user.email))
    if "webauthn" not in factors and has_second_factor(user):
        messages.success(request, "Your new password is set. Sign in with it, and with your second factor.")
        return redirect("sign-in")
    start_session(request, user, factors=factors, clinic_id=clinic_id)
    response = redirect("today")
    remember_device(response, request, user.email)
    take_back(response, CHALLENGE)
    return response


def _link_over(request: HttpRequest) -> HttpResponse:
    return render(request, "people/link_over.html", status=404)
