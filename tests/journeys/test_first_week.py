"""The first week of an empty clinic: its product, lot and protocol, a patient of today, and the published case entered
backwards from paper, the last visit first. At the sizes of a small notebook, a tablet and a telephone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import published_case as case
from tests.journeys.form_driver import FormDriver
from tests.journeys.sizes import SIZES, change_size_at_every_page, set_size
from treatments.models import ExosomeSession, Lot, PassedWarning, Patient, Product

# Where a saved product, lot or protocol is shown; its form stands at an address of its own.
SAVED_AND_SHOWN = re.compile(r"/(products|lots|protocols)/([0-9a-f-]{36}/)?$")

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_the_first_week(new_page: Callable[..., Page], axe: Any, watch: Any) -> None:
    watch.allow("422")
    case.open_an_empty_clinic()
    page = new_page(touch=True)
    change_size_at_every_page(page)
    form = FormDriver(page)

    case.sign_in_and_find_an_empty_clinic(page)
    list_product_lot_and_protocol(page, form)
    treat_a_patient_of_today(page, form, axe)
    home = case.register_the_patient(page, form)
    case.plan_five_monthly_sessions(page, form, home)
    case.upload_the_photographs(page, form, home)
    case.report_the_adverse_events(page, form, home)
    case.look_at_month_5(page, form, home)
    case.look_at_month_3(page, form, home)
    for month in reversed(case.MONTHS):
        log_backwards(page, form, home, f"{month} 2025")
    case.grade_the_baseline(page, form, home)
    case.take_the_history(page, form, home)

    page.goto(home)
    for size in SIZES:
        set_size(page, size)
        axe(page)
        no_page_is_wider_than_its_window(page)
    case.the_timeline_tells_every_fact(page)
    case.a_session_says_what_nobody_recorded(page)


def list_product_lot_and_protocol(page: Page, form: FormDriver) -> None:
    page.goto("/products/add/")
    form.type(name="Invented Vesicles 5", manufacturer="Invented Works", unit_ml="5")
    form.select(source_type="msc_adipose", labelled_route="injectable", regulatory_basis="authorised_product").save()
    page.wait_for_url(SAVED_AND_SHOWN)
    page.goto("/lots/receive/")
    form.type(number="FW-2201", expires="12/2099", vials="4").select(product=str(Product.objects.get().pk)).save()
    page.wait_for_url(SAVED_AND_SHOWN)
    page.goto("/protocols/add/")
    form.type(name="Five a month apart", sessions_planned="5", interval_months="1", volume__vertex="3")
    form.select(route="intradermal_injection").save()
    page.wait_for_url(SAVED_AND_SHOWN)


def treat_a_patient_of_today(page: Page, form: FormDriver, axe: Any) -> None:
    """From registration to the first session on one day; the lot is touched, and then says what is left."""
    page.goto("/patients/register/")
    form.type(name="First Invented-Patient", birth="14 May 1980").select(sex="female").save()
    page.wait_for_url(case.TIMELINE)
    home = page.url.split("?")[0].split("#")[0]
    page.goto(f"{home}courses/plan/")
    form.type(name="First course", sessions_planned="5", interval_months="1", volume__vertex="3").save()
    page.wait_for_url(case.SAVED)
    page.goto(f"{home}sessions/log/")
    axe(page)
    form.tick("lot", str(Lot.objects.get().pk)).select(route="intradermal_injection").tick("reaction", "none")
    form.save_with_reason("Consent form is signed on paper", leads_to=case.TIMELINE)
    expect(page.locator("main")).to_contain_text("Session 1 of 5")
    session = ExosomeSession.objects.get(patient=Patient.objects.get())
    assert (session.lot.number, str(session.lot.stock_ml)) == ("FW-2201", "17.00")


def log_backwards(page: Page, form: FormDriver, home: str, when: str) -> None:
    """Whatever was entered before, the gap between neighbours is a month: no page may warn of it."""
    page.goto(f"{home}sessions/log/")
    form.tick("lot", "unknown").type(volume__vertex="3", as_told="crown and vertex", when=when)
    form.select(route="intradermal_injection", product="", needle_gauge="", operator="")
    if page.locator('main [name="route_confirmed"]').is_checked():
        page.locator('main [name="route_confirmed"]').uncheck(force=True)
    form.save_with_reason(case.NOT_STATED, leads_to=case.TIMELINE)
    kept = ExosomeSession.objects.order_by("-created_at").first()
    # That a later session is there already is true; no gap is unusual, and nobody knows a day.
    passed = PassedWarning.objects.filter(record_id=kept.pk, rule="20").values_list("sentence", flat=True)
    assert [sentence for sentence in passed if re.search(r"\bdays\b|\b1 [A-Z][a-z]{2} 2025", sentence)] == []


def no_page_is_wider_than_its_window(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
