from django.urls import include, path

from treatments.photos import views

app_name = "photos"
PHOTO = "patients/<uuid:patient_id>/photos/<uuid:photo_id>/"
urlpatterns = [
    path("", include("treatments.photos.batches.urls")),
    path("", include("treatments.photos.compare.urls")),
    path("", include("treatments.photos.export.urls")),
    path("", include("treatments.photos.store.urls")),
    path("", include("treatments.photos.upload.urls")),
    path("patients/<uuid:patient_id>/photos/", views.sheet, name="sheet"),
    path("patients/<uuid:patient_id>/photos/pick/", views.pick, name="pick"),
    path("patients/<uuid:patient_id>/photos/correct/", views.correct_several, name="correct-several"),
    path("patients/<uuid:patient_id>/photos/day/", views.give_day, name="give-day"),
    path(PHOTO, views.detail, name="detail"),
    path(f"{PHOTO}keep/", views.mark_quality, name="keep"),
    path(f"{PHOTO}correct/", views.correct, name="correct"),
    path(f"{PHOTO}strike-out/", views.strike_out, name="strike-out"),
    path(f"{PHOTO}corrections/", views.corrections, name="corrections"),
]
