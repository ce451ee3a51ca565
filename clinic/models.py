"""The practice's models, listed: Django looks for them here."""

from clinic.audit.models import AuditEvent, AuditSeal
from clinic.monitoring.models import ErrorReport
from clinic.operations.models import Upkeep
from clinic.sign_in.models import DevicePin, SignInTries
from clinic.staff.models import Clinic, Membership, OneTimeLink, User

__all__ = [
    "AuditEvent",
    "AuditSeal",
    "Clinic",
    "DevicePin",
    "ErrorReport",
    "Membership",
    "OneTimeLink",
    "SignInTries",
    "Upkeep",
    "User",
]
