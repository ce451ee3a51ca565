from django.urls import include, path

app_name = "identity"
urlpatterns = [
    path("patients/<uuid:patient_id>/", include("treatments.identity.move.urls")),
    path("patients/<uuid:patient_id>/", include("treatments.identity.merge.urls")),
]
