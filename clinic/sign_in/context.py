from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import prints
from clinic.sign_in.factors.second_factors import needed_from
from clinic.sign_in.late_forms import opened_by
from clinic.staff.access import ROLE_CAN, Can
from clinic.staff.models import User


def clinic_and_rights(request: HttpRequest) -> dict[str, Any]:
    """`clinic`, `membership` and `can.see_record` … for templates, which hide what would be refused.

    `opened_as` goes into each form, so that nobody saves a form that somebody else had opened.
    """
    membership = getattr(request, "membership", None)
    rights = ROLE_CAN[membership.role] if membership else frozenset()
    return {
        "clinic": getattr(request, "clinic", None),
        "membership": membership,
        "opened_as": opened_by(person=membership.user_id, clinic=membership.clinic_id) if membership else "",
        # Asked for on the two pages that say it, and there alone.
        "second_factor": lambda: _second_factor_wanted(membership.user) if membership else None,
        # Asked where the page is drawn, when it is known whom it shows.
        "print_ticket": lambda: prints.ticket(request) if membership else "",
        "can": {can.name.lower(): can in rights for can in Can},
    }


def _second_factor_wanted(user: User) -> dict[str, Any] | None:
    """From when the person needs a second factor, and whether that day is here; None where none is missing."""
    since = needed_from(user)
    return {"since": since, "is_overdue": since <= timezone.now()} if since else None
