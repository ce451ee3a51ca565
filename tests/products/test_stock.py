"""received = in stock + given + discarded, held by the database, for open, finished and recalled lots."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import lot_of, planned
from treatments.models import Correction, Course, ExosomeSession, Lot, StockMovement
from treatments.products import actions
from treatments.products.stock import columns
from treatments.recall import actions as lot_actions
from treatments.sessions.log.actions import correct_session, log_session, strike_out_session

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()
YESTERDAY = TODAY - datetime.timedelta(days=1)


def give(course: Course, lot: Lot, ml: str = "3", on: datetime.date = TODAY) -> ExosomeSession:
    lot = Lot.objects.get(pk=lot.pk)
    session = ExosomeSession(
        clinic=course.clinic, patient=course.patient, course=course, lot=lot, product=lot.product, performed_on=on
    )
    return log_session(session, volumes={"vertex": Decimal(ml)}, by=course.created_by)


def parts(lot: Lot) -> tuple[Decimal, ...]:
    """Received, in stock, given, discarded."""
    lot.refresh_from_db()
    assert lot.balance.is_kept
    return (lot.received_ml, lot.stock_ml, lot.given_ml, lot.discarded_ml)


def finish(lot: Lot, cast: Cast, on: datetime.date = TODAY) -> Lot:
    lot.refresh_from_db()
    return lot_actions.finish_lot(lot, on=on, note="", expected_version=lot.version, by=cast.nurse)


def text(response: Any) -> str:
    return str(response.content.decode())


# ── The database ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "wrong",
    [
        {"stock_ml": "9.99"},
        {"received_ml": "10.01"},
        {"given_ml": "0.01"},
        {"discarded_ml": "0.01"},
        {"excess_ml": "0.01"},
        {"given_ml": "-1", "discarded_ml": "1"},
        {"discarded_ml": "-1", "given_ml": "1"},
        {"excess_ml": "-1", "stock_ml": "9"},
    ],
)
def test_database_keeps_the_equation(cast: Cast, wrong: dict[str, str]) -> None:
    """A row whose parts do not add up to the hundredth is refused by the database."""
    lot = lot_of(cast, received_ml=Decimal("10"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Lot.objects.filter(pk=lot.pk).update(**{name: Decimal(value) for name, value in wrong.items()})
    with pytest.raises(IntegrityError), transaction.atomic():
        StockMovement.objects.create(lot=lot, kind="counted", stock_ml=Decimal("0.01"))


def test_database_counts_in_decimals(cast: Cast) -> None:
    """0.1 + 0.2 is 0.3, also where a decimal is kept as a binary fraction."""
    lot = lot_of(cast, received_ml=Decimal("0.30"))
    for values in (("0.1", "0.2", "0"), ("0.07", "0.19", "0.04"), ("0.29", "0.01", "0")):
        told = dict(zip(("stock_ml", "given_ml", "discarded_ml"), map(Decimal, values), strict=True))
        assert Lot.objects.filter(pk=lot.pk).update(**told) == 1


def test_a_movement_is_never_deleted(cast: Cast) -> None:
    lot = lot_of(cast)
    with pytest.raises(TypeError, match="never deleted"):
        lot.movements.get().delete()


# ── Sessions of a lot that is out of use ───────────────────────────────────────────────────────


def test_finish_put_back_strike_out(cast: Cast) -> None:
    """Finished, put back with 10 mL as counted, its session of 3 mL struck out: 10 of 10 mL, not 13."""
    course, lot = planned(cast), lot_of(cast, received_ml=Decimal("10"))
    session = give(course, lot)
    finished = finish(lot, cast)
    told = {"reason": "all are there", "expected_version": finished.version, "by": cast.nurse}
    with pytest.raises(ValidationError, match="3 mL of it given: at most 7 mL can be left"):
        actions.put_back(finished, stock_ml=Decimal("10"), **told)
    actions.put_back(finished, stock_ml=Decimal("7"), **told)
    strike_out_session(session, reason="was not given", expected_version=1, by=cast.clinician)
    assert parts(lot) == (10, 10, 0, 0)


def test_finished_lot_gets_no_stock(cast: Cast) -> None:
    """What comes back to a finished lot counts as discarded, and the ledger says why."""
    course, lot = planned(cast), lot_of(cast, received_ml=Decimal("10"))
    session = give(course, lot)
    finish(lot, cast)
    strike_out_session(session, reason="wrong patient", expected_version=1, by=cast.clinician)
    assert parts(lot) == (10, 0, 0, 10)
    last = lot.movements.order_by("at", "id").last()
    assert last is not None
    assert (last.kind, last.session_id, last.reason) == ("given_back", session.pk, "Struck out: wrong patient")
    assert (last.by, last.discarded_ml, last.stock_ml) == (cast.clinician, 3, 0)


def test_finished_takes_yesterdays_session(cast: Cast) -> None:
    """A session of a day on which the lot was in use takes from what was counted as discarded; of a later day none."""
    course, lot = planned(cast), lot_of(cast, received_ml=Decimal("10"))
    finish(lot, cast, YESTERDAY)
    give(course, lot, "4", on=YESTERDAY)
    assert parts(lot) == (10, 0, 4, 6)
    with pytest.raises(ValidationError, match="is finished"):
        give(course, lot, "3", on=TODAY)
    with pytest.raises(ValidationError, match="Only 6 mL of lot .* was counted as discarded"):
        give(course, lot, "7", on=YESTERDAY - datetime.timedelta(days=1))
    assert parts(lot) == (10, 0, 4, 6)


def test_finished_lots_session_is_corrected(cast: Cast) -> None:
    """More, less, another day, another lot: a finished lot follows without getting stock."""
    course, lot = planned(cast), lot_of(cast, received_ml=Decimal("10"))
    other = lot_of(cast, received_ml=Decimal("10"))
    session = give(course, lot, on=YESTERDAY)
    finish(lot, cast, YESTERDAY)

    def correct(ml: str, **changes: Any) -> None:
        session.refresh_from_db()
        told = {"changes": changes, "reason": "misread", "expected_version": session.version, "by": cast.nurse}
        correct_session(session, volumes={"vertex": Decimal(ml)}, **told)

    correct("5")
    assert parts(lot) == (10, 0, 5, 5)
    correct("2")
    assert parts(lot) == (10, 0, 2, 8)
    with pytest.raises(ValidationError, match="is finished"):
        correct("2", performed_on=TODAY)
    correct("2", performed_on=YESTERDAY - datetime.timedelta(days=1))
    correct("2.5", lot=other, product=other.product)
    assert (parts(lot), parts(other)) == ((10, 0, 0, 10), (10, Decimal("7.5"), Decimal("2.5"), 0))


def test_finished_and_then_recalled_lot(cast: Cast) -> None:
    """A lot recalled after it was finished keeps its rest discarded, and takes the sessions of its days."""
    course, lot = planned(cast), lot_of(cast, received_ml=Decimal("10"))
    finished = finish(lot, cast, YESTERDAY)
    actions.recall(finished, reason="maker's notice", expected_version=finished.version, by=cast.nurse)
    session = give(course, lot, on=YESTERDAY)
    assert parts(lot) == (10, 0, 3, 7)
    strike_out_session(session, reason="wrong lot", expected_version=1, by=cast.nurse)
    assert parts(lot) == (10, 0, 0, 10)


def test_recalled_lot_keeps_what_is_there(cast: Cast) -> None:
    """What a recalled lot has is still there to be sent back: nothing of it is discarded by the recall."""
    course, lot = planned(cast), lot_of(cast, received_ml=Decimal("10"))
    session = give(course, lot)
    lot.refresh_from_db()
    actions.recall(lot, reason="maker's notice", expected_version=1, by=cast.nurse)
    assert parts(lot) == (10, 7, 3, 0)
    strike_out_session(session, reason="not given", expected_version=1, by=cast.nurse)
    assert parts(lot) == (10, 10, 0, 0)


def test_lot_is_not_finished_before_its_use(cast: Cast) -> None:
    """A lot is not finished before the last session that used it, nor before it was received."""
    course, lot = planned(cast), lot_of(cast)
    give(course, lot, on=TODAY)
    with pytest.raises(ValidationError, match="was last given on"):
        finish(lot, cast, YESTERDAY)
    with pytest.raises(ValidationError, match="was received on"):
        finish(lot_of(cast, received_on=TODAY), cast, YESTERDAY)


# ── Counting and correcting ────────────────────────────────────────────────────────────────────


def count(lot: Lot, ml: str, cast: Cast, **told: Any) -> Lot:
    lot.refresh_from_db()
    reason = {"reason": "month's end", "expected_version": lot.version, "by": cast.nurse}
    return actions.count(lot, stock_ml=Decimal(ml), **(reason | told))


def test_what_is_missing_is_discarded(cast: Cast) -> None:
    """A count short of the books is discarded, and found again by the next."""
    lot = lot_of(cast, received_ml=Decimal("10"))
    count(lot, "8.5", cast)
    assert parts(lot) == (10, Decimal("8.5"), 0, Decimal("1.5"))
    count(lot, "10", cast)
    assert parts(lot) == (10, 10, 0, 0)
    assert [each.reason for each in lot.movements.filter(kind="counted").order_by("at", "id")] == [
        "Counted: 8.5 mL. month's end",
        "Counted: 10 mL. month's end",
    ]


def test_vials_that_hold_more_than_noted(cast: Cast) -> None:
    """More than can be left is refused, unless more was received than was noted; the correction says so."""
    course, lot = planned(cast), lot_of(cast, received_ml=Decimal("10"))
    give(course, lot)
    with pytest.raises(ValidationError, match="at most 7 mL can be left"):
        count(lot, "7.2", cast)
    count(lot, "7.2", cast, received_more=True)
    assert parts(lot) == (Decimal("10.2"), Decimal("7.2"), 3, 0)
    changes = {change["field"]: (change["before"], change["after"]) for change in Correction.objects.get().changes}
    assert changes == {"received_ml": ("10", "10.2"), "stock_ml": ("7", "7.2")}


def test_a_count_that_agrees_writes_nothing(cast: Cast) -> None:
    lot = lot_of(cast, received_ml=Decimal("10"))
    assert count(lot, "10", cast).version == 1
    assert lot.movements.count() == 1 and not Correction.objects.exists()


def test_count_sent_twice_counts_once(cast: Cast) -> None:
    """A double click counts once; another count from the same page is told that the lot changed."""
    lot = lot_of(cast, received_ml=Decimal("10"))
    for _ in range(2):
        count(lot, "8", cast, expected_version=1)
    assert parts(lot) == (10, 8, 0, 2) and lot.version == 2
    url = reverse("products:lot-count", args=[lot.pk])
    answer = cast.client(cast.nurse).post(url, {"version": "1", "stock_ml": "6", "reason": "again"})
    assert answer.status_code == 409 and "Somebody else changed this lot" in text(answer)


def test_finished_lots_stock_is_counted_out(cast: Cast) -> None:
    """An earlier release left stock in finished lots: the page asks, and the count ends it."""
    lot = lot_of(cast, received_ml=Decimal("10"), state="finished", finished_on=TODAY, stock_ml=Decimal("3"))
    client = cast.client(cast.nurse)
    assert "It is finished, but the record says 3 mL is in stock" in text(client.get(lot.get_absolute_url()))
    assert "count it" in text(client.get(reverse("recall:index")))
    with pytest.raises(ValidationError, match="(put it|Put) back in stock"):
        count(lot, "3", cast)
    count(lot, "0", cast)
    assert parts(lot) == (10, 0, 0, 10)
    assert "Count this lot" not in text(client.get(lot.get_absolute_url()))


def test_excess_of_old_books_is_asked_about(cast: Cast) -> None:
    """13 mL of 10 received, as an earlier release left it, is shown as it is, asked about, and settled by a count."""
    lot = lot_of(cast, received_ml=Decimal("10"), stock_ml=Decimal("13"), excess_ml=Decimal("3"))
    client = cast.client(cast.nurse)
    assert "only 10 mL was received: 3 mL too many" in text(client.get(lot.get_absolute_url()))
    url = reverse("products:lot-count", args=[lot.pk])
    post = {"version": "1", "stock_ml": "13", "reason": "all vials counted"}
    refused = client.post(url, post)
    assert refused.status_code == 422 and 'name="received_more"' in text(refused)
    assert client.post(url, post | {"stock_ml": "10"}).status_code == 302
    assert parts(lot) == (10, 10, 0, 0)


def test_count_page_says_what_books_say(cast: Cast) -> None:
    """The page of a count asks whether more was received only when more was counted."""
    lot = lot_of(cast, received_ml=Decimal("14.8"))
    client, url = cast.client(cast.nurse), reverse("products:lot-count", args=[lot.pk])
    page = text(client.get(url))
    assert "The record says 14.8 mL (2 vials and 4.8 mL)" in page and "received_more" not in page
    post = {"version": "1", "stock_ml": "15", "reason": "three whole vials"}
    assert "or write that more was received" in text(client.post(url, post))
    assert client.post(url, post | {"received_more": "on"}).status_code == 302
    assert parts(lot) == (15, 15, 0, 0)


def test_sessions_follow_the_lots_product(cast: Cast) -> None:
    """A lot that was received under the wrong product takes its sessions with it, each with its correction."""
    course, lot = planned(cast), lot_of(cast)
    session, right = give(course, lot), factories.product(cast.clinic)
    told = {"reason": "label read again", "expected_version": 1, "by": cast.nurse}
    lot_actions.correct_lot(lot, changes={"product": right}, **told)
    session.refresh_from_db()
    assert (session.product, session.version) == (right, 2)
    correction = Correction.objects.get(record_id=session.pk)
    assert correction.reason == f"The product of lot {lot} was corrected: label read again"
    assert parts(lot) == (100, 97, 3, 0)


def test_received_corrected_when_finished(cast: Cast) -> None:
    """More received than was noted of a lot that is finished: it was discarded, not put in stock."""
    course, lot = planned(cast), lot_of(cast, received_ml=Decimal("10"))
    give(course, lot)
    finished = finish(lot, cast)
    told = {"reason": "misread", "expected_version": finished.version, "by": cast.nurse}
    lot_actions.correct_lot(finished, changes={"received_ml": Decimal("12")}, **told)
    assert parts(lot) == (12, 0, 3, 9)


# ── The ledger ─────────────────────────────────────────────────────────────────────────────────


def test_ledger_tells_every_movement(cast: Cast) -> None:
    """The lot's page shows the last movements, its ledger all of them, and they add up to what the lot has."""
    course, lot = planned(cast), lot_of(cast, received_ml=Decimal("100"))
    sessions = [give(course, lot, on=TODAY - datetime.timedelta(days=days)) for days in range(7)]
    strike_out_session(sessions[0], reason="wrong lot chosen", expected_version=1, by=cast.nurse)
    count(lot, "80", cast)
    client = cast.client(cast.reader)
    page, ledger = (
        text(client.get(url)) for url in (lot.get_absolute_url(), reverse("recall:lot-stock", args=[lot.pk]))
    )
    assert "All 10 movements" in page
    assert "Given back. Struck out: wrong lot chosen" in ledger and "Counted: 80 mL. month&#x27;s end" in ledger
    assert ledger.count(f">session of {sessions[3].when.label()}</a>, Ida Invented") == 1
    lot.refresh_from_db()
    totals = columns(lot.balance)
    for name, total in totals.items():
        assert sum(getattr(each, name) for each in lot.movements.all()) == total
    assert totals["given_ml"] == 18


def test_ledger_of_another_clinic(cast: Cast) -> None:
    lot = lot_of(cast)
    assert cast.client(cast.stranger).get(reverse("recall:lot-stock", args=[lot.pk])).status_code == 404
    assert cast.client(cast.reception).get(reverse("recall:lot-stock", args=[lot.pk])).status_code == 403
