from django.http import HttpResponse
from django.shortcuts import render

from clinic.sign_in.cover import pins
from clinic.sign_in.late_forms import LateForm
from clinic.staff.access import ClinicRequest
from clinic.staff.models import User


def cover_page(
    request: ClinicRequest,
    *,
    next_address: str,
    status: int,
    late_form: LateForm | None = None,
    error: str = "",
    chosen: int | None = None,
) -> HttpResponse:
    """Who can uncover, and nothing of what is covered. `chosen` is the id of the person whose tile was pressed."""
    people = pins.people_here(request, request.clinic)
    ids = [membership.user_id for membership in people]
    context = {
        "people": people,
        "chosen": next((pk for pk in (chosen, request.user.pk) if pk in ids), ids[0] if len(ids) == 1 else None),
        "has_own_pin": request.user.pk in ids,
        "next": next_address,
        "late_form": late_form.signed if late_form else "",
        "late_form_owner": User.objects.filter(pk=late_form.person).first() if late_form else None,
        "error": error,
    }
    return render(request, "sign_in/cover.html", context, status=status)
