"""Protocols and courses; part of the namespace `sessions`."""

from django.urls import path

from treatments.sessions.plan import views

COURSE = "patients/<uuid:patient_id>/courses/<uuid:course_id>/"
urlpatterns = [
    path("protocols/", views.protocols, name="protocols"),
    path("protocols/add/", views.protocol_add, name="protocol-add"),
    path("protocols/<uuid:protocol_id>/", views.protocol, name="protocol"),
    path("protocols/<uuid:protocol_id>/archive/", views.protocol_archive, name="protocol-archive"),
    path("patients/<uuid:patient_id>/courses/plan/", views.course_plan, name="course-plan"),
    path(COURSE, views.course, name="course"),
    path(f"{COURSE}change/", views.course_change, name="course-change"),
    path(f"{COURSE}advance/", views.course_advance, name="course-advance"),
    path(f"{COURSE}stop/", views.course_stop, name="course-stop"),
    path(f"{COURSE}resume/", views.course_resume, name="course-resume"),
    path(f"{COURSE}strike-out/", views.course_strike_out, name="course-strike-out"),
    path(f"{COURSE}hand-on/", views.course_hand_on, name="course-hand-on"),
    path(f"{COURSE}corrections/", views.course_corrections, name="course-corrections"),
]
