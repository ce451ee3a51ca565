"""One clinic goes out of a database of several, whole; the others go on, and nothing of them goes along."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from clinic.audit import log
from clinic.audit.models import AuditEvent
from clinic.staff.links import make_link
from clinic.staff.models import Clinic, Membership, Role, User
from tests import factories
from tests.copies.installations import Installation, add_photo, every_photo
from treatments.appointments.calendar.actions import make_feed
from treatments.copies.moving import clinics, tables
from treatments.models import Draft, ExosomeSession, Patient, RegionVolume
from treatments.records.drafts import store as drafts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group(transactional_db: None, settings: Any, tmp_path: Path) -> tuple[Clinic, Clinic]:
    """Two clinics with a person who works in both, records, photos, and a sealed trail."""
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "photos", tmp_path / "var"
    (tmp_path / "photos" / "originals").mkdir(parents=True)
    leaving, staying = factories.clinic(name="Leaving Clinic"), factories.clinic(name="Staying Clinic")
    both = factories.member(staying, Role.MANAGER, name="Works in Both")
    Membership.objects.create(user=both, clinic=leaving, role=Role.MANAGER)
    for clinic in (leaving, staying):
        patient = factories.patient(clinic)
        add_photo(patient)
        factories.exosome_session(factories.course(patient), regions={"vertex": "3.00"})
        log.record("viewed", by=both, clinic=clinic, target=patient)
    log.record("sign_in_failed", by=None, clinic=None)
    call_command("audit", "seal", stdout=StringIO())
    return leaving, staying


def own_url() -> str:
    told = connection.settings_dict
    return f"postgres://{told['USER']}@/{told['NAME']}?host={told['HOST']}"


def move(group_folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "ANAGEN_MODE": "test",
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "DATABASE_URL": own_url(),
        "MEDIA_ROOT": str(group_folder / "photos"),
        "VAR_DIR": str(group_folder / "var"),
    }
    command = [sys.executable, "-m", "django", "move", *words, "--settle", "0"]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def digests(rows: dict[tables.Table, Q]) -> dict[str, tables.Digest]:
    return {model._meta.db_table: tables.digest(model, "default", which) for model, which in rows.items()}


@pytest.mark.postgres
@pytest.mark.slow
def test_one_clinic_goes_whole_and_alone(group: tuple[Clinic, Clinic], new: Installation, tmp_path: Path) -> None:
    """Also where the last release wrote a part without its clinic, and where an attempt was ended in the middle."""
    leaving, staying = group
    RegionVolume.objects.filter(exosome_session__clinic=leaving).update(clinic=None)
    store = tmp_path / "new" / "photos"
    store.mkdir()
    photos = {key for key, _, _ in clinics.originals_of(leaving)}
    to = ("--clinic", leaving.name, "--to", new.url, "--store", f"file://{store}")
    everything = digests(dict.fromkeys(tables.tables(), tables.EVERY))

    assert "clinics are called" in move(tmp_path, *to[:1], "Nobody's", *to[2:]).stderr
    assert "Name a store of its own" in move(tmp_path, *to[:4]).stderr
    original = tmp_path / "photos" / next(iter(photos))
    original.rename(original.with_suffix(".away"))
    assert "is missing or altered" in move(tmp_path, *to).stderr
    original.with_suffix(".away").rename(original)
    assert digests(dict.fromkeys(tables.tables(), tables.EVERY)) == everything, "nothing of the old place was changed"

    Clinic.objects.filter(pk=leaving.pk).update(closed="moving")  # as a run leaves it that was killed
    whole = clinics.rows_of(leaving)
    done = move(tmp_path, *to)
    assert "1 photos, each compared" in done.stdout and "the others go on" in done.stdout, done.stderr
    rows = digests(whole)

    with new.in_use():
        assert Clinic.objects.get().closed == "" and Clinic.objects.get().pk == leaving.pk
        arrived = digests(dict.fromkeys(tables.tables(), tables.EVERY))
        differing = {name for name, digest in rows.items() if digest != arrived[name]}
        assert differing == {"clinic_clinic"}, "which is open there and closed here"
        assert arrived["treatments_patient"].rows == arrived["treatments_exosomesession"].rows == 1
        assert {each.name for each in User.objects.all()} >= {"Works in Both"}
        assert not User.objects.filter(memberships__clinic=staying.pk).exclude(name="Works in Both").exists()
        assert not AuditEvent.objects.exclude(clinic=leaving.pk).exists()
        assert set(every_photo()) == photos
        factories.exosome_session(factories.course(Patient.objects.get()), regions={"vertex": "2.00"})
        assert ExosomeSession.objects.count() == 2, "ids go on counting"
        call_command("audit", "verify", stdout=StringIO())

    assert "has moved already" in move(tmp_path, *to).stderr


@pytest.mark.any_database
def test_pages_of_one_clinic_are_closed(group: tuple[Clinic, Clinic]) -> None:
    """A form that is sent meanwhile comes back with what was typed; who works elsewhere too goes on there."""
    leaving, staying = group
    at_one, at_both = factories.member(leaving, Role.NURSE), User.objects.get(name="Works in Both")
    one, both = Client(), Client()
    one.force_login(at_one)
    both.force_login(at_both)
    assert one.get("/patients/").status_code == both.get("/patients/").status_code == 200
    secret, _ = make_link(Membership.objects.get(user=at_one), by=at_one, on_server=True)
    feed, _ = make_feed(leaving, name="Desk", names="none", by=at_both)
    ticket = drafts.ticket(owner=at_one, clinic=leaving, form="/patients/register/")
    link, calendar = reverse("one-time-link", args=[secret]), reverse("appointments:feed", args=[feed])
    assert Client().get(link).status_code == Client().get(calendar).status_code == 200
    events = AuditEvent.objects.count()
    for state, code in (("moving", "moving"), ("moved", "moved")):
        Clinic.objects.filter(pk=leaving.pk).update(closed=state)
        answer = one.post("/patients/register/", {"name": "Typed Already"})
        assert answer.status_code == 503 and answer["Anagen-Outage"] == code and answer["Retry-After"]
        assert not Patient.objects.filter(name="Typed Already").exists()
        assert Client().get(calendar).status_code == 503
        assert Client().get(link).status_code == 404
        kept = {"ticket": ticket, "opening": "0123456789ab", "values": {"name": ["Typed Already"]}, "sequence": 1}
        answer = one.post("/drafts/keep/", kept, content_type="application/json")
        assert (answer.status_code, answer["Anagen-Outage"]) == (503, code)
    assert AuditEvent.objects.count() == events, "addresses that need no sign-in change nothing of it either"
    assert both.get("/patients/").status_code == 200
    for password in ("some wrong password", factories.PASSWORD):
        Client().post("/sign-in/", {"username": at_one.email, "password": password})
    of_nobody = set(AuditEvent.objects.filter(clinic=None).values_list("action", flat=True))
    assert of_nobody == {"sign_in_failed", "signed_in"}, "signing in is noted, but not on its trail"
    assert AuditEvent.objects.exclude(clinic=None).count() == events
    assert not Draft.objects.filter(clinic=leaving).exists()
