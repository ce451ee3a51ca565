"""What was measured: each value with unit, method, device and place; the change it shows with its error; blood."""

from decimal import Decimal
from typing import Any

from treatments.assessments.laboratory.catalogue import ANALYTES
from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryResult
from treatments.assessments.laboratory.rules import Standing
from treatments.assessments.measurement_kinds import QUANTITIES, Method
from treatments.assessments.measurements.density import CHANGE, DensityChange
from treatments.assessments.models import Measurement
from treatments.evidence.fhir.resources.observations import Finding, component, observe, question
from treatments.evidence.fhir.resources.people import company, whoever
from treatments.evidence.fhir.resources.places import body_site
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.codes import hl7
from treatments.evidence.fhir.writing.datatypes import Json, concept, note, quantity, span
from treatments.evidence.fhir.writing.terms import choice, local
from treatments.evidence.fhir.writing.writer import Writer
from treatments.records.terminology import Code

_COUNTED_IN = {"hair_density": "{hairs}", "terminal_density": "{hairs}", "vellus_density": "{hairs}"}
_STANDING = {Standing.LOW: "L", Standing.HIGH: "H", Standing.WITHIN: "N"}
INTERVAL = local("observation", "change-interval-95", "95 % interval of the change")


def write(writer: Writer, rows: Rows) -> None:
    for measurement in rows.facts.standing_measurements:
        _measurement(writer, rows, measurement)
        change = rows.changes.get(measurement.pk)
        if change is not None and measurement.kind != CHANGE:
            _change(writer, rows, change)
    for report, results in rows.facts.laboratory:
        if not report.is_struck_out:
            for result in results:
                if not result.is_struck_out:
                    _laboratory(writer, rows, report, result)


def _measurement(writer: Writer, rows: Rows, row: Measurement) -> None:
    known = QUANTITIES.get(row.kind)
    label = known.label if known else row.kind
    ucum = known.ucum if known else ""
    value: Json = {}
    if row.value is not None:
        value = {"valueQuantity": quantity(row.value, ucum)}
    elif row.low is not None and row.high is not None:
        value = {"valueRange": span(row.low, row.high, ucum)}
    change = rows.changes.get(row.pk) if row.kind == CHANGE else None
    more = _how(writer, row) | {"derivedFrom": _counts_behind(writer, change)}
    lines = [f"{row.get_site_display()}, {_method(row).display}.", change.sentence if change else ""]
    found = Finding(
        local("measurement", row.kind, label),
        row.shown,
        value,
        absent="" if value else "unknown",
        components=[*_circumstances(row), *(_error(rows, change) if change else [])],
        more=more,
        lines=lines,
    )
    by = whoever(writer, rows, row.operator_id, row.operator_name)
    observe(writer, rows, row, "", found, when=row.when, by=by)


def _how(writer: Writer, row: Measurement) -> Json:
    return {
        "bodySite": body_site(row.site, detail=writer.words(row.site_detail)),
        "method": concept(_method(row)),
        "device": device(writer, row.device),
    }


def device(writer: Writer, name: str) -> Json:
    """A device as it is written in the record, one for each spelling; {} where it is not known, or nobody is named."""
    known = writer.named(name)
    if not known:
        return {}
    body = {"deviceName": [{"name": known, "type": "user-friendly-name"}]}
    return writer.add("Device", known, body, text=known)


def _method(row: Measurement) -> Code:
    is_known = row.method in Method.values
    return choice("method", Method(row.method)) if is_known else local("method", row.method, row.method)


def _circumstances(row: Measurement) -> list[Json]:
    """What decides with which other value it may be compared, and how many hairs it rests on."""
    cutoff = None if row.vellus_cutoff_um is None else {"valueQuantity": quantity(Decimal(row.vellus_cutoff_um), "um")}
    parts: list[tuple[str, str, Json | None]] = [
        ("area", "Counted area", None if row.area_cm2 is None else {"valueQuantity": quantity(row.area_cm2, "cm2")}),
        ("counted", "Hairs counted", _counted(row)),
        ("magnification", "Magnification, times", _if_known("valueInteger", row.magnification)),
        ("vellus-below", "Vellus below", cutoff),
        ("clipped", "Hair clipped", _if_known("valueBoolean", row.is_clipped)),
        ("dyed", "Hair dyed", _if_known("valueBoolean", row.is_dyed)),
        ("same-spot", "Exactly the same spot as before", _if_known("valueBoolean", row.is_same_spot)),
    ]
    return [component(question(code, display), value) for code, display, value in parts if value]


def _if_known(name: str, value: Any) -> Json | None:
    return None if value is None else {name: value}


def _counted(row: Measurement) -> Json | None:
    unit = _COUNTED_IN.get(row.kind)
    counted = row.reading.counted if row.reading and unit else None
    return (
        None
        if counted is None
        else {"valueQuantity": quantity(counted.quantize(Decimal("0.1")).normalize() + 0, unit or "")}
    )


def _counts_behind(writer: Writer, change: DensityChange | None) -> list[Json]:
    if change is None or change.baseline is None:
        return []
    return [writer.reference("Observation", change.baseline.pk)]


def _change(writer: Writer, rows: Rows, change: DensityChange) -> None:
    """The change that two counts show, as the timeline has it; where they may not be compared there is none."""
    row = change.measurement
    value = {"valueQuantity": quantity(change.value, "%")} if change.value is not None else {}
    baseline = [writer.reference("Observation", change.baseline.pk)] if change.baseline else []
    found = Finding(
        local("measurement", CHANGE, QUANTITIES[CHANGE].label),
        change.figure if value else "not comparable",
        value,
        absent="" if value else "not-applicable",
        components=_error(rows, change) if value else [],
        more={
            "bodySite": body_site(row.site, detail=writer.words(row.site_detail)),
            "method": concept(_method(row)),
            "derivedFrom": [*baseline, writer.reference("Observation", row.pk)],
            "note": note(_sentence(writer, change)),
        },
        lines=[_sentence(writer, change)],
    )
    by = whoever(writer, rows, row.operator_id, row.operator_name)
    observe(writer, rows, row, "change", found, when=row.when, by=by)


def _sentence(writer: Writer, change: DensityChange) -> str:
    """What the timeline says of it; a reason that names device or spot is the record's own text."""
    if change.is_figure:
        return change.sentence
    return writer.words(change.sentence) or "Not comparable with the baseline."


def _error(rows: Rows, change: DensityChange) -> list[Json]:
    """The smallest detectable change that it was judged by, its interval and the verdict."""
    parts = []
    if change.interval is not None:
        matched = bool(change.measurement.is_same_spot)
        sdc = Decimal(str(rows.thresholds.sdc(matched_spot=matched)))
        code = question("smallest-detectable-change", "Smallest detectable change, 95 %, of the logarithm")
        parts.append(component(code, {"valueQuantity": quantity(sdc, "%")}))
        low, high = (Decimal(str(round(end, 1))) for end in (change.interval.low, change.interval.high))
        parts.append(component(INTERVAL, {"valueRange": span(low, high, "%")}))
    if change.verdict is not None:
        verdict = choice("verdict", change.verdict)
        parts.append(
            component(
                question("verdict", "Against the error of the method"), {"valueCodeableConcept": concept(verdict)}
            )
        )
    return parts


def _laboratory(writer: Writer, rows: Rows, report: LaboratoryReport, row: LaboratoryResult) -> None:
    reading = row.reading
    code = (
        local("laboratory", row.analyte, ANALYTES[row.analyte].label)
        if row.analyte in ANALYTES
        else _own_test(writer, row)
    )
    shown = reading.shown_unit
    ends: Json = {
        name: quantity(end, row.unit, shown=shown)
        for name, end in (("low", row.low), ("high", row.high))
        if end is not None
    }
    flag = _STANDING.get(row.standing)
    found = Finding(
        code,
        reading.shown,
        {"valueQuantity": quantity(row.value, row.unit, shown=shown, comparator=row.comparator)},
        category="laboratory",
        more={
            "referenceRange": [ends] if ends else [],
            "interpretation": [concept(hl7("v3-ObservationInterpretation", flag))] if flag else [],
            "note": note(writer.words(report.note)),
        },
        lines=[f"Range of the report: {reading.shown_range}." if reading.shown_range else "No range was reported."],
    )
    observe(writer, rows, row, "", found, when=report.when, by=company(writer, report.laboratory))


def _own_test(writer: Writer, row: LaboratoryResult) -> Code:
    """A test that the clinic listed itself."""
    test: Any = row.test
    code = writer.key("LaboratoryTest", row.test_id)
    return local("laboratory-own", code, test.name if test else "Test not recorded")
