"""One command clears away, every night, what opens nothing any more, and nothing that still does."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from clinic.operations import photo_folder
from clinic.sign_in.models import DevicePin, SignInTries
from clinic.staff.models import OneTimeLink
from tests.people import Cast

pytestmark = pytest.mark.django_db


def test_sweep_removes_what_has_expired(cast: Cast, settings: Any, tmp_path: Path) -> None:
    """Sessions, the devices of sessions that are gone, PINs, links and counted tries: the expired ones alone."""
    settings.MEDIA_ROOT, settings.ARRIVING_DIR = tmp_path / "photos", tmp_path / "arriving"
    photo_folder.set_up()
    now, person = timezone.now(), cast.nurse
    for name, days_ago in (("old", 40), ("now", 0)):
        at = now - timedelta(days=days_ago)
        session = cast.client(person).session
        Session.objects.filter(pk=session.session_key).update(expire_date=at + timedelta(minutes=30))
        UserSession.objects.update_or_create(
            session_key=session.session_key, defaults={"user": person, "ip": "192.0.2.1"}
        )
        DevicePin.objects.create(user=person, device=name, signed_in_at=at)
        told = {"user": person, "clinic": cast.clinic, "purpose": OneTimeLink.Purpose.RESET, "secret_hash": name}
        OneTimeLink.objects.create(expires_at=at + timedelta(hours=48), **told)
        SignInTries.objects.create(subject=name, last_at=at, closed_until=at)

    call_command("sweep")
    call_command("sweep")

    assert Session.objects.count() == UserSession.objects.count() == 1
    assert DevicePin.objects.get().device == "now"
    assert OneTimeLink.objects.get().secret_hash == "now"
    assert SignInTries.objects.get().subject == "now"
