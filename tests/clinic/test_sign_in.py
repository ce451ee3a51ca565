import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from time_machine import travel

from clinic.audit.models import AuditEvent
from clinic.staff.models import Membership, Role
from tests import factories
from tests.people import Cast

pytestmark = pytest.mark.django_db


def enter(client: Client, person: str, password: str, query: str = "", **more: str) -> object:
    return client.post(f"/sign-in/{query}", {"username": person, "password": password, **more})


def test_sign_in_by_e_mail_in_any_case(client: Client, cast: Cast) -> None:
    """A person signs in by e-mail in any case."""
    response = enter(client, cast.nurse.email.upper(), factories.PASSWORD)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert AuditEvent.objects.filter(action="signed_in", actor=cast.nurse, clinic=cast.clinic).count() == 1


@pytest.mark.parametrize("password", ["wrong", ""])
def test_refusal_hides_which_half_was_wrong(client: Client, cast: Cast, password: str) -> None:
    """A refusal does not reveal which half was wrong."""
    known = enter(client, cast.nurse.email, password).content.decode()
    unknown = enter(client, "nobody@example.test", password).content.decode()

    for page in (known, unknown):
        assert "nobody" not in page.replace("nobody@example.test", "")
    assert known.count("errors") == unknown.count("errors")
    assert AuditEvent.objects.filter(action="signed_in").count() == 0


@pytest.mark.parametrize(
    "target", ["//evil.test/", "https://evil.test/", "javascript:alert(1)", "/\\evil.test", "http:///evil.test"]
)
def test_sign_in_redirects_nowhere_else(client: Client, cast: Cast, target: str) -> None:
    """Nobody is sent to another site after signing in."""
    response = enter(client, cast.nurse.email, factories.PASSWORD, next=target)

    assert response["Location"] == "/"


def test_disabled_account_answers_the_same(client: Client, cast: Cast) -> None:
    """A disabled account gets the same answer as a wrong password."""
    cast.nurse.is_active = False
    cast.nurse.save()

    response = enter(client, cast.nurse.email, factories.PASSWORD)

    assert response.status_code == 422
    assert "do not belong together" in response.content.decode()


def test_signing_out_ends_the_session(cast: Cast) -> None:
    """Signing out ends the session and clears the browser."""
    client = cast.client(cast.nurse)

    response = client.post("/sign-out/")

    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/").status_code == 302


def test_role_taken_away_is_gone_at_once(cast: Cast) -> None:
    """A role that is taken away is gone at the next click."""
    client = cast.client(cast.nurse)
    assert client.get("/").status_code == 200

    Membership.objects.filter(user=cast.nurse).update(is_active=False)

    assert client.get("/").status_code == 403


def test_person_of_two_clinics_sees_one(cast: Cast) -> None:
    """A person of two clinics sees one at a time."""
    there = Membership.objects.create(user=cast.nurse, clinic=cast.other_clinic, role=Role.READER)
    theirs = factories.patient(cast.other_clinic)
    client = cast.client(cast.nurse)
    assert client.get(f"/patients/{theirs.pk}/").status_code == 404

    client.post(f"/clinics/{there.pk}/choose/")

    assert client.get(f"/patients/{theirs.pk}/").status_code == 200
    assert client.get(f"/patients/{cast.patient.pk}/").status_code == 404
    # A reader there, whatever the role is here.
    assert client.get(f"/patients/{theirs.pk}/history/").status_code == 403


def test_no_entry_by_anothers_membership(cast: Cast) -> None:
    """Nobody enters a clinic by another's membership."""
    other = Membership.objects.get(user=cast.stranger)

    assert cast.client(cast.nurse).post(f"/clinics/{other.pk}/choose/").status_code == 404


@pytest.mark.parametrize("url", ["/", "/sign-in/", "/patients/", "/nothing-here/", "/health/"])
def test_every_answer_defends_the_browser(cast: Cast, url: str) -> None:
    headers = cast.client(cast.nurse).get(url).headers

    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "http" not in policy
    assert "frame-ancestors 'none'" in policy and "object-src" not in policy.replace("default-src 'none'", "")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"].startswith(("no-store", "max-age=0"))
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_audit_trail_cannot_be_changed(cast: Cast) -> None:
    cast.client(cast.nurse).get(f"/patients/{cast.patient.pk}/contact/")
    event = AuditEvent.objects.filter(patient_id=cast.patient.pk).latest("id")

    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()


def test_invented_cookie_writes_no_row(cast: Cast, settings: Any) -> None:
    """A cookie that no session answers to costs no row, however often it is sent."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32

    assert {client.get(url).status_code for url in ("/", "/sign-in/", "/nothing-here/")} <= {200, 302, 404}
    assert Session.objects.count() == 0
    event = AuditEvent.objects.last()
    assert event is None or event.session == ""


def test_session_outlives_a_clock_put_back(cast: Cast, settings: Any) -> None:
    """Its time without a click is counted anew from the new time, and not from one that is to come."""
    client = cast.client(cast.nurse)
    with travel(timezone.now() + timedelta(days=1), tick=False):
        client = cast.client(cast.nurse)
        client.get("/")

    assert client.get("/").status_code == 200
    session = Session.objects.get(pk=client.session.session_key)
    assert session.expire_date <= timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)


def test_no_superuser_is_made(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's own command is refused in words, asked with all it needs and at a keyboard."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", factories.PASSWORD)
    with pytest.raises(CommandError, match="open_clinic"):
        call_command("createsuperuser", "--no-input", email="root@example.test", name="Root")
    told = iter(["root@example.test", "Root"])
    keyboard = io.StringIO()
    monkeypatch.setattr(keyboard, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: next(told))
    monkeypatch.setattr("getpass.getpass", lambda *_: factories.PASSWORD)
    with pytest.raises(CommandError, match="open_clinic"):
        call_command("createsuperuser", stdin=keyboard)


def test_nothing_sent_is_told_so(client: Client, cast: Cast) -> None:
    """Signing in over a page, without an e-mail: a sentence, and no fault."""
    answer = client.post("/sign-in/again/", {"clinic": "1"})

    assert answer.status_code == 422 and answer.json()["error"]
