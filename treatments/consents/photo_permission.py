"""For what a patient's photographs may be used today. What was allowed yesterday does not count."""

from django.db.models import QuerySet
from django.utils import timezone

from treatments.consents.consent_status import ConsentStatus, by_purpose
from treatments.consents.models import Consent, Export
from treatments.consents.purposes import ConsentKind, PhotoPurpose
from treatments.patients.models import Patient


def photo_permissions(patient: Patient) -> list[ConsentStatus]:
    return by_purpose(photo_consents(patient), timezone.localdate())


def locked_photo_permissions(patient: Patient) -> list[ConsentStatus]:
    """The same, with the consents held until the transaction ends, so that none is withdrawn in between."""
    return by_purpose(photo_consents(patient).select_for_update(), timezone.localdate())


def photo_consents(patient: Patient) -> QuerySet[Consent]:
    found: QuerySet[Consent] = Consent.objects.filter(patient=patient, kind=ConsentKind.PHOTOGRAPHY)
    return found


def refusal(standing: list[ConsentStatus], purpose: str) -> str:
    """Why photographs may not be used for that purpose; "" when they may."""
    line = next(line for line in standing if line.code == purpose)
    if line.is_allowed:
        return ""
    use = line.label.lower()
    if line.why_not == "never given":
        return f"The patient has not allowed photographs for this use: {use}. Have the consent signed first."
    return f"The patient’s consent to this use ({use}) has ended: {line.why_not}. Nothing may be exported for it."


def releases(patient: Patient) -> list[tuple[Export, str]]:
    """What has left already, newest first, each with its use in words."""
    kept = Export.objects.standing().filter(patient=patient).select_related("created_by").order_by("-created_at")
    return [(export, str(PhotoPurpose(export.purpose).label)) for export in kept]


def permission_text(standing: list[ConsentStatus]) -> str:
    """ "Export: consent covers clinical record and teaching; not publication, …"."""
    allowed = [line.label.lower() for line in standing if line.is_allowed]
    refused = [line.label.lower() for line in standing if not line.is_allowed]
    if not allowed:
        return "Export: no photo consent is in force."
    without = f"; not {_listed(refused, 'or')}" if refused else ""
    return f"Export: consent covers {_listed(allowed, 'and')}{without}."


def _listed(words: list[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
