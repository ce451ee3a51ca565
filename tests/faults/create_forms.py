"""Every form that makes a record, with what a person would enter in it; test_duplicate_submits.py misses none."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.urls import reverse

from clinic.staff.models import Role
from tests import factories
from tests.evidence.reading.rounds import head
from tests.people import Cast
from treatments.consents.text_choice import PAPER
from treatments.examination.stage_picker import NOT_GRADED
from treatments.identity.merge.actions import merge_patients
from treatments.models import (
    AdverseEvent,
    AftercareSheet,
    Appointment,
    Assessment,
    Call,
    CaseReport,
    CaseSeries,
    Consent,
    ConsentText,
    Course,
    ExosomeSession,
    FollowUp,
    HairHistory,
    LaboratoryReport,
    LaboratoryResult,
    LaboratoryTest,
    Letter,
    Lot,
    Measurement,
    MessageTemplate,
    Patient,
    Product,
    Protocol,
    ReadingRound,
    RecordMove,
    RepeatPair,
    ReportFigure,
    ResponderDefinition,
    Therapy,
)


@dataclass(frozen=True)
class Filling:
    """Where the form is, what it makes, and what is changed in it before it is sent."""

    url: str
    makes: type[models.Model]
    changes: dict[str, Any] = field(default_factory=dict)


def _patient(cast: Cast, number: int) -> Patient:
    return factories.patient(cast.clinic, name=f"Invented {number}", created_by=cast.manager)


def _register(cast: Cast, number: int) -> Filling:
    changes = {"name": f"Newly Invented {number}", "record_number": f"N-{number:04d}", "sex": "female"}
    return Filling(reverse("patients:register"), Patient, changes)


def _move(cast: Cast, number: int) -> Filling:
    record = factories.measurement(_patient(cast, number))
    url = reverse("identity:move-measurement", args=[record.patient_id, record.pk])
    return Filling(f"{url}?to={cast.patient.pk}", RecordMove, {"reason": "Filed under the wrong patient"})


def _merge(cast: Cast, number: int) -> Filling:
    url = reverse("identity:merge", args=[_patient(cast, number).pk])
    return Filling(f"{url}?with={_patient(cast, number).pk}", RecordMove, {"reason": "One identity card"})


def _take_apart(cast: Cast, number: int) -> Filling:
    one, other = _patient(cast, number), _patient(cast, number)
    told = {"clinic": cast.clinic, "created_by": cast.manager, "kind": "merge", "reason": "One identity card"}
    merge = merge_patients(RecordMove(patient=one, from_patient=other, **told), by=cast.manager)
    url = reverse("identity:take-apart", args=[one.pk, merge.pk])
    return Filling(url, RecordMove, {"reason": "Two cousins"})


def _history(cast: Cast, number: int) -> Filling:
    url = reverse("patients:history", args=[_patient(cast, number).pk])
    return Filling(url, HairHistory, {"onset": "2020", "story": f"Story {number}"})


def _therapy(cast: Cast, number: int) -> Filling:
    url = reverse("patients:therapy-add", args=[cast.patient.pk])
    return Filling(url, Therapy, {"kind": "minoxidil_topical", "detail": f"{number} %"})


def _consent(cast: Cast, number: int) -> Filling:
    url = reverse("consents:add", args=[cast.patient.pk])
    told = {"kind": "treatment", "form_version": f"T-{number}", "signed_how": "paper_filed", "language": "en"}
    return Filling(url, Consent, told | {"text": PAPER})


def _product(cast: Cast, number: int) -> Filling:
    return Filling(reverse("products:product-add"), Product, {"name": f"Vesicle solution N{number}", "unit_ml": "5"})


def _lot(cast: Cast, number: int) -> Filling:
    product = factories.product(cast.clinic)
    told = {"number": f"LOT-{number:04d}", "product": product.pk, "expires": "December 2031", "received_ml": "50"}
    return Filling(reverse("products:lot-receive"), Lot, told)


def _assessment(cast: Cast, number: int) -> Filling:
    url = reverse("examination:record", args=[_patient(cast, number).pk])
    return Filling(url, Assessment, {"grade": NOT_GRADED, "examination": f"Seen {number}"})


def _measurement(cast: Cast, number: int) -> Filling:
    url = reverse("assessments:measure", args=[cast.patient.pk])
    told = {"kind": "hair_density", "site": "vertex", "value": 100 + number, "method": "manual_trichoscopy_count"}
    return Filling(url, Measurement, told | {"area_cm2": "1"})


def _laboratory(cast: Cast, number: int) -> Filling:
    url = reverse("assessments:laboratory-add", args=[cast.patient.pk])
    return Filling(url, LaboratoryReport, {"laboratory": "North Laboratory", "ferritin-value": 10 + number})


def _laboratory_value(cast: Cast, number: int) -> Filling:
    """Of a report for each, since one report has a test once."""
    sampled_on = datetime.date(2025, 5, 1) + datetime.timedelta(days=number)
    report = LaboratoryReport.objects.create(
        clinic=cast.clinic, patient=cast.patient, created_by=cast.nurse, sampled_on=sampled_on
    )
    url = reverse("assessments:laboratory-values-add", args=[cast.patient.pk, report.pk])
    return Filling(url, LaboratoryResult, {"ferritin-value": 10 + number})


def _laboratory_test(cast: Cast, number: int) -> Filling:
    return Filling(
        reverse("assessments:laboratory-test-add"), LaboratoryTest, {"name": f"Zinc {number}", "unit": "µmol/L"}
    )


def _event(cast: Cast, number: int) -> Filling:
    url = reverse("safety:report", args=[cast.patient.pk])
    return Filling(url, AdverseEvent, {"kind": "headache", "onset": "3 days ago", "description": f"Event {number}"})


def _follow_up(cast: Cast, number: int) -> Filling:
    event = factories.adverse_event(cast.patient)
    url = reverse("safety:follow-up", args=[cast.patient.pk, event.pk])
    return Filling(url, FollowUp, {"outcome": "2", "note": f"Better, call {number}"})


def _resolve(cast: Cast, number: int) -> Filling:
    event = factories.adverse_event(cast.patient)
    return Filling(
        reverse("safety:resolve", args=[cast.patient.pk, event.pk]),
        FollowUp,
        {"note": f"Call {number}", "ended": "today"},
    )


def _protocol(cast: Cast, number: int) -> Filling:
    told = {"name": f"Plan {number}", "sessions_planned": 5, "interval_months": 1, "checkpoints": "0, 3, 5"}
    return Filling(reverse("sessions:protocol-add"), Protocol, told | {"volume-vertex": "3"})


def _course(cast: Cast, number: int) -> Filling:
    url = reverse("sessions:course-plan", args=[_patient(cast, number).pk])
    return Filling(url, Course, {"name": f"Course {number}", "sessions_planned": 5, "interval_months": 1})


def _session(cast: Cast, number: int) -> Filling:
    patient = _patient(cast, number)
    factories.consent(patient)
    course = factories.course(patient, baseline_on=datetime.date.today())
    lot = factories.lot(factories.product(cast.clinic))
    told = {"course": course.pk, "lot": lot.pk, "reaction": "none", "volume-vertex": "3", "pain_during": "2"}
    return Filling(reverse("sessions:log", args=[patient.pk]), ExosomeSession, told)


def _booking(cast: Cast, number: int) -> Filling:
    url = reverse("appointments:book", args=[_patient(cast, number).pk])
    tomorrow = datetime.date.today() + datetime.timedelta(days=2)
    return Filling(url, Appointment, {"day": tomorrow.isoformat(), "time": "10:00", "note": f"Note {number}"})


def _call(cast: Cast, number: int) -> Filling:
    url = reverse("appointments:call", args=[_patient(cast, number).pk])
    return Filling(url, Call, {"outcome": "reached", "note": f"Note {number}"})


def _change_booking(cast: Cast, number: int) -> Filling:
    booked = factories.appointment(_patient(cast, number))
    url = reverse("appointments:change", args=[booked.patient_id, booked.pk])
    return Filling(url, Appointment, {"note": f"Later, call {number}"})


def _message(cast: Cast, number: int) -> Filling:
    told = {"kind": "reminder", "language": f"Invented {number}", "subject": "Your visit", "text": f"Hello {number}"}
    return Filling(reverse("appointments:messages"), MessageTemplate, told)


def _text(cast: Cast, number: int) -> Filling:
    told = {"kind": "treatment", "title": f"Form {number}", "language": "en", "body": f"I agree, form {number}."}
    return Filling(reverse("consents:text-write"), ConsentText, told)


def _text_version(cast: Cast, number: int) -> Filling:
    title = f"Renewed form {ConsentText.objects.count()}"  # a number may be drawn twice
    text = factories.consent_text(cast.clinic, title=title)
    return Filling(reverse("consents:text-version", args=[text.pk]), ConsentText, {"body": f"New words {number}."})


def _follow_up_visit(cast: Cast, number: int) -> Filling:
    url = reverse("examination:follow-up", args=[_patient(cast, number).pk])
    return Filling(url, Assessment, {"change_seen": f"Thicker, visit {number}"})


def _aftercare(cast: Cast, number: int) -> Filling:
    return Filling(reverse("papers:aftercare"), AftercareSheet, {"text": f"Rest for {number} days."})


def _aftercare_of_protocol(cast: Cast, number: int) -> Filling:
    protocol = factories.protocol(cast.clinic, name=f"Own sheet {Protocol.objects.count()}")
    url = reverse("papers:aftercare-protocol", args=[protocol.pk])
    return Filling(url, AftercareSheet, {"text": f"Rest for {number} days."})


def _letter(cast: Cast, number: int) -> Filling:
    url = reverse("papers:letter-add", args=[_patient(cast, number).pk])
    return Filling(url, Letter, {"recipient": "Dr Example", "subject": "About", "body": f"Dear colleague, {number}"})


def _series(cast: Cast, number: int) -> Filling:
    told = {"title": f"Series {number}", "month": "6", "from_on": "2024-01-01", "until_on": "2026-01-01"}
    return Filling(reverse("evidence:series-begin"), CaseSeries, told)


def _case_report(cast: Cast, number: int) -> Filling:
    patient = _patient(cast, number)
    course = factories.course(patient)
    url = reverse("evidence:case-report-add", args=[patient.pk])
    return Filling(url, CaseReport, {"course": course.pk, "title": f"Exosomes: a case report {number}"})


def _report_figure(cast: Cast, number: int) -> Filling:
    patient = _patient(cast, number)
    course = factories.course(patient)
    report = factories.case_report(patient, course=course)
    photo = factories.photo(patient, course=course)
    url = reverse("evidence:case-report-figure-add", args=[patient.pk, report.pk])
    told = {"earlier": photo.pk, "kept_earlier": "100", "kept_later": "100", "is_identifiable": "no", "alt": "Crown"}
    return Filling(url, ReportFigure, {**told, "caption": f"Vertex {number}"})


def _responder(cast: Cast, number: int) -> Filling:
    told = {"name": f"Count above error {number}", "measure": "count", "month": "6"}
    return Filling(reverse("evidence:responder"), ResponderDefinition, told)


def _repeat_counts(cast: Cast, number: int) -> Filling:
    told = {"counted_on": "2026-03-02", "readers": "same", "how": f"Phototrichogram {number}"}
    return Filling(reverse("evidence:repeats-add"), RepeatPair, {**told, "pair1-first": "120", "pair1-second": "126"})


def _reading_round(cast: Cast, number: int) -> Filling:
    head(cast)
    second = factories.member(cast.clinic, Role.BLIND_READER)
    told = {"name": f"Vertex {number}", "view": "vertex", "months": "6", "which": "all"}
    return Filling(
        reverse("reading:open"), ReadingRound, {**told, "readers": [str(cast.blind_reader.pk), str(second.pk)]}
    )


CREATE_FORMS: dict[str, Callable[[Cast, int], Filling]] = {
    "patients:register": _register,
    "patients:history": _history,
    "patients:therapy-add": _therapy,
    "consents:add": _consent,
    "products:product-add": _product,
    "products:lot-receive": _lot,
    "examination:record": _assessment,
    "assessments:measure": _measurement,
    "assessments:laboratory-add": _laboratory,
    "assessments:laboratory-values-add": _laboratory_value,
    "assessments:laboratory-test-add": _laboratory_test,
    "safety:report": _event,
    "safety:follow-up": _follow_up,
    "safety:resolve": _resolve,
    "sessions:protocol-add": _protocol,
    "sessions:course-plan": _course,
    "sessions:log": _session,
    "appointments:book": _booking,
    "appointments:call": _call,
    "appointments:messages": _message,
    "consents:text-write": _text,
    "consents:text-version": _text_version,
    "examination:follow-up": _follow_up_visit,
    "papers:aftercare-protocol": _aftercare_of_protocol,
    "papers:letter-add": _letter,
    "evidence:series-begin": _series,
    "evidence:case-report-add": _case_report,
    "evidence:case-report-figure-add": _report_figure,
}

MOVES: dict[str, Callable[[Cast, int], Filling]] = {
    "identity:move-measurement": _move,
    "identity:merge": _merge,
    "identity:take-apart": _take_apart,
    "appointments:change": _change_booking,
    "papers:aftercare": _aftercare,
    "evidence:responder": _responder,
    "evidence:repeats-add": _repeat_counts,
    "reading:open": _reading_round,
}
"""Forms that make the row of an act, after which their page is not there any more."""
