from urllib.parse import parse_qs, unquote, urlsplit

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
        "place": _place(settings.BACKUP_TO),
        "is_encrypted": bool(settings.BACKUP_RECIPIENT),
        "nav": "today",
    }
    return render(request, "treatments/copies/copies.html", context)


def _place(address: str) -> dict[str, str]:
    """The parts of BACKUP_TO that a person may see and understands; none where it is not set."""
    parts = urlsplit(address if "://" in address else f"file://{address}")
    if parts.scheme == "s3":
        host = urlsplit(parse_qs(parts.query).get("endpoint", [""])[0]).netloc
        return {"bucket": f"{parts.netloc}{parts.path}".rstrip("/"), "host": host}
    return {"folder": unquote(parts.path)} if parts.path else {}
