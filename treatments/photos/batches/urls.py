"""Old photos in bulk; part of the namespace `photos`."""

from django.urls import path

from treatments.photos.batches import views

BATCH = "photos/batches/<uuid:batch_id>/"
urlpatterns = [
    path("photos/batches/", views.index, name="batches"),
    path(BATCH, views.grid, name="batch"),
    path(f"{BATCH}send/", views.send, name="batch-send"),
    path(f"{BATCH}remove/", views.remove, name="batch-remove"),
    path(f"{BATCH}take-back/", views.take_back, name="batch-take-back"),
    path(f"{BATCH}<uuid:waiting_id>/<int:size>.jpg", views.file, name="waiting-file"),
]
