"""The practice's models, listed: Django looks for them here."""

from clinic.audit.models import AuditEvent
from clinic.staff.models import Clinic, Membership, SignInTries, User

__all__ = ["AuditEvent", "Clinic", "Membership", "SignInTries", "User"]
