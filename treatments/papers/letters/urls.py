"""Part of the namespace `papers`."""

from django.urls import path

from treatments.papers.letters import views

LETTERS = "patients/<uuid:patient_id>/papers/letters/"
LETTER = f"{LETTERS}<uuid:letter_id>/"
urlpatterns = [
    path(f"{LETTERS}add/", views.add, name="letter-add"),
    path(LETTER, views.letter, name="letter"),
    path(f"{LETTER}change/", views.edit, name="letter-change"),
    path(f"{LETTER}sign/", views.sign, name="letter-sign"),
    path(f"{LETTER}pdf/", views.pdf, name="letter-pdf"),
    path(f"{LETTER}strike-out/", views.strike_out, name="letter-strike-out"),
    path(f"{LETTER}corrections/", views.corrections, name="letter-corrections"),
]
