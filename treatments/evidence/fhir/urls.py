"""The record for another system; part of the namespace `evidence`."""

from django.urls import path

from treatments.evidence.fhir import views

urlpatterns = [path("patients/<uuid:patient_id>/papers/fhir/", views.record, name="fhir")]
