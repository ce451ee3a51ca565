"""A session of the wrong patient in a real browser: found, looked at, moved, and both records read."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic.staff.models import Role
from tests import factories
from tests.browser import sign_in
from treatments.models import ExosomeSession, Patient
from treatments.sessions.course_state import recompute

MOST = 5
DAY = datetime.date.today() - datetime.timedelta(days=3)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def session(db: None) -> ExosomeSession:
    clinic = factories.clinic()
    by = factories.member(clinic, Role.CLINICIAN)
    wrong = factories.patient(clinic, created_by=by, name="Ida Invented", record_number="HC-0456")
    right = factories.patient(clinic, created_by=by, name="Ida Inventor", record_number="HC-0123")
    for kind in ("treatment", "photography"):
        factories.consent(right, kind, created_by=by)
    there = factories.course(right, created_by=by)
    here = factories.course(wrong, created_by=by)
    session = factories.exosome_session(here, performed_on=DAY, created_by=by)
    factories.adverse_event(wrong, happened=DAY, exosome_session=session, created_by=by)
    for course in (here, there):
        recompute(course.pk)
    return session


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_wrong_patient_in_five(
    width: int, session: ExosomeSession, new_page: Callable[..., Page], live_server: Any, axe: Callable
) -> None:
    """From the record's page to done, the patient found by name: every click and every field typed into is counted."""
    page = new_page(width=width)
    sign_in(page.context, session.created_by, live_server.url)
    page.goto(session.get_absolute_url())
    acts = 0

    def act(step: Callable[[], Any]) -> None:
        nonlocal acts
        acts += 1
        step()

    act(page.get_by_role("link", name="Filed under the wrong patient?").click)
    act(lambda: page.get_by_label("Name, record number or telephone", exact=True).fill("ida inv"))
    act(lambda: page.keyboard.press("Enter"))
    expect(page.get_by_role("link", name="HC-0123")).to_be_visible()
    axe(page)
    act(page.get_by_role("link", name="HC-0123").click)
    expect(page.get_by_role("heading", name="Move this session to another patient")).to_be_visible()
    axe(page)
    act(page.get_by_role("button", name="Move it to HC-0123").click)

    expect(page.get_by_text("Moved here from HC-0456")).to_be_visible()
    print(f"\nfigure: wrong_patient_at_{width} {acts} interactions (<= {MOST})")
    assert acts <= MOST
    right = Patient.objects.get(record_number="HC-0123")
    assert ExosomeSession.objects.get(pk=session.pk).patient == right
    page.goto(Patient.objects.get(record_number="HC-0456").get_absolute_url())
    expect(page.get_by_text("moved to HC-0123")).to_be_visible()
    axe(page)


def test_likely_doubles_are_in_sight(
    new_page: Callable[..., Page], live_server: Any, session: ExosomeSession, watch: Any
) -> None:
    """Whoever registers a patient sees who it may be, and goes on with a reason."""
    there = Patient.objects.get(record_number="HC-0456")
    there.phone = "555 0123 4567"
    there.save()
    page = new_page(width=820)
    sign_in(page.context, session.created_by, live_server.url)
    page.goto("/patients/register/")
    page.locator("[name=name]").fill("Somebody Else")
    watch.allow("status of 422")
    page.locator("[name=phone]").fill("0123-4567")
    page.locator("[name=sex]").select_option("female")
    page.locator("[data-save]").click()

    expect(page.get_by_role("heading", name="Is it one of these?")).to_be_visible(timeout=30_000)
    expect(page.locator(".who-link", has_text="HC-0456")).to_be_visible()
    page.get_by_label("write why").fill("Her sister, the same telephone")
    page.locator("[data-save]").click()
    expect(page.get_by_text("Somebody Else is registered")).to_be_visible(timeout=30_000)
