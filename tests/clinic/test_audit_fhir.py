"""The audit trail as FHIR: every line is an R4 AuditEvent, and what names a profile of IHE BALP has what it asks for.

The check is written by hand from https://hl7.org/fhir/R4/auditevent.html and https://profiles.ihe.net/ITI/BALP/.
"""

import base64
import datetime
import json
import re
import uuid

import pytest
from django.core.management import CommandError, call_command

from clinic.audit.models import AuditEvent
from clinic.audit_report.fhir import BALP, Exporter
from clinic.audit_report.words import ACTIONS, Kind
from clinic.sign_in.failures import account_hash

pytestmark = pytest.mark.django_db
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
DCM = "http://dicom.nema.org/resources/ontology/DCM"
CLIENT_GIVES = {"Query", "Create", "Update", "Delete"}
ELEMENTS = {
    "AuditEvent": {
        "resourceType", "id", "meta", "type", "subtype", "action", "period", "recorded", "outcome", "outcomeDesc",
        "purposeOfEvent", "agent", "source", "entity",
    },
    "agent": {
        "type", "role", "who", "altId", "name", "requestor", "location", "policy", "media", "network", "purposeOfUse",
    },
    "source": {"site", "observer", "type"},
    "entity": {"what", "type", "role", "lifecycle", "securityLabel", "name", "description", "query", "detail"},
    "Reference": {"reference", "type", "identifier", "display"},
    "Identifier": {"use", "type", "system", "value", "period", "assigner"},
    "Coding": {"system", "version", "code", "display", "userSelected"},
}  # fmt: skip


def faults(resource):
    """What keeps it from being an AuditEvent of R4: cardinalities, types and required value sets."""
    yield from extra(resource, "AuditEvent")
    if resource["resourceType"] != "AuditEvent" or not ID.fullmatch(resource["id"]):
        yield "resourceType or id"
    yield from coding(resource["type"])
    for each in resource.get("subtype", []):
        yield from coding(each)
    if resource["action"] not in set("CRUDE"):
        yield "action"
    if not INSTANT.fullmatch(resource["recorded"]):
        yield "recorded is no instant"
    if resource["outcome"] not in {"0", "4", "8", "12"}:
        yield "outcome"
    if not resource["agent"]:
        yield "agent 1..*"
    for agent in resource["agent"]:
        yield from extra(agent, "agent")
        if not isinstance(agent["requestor"], bool):
            yield "requestor 1..1"
        yield from reference(agent["who"])
        for each in agent["type"]["coding"]:
            yield from coding(each)
        if "network" in agent and agent["network"]["type"] not in {"1", "2", "3", "4", "5"}:
            yield "network type"
    if [agent["requestor"] for agent in resource["agent"]].count(True) != 1:
        yield "one agent asked for it"
    yield from extra(resource["source"], "source")
    yield from reference(resource["source"]["observer"])
    if resource.get("entity") == []:
        yield "an empty list"
    for entity in resource.get("entity", []):
        yield from extra(entity, "entity")
        yield from coding(entity["type"])
        if "role" in entity:
            yield from coding(entity["role"])
        if "name" in entity and "query" in entity:
            yield "sev-1: name and query"
        if "what" in entity:
            yield from reference(entity["what"])
        if "query" in entity:
            base64.b64decode(entity["query"], validate=True)


def extra(element, name):
    if unknown := set(element) - ELEMENTS[name]:
        yield f"{name} has {unknown}"
    if empty := [key for key, value in element.items() if value in ("", None, [], {})]:
        yield f"{name} has empty {empty}"


def coding(value):
    yield from extra(value, "Coding")
    if not {"system", "code"} <= set(value):
        yield f"Coding without system or code: {value}"


def reference(value):
    yield from extra(value, "Reference")
    if "identifier" in value:
        yield from extra(value["identifier"], "Identifier")
    if not value:
        yield "an empty Reference"


def profile_faults(resource, profile):
    """What the profile of BALP that the event names asks for and it does not have."""
    of_patient = profile.startswith("Patient") or profile == "PrivacyDisclosure.Source"
    base = profile.removeprefix("Patient")
    entities = resource["entity"]
    kinds = [(each["type"]["code"], each.get("role", {}).get("code")) for each in entities]
    if resource["outcome"] != "0":
        yield "no success"
    expected = {
        "Read": ("rest", "read", "R"), "Query": ("rest", "search", "E"), "Create": ("rest", "create", "C"),
        "Update": ("rest", "update", "U"), "Delete": ("rest", "delete", "D"),
        "PrivacyDisclosure.Source": ("110106", "disclose", "R"),
    }[base]  # fmt: skip
    if (resource["type"]["code"], resource["subtype"][0]["code"], resource["action"]) != expected:
        yield "type, subtype or action"
    agents = {each["type"]["coding"][0]["code"]: each for each in resource["agent"]}
    client, server = ("110153", "110152") if base in CLIENT_GIVES else ("110152", "110153")
    if not all("who" in agents[code] and "network" in agents[code] for code in (client, server)):
        yield "client and server, each with its network"
    if agents[server]["who"] != resource["source"]["observer"]:
        yield "the server has seen it"
    user = agents.get("IRCP" if base in {"Read", "Query", "PrivacyDisclosure.Source"} else "AUT")
    if user is not None and ("network" in user or not user["requestor"]):
        yield "a user is no network device, and asked for it"
    patients = [each["what"]["reference"] for each in entities if each["type"]["code"] == "1"]
    if len(patients) != (1 if of_patient else 0):
        yield "one patient, or none"
    if kinds.count(("2", "24" if base == "Query" else "4")) != 1:
        yield "one object"


@pytest.fixture
def events(cast):
    """Each action that there is, once with everything that an event can have and once with next to nothing."""
    of_patient = {
        Kind.LOOKED, Kind.WROTE, Kind.CORRECTED, Kind.STRUCK_OUT, Kind.LEFT,
    }  # fmt: skip
    for action, words in [*ACTIONS.items(), ("of_next_year", ACTIONS["corrected"])]:
        told = {}
        if words.kind in of_patient:
            told = {"object_type": "consent", "object_id": str(uuid.uuid4()), "patient_id": cast.patient.pk}
        AuditEvent.objects.create(
            clinic=cast.clinic, actor=None if "sign_in_" in action else cast.nurse, action=action,
            address="2001:db8::1", session="0123456789abcdef", request_id=str(uuid.uuid4()),
            detail={"page": "timeline:patient", "member": cast.reader.pk, "account": account_hash("a@example.test")},
            **told,
        )  # fmt: skip
        AuditEvent.objects.create(clinic=cast.clinic, action=action)
    return AuditEvent.objects.filter(clinic=cast.clinic).select_related("actor").order_by("pk")


@pytest.fixture
def resources(events, cast):
    lines = list(Exporter(cast.clinic, host="records.clinic.example").lines(events.iterator()))
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    return [json.loads(line) for line in lines]


def test_every_line_is_an_audit_event(resources, events):
    found = {
        event.action: list(faults(each)) for event, each in zip(events, resources, strict=True) if list(faults(each))
    }

    assert found == {}


def test_profiles_are_named_where_they_fit(resources, events):
    """Each event that names a profile has what it asks for, and every profile is named by some."""
    named, wrong = set(), {}
    for event, each in zip(events, resources, strict=True):
        for address in each.get("meta", {}).get("profile", []):
            profile = address.removeprefix(f"{BALP}/StructureDefinition/IHE.BasicAudit.")
            named.add(profile)
            if problems := list(profile_faults(each, profile)):
                wrong[event.action] = profile, problems

    assert wrong == {}
    assert named == {f"Patient{base}" for base in ("Read", "Query", "Create", "Update", "Delete")} | {
        "PrivacyDisclosure.Source"
    }


def test_what_the_trail_has_is_told(cast):
    """A look at a patient: who, whose record, when, from where, by which request; and no patient's name."""
    event = AuditEvent.objects.create(
        clinic=cast.clinic, actor=cast.nurse, action="viewed", object_type="patient", object_id=str(cast.patient.pk),
        patient_id=cast.patient.pk, address="192.0.2.1", session="0123456789abcdef", request_id="r-1",
        detail={"page": "timeline:patient"},
    )  # fmt: skip

    told = Exporter(cast.clinic, host="records.clinic.example").resource(event)

    client, server, user = told["agent"]
    assert (client["network"], server["who"]["identifier"]) == (
        {"address": "192.0.2.1", "type": "2"},
        {"value": "records.clinic.example"},
    )
    assert (user["name"], user["who"]["identifier"]["value"]) == (cast.nurse.name, str(cast.nurse.pk))
    assert told["entity"][0]["what"] == {"reference": f"Patient/{cast.patient.pk}"}
    assert told["entity"][2]["what"] == {"identifier": {"value": "r-1"}}
    assert told["recorded"].startswith(f"{event.at:%Y-%m-%dT%H:%M:%S}") and told["recorded"].endswith("Z")
    assert told["outcomeDesc"] == "looked at the timeline" and told["source"]["site"] == cast.clinic.name
    assert cast.patient.name not in json.dumps(told)


@pytest.mark.parametrize(
    ("action", "code", "outcome"),
    [
        ("signed_in", "110114", "0"),
        ("sign_in_failed", "110114", "4"),
        ("refused", "rest", "4"),
        ("refused_export", "110106", "4"),
        ("changed_member", "110113", "0"),
        ("viewed_audit", "110101", "0"),
    ],
)
def test_other_events_have_dicom_codes(action, code, outcome, cast):
    event = AuditEvent.objects.create(clinic=cast.clinic, actor=cast.nurse, action=action, address="192.0.2.1")

    told = Exporter(cast.clinic, host="records.clinic.example").resource(event)

    assert (told["type"]["code"], told["outcome"], "meta" in told) == (code, outcome, False)


def test_the_command_writes_a_clinics_events(cast, capsys):
    """Those of the asked days, the oldest first, of this clinic alone; and that they left is on the trail."""
    for month, of in ((3, cast.clinic), (5, cast.clinic), (6, cast.clinic), (5, cast.other_clinic)):
        at = datetime.datetime(2026, month, 14, 4, tzinfo=datetime.UTC)
        AuditEvent.objects.create(clinic=of, actor=cast.nurse, action="signed_in", at=at)

    call_command("audit", "export", "--clinic", cast.clinic.name, "--since", "2026-05-14", "--until", "2026-07-01")

    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["recorded"][:10] for each in told] == ["2026-05-14", "2026-06-14"]
    assert AuditEvent.objects.get(action="exported_audit").detail["since"] == "2026-05-14"
    with pytest.raises(CommandError, match="0 clinics are called Nowhere"):
        call_command("audit", "export", "--clinic", "Nowhere")
