from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def next_page(request: HttpRequest, *, or_else: str | None = None) -> str:
    """The address that the person was going to, or came from, if it is one of this site; else `or_else`, or Today's."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("today") if or_else is None else or_else
