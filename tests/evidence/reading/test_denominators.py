"""What a closed round says of the pairs that have no result, and of readers who are too few."""

import datetime
import re

import pytest
from django.utils import timezone

from clinic.staff.actions import change_member
from clinic.staff.models import Membership, Role, User
from tests import factories
from tests.evidence.reading import rounds
from tests.evidence.reading.rounds import head, opened
from tests.people import Cast
from treatments.evidence.reading import actions, figures
from treatments.evidence.reading.places import progress_of
from treatments.evidence.reading.round_page import results_context
from treatments.models import Consent, Patient, Photo, ReadingRound

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def readers(cast: Cast) -> list[User]:
    return [cast.blind_reader, factories.member(cast.clinic, Role.BLIND_READER, name="Second Reader")]


def test_what_nobody_read_is_counted(cast: Cast, readers: list[User]) -> None:
    """Of eight pairs five have a result, one is one reader's word, one could not be judged by both, one was not read:
    each is named beside the result, and the progress does not say that all was read."""
    for _ in range(8):
        head(cast)
    round = opened(cast, readers, repeat_percent=10)
    real = list(round.pairs.filter(kind="real").order_by("pk"))
    told: list[list[int | None]] = [[1, 1], [2, 1], [0, 0], [1, 0], [-1, -1], [1, None], [3], []]
    for place, number in zip(round.places.order_by("added_at"), (0, 1), strict=True):
        shown = {each.pair_id: each for each in place.shown.all()}
        for pair, changes in zip(real, told, strict=True):
            if len(changes) > number:
                rounds.reading(shown[pair.pk], changes[number])
    actions.close_round(round, reason="The second reader is ill", by=cast.manager)

    lines = {line.label: line for line in figures.results(figures.read(ReadingRound.objects.get(pk=round.pk)))}
    page = cast.client(cast.manager).get(round.get_absolute_url()).content.decode()

    # Medians 1, 1.5, 0, 0.5, -1: mean 0.4. A gain are three of the six that both have answered.
    mean = lines["Mean reading, comparable pairs of two Months"]
    gain = lines["Read as a gain, comparable pairs of two Months"]
    rest = "1 could not be judged by two readers; 1 answered by one reader alone; 1 not read; 2 readers each"
    assert (mean.value, mean.n) == ("+0.40", f"5 patients, 5 pairs of 8; {rest}")
    assert (gain.value, gain.n) == ("50 %", f"3 of 6 pairs; {rest}")
    assert "7 of 9" in page and "6 of 9" in page
    # What one reader saw alone is listed, and is no median: one pair the other could not judge, one they did not read.
    assert page.count('<td data-label="Median">one reader alone</td>') == 2
    assert '<td data-label="Median">+3</td>' not in page


def test_one_reader_alone_has_no_result(cast: Cast, readers: list[User]) -> None:
    for _ in range(6):
        head(cast)
    round = opened(cast, readers)
    for shown in round.places.order_by("added_at")[0].shown.all():
        rounds.reading(shown, 2)
    actions.close_round(round, reason="The second reader is ill", by=cast.manager)

    closed = figures.read(ReadingRound.objects.get(pk=round.pk))

    lines = [line for line in figures.results(closed) if "two Months" in line.label]
    assert {line.value for line in lines} == {"no result"}
    assert all("6 answered by one reader alone" in line.n for line in lines)
    assert figures.agreement(closed)[0].value == "one reader"


def test_reader_who_came_to_know_a_patient(cast: Cast) -> None:
    """Who graded somebody after the round was opened is not shown them any more; what was read stays."""
    patients = [head(cast) for _ in range(3)]
    first, second = (factories.member(cast.clinic, Role.CLINICIAN) for _ in range(2))
    round = opened(cast, [first, second])
    place = round.places.get(reader=first)
    before = progress_of(round)[0]
    factories.assessment(patients[0], assessor=first)

    after = next(each for each in progress_of(round) if each.place == place)

    assert before.gone == 0 and after.gone > 0
    assert patients[0] not in {each.pair.later.patient for each in after.to_read}


def test_three_readers_of_one_answer(cast: Cast, readers: list[User]) -> None:
    """Alpha cannot be computed where all say the same; that all pairs were judged is said all the same."""
    for _ in range(3):
        head(cast)
    round = opened(cast, [*readers, factories.member(cast.clinic, Role.BLIND_READER)])
    for place in round.places.all():
        for shown in place.shown.all():
            rounds.reading(shown, 1)
    actions.close_round(round, reason="", by=cast.manager)

    [alpha] = figures.agreement(figures.read(ReadingRound.objects.get(pk=round.pk)))

    assert (alpha.value, alpha.n) == ("cannot be computed", "3 pairs of 3, judged by two or more")


def test_why_a_pair_is_not_shown(cast: Cast, readers: list[User]) -> None:
    """Of four pairs two are left: progress names the reason of each of the others, and a closed round still does. What
    ends after that day changes nothing of it."""
    patients = [head(cast) for _ in range(4)]
    round = opened(cast, readers, repeat_percent=10)
    client, address = cast.client(cast.manager), round.get_absolute_url()
    _withdraw(patients[0], cast)
    Photo.objects.filter(patient=patients[1]).update(
        struck_out_at=timezone.now(), struck_out_by=cast.nurse, struck_out_reason="Entered twice"
    )
    for place in round.places.all():
        for shown in place.shown.filter(pair__kind="real", pair__later__patient__in=patients[2:]):
            rounds.reading(shown, 1)
        for shown in place.shown.filter(pair__kind="repeat"):
            if shown.pair.later.patient in patients[2:]:
                rounds.reading(shown, 1)
    gone = {each.gone_in_words for each in progress_of(round)}
    page = client.get(address).content.decode()
    actions.close_round(round, reason="", by=cast.manager)
    ReadingRound.objects.update(closed_at=timezone.now() - datetime.timedelta(days=3))
    Consent.objects.update(given_on=timezone.localdate() - datetime.timedelta(days=9))
    Consent.objects.filter(patient=patients[0]).update(withdrawn_on=timezone.localdate() - datetime.timedelta(days=4))
    _withdraw(patients[2], cast)
    closed = client.get(address).content.decode()

    [told] = gone
    assert "no valid consent covers this reader" in told and "a photo was struck out" in told
    assert told in page and told in closed
    assert ">none<" not in re.sub(r"\s", "", closed.partition('id="progress-h"')[2])
    assert {each.gone_in_words for each in progress_of(ReadingRound.objects.get(pk=round.pk))} == gone


def _withdraw(patient: Patient, cast: Cast) -> None:
    Consent.objects.filter(patient=patient).update(withdrawn_on=timezone.localdate(), withdrawn_by=cast.nurse)


def test_agreement_of_fewer_than_five(cast: Cast, readers: list[User]) -> None:
    """What both said is listed: neither share nor interval nor kappa."""
    for _ in range(3):
        head(cast)
    round = opened(cast, readers, repeat_percent=10)
    for place, change in zip(round.places.order_by("added_at"), (1, 2), strict=True):
        for shown in place.shown.all():
            rounds.reading(shown, change)
    actions.close_round(round, reason="", by=cast.manager)

    same, near = figures.agreement(figures.read(ReadingRound.objects.get(pk=round.pk)))

    assert (same.value, near.value) == ("0 of 3", "3 of 3")
    assert "%" not in same.interval + near.interval
    assert same.interval.count("+1") == same.interval.count("+2") == 3
    assert same.n == "3 pairs of 3, judged by both"


def test_one_reading_has_no_median(cast: Cast, readers: list[User]) -> None:
    """The column of medians is that of results: what one reader saw stands under the readings alone."""
    head(cast)
    round = opened(cast, readers)
    rounds.reading(round.places.order_by("added_at")[0].shown.filter(pair__kind="real").get(), 2)
    actions.close_round(round, reason="The second reader is ill", by=cast.manager)

    [row] = results_context(ReadingRound.objects.get(pk=round.pk))["rows"]

    assert (row.median, row.readings) == ("one reader alone", "+2")


def test_reader_of_another_role(cast: Cast, readers: list[User]) -> None:
    """Who was made a nurse reads no more: the page of the round says so, and so does what is behind."""
    head(cast)
    round = opened(cast, readers)
    membership = Membership.objects.get(user=readers[1])
    change_member(membership, role=Role.NURSE, is_active=True, by=cast.manager)

    page = cast.client(cast.manager).get(round.get_absolute_url()).content.decode()

    assert "Second Reader (has another role now)" in page
    assert "Second Reader, who has another role now, has read 0 of 2." in page
