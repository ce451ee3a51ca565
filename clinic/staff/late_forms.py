"""A form that came too late (signed out, or signed in again elsewhere), kept in the next page until it can be saved."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# The hidden field of a record form that says who opened it and for which clinic: "7.2:" and a signature.
OPENED_AS = "_as"
_OPENED_AS_SALT = "anagen.opened-as"
_SALT = "anagen.held-form"
_SECONDS = 3600
_NOT_TYPED = {"csrfmiddlewaretoken", "id", "version"}


@dataclass(frozen=True)
class HeldForm:
    """`person` and `clinic` are ids, `fields` what the browser sent. Files cannot be kept, only that some came."""

    path: str
    person: int
    clinic: int
    fields: list[tuple[str, str]]
    had_files: bool

    @classmethod
    def of(cls, request: HttpRequest, whose: tuple[int, int]) -> "HeldForm":
        fields = [(n, v) for n, values in request.POST.lists() for v in values if n != "csrfmiddlewaretoken"]
        return cls(request.path, *whose, fields, bool(request.FILES))

    @property
    def seal(self) -> str:
        told = [self.path, self.person, self.clinic, self.fields, self.had_files]
        return signing.dumps(told, salt=_SALT, compress=True)

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What a person would recognise as theirs: (name in words, text)."""
        shown = [(n, v) for n, v in self.fields if v.strip() and n not in _NOT_TYPED and not n.startswith("_")]
        return [(name.replace("_", " ").replace("-", " "), value) for name, value in shown]


def whole_number(text: str) -> int | None:
    """A row's id as it came from a browser; None for anything that cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def opened_by(*, person: int, clinic: int) -> str:
    """The value of that field, for a page shown to this person at this clinic (ids).

    Signed, because who sends it signed out is told the person's name and e-mail: counting up ids must tell nobody's.
    """
    return signing.Signer(salt=_OPENED_AS_SALT).sign(f"{person}.{clinic}")


def opened_as(request: HttpRequest) -> tuple[int, int] | None:
    """The ids of the person and the clinic that the form was shown to; None when it does not say, or not truly."""
    told = request.headers.get("X-Opened-As") or request.POST.get(OPENED_AS, "")
    try:
        person, _, clinic = signing.Signer(salt=_OPENED_AS_SALT).unsign(told).partition(".")
    except signing.BadSignature:
        return None
    return int(person), int(clinic)


def hold(request: HttpRequest) -> HeldForm | None:
    """The posted form, to be saved later by the person it was shown to; None when it does not say to whom."""
    whose = opened_as(request) if request.method == "POST" else None
    if whose is None:
        return None
    return HeldForm.of(request, whose)


def unseal(text: str) -> HeldForm | None:
    try:
        path, person, clinic, fields, had_files = signing.loads(text, salt=_SALT, max_age=_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    return HeldForm(path, person, clinic, [(name, value) for name, value in fields], had_files)


def is_from_this_site(request: HttpRequest) -> bool:
    """Whether the browser says that one of our own pages sent this; without its word, no."""
    told = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(told)[:2] == (request.scheme, request.get_host())


def save_again_page(request: HttpRequest, held: HeldForm, *, status: int, choose_first: str = "") -> HttpResponse:
    """What was typed, and one button that sends it once more; `choose_first` names a clinic to go back to before."""
    return render(request, "staff/save_again.html", {"held": held, "choose_first": choose_first}, status=status)
