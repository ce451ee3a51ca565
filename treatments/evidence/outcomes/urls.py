"""Pages of outcomes; part of the namespace `evidence`."""

from django.urls import path

from treatments.evidence.outcomes import views

urlpatterns = [
    path("outcomes/", views.index, name="outcomes"),
    path("outcomes/guide/", views.guide, name="outcomes-guide"),
    path("outcomes/rows/", views.rows, name="outcome-rows"),
    path("outcomes/outcomes.csv", views.as_csv, name="outcomes-csv"),
    path("outcomes/outcomes.xlsx", views.as_workbook, name="outcomes-xlsx"),
    path("outcomes/plot.svg", views.as_picture, name="outcomes-picture"),
    path("outcomes/responder/", views.responder, name="responder"),
]
