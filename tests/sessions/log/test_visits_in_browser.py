"""A combined visit and a walk-in in a real browser, with and without its scripts."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic.staff.models import Role, User
from tests import factories
from tests.browser import sign_in
from treatments.models import Course, ExosomeSession, Lot, Patient

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lots(db: None) -> tuple[Lot, Lot]:
    product = factories.product(factories.clinic())
    return factories.lot(product, number="EX-2503"), factories.lot(product, number="EX-2504")


@pytest.fixture
def nurse(lots: tuple[Lot, Lot]) -> User:
    return factories.member(lots[0].clinic, Role.NURSE)


@pytest.fixture
def patient(nurse: User, lots: tuple[Lot, Lot]) -> Patient:
    made = factories.patient(lots[0].clinic, created_by=nurse, name="Ida Invented")
    factories.consent(made, created_by=nurse)
    return made


@pytest.mark.parametrize("scripts", [True, False])
def test_combined_visit(
    new_page: Callable[..., Page], live_server: Any, nurse: User, patient: Patient, lots: tuple[Lot, Lot],
    axe: Callable[[Page], None], scripts: bool,
) -> None:  # fmt: skip
    """A second vial is folded away until it is wanted, then a choice and its mL; the page needs no script for it."""
    course = factories.course(patient, created_by=nurse)
    page = new_page(width=390, touch=True, java_script_enabled=scripts)
    sign_in(page.context, nurse, live_server.url)
    page.goto(f"{patient.get_absolute_url()}sessions/log/?course={course.pk}")
    expect(page.locator('[name="also1-what"]')).to_be_hidden()
    page.locator('label:has([name="lot"])', has_text="EX-2503").click()
    page.locator('[name="volume-vertex"]').fill("3")
    page.get_by_text("+ Another product, lot or technique").click()
    page.locator('[name="also1-what"]').select_option(str(lots[1].pk))
    page.locator('[name="also1-volume-vertex"]').fill("1.5")
    page.locator('label:has([name="reaction"][value="none"])').click()
    if scripts:
        axe(page)
    page.get_by_role("button", name="Save session").click()
    page.wait_for_url("**/#r-*", timeout=30_000)
    expect(page.locator("main")).to_contain_text("Also given: ")
    session = ExosomeSession.objects.get()
    assert session.total_ml == Decimal("4.50")
    assert [(each.lot, each.total_ml) for each in session.applications.all()] == [(lots[1], Decimal("1.50"))]


def test_walk_in(
    new_page: Callable[..., Page], live_server: Any, nurse: User, patient: Patient, axe: Callable[[Page], None]
) -> None:
    """A nurse picks the protocol and logs; the summary follows the day, though there is no course yet."""
    factories.protocol(patient.clinic, name="One session", takes_walk_ins=True, created_by=nurse)
    page = new_page(width=390, touch=True)
    sign_in(page.context, nurse, live_server.url)
    page.goto(f"{patient.get_absolute_url()}sessions/log/")
    page.get_by_role("link", name="Walk-in: One session").click()
    expect(page.locator("h1")).to_have_text("Session 1 of 1")
    page.locator('label:has([name="lot"])', has_text="EX-2503").click()
    page.locator('label:has([name="reaction"][value="none"])').click()
    axe(page)
    page.get_by_role("button", name="Save session").click()
    page.wait_for_url("**/#r-*", timeout=30_000)
    course = Course.objects.get()
    assert (course.name, course.state, ExosomeSession.objects.get().course) == ("One session", "finished", course)


def test_folded_part_says_what_it_holds(
    new_page: Callable[..., Page], live_server: Any, nurse: User, patient: Patient, lots: tuple[Lot, Lot]
) -> None:
    """What was typed in a part is not hidden behind "+ One more": it says so folded, and stands open after a draft."""
    course = factories.course(patient, created_by=nurse)
    page = new_page(width=390)
    sign_in(page.context, nurse, live_server.url)
    page.goto(f"{patient.get_absolute_url()}sessions/log/?course={course.pk}")
    part, note = page.locator("[data-further=also1]"), page.locator('[name="also1-note"]')
    title, further = part.locator("> summary"), page.locator("[data-further=also2] > summary")
    title.click()
    note.fill("Second vial")
    title.click()
    expect(note).to_be_hidden()
    expect(title).to_have_text("Also given, 2")
    expect(further).to_have_text("+ One more")
    further.click()
    page.locator('[name="also2-note"]').fill("Third vial")
    further.click()
    expect(further).to_be_visible()
    expect(further).to_have_text("Also given, 3")
    further.click()
    page.locator('[name="also2-note"]').fill("")
    further.click()
    expect(further).to_have_text("+ One more")
    page.wait_for_timeout(2500)
    page.reload()
    page.get_by_role("button", name="Resume").click()
    expect(note).to_be_visible()
    expect(note).to_have_value("Second vial")
    expect(title).to_have_text("Also given, 2")
