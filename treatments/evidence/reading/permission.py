"""Whether a patient's photographs may be shown to a reader today.

A blind reader from outside does not look after the patient: their consent must cover use in a research study. A reader
who may see the record of the clinic anyway is covered by the use in the clinical record.
"""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.utils import timezone

from clinic.staff.access import Can, may
from clinic.staff.models import Clinic, Membership, User
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind, PhotoPurpose


def purposes_for(readers: Iterable[User], *, clinic: Clinic) -> frozenset[PhotoPurpose]:
    """What a patient must have allowed for all of these readers."""
    memberships = Membership.objects.active().filter(clinic=clinic, user__in=list(readers))
    return frozenset(purpose_for(membership) for membership in memberships)


def purpose_for(membership: Membership) -> PhotoPurpose:
    return PhotoPurpose.RECORD if may(membership, Can.SEE_RECORD) else PhotoPurpose.RESEARCH


def allowed(
    patient_ids: Collection[uuid.UUID], purposes: Collection[PhotoPurpose], *, on: datetime.date | None = None
) -> set[uuid.UUID]:
    """Those of the patients whose consents allow every one of these uses on that day, today if none is named; one
    query."""
    allows: dict[uuid.UUID, set[PhotoPurpose]] = defaultdict(set)
    consents = Consent.objects.filter(patient__in=patient_ids, kind=ConsentKind.PHOTOGRAPHY)
    for consent in consents.in_force(on or timezone.localdate()):
        allows[consent.patient_id] |= {purpose for purpose in purposes if consent.allows(purpose)}
    return {patient_id for patient_id in patient_ids if set(purposes) <= allows[patient_id]}
