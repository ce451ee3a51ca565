"""Changes in density: each against the baseline of its course and its spot, with its interval, and said in words."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.people import Cast
from treatments.assessments.baseline import CourseStart
from treatments.assessments.measurements import density
from treatments.assessments.measurements.visibility import DEFAULT, Verdict
from treatments.models import Measurement, Patient
from treatments.records.partial_dates import PartialDate, of_day

pytestmark = pytest.mark.django_db
SESSION = datetime.date(2024, 1, 17)
START = CourseStart(PartialDate("2024-01-10"), of_day(SESSION))
SPOT_A = {"site_detail": "3 cm behind the hairline", "device": "Device X", "method": "phototrichogram"}
SPOT_B = {**SPOT_A, "site_detail": "Tattoo dot at the whorl"}


def counted(patient: Patient, day: str, hairs: int, **more: Any) -> Measurement:
    told = {"area_cm2": Decimal(1), "is_same_spot": True, **SPOT_A, **more}
    return factories.measurement(patient, measured_on=day_of(day), value=Decimal(hairs), **told)


def day_of(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def changes(patient: Patient, start: CourseStart = START) -> dict[Any, density.DensityChange]:
    return density.changes(Measurement.objects.filter(patient=patient), lambda _: start, DEFAULT)


def test_change_names_baseline_and_interval(cast: Cast) -> None:
    """ "+40 %, +19 to +65", against which count, where, when and how."""
    counted(cast.patient, "2024-01-10", 120)
    later = counted(cast.patient, "2024-08-10", 168)

    change = changes(cast.patient)[later.pk]

    assert change.shown == "+40 %, +19 to +65"
    assert change.against == (
        "against 120 hairs/cm² at vertex, 3 cm behind the hairline, 10 Jan 2024, phototrichogram, Device X"
    )
    assert change.verdict is Verdict.LIKELY_VISIBLE
    assert change.caveat == "Not recorded for either count: magnification, hair clipped and hair dyed."


def test_count_at_first_session_is_baseline(cast: Cast) -> None:
    """Though Month 0 was planned for a week earlier."""
    baseline = counted(cast.patient, "2024-01-17", 100)
    later = counted(cast.patient, "2024-08-10", 140)
    told = changes(cast.patient)
    assert list(told) == [later.pk]
    assert told[later.pk].baseline == baseline


def test_two_spots_are_two_baselines(cast: Cast) -> None:
    """Each spot is compared with its own count, whichever was made last."""
    for day, a, b in (("2024-01-10", 120, 80), ("2024-08-10", 168, 84)):
        last_a = counted(cast.patient, day, a)
        last_b = counted(cast.patient, day, b, **SPOT_B)
    told = changes(cast.patient)
    assert told[last_a.pk].figure == "+40 %"
    assert told[last_b.pk].figure == "+5 %"
    assert told[last_b.pk].baseline.value == 80
    assert told[last_a.pk].series != told[last_b.pk].series


def test_struck_out_count_gives_way(cast: Cast) -> None:
    """Nothing is stored: the count before it serves."""
    counted(cast.patient, "2024-01-03", 140)
    wrong = counted(cast.patient, "2024-01-10", 100)
    later = counted(cast.patient, "2024-08-10", 140)
    assert changes(cast.patient)[later.pk].figure == "+40 %"
    Measurement.objects.filter(pk=wrong.pk).update(
        struck_out_at="2024-09-01T10:00Z", struck_out_by=cast.clinician, struck_out_reason="Another patient"
    )
    assert changes(cast.patient)[later.pk].figure == "0 %"


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ({"is_clipped": True}, {"is_clipped": False}, "hair clipped differs (yes against no)"),
        ({"is_dyed": True}, {"is_dyed": None}, "hair dyed recorded for one of the two only (yes)"),
        ({"magnification": 20}, {"magnification": 70}, "magnification differs (×20 against ×70)"),
        ({}, {"area_cm2": Decimal("0.25")}, "counted area differs (1 cm² against 0.25 cm²)"),
        ({}, {"device": "Device X, software 2"}, "device differs (Device X against Device X, software 2)"),
    ],
)
def test_unlike_counts_stand_side_by_side(cast: Cast, before: Any, after: Any, why: str) -> None:
    """Both values, and the reasons by name."""
    counted(cast.patient, "2024-01-10", 120, **before)
    later = counted(cast.patient, "2024-08-10", 168, **after)
    change = changes(cast.patient)[later.pk]
    assert (change.shown, change.verdict, change.interval) == ("120 and 168 hairs/cm²", None, None)
    assert change.sentence == f"Not comparable: {why}."


def test_small_area_widens_the_interval(cast: Cast) -> None:
    """A tenth of the area: the same densities, from a tenth of the hairs."""
    for day, hairs in (("2024-01-10", 120), ("2024-08-10", 168)):
        later = counted(cast.patient, day, hairs, area_cm2=Decimal("0.1"))
    change = changes(cast.patient)[later.pk]
    assert change.shown == "+40 %, −31 to +184"
    assert change.verdict is Verdict.WITHIN_ERROR


@pytest.mark.parametrize(
    ("hairs", "area", "shown", "said"),
    [
        ((120, 0), "1", "−100 %", "where no hair was counted"),
        ((120, 168), "0.05", "+40 %", "fewer than 10 hairs were counted"),
        ((0, 100), "1", "0 and 100 hairs/cm²", "the baseline is 0"),
    ],
)
def test_where_there_is_no_interval(cast: Cast, hairs: Any, area: str, shown: str, said: str) -> None:
    counted(cast.patient, "2024-01-10", hairs[0], area_cm2=Decimal(area))
    later = counted(cast.patient, "2024-08-10", hairs[1], area_cm2=Decimal(area))
    change = changes(cast.patient)[later.pk]
    assert (change.shown, change.verdict, change.interval) == (shown, None, None)
    assert said in change.sentence


def test_too_early_counts_from_session(cast: Cast) -> None:
    """Month 0 was planned in January, the treatment began in May: in August it is too early."""
    counted(cast.patient, "2024-01-10", 100)
    later = counted(cast.patient, "2024-08-10", 160)
    late_start = CourseStart(PartialDate("2024-01-10"), PartialDate("2024-05-10"))
    assert changes(cast.patient, late_start)[later.pk].verdict is Verdict.TOO_EARLY
    assert changes(cast.patient)[later.pk].verdict is Verdict.LIKELY_VISIBLE


def test_range_through_zero_says_nothing(cast: Cast) -> None:
    """−10 to +60 % is no clear change; +25 to +60 % is judged by its 25."""
    counted(cast.patient, "2024-01-10", 100)
    told = {"kind": "density_change_pct", "measured_on": day_of("2024-08-10"), "is_same_spot": True, **SPOT_A}
    unclear = factories.measurement(cast.patient, low=Decimal(-10), high=Decimal(60), **told)
    clear = factories.measurement(cast.patient, low=Decimal(25), high=Decimal(60), **told)
    assert changes(cast.patient)[unclear.pk].verdict is Verdict.NO_CLEAR_CHANGE
    assert changes(cast.patient)[clear.pk].verdict is Verdict.LIKELY_VISIBLE
    assert changes(cast.patient)[clear.pk].baseline.value == 100
