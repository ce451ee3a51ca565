"""Laboratory values, and the tests that a clinic lists; part of the namespace `assessments`."""

from django.urls import path

from treatments.assessments.laboratory import views

PATIENT = "patients/<uuid:patient_id>/laboratory/"
REPORT = f"{PATIENT}<uuid:report_id>/"
RESULT = f"{REPORT}values/<uuid:result_id>/"
TESTS = "clinic/laboratory-tests/"
TEST = f"{TESTS}<uuid:laboratory_test_id>/"
urlpatterns = [
    path(PATIENT, views.values, name="laboratory"),
    path(f"{PATIENT}add/", views.report_add, name="laboratory-add"),
    path(REPORT, views.report, name="laboratory-report"),
    path(f"{REPORT}correct/", views.report_correct, name="laboratory-correct"),
    path(f"{REPORT}add/", views.values_add, name="laboratory-values-add"),
    path(f"{REPORT}strike-out/", views.report_strike_out, name="laboratory-strike-out"),
    path(f"{REPORT}corrections/", views.report_corrections, name="laboratory-corrections"),
    path(f"{RESULT}correct/", views.result_correct, name="laboratory-value-correct"),
    path(f"{RESULT}strike-out/", views.result_strike_out, name="laboratory-value-strike-out"),
    path(f"{RESULT}corrections/", views.result_corrections, name="laboratory-value-corrections"),
    path(TESTS, views.tests, name="laboratory-tests"),
    path(f"{TESTS}add/", views.test_add, name="laboratory-test-add"),
    path(f"{TEST}correct/", views.test_correct, name="laboratory-test-correct"),
    path(f"{TEST}offer/", views.test_offer, name="laboratory-test-offer"),
    path(f"{TEST}corrections/", views.test_corrections, name="laboratory-test-corrections"),
]
