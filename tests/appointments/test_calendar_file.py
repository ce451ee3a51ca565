"""A calendar file as strict readers see it: by icalendar, and by the letter of RFC 5545."""

import datetime
import itertools
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.staff.models import Clinic
from tests import factories
from tests.people import Cast
from treatments.appointments.actions import strike_out_booking
from treatments.appointments.calendar import calendar_file, feeds
from treatments.appointments.calendar.actions import make_feed, revoke_feed
from treatments.appointments.models import Appointment
from treatments.models import Patient

pytestmark = pytest.mark.any_database

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
CHANGES = (datetime.date(2026, 3, 8), datetime.date(2026, 3, 29), datetime.date(2026, 4, 5),
           datetime.date(2026, 10, 4), datetime.date(2026, 10, 25), datetime.date(2026, 11, 1))  # fmt: skip
NAMES = (
    "Zoë Łukasiewicz-Straßenbauer von und zu Invented; the second, of two",
    "王小明" * 30,
    "محمد عبد الرحمن " * 8 + "بن",
    "Comma, Semicolon; Back\\slash",
    "🙂" * 50,
)


def booking(day: datetime.date, time: datetime.time, *, zone: str, name: str = "Ida", room: str = "") -> Appointment:
    clinic = Clinic(name="Lime Tree; Hair, Clinic", time_zone=zone)
    patient = Patient(name=name, record_number="T-0777", clinic=clinic)
    at = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    return Appointment(clinic=clinic, patient=patient, day=day, time=time, room=room, created_at=at, state_at=at)


def read(content: bytes) -> list[icalendar.Event]:
    """Read strictly: lines end by CR LF, have 75 octets at most, and nothing is left over or wrong."""
    assert content.endswith(b"END:VCALENDAR\r\n") and b"\n" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")  # no letter is cut
    calendar = icalendar.Calendar.from_ical(content)
    assert isinstance(calendar, icalendar.Calendar)
    events = calendar.walk("VEVENT")
    assert [*calendar.errors, *itertools.chain(*(event.errors for event in events))] == []
    return events


@pytest.mark.parametrize("zone", ZONES)
def test_clocks_change_around_a_visit(zone: str) -> None:
    """The day before, of and after each change of clocks, at every other hour: the instant that is read is the one that
    the clinic's clock means, by the zone that comes with the file."""
    days = [day + datetime.timedelta(days=shift) for day in CHANGES for shift in (-1, 0, 1)]
    rows = [booking(day, datetime.time(hour), zone=zone) for day in days for hour in range(4, 24, 2)]

    events = read(calendar_file.feed(rows, rows[0].clinic, "none"))

    local = ZoneInfo(zone)
    for row, event in zip(rows, events, strict=True):
        begin, end = event.start, event.end
        assert begin.astimezone(datetime.UTC) == row.begins(local)
        assert end.astimezone(datetime.UTC) - begin.astimezone(datetime.UTC) == datetime.timedelta(minutes=30)
        assert (begin.hour, begin.minute) == (row.time.hour, row.time.minute), "a time of the clock, never a whole day"


@pytest.mark.parametrize("name", NAMES)
def test_names_come_through(name: str) -> None:
    row = booking(datetime.date(2026, 6, 1), datetime.time(10), zone="Europe/Berlin", name=name, room="Räume 1; 2, 3")

    (event,) = read(calendar_file.feed([row], row.clinic, "names"))

    assert str(event["summary"]) == f"Booked: {name}, Räume 1; 2, 3"


def test_lines_of_a_text_are_kept() -> None:
    """A clinic's name of two lines is one value, with its line break written as a sign."""
    row = booking(datetime.date(2026, 6, 1), datetime.time(10), zone="Europe/Berlin")
    row.clinic.name = "Lime Tree\r\nEND:VEVENT"

    (event,) = read(calendar_file.for_patient(row, row.clinic))

    assert str(event["location"]) == "Lime Tree\nEND:VEVENT"
    assert event["uid"] == f"{row.calendar_id}@anagen"


@pytest.mark.parametrize("room", ["Ida’s room", "bei INVENTED", "Room of ida invented"])
def test_room_that_names_the_patient(room: str) -> None:
    """A room is free text: where it has a word of the name it is left out, unless the clinic wants names."""
    row = booking(datetime.date(2026, 6, 1), datetime.time(10), zone="Asia/Kolkata", name="Ida Invented", room=room)

    titles = {
        names: str(read(calendar_file.feed([row], row.clinic, names))[0]["summary"])
        for names in ("none", "initials", "names")
    }

    assert titles == {
        "none": "Booked",
        "initials": "Booked: I. I., T-0777",
        "names": f"Booked: Ida Invented, {room}",
    }


@pytest.mark.django_db
def test_many_readings_are_one_event(cast: Cast) -> None:
    """A program asks every few minutes: the day's first reading is on the trail, and what is unchanged is not written
    anew. As many queries, whatever is booked."""
    factories.appointment(cast.patient)
    secret, _ = make_feed(cast.clinic, name="Front desk", names="none", by=cast.manager)
    client, address = Client(), f"/calendar/{secret}/"
    etag = client.get(address)["ETag"]

    answers = {client.get(address, headers={"If-None-Match": etag}).status_code for _ in range(200)}
    with CaptureQueriesContext(connection) as few:
        client.get(address, headers={"If-None-Match": etag})
    for minute in range(30):
        factories.appointment(cast.patient, time=datetime.time(8, minute))
    etag = client.get(address)["ETag"]
    with CaptureQueriesContext(connection) as many:
        client.get(address, headers={"If-None-Match": etag})

    assert answers == {304}
    assert AuditEvent.objects.filter(action="read_feed").count() == 1
    assert len(few) == len(many)


@pytest.mark.django_db
def test_every_change_shows_in_the_feed(cast: Cast) -> None:
    """Each is a new ETag: booked, came, struck out, another name, another day."""
    secret, feed = make_feed(cast.clinic, name="Front desk", names="names", by=cast.manager)
    today = timezone.localdate()
    seen = [feeds.digest(feed, today)]
    appointment = factories.appointment(cast.patient, day=today)
    seen.append(feeds.digest(feed, today))
    Patient.objects.filter(pk=cast.patient.pk).update(name="Ida Married", version=2)
    seen.append(feeds.digest(feed, today))
    other = factories.appointment(cast.patient, day=today, time=datetime.time(15))
    seen.append(feeds.digest(feed, today))
    strike_out_booking(appointment, reason="Wrong", expected_version=1, by=cast.reception)
    seen.append(feeds.digest(feed, today))
    seen.append(feeds.digest(feed, today + datetime.timedelta(days=1)))

    assert len(set(seen)) == len(seen)
    assert seen[-2] == feeds.digest(feed, today)
    content = Client().get(f"/calendar/{secret}/").content.replace(b"\r\n ", b"")
    assert content.count(b"BEGIN:VEVENT") == 1 and f"UID:{other.calendar_id}@anagen".encode() in content


@pytest.mark.django_db
def test_withdrawn_secret_is_404_at_once(cast: Cast) -> None:
    """Also to a program that has the latest, and would be told that nothing changed."""
    secret, feed = make_feed(cast.clinic, name="Front desk", names="names", by=cast.manager)
    etag = Client().get(f"/calendar/{secret}/")["ETag"]

    revoke_feed(feed, by=cast.manager)

    for headers in ({}, {"If-None-Match": etag}):
        answer = Client().get(f"/calendar/{secret}/", headers=headers)
        assert (answer.status_code, answer.content) == (404, b"")
