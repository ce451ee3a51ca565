"""Pages for what went wrong. Each says what to do next, and none tells more than the person may know."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.staff.access import open_to_anyone


@open_to_anyone
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


@open_to_anyone
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", {"sentence": str(exception or "")}, status=403)


@open_to_anyone
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


@open_to_anyone
def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/500.html", status=500)
