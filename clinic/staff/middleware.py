from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from clinic.audit import looks
from clinic.staff.access import first_page, may
from clinic.staff.models import Closed, Membership

CHOSEN_CLINIC = "clinic"


class ClinicMiddleware:
    """Puts the person's clinic and role on the request; who has none is shown no page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = None  # type: ignore[attr-defined]
        request.clinic = None  # type: ignore[attr-defined]
        response = self.get_response(request)
        timezone.deactivate()
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if getattr(view, "is_open", False) or not request.user.is_authenticated:
            return None
        membership = chosen_membership(request)
        if membership is None:
            looks.told("refused", asked="work at any clinic")
            return render(request, "no_clinic.html", status=403)
        membership.user = request.user  # known already: nobody need ask the database again
        request.membership = membership  # type: ignore[attr-defined]
        request.clinic = membership.clinic  # type: ignore[attr-defined]
        timezone.activate(membership.clinic.zone)
        return None


class RoleMiddleware:
    """Refuses each view that the role may not use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        membership: Membership | None = getattr(request, "membership", None)
        if membership is None:
            return None
        needed = getattr(view, "requires", None)
        if needed is None:
            looks.told("refused", asked="open it")
            raise PermissionDenied("This page is closed: nobody has said who may open it.")
        if not may(membership, needed) and request.path == "/":
            # The bare name of the site, and the way on after signing in: each role has a page to begin with.
            return redirect(first_page(membership))
        if not may(membership, needed):
            looks.told("refused", asked=str(needed))
            raise PermissionDenied(
                f"Your role here, {membership.get_role_display().lower()}, may not {needed}. "
                "If you need it, ask a manager of your clinic."
            )
        return None


def chosen_membership(request: HttpRequest) -> Membership | None:
    """The clinic last chosen by this person in this browser, else the first that they joined; one that has moved to
    another database only where there is no other."""
    memberships = list(
        Membership.objects.active().filter(user_id=request.user.pk or 0).select_related("clinic").order_by("pk")
    )
    memberships = [m for m in memberships if m.clinic.closed != Closed.MOVED] or memberships
    chosen = request.session.get(CHOSEN_CLINIC)
    return next((m for m in memberships if m.clinic_id == chosen), memberships[0] if memberships else None)
