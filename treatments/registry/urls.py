from django.urls import path

from treatments.registry import views

app_name = "patients"
urlpatterns = [
    path("patients/", views.index, name="index"),
    path("patients/find/", views.find, name="find"),
    path("patients/register/", views.register, name="register"),
    path("patients/<uuid:patient_id>/contact/", views.contact, name="contact"),
    path("patients/<uuid:patient_id>/details/", views.details, name="details"),
    path("patients/<uuid:patient_id>/corrections/", views.corrections, name="corrections"),
    path("patients/<uuid:patient_id>/archive/", views.archive, name="archive"),
    path("patients/<uuid:patient_id>/restore/", views.restore, name="restore"),
    path("patients/<uuid:patient_id>/history/", views.history, name="history"),
    path("patients/<uuid:patient_id>/history/again/", views.history_again, name="history-again"),
    path("patients/<uuid:patient_id>/therapies/add/", views.therapy_add, name="therapy-add"),
    path("patients/<uuid:patient_id>/therapies/<uuid:therapy_id>/", views.therapy, name="therapy"),
    path(
        "patients/<uuid:patient_id>/therapies/<uuid:therapy_id>/strike-out/",
        views.therapy_strike_out,
        name="therapy-strike-out",
    ),
]
