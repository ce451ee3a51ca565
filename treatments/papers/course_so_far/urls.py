"""Part of the namespace `papers`."""

from django.urls import path

from treatments.papers.course_so_far import views

urlpatterns = [
    path("patients/<uuid:patient_id>/papers/course/", views.course, name="course"),
    path("patients/<uuid:patient_id>/papers/course/pdf/", views.course_pdf, name="course-pdf"),
]
