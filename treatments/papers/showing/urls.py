"""Part of the namespace `papers`."""

from django.urls import path

from treatments.papers.showing import views

urlpatterns = [path("patients/<uuid:patient_id>/papers/show/", views.show, name="show")]
