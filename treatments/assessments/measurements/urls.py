"""Single measurements; part of the namespace `assessments`."""

from django.urls import path

from treatments.assessments.measurements import views

MEASUREMENT = "patients/<uuid:patient_id>/measurements/<uuid:measurement_id>/"
urlpatterns = [
    path("patients/<uuid:patient_id>/measurements/add/", views.measure, name="measure"),
    path(MEASUREMENT, views.measurement, name="measurement"),
    path(f"{MEASUREMENT}correct/", views.correct, name="measurement-correct"),
    path(f"{MEASUREMENT}strike-out/", views.strike_out, name="measurement-strike-out"),
    path(f"{MEASUREMENT}corrections/", views.corrections, name="measurement-corrections"),
]
