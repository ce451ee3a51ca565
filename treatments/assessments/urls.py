from django.urls import include, path

from treatments.assessments import measurement_views, views

_ASSESSMENT = "patients/<uuid:patient_id>/assessments/<uuid:assessment_id>/"
_MEASUREMENT = "patients/<uuid:patient_id>/measurements/<uuid:measurement_id>/"

app_name = "assessments"
urlpatterns = [
    path("", include("treatments.assessments.threshold_urls")),
    path("patients/<uuid:patient_id>/assess/", views.record, name="record"),
    path(_ASSESSMENT, views.detail, name="detail"),
    path(f"{_ASSESSMENT}correct/", views.correct, name="correct"),
    path(f"{_ASSESSMENT}strike-out/", views.strike_out, name="strike-out"),
    path(f"{_ASSESSMENT}corrections/", views.corrections, name="corrections"),
    path("patients/<uuid:patient_id>/measurements/add/", measurement_views.measure, name="measure"),
    path(_MEASUREMENT, measurement_views.measurement, name="measurement"),
    path(f"{_MEASUREMENT}correct/", measurement_views.correct, name="measurement-correct"),
    path(f"{_MEASUREMENT}strike-out/", measurement_views.strike_out, name="measurement-strike-out"),
    path(f"{_MEASUREMENT}corrections/", measurement_views.corrections, name="measurement-corrections"),
]
