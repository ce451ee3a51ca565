"""The practice's models, listed: Django looks for them here."""

from clinic.audit.models import AuditEvent
from clinic.operations.models import Upkeep
from clinic.staff.models import Clinic, Membership, SignInTries, User

__all__ = ["AuditEvent", "Clinic", "Membership", "SignInTries", "Upkeep", "User"]
