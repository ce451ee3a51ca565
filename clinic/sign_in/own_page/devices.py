"""Where a person is signed in: each browser, in words, and how it is signed out from another."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse

from clinic.sign_in.factors.adapters import ADDRESS_NOT_KNOWN
from clinic.sign_in.known_devices import device_of
from clinic.sign_in.models import DevicePin
from clinic.sign_in.sessions import BEGUN, CONFIRMED, has_ended
from clinic.staff.models import User

SEEN_EVERY_SECONDS = 60
_LISTED = "listed"
# In the order in which they are looked for: most browsers claim to be others as well.
_BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/|FxiOS/", "Firefox"),
    ("Chrome/|CriOS/|Chromium/", "Chrome"),
    ("Safari/", "Safari"),
]
_SYSTEMS = [
    ("iPad", "an iPad"),
    ("iPhone", "an iPhone"),
    ("Android", "Android"),
    ("CrOS", "a Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("Linux|X11", "Linux"),
]


@dataclass(frozen=True)
class Device:
    id: int
    words: str
    address: str
    """"" where it is not known."""
    since: datetime
    last_seen: datetime
    is_this: bool


def devices_of(request: HttpRequest, user: User) -> list[Device]:
    """Where the person is signed in now, this browser first, then by when they were last seen."""
    listed = UserSession.objects.purge_and_list(user)
    devices = [_device(row, request) for row in listed if not _is_over(row, user)]
    return sorted(devices, key=lambda device: (not device.is_this, -device.last_seen.timestamp()))


def sign_out_device(request: HttpRequest, user: User, device_id: int) -> bool:
    """Sign one other browser out, with effect on its next request; False when it is none of this person's."""
    others = UserSession.objects.filter(user=user, pk=device_id).exclude(session_key=request.session.session_key)
    return bool(_end(request, user, list(others)))


def sign_out_other_devices(request: HttpRequest, user: User) -> int:
    """How many browsers it were."""
    others = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    return _end(request, user, list(others))


def stay_signed_in(request: HttpRequest, user: User) -> None:
    """Go on here after the password was changed, which ends every session of the old one."""
    before = request.session.session_key
    update_session_auth_hash(request, user)
    request.session[CONFIRMED] = int(time.time())
    DevicePin.objects.filter(user=user).delete()  # each was chosen under the old password, and opens nothing any more
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def _end(request: HttpRequest, user: User, others: list[UserSession]) -> int:
    for each in others:
        each.end()
    # A PIN must not bring back what was ended: it is chosen anew after the next full sign-in there.
    DevicePin.objects.filter(user=user).exclude(device=device_of(request, user.email) or "-").delete()
    return len(others)


def keep_listed(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that notes when a browser was last seen: once a minute, or every page would write to the database."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            if not 0 <= now - request.session.get(_LISTED, 0) < SEEN_EVERY_SECONDS:
                request.session[_LISTED] = now
                UserSession.objects.create_from_request(request)
        return get_response(request)

    return middleware


def words_for(user_agent: str) -> str:
    """Browser and system, such as "Firefox on Windows"."""
    browser = next((name for found, name in _BROWSERS if re.search(found, user_agent)), "A browser")
    system = next((name for found, name in _SYSTEMS if re.search(found, user_agent)), "")
    if (browser, system) == ("Safari", "a Mac"):
        system = "a Mac or an iPad"  # an iPad says that it is a Mac
    return f"{browser} on {system}" if system else browser


def _is_over(row: UserSession, user: User) -> bool:
    session = row._session_store(row.session_key)
    return BEGUN in session and has_ended(session, user)


def _device(row: UserSession, request: HttpRequest) -> Device:
    return Device(
        id=row.pk,
        words=words_for(row.user_agent),
        address="" if row.ip == ADDRESS_NOT_KNOWN else row.ip,
        since=row.created_at,
        last_seen=row.last_seen_at,
        is_this=row.session_key == request.session.session_key,
    )
