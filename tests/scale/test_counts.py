"""The number of questions a page asks the database does not grow with what there is to show."""

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scripts.benching import long_courses
from scripts.benching.figures import Figures, meets
from tests import factories
from tests.people import Cast
from treatments.models import Lot, Patient

DAY = datetime.timedelta(days=1)
# One for each kind of row, whatever their number; among them laboratory results, what a session gave beside its first
# product, the sheets that went home, and the visits that are booked.
TIMELINE_QUERIES = 20
TIMELINE_KIB = 150


def asked(cast: Cast, path: str) -> int:
    client = cast.client(cast.clinician)
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)


def work(cast: Cast, lot: Lot, times: int) -> None:
    """Patients with something on every list of Today, and a session from the lot each."""
    day = timezone.localdate()
    for _ in range(times):
        patient = factories.patient(cast.clinic, name="Ida Invented", next_due_on=day)
        for on, until in ((0, 0), (-9, 9), (-9, -1), (3, 3)):
            told = {"next_due_on": day + on * DAY, "next_due_until": day + until * DAY, "final_photos_missing": True}
            course = factories.course(patient, last_session_on=day, **told)
        session = factories.exosome_session(course, lot=lot, performed_on=day)
        factories.adverse_event(patient, exosome_session=session)
        factories.lot(lot.product, expires_on=day + DAY)


@pytest.mark.parametrize(
    "path",
    [
        lambda lot: "/",
        lambda lot: "/patients/",
        lambda lot: "/patients/?q=ida",
        lambda lot: "/patients/?due=today&state=none",
        lambda lot: f"/patients/?after={Patient.objects.by_name().first().pk}",
        lambda lot: "/patients/find/?q=invented",
        lambda lot: lot.get_absolute_url(),
    ],
    ids=["today", "list", "list by text", "list by filters", "second page", "search", "lot"],
)
def test_list_queries_do_not_grow(cast: Cast, path: Callable[[Lot], str]) -> None:
    """One patient and thirty cost the same number of queries."""
    lot = factories.lot(factories.product(cast.clinic))
    work(cast, lot, 2)
    few = asked(cast, path(lot))

    work(cast, lot, 28)

    assert asked(cast, path(lot)) == few


def test_today_asks_as_often_on_an_empty_day(cast: Cast) -> None:
    empty = asked(cast, "/")
    work(cast, factories.lot(factories.product(cast.clinic)), 2)

    # With nobody due there is nobody whose consent or whose last call could be looked up, and without sessions and
    # events none whose further lots could be read.
    assert asked(cast, "/") == empty + 4


def test_timeline_queries_do_not_grow(cast: Cast) -> None:
    """The timeline costs the same number of queries at any length."""
    counts = {}
    for entries in (6, 60, 120):
        patient = factories.patient(cast.clinic)
        long_courses.write(patient, entries)
        counts[entries] = asked(cast, patient.get_absolute_url())

    assert set(counts.values()) == {counts[6]}
    assert counts[6] <= TIMELINE_QUERIES


def test_timeline_of_sixty_entries_is_small(cast: Cast) -> None:
    """A timeline of sixty entries is a small page."""
    patient = factories.patient(cast.clinic)
    long_courses.write(patient, 60)

    size = len(cast.client(cast.clinician).get(patient.get_absolute_url()).content)

    assert size < TIMELINE_KIB * 1024


@pytest.mark.parametrize(
    ("value", "bar", "met"),
    [(1.3, "<= 1.3", True), (1.301, "<= 1.3", False), (0, "= 0", True), (149.9, "< 150", True), (9, "no bar", True)],
)
def test_figure_meets_its_limit(value: float, bar: str, met: bool) -> None:
    """A figure is compared with its limit."""
    assert meets(value, bar) is met


@pytest.mark.parametrize(
    ("line", "short"),
    [
        ("figure: sqlite_edits_lost 0 edits (<= 0)", []),
        ("12MP_ratio 1.34 x (<= 1.3)", ["12MP_ratio is 1.34, promised <= 1.3"]),
        ("typing_lost nan s (<= 5)", ["typing_lost is nan, promised <= 5"]),
    ],
)
def test_a_line_of_another_program_is_judged(line: str, short: list[str]) -> None:
    figures = Figures()

    assert figures.pass_on(line)
    assert figures.fallen_short == short
    assert not figures.pass_on("3 passed in 2.10s")
