"""The register of adverse events: what it lists, in what order, out of how many sessions."""

import datetime
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.people import Cast
from treatments.models import AdverseEvent, Lot

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


def given(cast: Cast, lot: Lot, *, days: int = 10, asked: str = "not_asked", **event: Any) -> AdverseEvent | None:
    patient = factories.patient(cast.clinic)
    told = {"performed_on": ago(days), "lot": lot, "product": lot.product, "reactions": asked}
    session = factories.exosome_session(factories.course(patient), **told)
    if not event:
        return None
    values = {"happened": ago(days), "exosome_session": session, **event}
    return factories.adverse_event(patient, **values)


def ask(cast: Cast, query: str = "") -> Any:
    return cast.client(cast.reader).get(f"/adverse-events/{query}").context


def rows(cast: Cast, query: str = "") -> list[AdverseEvent]:
    return [row["event"] for row in ask(cast, query)["rows"]]


@pytest.fixture
def lot(cast: Cast) -> Lot:
    return factories.lot(factories.product(cast.clinic))


def test_open_serious_and_grave_come_first(cast: Cast, lot: Lot) -> None:
    """Open events come first, serious before grade before date."""
    mild = given(cast, lot, days=1, grade=1)
    old = given(cast, lot, days=50, grade=2)
    new = given(cast, lot, days=5, grade=2)
    serious = given(cast, lot, days=90, grade=1, is_serious=True, seriousness=["medically_important"])
    closed = given(cast, lot, grade=2, outcome="1")

    assert rows(cast) == [serious, new, old, mild]
    assert rows(cast, "?shown=serious") == [serious]
    assert closed in rows(cast, "?shown=all")


def test_filters_narrow_the_list(cast: Cast, lot: Lot) -> None:
    other_lot = factories.lot(factories.product(cast.clinic))
    itch = given(cast, lot, days=10, kind="pruritus", grade=2)
    ache = given(cast, other_lot, days=200, kind="headache", grade=1)

    assert rows(cast, "?kind=pruritus") == [itch]
    assert rows(cast, "?grade=2") == [itch]
    assert rows(cast, f"?lot={other_lot.pk}") == [ache]
    assert rows(cast, f"?product={lot.product_id}") == [itch]
    assert rows(cast, "?period=30") == [itch]
    assert set(rows(cast, "?kind=nonsense&grade=x&lot=1&product='&period=7")) == {itch, ache}


def test_events_are_counted_where_asked(cast: Cast, lot: Lot) -> None:
    """Events are counted against the sessions at which somebody asked for them; others are told of apart."""
    other_lot = factories.lot(lot.product)
    given(cast, lot, days=10, grade=1, outcome="1", asked="yes")
    for asked in ("none", "none", "not_asked"):
        given(cast, lot, days=10, asked=asked)
    given(cast, other_lot, days=200, grade=1)

    everything, one_lot = ask(cast)["counts"], ask(cast, f"?lot={lot.pk}")["counts"]

    assert (everything.all, everything.open, everything.in_asked, everything.elsewhere) == (2, 1, 1, 1)
    assert (everything.asked, everything.sessions, everything.patients_asked) == (3, 5, 3)
    assert (one_lot.all, one_lot.asked, one_lot.sessions, one_lot.for_a_hundred) == (1, 3, 4, None)
    page = cast.client(cast.reader).get("/adverse-events/").content.decode()
    text = " ".join(re.sub("<[^>]+>", "", page).split())
    assert "1 event in the 3 sessions where somebody asked (5 in all)" in text and "for every 100" not in text
    assert "1 of 3 patients asked had one" in text


def test_no_rate_where_nobody_asked(cast: Cast, lot: Lot) -> None:
    """Words stand in place of the figures, and "no event" is not said of sessions that nobody was asked about."""

    def page() -> str:
        found = cast.client(cast.reader).get("/adverse-events/").content.decode()
        return " ".join(re.sub("<[^>]+>", "", found).split())

    assert "No adverse event is recorded. No session yet." in page()
    given(cast, lot)
    assert "Nobody asked for events in the one session: whether there were some is not known" in page()
    for _ in range(39):
        given(cast, lot)
    told = page()
    assert "No adverse event is recorded. Nobody asked for events in any of 40 sessions" in told
    assert "0 events" not in told and "for every 100" not in told
    given(cast, lot, asked="none")
    assert "No adverse event is recorded. Somebody asked in 1 of 41 sessions." in page()


def test_rate_needs_enough_sessions_asked(cast: Cast, lot: Lot) -> None:
    """From thirty sessions at which somebody asked, a rate; a patient with three events counts once."""
    for _ in range(29):
        given(cast, lot, asked="none")
    first = given(cast, lot, grade=1, asked="yes")
    assert first
    for kind in ("pruritus", "bruising"):
        factories.adverse_event(first.patient, kind=kind, exosome_session=first.exosome_session)
    given(cast, lot, grade=1, asked="not_asked")

    counts = ask(cast)["counts"]

    assert (counts.in_asked, counts.asked, counts.for_a_hundred) == (3, 30, 10.0)
    assert (counts.patients_in_asked, counts.patients_asked) == (1, 30)


def test_lot_of_another_product_is_followed(cast: Cast, lot: Lot) -> None:
    """A lot that is corrected to another product takes its sessions along: each counts under one product."""
    before = lot.product
    event = given(cast, lot, grade=1, asked="yes")
    after = factories.product(cast.clinic)
    Lot.objects.filter(pk=lot.pk).update(product=after)

    old, new = (ask(cast, f"?shown=all&product={each.pk}") for each in (before, after))

    assert [row["event"] for row in new["rows"]] == [event] and old["rows"] == []
    assert (new["counts"].sessions, old["counts"].sessions) == (1, 0)
    session = event.exosome_session if event else None
    assert session
    page = cast.client(cast.reader).get(session.get_absolute_url()).content.decode()
    assert after.name in page and before.name not in page


def test_what_was_struck_out_is_not_counted(cast: Cast, lot: Lot) -> None:
    event = given(cast, lot, grade=1)
    assert event
    AdverseEvent.objects.filter(pk=event.pk).update(
        struck_out_at=event.created_at, struck_out_by=cast.nurse, struck_out_reason="other patient"
    )

    assert (rows(cast, "?shown=all"), ask(cast)["counts"].all) == ([], 0)


def test_other_clinics_events_do_not_exist(cast: Cast, lot: Lot) -> None:
    """Another clinic's events do not exist here."""
    given(cast, lot, grade=1)

    context = cast.client(cast.stranger).get("/adverse-events/?shown=all").context

    assert (context["rows"], context["counts"].sessions, context["choices"]["products"]) == ([], 0, [])


def test_an_empty_register_says_what_to_do(cast: Cast) -> None:
    """Whoever may report is told how; a reader is not told to do what readers may not."""
    page, of_reader = (cast.client(who).get("/adverse-events/").content.decode() for who in (cast.nurse, cast.reader))

    assert "No adverse event is recorded" in page and "press Report event" in page and "Find the patient" in page
    assert "No adverse event is recorded" in of_reader and "press Report event" not in of_reader


def test_a_closed_register_offers_the_others(cast: Cast, lot: Lot) -> None:
    given(cast, lot, grade=1, outcome="1")

    assert "Show all 1" in cast.client(cast.reader).get("/adverse-events/").content.decode()


def test_register_queries_do_not_grow(cast: Cast, lot: Lot) -> None:
    """The register costs the same number of queries for one event as for thirty."""
    client = cast.client(cast.reader)
    given(cast, lot, grade=3, is_serious=True, seriousness=["medically_important"], reported_on=ago(10))
    client.get("/adverse-events/")
    with CaptureQueriesContext(connection) as one:
        client.get("/adverse-events/")
    for _ in range(29):
        given(cast, lot, grade=3, is_serious=True, seriousness=["medically_important"], reported_on=ago(10))

    with CaptureQueriesContext(connection) as thirty:
        response = client.get("/adverse-events/")

    assert len(response.context["rows"]) == 30
    assert len(thirty) == len(one) <= 14


def test_long_registers_are_paged(cast: Cast, lot: Lot) -> None:
    for _ in range(52):
        given(cast, lot, grade=1)

    assert (len(rows(cast)), len(rows(cast, "?page=2"))) == (50, 2)
    assert "page=2" in cast.client(cast.reader).get("/adverse-events/").content.decode()
