"""For what a patient's photographs may be used today. What was allowed yesterday does not count."""

from django.db.models import QuerySet
from django.utils import timezone

from treatments.consents.consent_status import ConsentStatus, by_purpose
from treatments.consents.models import Consent, Export
from treatments.consents.purposes import ConsentKind, PhotoPurpose
from treatments.patients.models import Patient
from treatments.records.formatting import listed


def photo_permissions(patient: Patient) -> list[ConsentStatus]:
    """One for each use, in the order of PhotoPurpose."""
    return by_purpose(list(_photo_consents(patient)), timezone.localdate())


def locked_photo_permissions(patient: Patient) -> list[ConsentStatus]:
    """The same, with the consents locked until the transaction ends, so that none is withdrawn meanwhile."""
    return by_purpose(list(_photo_consents(patient).select_for_update()), timezone.localdate())


def _photo_consents(patient: Patient) -> QuerySet[Consent]:
    consents: QuerySet[Consent] = Consent.objects.filter(patient=patient, kind=ConsentKind.PHOTOGRAPHY)
    return consents


def refusal(permissions: list[ConsentStatus], purpose: str) -> str:
    """Why photographs may not be used for that purpose; "" when they may."""
    permission = next(each for each in permissions if each.code == purpose)
    if permission.is_allowed:
        return ""
    use = permission.label.lower()
    if permission.ended is None:
        return f"The patient has not allowed photographs for this use: {use}. Record a signed consent first."
    return f"The patient’s consent to this use ({use}) has ended: {permission.why_not}. Nothing can be exported for it."


def releases(patient: Patient) -> list[tuple[Export, str]]:
    """What was exported before, newest first, each with the label of its purpose."""
    exports = Export.objects.standing().filter(patient=patient).select_related("created_by").order_by("-created_at")
    return [(export, str(PhotoPurpose(export.purpose).label)) for export in exports]


def exports_under(consent: Consent) -> list[Export]:
    """What left under this consent, alone or beside another one, newest first."""
    exports = Export.objects.standing().filter(patient=consent.patient_id).select_related("created_by")
    return [export for export in exports.order_by("-created_at", "-id") if export.rests_on(consent)]


def permission_text(permissions: list[ConsentStatus]) -> str:
    """ "Export: consent covers clinical record and teaching; not publication, …"."""
    uses: dict[bool, list[str]] = {True: [], False: []}
    for each in permissions:
        uses[each.is_allowed].append(each.label.lower())
    if not uses[True]:
        return "Export: no photography consent is valid today."
    exception = f"; not {listed(uses[False], 'or')}" if uses[False] else ""
    return f"Export: consent covers {listed(uses[True])}{exception}."
