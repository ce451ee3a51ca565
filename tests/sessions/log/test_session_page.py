"""The page of a session: the sessions before and after it, its photos; and the way on after saving."""

import datetime

import pytest
from django.utils import timezone

from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import log_url, lot_of, planned, session_post
from treatments.models import ExosomeSession
from treatments.sessions.log.actions import strike_out_session

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


def test_way_to_the_session_before_and_after(cast: Cast) -> None:
    """By date, and past one that was struck out; the first has none before it."""
    course = factories.course(cast.patient, baseline_on=TODAY - datetime.timedelta(days=90))
    days = [TODAY - datetime.timedelta(days=back) for back in (90, 60, 30, 1)]
    first, second, third, last = [factories.exosome_session(course, performed_on=day) for day in days]
    strike_out_session(second, reason="Another patient", expected_version=1, by=cast.nurse)
    client = cast.client(cast.reader)

    def ways(session: ExosomeSession) -> tuple[ExosomeSession | None, ExosomeSession | None]:
        context = client.get(session.get_absolute_url()).context
        return context["before"], context["after"]

    assert ways(first) == (None, third)
    assert ways(third) == (first, last)
    assert ways(last) == (third, None)
    assert ways(second) == (None, None)


def test_session_page_shows_its_photos(cast: Cast) -> None:
    """Each as a small picture that leads to the large one."""
    session = factories.exosome_session(factories.course(cast.patient))
    photo = factories.photo(cast.patient, exosome_session=session)
    page = cast.client(cast.reader).get(session.get_absolute_url()).content.decode()
    assert f'src="{photo.small_url}"' in page and f'href="{photo.large_url}"' in page


def test_map_is_said_with_its_unit(cast: Cast) -> None:
    session = factories.exosome_session(factories.course(cast.patient), regions={"vertex": "3"})
    page = cast.client(cast.reader).get(session.get_absolute_url()).content.decode()
    assert "Scalp from above: vertex 3 mL" in page.replace("\u00a0", " ")


@pytest.mark.parametrize("is_booked", [True, False])
def test_next_patient_after_saving(cast: Cast, is_booked: bool) -> None:
    """The message leads to the next booking of the day, without a name; to Today where none is left."""
    later = factories.patient(cast.clinic, name="Somebody Else")
    if is_booked:
        factories.appointment(later, day=timezone.localdate(), time=datetime.time(23, 59))
    answer = cast.client(cast.nurse).post(
        log_url(course := planned(cast)), session_post(course, lot=lot_of(cast)), follow=True
    )
    page = answer.content.decode()
    way = '<a href="/#booked">Next today: 23:59</a>' if is_booked else '<a href="/">Today</a>'
    assert way in page and "Somebody Else" not in page
