"""The feed for the clinic's calendar: the page of whoever manages the clinic, and what a program reads."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.sign_in import throttle
from clinic.staff.access import Can, ClinicRequest, open_to_anyone, requires
from treatments.appointments import feeds
from treatments.appointments.calendar_file import MEDIA_TYPE
from treatments.appointments.feed_forms import FeedForm
from treatments.appointments.models import CalendarFeed


@requires(Can.MANAGE_CLINIC, look="")
@never_cache
@require_http_methods(["GET", "POST"])
def feeds_page(request: ClinicRequest) -> HttpResponse:
    """The feeds of the clinic; a new one's address is shown in the answer that made it, and never again."""
    form = FeedForm(request.POST or None)
    context: dict[str, Any] = {"nav": "clinic"}
    if form.is_valid():
        secret, feed = feeds.make_feed(request.clinic, **form.cleaned_data, by=request.user)
        context |= {"made": feed, "address": request.build_absolute_uri(reverse("appointments:feed", args=[secret]))}
        form = FeedForm()
    status = 422 if form.is_bound else 200
    context["form"] = form
    context["feeds"] = (
        CalendarFeed.objects.of(request.clinic).select_related("made_by", "revoked_by").order_by("-made_at")
    )
    return render(request, "treatments/appointments/feeds.html", context, status=status)


@requires(Can.MANAGE_CLINIC, look="")
@require_POST
def revoke(request: ClinicRequest, feed_id: uuid.UUID) -> HttpResponse:
    feed = get_object_or_404(CalendarFeed.objects.of(request.clinic), pk=feed_id)
    feeds.revoke_feed(feed, by=request.user)
    messages.success(request, f"The address of {feed} answers no more.")
    return redirect("appointments:feeds")


@open_to_anyone
@require_GET
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What a calendar program reads. A revoked address and an invented one are told apart by nobody."""
    tries = throttle.place()
    if wait := throttle.count_try(tries):
        return HttpResponse(status=429, headers={"Retry-After": str(wait), "Cache-Control": "no-store"})
    found = feeds.find_feed(secret)
    if found is None:
        return HttpResponse(status=404, headers={"Cache-Control": "no-store"})
    throttle.reset_tries(tries)
    content = feeds.read_feed(found)
    etag = quote_etag(feeds.digest(content))
    response = HttpResponse(content, content_type=MEDIA_TYPE)
    response = get_conditional_response(request, etag=etag, response=response) or response
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-store"
    return response
