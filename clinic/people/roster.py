"""Who works at a clinic, and what a manager wants to know of each."""

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from clinic.audit.models import AuditEvent
from clinic.staff.models import Clinic, Membership, OneTimeLink


def roster(clinic: Clinic) -> QuerySet[Membership]:
    """Everybody who works or worked at the clinic, by name; of each when they were last seen there (`last_seen`, None
    for never), whether they have a second factor (`has_second_factor`), and when a link of theirs ends
    (`link_until`, None without one). One query."""
    seen = AuditEvent.objects.filter(clinic=clinic, actor=OuterRef("user_id")).order_by("-at").values("at")[:1]
    factors = Authenticator.objects.filter(user=OuterRef("user_id")).exclude(type=Authenticator.Type.RECOVERY_CODES)
    links = OneTimeLink.objects.open().filter(clinic=clinic, user=OuterRef("user_id")).values("expires_at")[:1]
    return (
        Membership.objects.filter(clinic=clinic)
        .select_related("user", "clinic")
        .annotate(last_seen=Subquery(seen), has_second_factor=Exists(factors), link_until=Subquery(links))
        .order_by("user__name", "pk")
    )
