"""Assessing in a real browser: the stage unprompted, one tick for the rest of the scalp, also without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from treatments.models import Assessment

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


def test_last_stage_appears_after_choosing(open_page: Any, cast: Cast) -> None:
    """Last time's stage comes out once a stage is chosen."""
    factories.assessment(cast.patient, stage="IV")
    page = open_page("record")
    last = page.get_by_text("Norwood IV", exact=True)
    expect(last).to_be_hidden()
    expect(page.locator("[data-last-time]")).to_be_hidden()
    pick(page, "grade", "norwood_1975:III-vertex")
    expect(last).to_be_visible()


def test_one_tick_fills_the_rest(open_page: Any) -> None:
    """One tick fills the rest of the scalp and gives back only what it filled."""
    page = open_page("record")
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
    expect(page.locator("[data-last-time] > summary")).to_be_visible()
    expect(page.locator("[data-last-time] > p")).to_be_hidden()
    page.get_by_text("Another scale").click()
    page.get_by_text("BASP", exact=True).click()
    pick(page, "grade", "basp_2007:M2")
    pick(page, "basp_vertex", "V1")
    page.locator('[name="scalp_rest_none"]').check(force=True)
    page.get_by_text("Add a density change or another measurement").click()
    page.locator('[name="m-low"]').fill("20")
    page.locator('[name="m-high"]').fill("25")
    page.get_by_role("button", name="Save assessment").click()
    expect(page.locator("h1")).to_have_text("BASP M2V1")
    assessment = Assessment.objects.latest("created_at")
    assert set(assessment.findings.values()) == {0}
    assert assessment.measurements.get().shown == "+20–25 %"


def test_objection_in_a_folded_part_is_shown(open_page: Any, watch: Any) -> None:
    """What the server objects to is shown in the part that was folded away."""
    watch.allow("status of 422")
    page = open_page("record")
    pick(page, "grade", "norwood_1975:III-vertex")
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
    page.locator('[name="scalp_rest_none"]').check(force=True)
    expect(page.get_by_text("Pustules, skin atrophy, scarring, infection: 4 recorded")).to_be_visible()
    signs = page.locator("summary", has_text="Trichoscopy signs")
    expect(signs).to_have_text("Trichoscopy signs: none recorded")
    signs.focus()
    page.keyboard.press("Enter")
    pick(page, "sign_yellow_dots", "absent")
    signs.press("Enter")
    expect(page.locator('[name="sign_yellow_dots"]').first).to_be_hidden()
    expect(signs).to_have_text("Trichoscopy signs: 1 recorded")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("[data-assess] details:not([open], [hidden])")).to_have_count(0)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator('[name="sign_yellow_dots"]').first).to_be_hidden()


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
