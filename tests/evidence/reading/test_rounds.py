"""A round from the form that opens it to the results of a closed one."""

import csv
import datetime
import io
import re
from collections import Counter
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.staff.models import Role, User
from tests import factories
from tests.evidence.reading import rounds
from tests.evidence.reading.rounds import BASELINE, CARD, head, opened
from tests.people import Cast
from treatments.evidence.reading import actions, figures
from treatments.models import Assessment, Consent, Patient, Photo, Reading, ReadingRound
from treatments.photos.readings.results import read_pairs
from treatments.records.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def readers(cast: Cast) -> list[User]:
    return [cast.blind_reader, factories.member(cast.clinic, Role.BLIND_READER, name="Second Reader")]


def kinds(round: ReadingRound) -> Counter[str]:
    return Counter(round.pairs.values_list("kind", flat=True))


def text(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def read_all(round: ReadingRound, change: int) -> None:
    for place in round.places.all():
        for shown in place.shown.all():
            if not hasattr(shown, "reading"):
                rounds.reading(shown, change)


def test_form_opens_a_round(cast: Cast, readers: list[User]) -> None:
    """Pairs by chance, a place for each reader, and nothing more for a form that is sent twice."""
    for _ in range(8):
        head(cast)
    client = cast.client(cast.manager)
    told = {
        "id": str(new_id()), "name": "Vertex, autumn 2026", "view": "vertex", "months": "6", "against": "baseline",
        "which": "comparable", "at_most": "40", "null_percent": "10", "repeat_percent": "20",
        "readers": [str(reader.pk) for reader in readers], "_sentinel": "1",
    }  # fmt: skip

    answers = [client.post("/evidence/reading/open/", told) for _ in range(2)]

    round = ReadingRound.objects.get()
    assert [answer["Location"] for answer in answers] == [round.get_absolute_url()] * 2
    assert kinds(round) == {"real": 8, "repeat": 2}
    assert {place.reader for place in round.places.all()} == set(readers)
    assert len({place.seed for place in round.places.all()}) == 2
    assert all(place.shown.count() == 10 for place in round.places.all())
    page = text(client.get(round.get_absolute_url()))
    assert "The record has no pair of one Month and view, and 1 was wanted." in page
    assert AuditEvent.objects.filter(action="opened_round").count() == 1


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"readers": []}, "Choose two readers or more."),
        ({"readers": ["first"]}, "what one reader saw nobody can check"),
        ({"months": "0, 6"}, "Write Months from 1 on"),
        ({"months": ""}, "Write Months from 1 on"),
        ({"view": "trichoscopy"}, "Choose the site"),
        ({"at_most": "0"}, "This must be from 1 to 200."),
        ({"view": "frontal"}, "No pair fits, and so no round was opened. 0 patients have two photos of this view"),
    ],
)
def test_round_that_is_not_opened(cast: Cast, readers: list[User], changed: dict[str, Any], sentence: str) -> None:
    """Refused with what to do, and everything typed is on the page still."""
    head(cast)
    told = {
        "id": str(new_id()), "name": "A name that was typed", "view": "vertex", "months": "6", "against": "baseline",
        "which": "comparable", "at_most": "40", "null_percent": "10", "repeat_percent": "20",
        "readers": [str(reader.pk) for reader in readers], "_sentinel": "1", **changed,
    }  # fmt: skip
    told["readers"] = [str(readers[0].pk) if each == "first" else each for each in told["readers"]]

    answer = cast.client(cast.manager).post("/evidence/reading/open/", told)

    assert answer.status_code == 422 and sentence in text(answer) and "A name that was typed" in text(answer)
    assert not ReadingRound.objects.exists()


def test_pairs_are_baseline_and_month(cast: Cast, readers: list[User]) -> None:
    """The baseline photo against the one of the Month; nothing where the patient has none of that Month."""
    patient = head(cast, BASELINE, datetime.date(2025, 4, 10), datetime.date(2025, 7, 12))
    head(cast, BASELINE, datetime.date(2025, 4, 10))

    [pair] = opened(cast, readers).pairs.filter(kind="real")

    assert (pair.earlier.patient, pair.later.patient) == (patient, patient)
    assert (pair.earlier.taken_on, pair.later.taken_on) == (BASELINE, datetime.date(2025, 7, 12))


def test_comparable_only_by_the_record(cast: Cast, readers: list[User]) -> None:
    """Other light, or a card that was not filled in, keeps a pair out; asked for, it is in, with its verdict."""
    head(cast)
    for patient in (head(cast), head(cast)):
        late = Photo.objects.filter(patient=patient).latest("taken_on")
        late.lighting, late.hair_length_mm = ("fixed_flash", 24) if patient.pk.int % 2 else ("", None)
        late.save()

    only, everything = opened(cast, readers), opened(cast, readers, comparable_only=False)

    assert kinds(only)["real"] == 1
    assert Counter(everything.pairs.filter(kind="real").values_list("verdict", flat=True))["comparable"] == 1
    assert kinds(everything)["real"] == 3


def test_pairs_of_one_month_are_among_them(cast: Cast, readers: list[User]) -> None:
    """Two photos of one Month and view, both taken alike; repeats are pairs of two Months."""
    for _ in range(6):
        head(cast, BASELINE, datetime.date(2025, 7, 10), datetime.date(2025, 7, 12))

    round = opened(cast, readers, null_percent=20, repeat_percent=20)

    assert kinds(round) == {"real": 5, "null": 1, "repeat": 1}
    null = round.pairs.get(kind="null")
    assert (null.later.taken_on - null.earlier.taken_on).days == 2
    assert round.pairs.get(kind="repeat").repeats.kind == "real"
    for place in round.places.all():
        sides = {shown.pair_id: shown.later_is_right for shown in place.shown.all()}
        repeat = round.pairs.get(kind="repeat")
        assert sides[repeat.pk] is not sides[repeat.repeats_id]


def test_nobody_is_in_two_pairs(cast: Cast, readers: list[User]) -> None:
    """Who sees one photo in two pairs, the baseline above all, knows which is the earlier. Of three Months one is taken
    by chance, and a pair of one Month from a patient who has no other; one who has both gives one."""
    days = (BASELINE, datetime.date(2025, 4, 10), datetime.date(2025, 7, 10), datetime.date(2025, 10, 10))
    many = [head(cast, *days) for _ in range(6)]
    twice = head(cast, BASELINE, BASELINE)

    rounds_of_these = [opened(cast, readers, months=[3, 6, 9]) for _ in range(3)]

    for round in rounds_of_these:
        pairs = round.pairs.exclude(kind="repeat")
        assert Counter(pair.later.patient for pair in pairs) == Counter([*many, twice])
        assert pairs.get(kind="null").later.patient == twice
        found = ReadingRound.objects.get(pk=round.pk).found
        assert "12 pairs of patients who give another one" in actions.counted_text(found)
    assert len({pair.later.taken_on for round in rounds_of_these for pair in round.pairs.filter(kind="real")}) > 1


def test_readers_from_outside_need_research(cast: Cast, readers: list[User]) -> None:
    """A consent for the clinical record alone does not let a blind reader see the photos, nor one that ended."""
    head(cast, purposes=("record",))
    ended = head(cast)
    Consent.objects.filter(patient=ended).update(withdrawn_on=timezone.localdate(), withdrawn_by=cast.nurse)
    with pytest.raises(ValidationError, match="2 patients without a consent that covers the readers"):
        opened(cast, readers)
    allowed = head(cast)

    assert {pair.later.patient for pair in opened(cast, readers).pairs.all()} == {allowed}


@pytest.mark.parametrize("how", ["treated", "graded", "measured", "photographed"])
def test_nobody_reads_patients_they_know(cast: Cast, how: str) -> None:
    """A clinician of the clinic reads only patients whom they have not treated, graded, measured or photographed."""
    known, other = head(cast), head(cast)
    reader = factories.member(cast.clinic, Role.CLINICIAN, name="Dr Reader")
    match how:
        case "treated":
            known.exosome_sessions.update(operator=reader)
        case "graded":
            factories.assessment(known, assessor=reader)
        case "measured":
            factories.measurement(known, operator=reader)
        case "photographed":
            known.photos.update(created_by=reader)
    second = factories.member(cast.clinic, Role.CLINICIAN)

    round = opened(cast, [reader, second])

    assert {pair.later.patient for pair in round.pairs.all()} == {other}
    assert "1 patient known to one of the readers" in actions.counted_text(ReadingRound.objects.get(pk=round.pk).found)


def test_who_opens_a_round_does_not_read_it(cast: Cast, readers: list[User]) -> None:
    head(cast)
    with pytest.raises(ValidationError, match="Whoever opens a round does not read it"):
        opened(cast, [*readers, cast.manager])
    page = text(cast.client(cast.manager).get("/evidence/reading/open/"))
    offered = re.findall(r'name="readers"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="readers"', page)
    assert str(cast.blind_reader.pk) in sum(offered, ()) and str(cast.manager.pk) not in sum(offered, ())


def test_reader_added_later(cast: Cast, readers: list[User]) -> None:
    """Not one who knows a patient of the round, and nobody twice."""
    patient = head(cast)
    round = opened(cast, readers)
    knows = factories.member(cast.clinic, Role.CLINICIAN, name="Dr Knows")
    factories.assessment(patient, assessor=knows)
    third = factories.member(cast.clinic, Role.BLIND_READER)
    client, address = cast.client(cast.manager), f"/evidence/reading/{round.pk}/readers/"

    refused = client.post(address, {"reader": knows.pk})
    added = client.post(address, {"reader": third.pk})
    twice = client.post(address, {"reader": third.pk})

    assert refused.status_code == 422 and "1 of the 1 patients of this round" in text(refused)
    assert added.status_code == 302 and twice.status_code == 422
    assert {place.reader for place in round.places.all()} == {*readers, third}


def test_nothing_is_told_before_it_is_closed(cast: Cast, readers: list[User]) -> None:
    """Progress and no more: not to the manager, in no record, in no file."""
    patient = head(cast)
    round = opened(cast, readers)
    read_all(round, 2)
    client = cast.client(cast.manager)

    page = text(client.get(round.get_absolute_url()))

    assert "2 of 2" in page and "What was read" not in page and patient.record_number not in page and "+2" not in page
    assert client.get(f"/evidence/reading/{round.pk}/readings.csv").status_code == 404
    assert read_pairs(patient) == []


def test_closing_tells_and_ends(cast: Cast, readers: list[User]) -> None:
    patient = head(cast)
    round = opened(cast, readers)
    read_all(round, 2)
    client = cast.client(cast.manager)

    answers = [client.post(f"/evidence/reading/{round.pk}/close/", {"reason": ""}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert AuditEvent.objects.filter(action="unblinded").count() == 1
    page = text(client.get(round.get_absolute_url()))
    assert "What was read" in page and patient.record_number in page
    [pair] = read_pairs(patient)
    assert (pair.median, pair.readers, pair.in_words) == (2.0, 2, "+2, median of 2 readers")


def test_closing_early_asks_why(cast: Cast, readers: list[User]) -> None:
    head(cast)
    round = opened(cast, readers)
    client, address = cast.client(cast.manager), f"/evidence/reading/{round.pk}/close/"

    refused = client.post(address, {"reason": ""})
    closed = client.post(address, {"reason": "Second reader is ill"})

    assert refused.status_code == 422 and "has read 0 of 2" in text(refused)
    assert closed.status_code == 302
    assert "Second reader is ill" in text(client.get(round.get_absolute_url()))


def test_third_reader_of_what_differs(cast: Cast, readers: list[User]) -> None:
    """Reads those pairs alone, blind as the first; the median is of three then, and both first readings stay."""
    patient, other = head(cast), head(cast)
    round = opened(cast, readers)
    first, second = round.places.order_by("added_at")
    for place, change in ((first, 2), (second, -1)):
        for shown in place.shown.all():
            rounds.reading(shown, change if shown.pair.later.patient == patient else 1)
    third = factories.member(cast.clinic, Role.BLIND_READER)
    client, address = cast.client(cast.manager), f"/evidence/reading/{round.pk}/readers/"
    actions.close_round(round, reason="", by=cast.manager)
    assert "On 1 pair the first readers were two steps apart or more" in text(client.get(round.get_absolute_url()))

    assert client.post(address, {"reader": third.pk}).status_code == 302

    place = round.places.get(reader=third)
    [shown] = place.shown.all()
    reader = cast.client(third)
    assert "Pair 1 of 1" in text(reader.get(shown.get_absolute_url()))
    told = {"answer": str(1 if shown.later_is_right else -1), "_sentinel": "1"}
    assert reader.post(shown.get_absolute_url(), told)["Location"] == "/reading/"
    [pair], [agreed] = read_pairs(patient), read_pairs(other)
    assert [(each.change, each.is_third) for each in pair.readings] == [(2, False), (-1, False), (1, True)]
    assert (pair.median, pair.is_apart, pair.readers) == (1.0, True, 3)
    assert agreed.readers == 2


def test_results_of_a_round(cast: Cast, readers: list[User]) -> None:
    """Against figures worked out by hand: six patients, read as +1, and as +2 or 0 in turn; a null pair as 1."""
    patients = [head(cast, BASELINE, datetime.date(2025, 7, 10)) for _ in range(6)]
    round = rounds.reading_round(cast.clinic, by=cast.manager)
    real = [rounds.pair(round, *patient.photos.order_by("taken_on")) for patient in patients]
    one_month = [
        rounds.pair(
            round,
            factories.photo(patient, taken_on=datetime.date(2025, 7, 10), **CARD),
            factories.photo(patient, taken_on=datetime.date(2025, 7, 11), **CARD),
            kind="null",
        )
        for patient in patients[:5]
    ]
    repeat = rounds.pair(round, real[0].earlier, real[0].later, kind="repeat", repeats=real[0])
    for reader, changes in zip(readers, ([1, 1, 1, 1, 1, 1], [2, 0, 2, 0, 2, 0]), strict=True):
        place = rounds.place(round, reader)
        for shown, change in zip(rounds.shown(place, real), changes, strict=True):
            rounds.reading(shown, change)
    first = round.places.order_by("added_at")[0]
    for position, (pair, change) in enumerate(zip([*one_month, repeat], [1, 0, 0, 0, 0, 1], strict=True), 7):
        shown = first.shown.create(
            pair=pair, position=position, later_is_right=pair.kind != "repeat", token=f"token{position}"
        )
        rounds.reading(shown, change)
    second = round.places.order_by("added_at")[1]
    for position, (pair, change) in enumerate(zip(one_month, [1, 0, 0, 0, 0], strict=True), 7):
        rounds.reading(
            second.shown.create(pair=pair, position=position, later_is_right=True, token=f"other{position}"), change
        )
    round.closed_at, round.closed_by = timezone.now(), cast.manager
    round.save()

    closed = figures.read(round)

    lines = {line.label: line for line in figures.results(closed)}
    mean = lines["Mean reading, comparable pairs of two Months"]
    # Medians 1.5, 0.5, 1.5, 0.5, 1.5, 0.5: mean 1, s 0.5477, t(5) 2.5706: 1 ± 0.575.
    assert (mean.value, mean.interval, mean.n) == (
        "+1.00",
        "+0.43 to +1.57",
        "6 patients, 6 pairs of 6; 2 readers each",
    )
    null = lines["Mean reading, pairs of one Month"]
    # 1, 0, 0, 0, 0: mean 0.2, s 0.4472, t(4) 2.7764: 0.2 ± 0.555.
    assert (null.value, null.interval, null.n) == (
        "+0.20",
        "−0.36 to +0.76",
        "5 patients, 5 pairs of 5; 2 readers each",
    )
    gain = lines["Read as a gain, pairs of one Month: the false-gain rate"]
    assert (gain.value, gain.interval, gain.n) == ("20 %", "4 % to 62 %", "1 of 5 pairs; 2 readers each")
    agreement = {line.label: line for line in figures.agreement(closed)}
    assert agreement["The same reading"].value == "0 %" and agreement["Within one step"].value == "100 %"
    assert agreement["Weighted kappa, linear"].interval == "With fewer than 80 pairs no interval is given."
    own = {line.label: line for line in figures.of_each_reader(closed)}
    again = own[f"{readers[0]}: the same again"]
    assert (again.value, again.interval) == ("1 of 1", "+1 then +1. Too few for an interval.")
    # Always the later on the right but once, and read as 1 six times of twelve, the repeat from the left.
    assert own[f"{readers[0]}: right against left"].n == "12 readings"
    assert dict(closed.distribution) == {-3: 0, -2: 0, -1: 0, 0: 3, 1: 6, 2: 3, 3: 0}


def test_one_answer_alone_has_no_kappa(cast: Cast, readers: list[User]) -> None:
    """Where everybody always says the same, kappa cannot be computed, is not 0 or 1, and AC2 stands beside it."""
    patients = [head(cast) for _ in range(5)]
    round = opened(cast, readers)
    read_all(round, 0)
    actions.close_round(round, reason="", by=cast.manager)

    lines = {line.label: line for line in figures.agreement(figures.read(round))}

    assert len(patients) == 5 and lines["Weighted kappa, linear"].value == "cannot be computed"
    assert "All readings are in one category" in lines["Weighted kappa, linear"].interval
    assert lines["Gwet’s AC2, linear, as one answer prevails"].value == "+1.00"


def test_round_nobody_has_read(cast: Cast, readers: list[User]) -> None:
    """Closed without a reading it says so, in words and never as 0 or NaN."""
    head(cast)
    round = opened(cast, readers)
    actions.close_round(round, reason="Given up", by=cast.manager)

    page = text(cast.client(cast.manager).get(round.get_absolute_url()))

    assert "none was read" in page and "nan" not in page.lower().replace("anagen", "")


def test_file_has_every_reading(cast: Cast, readers: list[User]) -> None:
    """With a line for each column in the file beside it; on the trail; only by the right to export."""
    head(cast)
    round = opened(cast, readers)
    read_all(round, 1)
    actions.close_round(round, reason="", by=cast.manager)
    client, address = cast.client(cast.manager), f"/evidence/reading/{round.pk}/"

    rows = list(csv.DictReader(io.StringIO(_file(client.get(f"{address}readings.csv")))))
    columns = list(csv.DictReader(io.StringIO(_file(client.get(f"{address}columns.csv")))))

    assert len(rows) == Reading.objects.count() == 4
    assert [line["column"] for line in columns] == list(rows[0])
    assert {(row["later_against_earlier"], row["earlier_month"], row["later_month"]) for row in rows} == {
        ("1", "Month 0", "Month 6")
    }
    assert {row["right_against_left"] for row in rows if row["later_side"] == "left"} <= {"-1"}
    assert AuditEvent.objects.filter(action="exported_readings").count() == 1
    assert cast.client(cast.nurse).get(f"{address}readings.csv").status_code == 403


def _file(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_page_costs_the_same_for_any_number(
    cast: Cast, readers: list[User], django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        head(cast)
    round = opened(cast, readers)
    read_all(round, 1)
    actions.close_round(round, reason="", by=cast.manager)
    client = cast.client(cast.manager)
    client.get(round.get_absolute_url())

    with django_assert_max_num_queries(34):
        client.get(round.get_absolute_url())


def test_merge_and_move_follow_the_record(cast: Cast, readers: list[User]) -> None:
    """Of merged records the reading is in the one that survives; a photo moved elsewhere takes its pair out, and the
    round says why; an archived patient's readings stay."""
    merged, survivor, moved, archived = head(cast), factories.patient(cast.clinic), head(cast), head(cast)
    round = opened(cast, readers)
    read_all(round, 1)
    actions.close_round(round, reason="", by=cast.manager)
    Photo.objects.filter(patient=merged).update(patient=survivor)
    Photo.objects.filter(pk=moved.photos.latest("taken_on").pk).update(patient=factories.patient(cast.clinic))
    Patient.objects.filter(pk=archived.pk).update(archived_at=timezone.now())

    page = text(cast.client(cast.manager).get(round.get_absolute_url()))

    assert [len(read_pairs(each)) for each in (merged, survivor, moved, archived)] == [0, 1, 0, 1]
    assert "Not counted, by what the record says today: 1 pair: a photo was moved to another patient." in page


def test_struck_out_counts_nowhere(cast: Cast, readers: list[User]) -> None:
    patient = head(cast)
    round = opened(cast, readers)
    read_all(round, 1)
    actions.close_round(round, reason="", by=cast.manager)
    struck = {"struck_out_at": timezone.now(), "struck_out_by": cast.nurse, "struck_out_reason": "Another head"}
    Photo.objects.filter(pk=patient.photos.latest("taken_on").pk).update(**struck)

    assert read_pairs(patient) == []
    assert "1 pair: a photo was struck out" in text(cast.client(cast.manager).get(round.get_absolute_url()))


def test_withdrawn_consent_keeps_readings(cast: Cast, readers: list[User]) -> None:
    """The reading was made while it was allowed and is no photograph: it stays in the record."""
    patient = head(cast)
    round = opened(cast, readers)
    read_all(round, 1)
    actions.close_round(round, reason="", by=cast.manager)
    Consent.objects.filter(patient=patient).update(withdrawn_on=timezone.localdate(), withdrawn_by=cast.nurse)

    assert [pair.median for pair in read_pairs(patient)] == [1.0]
    assert Assessment.objects.count() == 0
