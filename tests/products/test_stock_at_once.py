"""Sessions, a count and the end of a lot at the same time: whatever comes first, its parts add up."""

import datetime
from decimal import Decimal

import pytest
from django.core.management import call_command

from clinic.staff.models import Role
from tests import factories
from tests.sessions.log.post_data import log_url, session_post
from tests.sessions.log.test_at_once import all_at_once, course_of, signed_in
from treatments.models import ExosomeSession, Lot
from treatments.products.actions import count
from treatments.recall.actions import finish_lot
from treatments.records.actions import Conflict

pytestmark = pytest.mark.django_db(transaction=True)
SESSIONS = 4


@pytest.mark.parametrize("ends", [True, False])
def test_lot_ends_while_it_is_given(ends: bool) -> None:
    """Four sessions of 3 mL, and the lot is finished, or counted as 20 mL, in the middle of them."""
    clinic = factories.clinic()
    person = factories.member(clinic, Role.CLINICIAN)
    lot = factories.lot(factories.product(clinic), received_ml=Decimal("40"))
    client, courses = signed_in(person), [course_of(clinic, person) for _ in range(SESSIONS)]

    def close() -> None:
        told = {"expected_version": 1, "by": person}
        try:
            if ends:
                finish_lot(Lot.objects.get(pk=lot.pk), on=datetime.date.today(), note="", **told)
            else:
                count(Lot.objects.get(pk=lot.pk), stock_ml=Decimal("20"), reason="counted", **told)
        except Conflict:
            """Somebody was quicker; the page would ask again."""

    acts = [lambda course=course: client.post(log_url(course), session_post(course, lot=lot)) for course in courses]
    answers = all_at_once([*acts, close])

    assert [answer.status_code for answer in answers[:SESSIONS]] == [302] * SESSIONS
    lot.refresh_from_db()
    assert ExosomeSession.objects.count() == SESSIONS
    assert lot.given_ml == 3 * SESSIONS and lot.balance.is_kept
    assert lot.state == ("finished" if ends else "received") and (lot.stock_ml == 0) == ends
    call_command("stock")
