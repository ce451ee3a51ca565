"""Case series; part of the namespace `evidence`."""

from django.urls import path

from treatments.evidence.series import views

SERIES = "evidence/case-series/"
urlpatterns = [
    path(SERIES, views.index, name="series"),
    path(f"{SERIES}begin/", views.begin, name="series-begin"),
    path(f"{SERIES}<uuid:series_id>/", views.detail, name="series-detail"),
    path(f"{SERIES}<uuid:series_id>/write/", views.write, name="series-write"),
    path(f"{SERIES}<uuid:series_id>/strike-out/", views.strike_out, name="series-strike-out"),
    path(f"{SERIES}<uuid:series_id>/answer/", views.answer, name="series-answer"),
    path(f"{SERIES}<uuid:series_id>/paper/<slug:paper_format>/", views.paper, name="series-paper"),
    path(f"{SERIES}<uuid:series_id>/rows/", views.rows, name="series-rows"),
    path(f"{SERIES}exports/<uuid:research_export_id>/", views.key, name="series-key"),
]
