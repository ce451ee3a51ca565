"""The published case goes in by hand, from sign-in to timeline, and comes out with no fact lost and none invented."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys import published_case as case
from tests.journeys.form_driver import FormDriver

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_the_published_case_by_hand(page: Page, axe: Any, watch: Any) -> None:
    # A form that asks for a reason answers 422, which the browser writes to its console.
    watch.allow("422")
    case.open_an_empty_clinic()
    form = FormDriver(page)

    case.sign_in_and_find_an_empty_clinic(page)
    home = case.register_the_patient(page, form)
    case.take_the_history(page, form, home)
    case.grade_the_baseline(page, form, home)
    case.plan_five_monthly_sessions(page, form, home)
    for month in case.MONTHS:
        case.log_a_session(page, form, home, f"{month} 2025")
    case.look_at_month_3(page, form, home)
    case.look_at_month_5(page, form, home)
    case.report_the_adverse_events(page, form, home)
    case.upload_the_photographs(page, form, home)

    page.goto(home)
    axe(page)
    case.the_timeline_tells_every_fact(page)
    case.a_session_says_what_nobody_recorded(page)
    case.the_record_holds_every_fact_and_no_other()
