from django.urls import include, path

from treatments.appointments import views

app_name = "appointments"
BOOKINGS = "patients/<uuid:patient_id>/bookings/"
BOOKING = f"{BOOKINGS}<uuid:appointment_id>/"
CALLS = "patients/<uuid:patient_id>/calls/"
urlpatterns = [
    path("", include("treatments.appointments.calendar.urls")),
    path("", include("treatments.appointments.messages.urls")),
    path(BOOKINGS, views.of_patient, name="of-patient"),
    path(f"{BOOKINGS}add/", views.book, name="book"),
    path(BOOKING, views.detail, name="detail"),
    path(f"{BOOKING}change/", views.change, name="change"),
    path(f"{BOOKING}cancel/", views.cancel, name="cancel"),
    path(f"{BOOKING}strike-out/", views.booking_strike_out, name="strike-out"),
    path(f"{BOOKING}state/", views.say, name="state"),
    path(f"{CALLS}add/", views.note_call, name="call"),
    path(f"{CALLS}<uuid:call_id>/strike-out/", views.call_strike_out, name="call-strike-out"),
]
