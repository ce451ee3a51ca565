"""A form that came too late to be saved: the person was signed out, or had signed in again in another window.

Its fields go into the next page as one signed text, and from there to a page with a button that sends them again.
"""

from dataclasses import astuple, dataclass
from urllib.parse import urlsplit

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from clinic.audit import log
from clinic.staff.models import Clinic

# The hidden field of a record form that says who opened it and for which clinic: "7.2:" and a signature.
OPENED_AS = "_as"
_OPENED_AS_SALT = "anagen.opened-as"
_SALT = "anagen.held-form"
_SECONDS = 3600
_NOT_TYPED = {"csrfmiddlewaretoken", "id", "version"}


@dataclass(frozen=True)
class LateForm:
    """`person` and `clinic` are the ids it was opened as, `fields` what the browser sent. Files cannot be sent again:
    `had_files` is whether there were any."""

    path: str
    person: int
    clinic: int
    fields: list[tuple[str, str]]
    had_files: bool

    @classmethod
    def of(cls, request: HttpRequest, owner: tuple[int, int]) -> "LateForm":
        fields = [(n, v) for n, values in request.POST.lists() for v in values if n != "csrfmiddlewaretoken"]
        return cls(request.path, *owner, fields, bool(request.FILES))

    @property
    def signed(self) -> str:
        return signing.dumps(astuple(self), salt=_SALT, compress=True)

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What the person typed: (name of the field in words, text)."""
        shown = [(n, v) for n, v in self.fields if v.strip() and n not in _NOT_TYPED and not n.startswith("_")]
        return [(name.replace("_", " ").replace("-", " "), value) for name, value in shown]


def whole_number(text: str) -> int | None:
    """A row's id as it came from a browser; None for anything that cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def opened_by(*, person: int, clinic: int) -> str:
    """The value of that field, for a page shown to this person at this clinic (ids).

    Signed, because whoever sends it signed out is shown that person's name and e-mail, and must not get them by
    trying ids.
    """
    return signing.Signer(salt=_OPENED_AS_SALT).sign(f"{person}.{clinic}")


def opened_as(request: HttpRequest) -> tuple[int, int] | None:
    """The ids of the person and the clinic that the form was shown to; None without a valid signature."""
    signed = request.headers.get("X-Opened-As") or request.POST.get(OPENED_AS, "")
    try:
        person, _, clinic = signing.Signer(salt=_OPENED_AS_SALT).unsign(signed).partition(".")
    except signing.BadSignature:
        return None
    return int(person), int(clinic)


def late_form_of(request: HttpRequest) -> LateForm | None:
    """The posted form, to be saved later by the person who opened it; None when it does not say who that is."""
    owner = opened_as(request) if request.method == "POST" else None
    return LateForm.of(request, owner) if owner else None


def read_late_form(text: str) -> LateForm | None:
    """The form in a signed text; None when it was not signed here, or more than an hour ago."""
    try:
        path, person, clinic, fields, had_files = signing.loads(text, salt=_SALT, max_age=_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    return LateForm(path, person, clinic, [(name, value) for name, value in fields], had_files)


def is_from_this_site(request: HttpRequest) -> bool:
    """Whether the browser says that one of our own pages sent this; if it says nothing, no."""
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(sender)[:2] == (request.scheme, request.get_host())


def _note_shown(late_form: LateForm, *, by: AbstractBaseUser | AnonymousUser, clinic: Clinic | None) -> None:
    """On the audit trail, under the page that the form is of and the patient whom its address names."""
    try:
        page = resolve(late_form.path)
    except Resolver404:
        log.record("shown_typed", by=by, clinic=clinic)
        return
    detail = {"page": page.view_name, "ids": {name: str(value) for name, value in page.kwargs.items()}}
    patient_id = page.kwargs.get("patient_id")
    patient = {"object_type": "patient", "object_id": str(patient_id), "patient_id": patient_id}
    log.record("shown_typed", by=by, clinic=clinic, target=patient if patient_id else None, detail=detail)


def save_again_page(
    request: HttpRequest,
    late_form: LateForm,
    *,
    status: int,
    choose_first: str = "",
    needs_second_factor: bool = False,
) -> HttpResponse:
    """What was typed, and one button that sends it once more; `choose_first` names a clinic to go back to first.

    What was typed about a patient is on the audit trail when it is shown, as what is recorded is.
    """
    clinic = Clinic.objects.filter(pk=late_form.clinic).first()
    _note_shown(late_form, by=request.user, clinic=clinic)
    context = {"late_form": late_form, "choose_first": choose_first, "needs_second_factor": needs_second_factor}
    return render(request, "sign_in/save_again.html", context, status=status)
