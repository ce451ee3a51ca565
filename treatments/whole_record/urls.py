from django.urls import path

from treatments.whole_record import views

urlpatterns = [path("patients/<uuid:patient_id>/papers/record/", views.whole_record, name="whole-record")]
