"""What a patient's record contains, kind by kind, and what of it hangs together."""

import uuid
from collections.abc import Iterable
from typing import Any

from treatments.appointments.models import Appointment, Call
from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryResult
from treatments.assessments.models import Assessment, Measurement
from treatments.consents.models import Consent, Export
from treatments.courses.models import Course, ExosomeSession
from treatments.handouts.case_report import CaseReport
from treatments.handouts.models import AftercareGiven, Letter
from treatments.patients.models import Patient, Therapy
from treatments.photos.models import Photo, PhotoPair
from treatments.records.formatting import count
from treatments.records.models import ClinicalRecord
from treatments.safety.models import AdverseEvent, FollowUp

KINDS: dict[type[ClinicalRecord], str] = {
    Course: "course",
    ExosomeSession: "session",
    Assessment: "assessment",
    Measurement: "measurement",
    LaboratoryReport: "laboratory report",
    LaboratoryResult: "laboratory value",
    Photo: "photo",
    PhotoPair: "aligned pair",
    AdverseEvent: "event",
    FollowUp: "follow-up",
    Consent: "consent",
    Export: "export",
    Therapy: "other treatment",
    AftercareGiven: "aftercare sheet given",
    Letter: "letter",
    CaseReport: "case report",
    Appointment: "booking",
    Call: "call",
}
"""Every kind of record that belongs to a patient but the history, which there is one of. Whatever others link to stands
before them."""

_Links = dict[str, type[ClinicalRecord]]
LINKS: dict[type[ClinicalRecord], _Links] = {
    ExosomeSession: {"course": Course},
    Assessment: {"course": Course},
    Measurement: {"assessment": Assessment, "course": Course},
    LaboratoryReport: {"course": Course},
    LaboratoryResult: {"report": LaboratoryReport},
    Photo: {"exosome_session": ExosomeSession, "assessment": Assessment, "course": Course},
    PhotoPair: {"earlier": Photo, "later": Photo},
    AdverseEvent: {"exosome_session": ExosomeSession, "course": Course},
    FollowUp: {"event": AdverseEvent},
    Export: {"consent": Consent},
    AftercareGiven: {"exosome_session": ExosomeSession},
    CaseReport: {"course": Course},
    Appointment: {"course": Course, "instead_of": Appointment},
    Call: {"course": Course, "appointment": Appointment},
}
"""The columns by which a record hangs on another of the same patient."""

Ids = dict[type[ClinicalRecord], set[uuid.UUID]]


def rows(kind: type[ClinicalRecord], patient: Patient) -> Any:
    records: Any = kind._default_manager
    return records.filter(patient=patient).order_by("id")


def counts(patient: Patient) -> list[tuple[str, int]]:
    """How much of each kind stands in the record: ("Sessions", 5)."""
    return [
        (count(2, name).removeprefix("2 ").capitalize(), rows(kind, patient).standing().count())
        for kind, name in KINDS.items()
    ]


def hanging_on(candidates: Iterable[ClinicalRecord], gone: Ids) -> list[ClinicalRecord]:
    """Those of the candidates that hang on something in `gone`, or on one of these."""
    taken: list[ClinicalRecord] = []
    ids = {kind: set(of_kind) for kind, of_kind in gone.items()}
    left = list(candidates)
    while True:
        more = [record for record in left if hangs_on(record, ids)]
        if not more:
            return taken
        for record in more:
            ids.setdefault(type(record), set()).add(record.pk)
        taken += more
        left = [record for record in left if record not in more]


def hangs_on(record: ClinicalRecord, ids: Ids) -> bool:
    links = LINKS.get(type(record), {})
    return any(getattr(record, f"{name}_id") in ids.get(kind, ()) for name, kind in links.items())
