"""Twenty-one faults, planted one by one into a bundle that is taken: which of the four judges finds which.

    pytest tests/evidence/fhir/test_faults.py -s

prints the table that stands in docs/fhir.md.
"""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.evidence.fhir.checks import all_faults, by_invariants, by_models, by_schema, by_us

pytestmark = pytest.mark.django_db

Json = dict[str, Any]
Plant = Callable[[Json], object]
JUDGES = ("models", "schema", "invariants", "ours")


def of(bundle: Json, kind: str, *, having: str = "") -> Json:
    """The first resource of a kind in a bundle, with an element where one is asked for."""
    found = (entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind)
    return next(each for each in found if not having or having in each)


def _drop(kind: str, name: str) -> Plant:
    return lambda bundle: of(bundle, kind).pop(name)


def _put(kind: str, *, having: str = "", **elements: Any) -> Plant:
    return lambda bundle: of(bundle, kind, having=having).update(elements)


def _swap(bundle: Json) -> None:
    bundle["entry"].insert(0, bundle["entry"].pop(1))


def _twice(bundle: Json) -> None:
    bundle["entry"].append(copy.deepcopy(bundle["entry"][1]))


def _unit(bundle: Json, **changes: Any) -> None:
    quantity = of(bundle, "Observation", having="valueQuantity")["valueQuantity"]
    quantity.update(changes)
    if changes.get("system", "") is None:
        quantity.pop("system")


def _backwards(bundle: Json) -> None:
    span = of(bundle, "Observation", having="valueRange")["valueRange"]
    span["low"], span["high"] = span["high"], span["low"]


def _script(bundle: Json) -> None:
    narrative = of(bundle, "Patient")["text"]
    narrative["div"] = narrative["div"].replace("</div>", "<script>alert(1)</script></div>")


_PATIENT_OF = "MedicationAdministration"

COLLECTION: dict[str, tuple[Plant, str]] = {
    "adverse event without actuality": (_drop("AdverseEvent", "actuality"), "models"),
    "observation without status": (_drop("Observation", "status"), "models"),
    "gender “woman”": (_put("Patient", gender="woman"), "schema"),
    "severity that is none": (
        _put("AdverseEvent", severity={"coding": [{"system": "http://example.org", "code": "quite-bad"}]}),
        "ours",
    ),
    "30 February": (_put("Patient", birthDate="1990-02-30"), "models"),
    "instant without a zone": (_put("Provenance", recorded="2026-05-03T10:20:30"), "models schema"),
    "an element that FHIR does not know": (_put("Patient", haircut="short"), "models schema"),
    "two values": (_put("Observation", having="valueQuantity", valueString="many"), "models"),
    "an empty text": (_put("Procedure", having="code", note=[{"text": ""}]), "schema"),
    "consent without a policy": (_drop("Consent", "policyRule"), "invariants"),
    "a value, and why there is none": (
        _put("Observation", having="valueQuantity", dataAbsentReason={"text": "unknown"}),
        "invariants",
    ),
    "a coded unit without a system": (lambda bundle: _unit(bundle, system=None), "invariants ours"),
    "a range from high to low": (_backwards, "invariants ours"),
    "a reference to what is not there": (
        _put(_PATIENT_OF, subject={"reference": "urn:uuid:00000000-0000-4000-8000-000000000000"}),
        "ours",
    ),
    "a reference to the wrong kind": (
        lambda bundle: of(bundle, "Consent").update(patient={"reference": bundle["entry"][0]["fullUrl"]}),
        "ours",
    ),
    "a unit that UCUM does not have": (lambda bundle: _unit(bundle, code="cc"), "ours"),
    "a script in a narrative": (_script, "ours"),
}
DOCUMENT: dict[str, tuple[Plant, str]] = {
    "document without an identifier": (lambda bundle: bundle.pop("identifier"), "invariants"),
    "document that does not begin with its composition": (_swap, "invariants"),
    "one address twice": (_twice, "invariants"),
    "an empty section": (
        lambda bundle: bundle["entry"][0]["resource"]["section"].append({"title": "Nothing"}),
        "invariants",
    ),
}


def found_by(bundles: list[Json]) -> list[dict[str, list[str]]]:
    """The faults that each judge finds in each bundle."""
    judged = by_invariants(bundles)
    return [
        dict(zip(JUDGES, (by_models(each), by_schema(each), judged[place], by_us(each)), strict=True))
        for place, each in enumerate(bundles)
    ]


def planted(bundle: Json, faults: dict[str, tuple[Plant, str]]) -> dict[str, set[str]]:
    """Of each fault, which judges find it."""
    wrong = []
    for plant, _ in faults.values():
        each = copy.deepcopy(bundle)
        plant(each)
        wrong.append(each)
    found = found_by(wrong)
    return {name: {judge for judge in JUDGES if faults[judge]} for name, faults in zip(faults, found, strict=True)}


def table(found: dict[str, set[str]]) -> list[str]:
    """The table of docs/fhir.md."""
    lines = ["| fault | models R4B | schema R4 | invariants R4 | ours |", "|---|---|---|---|---|"]
    lines += [f"| {name} | {' | '.join('x' if each in by else '' for each in JUDGES)} |" for name, by in found.items()]
    caught = [sum(judge in by for by in found.values()) for judge in JUDGES]
    return [*lines, f"| **found of {len(found)}** | {' | '.join(f'**{number}**' for number in caught)} |"]


def test_valid_bundles_are_taken(bundle: Json, report: Json) -> None:
    """By all four; or a judge that refuses everything would seem to find every fault."""
    assert all_faults([bundle, report]) == []


def test_every_fault_is_found(bundle: Json, report: Json) -> None:
    """Each of the 21 by the judges that are named beside it, and by no fewer; the table is the documentation's."""
    faults = COLLECTION | DOCUMENT
    found = planted(bundle, COLLECTION) | planted(report, DOCUMENT)
    lines = table(found)
    print("\n".join(["", *lines]))

    assert len(found) == 21
    assert {name for name, by in found.items() if not by} == set()
    assert {name: " ".join(each for each in JUDGES if each in by) for name, by in found.items()} == {
        name: by for name, (_, by) in faults.items()
    }
    page = Path("docs/fhir.md").read_text()
    assert [line for line in lines if line not in page] == []
