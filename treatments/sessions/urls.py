from django.urls import path

from treatments.sessions import course_views, views

app_name = "sessions"
PATIENT = "patients/<uuid:patient_id>/"
SESSION = f"{PATIENT}sessions/<uuid:session_id>/"
COURSE = f"{PATIENT}courses/<uuid:course_id>/"
urlpatterns = [
    path("protocols/", course_views.protocols, name="protocols"),
    path("protocols/add/", course_views.protocol_add, name="protocol-add"),
    path("protocols/<uuid:protocol_id>/", course_views.protocol, name="protocol"),
    path("protocols/<uuid:protocol_id>/archive/", course_views.protocol_archive, name="protocol-archive"),
    path(f"{PATIENT}courses/plan/", course_views.course_plan, name="course-plan"),
    path(COURSE, course_views.course, name="course"),
    path(f"{COURSE}change/", course_views.course_change, name="course-change"),
    path(f"{COURSE}advance/", course_views.course_advance, name="course-advance"),
    path(f"{COURSE}stop/", course_views.course_stop, name="course-stop"),
    path(f"{COURSE}resume/", course_views.course_resume, name="course-resume"),
    path(f"{COURSE}strike-out/", course_views.course_strike_out, name="course-strike-out"),
    path(f"{COURSE}corrections/", course_views.course_corrections, name="course-corrections"),
    path("sessions/lots/find/", views.lot_find, name="lot-find"),
    path(f"{PATIENT}sessions/log/", views.log, name="log"),
    path(f"{PATIENT}sessions/log/heading/", views.log_heading, name="log-heading"),
    path(SESSION, views.detail, name="detail"),
    path(f"{SESSION}correct/", views.correct, name="correct"),
    path(f"{SESSION}strike-out/", views.strike_out, name="strike-out"),
    path(f"{SESSION}corrections/", views.corrections, name="corrections"),
]
