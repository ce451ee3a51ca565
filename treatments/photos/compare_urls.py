"""Addresses of the compare page and of exports; part of the namespace `photos`."""

from django.urls import path

from treatments.photos import compare_views, export_views

_PHOTOS = "patients/<uuid:patient_id>/photos/"

urlpatterns = [
    path(f"{_PHOTOS}compare/", compare_views.compare, name="compare"),
    path(f"{_PHOTOS}align/", compare_views.align, name="align"),
    path(f"{_PHOTOS}align/forget/", compare_views.forget, name="align-forget"),
    path(f"{_PHOTOS}export/", export_views.export, name="export"),
    path(f"{_PHOTOS}export/cover/", export_views.cover, name="export-cover"),
]
