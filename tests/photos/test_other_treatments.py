"""Beside whatever shows a change stands what else was begun, ended or changed: Compare, the contact sheet, a count."""

import datetime

import pytest
from django.urls import reverse

from tests import factories
from tests.people import Cast
from treatments.models import Therapy
from treatments.records.months import add_months

pytestmark = pytest.mark.django_db
BEGUN = datetime.date(2025, 1, 14)
SAID = "finasteride since Month 1"


@pytest.fixture
def course(cast: Cast):
    return factories.course(cast.patient, baseline_on=BEGUN)


def finasteride(cast: Cast, months: int) -> None:
    Therapy.objects.create(
        clinic=cast.clinic, patient=cast.patient, created_by=cast.nurse, kind="finasteride_oral", is_ongoing=True,
        started=add_months(BEGUN, months).isoformat(),
    )  # fmt: skip


def page(cast: Cast, name: str, *args: object) -> str:
    answer = cast.client(cast.reader).get(reverse(name, args=[cast.patient.pk, *args]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(("months", "is_said"), [(1, True), (9, False)])
def test_compare_and_contact_sheet_say_it(cast: Cast, course: object, months: int, is_said: bool) -> None:
    """A treatment that began between two photographs is named beside them; one that began later is not."""
    for month in (0, 6):
        factories.photo(cast.patient, view="vertex", taken_on=add_months(BEGUN, month))
    finasteride(cast, months)
    compare, sheet = page(cast, "photos:compare"), page(cast, "photos:sheet")
    assert (f"<span>Other treatment: {SAID}.</span>" in compare) is is_said
    assert (f"<b>Other treatment:</b> {SAID}.</p>" in compare) is is_said
    assert (f"<b>Other treatment:</b> {SAID}.</p>" in sheet) is is_said


def test_contact_sheet_of_one_day_says_none(cast: Cast, course: object) -> None:
    """Photographs of one day show no change."""
    factories.photo(cast.patient, view="vertex", taken_on=BEGUN)
    finasteride(cast, 1)
    assert "Other treatment" not in page(cast, "photos:sheet")


@pytest.mark.parametrize(("months", "is_said"), [(1, True), (9, False)])
def test_a_count_says_it(cast: Cast, course: object, months: int, is_said: bool) -> None:
    """The page of a measurement names it beside the change since the baseline."""
    told = {"kind": "hair_density", "site": "vertex", "method": "manual_trichoscopy_count"}
    factories.measurement(cast.patient, measured_on=BEGUN, value=100, **told)
    later = factories.measurement(cast.patient, measured_on=add_months(BEGUN, 6), value=130, **told)
    finasteride(cast, months)
    assert (f"<b>Other treatment:</b> {SAID}.</p>" in page(cast, "assessments:measurement", later.pk)) is is_said
