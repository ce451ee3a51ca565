from django.urls import path

from treatments.consents import views
from treatments.consents.texts.urls import urlpatterns as of_texts

_CONSENT = "patients/<uuid:patient_id>/consents/<uuid:consent_id>/"

app_name = "consents"
urlpatterns = [
    *of_texts,
    path("patients/<uuid:patient_id>/consents/", views.index, name="index"),
    path("patients/<uuid:patient_id>/consents/add/", views.add, name="add"),
    path(f"{_CONSENT}words/", views.words, name="words"),
    path(f"{_CONSENT}scan/", views.scan, name="scan"),
    path(f"{_CONSENT}withdraw/", views.withdraw, name="withdraw"),
    path(f"{_CONSENT}correct/", views.correct, name="correct"),
    path(f"{_CONSENT}strike-out/", views.strike_out, name="strike-out"),
    path(f"{_CONSENT}corrections/", views.corrections, name="corrections"),
]
