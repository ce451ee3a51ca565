"""What the record shows in numbers."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "evidence"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("treatments.evidence.outcomes.urls")),
    path("", include("treatments.evidence.repeats.urls")),
    path("", include("treatments.evidence.fhir.urls")),
    path("", include("treatments.evidence.reports.urls")),
    path("", include("treatments.evidence.series.urls")),
]
