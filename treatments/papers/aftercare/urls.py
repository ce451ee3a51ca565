"""Part of the namespace `papers`."""

from django.urls import path

from treatments.papers.aftercare import views

urlpatterns = [
    path("protocols/aftercare/", views.general, name="aftercare"),
    path("protocols/<uuid:protocol_id>/aftercare/", views.of_protocol, name="aftercare-protocol"),
    path("aftercare/<uuid:sheet_id>/", views.version, name="aftercare-version"),
]
