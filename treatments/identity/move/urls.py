from django.urls import path

from treatments.identity.move import views

urlpatterns = [
    path("session/<uuid:session_id>/move/", views.move_session, name="move-session"),
    path("event/<uuid:event_id>/move/", views.move_event, name="move-event"),
    path("assessment/<uuid:assessment_id>/move/", views.move_assessment, name="move-assessment"),
    path("measurement/<uuid:measurement_id>/move/", views.move_measurement, name="move-measurement"),
    path("laboratory/<uuid:report_id>/move/", views.move_laboratory, name="move-laboratory"),
    path("photo/<uuid:photo_id>/move/", views.move_photo, name="move-photo"),
]
