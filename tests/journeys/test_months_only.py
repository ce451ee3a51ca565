"""A history known to months only, from 1990 to this month, with two courses one after the other: entered by hand, and
read on every page. No page names a day that nobody knows, and neither course changes what is told of the other."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journeys import published_case as case
from tests.journeys.form_driver import FormDriver
from tests.journeys.sizes import SIZES, change_size_at_every_page, set_size
from treatments.models import Course
from treatments.records.months import add_months

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

REASON = "Entered from the paper file"
# "14 May 2020", "14/05/2020" and "2020-05-14", in any text that a person reads.
DAYS = re.compile(
    r"\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*(?: \d{4})?\b|\b\d{1,2}/\d{1,2}/\d{4}\b"
    r"|\b\d{4}-\d{2}-\d{2}\b"
)


# A form proposes today; a file is no page.
IS_READ = re.compile(
    r"^/patients/(?!.*/(?:add|archive|log|assess|correct|strike-out|report|plan|upload|original|file)\b)"
).match


def test_a_history_of_months(new_page: Callable[..., Page], axe: Any, watch: Any) -> None:
    watch.allow("422")
    case.open_an_empty_clinic()
    page = new_page(touch=True)
    change_size_at_every_page(page)
    form = FormDriver(page)
    case.sign_in_and_find_an_empty_clinic(page)
    home = register(page, form)

    first = plan(page, form, home, "First course", "March 1990")
    for month in ("March", "April", "May"):
        log(page, form, home, first, f"{month} 1990")
    count_hairs(page, form, home, first, "February 1990", "100")
    count_hairs(page, form, home, first, "March 1991", "165")
    grade(page, form, home, first, "March 1990", "IV")
    grade(page, form, home, first, "March 1991", "III")
    told_before = words_of_the_first_course(page, home, first)

    this_month = f"{add_months(timezone.localdate(), 0):%B %Y}"
    second = plan(page, form, home, "Second course", f"{add_months(timezone.localdate(), -2):%B %Y}")
    log(page, form, home, second, f"{add_months(timezone.localdate(), -2):%B %Y}")
    log(page, form, home, second, f"{add_months(timezone.localdate(), -1):%B %Y}")
    report_an_event(page, form, home, this_month)
    give_another_treatment(page, form, home)

    assert words_of_the_first_course(page, home, first) == told_before
    for address in addresses(page, home):
        page.goto(address)
        examples = DAYS.findall(" ".join(page.locator("main .form-text").all_inner_texts()))
        notices = DAYS.findall(" ".join(page.locator("[data-second-factor-notice]").all_inner_texts()))
        named = set(DAYS.findall(page.locator("main").inner_text())) - days_of_entry() - {*examples, *notices}
        assert named == set(), address
        for size in SIZES:
            set_size(page, size)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, size)
    page.goto(home)
    axe(page)


def register(page: Page, form: FormDriver) -> str:
    page.goto("/patients/register/")
    form.type(name="Monthly Invented-Record", birth="1948").select(sex="male").save()
    page.wait_for_url(case.TIMELINE)
    home = page.url.split("?")[0].split("#")[0]
    page.goto(f"{home}history/")
    form.type(onset="about 1985", story="Known to the month at best.").save()
    page.wait_for_url(case.TIMELINE)
    return home


def plan(page: Page, form: FormDriver, home: str, name: str, baseline: str) -> Course:
    page.goto(f"{home}courses/plan/")
    form.type(name=name, baseline=baseline, sessions_planned="3", interval_months="1", volume__vertex="3")
    form.save_with_reason(REASON, leads_to=case.SAVED)
    return Course.objects.get(name=name)


def log(page: Page, form: FormDriver, home: str, course: Course, when: str) -> None:
    page.goto(f"{home}sessions/log/?course={course.pk}")
    form.tick("lot", "unknown").type(volume__vertex="3", when=when).select(route="intradermal_injection", operator="")
    form.save_with_reason(REASON, leads_to=case.TIMELINE)


def count_hairs(page: Page, form: FormDriver, home: str, course: Course, when: str, value: str) -> None:
    page.goto(f"{home}measurements/add/")
    choose_course(page, form, course)
    form.type(when=when, value=value).select(kind="hair_density", method="phototrichogram", site="vertex")
    form.save_with_reason(REASON, leads_to=re.compile(r"/patients/[0-9a-f-]{36}/(measurements/[0-9a-f-]{36}/)?(#.*)?$"))


def grade(page: Page, form: FormDriver, home: str, course: Course, when: str, stage: str) -> None:
    page.goto(f"{home}assess/")
    choose_course(page, form, course)
    form.type(when=when).tick("grade", f"norwood_1975:{stage}")
    form.save_with_reason(REASON, leads_to=case.SAVED)


def choose_course(page: Page, form: FormDriver, course: Course) -> None:
    """Asked for only where a patient has more than one."""
    if page.locator('main select[name="course"]').count():
        form.select(course=str(course.pk))


def report_an_event(page: Page, form: FormDriver, home: str, when: str) -> None:
    page.goto(f"{home}events/report/")
    form.tick("kind", "headache") if page.locator('[name="kind"][type="radio"]').count() else form.select(
        kind="headache"
    )
    form.type(onset=when).tick("grade", "1").tick("outcome", "1")
    form.save_with_reason(REASON, leads_to=case.SAVED)


def give_another_treatment(page: Page, form: FormDriver, home: str) -> None:
    page.goto(f"{home}therapies/add/")
    form.select(kind="minoxidil_topical").type(started="2019")
    form.save_with_reason(REASON, leads_to=case.TIMELINE)


def words_of_the_first_course(page: Page, home: str, course: Course) -> list[str]:
    """What stands under the months of 1990 and 1991, whatever else the page tells."""
    page.goto(home)
    expect(page.locator("h1")).to_have_text("Monthly Invented-Record")
    return [text for text in page.locator("section.month").all_inner_texts() if re.search(r"\b199[01]\b", text)]


def addresses(page: Page, home: str) -> list[str]:
    """The lists of the day, and every page of the record that the timeline links to for reading."""
    page.goto(home)
    links = page.locator("main a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return sorted({"/", "/patients/", "/adverse-events/", *(link.partition("#")[0] for link in links if IS_READ(link))})


def days_of_entry() -> set[str]:
    """When something was entered or printed is known to the day: it is today."""
    today: date = timezone.localdate()
    return {f"{today.day} {today:%b %Y}", f"{today.day} {today:%b}", f"{today.day} {today:%B %Y}"}
