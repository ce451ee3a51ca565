"""Where readings of a closed round are read: the timeline, the page of the pair, the whole record."""

import io
import zipfile

import pytest
from django.test import Client

from clinic.staff.models import User
from tests.evidence.reading import rounds
from tests.evidence.reading.test_reading import heads
from tests.evidence.reading.test_rounds import read_all, readers, text
from tests.people import Cast
from treatments.evidence.reading import actions
from treatments.models import Patient, ReadingRound

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
__all__ = ["readers"]
SAID = "+2, median of 2 readers"


@pytest.fixture
def read(cast: Cast, readers: list[User]) -> tuple[Patient, ReadingRound]:
    [(patient, earlier, later)] = heads(cast, 1)
    round = rounds.reading_round(cast.clinic, by=cast.manager)
    pair = rounds.pair(round, earlier, later)
    for reader in readers:
        rounds.shown(rounds.place(round, reader), [pair])
    read_all(round, 2)
    return patient, round


def pages(client: Client, patient: Patient) -> dict[str, str]:
    compare = f"/patients/{patient.pk}/photos/compare/?view=vertex"
    return {address: text(client.get(address)) for address in (patient.get_absolute_url(), compare)}


def test_readings_stand_in_the_record(cast: Cast, read: tuple[Patient, ReadingRound]) -> None:
    """On both pages once the round is closed, with the number of readers and what each said; not a moment before."""
    patient, round = read
    client = cast.client(cast.clinician)
    assert not any("Read blind" in page for page in pages(client, patient).values())
    actions.close_round(round, reason="", by=cast.manager)

    for address, page in pages(client, patient).items():
        assert SAID in page and f"{cast.blind_reader} +2 more" in page, address


def test_whole_record_holds_readings(cast: Cast, read: tuple[Patient, ReadingRound]) -> None:
    """Paper and tables of a closed round; nothing of one that is being read, which would tell which photo is later."""
    patient, round = read
    before = record(cast.client(cast.manager), patient)
    actions.close_round(round, reason="", by=cast.manager)
    after = record(cast.client(cast.manager), patient)

    assert not any("reading" in name for name in before)
    assert {"reading.csv", "readingpair.csv"} <= {name.rpartition("/")[2] for name in after}
    [readings] = [text for name, text in after.items() if name.endswith("/reading.csv") or name == "reading.csv"]
    assert readings.count("\n") == 3


def record(client: Client, patient: Patient) -> dict[str, str]:
    answer = client.post(f"/patients/{patient.pk}/papers/record/", {"asked_by": "patient"})
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return {name: book.read(name).decode(errors="replace") for name in book.namelist()}
