"""Before/after sheets; part of the namespace `photos`."""

from django.urls import path

from treatments.photos.export import views

urlpatterns = [
    path("patients/<uuid:patient_id>/photos/<uuid:photo_id>/original/", views.original, name="original"),
    path("patients/<uuid:patient_id>/photos/export/", views.export, name="export"),
    path("patients/<uuid:patient_id>/photos/export/cover/", views.cover, name="export-cover"),
]
