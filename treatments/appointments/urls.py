from django.urls import path

from treatments.appointments import feed_views, message_views, views

app_name = "appointments"
BOOKINGS = "patients/<uuid:patient_id>/bookings/"
BOOKING = f"{BOOKINGS}<uuid:appointment_id>/"
CALLS = "patients/<uuid:patient_id>/calls/"
urlpatterns = [
    path(BOOKINGS, views.of_patient, name="of-patient"),
    path(f"{BOOKINGS}add/", views.book, name="book"),
    path(BOOKING, views.detail, name="detail"),
    path(f"{BOOKING}change/", views.change, name="change"),
    path(f"{BOOKING}cancel/", views.cancel, name="cancel"),
    path(f"{BOOKING}state/", views.say, name="state"),
    path(f"{BOOKING}appointment.ics", views.calendar_file, name="calendar-file"),
    path("desk/calendar/", feed_views.feeds_page, name="feeds"),
    path("desk/calendar/<uuid:feed_id>/revoke/", feed_views.revoke, name="feed-revoke"),
    path("calendar/<str:secret>/", feed_views.feed, name="feed"),
    path("desk/messages/", message_views.texts, name="messages"),
    path("desk/messages/<uuid:message_id>/", message_views.text, name="message"),
    path("patients/<uuid:patient_id>/write/", message_views.write, name="write"),
    path(f"{CALLS}add/", views.note_call, name="call"),
    path(f"{CALLS}<uuid:call_id>/strike-out/", views.call_strike_out, name="call-strike-out"),
]
