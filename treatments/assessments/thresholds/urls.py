"""The clinic's page of thresholds; part of the namespace `assessments`."""

from django.urls import path

from treatments.assessments.thresholds import views

urlpatterns = [
    path("clinic/thresholds/", views.thresholds, name="thresholds"),
    path("clinic/thresholds/change/", views.change, name="thresholds-change"),
    path("clinic/thresholds/published/", views.reset, name="thresholds-reset"),
]
