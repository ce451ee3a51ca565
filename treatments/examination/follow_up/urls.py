from django.urls import path

from treatments.examination.follow_up import views

urlpatterns = [
    path("patients/<uuid:patient_id>/follow-up/", views.record, name="follow-up"),
    path(
        "patients/<uuid:patient_id>/assessments/<uuid:assessment_id>/correct-follow-up/",
        views.correct,
        name="follow-up-correct",
    ),
]
