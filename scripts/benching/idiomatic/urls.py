from django.urls import include, path

from scripts.benching.idiomatic.views import patient_record

urlpatterns = [
    path("idiomatic/<uuid:patient_id>/", patient_record, name="idiomatic"),
    path("", include("clinic.urls")),
]
