"""The calendar file of a patient and the feed of the clinic, read by other parsers than the library that wrote them."""

import datetime
import io
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.tz import tzical
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.sign_in.throttle import FREE_TRIES_OF_AN_ADDRESS
from tests import factories
from tests.people import Cast
from treatments.appointments.actions import cancel, change_booking
from treatments.appointments.calendar.actions import make_feed, revoke_feed
from treatments.appointments.calendar.time_zone import vtimezone
from treatments.appointments.models import Appointment, CalendarFeed

pytestmark = pytest.mark.any_database

HOUR = datetime.timedelta(hours=1)
ZONES = ("Asia/Singapore", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")


@pytest.mark.parametrize("name", ZONES)
def test_zone_is_read_alike_elsewhere(name: str) -> None:
    """Two years of hours, by dateutil's reading of RFC 5545, and by the zone itself. The hour that is there twice, and
    the one that is not there, are left out: no visit is booked in them unseen."""
    zone = ZoneInfo(name)
    day = datetime.date(2026, 1, 1)
    calendar = icalendar.Calendar()
    calendar.add_component(vtimezone(zone, day, day + datetime.timedelta(days=730)))
    other: Any = tzical(io.StringIO(calendar.to_ical().decode())).get()
    begin = datetime.datetime(2026, 1, 1)

    for hour in range(0, 730 * 24):
        local = begin + hour * HOUR
        own = local.replace(tzinfo=zone)
        is_plain = own.replace(fold=0).utcoffset() == own.replace(fold=1).utcoffset()
        if is_plain:
            assert local.replace(tzinfo=other).utcoffset() == own.utcoffset(), local


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York"])
def test_first_summer_hour_is_summer(name: str) -> None:
    """Where icalendar's own zone is an hour late: the hour after the clocks went forward."""
    zone = ZoneInfo(name)
    on = datetime.date(2026, 3, 29 if "Berlin" in name else 8)
    calendar = icalendar.Calendar()
    calendar.add_component(vtimezone(zone, on, on))
    other: Any = tzical(io.StringIO(calendar.to_ical().decode())).get()
    local = datetime.datetime.combine(on, datetime.time(3, 30))

    assert local.replace(tzinfo=other).utcoffset() == local.replace(tzinfo=zone).utcoffset()


def lines_of(content: bytes) -> list[str]:
    """Unfolded, as RFC 5545 writes them."""
    text = content.decode()
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")


@pytest.mark.django_db
def test_patient_takes_one_event_home(cast: Cast) -> None:
    """One UID through a change and the cancelling, each with a higher SEQUENCE; and no word of what it is for."""
    day = timezone.localdate() + datetime.timedelta(days=5)
    told = {"kind": "session", "room": "Room 1", "note": "Swelling last time"}
    first = factories.appointment(cast.patient, day=day, time=datetime.time(10, 15), **told)
    client = cast.client(cast.reception)

    def file(appointment: Appointment) -> list[str]:
        answer = client.get(reverse("appointments:calendar-file", args=[cast.patient.pk, appointment.pk]))
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        return lines_of(answer.content)

    lines = file(first)
    assert f"UID:{first.calendar_id}@anagen" in lines and "SEQUENCE:0" in lines
    assert f"DTSTART;TZID=Asia/Singapore:{day:%Y%m%d}T101500" in lines and "DURATION:PT30M" in lines
    assert "SUMMARY:Appointment\\, Lime Tree Hair Clinic" in lines
    for word in ("Session", "Swelling", "Ida", "Room 1", cast.patient.record_number):
        assert word not in "\n".join(lines)

    new = Appointment(clinic=cast.clinic, patient=cast.patient, day=day, time=datetime.time(11))
    change_booking(new, instead_of=first, by=cast.reception)
    assert {f"UID:{first.calendar_id}@anagen", "SEQUENCE:1", "METHOD:PUBLISH"} <= set(file(new))
    assert "SEQUENCE:1" in file(first), "the old page gives what is booked now"

    cancel(new, reason="Has a cold", expected_version=1, by=cast.reception)
    assert {"SEQUENCE:2", "STATUS:CANCELLED", "METHOD:CANCEL"} <= set(file(new))


def feed_of(cast: Cast, names: str = "none") -> tuple[str, CalendarFeed]:
    secret, feed = make_feed(cast.clinic, name="Front desk", names=names, by=cast.manager)
    return f"/calendar/{secret}/", feed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("names", "title"),
    [
        ("none", "SUMMARY:Booked\\, Room 1"),
        ("initials", "SUMMARY:Booked: I. I.\\, T-0777\\, Room 1"),
        ("names", "SUMMARY:Booked: Ida Invented\\, Room 1"),
    ],
)
def test_feed_names_whom_the_clinic_says(cast: Cast, names: str, title: str) -> None:
    patient = factories.patient(cast.clinic, name="Ida Invented", record_number="T-0777", phone="+65 5550 0101")
    factories.appointment(patient, room="Room 1", kind="session", note="Swelling")
    factories.appointment(patient, room="Room 2", state="cancelled", cancel_reason="Cold")
    factories.appointment(factories.patient(cast.other_clinic), room="Elsewhere")
    address, _ = feed_of(cast, names)

    lines = lines_of(Client().get(address).content)

    assert [line for line in lines if line.startswith("SUMMARY")] == [title]
    assert "Session" not in "\n".join(lines) and "Swelling" not in "\n".join(lines)
    assert ("Ida" in "\n".join(lines)) is (names == "names")


@pytest.mark.django_db
def test_feed_is_read_again_cheaply(cast: Cast) -> None:
    """Its ETag stays until a booking changes; the first reading of a day is on the trail, and the secret nowhere."""
    factories.appointment(cast.patient)
    address, feed = feed_of(cast)

    first = Client().get(address)
    again = Client().get(address, headers={"If-None-Match": first["ETag"]})
    factories.appointment(cast.patient, time=datetime.time(15))
    changed = Client().get(address, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content, changed.status_code) == (200, 304, b"", 200)
    assert "no-store" in first["Cache-Control"]
    assert AuditEvent.objects.filter(action="read_feed").count() == 1
    secret = address.split("/")[-2]
    assert secret not in str(list(CalendarFeed.objects.values()) + list(AuditEvent.objects.values()))


@pytest.mark.django_db
def test_revoked_feed_answers_nobody(cast: Cast) -> None:
    address, feed = feed_of(cast)
    revoke_feed(feed, by=cast.manager)
    revoke_feed(feed, by=cast.manager)

    assert Client().get(address).status_code == 404
    assert AuditEvent.objects.filter(action="revoked_feed").count() == 1


@pytest.mark.django_db
def test_guessing_an_address_is_slowed(cast: Cast) -> None:
    """As it is for one-time links; a right address gives its try back, so that a program may read every minute."""
    address, _ = feed_of(cast)
    assert [Client().get(address).status_code for _ in range(FREE_TRIES_OF_AN_ADDRESS + 5)][-1] == 200

    answers = [Client().get(f"/calendar/guess-{n}/").status_code for n in range(FREE_TRIES_OF_AN_ADDRESS + 1)]

    assert answers == [404] * FREE_TRIES_OF_AN_ADDRESS + [429]


@pytest.mark.django_db
def test_manager_makes_a_feed_seen_once(cast: Cast) -> None:
    client = cast.client(cast.manager)
    page = client.post("/desk/calendar/", {"name": "Front desk", "names": "none"})

    feed = CalendarFeed.objects.get()
    assert "/calendar/" in page.content.decode() and page.status_code == 200
    assert "Front desk" in client.get("/desk/calendar/").content.decode()
    assert feed.secret_hash not in client.get("/desk/calendar/").content.decode()
    client.post(f"/desk/calendar/{feed.pk}/revoke/")
    feed.refresh_from_db()
    assert feed.revoked_by == cast.manager
    assert cast.client(cast.clinician).get("/desk/calendar/").status_code == 403
