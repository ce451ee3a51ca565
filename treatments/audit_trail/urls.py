from django.urls import path

from treatments.audit_trail import views

urlpatterns = [
    path("audit-trail/", views.audit_trail, name="audit-trail"),
    path("audit-trail/print/", views.audit_trail_print, name="audit-trail-print"),
    path("audit-trail/audit-trail.csv", views.audit_trail_csv, name="audit-trail-csv"),
    path("patients/<uuid:patient_id>/who-looked/", views.who_looked, name="who-looked"),
]
