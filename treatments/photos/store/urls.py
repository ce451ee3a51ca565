"""The pictures themselves; part of the namespace `photos`."""

from django.urls import path

from treatments.photos.store import views

urlpatterns = [
    path("patients/<uuid:patient_id>/photos/<uuid:photo_id>/<int:size>.jpg", views.file, name="file"),
]
