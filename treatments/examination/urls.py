from django.urls import include, path

from treatments.examination import views

app_name = "examination"
ASSESSMENT = "patients/<uuid:patient_id>/assessments/<uuid:assessment_id>/"
urlpatterns = [
    path("", include("treatments.examination.follow_up.urls")),
    path("patients/<uuid:patient_id>/assess/", views.record, name="record"),
    path(ASSESSMENT, views.detail, name="detail"),
    path(f"{ASSESSMENT}correct/", views.correct, name="correct"),
    path(f"{ASSESSMENT}strike-out/", views.strike_out, name="strike-out"),
    path(f"{ASSESSMENT}corrections/", views.corrections, name="corrections"),
]
