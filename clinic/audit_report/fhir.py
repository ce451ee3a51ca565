"""The audit trail as FHIR R4 AuditEvents, for the log server of a hospital.

Follows HL7 FHIR 4.0.1 (https://hl7.org/fhir/R4/auditevent.html) and the patterns of IHE ITI Basic Audit Log Patterns
(https://profiles.ihe.net/ITI/BALP/), whose names are used here: Read, Query, Create, Update, Delete, each also with a
patient, and PrivacyDisclosure.Source for what left the clinic. Signing in, people and settings, and questions to the
trail itself are coded as DICOM PS3.15 A.5 has them. An event names a profile in `meta` only if it has all that the
profile asks for: what the server did by itself has no client, and what was refused is no success.

Nothing is added that the trail does not have, but the names of the clinic, of the person and of the server. So the
`query` of a search holds what the trail keeps of it, counts, and never what was typed; and no role is given, because
the trail does not say which one a person had then. What is struck out is a Delete, although it can still be read.
"""

import base64
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any, NamedTuple

from clinic.audit.models import AuditEvent
from clinic.audit_report.words import Kind, in_words, words_of
from clinic.staff.models import Clinic, Membership

Json = dict[str, Any]
BALP = "https://profiles.ihe.net/ITI/BALP"
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_HL7 = "http://terminology.hl7.org/CodeSystem"
_REST = f"{_HL7}/audit-event-type"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"


def _code(system: str, code: str, display: str) -> Json:
    return {"system": system, "code": code, "display": display}


_RESTFUL = _code(_REST, "rest", "Restful Operation")
_EXPORT = _code(_DCM, "110106", "Export")
_LOG_USED = _code(_DCM, "110101", "Audit Log Used")
_AUTHENTICATION = _code(_DCM, "110114", "User Authentication")
_SECURITY = _code(_DCM, "110113", "Security Alert")
_SOURCE, _DESTINATION = _code(_DCM, "110153", "Source Role ID"), _code(_DCM, "110152", "Destination Role ID")
_READER = _code(f"{_HL7}/v3-ParticipationType", "IRCP", "information recipient")
_AUTHOR = _code(f"{_HL7}/v3-ParticipationType", "AUT", "author (originator)")
_PERSON, _OBJECT = (_code(f"{_HL7}/audit-entity-type", *each) for each in (("1", "Person"), ("2", "System Object")))
_PATIENT, _DOMAIN_RESOURCE, _QUERY = (
    _code(f"{_HL7}/object-role", *each) for each in (("1", "Patient"), ("4", "Domain Resource"), ("24", "Query"))
)
_SUCCESS, _MINOR_FAILURE = "0", "4"
# What is looked at in lists, not by the id of a record.
_SEARCHES = {"viewed_today", "viewed_list", "searched"}
_QUESTIONS = {"viewed_audit", "printed_audit", "exported_audit"}
_FAILURES = {"sign_in_failed", "sign_in_delayed"}
_SESSIONS = {
    "signed_in": _code(_DCM, "110122", "Login"),
    "signed_out": _code(_DCM, "110123", "Logout"),
    **dict.fromkeys(_FAILURES, _code(_DCM, "110122", "Login")),
}
_OF_A_PERSON = _code(_DCM, "110137", "User security Attributes Changed")
_OF_ROLES = _code(_DCM, "110136", "Security Roles Changed")
_OF_SETTINGS = _code(_DCM, "110129", "Security Configuration")


class Pattern(NamedTuple):
    """What an event is coded as; `profile` is the name of the BALP profile, "" for none."""

    type: Json
    subtype: Json | None
    action: str
    profile: str = ""


def _restful(code: str, action: str, profile: str) -> Pattern:
    return Pattern(_RESTFUL, _code(_INTERACTION, code, code), action, profile)


_READ = _restful("read", "R", "Read")
_SEARCH = _restful("search", "E", "Query")
_CREATE = _restful("create", "C", "Create")
_UPDATE = _restful("update", "U", "Update")
_DELETE = _restful("delete", "D", "Delete")
_DISCLOSE = Pattern(
    _EXPORT,
    _code(f"{_HL7}/iso-21089-lifecycle", "disclose", "Disclose Record Lifecycle Event"),
    "R",
    "PrivacyDisclosure.Source",
)


def pattern_of(action: str) -> Pattern:
    """A word of another release counts as an update: it changed something, or it would not be known as an act."""
    words = words_of(action)
    kind = words.kind if words else Kind.CORRECTED
    if action in _QUESTIONS:
        return Pattern(_LOG_USED, None, "R")
    if kind == Kind.SIGNED:
        known = _SESSIONS.get(action)
        return Pattern(_AUTHENTICATION, known, "E") if known else Pattern(_SECURITY, _OF_A_PERSON, "U")
    if kind == Kind.ADMINISTERED:
        return Pattern(_SECURITY, _OF_ROLES if "member" in action else _OF_SETTINGS, "U")
    if kind == Kind.REFUSED:
        # Not a success, and so none of the profiles.
        return (
            Pattern(_DISCLOSE.type, _DISCLOSE.subtype, "R")
            if "export" in action
            else Pattern(_RESTFUL, _READ.subtype, "R")
        )
    if kind == Kind.LOOKED:
        return _SEARCH if action in _SEARCHES else _READ
    made = _CREATE if words and words.is_new else _UPDATE
    return {Kind.LEFT: _DISCLOSE, Kind.STRUCK_OUT: _DELETE}.get(kind, made)


class Exporter:
    """Writes the events of one clinic. `host` is the name by which people reach the server."""

    def __init__(self, clinic: Clinic, *, host: str) -> None:
        self.clinic, self.host = clinic, host
        members = Membership.objects.filter(clinic=clinic).select_related("user")
        self.people = {each.user_id: str(each.user) for each in members}

    def lines(self, events: Iterator[AuditEvent]) -> Iterator[str]:
        """Newline-delimited JSON, an AuditEvent a line; `events` come with their actors."""
        for event in events:
            yield json.dumps(self.resource(event), ensure_ascii=False, separators=(",", ":")) + "\n"

    def resource(self, event: AuditEvent) -> Json:
        pattern = pattern_of(event.action)
        is_success = not self._failed(event)
        entities = self._entities(event, pattern)
        profile = self._profile(event, pattern, entities) if is_success else ""
        return {
            "resourceType": "AuditEvent",
            "id": str(event.pk),
            **({"meta": {"profile": [f"{BALP}/StructureDefinition/IHE.BasicAudit.{profile}"]}} if profile else {}),
            "type": pattern.type,
            **({"subtype": [pattern.subtype]} if pattern.subtype else {}),
            "action": pattern.action,
            "recorded": event.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "outcome": _SUCCESS if is_success else _MINOR_FAILURE,
            "outcomeDesc": in_words(event.action, event.object_type, event.detail, people=self.people),
            "agent": self._agents(event, pattern),
            "source": {
                "site": self.clinic.name,
                "observer": self._server(),
                "type": [_code(f"{_HL7}/security-source-type", "4", "Application Server")],
            },
            **({"entity": entities} if entities else {}),
        }

    def _failed(self, event: AuditEvent) -> bool:
        words = words_of(event.action)
        return event.action in _FAILURES or (words is not None and words.kind == Kind.REFUSED)

    def _profile(self, event: AuditEvent, pattern: Pattern, entities: list[Json]) -> str:
        """The BALP profile whose demands the event meets; "" for none."""
        has_object = any(each.get("type") == _OBJECT for each in entities)
        if not pattern.profile or event.address is None or not has_object:
            return ""
        if pattern is _DISCLOSE:
            return pattern.profile if event.patient_id else ""
        return f"Patient{pattern.profile}" if event.patient_id else pattern.profile

    def _agents(self, event: AuditEvent, pattern: Pattern) -> list[Json]:
        # As DICOM has it, the data flow from the source to the destination; of a query only its words do.
        gives = pattern is _READ or pattern is _DISCLOSE
        client_type, server_type = (_DESTINATION, _SOURCE) if gives else (_SOURCE, _DESTINATION)
        agents: list[Json] = []
        if event.address is not None:
            agents.append(
                {
                    "type": {"coding": [client_type]},
                    "who": {"display": event.address} | _identified(self._space("sessions"), event.session),
                    "requestor": event.actor_id is None,
                    "network": {"address": event.address, "type": "2"},
                }
            )
        agents.append(
            {
                "type": {"coding": [server_type]},
                "who": self._server(),
                "requestor": event.actor_id is None and event.address is None,
                "network": {"address": self.host, "type": "1"},
            }
        )
        if event.actor_id is not None:
            name = self.people.get(event.actor_id) or str(event.actor)
            user = _READER if pattern.action in {"R", "E"} else _AUTHOR
            who = {"display": name} | _identified(self._space("people"), str(event.actor_id))
            agents.append({"type": {"coding": [user]}, "who": who, "name": name, "requestor": True})
        return agents

    def _entities(self, event: AuditEvent, pattern: Pattern) -> list[Json]:
        entities: list[Json] = []
        if event.patient_id:
            what = {"reference": f"Patient/{event.patient_id}"}
            entities.append({"what": what, "type": _PERSON, "role": _PATIENT})
        if pattern is _SEARCH:
            said = json.dumps(event.detail, sort_keys=True)
            query = base64.b64encode(said.encode()).decode()
            entities.append({"type": _OBJECT, "role": _QUERY, "description": said, "query": query})
        elif identified := self._what(event):
            entities.append({"what": identified, "type": _OBJECT, "role": _DOMAIN_RESOURCE})
        if event.request_id:
            kind = {"system": f"{BALP}/CodeSystem/BasicAuditEntityType", "code": "XrequestId"}
            entities.append({"what": {"identifier": {"value": event.request_id}}, "type": kind})
        return entities

    def _what(self, event: AuditEvent) -> Json:
        """The record that it was about; for a page that is about none, the page."""
        if event.object_id:
            return _identified(self._space(event.object_type), event.object_id)
        return _identified(self._space("pages"), str(event.detail.get("page", "")))

    def _server(self) -> Json:
        return {"display": f"Anagen at {self.host}", "identifier": {"value": self.host}}

    def _space(self, name: str) -> str:
        return f"https://{self.host}/{name}"


def _identified(system: str, value: str) -> Json:
    return {"identifier": {"system": system, "value": value}} if value else {}
