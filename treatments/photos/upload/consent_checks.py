"""Rule 25: a photograph is filed with the patient's consent to photographs for the record, or with a reason."""

import datetime
from collections.abc import Iterable
from dataclasses import replace

from django.utils import timezone

from clinic.staff.access import Can, ClinicRequest, may
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind, PhotoPurpose
from treatments.consents.rules import ConsentFacts, photo_use_problems
from treatments.patients.models import Patient
from treatments.records.problems import Problem

NO_CONSENT = "There is no consent to photography in force today."


def keep_problems(consents: Iterable[ConsentFacts], *, taken_on: datetime.date) -> list[Problem]:
    """A photograph is kept only with consent to photographs for the clinical record."""
    return photo_use_problems(consents, purpose=PhotoPurpose.RECORD, on=taken_on)


def release_problems(consents: Iterable[ConsentFacts], *, purpose: str, on: datetime.date) -> list[Problem]:
    """Use on `on`, not when it was taken: a withdrawal stops new use at once."""
    return photo_use_problems(consents, purpose=purpose, on=on)


def consent_facts(patient: Patient) -> list[ConsentFacts]:
    """The patient's standing consents to photography, as the rules read them."""
    return [
        ConsentFacts(
            kind=consent.kind,
            given_on=consent.given_on,
            purposes=frozenset(consent.purposes),
            expires_on=consent.expires_on,
            withdrawn_on=consent.withdrawn_on,
        )
        for consent in Consent.objects.standing().filter(patient=patient, kind=ConsentKind.PHOTOGRAPHY)
    ]


def filing_problems(patient: Patient) -> list[Problem]:
    """What stands against filing photos of this patient today.

    The day of filing decides, not the day of the picture: a consent signed today covers earlier pictures that the
    patient brings, and one withdrawn yesterday covers none.
    """
    found = keep_problems(consent_facts(patient), taken_on=timezone.localdate())
    return [replace(each, sentence=NO_CONSENT) if each.code == "no_photo_consent" else each for each in found]


def may_file_without_consent(request: ClinicRequest) -> bool:
    return may(request.membership, Can.OVERRIDE)
