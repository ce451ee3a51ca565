"""Nothing typed is lost and nothing is saved twice, as a person sees it in a browser."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, expect

from tests import factories
from tests.browser import sign_in
from tests.cast import Cast
from treatments.models import Draft, HairHistory, Patient, Therapy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STORY = ("Thinner at the crown since the wedding, says the patient. " * 80)[:3990] + "The end."


@pytest.fixture
def open_form(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> Callable[..., Page]:
    """Sign in and open the hair-loss history of the cast's patient, or another page."""

    def go(path: str = "", *, person: Any = None, **options: Any) -> Page:
        page = new_page(**options)
        sign_in(page.context, person or cast.clinician, live_server.url)
        page.goto(path or history_of(cast))
        return page

    return go


def history_of(cast: Cast) -> str:
    return f"/patients/{cast.patient.pk}/history/"


def state(page: Page) -> Any:
    return page.locator("[data-state]")


def wait_until(page: Page, true: Callable[[], bool], seconds: float = 10) -> float:
    """Seconds it took; fails when it does not come true. Waits in the page, whose requests would stand still else."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "did not come true in time"
        page.wait_for_timeout(20)
    return time.monotonic() - started


def expire_sessions() -> None:
    Session.objects.all().delete()


def give_password(page: Page, password: str = factories.PASSWORD) -> None:
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name=re.compile("^Sign in")).click()


def test_a_draft_is_on_the_server_two_seconds_after_the_last_key(open_form: Any, cast: Cast) -> None:
    page = open_form()

    page.get_by_label("In the patient's words").press_sequentially("Thinner at the crown", delay=5)

    took = wait_until(page, lambda: bool(Draft.objects.filter(values__story=["Thinner at the crown"])))
    assert took < 2
    expect(state(page)).to_contain_text(re.compile(r"Draft saved \d\d:\d\d"))
    assert Draft.objects.get().owner == cast.clinician


def test_a_draft_is_offered_with_its_time_and_put_in_only_when_asked(open_form: Any, cast: Cast) -> None:
    page = open_form()
    page.get_by_label("In the patient's words").fill("Left in the middle")
    page.get_by_label("Smoking").fill("never")
    wait_until(page, lambda: Draft.objects.filter(values__smoking=["never"]).exists())
    page.goto("/patients/")

    page.goto(history_of(cast))

    offer = page.get_by_text(re.compile(r"You left this form unsaved, \d\d:\d\d"))
    expect(offer).to_be_visible()
    expect(page.get_by_label("In the patient's words")).to_have_value("")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_label("In the patient's words")).to_have_value("Left in the middle")
    expect(page.get_by_label("Smoking")).to_have_value("never")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/patients/{cast.patient.pk}/")
    assert HairHistory.objects.get().story == "Left in the middle"
    assert not Draft.objects.exists()
