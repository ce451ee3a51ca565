from typing import Any

from django.http import HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clinic.audit import looks
from clinic.operations.outages import OUTAGES, outage_response
from clinic.staff.access import Can, ClinicRequest, open_to_anyone, requires
from treatments.records.drafts import batches
from treatments.records.drafts import store as drafts
from treatments.records.formatting import day_of_year
from treatments.records.models import Draft

TOO_MANY = "You have too many unsaved drafts. Save this form, or open old drafts and discard them."


@requires(Can.BE_SIGNED_IN)
@require_http_methods(["GET", "DELETE"])
def draft(request: ClinicRequest) -> HttpResponse:
    """The signed-in person's own drafts of one form, given by the path of its page; `earlier` are further ones, and
    `others` those of the same page that were begun for something else.

    DELETE discards them; the path may end in "#" and the word of one opening.
    """
    form = request.GET.get("form", "")[:300].replace("\x00", "")
    if request.method == "DELETE":
        drafts.discard(owner=request.user, clinic=request.clinic, form=form)
        return HttpResponse(status=204)
    offered = drafts.offered(owner=request.user, clinic=request.clinic, form=form)
    others = drafts.of_other_things(owner=request.user, clinic=request.clinic, form=form) if "?" in form else []
    if every := offered + others:  # all of one page
        looks.told("viewed_draft")
        looks.reached(every[0])
    payloads = [_payload(draft) for draft in offered]
    found: dict[str, Any] = {"draft": payloads[0], "earlier": payloads[1:]} if payloads else {"draft": None}
    if "?" in form:
        found["others"] = [_payload(draft) for draft in others]
    return JsonResponse(found)


def _payload(draft: Draft) -> dict[str, Any]:
    saved = timezone.localtime(draft.saved_at)
    day = "" if saved.date() == timezone.localdate() else f"{day_of_year(saved)}, "
    name, _, opening = draft.form.partition("#")
    return {
        "form": draft.form,
        "begun_for": name.partition("?")[2].partition("/")[0],
        "opening": opening,
        "values": draft.values,
        "base_version": draft.base_version,
        "saved_at": saved.isoformat(),
        "saved_label": f"{day}{saved:%H:%M}",
    }


@open_to_anyone
@require_POST
def keep(request: ClinicRequest) -> HttpResponse:
    """Save a batch of typing: JSON as in batches.Batch. Open, because the page's ticket says whose it is.

    400 for what our page cannot have sent, 401 when the ticket is no longer valid, 413 above 200 kB, 429 when this
    person has 20 drafts of this form or 100 in all.
    """
    try:
        if len(request.body) > drafts.MAX_DRAFT_BYTES:
            return JsonResponse({"error": "This is too long to keep as a draft. Press Save."}, status=413)
        batch = batches.read(request.body)
    except (batches.Unreadable, UnreadablePostError):
        return JsonResponse({"error": "The draft could not be read."}, status=400)
    ticket = drafts.read_ticket(batch.ticket)
    if ticket is None:
        return JsonResponse({"error": "signed_out"}, status=401)
    if ticket.clinic.closed:  # what is kept now would stay behind in the old database; the page sends it again
        return outage_response(request, OUTAGES[ticket.clinic.closed])
    try:
        draft = drafts.save(
            owner=ticket.owner,
            clinic=ticket.clinic,
            form=f"{ticket.form}#{batch.opening}",
            values=batch.values,
            base_version=batch.base_version,
            sequence=batch.sequence,
            replaces=f"{ticket.form}#{batch.replaces}" if batch.replaces else "",
        )
    except drafts.TooManyDrafts:
        return JsonResponse({"error": TOO_MANY}, status=429)
    saved = draft.saved_at.astimezone(ticket.clinic.zone)
    is_owner = request.user.is_authenticated and request.user.pk == ticket.owner.pk
    return JsonResponse({"saved_label": f"{saved:%H:%M}", "signed_in": is_owner})
