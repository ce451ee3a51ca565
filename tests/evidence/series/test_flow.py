"""Who is left at each step of a series, and why the others are not."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.evidence.series.cohort import MONTH_0, counted, treated
from tests.people import Cast
from treatments.assessments.outcomes.computing import recompute_outcomes
from treatments.evidence.series import cases
from treatments.evidence.series.cases import Facts, TooMany, load, quarter
from treatments.models import Course, ExosomeSession
from treatments.records.months import add_months

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


def numbers(facts: Facts) -> list[int]:
    return [step.number for step in facts.steps]


def lost(facts: Facts) -> dict[str, int]:
    return {reason: number for step in facts.steps for reason, number in step.lost}


def untreated(cast: Cast, **fields: Any) -> Course:
    course = factories.course(factories.patient(cast.clinic), baseline_on=MONTH_0, **fields)
    recompute_outcomes(course.patient_id)
    return course


def test_everybody_is_counted_once(cast: Cast) -> None:
    """Each who is lost is lost at one step with one reason, and the numbers add up."""
    for _ in range(3):
        treated(cast.clinic)
    treated(cast.clinic, after=None)
    treated(cast.clinic, month_0=add_months(TODAY, -2))
    untreated(cast)
    untreated(cast, struck_out_at=timezone.now(), struck_out_by=cast.nurse, struck_out_reason="Twice")
    second = treated(cast.clinic)
    factories.exosome_session(course := factories.course(second.patient, baseline_on=add_months(MONTH_0, 1)))
    recompute_outcomes(course.patient_id)
    other_device = treated(cast.clinic, after=None)
    counted(other_device.patient, other_device, add_months(MONTH_0, 6), 120, device="Another")
    recompute_outcomes(other_device.patient_id)

    found = load(factories.case_series(cast.clinic))

    # Registered: nine of these and Ida Invented, of whom nothing is known yet.
    assert numbers(found) == [10, 9, 8, 8, 7, 6, 5, 4, 4]
    reasons = lost(found)
    assert reasons.pop("not comparable: device differs") == 1
    assert reasons == {
        "entered in error": 1,
        "no session given": 1,
        "a later course of the same patient": 1,
        "Month 6 not over yet": 1,
        "not seen about that Month": 1,
    }
    for before, after in zip(found.steps[1:], found.steps[2:], strict=False):
        assert before.number - after.number == sum(number for _, number in after.lost), after


def test_choice_says_why_not(cast: Cast) -> None:
    """A course that does not fit is counted with the first of its reasons."""
    treated(cast.clinic)
    treated(cast.clinic, sex="female")
    own = factories.protocol(cast.clinic)
    course = treated(cast.clinic)
    Course.objects.filter(pk=course.pk).update(protocol=own)
    recompute_outcomes(course.patient_id)

    found = load(factories.case_series(cast.clinic, chosen=f"sex=male&protocol={own.pk}"))

    assert numbers(found)[2:5] == [3, 1, 1] and lost(found)["another protocol"] == 2
    assert lost(load(factories.case_series(cast.clinic, chosen="sex=male"))) == {"another sex": 1}


def test_period_is_that_of_month_0(cast: Cast) -> None:
    """Both its days count, and nothing beside them."""
    treated(cast.clinic)
    on_the_day = {"from_on": MONTH_0, "until_on": MONTH_0}
    day = datetime.timedelta(days=1)

    assert len(load(factories.case_series(cast.clinic, **on_the_day)).cases) == 1
    assert not load(factories.case_series(cast.clinic, from_on=MONTH_0 + day)).cases
    assert not load(factories.case_series(cast.clinic, until_on=MONTH_0 - day)).cases


def test_other_treatments_can_be_left_out(cast: Cast) -> None:
    """They are lost at the last step, and only there."""
    for _ in range(2):
        treated(cast.clinic)
    course = treated(cast.clinic)
    factories_therapy(cast, course)

    with_others = load(factories.case_series(cast.clinic))
    without = load(factories.case_series(cast.clinic, chosen="others=without"))

    assert numbers(with_others)[-1] == 3 and len(with_others.analysed) == 3
    assert numbers(without)[-2:] == [3, 2] and lost(without)["another treatment beside"] == 1
    assert len(without.analysed) == 2


def factories_therapy(cast: Cast, course: Course) -> None:
    from treatments.models import Therapy

    Therapy.objects.create(
        clinic=cast.clinic,
        patient=course.patient,
        kind="minoxidil_topical",
        started=str(add_months(MONTH_0, 1)),
        is_ongoing=True,
        created_by=cast.nurse,
    )
    recompute_outcomes(course.patient_id)


def test_another_clinic_is_not_in_it(cast: Cast) -> None:
    treated(cast.other_clinic)

    assert not load(factories.case_series(cast.clinic)).cases


def test_queries_are_fixed(cast: Cast) -> None:
    """However many cases there are."""
    series = factories.case_series(cast.clinic)
    needed = []
    for number in (1, 4):
        for _ in range(number):
            treated(cast.clinic)
        with CaptureQueriesContext(connection) as asked:
            load(series)
        needed.append(len(asked))
    assert needed[0] == needed[1] <= 11


def test_too_many_are_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "MOST", 1)
    for _ in range(3):
        treated(cast.clinic)

    with pytest.raises(TooMany) as refusal:
        load(factories.case_series(cast.clinic))
    assert refusal.value.number == 3


def test_events_belong_to_a_session(cast: Cast) -> None:
    """Each with whether somebody asked at that session."""
    course = treated(cast.clinic)
    asked, silent = ExosomeSession.objects.filter(course=course).order_by("performed_on")
    ExosomeSession.objects.filter(pk=silent.pk).update(reactions="not_asked", since_last="not_asked")
    factories.adverse_event(course.patient, exosome_session=asked, kind="pruritus", grade=2)
    factories.adverse_event(course.patient, exosome_session=silent)
    factories.adverse_event(course.patient, course=course, kind="bruising", is_serious=True)
    struck = {"struck_out_at": timezone.now(), "struck_out_by": cast.nurse, "struck_out_reason": "Twice"}
    factories.adverse_event(course.patient, exosome_session=asked, kind="fever", **struck)
    recompute_outcomes(course.patient_id)

    (case,) = load(factories.case_series(cast.clinic)).cases

    told = sorted((event.kind, event.grade, event.was_asked, event.is_serious) for event in case.events)
    assert told == [("bruising", 1, False, True), ("headache", 1, False, False), ("pruritus", 2, True, False)]
    assert case.asked == 1


def test_quarter_of_a_day() -> None:
    assert [quarter(datetime.date(2025, month, 1)) for month in (1, 3, 4, 12)] == [
        *("2025-Q1", "2025-Q1", "2025-Q2", "2025-Q4")
    ]
