"""A case report as a document with its data: from the page to the file, and what is not in it."""

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.evidence.fhir.checks import all_faults
from tests.people import Cast
from treatments.consents.models import Consent
from treatments.evidence.reports.models import ReportRelease
from treatments.evidence.reports.report_page import ReportPage
from treatments.evidence.reports.sentences.record import load
from treatments.handouts.case_report import CaseReport
from treatments.models import Course, Patient
from treatments.papers.document import Heading

pytestmark = pytest.mark.django_db

Json = dict[str, Any]
BASELINE = datetime.date(2026, 1, 10)


@pytest.fixture
def report(cast: Cast) -> CaseReport:
    """Of the first of two courses, with consent to its publication."""
    course = factories.course(cast.patient, baseline_on=BASELINE, name="Of the case")
    later = factories.course(cast.patient, baseline_on=BASELINE.replace(month=9), name="Another")
    lot = factories.lot(factories.product(cast.clinic, name="Vesicles"), number="LT-SECRET")
    for each, day, region in ((course, BASELINE, "vertex"), (later, BASELINE.replace(month=9), "frontal")):
        session = factories.exosome_session(each, performed_on=day, lot=lot, regions={region: "3.00"})
        factories.adverse_event(cast.patient, exosome_session=session, course=each, happened=day, onset=str(day))
        factories.assessment(cast.patient, course=each, assessed_on=day, examination="Thin at the temples.")
        factories.measurement(cast.patient, course=each, measured_on=day, value=Decimal(140))
    factories.consent(cast.patient, kind="case_publication")
    return factories.case_report(cast.patient, course=course, title="Exosomes for hair loss: a case report")


def ask(cast: Cast, report: CaseReport) -> Any:
    client, address = cast.client(cast.clinician), f"{report.get_absolute_url()}release/"
    form = client.get(address).context["form"]
    read = form.initial["read"] if form else ""
    told = {"version": report.version, "file_format": "fhir", "knows_nothing": "on", "read": read}
    return client.post(address, told)


def found(bundle: Json, kind: str) -> list[Json]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def test_leaves_as_a_document(cast: Cast, report: CaseReport) -> None:
    """With the headings of the page in their order, taken by all judges, and put on record like the other files."""
    answer = ask(cast, report)

    assert answer.status_code == 200 and answer["Content-Type"].startswith("application/fhir+json")
    assert answer["Content-Disposition"] == 'attachment; filename="case-report-fhir-r4.json"'
    bundle = json.loads(answer.content)
    assert bundle["type"] == "document" and all_faults([bundle]) == []
    (composition,) = found(bundle, "Composition")
    assert composition["status"] == "final"
    page = ReportPage.of(report, cast.patient, cast.clinic)
    paper = page.document(is_draft=False, for_file=True)
    printed = [each.text for each in paper.flat() if isinstance(each, Heading) and each.level == 2]
    titles = [each["title"] for each in composition["section"]]
    assert titles == [*printed, "Data of the report"]
    assert ReportRelease.objects.get().file_format == "fhir"


def test_is_of_its_course_alone(cast: Cast, report: CaseReport) -> None:
    """What the other course was given and found is not of the case; and neither lot nor day nor name is in it."""
    answer = ask(cast, report)
    bundle = json.loads(answer.content)

    regions = [each["dosage"]["site"]["coding"][-1]["code"] for each in found(bundle, "MedicationAdministration")]
    assert regions == ["vertex"]
    assert [len(found(bundle, kind)) for kind in ("CarePlan", "AdverseEvent")] == [1, 1]
    record = load(Patient.objects.select_related("history").get(pk=cast.patient.pk), report.course, cast.clinic)
    counts = [each for each in found(bundle, "Observation") if each["code"]["text"] == "Hair density"]
    assert len(counts) == len(record.measurements) == 1
    text = answer.content.decode()
    for word in (
        "LT-SECRET",
        "2026-01",
        "2026-09",
        "Invented",
        cast.patient.record_number,
        cast.clinic.name,
    ):
        assert word not in text, word


def test_consent_tells_no_month(cast: Cast, report: CaseReport) -> None:
    """It is signed about when the report is made, whose day the file tells: its Month would tell when Month 0 was."""
    factories.consent(cast.patient, kind="photography", withdrawn_on=datetime.date.today(), withdrawn_by=cast.nurse)
    bundle = json.loads(ask(cast, report).content)
    consents = found(bundle, "Consent")
    assert len(consents) == 2 and "Month" not in json.dumps(consents) and "relativeDateTime" not in json.dumps(consents)
    assert all_faults([bundle]) == []


def test_consent_withdrawn_refuses(cast: Cast, report: CaseReport) -> None:
    """Between the page and the file: nothing is made."""
    Consent.objects.update(withdrawn_on=datetime.date.today(), withdrawn_by=cast.nurse)

    answer = ask(cast, report)
    assert answer.status_code == 409 and b"No consent to the publication" in answer.content
    assert not ReportRelease.objects.exists()
    assert Course.objects.count() == 2


def test_course_struck_out_refuses(cast: Cast, report: CaseReport) -> None:
    """The data of another course must not stand in for it."""
    Course.objects.filter(pk=report.course_id).update(
        struck_out_at=timezone.now(), struck_out_by=cast.nurse, struck_out_reason="Of another patient"
    )

    assert ask(cast, report).status_code == 409
    assert not ReportRelease.objects.exists()


def test_is_offered_as_a_file(cast: Cast, report: CaseReport) -> None:
    page = cast.client(cast.clinician).get(f"{report.get_absolute_url()}release/").content.decode()

    assert "FHIR R4, with its data" in page
