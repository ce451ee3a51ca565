"""The clinic's page of thresholds; part of the namespace `assessments`."""

from django.urls import path

from treatments.assessments import threshold_views

urlpatterns = [
    path("clinic/thresholds/", threshold_views.thresholds, name="thresholds"),
    path("clinic/thresholds/change/", threshold_views.change, name="thresholds-change"),
    path("clinic/thresholds/published/", threshold_views.reset, name="thresholds-reset"),
]
