"""Who responded by what blinded readers said, once their round is closed."""

import pytest

from tests import factories
from tests.evidence.outcomes.test_page import BEGUN, computed, page, treated
from tests.evidence.reading import rounds
from tests.people import Cast
from treatments.evidence.outcomes.models import ResponderDefinition
from treatments.records.months import add_months


def define(cast: Cast, least: int, number: int) -> None:
    told = {"name": "Read blind", "measure": "reading", "month": 6, "least": least, "number": number}
    ResponderDefinition.objects.create(clinic=cast.clinic, created_by=cast.manager, **told)


@pytest.mark.any_database
def test_a_median_of_readers_decides(cast: Cast) -> None:
    """Of three patients one was read +1, one 0; the third has a pair of another Month, and is not known."""
    readers = [factories.member(cast.clinic) for _ in range(3)]
    for answers, month in (((2, 1, -1), 6), ((0, 0, 3), 6), ((3, 3, 3), 4)):
        course = treated(cast)
        photos = [factories.photo(course.patient, taken_on=day) for day in (BEGUN, add_months(BEGUN, month))]
        round = rounds.reading_round(cast.clinic, by=cast.manager)
        pair = rounds.pair(round, *photos)
        for reader, answer in zip(readers, answers, strict=True):
            [shown] = rounds.shown(rounds.place(round, reader), [pair])
            rounds.reading(shown, answer)
        type(round).objects.filter(pk=round.pk).update(closed_at="2026-01-01T10:00Z", closed_by=cast.manager)
    computed(cast)

    define(cast, 1, 1)
    assert "<b>1 of 2</b>" in page(cast)
    assert "at Month 6, 3 readers of each pair. Estimates never count" in page(cast)
    define(cast, 0, 2)
    assert "<b>2 of 2</b>" in page(cast)
    type(round).objects.update(closed_at=None, closed_by=None)
    assert "Of 3 due, this is known of nobody." in page(cast)
