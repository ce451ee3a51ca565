from django.urls import include, path

from treatments.papers import views

app_name = "papers"
PATIENT = "patients/<uuid:patient_id>/papers/"
urlpatterns = [
    path(PATIENT, views.index, name="index"),
    path(f"{PATIENT}sessions/<uuid:session_id>/", views.day, name="day"),
    path(f"{PATIENT}sessions/<uuid:session_id>/give/", views.day_give, name="day-give"),
    path("", include("treatments.papers.aftercare.urls")),
    path("", include("treatments.papers.letters.urls")),
    path("", include("treatments.papers.course_so_far.urls")),
    path("", include("treatments.papers.showing.urls")),
    path("", include("treatments.papers.consent_form.urls")),
]
