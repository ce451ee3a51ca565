from django.urls import include, path

app_name = "assessments"
urlpatterns = [
    path("", include("treatments.assessments.measurements.urls")),
    path("", include("treatments.assessments.thresholds.urls")),
    path("", include("treatments.assessments.laboratory.urls")),
]
