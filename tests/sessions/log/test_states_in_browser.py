"""The log page in every state it can be in: it says what is typed, and each state is accessible."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from tests.sessions.log.post_data import TODAY, lot_of, planned
from treatments.models import Course, ExosomeSession
from treatments.records.months import add_months
from treatments.sessions.log import actions

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def course(cast: Cast) -> Course:
    """Two monthly sessions, both given by the nurse; two lots are in stock, the last one used is not the next to go."""
    last = lot_of(cast, number="EX-2504", expires_on=TODAY() + datetime.timedelta(days=300))
    factories.lot(last.product, number="EX-2503", expires_on=TODAY() + datetime.timedelta(days=60))
    made = planned(cast, baseline_on=add_months(TODAY(), -2), product=last.product)
    for months in (-2, -1):
        factories.exosome_session(
            made, performed_on=add_months(TODAY(), months), lot=last, product=last.product, needle_gauge=30
        )
    return made


@pytest.fixture
def open_as_nurse(new_page: Callable[..., Page], live_server: Any, cast: Cast, course: Course) -> Callable[..., Page]:
    def make(address: str = "", **options: Any) -> Page:
        page = new_page(**options)
        sign_in(page.context, cast.nurse, live_server.url)
        page.goto(address or log_address(course))
        return page

    return make


def log_address(course: Course) -> str:
    return f"{course.patient.get_absolute_url()}sessions/log/"


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()


def open_the_rest(page: Page) -> None:
    page.locator("summary", has_text="given by").click()


def test_heading_and_folded_lines_follow(open_as_nurse: Callable[..., Page], course: Course) -> None:
    """The heading and the folded lines follow what is typed."""
    page = open_as_nurse()
    said = {name: page.locator(f'[data-heading="{name}"]') for name in ("title", "day", "month", "before")}
    expect(said["title"]).to_have_text("Session 3 of 5")
    open_the_rest(page)
    day = course.baseline_on + datetime.timedelta(days=1)

    page.locator('[name="when"]').fill(f"{day:%-d/%-m/%Y}")
    page.locator('[name="when"]').blur()
    page.locator('[name="operator"]').select_option("")

    expect(said["day"]).to_have_text(f"{day:%A %-d %B %Y}")
    expect(said["title"]).to_have_text("Session 2 of 5")
    expect(said["month"]).to_have_text("Month 0 (+1 day)")
    expect(said["before"]).to_contain_text("Session 1,")
    expect(page.locator('[data-in-words="rest"]')).to_have_text(f"{day:%-d/%-m/%Y}, given by somebody not recorded")
    page.locator('[name="when"]').fill("31 Feb 2026")
    page.locator('[name="when"]').blur()
    expect(said["day"]).to_have_text("Day to be checked")
    page.locator("details.carry summary").first.click()
    page.locator('[name="route"]').select_option("topical_only")
    expect(page.locator('[data-in-words="settings"]')).to_have_text("Topical only; 30 G")


def press_the_lot(page: Page) -> None:
    page.locator(".lot", has=page.locator(".lot-suggested")).locator('[name="lot"]').click()


def test_suggested_lot_waits_for_a_press(open_as_nurse: Callable[..., Page]) -> None:
    """The suggested lot stands first and is not chosen before somebody presses it."""
    page = open_as_nurse()
    first = page.locator(".lot").first
    expect(first).to_contain_text("EX-2503")
    expect(first.locator(".lot-suggested")).to_have_text("suggested")
    expect(page.locator('[name="lot"]:checked')).to_have_count(0)
    press_the_lot(page)
    expect(first.get_by_role("radio")).to_be_checked()


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_saved_session_is_in_view(open_as_nurse: Callable[..., Page], width: int) -> None:
    """The new session and what is due next are in view after saving."""
    page = open_as_nurse(width=width, height=844)
    page.locator('[name="since_last"][value="none"]').click()
    press_the_lot(page)
    save(page)
    page.wait_for_url("**/#r-*")
    expect(page.locator(f"#r-{ExosomeSession.objects.get(performed_on=TODAY()).pk} a").first).to_be_in_viewport()
    said = page.get_by_text("Session 3 of 5 is saved. Next due")
    expect(said).to_be_in_viewport()
    entry = page.locator(f"#r-{ExosomeSession.objects.get(performed_on=TODAY()).pk} a").first.bounding_box()
    notice = said.bounding_box()
    assert entry and notice and notice["y"] + notice["height"] <= entry["y"], "the one does not lie over the other"


def test_form_with_another_patients_id_saves(open_as_nurse: Callable[..., Page], cast: Cast, watch: Any) -> None:
    """A form whose id was used for another patient is saved by the next press."""
    watch.allow("status of 409")
    other = factories.exosome_session(factories.course(factories.patient(cast.clinic)), note="secret words")
    page = open_as_nurse()
    press_the_lot(page)
    page.evaluate(f"""document.querySelector('form[data-record-form] [name="id"]').value = "{other.pk}" """)
    save(page)
    expect(page.get_by_text("This form was used before for another patient")).to_be_visible()
    assert "secret words" not in page.content()
    save(page)
    page.wait_for_url("**/#r-*")
    assert ExosomeSession.objects.filter(performed_on=TODAY(), patient=cast.patient).count() == 1


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_every_state_is_accessible(
    open_as_nurse: Callable[..., Page], course: Course, cast: Cast, axe: Callable, watch: Any, width: int
) -> None:
    """Every state of the page is accessible and never scrolls sideways."""
    watch.allow("status of 422", "status of 409", "ERR_INTERNET_DISCONNECTED")
    page = open_as_nurse(width=width, height=2400)  # all of the page: what scrolls under the bar is not too small there

    def check(state: str) -> None:
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state

    # what is wrong, and what is doubtful
    page.locator('[name="since_last"][value="yes"]').click()
    page.locator('[name="reaction"][value="other"]').click()
    page.locator("summary", has_text="Temples").click()
    page.locator('[name="volume-vertex"]').fill("x" * 40)
    open_the_rest(page)
    page.locator('[name="when"]').fill(f"{add_months(TODAY(), -1) + datetime.timedelta(days=5):%-d %b %Y}")
    save(page)
    expect(page.locator("#summary")).to_be_visible()
    expect(page.locator(".field-error, .invalid-feedback")).not_to_have_count(0)
    expect(page.locator(".field-warning").first).to_be_visible()
    check("errors and warnings")

    page.context.set_offline(True)
    page.locator('[name="note"]').fill("words " * 40)
    expect(page.locator("[data-state]")).to_contain_text("offline")
    check("offline")
    page.context.set_offline(False)
    expect(page.locator("[data-state]")).to_contain_text("Draft saved", timeout=15_000)

    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(log_address(course))
    expect(page.get_by_text("you left this form without saving")).to_be_visible()
    check("a draft is offered")

    session = ExosomeSession.objects.order_by("performed_on").last()
    assert session is not None
    page.goto(f"{session.get_absolute_url()}correct/")
    actions.correct_session(
        session,
        changes={"note": "theirs " * 30},
        volumes={row.region: row.ml for row in session.region_volumes.all()},
        reason="syringe misread",
        expected_version=1,
        by=cast.clinician,
    )
    page.locator('[name="note"]').fill("mine " * 30)
    page.locator('[name="correction_reason"]').fill("looked again")
    save(page)
    expect(page.get_by_text("changed this while you were editing")).to_be_visible()
    expect(page.locator("#summary")).to_contain_text("mine mine")
    check("somebody else was first")
