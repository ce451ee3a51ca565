"""Photos arriving; part of the namespace `photos`."""

from django.urls import path

from treatments.photos.upload import views

urlpatterns = [
    path("patients/<uuid:patient_id>/photos/upload/", views.upload, name="upload"),
]
