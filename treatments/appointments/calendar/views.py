"""The calendar file of a booking, and the feed: the page of whoever manages the clinic, and what a program reads."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.operations.outages import OUTAGES, outage_response
from clinic.sign_in import throttle
from clinic.staff.access import Can, ClinicRequest, open_to_anyone, requires
from treatments.appointments.calendar import actions, feeds
from treatments.appointments.calendar.calendar_file import MEDIA_TYPE, for_patient
from treatments.appointments.calendar.forms import FeedForm
from treatments.appointments.models import Appointment, CalendarFeed
from treatments.patients.access import get_patient, get_record


@requires(Can.SEE_PEOPLE)
@require_GET
def calendar_file(request: ClinicRequest, patient_id: uuid.UUID, appointment_id: uuid.UUID) -> HttpResponse:
    """The calendar file that the patient takes home; of a booking that was changed, what it is now."""
    patient = get_patient(request, patient_id)
    asked = get_record(patient, Appointment, appointment_id)
    one = Appointment.objects.filter(patient=patient, calendar_id=asked.calendar_id)
    appointment = one.order_by("-sequence").first() or asked
    return HttpResponse(
        for_patient(appointment, request.clinic),
        content_type=MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="appointment-{appointment.day:%Y-%m-%d}.ics"'},
    )


@requires(Can.MANAGE_CLINIC, look="")
@never_cache
@require_http_methods(["GET", "POST"])
def feeds_page(request: ClinicRequest) -> HttpResponse:
    """The feeds of the clinic; a new one's address is shown in the answer that made it, and never again."""
    form = FeedForm(request.POST or None)
    context: dict[str, Any] = {"nav": "clinic"}
    if form.is_valid():
        secret, feed = actions.make_feed(request.clinic, **form.cleaned_data, by=request.user)
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
    actions.revoke_feed(feed, by=request.user)
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
    if found.clinic.closed:  # a reading is noted, and nothing of a clinic that is being moved may change
        return outage_response(request, OUTAGES[found.clinic.closed])
    today = timezone.localdate(timezone=found.clinic.zone)
    actions.note_reading(found, on=today)
    etag = quote_etag(feeds.digest(found, today))
    response = get_conditional_response(request, etag=etag) or HttpResponse(
        feeds.content_of(found, today), content_type=MEDIA_TYPE
    )
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-store"
    return response
