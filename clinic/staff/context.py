from typing import Any

from django.http import HttpRequest

from clinic.staff.access import ROLE_CAN, Can


def what_the_person_may_do(request: HttpRequest) -> dict[str, Any]:
    """`clinic`, `membership` and `can.see_record` … for templates, which hide what would be refused."""
    membership = getattr(request, "membership", None)
    rights = ROLE_CAN[membership.role] if membership else frozenset()
    return {
        "clinic": getattr(request, "clinic", None),
        "membership": membership,
        "can": {can.name.lower(): can in rights for can in Can},
    }
