"""Where a page tells that the browser prints it (static/js/printed.js)."""

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from clinic.audit import log, prints
from clinic.staff.access import Can, ClinicRequest, requires
from clinic.staff.models import Membership


@requires(Can.BE_SIGNED_IN)
@require_POST
def printed(request: ClinicRequest) -> HttpResponse:
    """Put it on the audit trail. `ticket` is what the page says that it shows; 422 for any other text.

    The page may be of another clinic where the person works too, and was chosen in another window since.
    """
    page = prints.read(request.POST.get("ticket", ""))
    works_at = Membership.objects.active().filter(user=request.user).select_related("clinic")
    membership = works_at.filter(clinic=page.clinic).first() if page else None
    if page is None or membership is None:
        return JsonResponse({"error": "This page cannot say what was printed. Reload it."}, status=422)
    for shown in page.shown or [{}]:
        log.record("printed", by=request.user, clinic=membership.clinic, target=shown, detail={"page": page.name})
    return HttpResponse(status=204)
