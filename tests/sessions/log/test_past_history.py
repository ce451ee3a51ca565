"""A session entered for a past day is held against the allergies and cautions of that day, and says what changed."""

import pytest

from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import TODAY, log_url, lot_of, planned, session_post
from tests.sessions.log.test_before_the_session import codes, lines, told
from treatments.records.actions import update
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate, of_day

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("months_ago", "since", "asks"),
    [(4, "day", False), (1, "day", True), (2, "day", True), (2, "month", True), (0, "day", True)],
)
def test_allergies_of_the_day_count(cast: Cast, months_ago: int, since: str, asks: bool) -> None:
    """Before the allergy was found it asks nothing; from its day on, or where it may have been before, it asks."""
    found = add_months(TODAY(), -2)
    when = of_day(found) if since == "day" else PartialDate(f"{found:%Y-%m}")
    history = told(cast, allergies="none")
    update(
        history, changes={"allergies": "yes", "allergies_text": "eggs"}, since=when, expected_version=1, by=cast.nurse
    )
    lot = lot_of(cast, product=factories.product(cast.clinic, excipients="egg white"))
    course = planned(cast, baseline_on=add_months(TODAY(), -6))

    day = f"{add_months(TODAY(), -months_ago):%-d %b %Y}"
    answer = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot, when=day, points="x"))

    assert ("allergy" in codes(answer)) is asks
    later = "" if asks else f" (changed on {found:%-d %b %Y}, after the day of this session; until then asked, none)"
    assert lines(answer)["Allergies"] == f"eggs{later}"


@pytest.mark.parametrize(("months_ago", "asks"), [(4, True), (1, False)])
def test_cautions_of_the_day_count(cast: Cast, months_ago: int, asks: bool) -> None:
    """A pregnancy that is over is asked about for a day on which it was not."""
    history = told(cast, cautions_asked="yes", cautions=["pregnancy_breastfeeding"])
    over = {"cautions_asked": "none", "cautions": []}
    update(history, changes=over, since=of_day(add_months(TODAY(), -2)), expected_version=1, by=cast.nurse)
    course = planned(cast, baseline_on=add_months(TODAY(), -6))

    day = f"{add_months(TODAY(), -months_ago):%-d %b %Y}"
    answer = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot_of(cast), when=day, points="x"))

    form = answer.context["form"]
    said = " ".join([*(problem.sentence for problem in form.unpassed), str(form.errors)])
    assert ("regnan" in said) is asks
