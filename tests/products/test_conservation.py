"""Whatever is done to two lots and their sessions, in any order, nothing appears and nothing is lost."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import planned
from treatments.models import ExosomeSession, Lot
from treatments.products import actions
from treatments.products.stock import columns
from treatments.recall import actions as lot_actions
from treatments.sessions.log.actions import correct_session, log_session, strike_out_session

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()
VOLUME = st.sampled_from([Decimal(ml) for ml in ("0.1", "0.3", "1", "2.75", "4.8", "7", "12")])
LOT, SESSION, DAYS = st.integers(0, 1), st.integers(0, 3), st.sampled_from([0, 0, 1, 2, 3])
ACTS = st.one_of(
    st.tuples(st.just("log"), LOT, VOLUME, DAYS),
    st.tuples(st.just("correct_volume"), SESSION, VOLUME),
    st.tuples(st.just("correct_lot_of"), SESSION, LOT),
    st.tuples(st.just("correct_day"), SESSION, DAYS),
    st.tuples(st.just("strike_out"), SESSION),
    st.tuples(st.just("open"), LOT),
    st.tuples(st.just("finish"), LOT, DAYS),
    st.tuples(st.just("recall"), LOT),
    st.tuples(st.just("put_back"), LOT, VOLUME, st.booleans()),
    st.tuples(st.just("count"), LOT, VOLUME, st.booleans()),
    st.tuples(st.just("correct_received"), LOT, VOLUME),
)


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


class Shelf:
    """Two lots of one product that three sessions were given of, and the acts on them as the pages would do them."""

    def __init__(self, cast: Cast) -> None:
        self.by, self.course = cast.nurse, planned(cast)
        product = factories.product(cast.clinic)
        for number in ("A", "B"):
            lot = Lot(clinic=cast.clinic, product=product, number=number, received_on=ago(30), received_ml=Decimal(10))
            actions.receive(lot, by=self.by)
        for which, days in ((0, 3), (0, 2), (1, 3)):
            self.log(which, Decimal("2.75"), days)

    def lot(self, which: int) -> Lot:
        return Lot.objects.order_by("number")[which]

    def session(self, which: int) -> ExosomeSession:
        sessions = list(ExosomeSession.objects.standing().order_by("pk"))
        if not sessions:
            raise ValidationError("There is no session.")
        return sessions[which % len(sessions)]

    def step(self, act: Callable[..., Any], which: int, **told: Any) -> None:
        lot = self.lot(which)
        act(lot, expected_version=lot.version, by=self.by, **told)

    def log(self, which: int, ml: Decimal, days: int) -> None:
        lot = self.lot(which)
        told = {"lot": lot, "product": lot.product, "performed_on": ago(days)}
        course = factories.course(self.course.patient, created_by=self.by)
        session = ExosomeSession(clinic=course.clinic, patient=course.patient, course=course, **told)
        log_session(session, volumes={"vertex": ml}, by=self.by)

    def correct(self, which: int, ml: Decimal | None = None, **changes: Any) -> None:
        session = self.session(which)
        told = {"changes": changes, "reason": "misread", "expected_version": session.version, "by": self.by}
        correct_session(session, volumes={"vertex": ml or session.total_ml}, **told)

    def correct_volume(self, which: int, ml: Decimal) -> None:
        self.correct(which, ml)

    def correct_lot_of(self, which: int, lot: int) -> None:
        self.correct(which, lot=self.lot(lot))

    def correct_day(self, which: int, days: int) -> None:
        self.correct(which, performed_on=ago(days))

    def strike_out(self, which: int) -> None:
        session = self.session(which)
        strike_out_session(session, reason="in error", expected_version=session.version, by=self.by)

    def open(self, which: int) -> None:
        self.step(actions.open_lot, which, on=ago(20))

    def finish(self, which: int, days: int) -> None:
        self.step(lot_actions.finish_lot, which, on=ago(days), note="")

    def recall(self, which: int) -> None:
        self.step(actions.recall, which, reason="notice")

    def put_back(self, which: int, ml: Decimal, more: bool) -> None:
        self.step(actions.put_back, which, stock_ml=ml, reason="found", received_more=more)

    def count(self, which: int, ml: Decimal, more: bool) -> None:
        self.step(actions.count, which, stock_ml=ml, reason="counted", received_more=more)

    def correct_received(self, which: int, ml: Decimal) -> None:
        self.step(lot_actions.correct_lot, which, changes={"received_ml": ml}, reason="misread")

    def check(self) -> None:
        for lot in Lot.objects.all():
            assert lot.balance.is_kept and not lot.excess_ml, lot.balance
            sessions = ExosomeSession.objects.standing().filter(lot=lot)
            assert lot.given_ml == sum((each.total_ml for each in sessions), Decimal(0))
            assert not (lot.is_finished and lot.stock_ml), "a finished lot has stock"
            movements = list(lot.movements.all())
            for name, value in columns(lot.balance).items():
                assert sum(getattr(each, name) for each in movements) == value, name


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=st.lists(ACTS, min_size=5, max_size=10))
def test_stock_is_conserved(cast: Cast, acts: list[tuple[Any, ...]]) -> None:
    """After any acts received = in stock + given + discarded; given is what the standing sessions hold; a finished lot
    has no stock; and the movements of each lot add up to what it has."""
    with transaction.atomic():
        shelf = Shelf(cast)
        for name, *told in acts:
            try:
                with transaction.atomic():
                    getattr(shelf, name)(*told)
            except ValidationError:
                """Refused: nothing may have changed."""
            shelf.check()
        transaction.set_rollback(True)
