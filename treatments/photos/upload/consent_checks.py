"""Rule 25: a photograph is filed with the patient's consent to photographs for the record, or with a reason."""

import uuid
from collections.abc import Collection
from dataclasses import replace

from django.utils import timezone

from clinic.staff.access import Can, ClinicRequest, may
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind, PhotoPurpose
from treatments.consents.rules import ConsentFacts, photo_use_problems
from treatments.patients.models import Patient
from treatments.records.problems import Problem

NO_CONSENT = "There is no photography consent that is valid today."


def filing_problems(patient: Patient) -> list[Problem]:
    """Why photos of this patient may not be filed today, if so.

    The day of filing decides, not the day of the picture: a consent signed today covers earlier pictures that the
    patient brings, and one withdrawn yesterday covers none.
    """
    return filing_problems_of([patient])[patient.pk]


def filing_problems_of(patients: Collection[Patient]) -> dict[uuid.UUID, list[Problem]]:
    """The same for several patients, by their ids, in one query."""
    facts: dict[uuid.UUID, list[ConsentFacts]] = {patient.pk: [] for patient in patients}
    for consent in Consent.objects.standing().filter(patient__in=facts, kind=ConsentKind.PHOTOGRAPHY):
        facts[consent.patient_id].append(consent.facts)
    return {pk: _problems(consents) for pk, consents in facts.items()}


def _problems(consents: list[ConsentFacts]) -> list[Problem]:
    problems = photo_use_problems(consents, purpose=PhotoPurpose.RECORD, on=timezone.localdate())
    return [replace(each, sentence=NO_CONSENT) if each.code == "no_photo_consent" else each for each in problems]


def may_file_without_consent(request: ClinicRequest) -> bool:
    return may(request.membership, Can.OVERRIDE)
