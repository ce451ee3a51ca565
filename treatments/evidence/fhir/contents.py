"""What a bundle holds, in words for the page from which it is downloaded. No Django here."""

from dataclasses import dataclass

from treatments.evidence.fhir.bundle import as_bytes
from treatments.evidence.fhir.writing.datatypes import Json

KINDS = {
    "Patient": "The patient",
    "Condition": "Diagnoses and events, with their dates",
    "FamilyMemberHistory": "Relatives",
    "AllergyIntolerance": "Allergies",
    "MedicationStatement": "Other treatments",
    "CarePlan": "Courses",
    "Procedure": "Sessions and other procedures",
    "MedicationAdministration": "What a region was given",
    "Medication": "Products, with their lots",
    "Observation": "Findings and measurements",
    "Media": "Photos, without their files",
    "AdverseEvent": "Adverse events",
    "Consent": "Consents",
    "Appointment": "Bookings",
    "Provenance": "Who entered and who corrected",
}


@dataclass(frozen=True)
class Contents:
    kinds: list[tuple[str, int]]
    kilobytes: int


def contents_of(bundle: Json) -> Contents:
    """How many resources of each kind there are, and how large the file is."""
    found = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    kinds = [(name, found.count(kind)) for kind, name in KINDS.items() if kind in found]
    return Contents(kinds, max(1, round(len(as_bytes(bundle)) / 1000)))
