"""What a closed round says of the pairs that have no result, and of readers who are too few."""

import pytest

from clinic.staff.models import Role, User
from tests import factories
from tests.evidence.reading import rounds
from tests.evidence.reading.rounds import head, opened
from tests.people import Cast
from treatments.evidence.reading import actions, figures
from treatments.evidence.reading.places import progress_of
from treatments.models import ReadingRound

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
    assert (mean.value, mean.n) == ("+0.4", f"5 patients, 5 pairs of 8; {rest}")
    assert (gain.value, gain.n) == ("50 %", f"3 of 6 pairs; {rest}")
    assert "7 of 9" in page and "6 of 9" in page


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
