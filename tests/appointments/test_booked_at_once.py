"""Two people book one room at the same moment: at least one of them reads it before they go on."""

import datetime
import itertools

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories, html_forms
from tests.concurrency import at_once
from tests.people import Cast
from treatments.appointments import desk
from treatments.appointments.models import Appointment
from treatments.models import Patient

DAY = datetime.timedelta(days=1)


def in_room(patient: Patient, time: tuple[int, int], **more: object) -> Appointment:
    told = {"day": timezone.localdate() + 2 * DAY, "time": datetime.time(*time), "room": "Room 1"}
    return factories.appointment(patient, **(told | more))


@pytest.mark.django_db(transaction=True)
def test_two_book_one_room_at_once(cast: Cast) -> None:
    """Each on a thread with a connection of its own. Whoever is saved second is told by the form, or, where neither
    form could know, by the page that follows."""
    people = [factories.patient(cast.clinic, name=name) for name in ("Otto Invented", "Olga Invented")]
    clients = [cast.client(cast.reception), cast.client(cast.nurse)]
    day = timezone.localdate() + 2 * DAY
    forms = []
    for client, patient in zip(clients, people, strict=True):
        url = reverse("appointments:book", args=[patient.pk])
        page = client.get(url).content.decode()
        forms.append((client, url, html_forms.filled(page, day=day.isoformat(), time="10:00", room="Room 1")))
    turn = itertools.count()

    def send() -> bool:
        client, url, told = forms[next(turn)]
        page = client.post(url, told, follow=True).content.decode()
        return "Room 1 is taken at that time" in page or "At the same time:" in page

    told = at_once(send)

    assert any(told)
    if Appointment.objects.count() == 2:
        clashes = [row.clash for row in desk.listed(desk.of_day(cast.clinic, day))]
        assert sorted(clashes) == ["Olga Invented, 10:00 to 10:30", "Otto Invented, 10:00 to 10:30"]


@pytest.mark.django_db
def test_page_tells_of_the_other(cast: Cast) -> None:
    """On the page of a booking that is expected: who else has the room. Adjoining visits, those that are cancelled or
    struck out, and what is over are no clash."""
    client = cast.client(cast.reception)
    otto, olga = (factories.patient(cast.clinic, name=name) for name in ("Otto Invented", "Olga Invented"))
    own = in_room(otto, (10, 0))
    in_room(olga, (9, 30))
    in_room(olga, (10, 30))
    in_room(olga, (10, 0), room="Room 2")
    in_room(olga, (10, 0), state="cancelled", cancel_reason="Cold")
    struck = {"struck_out_at": timezone.now(), "struck_out_by": cast.nurse, "struck_out_reason": "Wrong"}
    in_room(olga, (10, 0), **struck)

    def says(client: Client) -> bool:
        return "At the same time:" in client.get(own.get_absolute_url()).content.decode()

    assert not says(client)
    in_room(olga, (10, 15))
    page = " ".join(client.get(own.get_absolute_url()).content.decode().split())
    assert "<b>At the same time:</b> Olga Invented, 10:15 to 10:45" in page
    Appointment.objects.filter(pk=own.pk).update(state="came")
    assert not says(client)


@pytest.mark.django_db
def test_late_row_keeps_note_and_way_out(cast: Cast) -> None:
    """Who is late and shares a room: the row says so, shows the note, and can be marked as not come."""
    client, today = cast.client(cast.reception), timezone.localdate()
    for name in ("Otto Invented", "Olga Invented"):
        in_room(factories.patient(cast.clinic, name=name), (0, 0), day=today, note=f"For {name}")

    page = client.get(reverse("today")).content.decode()
    assert page.count("at the same time:") == page.count("Did not come<") == 2
    assert "<p>For Otto Invented</p>" in page and "<p>For Olga Invented</p>" in page
