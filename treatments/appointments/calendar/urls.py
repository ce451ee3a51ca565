"""Calendar file and feeds; part of the namespace `appointments`."""

from django.urls import path

from treatments.appointments.calendar import views

BOOKING = "patients/<uuid:patient_id>/bookings/<uuid:appointment_id>/"
urlpatterns = [
    path(f"{BOOKING}appointment.ics", views.calendar_file, name="calendar-file"),
    path("desk/calendar/", views.feeds_page, name="feeds"),
    path("desk/calendar/<uuid:feed_id>/revoke/", views.revoke, name="feed-revoke"),
    path("calendar/<str:secret>/", views.feed, name="feed"),
]
