"""Every value that a mapped field may have is written, and what is written is taken: no word is without its code."""

import datetime
import json
import subprocess
from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from tests import factories
from tests.evidence.fhir.checks import TOP, all_faults
from tests.missing_tools import skip_or_fail
from tests.people import Cast
from treatments.appointments.vocabulary import AppointmentState, VisitKind
from treatments.assessments import vocabulary as assessed
from treatments.assessments.laboratory.catalogue import ANALYTES
from treatments.assessments.measurement_kinds import QUANTITIES, Method
from treatments.assessments.scales.catalogue import SCALES
from treatments.consents.purposes import ConsentKind, PhotoPurpose, SignedBy, SignedHow
from treatments.courses.vocabulary import Anaesthesia, CourseState, Phase, Route, SessionOutcome, SkinPrep
from treatments.evidence.fhir.bundle import collection
from treatments.evidence.fhir.case_report import document
from treatments.evidence.fhir.resources import harms, visits
from treatments.evidence.fhir.resources.background import _RELATIVES
from treatments.evidence.fhir.rows import rows_of
from treatments.evidence.fhir.writing.codes import KNOWN, TABLE, hl7
from treatments.evidence.fhir.writing.datatypes import UNITS
from treatments.models import Application, FollowUp, HairHistory, LaboratoryResult, LaboratoryTest, Patient, Therapy
from treatments.patients import vocabulary as people
from treatments.photos import vocabulary as pictured
from treatments.products import vocabulary as products
from treatments.records.regions import INJECTABLE, Region
from treatments.records.vocabulary import Asked, Lighting
from treatments.safety import vocabulary as safety

from tests.evidence.fhir.conftest import REPORT  # isort: skip

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 6, 1)
Json = dict[str, Any]


def judged(patient: Patient) -> list[Json]:
    """Both bundles of a record, taken by all judges."""
    rows = rows_of(patient)
    made = [collection(rows), document(REPORT, rows, rows.facts.course)]
    assert all_faults(made) == []
    return made


def days(count: int) -> list[datetime.date]:
    return [TODAY - datetime.timedelta(days=number) for number in range(count)]


def longest(*vocabularies: Any) -> int:
    return max(len(each.values) for each in vocabularies)


def at(vocabulary: Any, place: int) -> Any:
    """Every value in turn."""
    return vocabulary.values[place % len(vocabulary.values)]


def found(bundle: Json, kind: str) -> list[Json]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def test_sessions(cast: Cast) -> None:
    """Every route, phase, outcome, preparation, anaesthesia and region, every form, source and basis of a product."""
    many = longest(Route, Phase, Anaesthesia, SkinPrep, products.SourceType, products.RegulatoryBasis)
    course = factories.course(cast.patient, baseline_on=TODAY - datetime.timedelta(days=many))
    for place, day in enumerate(days(many)):
        made = factories.product(
            cast.clinic, source_type=at(products.SourceType, place), donor=at(products.Donor, place),
            form=at(products.ProductForm, place), labelled_route=at(products.LabelledRoute, place),
            regulatory_basis=at(products.RegulatoryBasis, place), particles_per_ml=Decimal("20"),
            particles_method=at(products.ConcentrationMethod, place), manufacturer="Maker",
        )  # fmt: skip
        outcome, region = at(SessionOutcome, place), INJECTABLE[place % len(INJECTABLE)].value
        session = factories.exosome_session(
            course, performed_on=day, route=at(Route, place), phase=at(Phase, place), outcome=outcome,
            outcome_reason="" if outcome == "completed" else "The patient felt faint", skin_prep=at(SkinPrep, place),
            anaesthesia=at(Anaesthesia, place), since_last=at(Asked, place), reactions=at(Asked, place + 1),
            lot=factories.lot(made), regions={region: "1.00"}, needle_gauge=30, depth_mm=Decimal("1.5"),
            pain_during=place % 11, pain_after=0, points=20,
        )  # fmt: skip
        Application.objects.create(
            exosome_session=session, place=2, product=made, route=at(Route, place + 1), total_ml=Decimal(1),
            volumes={region: "1.00"},
        )  # fmt: skip
        Application.objects.create(exosome_session=session, place=3, route=at(Route, place), regions=["vertex"])
    record, report = judged(cast.patient)

    assert len(found(record, "MedicationAdministration")) == 2 * many
    assert {each["status"] for each in found(record, "Procedure")} == {"completed", "stopped"}
    assert len(found(report, "MedicationAdministration")) == 2 * many


@pytest.mark.parametrize("state", CourseState.values)
def test_states_of_a_course(cast: Cast, state: str) -> None:
    stopped = {"stopped_on": TODAY, "stop_reason": "Moved away"} if state == "stopped" else {}
    factories.course(cast.patient, state=state, maintenance_interval_months=3, refresh_months=12, **stopped)
    record, _ = judged(cast.patient)

    (plan,) = found(record, "CarePlan")
    assert plan["status"] == {"finished": "completed", "stopped": "revoked"}.get(state, "active")


def test_plan_is_five_a_month_apart(cast: Cast) -> None:
    factories.course(cast.patient, sessions_planned=5, interval_months=1)
    (plan,) = found(judged(cast.patient)[0], "CarePlan")

    repeat = plan["activity"][0]["detail"]["scheduledTiming"]["repeat"]
    assert repeat == {"count": 5, "frequency": 1, "period": 1, "periodUnit": "mo"}


def test_stages(cast: Cast) -> None:
    """Every stage of every scale, with the scale and its version as the method."""
    stages = [(scale, code) for scale in SCALES.values() for code in scale.by_code]
    for (scale, code), day in zip(stages, days(len(stages)), strict=True):
        factories.assessment(cast.patient, assessed_on=day, scale=scale.code, stage=code, stage_how="picked")
    record, _ = judged(cast.patient)

    told = [each for each in found(record, "Observation") if each["code"]["coding"][0]["code"].startswith("stage-")]
    assert len(told) == len(stages)
    assert all(scale.version in each["method"]["text"] for (scale, _), each in zip(stages, told[::-1], strict=True))


def test_findings(cast: Cast) -> None:
    """Every grade, sign, result and opinion of a visit."""
    many = longest(
        assessed.PullTestResult, assessed.Fitzpatrick, assessed.GlobalChange, assessed.Satisfaction,
        assessed.Diagnosis, Lighting, assessed.ShedType, Region,
    )  # fmt: skip
    for place, day in enumerate(days(many)):
        factories.assessment(
            cast.patient, assessed_on=day, diagnosis=at(assessed.Diagnosis, place),
            differentials=assessed.Differential.values, regions=Region.values, lighting=at(Lighting, place),
            fitzpatrick=at(assessed.Fitzpatrick, place),
            findings=dict.fromkeys(assessed.Finding.values, at(assessed.FindingGrade, place)),
            trichoscopy=dict.fromkeys(assessed.TrichoscopyFinding.values, at(assessed.Presence, place)),
            pull_result=at(assessed.PullTestResult, place), pull_rule=at(assessed.PullTestRule, place),
            pull_site=at(Region, place), pull_grasped=60, pull_extracted=4, pull_hours_since_wash=24,
            pull_shed=at(assessed.ShedType, place), global_change=at(assessed.GlobalChange, place),
            patient_change=at(assessed.GlobalChange, place), satisfaction=at(assessed.Satisfaction, place),
            dlqi=place, safety_negatives=assessed.SafetyNegative.values, patient_words="Good.",
        )  # fmt: skip
    for place, day in enumerate(days(3)):
        told = {"visit": "follow_up", "scale": "", "stage": "", "since_last": at(Asked, place)}
        factories.assessment(cast.patient, assessed_on=day, **told)
    judged(cast.patient)


def test_measurements(cast: Cast) -> None:
    """Every quantity by every method, as a value and as a range, each in its unit of UCUM."""
    for quantity in QUANTITIES.values():
        for method in Method.values:
            factories.measurement(cast.patient, kind=quantity.code, method=method, value=Decimal(4))
        factories.measurement(cast.patient, kind=quantity.code, low=Decimal(3), high=Decimal(5))
    record, _ = judged(cast.patient)

    codes = {each["valueQuantity"]["code"] for each in found(record, "Observation") if "valueQuantity" in each}
    assert codes == {quantity.ucum for quantity in QUANTITIES.values()} <= set(UNITS)


def test_laboratory(cast: Cast) -> None:
    """Every analyte in every unit, bounds, ranges open at an end, and a test of the clinic's own."""
    report = factories.laboratory_report(cast.patient)
    row: Json = {"report": report, "clinic": cast.clinic, "patient": cast.patient, "created_by": cast.clinician}
    for analyte in ANALYTES.values():
        for unit in analyte.units:
            row["report"] = factories.laboratory_report(cast.patient)
            told: Json = {"analyte": analyte.code, "value": Decimal("4.25"), "unit": unit.ucum}
            LaboratoryResult.objects.create(**row, **told, comparator="<", low=Decimal(5))
    zinc = LaboratoryTest.objects.create(clinic=cast.clinic, name="Zinc", unit="µmol/L", created_by=cast.clinician)
    LaboratoryResult.objects.create(**row, test=zinc, value=Decimal(11), unit="µmol/L", high=Decimal(20))
    record, _ = judged(cast.patient)

    told = [each for each in found(record, "Observation") if each["code"]["text"] == "Zinc"]
    assert told[0]["valueQuantity"] == {"value": 11, "unit": "µmol/L"}
    assert told[0]["interpretation"][0]["coding"][0]["code"] == "N"
    bounds = [each for each in found(record, "Observation") if each.get("valueQuantity", {}).get("comparator") == "<"]
    assert bounds and {each["interpretation"][0]["coding"][0]["code"] for each in bounds} == {"L"}


def test_events(cast: Cast) -> None:
    """Every kind, grade, seriousness, cause, outcome and measure, with a look at each."""
    course = factories.course(cast.patient)
    session = factories.exosome_session(course, regions={"vertex": "2.00", "frontal": "1.00"})
    many = longest(safety.EventKind, safety.Causality, safety.Outcome, safety.LocalAction)
    for place in range(many):
        outcome = at(safety.Outcome, place)
        grade = 5 if outcome == "5" else place % 4 + 1
        event = factories.adverse_event(
            cast.patient, kind=at(safety.EventKind, place), grade=grade, outcome=outcome,
            is_serious=grade >= 4 or place % 2 == 0, seriousness=[at(safety.Seriousness, place)] if place % 2 else [],
            causality=["", *safety.Causality.values][place % 7], action_taken=at(safety.ActionTaken, place),
            local_actions=safety.LocalAction.values, expectedness=at(safety.Expectedness, place),
            ctcae_version=at(safety.CtcaeVersion, place), exosome_session=session if place % 3 else None,
            onset="2026-05~", ended="" if outcome == "3" else "2026-05-20",
        )  # fmt: skip
        row: Json = {"event": event, "patient": cast.patient, "clinic": cast.clinic, "created_by": cast.nurse}
        FollowUp.objects.create(
            **row, seen_on=TODAY, outcome=at(safety.Outcome, place), criteria=safety.Seriousness.values, note="Seen."
        )
    record, _ = judged(cast.patient)

    told = found(record, "AdverseEvent")
    assert len(told) == many
    assert {len(each.get("suspectEntity", ())) for each in told} == {0, 2}  # one for each region


def test_history(cast: Cast) -> None:
    """Every relative in every state, every answer, every other treatment with every unit and response."""
    for state in people.FamilyStatus.values:
        patient = factories.patient(cast.clinic)
        HairHistory.objects.create(
            clinic=cast.clinic, patient=patient, created_by=cast.clinician, onset="2020~", onset_as_told="5 years ago",
            relatives=dict.fromkeys(people.Relative.values, state), family="yes", allergies="yes",
            allergies_text="Lidocaine", conditions="none", cautions_asked="yes", cautions=people.Caution.values,
            course="rapid", complaint="both", regions=Region.values, smoking="10 a day", story="It began slowly.",
        )  # fmt: skip
        for place, kind in enumerate(people.TherapyKind.values):
            is_graft = kind in people.TRANSPLANT_CODES
            Therapy.objects.create(
                clinic=cast.clinic, patient=patient, created_by=cast.clinician, kind=kind, started="2024-05",
                dose=None if is_graft else Decimal("1.25"), dose_unit="" if is_graft else at(people.DoseUnit, place),
                grafts=2400 if is_graft else None, grafted_regions=["frontal"] if is_graft else [],
                is_ongoing=[None, True, False][place % 3], response=at(people.TherapyResponse, place),
            )  # fmt: skip
        record, _ = judged(patient)
        assert len(found(record, "FamilyMemberHistory")) == len(people.Relative.values)
        assert len(found(record, "AllergyIntolerance")) == 1


def test_sexes(cast: Cast) -> None:
    made = {}
    for sex in people.Sex.values:
        rows = rows_of(factories.patient(cast.clinic, sex=sex))
        made[sex] = [collection(rows), document(REPORT, rows, None)]
    assert all_faults([bundle for each in made.values() for bundle in each]) == []

    for sex, bundles in made.items():
        assert [each["gender"] for bundle in bundles for each in found(bundle, "Patient")] == [sex, sex]


def test_consents(cast: Cast) -> None:
    """Every kind, purpose and way of signing, by the patient and by a guardian; withdrawn is inactive."""
    for place in range(longest(ConsentKind, SignedHow, PhotoPurpose)):
        kind = at(ConsentKind, place)
        factories.consent(
            cast.patient, kind=kind, purposes=PhotoPurpose.values if kind == "photography" else [],
            signed_how=at(SignedHow, place), signed_by=at(SignedBy, place), guardian="Her mother",
            expires_on=TODAY + datetime.timedelta(days=3650) if place % 2 else None,
        )  # fmt: skip
    withdrawn = {"withdrawn_on": TODAY, "withdrawn_by": cast.nurse, "withdrawal_reason": "Changed her mind"}
    factories.consent(cast.patient, kind="research", **withdrawn)
    record, _ = judged(cast.patient)

    told = found(record, "Consent")
    assert [each["status"] for each in told].count("inactive") == 1
    (photos,) = [each for each in told if any("face" in e["url"] for e in each["extension"])][:1]
    assert len(photos["provision"]["provision"]) == len(PhotoPurpose.values)
    assert photos["provision"]["type"] == "deny" and "period" not in photos["provision"]
    assert all(each["type"] == "permit" and each["period"]["start"] for each in photos["provision"]["provision"])


def test_photos(cast: Cast) -> None:
    """Every view and every field of the capture card; the SHA-256 in an identifier, and no SHA-1."""
    many = longest(pictured.View, Lighting, pictured.CapturePath)
    for place in range(many):
        factories.photo(
            cast.patient, view=at(pictured.View, place), site=at(Region, place), lighting=at(Lighting, place),
            hair_state=at(pictured.HairState, place), product_used=at(pictured.ProductUsed, place),
            parting=at(pictured.Parting, place), quality=at(pictured.PhotoQuality, place), hair_length_mm=20,
            is_dyed=False, distance_cm=60, lens_mm=Decimal("50.5"), magnification=20, device="Camera",
            dated_by=at(pictured.DatedBy, place),
        )  # fmt: skip
    record, report = judged(cast.patient)

    told = found(record, "Media")
    assert len(told) == many and not any("hash" in each["content"] for each in told)
    assert all(len(each["identifier"][0]["value"]) == 64 for each in told)
    assert [each for each in found(report, "Media") if "identifier" in each] == []


def test_bookings(cast: Cast) -> None:
    """Every state and kind; one that was moved is left out, and nobody who did not come was given anything."""
    course = factories.course(cast.patient)
    for state in AppointmentState.values:
        for kind in VisitKind.values:
            reason = {"cancel_reason": "Ill"} if state == "cancelled" else {}
            factories.appointment(cast.patient, course=course, state=state, kind=kind, **reason)
    record, report = judged(cast.patient)

    assert len(found(record, "Appointment")) == 4 * len(VisitKind.values)
    for made in (record, report):
        (missed,) = found(made, "Procedure")
        assert missed["status"] == "not-done" and missed["statusReason"]["text"] == "Did not come"


@pytest.mark.parametrize(
    ("vocabulary", "mapped"),
    [
        (safety.Causality, harms.CAUSALITY),
        (safety.Outcome, harms.OUTCOME),
        (safety.Seriousness, harms.SERIOUSNESS),
        (people.Relative, _RELATIVES),
    ],
)
def test_every_word_has_its_code(vocabulary: type[models.TextChoices], mapped: dict[Any, str]) -> None:
    assert set(mapped) == set(vocabulary)


def test_every_degree_has_its_code() -> None:
    assert set(harms.SEVERITY) == {1, 2, 3, 4, 5}
    assert set(AppointmentState) - set(visits.STATUS) == {AppointmentState.MOVED}


def test_units_are_of_ucum() -> None:
    """Every unit that is ever written, by the National Library of Medicine's own reading of UCUM; "cc" is none."""
    script = (
        "const ucum = require('@lhncbc/ucum-lhc').UcumLhcUtils.getInstance();"
        "const units = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(units.filter((unit) => ucum.validateUnitString(unit).status !== 'valid')))"
    )
    if not (TOP / "node_modules" / "@lhncbc").is_dir():
        skip_or_fail("ucum-lhc", "install Node and npm, then: python scripts/node_tools.py")
    told = json.dumps([*UNITS, "cc"])
    done = subprocess.run(["node", "-e", script], input=told, capture_output=True, text=True, check=True, cwd=TOP)

    assert json.loads(done.stdout) == ["cc"]


def test_codes_are_checked() -> None:
    """Each with where and when, once; and one that nobody confirmed is none of them."""
    assert len(KNOWN) == len(TABLE)
    assert all(each.source and each.on.year >= 2026 for each in TABLE)
    assert ("http://snomed.info/sct", "1108009") not in KNOWN
    with pytest.raises(KeyError):
        hl7("adverse-event-severity", "quite-bad")
