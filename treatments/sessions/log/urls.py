"""Sessions; part of the namespace `sessions`."""

from django.urls import path

from treatments.sessions.log import views

SESSION = "patients/<uuid:patient_id>/sessions/<uuid:session_id>/"
urlpatterns = [
    path("sessions/lots/find/", views.lot_find, name="lot-find"),
    path("patients/<uuid:patient_id>/sessions/log/", views.log, name="log"),
    path("patients/<uuid:patient_id>/sessions/log/heading/", views.log_heading, name="log-heading"),
    path("patients/<uuid:patient_id>/sessions/log/check/", views.log_check, name="log-check"),
    path(SESSION, views.detail, name="detail"),
    path(f"{SESSION}correct/", views.correct, name="correct"),
    path(f"{SESSION}strike-out/", views.strike_out, name="strike-out"),
    path(f"{SESSION}corrections/", views.corrections, name="corrections"),
]
