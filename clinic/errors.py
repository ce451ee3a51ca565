"""Pages for errors. Each says what to do next, and shows nothing that the person may not see."""

from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from clinic.audit.middleware import request_id
from clinic.sign_in.late_forms import is_from_this_site, late_form_of, save_again_page
from clinic.sign_in.script_responses import is_fetch, sign_in_to_save_page
from clinic.staff.access import open_to_anyone

# Printed, these pages show nobody; and the same page is the same to the byte.
_ON_PAPER: Final = {"print_ticket": ""}


@open_to_anyone
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", _ON_PAPER, status=400)


@open_to_anyone
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", {"sentence": str(exception or ""), **_ON_PAPER}, status=403)


@open_to_anyone
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid CSRF token: mostly an old page, after signing in again in another window.

    What was typed comes back, to be sent again; never what another site sent.
    """
    if is_fetch(request):
        return JsonResponse({"error": "token"}, status=403)
    late_form = late_form_of(request) if is_from_this_site(request) else None
    if late_form is None:
        sentence = "This page was too old to be sent. Open the page again and repeat what you did."
        return render(request, "errors/403.html", {"sentence": sentence, **_ON_PAPER}, status=403)
    if request.user.is_authenticated and request.user.pk == late_form.person:
        return save_again_page(request, late_form, status=403)
    return sign_in_to_save_page(request, late_form)


@open_to_anyone
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", _ON_PAPER, status=404)


@open_to_anyone
def server_error(request: HttpRequest) -> HttpResponse:
    # Without the request, and so without the database: it may be what broke.
    return HttpResponse(render_to_string("errors/500.html", {"error": request_id(request)}), status=500)
