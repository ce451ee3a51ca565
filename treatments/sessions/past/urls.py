"""Past sessions; part of the namespace `sessions`."""

from django.urls import path

from treatments.sessions.past import views

urlpatterns = [path("patients/<uuid:patient_id>/sessions/past/", views.past, name="past")]
