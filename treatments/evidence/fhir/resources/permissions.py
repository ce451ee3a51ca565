"""Consents: what each allows by purpose, on which form, from when to when. Everything else is denied."""

import datetime
from typing import Any

from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind, PhotoPurpose, SignedBy, SignedHow
from treatments.evidence.fhir.resources.people import subject
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.codes import CONSENT_DOCUMENT, hl7
from treatments.evidence.fhir.writing.datatypes import Json, coding, concept
from treatments.evidence.fhir.writing.terms import choice, local, own
from treatments.evidence.fhir.writing.writer import Writer
from treatments.records.formatting import listed
from treatments.records.terminology import Code

_SCOPES = {ConsentKind.TREATMENT: "treatment", ConsentKind.RESEARCH: "research"}
_REASONS = {
    PhotoPurpose.RECORD: "TREAT",
    PhotoPurpose.TEACHING: "TRAIN",
    PhotoPurpose.RESEARCH: "HRESCH",
    PhotoPurpose.MARKETING_WEB: "HMARKT",
    PhotoPurpose.MARKETING_SOCIAL: "HMARKT",
}
"""None is known for publication: it has our own code alone."""
_OF_KINDS = {ConsentKind.TREATMENT: "TREAT", ConsentKind.RESEARCH: "HRESCH"}


def write(writer: Writer, rows: Rows, *, today: datetime.date) -> None:
    for consent in rows.facts.consents:
        if not consent.is_struck_out:
            _consent(writer, rows, consent, today)


def _consent(writer: Writer, rows: Rows, consent: Consent, today: datetime.date) -> None:
    """To the publication of a case a patient consents about when it is published: beside the day of the document, the
    Month of it would tell when the course began. Without names there is none."""
    is_in_force = consent.is_in_force(today)
    kind = ConsentKind(consent.kind)
    form = writer.words(consent.form_version)
    ends = [each for each in (consent.withdrawn_on, consent.expires_on) if each]
    signed, end = (consent.given_on, min(ends, default=None)) if writer.is_named else (None, None)
    valid = writer.period(signed, end)
    body = {
        "status": "active" if is_in_force else "inactive",
        "scope": concept(hl7("consentscope", _SCOPES.get(kind, "patient-privacy")), choice("consent", kind)),
        "category": [concept(CONSENT_DOCUMENT), concept(choice("consent", kind))],
        "patient": subject(writer, rows.patient),
        **writer.date("dateTime", signed),
        "performer": [_signatory(writer, rows, consent)],
        "organization": [writer.reference("Organization", rows.clinic.pk)] if writer.is_named else [],
        "policyRule": concept(local("policy", "form", "The form that was signed"), text=form),
        "provision": {
            "type": "deny",
            "provision": [
                {"type": "permit", "period": valid, "purpose": [coding(code) for code in codes]}
                for codes in _permits(kind, consent)
            ],
        },
        "extension": _extensions(writer, consent),
    }
    given, ended = writer.said(signed), writer.said(consent.withdrawn_on if writer.is_named else None)
    uses = listed([str(label).lower() for label in consent.purpose_labels()])
    lines = [
        f"{kind.label}: consent{f' of {given}' if given else ''}.",
        f"Photos may be used for: {uses}." if uses else "",
        f"Withdrawn{f': {ended}' if ended else ''}." if consent.withdrawn_on else "",
        "" if is_in_force else "Not valid any more.",
    ]
    writer.add("Consent", consent.pk, body, text=lines, row=consent.pk)


def _permits(kind: ConsentKind, consent: Consent) -> list[list[Code]]:
    """One for each purpose, so that none is read as the condition of another."""
    if kind == ConsentKind.PHOTOGRAPHY:
        chosen = [each for each in PhotoPurpose if each.value in consent.purposes]
        return [[*_reason(_REASONS.get(each)), choice("photo-purpose", each)] for each in chosen]
    return [[*_reason(_OF_KINDS.get(kind)), choice("consent", kind)]]


def _reason(code: str | None) -> list[Code]:
    return [hl7("v3-ActReason", code)] if code else []


def _signatory(writer: Writer, rows: Rows, consent: Consent) -> Json:
    if consent.signed_by != SignedBy.GUARDIAN:
        return subject(writer, rows.patient)
    name = writer.named(consent.guardian)
    body: Json = {"patient": subject(writer, rows.patient), "relationship": [{"text": "Parent or guardian"}]}
    told = {"name": [{"text": name}]} if name else {}
    return writer.add("RelatedPerson", consent.pk, body | told, text=name or "A parent or guardian", row=consent.pk)


def _extensions(writer: Writer, consent: Consent) -> list[Json]:
    found: list[Any] = []
    if consent.signed_how in SignedHow.values:
        how = choice("signed-how", SignedHow(consent.signed_how))
        found.append(own("signed-how", valueCodeableConcept=concept(how)))
    if consent.withdrawn_on and writer.is_named:
        found.append(own("withdrawn", valuePeriod=writer.period(consent.withdrawn_on, None)))
    if consent.kind == ConsentKind.PHOTOGRAPHY:
        found.append(own("face-may-be-recognisable", valueBoolean=consent.is_identifiable))
    if consent.kind == ConsentKind.TREATMENT:
        found.append(own("says-product-is-not-approved", valueBoolean=consent.covers_unapproved))
        if source := writer.words(consent.covers_source):
            found.append(own("product-source-named", valueString=source))
    if reason := writer.words(consent.withdrawal_reason):
        found.append(own("withdrawal-reason", valueString=reason))
    return found
