"""Texts of messages, and what there is to send; part of the namespace `appointments`."""

from django.urls import path

from treatments.appointments.messages import views

urlpatterns = [
    path("desk/messages/", views.texts, name="messages"),
    path("desk/messages/<uuid:message_id>/", views.text, name="message"),
    path("patients/<uuid:patient_id>/write/", views.write, name="write"),
]
