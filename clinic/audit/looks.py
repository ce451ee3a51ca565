"""What the answer to a request shows of patients: gathered while it is made, written before it leaves (docs/adr/0030).

A view says at most what kind of look its page is (`requires(…, look=…)`) and what else is known of it (`told`); the
patients are those whom it reached. The middleware `WriteLooks` puts one event for each of them on the trail, or one
where none was reached, unless an event that was written meanwhile says it already. A save that leads on to another page
shows nothing by itself. An answer that cannot be put on the trail does not leave.

    action             detail, besides `page`, the name of the address
    viewed             (of a patient, or of a page that is about none)
    viewed_today
    viewed_list        rows: how many on the page
    searched           letters: how many were typed, never which; hits: how many were shown
    viewed_lot         list_page: which page of those who were given it; the target is the lot
    viewed_call_list   patients: how many; list_page; the target is the lot
    viewed_photo       (a picture by itself: not in a page that this sign-in has opened in the last ten minutes)
    viewed_draft       (what somebody has typed about a patient and not saved)
    shown_typed        ids: what was typed came back to the same person after signing in, to be saved
    printed            (the browser was told to print the page: clinic/printing)
    refused_form       status: 409, 422 …; the page came back with what is recorded. ids where no patient was reached
    refused            asked: the right that the role lacks; ids: what the address named
    refused_to_pin     ids: what the address named; a PIN opens neither export nor administration
    not_found          ids: what the address named; the same for another clinic's and for one that never was
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clinic.audit import log
from clinic.audit.models import AuditEvent

PAGE_LASTS: Final = timedelta(minutes=10)
"""So long after a page was noted its pictures are a part of it."""
_REFUSALS: Final = {"refused", "refused_to_pin", "not_found"}
_NO_PAGES: Final = {"viewed_photo", *_REFUSALS}
# A form that came back shows such a picture where it shows who is likely the same person.
_SHOWS_MANY: Final = models.Q(action__in=["viewed_list", "searched"]) | models.Q(
    action="refused_form", detail__hits__gt=0
)


@dataclass
class Look:
    """`records` are patients, or lots, that the view reached; `is_noted` is whether the trail has this look already,
    `is_of_view` whether the view was called, and nothing answered in its place."""

    action: str = ""
    records: list[models.Model] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)
    is_noted: bool = False
    is_of_view: bool = False


_look: ContextVar[Look | None] = ContextVar("look", default=None)


@contextmanager
def gathered() -> Iterator[Look]:
    """Gather what is told within."""
    look = Look()
    token = _look.set(look)
    try:
        yield look
    finally:
        _look.reset(token)


def reached(record: models.Model) -> None:
    """Say that the answer shows this patient, or this lot, of the clinic in which the person works."""
    look = _look.get()
    if look is not None and record not in look.records:
        look.records.append(record)


def told(action: str = "", **detail: str | int) -> None:
    """Say what kind of look this is, where the address does not tell; `detail` takes counts and codes."""
    look = _look.get()
    if look is not None:
        look.action = action or look.action
        look.detail |= detail


def view_is_called() -> None:
    """Say that the response is the view's own."""
    look = _look.get()
    if look is not None:
        look.is_of_view = True


def shown() -> list[models.Model]:
    """Whom the view has reached so far."""
    look = _look.get()
    return list(look.records) if look is not None else []


def shows_patients(view: Callable[..., Any]) -> bool:
    """Whether the page of a view is a look: it says so itself (`requires`), or reached somebody."""
    look = _look.get()
    return bool(getattr(view, "look", "viewed") or (look is not None and (look.action or look.records)))


def part_of_a_page(patient: models.Model, *, by: AbstractBaseUser, clinic: models.Model, in_lists: bool) -> bool:
    """Whether this sign-in has just opened a page about the patient, and the trail has it: a picture of that page is no
    look of its own. `in_lists` is whether the lists of patients show such a picture too."""
    of_session = AuditEvent.objects.filter(
        clinic_id=clinic.pk,
        actor_id=by.pk,
        at__gte=timezone.now() - PAGE_LASTS,
        session=log.request_facts.get().session,
    )
    of_patient = models.Q(patient_id=patient.pk) & ~models.Q(action__in=_NO_PAGES)
    is_part = of_session.filter(of_patient | _SHOWS_MANY if in_lists else of_patient).exists()
    look = _look.get()
    if look is not None:
        look.is_noted = is_part
    return is_part


def write(look: Look, request: HttpRequest, response: HttpResponse) -> None:
    """Put what the response shows on the trail. Raises NotOnTheTrail."""
    if look.is_noted or _shows_nothing(request, response):
        return
    action = _action(look, request, response.status_code)
    if not action:
        return
    detail = _detail(look, request, action, response.status_code)
    written = _written()
    shown: Sequence[models.Model | None] = look.records or [None]
    for record in shown:
        if not any(_says(event, record) for event in written):
            log.record(action, by=request.user, clinic=getattr(request, "clinic", None), target=record, detail=detail)


def _shows_nothing(request: HttpRequest, response: HttpResponse) -> bool:
    """A way on to another page, a method that there is not; a fault, and an outage, whose pages are made without the
    record; and whatever nobody has to sign in for. A copy that the browser has (304) it shows by our leave."""
    status = response.status_code
    if (300 <= status < 400 and status != 304) or status in {204, 405, 500} or hasattr(request, "outage"):
        return True
    match = request.resolver_match
    return match is None or getattr(match.func, "is_open", False) or not request.user.is_authenticated


def _action(look: Look, request: HttpRequest, status: int) -> str:
    """ "" where the address is about no patient."""
    match = request.resolver_match
    assert match is not None  # noqa: S101 -- _shows_nothing has asked
    if not look.is_of_view:  # a cover, a question to sign in, a form without its token: nothing of a patient
        return look.action
    if status == 404 and match.kwargs:
        return "not_found"
    if not shows_patients(match.func):
        return ""
    if look.action or status < 400:
        return look.action or getattr(match.func, "look", "viewed") or "viewed"
    return "refused_form"


def _detail(look: Look, request: HttpRequest, action: str, status: int) -> dict[str, Any]:
    match = request.resolver_match
    assert match is not None  # noqa: S101 -- as above
    detail: dict[str, Any] = {"page": match.view_name}
    if action == "refused_form":
        detail["status"] = status
    names_no_patient = action == "refused_form" and not look.records
    if match.kwargs and (names_no_patient or action in _REFUSALS):
        detail["ids"] = {name: str(value) for name, value in match.kwargs.items() if name.endswith("_id")}
    return detail | look.detail


def _written() -> list[tuple[Any, str]]:
    """The patient and the object of each event that was written during this request, and not rolled back since."""
    facts = log.request_facts.get()
    if not facts.written:
        return []
    stored = AuditEvent.objects.filter(pk__in=facts.written, request_id=facts.request_id)
    return list(stored.values_list("patient_id", "object_id"))


def _says(event: tuple[Any, str], record: models.Model | None) -> bool:
    if record is None:
        return True
    identity = log.identity(record)
    patient_id, object_id = event
    return bool(patient_id == identity["patient_id"] if identity["patient_id"] else object_id == identity["object_id"])
