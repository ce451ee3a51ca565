from django.urls import include, path

from treatments.photos import file_views, upload_views, views

app_name = "photos"
urlpatterns = [
    path("patients/<uuid:patient_id>/photos/", views.sheet, name="sheet"),
    path("", include("treatments.photos.compare_urls")),
    path("patients/<uuid:patient_id>/photos/pick/", views.pick, name="pick"),
    path("patients/<uuid:patient_id>/photos/upload/", upload_views.upload, name="upload"),
    path("patients/<uuid:patient_id>/photos/<uuid:photo_id>/", views.detail, name="detail"),
    path("patients/<uuid:patient_id>/photos/<uuid:photo_id>/<int:size>.jpg", file_views.file, name="file"),
    path("patients/<uuid:patient_id>/photos/<uuid:photo_id>/original/", file_views.original, name="original"),
    path("patients/<uuid:patient_id>/photos/<uuid:photo_id>/keep/", views.keep, name="keep"),
    path("patients/<uuid:patient_id>/photos/<uuid:photo_id>/correct/", views.correct, name="correct"),
    path("patients/<uuid:patient_id>/photos/<uuid:photo_id>/strike-out/", views.strike_out, name="strike-out"),
    path("patients/<uuid:patient_id>/photos/<uuid:photo_id>/corrections/", views.corrections, name="corrections"),
]
