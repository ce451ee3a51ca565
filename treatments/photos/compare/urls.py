"""Two photographs side by side, and how they are aligned; part of the namespace `photos`."""

from django.urls import path

from treatments.photos.compare import views

urlpatterns = [
    path("patients/<uuid:patient_id>/photos/compare/", views.compare, name="compare"),
    path("patients/<uuid:patient_id>/photos/align/", views.align, name="align"),
    path("patients/<uuid:patient_id>/photos/align/forget/", views.forget, name="align-forget"),
]
