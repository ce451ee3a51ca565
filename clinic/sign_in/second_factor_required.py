"""When the week of grace is over, who must have a second factor and has none finds every page closed but their own."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect

from clinic.sign_in.factors.second_factors import is_overdue
from clinic.sign_in.late_forms import late_form_of, save_again_page
from clinic.sign_in.script_responses import is_fetch
from clinic.sign_in.sessions import FACTORS

WANTED: Final = "wanted"
"""In the session: the page that was asked for, to go back to once a second factor is set up."""
SENTENCE: Final = (
    "you need a second factor now, and nothing is lost: open “Your own page” in a second window, set it up there, "
    "then press Save here again"
)
_SECOND: Final = {"totp", "webauthn", "recovery_codes"}
View = TypeVar("View", bound=Callable[..., Any])


def before_second_factor(view: View) -> View:
    """Leave a view open to somebody who has yet to set one up."""
    view.before_second_factor = True  # type: ignore[attr-defined]
    return view


class SecondFactorRequired:
    """After ClinicMiddleware, which knows who works where, and before the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if getattr(request, "membership", None) is None or getattr(view, "before_second_factor", False):
            return None
        # Who has signed in by one has one: nothing is asked of the database for them.
        if not _SECOND.isdisjoint(request.session.get(FACTORS, ())) or not is_overdue(request.user):  # type: ignore[arg-type]
            return None
        if is_fetch(request):
            return JsonResponse({"error": SENTENCE}, status=403)
        if late_form := late_form_of(request):
            return save_again_page(request, late_form, status=403, needs_second_factor=True)
        if request.method == "GET" and request.headers.get("Sec-Fetch-Dest", "document") == "document":
            request.session[WANTED] = request.get_full_path()
        return redirect("own-page")
