"""Assessing in a real browser: the stage unprompted, one tick for the rest of the scalp, also without scripts."""

import datetime
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from treatments.models import Assessment

MOST = 10
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_page(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> Callable[..., Page]:
    def at(name: str, *ids: Any, **options: Any) -> Page:
        page = new_page(**options)
        sign_in(page.context, cast.clinician, live_server.url)
        page.goto(
            reverse(
                f"{'assessments' if name.startswith('measure') else 'examination'}:{name}", args=[cast.patient.pk, *ids]
            )
        )
        return page

    return at


def pick(page: Page, name: str, value: str) -> None:
    """Choose an answer; the real control lies unseen over its card."""
    page.locator(f'[name="{name}"][value="{value}"]').check(force=True)


def _routine(cast: Cast) -> None:
    """A patient in a course, graded and counted at the baseline, with a photo of that day."""
    day = datetime.date.today() - datetime.timedelta(days=60)
    factories.exosome_session(factories.course(cast.patient))
    visit = factories.assessment(cast.patient, stage="IV", diagnosis="male_pattern", assessed_on=day)
    factories.measurement(cast.patient, assessment=visit, measured_on=day, site_detail="whorl", device="Scope")
    factories.photo(cast.patient, taken_on=day)


@pytest.mark.parametrize(("width", "height"), [(820, 1180), (1180, 820)])
def test_routine_visit(open_page: Any, cast: Cast, watch: Any, width: int, height: int) -> None:
    """A routine visit fits two screens of an iPad, and takes at most ten interactions from the timeline to saved."""
    _routine(cast)
    watch.allow("status of 404")  # the picture of the baseline, of which there is the row alone
    page = open_page("record", width=width, height=height)
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.goto(cast.patient.get_absolute_url())
    begun, acts = time.monotonic(), 0

    def act(step: Callable[[], Any]) -> None:
        nonlocal acts
        acts += 1
        step()

    act(page.get_by_role("link", name="Assess", exact=True).click)
    act(lambda: page.locator('[name="grade"][value^="same:"]').check(force=True))
    act(lambda: page.locator('[name="m-value"]').fill("152"))
    act(lambda: pick(page, "global_change", "1"))
    act(lambda: pick(page, "patient_change", "1"))
    act(page.get_by_role("button", name="Save assessment").click)
    expect(page.locator("h1")).to_have_text("Norwood IV")
    seconds = time.monotonic() - begun
    print(f"\nfigure: routine_assessment_at_{width} {acts} interactions (<= {MOST}), {seconds:.1f} s")
    print(f"figure: routine_assessment_screens_at_{width} {tall / height:.2f} screens (<= 2)")
    made = Assessment.objects.latest("created_at")
    counted = made.measurements.get()
    assert (made.stage_how, made.global_change, counted.value, counted.device) == ("confirmed", 1, 152, "Scope")
    assert acts <= MOST
    assert tall <= 2 * height


def unfold(page: Page, part: str) -> None:
    """Open a part of the page that the plan does not ask."""
    page.locator("details > summary", has_text=part).first.click()


def test_one_tick_fills_the_rest(open_page: Any) -> None:
    """One tick fills the rest of the scalp and gives back only what it filled."""
    page = open_page("record")
    unfold(page, "Scalp:")
    checked = 'input[name^="finding_"][value="{}"]:checked'
    pick(page, "finding_scaling", "2")
    page.locator('[name="scalp_rest_none"]').check(force=True)
    expect(page.locator(checked.format(0))).to_have_count(8)
    expect(page.locator(checked.format(2))).to_have_count(1)
    page.locator('[name="scalp_rest_none"]').uncheck(force=True)
    expect(page.locator(checked.format(0))).to_have_count(0)
    expect(page.locator('[name="finding_scaling"][value="2"]')).to_be_checked()


def test_scale_and_range_without_script(open_page: Any, cast: Cast) -> None:
    """Without scripts a stage of another scale and a range are saved."""
    factories.assessment(cast.patient, scale="basp_2007", stage="M3")
    page = open_page("record", java_script_enabled=False, width=390, height=844)
    page.get_by_text("Another stage: choose it from the drawings").click()
    page.get_by_text("Another scale").click()
    page.get_by_text("BASP", exact=True).click()
    pick(page, "grade", "basp_2007:M2")
    pick(page, "basp_vertex", "V1")
    unfold(page, "Scalp:")
    page.locator('[name="scalp_rest_none"]').check(force=True)
    page.locator('[name="m-low"]').fill("20")
    page.locator('[name="m-high"]').fill("25")
    page.get_by_text("Another measurement").first.click()
    page.locator('[name="m1-kind"]').select_option("shed_count_day")
    page.locator('[name="m1-value"]').fill("60")
    page.get_by_role("button", name="Save assessment").click()
    expect(page.locator("h1")).to_have_text("BASP M2V1")
    assessment = Assessment.objects.latest("created_at")
    assert set(assessment.findings.values()) == {0}
    made = {each.kind: (each.shown, each.site) for each in assessment.measurements.all()}
    assert made == {
        "density_change_pct": ("+20–25 %", "vertex"),
        "shed_count_day": ("60 hairs/day", "vertex"),
    }


def test_objection_in_a_folded_part_is_shown(open_page: Any, watch: Any) -> None:
    """What the server objects to is shown in the part that was folded away."""
    watch.allow("status of 422")
    page = open_page("record")
    pick(page, "grade", "norwood_1975:III-vertex")
    unfold(page, "Pull test:")
    page.get_by_text("Counts, site and rule").click()
    page.locator('[name="pull_grasped"]').fill("60")
    page.locator('[name="pull_extracted"]').fill("4")
    page.get_by_text("Counts, site and rule").click()
    page.get_by_role("button", name="Save assessment").click()
    expect(page.locator("#summary")).to_contain_text("Choose the rule")
    expect(page.locator('[name="pull_rule"]')).to_be_visible()
    expect(page.locator('[name="pull_extracted"]')).to_have_value("4")


def test_folded_parts_say_what_they_hold(open_page: Any, cast: Cast) -> None:
    """The page is short; a folded part is opened by keyboard, says how much is in it, and is printed."""
    factories.assessment(cast.patient, fitzpatrick="III", diagnosis="male_pattern")
    page = open_page("record")
    tall = "document.documentElement.scrollHeight"
    heights = {1440: page.evaluate(tall)}
    page.set_viewport_size({"width": 390, "height": 844})
    heights[390] = page.evaluate(tall)
    assert heights[1440] <= 2600, heights
    assert heights[390] <= 4100, heights
    unfold(page, "Scalp:")
    page.locator('[name="scalp_rest_none"]').check(force=True)
    expect(page.get_by_text("Pustules, skin atrophy, scarring, infection: 4 recorded")).to_be_visible()
    signs = page.locator("summary", has_text="Trichoscopy")
    expect(signs).to_have_text("Trichoscopy: none recorded")
    signs.focus()
    page.keyboard.press("Enter")
    pick(page, "sign_yellow_dots", "absent")
    signs.press("Enter")
    expect(page.locator('[name="sign_yellow_dots"]').first).to_be_hidden()
    expect(signs).to_have_text("Trichoscopy: 1 recorded")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("[data-assess] details:not([open], [hidden])")).to_have_count(0)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator('[name="sign_yellow_dots"]').first).to_be_hidden()


def test_measurement_counts_with_its_figure(open_page: Any, cast: Cast) -> None:
    """What is measured, where and how are filled in from last time: nothing is recorded yet."""
    day = datetime.date.today() - datetime.timedelta(days=60)
    visit = factories.assessment(cast.patient, assessed_on=day)
    factories.measurement(cast.patient, assessment=visit, measured_on=day)
    factories.course(cast.patient, assessment_parts=[])
    page = open_page("record")
    part = page.locator("summary", has_text="Measurements:")
    expect(page.locator('[name="m-site"]')).to_have_value("vertex")
    expect(part).to_have_text("Measurements: none recorded")
    unfold(page, "Measurements:")
    page.locator('[name="m-value"]').fill("142")
    page.locator('[name="m-value"]').blur()
    expect(part).to_have_text("Measurements: 1 recorded")


def test_examination_pages_are_accessible(open_page: Any, cast: Cast, axe: Any) -> None:
    """Every page is accessible."""
    visit = factories.assessment(cast.patient, findings={"scaling": 2}, patient_words="More hair")
    made = factories.measurement(cast.patient, assessment=visit)
    for name, ids in (
        ("record", []),
        ("detail", [visit.pk]),
        ("correct", [visit.pk]),
        ("measure", []),
        ("measurement", [made.pk]),
    ):
        page = open_page(name, *ids, width=390)
        page.evaluate("document.querySelectorAll('main details').forEach((part) => (part.open = true))")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.context.close()
