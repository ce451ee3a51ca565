"""The clinic's consent forms; part of the namespace `consents`."""

from django.urls import path

from treatments.consents.texts import views

urlpatterns = [
    path("consent-forms/", views.texts, name="texts"),
    path("consent-forms/write/", views.write, name="text-write"),
    path("consent-forms/preview/", views.preview, name="text-preview"),
    path("consent-forms/adopt/", views.adopt, name="text-adopt"),
    path("consent-forms/<uuid:text_id>/", views.text, name="text"),
    path("consent-forms/<uuid:text_id>/new-version/", views.write_version, name="text-version"),
    path("consent-forms/<uuid:text_id>/retire/", views.retire, name="text-retire"),
]
