from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic.operations.last_copy import last_copy
from clinic.staff.access import Can, ClinicRequest, requires


@requires(Can.MANAGE_CLINIC)
@require_GET
def copies(request: ClinicRequest) -> HttpResponse:
    """When the last good copy was made, and what to do when there is none."""
    context = {
        "copy": last_copy(works_since=request.membership.since),
        "place": settings.BACKUP_TO.partition("?")[0],
        "is_encrypted": bool(settings.BACKUP_RECIPIENT),
        "nav": "today",
    }
    return render(request, "treatments/copies/copies.html", context)
