"""Codes of outside terminologies, beside our own codes; nothing here is needed to run."""

from __future__ import annotations

from dataclasses import dataclass

SNOMED_CT = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"


@dataclass(frozen=True, slots=True)
class Code:
    """One concept of an outside code system, with that system's own term for it."""

    system: str
    code: str
    display: str


def snomed(code: str, display: str) -> Code:
    return Code(SNOMED_CT, code, display)
