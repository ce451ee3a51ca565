"""Part of the namespace `evidence`."""

from django.urls import path

from treatments.evidence.reports import views

REPORTS = "patients/<uuid:patient_id>/case-reports/"
REPORT = f"{REPORTS}<uuid:case_report_id>/"
FIGURE = f"{REPORT}figures/<uuid:figure_id>/"
urlpatterns = [
    path(REPORTS, views.index, name="case-reports"),
    path(f"{REPORTS}add/", views.add, name="case-report-add"),
    path(REPORT, views.report, name="case-report"),
    path(f"{REPORT}write/", views.write, name="case-report-write"),
    path(f"{REPORT}answer/", views.answer, name="case-report-answer"),
    path(f"{REPORT}draft/pdf/", views.draft_pdf, name="case-report-draft-pdf"),
    path(f"{REPORT}draft/docx/", views.draft_docx, name="case-report-draft-docx"),
    path(f"{REPORT}release/", views.release, name="case-report-release"),
    path(f"{REPORT}strike-out/", views.strike_out, name="case-report-strike-out"),
    path(f"{REPORT}corrections/", views.corrections, name="case-report-corrections"),
    path(f"{REPORT}figures/add/", views.figure_add, name="case-report-figure-add"),
    path(f"{FIGURE}remove/", views.figure_remove, name="case-report-figure-remove"),
    path(f"{FIGURE}picture/<int:number>/", views.figure_picture, name="case-report-figure-picture"),
]
