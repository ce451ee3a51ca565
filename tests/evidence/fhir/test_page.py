"""The page from which the file is downloaded: what it says, who may, and what stands on the trail."""

import hashlib
import json

import pytest

from clinic.audit.models import AuditEvent
from clinic.audit_report.words import in_words
from tests import factories
from tests.people import Cast
from treatments.models import Patient
from treatments.records.actions import strike_out

pytestmark = pytest.mark.django_db


def address(patient: Patient) -> str:
    return f"/patients/{patient.pk}/papers/fhir/"


def test_hands_out_one_file(cast: Cast, treated: Patient) -> None:
    """JSON with a name that names nobody, not to be kept by a browser; the trail has the SHA-256 of it."""
    answer = cast.client(cast.clinician).post(address(treated), {"asked_by": "doctor"})

    assert answer.status_code == 200 and answer["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="record-fhir-r4-20')
    assert answer["Cache-Control"] == "private, no-store" and answer["X-Content-Type-Options"] == "nosniff"
    bundle = json.loads(answer.content)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    event = AuditEvent.objects.get(action="exported_fhir")
    assert event.patient_id == treated.pk and event.detail["sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert event.detail["resources"] == len(bundle["entry"])
    assert "another system" in in_words(event.action, event.object_type, event.detail, people={})


def test_says_what_it_holds(cast: Cast, treated: Patient) -> None:
    wrong = factories.assessment(treated)
    strike_out(wrong, reason="Of another patient", expected_version=1, by=cast.clinician)
    page = cast.client(cast.clinician).get(address(treated)).content.decode()

    assert "<dt>Adverse events</dt><dd>1</dd>" in page and "kB" in page
    assert "1 assessment, struck out as entered in error, is left out." in page
    assert not AuditEvent.objects.filter(action="exported_fhir").exists()


def test_empty_record_has_its_page(cast: Cast) -> None:
    page = cast.client(cast.clinician).get(address(cast.patient))

    assert page.status_code == 200 and "<dt>The patient</dt><dd>1</dd>" in page.content.decode()


def test_asks_for_whom(cast: Cast) -> None:
    refused = cast.client(cast.clinician).post(address(cast.patient), {})

    assert refused.status_code == 422 and "Choose who asked" in refused.content.decode()
    assert not AuditEvent.objects.filter(action="exported_fhir").exists()


def test_only_who_may_export(cast: Cast) -> None:
    """Nobody else of the clinic, and nobody of another one."""
    for person in (cast.nurse, cast.reception, cast.reader):
        assert cast.client(person).post(address(cast.patient), {"asked_by": "patient"}).status_code == 403
    assert cast.client(cast.stranger).get(address(cast.patient)).status_code == 404


def test_is_offered_among_the_papers(cast: Cast) -> None:
    papers = f"/patients/{cast.patient.pk}/papers/"

    assert "FHIR R4, for another system" in cast.client(cast.clinician).get(papers).content.decode()
    assert "FHIR R4" not in cast.client(cast.nurse).get(papers).content.decode()
