"""What signing in leaves behind: removed by `./anagen sweep` once it opens nothing any more."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Final

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session

from clinic.sign_in.models import DevicePin, SignInTries
from clinic.sign_in.throttle import FORGOTTEN_AFTER
from clinic.staff.models import OneTimeLink

LINKS_ARE_SHOWN: Final = timedelta(days=30)
"""So long a manager can see what became of a link. That it was made and used stays on the audit trail."""

PINS_ARE_KEPT: Final = timedelta(days=30)
"""So long a PIN that opens nothing waits for the next full sign-in on its device, which lets it work again."""


def sweep(now: datetime) -> dict[str, int]:
    """Remove what had expired at `now`; returns how many rows of each kind, in words."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    expired = {
        "devices without a sign-in": UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")),
        "PINs": DevicePin.objects.filter(signed_in_at__lt=now - PINS_ARE_KEPT),
        "one-time links": OneTimeLink.objects.filter(expires_at__lt=now - LINKS_ARE_SHOWN),
        "counts of tries to sign in": SignInTries.objects.filter(last_at__lt=now - FORGOTTEN_AFTER),
    }
    return {kind: rows.delete()[0] for kind, rows in expired.items()}
