"""Which role may do what. Each view names the right it needs; a view that names none is closed."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from clinic.staff.models import Clinic, Membership, Role, User

View = TypeVar("View", bound=Callable[..., Any])


class ClinicRequest(HttpRequest):
    """A request after ClinicMiddleware: a person who is signed in and works at a clinic."""

    user: User
    membership: Membership
    clinic: Clinic


class Can(StrEnum):
    BE_SIGNED_IN = "be signed in"
    SEE_PEOPLE = "see names, births, contact details and due dates"
    REGISTER = "register patients and correct their details"
    BOOK = "book visits and note telephone calls"
    SEE_RECORD = "see the clinical record and photos"
    WRITE_RECORD = "write in the clinical record"
    OVERRIDE = "act without consent or with a recalled lot, with a reason"
    MOVE_RECORDS = "move a record to the right patient"
    MANAGE_STOCK = "receive, count and recall lots"
    MANAGE_PROTOCOLS = "plan and change courses and protocols"
    EXPORT = "export photos and lists with telephone numbers"
    SEE_AUDIT = "read the audit trail"
    MANAGE_PEOPLE = "add people, change what they may do, and end it"
    IMPORT = "import records of the clinic from files, and take an import back"
    OPEN_ROUNDS = "open and close rounds of blind reading, and see what was read"
    READ_BLIND = "read pairs of photos blind, where invited"
    MANAGE_CLINIC = "merge records of one patient and set the limits of the clinic"


_FRONT_DESK = {Can.BE_SIGNED_IN, Can.SEE_PEOPLE}
_NURSE = _FRONT_DESK | {Can.REGISTER, Can.BOOK, Can.SEE_RECORD, Can.WRITE_RECORD, Can.MANAGE_STOCK}
_CLINICIAN = _NURSE | {Can.OVERRIDE, Can.MOVE_RECORDS, Can.MANAGE_PROTOCOLS, Can.EXPORT, Can.READ_BLIND}
ROLE_CAN: dict[str, frozenset[Can]] = {
    Role.MANAGER: frozenset(Can),
    Role.CLINICIAN: frozenset(_CLINICIAN),
    Role.NURSE: frozenset(_NURSE),
    Role.RECEPTION: frozenset(_FRONT_DESK | {Can.REGISTER, Can.BOOK}),
    Role.READER: frozenset(_FRONT_DESK | {Can.SEE_RECORD}),
    # No names and no record: whoever can look up which photo is later does not read blind.
    Role.BLIND_READER: frozenset({Can.BE_SIGNED_IN, Can.READ_BLIND}),
}
# Where each role begins; the name of an address. Who sees names begins with Today.
FIRST_PAGES: dict[str, str] = {Role.BLIND_READER: "reading:mine"}

# What takes records out of the clinic or administers it: asked for a second factor, and never opened by a PIN.
GUARDED = frozenset({Can.EXPORT, Can.IMPORT, Can.SEE_AUDIT, Can.MANAGE_PEOPLE, Can.OPEN_ROUNDS, Can.MANAGE_CLINIC})


def is_guarded(membership: Membership | None) -> bool:
    """Whether the role holds a right that takes records out of the clinic or administers it."""
    return membership is not None and not GUARDED.isdisjoint(ROLE_CAN[membership.role])


def first_page(membership: Membership | None) -> str:
    """The name of the address where a person begins: Today, but for who may not open it."""
    return FIRST_PAGES.get(membership.role, "today") if membership else "today"


def may(membership: Membership | None, can: Can) -> bool:
    return membership is not None and can in ROLE_CAN[membership.role]


def people_who_may(can: Can, *, clinic: Clinic, named_id: int | None = None) -> QuerySet[User]:
    """Who works at the clinic in a role with this right, by name, and whoever is named in the record already: the
    choices of every question by whom something was done."""
    roles = [role for role, rights in ROLE_CAN.items() if can in rights]
    now = Membership.objects.active().filter(clinic=clinic, role__in=roles, user__is_active=True).values("user")
    return User.objects.filter(Q(pk__in=now) | Q(pk=named_id)).order_by("name")


def requires(can: Can, *, look: str | None = None) -> Callable[[View], View]:
    """Open a view to the roles that have this right; ClinicMiddleware answers 403 to the others.

    `look` is the action under which its page goes on the audit trail (clinic/audit/looks.py), "viewed" unless it is
    named; "" for a page that shows nothing of a patient.
    """
    if look is None:
        look = "" if can == Can.BE_SIGNED_IN else "viewed"

    def mark(view: View) -> View:
        view.requires, view.look = can, look  # type: ignore[attr-defined]
        return view

    return mark


def by_full_sign_in(view: View) -> View:
    """Let a PIN alone not open a view of one's own account, although the right that it needs is not one of GUARDED.

    What is sent to it are passwords, PINs and codes, which are kept on no page.
    """
    view.is_of_own_account = True  # type: ignore[attr-defined]
    return view


def is_of_own_account(view: Callable[..., Any]) -> bool:
    return getattr(view, "is_of_own_account", False)


def asks_full_sign_in(view: Callable[..., Any]) -> bool:
    return getattr(view, "requires", None) in GUARDED or is_of_own_account(view)


def open_to_anyone(view: View) -> View:
    """Open a view to people who are not signed in. Used by name: sign-in, health, errors."""
    view = login_not_required(view)
    view.is_open = True  # type: ignore[attr-defined]
    return view
