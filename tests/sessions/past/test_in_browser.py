"""The rows of past sessions in a browser: nothing for axe, a row more keeps what is typed, and a past day is one press
away on the log page."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from treatments.models import Draft, ExosomeSession, PassedWarning

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
START = datetime.date.today() - datetime.timedelta(days=400)


@pytest.fixture
def address(cast: Cast) -> str:
    factories.consent(cast.patient, given_on=START - datetime.timedelta(days=10))
    course = factories.course(cast.patient, baseline_on=START)
    factories.lot(factories.product(cast.clinic), number="EX-OLD", received_on=START - datetime.timedelta(days=30))
    return f"/patients/{cast.patient.pk}/sessions/past/?course={course.pk}"


def test_rows_in_a_browser(
    new_page: Callable[..., Page], live_server: Any, axe: Any, watch: Any, cast: Cast, address: str
) -> None:
    watch.allow("422")
    page = new_page()
    sign_in(page.context, cast.nurse, live_server.url)
    page.goto(address)
    for width in (390, 820, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#past-lot").select_option(label=page.locator("#past-lot option", has_text="EX-OLD").inner_text())
    page.locator("#row-0-when").fill(START.isoformat())
    page.locator("#row-1-when").fill("no day at all")
    page.get_by_role("button", name="Add a row").click()
    expect(page.locator(".past-row")).to_have_count(4)
    expect(page.locator(".savebar")).to_contain_text("Draft saved")
    assert [draft.values["row-1-when"] for draft in Draft.objects.all()] == [["no day at all"]]
    expect(page.get_by_text("you left this form without saving")).to_have_count(0)
    assert page.locator("#row-1-when").input_value() == "no day at all"
    page.get_by_role("button", name="Save all").click()
    expect(page.locator("#summary")).to_contain_text("Session 2")
    axe(page)
    page.locator("#row-1-when").fill((START + datetime.timedelta(days=30)).isoformat())
    if page.locator("#past-reason").count():
        page.locator("#past-reason").fill("From the paper file")
    page.get_by_role("button", name="Save all").click()
    expect(page.get_by_text("2 sessions saved.")).to_be_visible()
    assert ExosomeSession.objects.count() == 2
    assert not Draft.objects.exists(), "what is saved is not offered again"


def test_one_reason_for_all_is_offered(
    new_page: Callable[..., Page], live_server: Any, axe: Any, watch: Any, cast: Cast, address: str
) -> None:
    """The place for one reason comes with the warnings, into the page that is open, and passes all of them."""
    watch.allow("422")
    page = new_page()
    sign_in(page.context, cast.nurse, live_server.url)
    page.goto(address)
    page.locator("#past-lot").select_option("unknown")
    for place in (0, 1):
        page.locator(f"#row-{place}-when").fill((START + datetime.timedelta(days=30 * place)).isoformat())
    page.get_by_role("button", name="Save all").click()
    page.get_by_label("One reason for every warning below").fill("From the paper file")
    axe(page)
    page.get_by_role("button", name="Save all").click()
    expect(page.get_by_text("2 sessions saved.")).to_be_visible()
    assert set(PassedWarning.objects.values_list("reason", flat=True)) == {"From the paper file"}


def test_another_day_is_one_press(new_page: Callable[..., Page], live_server: Any, cast: Cast, address: str) -> None:
    """On the log page: the question is open, has the focus, and what stands in it is marked to be typed over."""
    page = new_page()
    sign_in(page.context, cast.nurse, live_server.url)
    page.goto(address.replace("/past/", "/log/"))
    page.get_by_role("link", name="Another day").click()
    when = page.locator("[name=when]").first
    expect(when).to_be_focused()
    page.keyboard.type("14 May 2025")
    expect(when).to_have_value("14 May 2025")
