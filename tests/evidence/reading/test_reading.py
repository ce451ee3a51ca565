"""A reader before one pair after the other: what they are shown, what is kept, and what is never told them."""

import datetime
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.staff.actions import change_member
from clinic.staff.models import Membership, Role, User
from tests import factories
from tests.evidence.reading import rounds
from tests.people import Cast
from tests.rows import _photo
from treatments.evidence.reading import actions
from treatments.models import Consent, Patient, Photo, ReaderPlace, Reading, ReadingRound, ShownPair

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
SENTINEL = {"_sentinel": "1"}


@dataclass
class Opened:
    cast: Cast
    round: ReadingRound
    place: ReaderPlace
    shown: list[ShownPair]
    patients: list[Patient]

    @property
    def reader(self) -> User:
        return self.cast.blind_reader

    @cached_property
    def client(self) -> Client:
        return self.cast.client(self.reader)


def heads(cast: Cast, number: int) -> list[tuple[Patient, Photo, Photo]]:
    """Patients who allow their photos for research, with two photos of the vertex that can be opened."""
    made = []
    for _ in range(number):
        patient = factories.patient(cast.clinic, name="Ida Invented")
        factories.consent(patient, kind="photography", purposes=["record", "research"])
        days = (datetime.date(2024, 5, 14), datetime.date(2025, 5, 20))
        made.append((patient, *(_photo(patient, True, taken_on=day, view="vertex") for day in days)))
    return made


@pytest.fixture
def opened(cast: Cast) -> Opened:
    """Three pairs before a blind reader; the later photo stands left, right, left."""
    round, made = rounds.reading_round(cast.clinic, by=cast.manager), heads(cast, 3)
    place = rounds.place(round, cast.blind_reader)
    shown = rounds.shown(place, [rounds.pair(round, earlier, later) for _, earlier, later in made])
    for each in (shown[0], shown[2]):
        each.later_is_right = False
        each.save()
    return Opened(cast, round, place, shown, [patient for patient, *_ in made])


def say(opened: Opened, number: int, **told: str) -> HttpResponse:
    return opened.client.post(opened.shown[number].get_absolute_url(), SENTINEL | told)


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_reads_from_first_to_last(opened: Opened) -> None:
    """Each answer leads to the next pair, the last to the rounds; what was said is kept of the side it was said of."""
    client = opened.client
    begin = re.search(r'href="(/reading/[\w-]{24}/)"', text(client.get("/reading/")))
    assert begin and begin[1] == opened.shown[0].get_absolute_url()
    assert "Pair 1 of 3" in text(client.get(begin[1]))

    to_second = say(opened, 0, answer="-2")
    to_third = say(opened, 1, answer="cannot", reason="quality")
    to_end = say(opened, 2, answer="3")

    assert to_second["Location"] == opened.shown[1].get_absolute_url()
    assert to_third["Location"] == opened.shown[2].get_absolute_url()
    assert to_end["Location"] == "/reading/"
    kept = Reading.objects.order_by("shown__position")
    assert [(each.score, each.cannot_judge, each.change) for each in kept] == [
        (-2, "", 2),
        (None, "quality", None),
        (3, "", -3),
    ]
    assert "You have read all 3 pairs" in text(client.get("/reading/"))


def test_page_tells_nothing_but_its_place(opened: Opened) -> None:
    """No name, record number, id, date or Month of the patient, in no header either; the same page for either side."""
    client = opened.client
    page = client.get(opened.shown[0].get_absolute_url())
    pair = opened.shown[0].pair
    secrets = [opened.patients[0].name, opened.patients[0].record_number, opened.round.name]
    secrets += [str(each.pk) for each in (opened.patients[0], pair.earlier, pair.later, opened.round)]
    secrets += ["Month", "2024", "2025", "May", pair.earlier.key, pair.later.key]

    told = text(page) + str(dict(page.headers))

    assert [each for each in secrets if each in told.replace(timezone.localdate().isoformat(), "")] == []
    assert re.findall(r'<img[^>]* alt="([^"]*)"', text(page)) == ["Left photograph", "Right photograph"]
    assert len(set(re.findall(r'<img\s+src="([^"]*)"', text(page)))) == 1


def test_picture_is_kept_nowhere(opened: Opened) -> None:
    """No date, no tag, no name; nothing that the browser may keep."""
    answer = opened.client.get(f"{opened.shown[0].get_absolute_url()}pair.jpg")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Cache-Control"] == "no-store"
    assert not {"ETag", "Last-Modified", "Content-Range"} & set(answer.headers)
    assert answer["Content-Disposition"] == "inline"


def test_what_was_read_does_not_open_again(opened: Opened) -> None:
    """Neither by Back nor by its address: it leads to the pair that is to be read now. So does one that comes later."""
    say(opened, 0, answer="1")
    client = opened.client
    first, second, third = (each.get_absolute_url() for each in opened.shown)

    assert client.get(first)["Location"] == second
    assert client.get(third)["Location"] == second
    assert client.get(f"{first}pair.jpg").status_code == 404
    assert client.get(f"{third}pair.jpg").status_code == 404


def test_first_reading_stays(opened: Opened) -> None:
    """Sent twice it is one reading; from a second tab, another answer is not taken, and the reader is told."""
    say(opened, 0, answer="1")
    twice = say(opened, 0, answer="1")
    other = say(opened, 0, answer="-3")

    assert twice["Location"] == other["Location"] == opened.shown[1].get_absolute_url()
    assert [each.score for each in Reading.objects.all()] == [1]
    assert "Your first reading stays: Right has a little more." in text(opened.client.get(other["Location"]))
    assert AuditEvent.objects.filter(action="read_pair").count() == 1


def test_database_takes_no_second_reading(opened: Opened) -> None:
    rounds.reading(opened.shown[0], 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reading.objects.create(shown=opened.shown[0], score=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reading.objects.create(shown=opened.shown[1], score=4)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reading.objects.create(shown=opened.shown[1], score=1, cannot_judge="quality")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "Choose one of the seven, or Cannot judge."),
        ({"answer": "4"}, "Select a valid choice"),
        ({"answer": "cannot"}, "Choose why the pair cannot be judged."),
        ({"answer": "cannot", "reason": "other"}, "Write the reason in your words."),
    ],
)
def test_answer_that_is_none(opened: Opened, told: dict[str, str], sentence: str) -> None:
    """The page comes back with what was chosen and says what to do; nothing is kept."""
    answer = say(opened, 0, **told)

    assert answer.status_code == 422 and sentence in text(answer)
    assert not Reading.objects.exists()
    chosen = re.findall(r'<input[^>]*name="answer"[^>]*value="(\w+)"[^>]*checked', text(answer))
    assert chosen == ([told["answer"]] if told.get("answer") == "cannot" else [])


def test_answer_that_was_cut_on_its_way(opened: Opened) -> None:
    told = {"answer": "1", "csrfmiddlewaretoken": "x"}
    answer = opened.client.post(opened.shown[0].get_absolute_url(), told)

    assert answer.status_code == 422 and "Only a part of your answer arrived" in text(answer)
    assert not Reading.objects.exists()


def test_another_readers_pair_is_not_there(opened: Opened) -> None:
    """Not for another reader, the manager, or a clinician: as an address that never was."""
    address = opened.shown[0].get_absolute_url()
    other = factories.member(opened.cast.clinic, Role.BLIND_READER)

    for person in (other, opened.cast.manager, opened.cast.clinician):
        client = opened.cast.client(person)
        assert client.get(address).status_code == client.get(f"{address}pair.jpg").status_code == 404
        assert client.post(address, SENTINEL | {"answer": "1"}).status_code == 404
    assert not Reading.objects.exists()


def test_a_reader_may_stop_and_go_on(opened: Opened) -> None:
    say(opened, 0, answer="1")

    page = text(opened.client.get("/reading/"))

    assert "1 of 3 read" in page and "Go on" in page
    assert opened.shown[1].get_absolute_url() in page


def test_consent_withdrawn_ends_showing(opened: Opened) -> None:
    """From the next request: the page leads on, the picture is not handed out, an answer to it is not kept."""
    client, first = opened.client, opened.shown[0].get_absolute_url()
    assert client.get(first).status_code == 200
    ended = {"withdrawn_on": timezone.localdate(), "withdrawn_by": opened.cast.nurse}
    Consent.objects.filter(patient=opened.patients[0]).update(**ended)

    assert client.get(f"{first}pair.jpg").status_code == 404
    assert client.get(first)["Location"] == opened.shown[1].get_absolute_url()
    answer = say(opened, 0, answer="2")
    assert answer["Location"] == opened.shown[1].get_absolute_url()
    assert not Reading.objects.exists()
    page = text(client.get(opened.shown[1].get_absolute_url()))
    assert "Pair 1 of 2" in page and "not shown any more" in page


def test_end_tells_what_was_not_shown(opened: Opened) -> None:
    """Two of three were read, the consent for one has ended: the reader is told so at the end, and on their page."""
    ended = {"withdrawn_on": timezone.localdate(), "withdrawn_by": opened.cast.nurse}
    Consent.objects.filter(patient=opened.patients[1]).update(**ended)

    say(opened, 0, answer="1")
    say(opened, 2, answer="1")
    page = text(opened.client.get("/reading/"))

    assert "You have read all 2 pairs that could be shown; 1 pair is not shown any more. Thank you." in page
    assert "2 read; 1 not shown any more" in page


def test_rounds_read_have_pages(opened: Opened) -> None:
    """What waits stands on the first page, whatever was read since; of the rounds that were read twenty stand on one,
    and more of them cost nothing."""
    client, pair = opened.client, opened.shown[0].pair

    def read(numbers: range) -> int:
        for number in numbers:
            told = {"name": f"Read {number:02d}", "closed_at": timezone.now(), "closed_by": opened.cast.manager}
            place = rounds.place(
                rounds.reading_round(opened.cast.clinic, by=opened.cast.manager, **told), opened.reader
            )
            rounds.reading(rounds.shown(place, [pair])[0], 1)
        client.get("/reading/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/reading/")
        return len(queries)

    few, many = read(range(22)), read(range(22, 33))
    first, second = (text(client.get(f"/reading/?page={number}")) for number in (1, 2))

    assert few == many
    assert "0 of 3 read" in first and "Begin" in first and "Begin" in second
    names = [re.findall(r"Read \d\d", page) for page in (first, second)]
    assert [len(each) for each in names] == [20, 13]
    assert names[0] + names[1] == [f"Read {number:02d}" for number in reversed(range(33))]


def test_outside_reader_needs_research(opened: Opened) -> None:
    """A use in the clinical record covers readers of the clinic, and nobody from outside."""
    Consent.objects.filter(patient=opened.patients[0]).update(purposes=["record"])
    staff = rounds.place(opened.round, opened.cast.clinician)
    own = rounds.shown(staff, [opened.shown[0].pair])[0]

    assert opened.client.get(f"{opened.shown[0].get_absolute_url()}pair.jpg").status_code == 404
    assert opened.cast.client(opened.cast.clinician).get(f"{own.get_absolute_url()}pair.jpg").status_code == 200


@pytest.mark.parametrize("what", ["struck out", "moved", "date", "view"])
def test_pair_that_no_longer_holds(opened: Opened, what: str) -> None:
    """A photo that was struck out, moved to another patient, or given another date or view: its pair is not shown."""
    photo = opened.shown[0].pair.later
    changes: dict[str, Any] = {
        "struck out": {
            "struck_out_at": timezone.now(), "struck_out_by": opened.cast.nurse, "struck_out_reason": "Entered twice"
        },
        "moved": {"patient": factories.patient(opened.cast.clinic)},
        "date": {"taken_on": datetime.date(2023, 1, 1)},
        "view": {"view": "frontal"},
    }[what]  # fmt: skip
    Photo.objects.filter(pk=photo.pk).update(**changes)

    answer = opened.client.get(opened.shown[0].get_absolute_url())

    assert answer["Location"] == opened.shown[1].get_absolute_url()
    assert opened.client.get(f"{opened.shown[0].get_absolute_url()}pair.jpg").status_code == 404


def test_round_that_was_closed_meanwhile(opened: Opened) -> None:
    """Nothing more is shown or kept; the reader is told on their page."""
    actions.close_round(opened.round, reason="The reader is ill", by=opened.cast.manager)

    answer = say(opened, 0, answer="1")
    page = text(opened.client.get("/reading/"))

    assert answer["Location"] == "/reading/"
    assert "This round was closed." in page and "this answer was not saved" in page
    assert "You have read" not in page and "not shown any more" not in page
    assert "0 of 3 read, the round is closed" in page
    assert not Reading.objects.exists()
    assert opened.client.get(opened.shown[0].get_absolute_url())["Location"] == "/reading/"
    assert opened.client.get(f"{opened.shown[0].get_absolute_url()}pair.jpg").status_code == 404


def test_reader_who_left_in_the_middle(opened: Opened) -> None:
    """What they read stays; they open nothing; the manager is told how far they were."""
    say(opened, 0, answer="1")
    work = Membership.objects.get(user=opened.cast.blind_reader)
    change_member(work, role=work.role, is_active=False, by=opened.cast.manager)

    assert opened.client.get(opened.shown[1].get_absolute_url()).status_code == 403
    page = text(opened.cast.client(opened.cast.manager).get(opened.round.get_absolute_url()))
    assert "(has left)" in page and "has read 1 of 3" in page
    assert Reading.objects.count() == 1


def test_each_pair_is_a_look_at_its_patient(opened: Opened) -> None:
    """The page is on the trail of the patient, once, with its picture; an answer is, and never what was answered."""
    address = opened.shown[0].get_absolute_url()
    opened.client.get(address)
    opened.client.get(f"{address}pair.jpg")
    say(opened, 0, answer="3")

    events = AuditEvent.objects.filter(patient_id=opened.patients[0].pk).order_by("pk")
    assert [(event.action, event.actor_id) for event in events] == [
        ("shown_pair", opened.cast.blind_reader.pk),
        ("read_pair", opened.cast.blind_reader.pk),
    ]
    assert "3" not in str(events[1].detail.get("score", "")) and set(events[1].detail) == {"place"}
