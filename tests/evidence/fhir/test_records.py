"""Bundles of many kinds of records: what each says is what the record says, and all judges take it."""

import datetime
import json
import re
import time
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.staff.models import Clinic
from tests import factories
from tests.evidence.fhir.checks import all_faults, by_us
from tests.evidence.fhir.conftest import REPORT
from tests.evidence.reading import rounds
from tests.people import Cast
from treatments.demonstration.people import PEOPLE
from treatments.evidence.fhir.bundle import as_bytes, collection
from treatments.evidence.fhir.case_report import document
from treatments.evidence.fhir.rows import Rows, rows_of
from treatments.evidence.fhir.writing.datatypes import clean
from treatments.models import Application, HairHistory, Measurement, Patient, Photo, Therapy
from treatments.records.actions import correct, strike_out, update
from treatments.records.partial_dates import PartialDate

pytestmark = pytest.mark.django_db

Json = dict[str, Any]
AT = datetime.datetime(2026, 5, 3, 12, 0, tzinfo=datetime.UTC)


def found(bundle: Json, kind: str) -> list[Json]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def coded(bundle: Json, code: str) -> list[Json]:
    """The observations of a question of ours."""
    return [each for each in found(bundle, "Observation") if each["code"]["coding"][0]["code"] == code]


def both(patient: Patient) -> tuple[Json, Json]:
    rows = rows_of(patient)
    return collection(rows), document(REPORT, rows, rows.facts.course)


def test_demonstration(demonstration: Clinic) -> None:
    """Every patient of it, as a record and as a report: taken by all, and value by value what the timeline says."""
    made = {}
    for patient in Patient.objects.of(demonstration):
        rows = rows_of(patient)
        made[patient.name] = pair = collection(rows), document(REPORT, rows, rows.facts.course)
        for bundle in pair:
            _says_what_the_timeline_says(bundle, rows)
    assert len(made) > 10
    assert all_faults([bundle for pair in made.values() for bundle in pair]) == []
    _is_the_published_case(*made[PEOPLE["case"].name])


def _says_what_the_timeline_says(bundle: Json, rows: Rows) -> None:
    """Every volume, stage, measurement, change, grade and pain."""
    facts = rows.facts
    volumes = sorted(float(ml) for each in facts.standing_sessions for ml in _volumes(each))
    doses = sorted(each["dosage"]["dose"]["value"] for each in found(bundle, "MedicationAdministration"))
    assert doses == volumes
    assert sum(volumes) == pytest.approx(float(sum(each.total_ml for each in facts.standing_sessions)))
    stages = [each.stage for each in facts.standing_assessments if each.stage]
    said = [
        each["valueCodeableConcept"]["coding"][0]["code"]
        for each in found(bundle, "Observation")
        if each["code"]["coding"][0]["code"].startswith("stage-") and "valueCodeableConcept" in each
    ]
    assert sorted(said) == sorted(stages)
    assert sorted(_measured(bundle)) == sorted(_of_rows(rows))
    grades = [each["extension"][0]["extension"][0]["valueInteger"] for each in found(bundle, "AdverseEvent")]
    assert sorted(grades) == sorted(each.grade for each in facts.standing_events)
    pains = [each.pain_during for each in facts.standing_sessions if each.pain_during is not None]
    assert sorted(each["valueQuantity"]["value"] for each in coded(bundle, "pain-during")) == sorted(pains)


def _volumes(session: Any) -> list[Decimal]:
    volumes = [row.ml for row in session.region_volumes.all()]
    return volumes + [ml for each in session.applications.all() for ml in each.volumes_ml.values()]


def _measured(bundle: Json) -> list[tuple[str, float, float]]:
    answers = []
    for each in found(bundle, "Observation"):
        code = each["code"]["coding"][0]
        if code["system"].endswith(":measurement"):
            value, span = each.get("valueQuantity"), each.get("valueRange")
            ends = (span["low"]["value"], span["high"]["value"]) if span else (value["value"],) * 2 if value else ()
            if ends:
                answers.append((code["code"], *map(float, ends)))
    return answers


def _of_rows(rows: Rows) -> list[tuple[str, float, float]]:
    """What was typed, and each change that the timeline works out from two counts."""
    typed = [
        (row.kind, *(map(float, (row.value, row.value) if row.value is not None else (row.low or 0, row.high or 0))))
        for row in rows.facts.standing_measurements
    ]
    changes = [each for each in rows.changes.values() if each.value is not None]
    counted = [float(each.value or 0) for each in changes if each.measurement.kind == "hair_density"]
    return [*typed, *(("density_change_pct", value, value) for value in counted)]


def _is_the_published_case(record: Json, report: Json) -> None:
    """Five sessions of 3 mL into the vertex, 20 to 25 % by eye, no lot, and nothing for what it does not state."""
    given = found(record, "MedicationAdministration")
    assert [each["dosage"]["dose"] for each in given] == [
        {"value": 3, "unit": "mL", "system": "http://unitsofmeasure.org", "code": "mL"}
    ] * 5
    assert {each["medicationCodeableConcept"]["text"] for each in given} == {"Product not recorded"}
    assert {each["dosage"]["site"]["text"] for each in given} == {"crown and vertex"}
    (change,) = [each for each in found(record, "Observation") if "valueRange" in each]
    assert (change["valueRange"]["low"]["value"], change["valueRange"]["high"]["value"]) == (20, 25)
    assert change["method"]["text"] == "Clinician’s visual estimate"
    reactions = coded(record, "reactions")
    assert {each["dataAbsentReason"]["coding"][0]["code"] for each in reactions} == {"not-asked"}
    assert len(found(record, "AdverseEvent")) == 6 and not any(
        "suspectEntity" in e for e in found(record, "AdverseEvent")
    )
    assert [each["valueQuantity"]["value"] for each in coded(report, "age-at-month-0")] == [60]


def test_empty_record(cast: Cast) -> None:
    """Somebody who was registered and nothing else."""
    record, report = both(factories.patient(cast.clinic, birth=None, phone="", email=""))

    assert all_faults([record, report]) == []
    assert [entry["resource"]["resourceType"] for entry in record["entry"]][:3] == ["List", "Organization", "Patient"]
    (person,) = found(record, "Patient")
    assert person["_birthDate"]["extension"][0]["valueCode"] == "unknown"


def test_is_the_same_each_time(bundle: Json, report: Json, treated: Patient) -> None:
    """Ids are those of the rows; those of a report are others, and always the same too."""
    again = collection(rows_of(treated))
    rows = rows_of(treated)
    assert [each["fullUrl"] for each in again["entry"]] == [each["fullUrl"] for each in bundle["entry"]]
    ids = {each["fullUrl"] for each in document(REPORT, rows, rows.facts.course)["entry"]}
    assert ids == {each["fullUrl"] for each in report["entry"]}
    assert not ids & {each["fullUrl"] for each in bundle["entry"]}


def test_report_names_nobody(cast: Cast, treated: Patient) -> None:
    """Neither name, record number, lot, place, file, day, nor any text that somebody typed into the record."""
    marker = "Wandlebury"
    for model in (HairHistory, Therapy, Measurement, Photo):
        rows = model.objects.filter(patient=treated)
        texts = {field.name for field in model._meta.fields}
        wanted = {"story", "note", "smoking", "detail", "device", "site_detail", "operator_name", "original_name"}
        rows.update(**{name: marker for name in texts & wanted})
    told: Json = {"assessor_name": marker, "examination": marker, "patient_words": marker, "plan": marker}
    told |= {"change_seen": marker, "findings_note": marker, "stage_note": marker, "diagnosis_note": marker}
    factories.assessment(treated, diagnosis="other", **told)
    course = factories.course(treated, name=marker, note=marker)
    factories.exosome_session(course, note=marker, device=marker, operator_name=marker, assistant=marker)
    factories.adverse_event(treated, description=marker, duration_note=marker, reported_by=marker)
    factories.consent(treated, guardian=marker, signed_by="guardian", form_version=marker, witness=marker)
    rows = rows_of(treated, course=course.pk)
    record, report = collection(rows), document(REPORT, rows, rows.facts.course, at=AT)
    assert all_faults([record, report]) == []

    text = as_bytes(report).decode()
    numbers = [treated.record_number, *(str(each) for each in _lots(rows)), str(treated.pk), rows.clinic.name]
    for word in (marker, *treated.name.split(), *numbers, "Person ", *(p.sha256 for p in rows.photos)):
        assert word not in text, word
    dates = re.findall(r'"((?:19|20)\d\d(?:-\d\d)*(?:T[^"]*)?)"', text)
    assert set(dates) == {"2026-05-03T20:00:00+08:00"}  # of its making, as FHIR asks
    assert marker in as_bytes(record).decode()


def _lots(rows: Rows) -> list[Any]:
    return [lot for session in rows.sessions for lot in session.lots_given]


def test_months_of_a_report(cast: Cast) -> None:
    """Three months after Month 0, two before, and a span where only a year is known; by HL7's extension."""
    course = factories.course(cast.patient, baseline_on=datetime.date(2026, 1, 10))
    for day in (datetime.date(2026, 4, 12), datetime.date(2025, 11, 10), datetime.date(2026, 1, 10)):
        factories.measurement(cast.patient, measured_on=day)
    HairHistory.objects.create(clinic=cast.clinic, patient=cast.patient, created_by=cast.nurse, onset="2020")
    _, report = both(cast.patient)
    assert all_faults([report]) == []

    told = [_month(each["_effectiveDateTime"]) for each in coded(report, "hair_density")]
    assert told == [("before", 2), ("concurrent", 0), ("after", 3)]
    (problem,) = found(report, "Condition")
    parts = {each["url"]: each for each in problem["_onsetDateTime"]["extension"][0]["extension"]}
    assert parts["relationship"]["valueCode"] == "before"
    span = parts["offset"]["valueRange"]
    assert (span["low"]["value"], span["high"]["value"]) == (60, 72)
    (plan,) = found(report, "CarePlan")
    assert parts["target"]["valueReference"]["reference"] == f"urn:uuid:{plan['id']}"
    assert plan["period"]["_start"]["extension"][0]["valueCode"] == "masked"
    assert course.pk


def _month(element: Json) -> tuple[str, int]:
    parts = {each["url"]: each for each in element["extension"][0]["extension"]}
    return parts["relationship"]["valueCode"], parts["offset"]["valueDuration"]["value"]


def test_the_oldest_are_one_group(cast: Cast) -> None:
    patient = factories.patient(cast.clinic, birth=PartialDate("1930-05"))
    factories.course(patient)
    _, report = both(patient)

    (age,) = coded(report, "age-at-month-0")
    assert (age["valueQuantity"]["comparator"], age["valueQuantity"]["value"]) == (">", 89)


def test_struck_out_is_left_out(cast: Cast) -> None:
    """And counted, in the list that the bundle begins with."""
    kept = factories.assessment(cast.patient, examination="Stays")
    for text in ("Of Otto Other", "Of Otto Other, too"):
        gone = factories.assessment(cast.patient, examination=text)
        strike_out(gone, reason="Of another patient", expected_version=1, by=cast.clinician)
    record, _ = both(cast.patient)

    assert "Otto" not in as_bytes(record).decode() and kept.examination in as_bytes(record).decode()
    (contents,) = found(record, "List")
    assert contents["note"][0]["text"] == "2 assessments, struck out as entered in error, are left out."


def test_who_entered_and_changed(cast: Cast) -> None:
    """A Provenance of each row, and of each change: from when on, and what was true before."""
    taken = Therapy(
        clinic=cast.clinic, patient=cast.patient, kind="finasteride_oral", dose=Decimal(1), dose_unit="mg",
        started=PartialDate("2025-01"), is_ongoing=True, created_by=cast.nurse,
    )  # fmt: skip
    taken.save()
    update(taken, changes={"dose": Decimal("0.5")}, since=PartialDate("2026-03"), expected_version=1, by=cast.clinician)
    record, _ = both(cast.patient)
    assert all_faults([record]) == []

    told = found(record, "MedicationStatement")
    spans = [(each["effectivePeriod"], each["dosage"][0]["text"], each["status"]) for each in told]
    assert spans == [
        ({"start": "2025-01", "end": "2026-03"}, "1 mg", "completed"),
        ({"start": "2026-03"}, "0.5 mg", "active"),
    ]
    assert told[1]["dosage"][0]["doseAndRate"][0]["doseQuantity"]["value"] == 0.5
    targets = {each["id"] for each in told}
    about = [
        each
        for each in found(record, "Provenance")
        if {target["reference"].removeprefix("urn:uuid:") for target in each["target"]} == targets
    ]
    assert [each["activity"]["coding"][0]["code"] for each in about] == ["CREATE", "UPDATE"]
    assert about[1]["occurredDateTime"] == "2026-03"
    parts = [{part["url"]: part.get("valueString") for part in each["extension"]} for each in about[1]["extension"]]
    assert parts == [{"field": "Dose", "before": "1"}]


def test_what_was_wrong_is_not_told(cast: Cast) -> None:
    """A correction says which field, why and by whom; what stood there may be about somebody else."""
    visit = factories.assessment(cast.patient, examination="Otto Other has scars")
    told: Json = {"changes": {"examination": "No scars"}, "expected_version": 1, "by": cast.clinician}
    correct(visit, reason="Of another patient", **told)
    record, _ = both(cast.patient)
    assert all_faults([record]) == []

    (change,) = [each for each in found(record, "Provenance") if "reason" in each]
    assert change["reason"] == [{"text": "Of another patient"}]
    assert change["extension"][0]["extension"] == [{"url": "field", "valueString": "Examination"}]
    assert "No scars" in as_bytes(record).decode() and "Otto" not in as_bytes(record).decode()


def test_names_and_texts_of_every_script(cast: Cast) -> None:
    """Right to left, beyond the first plane, control characters and markup: as they are, but for what XML lacks."""
    name = "محمد <b>علي</b> 陳 👩‍🔬 & Søn"
    patient = factories.patient(cast.clinic, name=name, phone="+65 6000 0000")
    factories.assessment(patient, examination="One\x0b\ttab\u00a0space \ud7ff\ufffe]]>", patient_words="  \x07 ")
    factories.adverse_event(patient, description="<script>alert(1)</script>&amp;")
    record, report = both(patient)
    assert all_faults([record, report]) == []

    assert clean("\x00of \ud800an old row") == "of an old row"
    (person,) = found(record, "Patient")
    assert person["name"][0]["text"] == name
    assert "&lt;b&gt;" in person["text"]["div"] and "<b>" not in person["text"]["div"]
    assert json.loads(as_bytes(record)) == record
    assert not coded(record, "patient-words")
    (visit,) = coded(record, "assessment")
    assert visit["component"][0]["valueString"] == "One\ttab space \ud7ff]]>"


def test_dates_as_far_as_known(cast: Cast) -> None:
    """A year, a month, about, a day, and a time with the clinic's zone."""
    course = factories.course(cast.patient, baseline_on=datetime.date(2026, 1, 1), baseline_precision="month")
    for day, precision, clock in (
        (datetime.date(2026, 1, 5), "day", datetime.time(9, 30)),
        (datetime.date(2026, 2, 1), "month", datetime.time(9, 30)),
        (datetime.date(2026, 3, 1), "month~", None),
    ):
        told = {"performed_on": day, "performed_precision": precision, "performed_at": clock}
        factories.exosome_session(course, **told)
    factories.adverse_event(cast.patient, onset="2025~", ended="2025-12-03", outcome="1")
    record, _ = both(cast.patient)
    assert all_faults([record]) == []

    days = [each["performedDateTime"] for each in found(record, "Procedure")]
    assert days == ["2026-01-05T09:30:00+08:00", "2026-02", "2026-03"]
    about = found(record, "Procedure")[2]["_performedDateTime"]["extension"][0]
    assert about == {"url": "urn:anagen:extension:approximate", "valueBoolean": True}
    (felt,) = found(record, "Condition")
    assert (felt["onsetDateTime"], felt["abatementDateTime"]) == ("2025", "2025-12-03")
    assert felt["clinicalStatus"]["coding"][0]["code"] == "resolved"


def test_combined_visit_and_walk_in(cast: Cast) -> None:
    """Two lots, own blood and needling in one visit that nobody had planned, each with its own volume."""
    course = factories.course(cast.patient, is_walk_in=True, sessions_planned=1, name="Walk-in")
    own = factories.product(cast.clinic, name="PRP", source_type="platelet_rich_plasma", donor="autologous")
    one, two = (factories.lot(factories.product(cast.clinic)) for _ in range(2))
    session = factories.exosome_session(
        course, lot=one, regions={"vertex": "2.00", "frontal": "1.00"}, total_ml=Decimal("5.5"), first_ml=Decimal(3)
    )
    for place, told in enumerate(
        (
            {"lot": two, "total_ml": Decimal("1.5")},
            {"product": own, "total_ml": Decimal(1)},
            {"route": "microneedling_topical"},
        ),
        2,
    ):
        region: Json = {"volumes": {"vertex": str(told["total_ml"])}} if "total_ml" in told else {"regions": ["vertex"]}
        Application.objects.create(exosome_session=session, place=place, **told, **region)
    record, report = both(cast.patient)
    assert all_faults([record, report]) == []

    given = found(record, "MedicationAdministration")
    assert [each["dosage"]["dose"]["value"] for each in given] == [2, 1, 1.5, 1]
    medicines = {each["id"]: each for each in found(record, "Medication")}
    lots = [
        medicines[each["medicationReference"]["reference"].removeprefix("urn:uuid:")].get("batch") for each in given
    ]
    assert [each and each["lotNumber"] for each in lots] == [one.number, one.number, two.number, None]
    assert [each["code"]["text"] for each in found(record, "Procedure")][1:] == ["Microneedling"]
    (plan,) = found(record, "CarePlan")
    assert "activity" not in plan
    assert not any("batch" in each for each in found(report, "Medication"))


def test_session_without_regions(cast: Cast) -> None:
    """Where it was not recorded which region got what, the volume is not lost."""
    session = factories.exosome_session(factories.course(cast.patient), regions={}, total_ml=Decimal("2.5"))
    record, _ = both(cast.patient)
    assert all_faults([record]) == []

    (given,) = found(record, "MedicationAdministration")
    assert given["dosage"]["dose"]["value"] == 2.5 and "site" not in given["dosage"]
    assert session.pk


def test_change_has_its_error(cast: Cast) -> None:
    """Two counts of one spot, 120 and 168, are +40 %, with the error and the interval of the page."""
    day = datetime.date(2026, 1, 10)
    factories.exosome_session(factories.course(cast.patient, baseline_on=day), performed_on=day)
    for month, count in ((1, 120), (8, 168)):
        factories.measurement(
            cast.patient, measured_on=day.replace(month=month), value=Decimal(count), area_cm2=Decimal(1),
            site_detail="At the tattoo", is_same_spot=month > 1, device="Handheld",
        )  # fmt: skip
    rows = rows_of(cast.patient)
    record = collection(rows)
    assert all_faults([record]) == []

    (change,) = coded(record, "density_change_pct")
    parts = {each["code"]["coding"][0]["code"]: each for each in change["component"]}
    (told,) = rows.changes.values()
    assert change["valueQuantity"]["value"] == 40 == told.value
    assert parts["smallest-detectable-change"]["valueQuantity"]["value"] == rows.thresholds.sdc_matched_pct
    span = parts["change-interval-95"]["valueRange"]
    assert told.interval is not None
    assert (span["low"]["value"], span["high"]["value"]) == (round(told.interval.low, 1), round(told.interval.high, 1))
    counts = [each["id"] for each in coded(record, "hair_density")]
    assert [each["reference"].removeprefix("urn:uuid:") for each in change["derivedFrom"]] == counts


def test_blind_readings(cast: Cast) -> None:
    """Each reader's own, without a name, and the median with how many could judge it."""
    day = datetime.date(2026, 1, 10)
    photos = [factories.photo(cast.patient, taken_on=day.replace(month=month)) for month in (1, 7)]
    readers = [factories.member(cast.clinic, "reader") for _ in range(3)]
    round_ = rounds.reading_round(cast.clinic, by=cast.manager)
    pair = rounds.pair(round_, *photos)
    for reader, change in zip(readers, (2, 1, None), strict=True):
        (shown,) = rounds.shown(rounds.place(round_, reader), [pair], later_is_right=change != 1)
        rounds.reading(shown, change)
    assert not coded(both(cast.patient)[0], "gpa_7")  # nothing is told of a round that is open
    type(round_).objects.filter(pk=round_.pk).update(closed_at=timezone.now(), closed_by=cast.manager)
    record, report = both(cast.patient)
    assert all_faults([record, report]) == []

    for made in (record, report):
        assert [each.get("valueInteger") for each in coded(made, "gpa_7")] == [2, 1, None]
        (median,) = coded(made, "gpa-7-median")
        assert median["valueQuantity"]["value"] == 1.5
        assert [each["valueInteger"] for each in median["component"]] == [2, 1]
        assert not any(reader.name in as_bytes(made).decode() for reader in readers)
    media = {each["id"] for each in found(record, "Media")}
    assert {each["reference"].removeprefix("urn:uuid:") for each in coded(record, "gpa_7")[0]["derivedFrom"]} == media


def test_visit_has_its_parts(cast: Cast) -> None:
    """What was found and measured at a visit is named by it; the side of a place is no other place."""
    visit = factories.assessment(cast.patient, regions=["temporal_left"], pull_result="negative")
    factories.measurement(cast.patient, assessment=visit, site="temporal_left")
    record, _ = both(cast.patient)
    assert all_faults([record]) == []

    (panel,) = coded(record, "assessment")
    members = {each["reference"].removeprefix("urn:uuid:") for each in panel["hasMember"]}
    (count,) = coded(record, "hair_density")
    assert members == {count["id"], coded(record, "pull-test")[0]["id"], coded(record, "stage-norwood_1975")[0]["id"]}
    codes = [each["code"] for each in count["bodySite"]["coding"]]
    side = count["bodySite"]["extension"][0]["valueCodeableConcept"]["text"]
    assert (codes, side) == (["16621002", "temporal_left"], "Left")


def test_event_leads_to_its_lot(cast: Cast) -> None:
    """From the event over what was given to the Medication with its lot: of every region."""
    lot = factories.lot(factories.product(cast.clinic))
    session = factories.exosome_session(
        factories.course(cast.patient), lot=lot, regions={"vertex": "2.00", "frontal": "1.00"}
    )
    factories.adverse_event(cast.patient, exosome_session=session, causality="probable_likely", grade=2)
    record, _ = both(cast.patient)

    by_id = {each["fullUrl"]: each["resource"] for each in record["entry"]}
    (event,) = found(record, "AdverseEvent")
    lots = set()
    for suspect in event["suspectEntity"]:
        assert suspect["causality"][0]["assessment"]["coding"][0]["code"] == "Probably-Likely"
        given = by_id[suspect["instance"]["reference"]]
        lots.add(by_id[given["medicationReference"]["reference"]]["batch"]["lotNumber"])
    assert len(event["suspectEntity"]) == 2 and lots == {lot.number}
    assert event["severity"]["coding"][0]["code"] == "moderate"


def test_ten_years_cost_no_more_queries(cast: Cast, treated: Patient) -> None:
    """120 sessions, 40 visits, 120 counts, 400 photos, 60 bookings: as many queries as for one of each, below 4 MB."""
    with CaptureQueriesContext(connection) as few:
        collection(rows_of(treated))
    day = datetime.date.today() - datetime.timedelta(days=3650)
    course = factories.course(treated, baseline_on=day)
    lots = [factories.lot(factories.product(cast.clinic)) for _ in range(10)]
    for number in range(120):
        at = day + datetime.timedelta(days=30 * number)
        session = factories.exosome_session(
            course, performed_on=at, lot=lots[number % 10], regions={"vertex": "2.00", "frontal": "1.00"}
        )
        factories.measurement(treated, measured_on=at, operator=cast.nurse, device=f"Device {number % 3}")
        if number % 3 == 0:
            factories.assessment(
                treated, assessed_on=at, assessor=cast.clinician, fitzpatrick="III", examination="x" * 400
            )
            factories.adverse_event(treated, happened=at, exosome_session=session)
        if number % 2 == 0:
            factories.appointment(treated, course=course, day=at, state="came")
    for number in range(400):
        factories.photo(treated, taken_on=day + datetime.timedelta(days=9 * number))
    begun = time.process_time()
    with CaptureQueriesContext(connection) as many:
        bundle = collection(rows_of(treated))
    size, took = len(as_bytes(bundle)), time.process_time() - begun
    found_in = f"{len(bundle['entry'])} resources, {size / 1e6:.2f} MB, {len(many)} queries, {took:.2f} s"
    print(f"figure: FHIR of ten years: {found_in}")

    assert len(many) == len(few) <= 28
    assert size < 4_000_000
    assert by_us(bundle) == []
