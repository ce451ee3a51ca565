"""A session entered for a past day is held against the allergies and cautions of that day, and says what changed."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import TODAY, log_url, lot_of, planned, session_post
from tests.sessions.log.test_before_the_session import codes, lines, told
from treatments.models import Therapy
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


def taking(cast: Cast, kind: str, **fields: Any) -> Therapy:
    return Therapy.objects.create(clinic=cast.clinic, patient=cast.patient, created_by=cast.nurse, kind=kind, **fields)


def test_other_treatments_of_the_day(cast: Cast) -> None:
    """The page of a past session names what was taken on that day, in that day's dose, and nothing that began since."""
    course = planned(cast, baseline_on=add_months(TODAY(), -12))
    then, since = add_months(TODAY(), -6), of_day(add_months(TODAY(), -3))
    taking(cast, "minoxidil_oral", started=of_day(add_months(TODAY(), -2)), is_ongoing=True)
    taking(cast, "dutasteride_oral", started=of_day(add_months(TODAY(), -24)), ended=of_day(add_months(TODAY(), -9)))
    taking(cast, "spironolactone", started=PartialDate("2019"), ended=since, is_ongoing=False)
    changed = taking(
        cast, "finasteride_oral", started=PartialDate("2020"), is_ongoing=True, dose=Decimal(1), dose_unit="mg"
    )
    update(changed, changes={"dose": Decimal(5)}, since=since, expected_version=1, by=cast.nurse)

    def medicines(day: datetime.date) -> list[str]:
        posted = session_post(course, lot=lot_of(cast), when=f"{day:%-d %b %Y}", points="x")
        return lines(cast.client(cast.nurse).post(log_url(course), posted))["Medicines"].split("; ")

    assert medicines(then) == [f"Spironolactone (until {since.label()})", "Finasteride, oral 1\u00a0mg"]
    assert medicines(TODAY()) == ["Minoxidil, oral", "Finasteride, oral 5\u00a0mg"]
