import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.records import drafts


@requires(Can.BE_SIGNED_IN)
@require_GET
def who(request: ClinicRequest) -> JsonResponse:
    """Who is signed in, and a fresh CSRF token: asked after signing in again over a half-filled form."""
    return JsonResponse({"person": request.user.pk, "name": str(request.user), "csrf": get_token(request)})


@requires(Can.BE_SIGNED_IN)
@require_http_methods(["GET", "POST", "DELETE"])
def draft(request: ClinicRequest) -> HttpResponse:
    """The signed-in person's own draft of one form, named by the path of the form's page.

    POST takes JSON {"form", "values": {name: [text]}, "base_version", "sequence"}; 413 above 200 kB.
    """
    if request.method == "POST":
        return _keep(request)
    form = request.GET.get("form", "")[:300]
    if request.method == "DELETE":
        drafts.forget(owner=request.user, clinic=request.clinic, form=form)
        return HttpResponse(status=204)
    found = drafts.find(owner=request.user, clinic=request.clinic, form=form)
    if found is None:
        return JsonResponse({"draft": None})
    saved = timezone.localtime(found.saved_at)
    return JsonResponse(
        {
            "draft": {
                "values": found.values,
                "base_version": found.base_version,
                "sequence": found.sequence,
                "saved_at": saved.isoformat(),
                "saved_label": f"{saved:%-d %b, %H:%M}",
            }
        }
    )


def _keep(request: ClinicRequest) -> HttpResponse:
    if len(request.body) > drafts.MAX_DRAFT_BYTES:
        return JsonResponse({"error": "This is too long to keep as a draft. Save the form."}, status=413)
    told = _read(request.body)
    if told is None:
        return JsonResponse({"error": "The draft could not be read."}, status=400)
    kept = drafts.keep(owner=request.user, clinic=request.clinic, **told)
    return JsonResponse({"saved_at": timezone.localtime(kept.saved_at).isoformat()})


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(body)
        values = {str(k): [str(item) for item in v] for k, v in told["values"].items()}
        json.dumps(values).encode()
        form = str(told["form"])
        version = told.get("base_version")
        sequence = int(told.get("sequence") or 0)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    if not form.startswith("/") or len(form) > 300 or "\x00" in json.dumps(values) or sequence < 0:
        return None
    return {
        "form": form,
        "values": values,
        "base_version": version if isinstance(version, int) and version > 0 else None,
        "sequence": sequence,
    }
