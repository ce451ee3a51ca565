from django.urls import path

from treatments.timeline import views

app_name = "timeline"
urlpatterns = [path("patients/<uuid:patient_id>/", views.patient, name="patient")]
