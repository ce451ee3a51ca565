"""Four judges of a bundle: the models of R4B, R4's JSON schema, R4's own invariants, and what none of them looks at.

Each answers a list of faults, empty for a bundle that it takes.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from fhir.resources.R4B import get_fhir_model_class
from jsonschema import Draft6Validator
from jsonschema.protocols import Validator
from pydantic import ValidationError

from tests.missing_tools import skip_or_fail
from treatments.evidence.fhir.writing.codes import KNOWN
from treatments.evidence.fhir.writing.datatypes import UNITS
from treatments.evidence.fhir.writing.terms import CODES
from treatments.records.terminology import UCUM

HERE: Final = Path(__file__).parent
TOP: Final = HERE.parent.parent.parent
Json = dict[str, Any]

XHTML: Final = "{http://www.w3.org/1999/xhtml}"
ELEMENTS: Final = {
    "div",
    "p",
    "b",
    "ul",
    "ol",
    "li",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "h2",
    "h3",
}


@cache
def structure() -> Json:
    found: Json = json.loads((HERE / "r4" / "structure.json").read_text())
    return found


@cache
def _validator() -> Validator:
    return Draft6Validator(json.loads((HERE / "r4" / "schema.json").read_text()))


# ── The three that others wrote ────────────────────────────────────────────────────────────────


def by_models(bundle: Json) -> list[str]:
    """The models of fhir.resources for R4B, whose elements are R4's in all that we write."""
    try:
        get_fhir_model_class("Bundle").model_validate(bundle)
    except ValidationError as fault:
        return [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in fault.errors()]
    return []


def by_schema(bundle: Json) -> list[str]:
    """Resource by resource against its own definition: of one that is wrong the schema says only that none fits."""
    faults = [each for each in _faults("Bundle", bundle | {"entry": []}) if "should be non-empty" not in each]
    for place, entry in enumerate(bundle.get("entry", ())):
        resource = entry.get("resource", {})
        faults += [f"entry[{place}] {fault}" for fault in _faults(resource.get("resourceType", "?"), resource)]
    return faults


def _faults(kind: str, resource: Json) -> list[str]:
    definitions: Any = _validator().schema["definitions"]  # type: ignore[index]
    if kind not in definitions:
        return [f"{kind} is no resource of ours"]
    judge = _validator().evolve(schema={"$ref": f"#/definitions/{kind}", "definitions": definitions})
    return [f"{kind}.{'.'.join(map(str, each.path))}: {each.message[:160]}" for each in judge.iter_errors(resource)]


def by_invariants(bundles: Sequence[Json]) -> list[list[str]]:
    """R4's own rules, in FHIRPath, of several bundles at once: starting Node costs most."""
    if not (TOP / "node_modules" / "fhirpath").is_dir():
        skip_or_fail("fhirpath", "install Node and npm, then: python scripts/node_tools.py")
    told = json.dumps(list(bundles))
    done = subprocess.run(
        ["node", str(HERE / "invariants.mjs")], input=told, capture_output=True, text=True, check=True, cwd=TOP
    )
    found: list[list[str]] = json.loads(done.stdout)
    return found


# ── Ours ───────────────────────────────────────────────────────────────────────────────────────


def by_us(bundle: Json) -> list[str]:
    """What the other three let pass: where references lead, units, ranges, narrative, codes that must be of a set."""
    faults: list[str] = []
    kinds = {entry.get("fullUrl"): entry.get("resource", {}).get("resourceType") for entry in bundle.get("entry", ())}
    for place, entry in enumerate(bundle.get("entry", ())):
        resource = entry.get("resource", {})
        kind = resource.get("resourceType", "?")
        at = f"entry[{place}] {kind}"
        if entry.get("fullUrl") != f"urn:uuid:{resource.get('id')}":
            faults.append(f"{at}: its address is not its id")
        faults += [f"{at}.{fault}" for fault in _walk(kind, "", resource, "", kinds)]
    return faults


def _walk(kind: str, inside: str, node: Json, path: str, kinds: Json) -> Iterator[str]:
    """`kind` is the type that the element is defined in, `inside` its path in that type."""
    for key, value in node.items():
        if key == "div":
            yield from (f"{path}{key}: {fault}" for fault in narrative_faults(value))
        if key.startswith("_") or not isinstance(value, dict | list):
            continue
        entry, type_name, down = _element(kind, f"{inside}.{key}" if inside else key)
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, dict):
                continue
            here = f"{path}{key}"
            yield from (f"{here}: {fault}" for fault in _faults_of(entry, type_name, each, kinds))
            if type_name in structure()["elements"] and type_name != "BackboneElement":
                yield from _walk(type_name, "", each, f"{here}.", kinds)
            else:
                yield from _walk(kind, down, each, f"{here}.", kinds)


def _element(kind: str, path: str) -> tuple[Json, str, str]:
    of: Json = structure()["elements"].get(kind, {})
    entry, name = of.get(path), ""
    if entry is None:
        for each, found in of.items():
            stem = each.removesuffix("[x]")
            choice = next((t for t in found.get("types", ()) if path.lower() == f"{stem}{t}".lower()), None)
            if each != stem and choice:
                entry, name = found, choice
    entry = entry or {}
    if "as" in entry:
        return entry, "BackboneElement", entry["as"]
    return entry, name or next(iter(entry.get("types", ())), ""), path


def _faults_of(entry: Json, type_name: str, each: Json, kinds: Json) -> Iterator[str]:
    if type_name == "Reference":
        yield from _reference(entry, each, kinds)
    if type_name in {"Quantity", "SimpleQuantity", "Duration", "Age", "Count", "Distance"}:
        yield from _unit(each)
    if type_name == "Range" or ("low" in each and "high" in each):
        yield from _range(each)
    if type_name == "CodeableConcept":
        for coding in each.get("coding", ()):
            yield from _code(coding)
    if "codes" in entry:
        yield from _bound(entry["codes"], each)


def _reference(entry: Json, each: Json, kinds: Json) -> Iterator[str]:
    target = each.get("reference")
    if target is None:
        yield "a reference that leads nowhere"
    elif target not in kinds:
        yield f"{target} is not in the bundle"
    elif (allowed := entry.get("targets")) and "Resource" not in allowed and kinds[target] not in allowed:
        yield f"refers to a {kinds[target]}, which may not stand here"


def _unit(each: Json) -> Iterator[str]:
    if "code" in each and each.get("system") != UCUM:
        yield f"unit of {each.get('system')}, not of UCUM"
    if "code" in each and each["code"] not in UNITS:
        yield f"{each['code']} is no unit that we write"
    if "value" in each and not each.get("unit"):
        yield "a figure without its unit"


def _range(each: Json) -> Iterator[str]:
    low, high = each.get("low", {}), each.get("high", {})
    if (
        isinstance(low, dict)
        and isinstance(high, dict)
        and "value" in low
        and "value" in high
        and low["value"] > high["value"]
    ):
        yield f"runs from {low['value']} to {high['value']}"


def _code(coding: Json) -> Iterator[str]:
    system, code = coding.get("system", ""), coding.get("code", "")
    if not system.startswith(f"{CODES}:") and (system, code) not in KNOWN:
        yield f"{system}|{code} is not in the table of codes"


def _bound(url: str, each: Json) -> Iterator[str]:
    allowed = structure()["codes"].get(url)
    if allowed is None:
        return
    codings = each.get("coding", [each] if "code" in each else [])
    if not any(f"{coding.get('system')}|{coding.get('code')}" in allowed for coding in codings):
        yield f"no code of {url}"


def narrative_faults(div: Any) -> list[str]:
    """A narrative is well formed, of the elements that we write and no others, without attributes, and not empty."""
    if not isinstance(div, str):
        return ["no text"]
    if re.search(r"<[!?]", div):
        return ["a declaration, a comment or an instruction"]
    try:
        root = ElementTree.fromstring(div)  # noqa: S314 -- our own, and without entities
    except ElementTree.ParseError as fault:
        return [f"not well formed: {fault}"]
    faults = [] if root.tag == f"{XHTML}div" else [f"{root.tag} is not a div of XHTML"]
    for element in root.iter():
        if element.tag.removeprefix(XHTML) not in ELEMENTS:
            faults.append(f"{element.tag.removeprefix(XHTML)} may not stand in a narrative")
        faults += [f"attribute {name}" for name in element.attrib]
    return faults if "".join(root.itertext()).strip() else [*faults, "says nothing"]


def all_faults(bundles: Iterable[Json]) -> list[str]:
    """What any of the four finds in any of these bundles."""
    bundles = list(bundles)
    judged = by_invariants(bundles)
    found: list[str] = []
    for place, bundle in enumerate(bundles):
        for judge, faults in (
            ("models", by_models(bundle)),
            ("schema", by_schema(bundle)),
            ("invariants", judged[place]),
            ("ours", by_us(bundle)),
        ):
            found += [f"bundle {place}, {judge}: {fault}" for fault in faults]
    return found
