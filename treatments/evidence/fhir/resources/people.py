"""The patient, the clinic, and the people who entered, gave, graded and measured."""

from typing import Any

from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.datatypes import Json, no_value, quantity
from treatments.evidence.fhir.writing.terms import identifier, local, own
from treatments.evidence.fhir.writing.writer import Writer
from treatments.patients.models import Patient
from treatments.patients.vocabulary import Sex

OLDEST = 89
"""Ages above this are told as one group where the patient shall not be known."""


def subject(writer: Writer, patient: Patient) -> Json:
    return writer.reference("Patient", patient.pk)


def write(writer: Writer, rows: Rows) -> None:
    _organization(writer, rows)
    _patient(writer, rows)


def _patient(writer: Writer, rows: Rows) -> None:
    person = rows.patient
    told: Json = {"gender": person.sex if person.sex in Sex.values else "unknown"}
    sex = Sex(told["gender"]).label
    lines = [f"{sex}."]
    if writer.is_named:
        told |= {
            "identifier": [{"use": "usual", **identifier("record-number", person.record_number)}],
            "active": person.archived_at is None,
            "name": [{"use": "official", "text": person.name}],
            "telecom": [
                *([{"system": "phone", "value": person.phone}] if person.phone else []),
                *([{"system": "email", "value": person.email}] if person.email else []),
            ],
            "managingOrganization": writer.reference("Organization", rows.clinic.pk),
            "extension": [own("ethnicity", valueString=person.ethnicity)] if person.ethnicity else [],
            **(writer.date("birthDate", person.birth) if person.birth else {"_birthDate": no_value("unknown")}),
            **_death(writer, person),
        }
        born = f"born {person.birth.phrase}" if person.birth else "date of birth not recorded"
        lines = [f"{person.name}, record number {person.record_number}, {str(sex).lower()}, {born}."]
        lines += [f"{person.state_text[:1].upper()}{person.state_text[1:]}."] if person.state_text else []
    writer.add("Patient", person.pk, told, text=lines, row=person.pk)
    if not writer.is_named:
        _age(writer, rows)


def _death(writer: Writer, person: Patient) -> Json:
    if not person.has_died:
        return {}
    return writer.date("deceasedDateTime", person.died) if person.died else {"deceasedBoolean": True}


def _age(writer: Writer, rows: Rows) -> None:
    """The age at Month 0: of the oldest no more than that they are older than 89."""
    age = rows.patient.age(writer.month_0.when) if writer.month_0 else None
    if age is None:
        return
    years, is_about = age
    is_old = years > OLDEST
    value = quantity(OLDEST if is_old else years, "a", comparator=">" if is_old else "")
    told = f"over {OLDEST}" if is_old else f"{'about ' if is_about else ''}{years}"
    body = {
        "status": "final",
        "code": {
            "coding": [_coded(local("observation", "age-at-month-0", "Age at Month 0"))],
            "text": "Age at Month 0",
        },
        "subject": subject(writer, rows.patient),
        "valueQuantity": value | ({"extension": [own("approximate", valueBoolean=True)]} if is_about else {}),
    }
    writer.add("Observation", rows.patient.pk, body, part="age", text=f"Age at Month 0: {told} years.")


def _coded(code: Any) -> Json:
    return {"system": code.system, "code": code.code, "display": code.display}


def _organization(writer: Writer, rows: Rows) -> None:
    if writer.is_named:
        writer.add("Organization", rows.clinic.pk, {"name": rows.clinic.name}, text=rows.clinic.name)


def account(writer: Writer, rows: Rows, pk: Any) -> Json:
    """A reference to a person of the clinic; {} without one, and where nobody is named."""
    user = rows.people.get(pk)
    if user is None or not writer.is_named:
        return {}
    name = str(user)
    # By the address: numbers of accounts are the same in every clinic that runs Anagen.
    return writer.add("Practitioner", f"account {user.email.lower()}", {"name": [{"text": name}]}, text=name)


def someone(writer: Writer, name: str) -> Json:
    """Somebody without an account, known by name alone."""
    known = writer.named(name)
    return writer.add("Practitioner", f"named {known}", {"name": [{"text": known}]}, text=known) if known else {}


def whoever(writer: Writer, rows: Rows, pk: Any, name: str) -> Json:
    return account(writer, rows, pk) or someone(writer, name)


def company(writer: Writer, name: str, *, is_secret: bool = True) -> Json:
    """A laboratory or a maker. A laboratory says where a patient lives, a maker does not."""
    known = writer.named(name) if is_secret else name.strip()
    return writer.add("Organization", f"named {known}", {"name": known}, text=known) if known else {}
