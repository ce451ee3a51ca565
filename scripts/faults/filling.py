"""Opens a clinic for a run, and prints as JSON its id and what each person is to work with.

    python -m scripts.faults.filling <name of the run> <people> <patients of each>

Run on a host of Anagen, with its settings.
"""

import datetime
import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")


def fill(run: str, people: int, patients: int) -> dict[str, Any]:
    from django.db import transaction
    from django.urls import reverse

    from clinic.staff.models import Role
    from tests import factories

    with transaction.atomic():
        clinic = factories.clinic(name=f"Clinic of {run}")
        emails = [f"{run}-{number}@example.test" for number in range(people)]
        persons = [factories.member(clinic, Role.CLINICIAN, email=email) for email in emails]
        lot = factories.lot(factories.product(clinic), received_ml=5000)
        told = []
        for person in persons:
            own = [_patient(clinic, person, lot) for _ in range(patients)]
            told.append(
                {
                    "email": person.email,
                    "password": factories.PASSWORD,
                    "sign_in": reverse("sign-in"),
                    "measure": [reverse("assessments:measure", args=[course.patient_id]) for course in own],
                    "sessions": [_session(course, lot) for course in own],
                    "photos": [_place(course.patient_id) for course in own],
                    "records": [course.patient.get_absolute_url() for course in own],
                }
            )
    return {"clinic": clinic.pk, "people": told}


def _patient(clinic: Any, person: Any, lot: Any) -> Any:
    """A course of a patient who agreed to treatment and photographs, planned for today."""
    from tests import factories

    patient = factories.patient(clinic, created_by=person)
    factories.consent(patient, created_by=person)
    factories.consent(patient, kind="photography", created_by=person)
    return factories.course(patient, created_by=person, baseline_on=datetime.date.today())


def _session(course: Any, lot: Any) -> dict[str, Any]:
    from django.urls import reverse

    fields = {"course": str(course.pk), "lot": str(lot.pk), "reaction": "none", "volume-vertex": "3"}
    return {"url": reverse("sessions:log", args=[course.patient_id]), "fields": {**fields, "pain_during": "2"}}


def _place(patient: Any) -> dict[str, str]:
    from django.urls import reverse

    paths = {name: reverse(f"photos:{name}", args=[patient]) for name in ("sheet", "upload")}
    return {**paths, "view": "vertex"}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(fill(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
