"""Part of the namespace `papers`."""

from django.urls import path

from treatments.papers.consent_form import views

CONSENT = "patients/<uuid:patient_id>/papers/consents/<uuid:consent_id>/"
urlpatterns = [
    path(CONSENT, views.consent, name="consent"),
    path(f"{CONSENT}pdf/", views.consent_pdf, name="consent-pdf"),
]
