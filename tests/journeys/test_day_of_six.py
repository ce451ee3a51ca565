"""A day of six patients: a routine session, an allergy, an event that is open, a lot under remark, a patient who walks
in without a plan, and a session filed under the wrong patient. What could harm is in sight before the needle."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.staff.models import Role, User
from tests import factories
from tests.browser import sign_in
from tests.journeys import published_case as case
from tests.journeys.form_driver import FormDriver
from tests.journeys.sizes import SIZES, Size
from treatments.models import Course, ExosomeSession, HairHistory, Lot, PassedWarning, Patient
from treatments.records.months import add_months
from treatments.sessions.course_state import recompute

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MOST_ACTS = 8
REASON = "Looked at with the patient"
STANDS_OVER_THE_FORM = ".before-needle"


@dataclass
class Day:
    """The clinic on the morning of the day: who comes, and what is in stock."""

    doctor: User
    egg_lot: Lot
    plain_lot: Lot
    doubted_lot: Lot
    patients: dict[str, Patient]

    def log_page(self, name: str) -> str:
        return f"{self.patients[name].get_absolute_url()}sessions/log/"


@pytest.fixture
def day(db: None) -> Day:
    clinic = factories.clinic()
    doctor = factories.member(clinic, Role.CLINICIAN, name="Dr Example")
    with_egg = factories.product(clinic, name="Invented Emulsion", excipients="Egg white, water", created_by=doctor)
    plain = factories.product(clinic, name="Invented Solution", excipients="water", created_by=doctor)
    lots = {
        "egg": factories.lot(with_egg, number="EGG-1", created_by=doctor),
        "plain": factories.lot(plain, number="PLAIN-1", created_by=doctor),
        "doubted": factories.lot(with_egg, number="DOUBT-1", created_by=doctor),
    }
    patients = {}
    for name in ("Routine", "Allergy", "Headache", "Remark", "Walkin", "Wrong", "Wright"):
        patients[name] = factories.patient(clinic, name=f"{name} Invented", created_by=doctor)
        factories.consent(patients[name], created_by=doctor)
        if name != "Walkin":
            treated(patients[name], lots["doubted" if name == "Remark" else "egg"], doctor)
    HairHistory.objects.create(
        clinic=clinic, patient=patients["Allergy"], allergies="yes", allergies_text="eggs", created_by=doctor
    )
    factories.adverse_event(patients["Headache"], kind="headache", outcome="3", created_by=doctor)
    harmed = factories.patient(clinic, name="Harmed Invented", created_by=doctor)
    session = treated(harmed, lots["doubted"], doctor).exosome_sessions.get()
    factories.adverse_event(
        harmed, kind="anaphylaxis", grade=3, seriousness=["hospital"], is_serious=True, outcome="3",
        exosome_session=session, created_by=doctor,
    )  # fmt: skip
    return Day(doctor, lots["egg"], lots["plain"], lots["doubted"], patients)


def treated(patient: Patient, lot: Lot, doctor: User) -> Course:
    """A course that began a month ago with a first session from this lot."""
    begun = add_months(timezone.localdate(), -1)
    course = factories.course(patient, baseline_on=begun, product=lot.product, created_by=doctor)
    factories.exosome_session(course, lot=lot, product=lot.product, created_by=doctor)
    recompute(course.pk)
    return course


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_day_of_six(
    size: Size, day: Day, new_page: Callable[..., Page], live_server: Any, axe: Any, watch: Any
) -> None:
    watch.allow("422")
    page = new_page(**size.options)
    sign_in(page.context, day.doctor, live_server.url)
    form = FormDriver(page)
    page.goto("/")
    axe(page)

    the_routine_session(page, day)
    the_allergy(page, form, day, axe)
    the_open_event(page, form, day)
    the_lot_under_remark(page, form, day)
    the_walk_in(page, form, day)
    the_wrong_patient(page, form, day)

    page.goto("/")
    expect(page.locator("main")).not_to_contain_text("6 of 5")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    given = ExosomeSession.objects.standing().filter(performed_on=timezone.localdate())
    assert given.count() == 6
    assert set(given.values_list("patient__name", flat=True)) == {
        f"{name} Invented" for name in ("Routine", "Allergy", "Headache", "Remark", "Walkin", "Wright")
    }
    for lot in Lot.objects.all():  # what was given before the day was not drawn from these lots
        used = sum(session.total_ml for session in given if session.lot_id == lot.pk)
        assert lot.stock_ml == lot.received_ml - used, lot


def the_routine_session(page: Page, day: Day) -> None:
    """Nobody has touched a lot: none is chosen. The touch is among the few interactions that it takes."""
    page.goto(day.patients["Routine"].get_absolute_url())
    acts = [
        page.get_by_role("link", name="Log session").first,
        page.locator("main .since-answers label").first,
        lot_choice(page, day.egg_lot),
        page.locator('main label:has(input[name="reaction"][value="none"])').first,
        page.locator("main [data-save]").first,
    ]
    for number, act in enumerate(acts):
        if number == 1:
            page.wait_for_url("**/sessions/log/**")
            expect(page.locator('input[name="lot"]:checked')).to_have_count(0)
        act.click()
    page.wait_for_url(case.TIMELINE)
    assert len(acts) <= MOST_ACTS


def lot_choice(page: Page, lot: Lot) -> Any:
    return page.locator(f'main label:has(input[name="lot"][value="{lot.pk}"])')


def is_in_sight_at_once(page: Page, words: str) -> None:
    """Within the window before anybody scrolls or types."""
    box = page.locator("main").get_by_text(re.compile(words, re.IGNORECASE)).first.bounding_box()
    assert box is not None and box["y"] + box["height"] <= page.viewport_size["height"], words


def the_allergy(page: Page, form: FormDriver, day: Day, axe: Any) -> None:
    page.goto(day.log_page("Allergy"))
    axe(page)
    is_in_sight_at_once(page, r"\beggs\b")
    form.tick("since_last", "none").tick("lot", str(day.egg_lot.pk)).tick("reaction", "none").save()
    expect(page.locator("main .errors").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("egg white", ignore_case=True)
    assert not ExosomeSession.objects.filter(
        patient=day.patients["Allergy"], performed_on=timezone.localdate()
    ).exists()
    form.tick("lot", str(day.plain_lot.pk)).save()
    page.wait_for_url(case.TIMELINE)
    assert ExosomeSession.objects.get(patient=day.patients["Allergy"], lot=day.plain_lot).product == (
        day.plain_lot.product
    )


def the_open_event(page: Page, form: FormDriver, day: Day) -> None:
    page.goto(day.log_page("Headache"))
    is_in_sight_at_once(page, "headache")
    form.tick("since_last", "none").tick("lot", str(day.egg_lot.pk)).tick("reaction", "none").save()
    expect(page.locator("main .errors").first).to_be_visible()
    form.save_with_reason(REASON, leads_to=case.TIMELINE)
    session = ExosomeSession.objects.get(patient=day.patients["Headache"], performed_on=timezone.localdate())
    read = PassedWarning.objects.filter(record_id=session.pk).values_list("sentence", flat=True)
    assert any("headache" in sentence.lower() for sentence in read)


def the_lot_under_remark(page: Page, form: FormDriver, day: Day) -> None:
    page.goto(day.log_page("Remark"))
    expect(page.locator('input[name="lot"]:checked')).to_have_count(0)
    expect(page.locator("main")).to_contain_text(re.compile("serious", re.IGNORECASE))
    form.tick("since_last", "none").tick("lot", str(day.egg_lot.pk)).tick("reaction", "none").save()
    page.wait_for_url(case.TIMELINE)


def the_walk_in(page: Page, form: FormDriver, day: Day) -> None:
    page.goto(day.log_page("Walkin"))
    page.get_by_role("link", name="Plan a course").click()
    form.type(name="Walk-in", sessions_planned="1", interval_months="1", volume__vertex="2")
    form.select(route="intradermal_injection").save()
    page.wait_for_url(case.SAVED)
    page.goto(day.log_page("Walkin"))
    form.tick("lot", str(day.plain_lot.pk)).tick("reaction", "none")
    form.save_with_reason(REASON, leads_to=case.TIMELINE)


def the_wrong_patient(page: Page, form: FormDriver, day: Day) -> None:
    page.goto(day.log_page("Wrong"))
    form.tick("since_last", "none").tick("lot", str(day.egg_lot.pk)).tick("reaction", "none").save()
    page.wait_for_url(case.TIMELINE)
    wrong, right = day.patients["Wrong"], day.patients["Wright"]
    page.goto(ExosomeSession.objects.get(patient=wrong, performed_on=timezone.localdate()).get_absolute_url())
    page.get_by_role("link", name="Filed under the wrong patient?").click()
    page.get_by_label("Name, record number or telephone", exact=True).fill("wright inv")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=right.record_number).click()
    page.get_by_role("button", name=f"Move it to {right.record_number}").click()
    expect(page.locator("main")).to_contain_text(f"Moved here from {wrong.record_number}")
    page.goto(wrong.get_absolute_url())
    expect(page.locator("main")).to_contain_text(f"moved to {right.record_number}")
    assert Course.objects.get(patient=wrong).sessions_done == 1
    assert Course.objects.get(patient=right).sessions_done == 2
