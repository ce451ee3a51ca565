from django.urls import path

from treatments.safety import views

app_name = "safety"
ONE = "patients/<uuid:patient_id>/events/<uuid:event_id>/"
urlpatterns = [
    path("adverse-events/", views.index, name="index"),
    path("patients/<uuid:patient_id>/events/report/", views.report, name="report"),
    path(ONE, views.event, name="event"),
    path(f"{ONE}correct/", views.correct, name="correct"),
    path(f"{ONE}follow-up/", views.follow_up, name="follow-up"),
    path(f"{ONE}resolve/", views.resolve, name="resolve"),
    path(f"{ONE}decide/", views.decide, name="decide"),
    path(f"{ONE}strike-out/", views.strike_out, name="strike-out"),
    path(f"{ONE}follow-ups/<uuid:follow_up_id>/correct/", views.follow_up_correct, name="follow-up-correct"),
    path(
        f"{ONE}follow-ups/<uuid:follow_up_id>/corrections/",
        views.follow_up_corrections,
        name="follow-up-corrections",
    ),
    path(f"{ONE}follow-ups/<uuid:follow_up_id>/strike-out/", views.follow_up_strike_out, name="follow-up-strike-out"),
    path(f"{ONE}corrections/", views.corrections, name="corrections"),
]
