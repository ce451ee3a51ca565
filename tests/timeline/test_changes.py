"""Beside every change on the timeline, in figures or in photographs, stands what may be said of it."""

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.people import Cast
from tests.timeline.test_page import QUERIES, read
from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.measurements.visibility import DEFAULT
from treatments.models import Course, Export, Patient, PhotoPair
from treatments.records import formatting
from treatments.records.months import add_months
from treatments.timeline import density, facts

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
FIRST = add_months(datetime.date.today(), -9)
CARD = {
    "lighting": "standard_room",
    "hair_state": "dry",
    "product_used": "none",
    "parting": "natural",
    "hair_length_mm": 30,
    "distance_cm": 40,
    "device": "A camera",
    "lens_mm": Decimal(50),
}
SPOTS = {"whorl": [800, 800], "mark_a": [300, 500], "mark_b": [1200, 400]}
POINTS = {name: {"earlier": spot, "later": spot} for name, spot in SPOTS.items()}


def course_of(patient: Patient) -> Course:
    return factories.course(patient, baseline_on=FIRST)


def photographed(patient: Patient, month: int, **card: Any) -> Any:
    return factories.photo(patient, taken_on=add_months(FIRST, month), **{**CARD, **card})


def counted(patient: Patient, month: int, hairs: int, **more: Any) -> None:
    told = {"area_cm2": Decimal(1), "is_same_spot": True, **more}
    factories.measurement(patient, measured_on=add_months(FIRST, month), value=Decimal(hairs), **told)


def verdicts(page: str) -> list[str]:
    """Every verdict of the page in its order: header, then months from the newest."""
    return [" ".join(found.split()) for found in re.findall(r'class="verdict verdict-\w+"[^>]*>([^<]+)<', page)]


@pytest.mark.parametrize(
    ("month", "hairs", "word"),
    [(3, 140, "too early"), (7, 110, "within measurement error"), (7, 120, "above error, not yet visible")]
    + [(7, 130, "likely visible")],
)
def test_count_has_its_word_in_both_places(
    cast: Cast, clinician_client: Client, month: int, hairs: int, word: str
) -> None:
    """A count has its word in the header and in the entry."""
    course_of(cast.patient)
    factories.consent(cast.patient)
    counted(cast.patient, 0, 100)
    counted(cast.patient, month, hairs)

    page, _ = read(clinician_client, cast.patient)

    assert verdicts(page).count(word) == 2
    assert re.search(rf'href="/clinic/thresholds/"\s*>{word}</a>', page)


def test_change_has_interval_and_baseline(cast: Cast, clinician_client: Client) -> None:
    """In the header, in the entry, in the chart and in its table; with the count that it is told against."""
    course_of(cast.patient)
    told = {"site_detail": "3 cm behind the hairline", "device": "Device X"}
    counted(cast.patient, 0, 100, **told)
    counted(cast.patient, 7, 140, **told)

    page = unbroken(read(clinician_client, cast.patient)[0])

    assert "<b>+40 %, +19 to +65</b>" in page
    assert page.count("+40 %, +19 to +65") >= 4
    against = f"100 hairs/cm² at vertex, 3 cm behind the hairline, {formatting.day(FIRST)}, count by hand"
    assert page.count(f"gainst {against}") == 2
    assert "±" not in page


def test_other_course_changes_no_baseline(cast: Cast, clinician_client: Client) -> None:
    """A count of the first course is told against that course's own baseline, whatever is planned later."""
    course = course_of(cast.patient)
    factories.exosome_session(course, performed_on=FIRST)
    counted(cast.patient, 0, 100, course=course)
    counted(cast.patient, 7, 140, course=course)
    before = [change.shown for change in changes_of(cast.patient)]

    second = factories.course(cast.patient, baseline_on=add_months(FIRST, 8))
    factories.exosome_session(second, performed_on=add_months(FIRST, 8))
    assert [change.shown for change in changes_of(cast.patient)] == before == ["+40 %, +19 to +65"]
    counted(cast.patient, 9, 147, course=second)
    last = changes_of(cast.patient)[-1]
    assert last.shown.startswith("+5 %")
    assert last.verdict == "too_early"


def test_stage_is_set_against_its_baseline(cast: Cast, clinician_client: Client) -> None:
    """A grading at the first session is the baseline, though Month 0 was planned for a week earlier."""
    course = course_of(cast.patient)
    week_later = FIRST + datetime.timedelta(days=7)
    factories.exosome_session(course, performed_on=week_later)
    for day, stage in ((FIRST, "V"), (week_later, "IV"), (add_months(FIRST, 7), "III")):
        factories.assessment(cast.patient, assessed_on=day, stage=stage, course=course)

    page = unbroken(read(clinician_client, cast.patient)[0])

    assert "IV → III" in page
    assert f"improved since the baseline, {formatting.day(week_later)}" in page


def test_grading_after_needle_is_no_baseline(cast: Cast, clinician_client: Client) -> None:
    """Where nobody graded before treatment the header says since when the change is told."""
    course = course_of(cast.patient)
    factories.exosome_session(course, performed_on=FIRST)
    for month, stage in ((1, "IV"), (7, "III")):
        factories.assessment(cast.patient, assessed_on=add_months(FIRST, month), stage=stage, course=course)

    page = unbroken(read(clinician_client, cast.patient)[0])

    assert "improved since the first grading, made after the first session" in page


def unbroken(page: str) -> str:
    return " ".join(page.replace("\u00a0", " ").split())


def changes_of(patient: Patient) -> list[DensityChange]:
    return list(density.changes(facts.load(patient), DEFAULT).values())


def test_figure_by_eye_is_called_so(cast: Cast, clinician_client: Client) -> None:
    """A figure by eye is called what it is."""
    course_of(cast.patient)
    told = {"kind": "density_change_pct", "method": "clinician_visual_estimate"}
    factories.measurement(cast.patient, measured_on=add_months(FIRST, 8), low=Decimal(20), high=Decimal(25), **told)

    page, _ = read(clinician_client, cast.patient)

    assert verdicts(page).count("visual estimate: not a measurement") == 2
    assert "likely visible" not in page


def test_unlike_methods_are_no_change(cast: Cast, clinician_client: Client) -> None:
    """Counts by different methods are not called a change."""
    course_of(cast.patient)
    counted(cast.patient, 0, 100)
    counted(cast.patient, 7, 140, method="phototrichogram")

    page, _ = read(clinician_client, cast.patient)

    why = "Not comparable: method differs (count by hand on a trichoscopy image against phototrichogram)."
    assert verdicts(page).count(why) == 2
    assert "100 and 140 hairs/cm², not comparable" in page
    assert "no figure recorded" not in page


def test_other_light_cannot_be_compared(cast: Cast, clinician_client: Client) -> None:
    """Photographs in another light cannot be compared."""
    course_of(cast.patient)
    photographed(cast.patient, 0, lighting="bright_overhead")
    photographed(cast.patient, 3)

    page, _ = read(clinician_client, cast.patient)

    told = verdicts(page)
    assert "Not comparable with Month 0: light differs" in told
    assert "too early" in told


def test_what_was_not_recorded_is_named(cast: Cast, clinician_client: Client) -> None:
    course_of(cast.patient)
    photographed(cast.patient, 0, lens_mm=None)
    photographed(cast.patient, 7)

    told = verdicts(read(clinician_client, cast.patient)[0])

    assert "Not known whether comparable with Month 0; not recorded for both photographs: lens" in told
    assert "not measured" in told


def test_like_and_aligned_is_comparable(cast: Cast, clinician_client: Client) -> None:
    """A pair in like conditions and aligned is comparable."""
    course_of(cast.patient)
    earlier, later = photographed(cast.patient, 0), photographed(cast.patient, 7)
    photographed(cast.patient, 4)
    counted(cast.patient, 0, 100)
    counted(cast.patient, 7, 130)
    pair = {"landmarks": POINTS, "transform": {"a": 1, "b": 0, "tx": 0, "ty": 0}, "residual_px": 0.0}
    people = {"aligned_by": cast.clinician, "created_by": cast.clinician}
    PhotoPair.objects.create(clinic=cast.clinic, patient=cast.patient, earlier=earlier, later=later, **pair, **people)

    page, queries = read(clinician_client, cast.patient)

    assert "Comparable with Month 0" in verdicts(page)
    assert f"earlier={earlier.pk}&amp;later={later.pk}" in page
    assert queries <= QUERIES


def test_first_photos_have_no_comparison(cast: Cast, clinician_client: Client) -> None:
    """The first photographs are compared with nothing."""
    course_of(cast.patient)
    factories.consent(cast.patient)
    photographed(cast.patient, 0)

    page, _ = read(clinician_client, cast.patient)

    assert "Compare with" not in page and "comparable" not in page


def test_exports_are_under_consent_and_plan(cast: Cast, clinician_client: Client) -> None:
    """What left the clinic is listed under consent and plan."""
    course_of(cast.patient)
    consent = factories.consent(cast.patient, "photography", purposes=["record", "teaching"])
    for purpose in ("teaching", "record"):
        Export.objects.create(
            clinic=cast.clinic, patient=cast.patient, consent=consent, purpose=purpose, photos=["a", "b"],
            file_format="pdf", sha256="0" * 64, created_by=cast.clinician,
        )  # fmt: skip

    page, queries = read(clinician_client, cast.patient, "?show=plan")

    assert page.count("Before/after sheet") == 2 and "2 photographs, PDF." in page
    assert page.count(">Photography</a>") == 1
    assert queries <= QUERIES


def test_thresholds_are_on_every_page(cast: Cast) -> None:
    """The thresholds are reached from every page."""
    assert 'href="/clinic/thresholds/"' in cast.client(cast.nurse).get("/").content.decode()
    assert 'href="/clinic/thresholds/"' not in cast.client(cast.reception).get("/").content.decode()
