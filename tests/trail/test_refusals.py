"""What answers in place of a page shows nobody: no event says that somebody was seen, and a refusal says why."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.sign_in.late_forms import OPENED_AS, opened_by
from clinic.staff.models import User
from tests import factories
from tests.clinic.cover.at_the_tablet import OTHER_PIN, PIN, tablet, uncover
from tests.people import Cast

pytestmark = pytest.mark.django_db
A_FETCH = {"X-Requested-With": "fetch"}


def events() -> list[str]:
    """What was put on the trail, without sign-ins and covers."""
    named = AuditEvent.objects.exclude(action__in=["signed_in", "covered", "uncovered", "pin_set", "switched_person"])
    return list(named.order_by("id").values_list("action", flat=True))


def test_a_cover_is_no_look(cast: Cast) -> None:
    client = cast.client(cast.nurse)
    client.post("/cover/")

    assert client.get(cast.patient.get_absolute_url()).status_code == 423
    assert client.post(f"/patients/{cast.patient.pk}/history/", {"note": "typed"}).status_code == 423
    assert events() == []


def test_no_look_without_a_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.nurse)
    address = f"/patients/{cast.patient.pk}/history/"

    assert [client.post(address, headers=told).status_code for told in ({}, A_FETCH)] == [403, 403]
    assert events() == []


def test_no_refusal_for_a_missing_factor(cast: Cast) -> None:
    """The role may see the record: a second factor is what is missing."""
    User.objects.update(first_signed_in_at=timezone.now() - timedelta(days=30))
    client = cast.client(cast.manager)

    assert client.get(cast.patient.get_absolute_url(), headers=A_FETCH).status_code == 403
    assert events() == []


def test_somebody_elses_form_is_no_look(cast: Cast) -> None:
    client = cast.client(cast.nurse)
    theirs = {OPENED_AS: opened_by(person=cast.clinician.pk, clinic=cast.clinic.pk), "note": "typed"}
    address = f"/patients/{cast.patient.pk}/history/"

    assert client.post(address, theirs).status_code == 401
    assert client.post(address, theirs, headers=A_FETCH).status_code == 409
    assert events() == []


def test_what_a_pin_does_not_open_is_told(cast: Cast) -> None:
    """Also in the trail of the patient whom it was about."""
    client = tablet((cast.manager, PIN))
    client.post("/cover/")
    assert uncover(client, cast.manager, PIN).status_code == 302

    assert client.get(f"/patients/{cast.patient.pk}/photos/export/").status_code == 401
    assert events() == ["refused_to_pin"]
    number = cast.patient.record_number
    page = cast.client(cast.manager).get("/audit-trail/", {"patient": number, "kind": "refused"}).content.decode()
    assert "asked for the page to export photos of <" in page and "which a PIN does not open" in page


def test_a_wrong_pin_is_found_by_its_person(cast: Cast) -> None:
    client = tablet((cast.nurse, PIN))
    client.post("/cover/")
    uncover(client, cast.nurse, OTHER_PIN)

    told = {"person": cast.nurse.pk, "kind": "signed"}
    page = cast.client(cast.manager).get("/audit-trail/", told).content.decode()
    assert f"Somebody who was not signed in</bdi></b> entered a wrong PIN of {cast.nurse}" in page
    told["person"] = cast.clinician.pk
    assert "wrong PIN" not in cast.client(cast.manager).get("/audit-trail/", told).content.decode()


def test_what_was_typed_is_found_by_patient(cast: Cast) -> None:
    """Typed signed in, shown again after the token was lost."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.nurse)
    own = {OPENED_AS: opened_by(person=cast.nurse.pk, clinic=cast.clinic.pk), "note": "typed"}

    shown = client.post(f"/patients/{cast.patient.pk}/history/", own, headers={"Origin": "http://testserver"})

    assert "typed" in shown.content.decode() and events() == ["shown_typed"]
    page = cast.client(cast.manager).get("/audit-trail/", {"patient": cast.patient.record_number}).content.decode()
    assert "what they had typed in the hair-loss history of <" in page


def test_sentences_stay_with_their_person(cast: Cast) -> None:
    """What was to be said to somebody of a patient is said to nobody who signs in after them in this browser."""
    merged = factories.patient(cast.clinic, name="Mia Merged", merged_into=cast.patient)
    client: Any = cast.client(cast.nurse)
    assert client.get(merged.get_absolute_url()).status_code == 302

    client.post("/sign-out/")
    signed_out = client.get("/sign-in/")
    client.force_login(cast.reader)
    after = client.get("/")

    assert not client.cookies.get("messages")
    assert all(merged.record_number not in each.content.decode() for each in (signed_out, after))
