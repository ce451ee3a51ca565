"""From `open_clinic` on the server to a nurse who logs a session on another device, with no shell in between: every
account is opened by a one-time link, and First start leads the manager."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from qrcode.main import QRCode

from clinic.staff.models import OneTimeLink
from tests.factories import PASSWORD
from tests.journeys.form_driver import FormDriver
from tests.journeys.published_case import SAVED, TIMELINE
from treatments.models import ExosomeSession, Patient

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MOST = 55
NURSE_PASSWORD = "nine blue kettles under the stairs"
SAVED_AND_SHOWN = re.compile(r"/(products|lots|protocols)/([0-9a-f-]{36}/)?$")


class CountingDriver(FormDriver):
    """Counts what a person does: each click, each field typed into or chosen in."""

    acts = 0

    def click(self, target: Locator) -> None:
        self.acts += 1
        target.click()

    def type(self, **fields: Any) -> "FormDriver":
        self.acts += len(fields)
        return super().type(**fields)

    def select(self, **fields: str) -> "FormDriver":
        self.acts += len(fields)
        return super().select(**fields)

    def tick(self, name: str, *values: str) -> "FormDriver":
        self.acts += len(values)
        return super().tick(name, *values)

    def save(self) -> "FormDriver":
        self.acts += 1
        return super().save()

    def press(self, name: str) -> None:
        self.click(self.page.locator("main").get_by_role("button", name=name))

    def follow(self, name: str) -> None:
        self.click(self.page.locator("main").get_by_role("link", name=name, exact=True).first)


def test_first_day_needs_no_shell(new_page: Callable[..., Page], live_server: Any, watch: Any, axe: Any) -> None:
    watch.allow("422")
    told = io.StringIO()
    call_command(
        *("open_clinic", "--name", "Lime Tree Hair Clinic", "--person", "Ada Bloom", "--email", "ada@example.test"),
        *("--address", live_server.url),
        stdout=told,
    )
    link = told.getvalue().split()[-1]
    manager, nurse = new_page(), new_page(width=820, height=1180, touch=True)
    at_desk, on_tablet = CountingDriver(manager), CountingDriver(nurse)

    open_account(at_desk, link, PASSWORD)
    begin_the_clinic(at_desk)
    link = add_the_nurse(at_desk, axe)
    list_product_and_lot(at_desk)
    register_and_plan(at_desk)
    open_account(on_tablet, link, NURSE_PASSWORD)
    log_the_first_session(on_tablet)

    session = ExosomeSession.objects.get()
    assert (str(session.created_by), str(session.lot)) == ("Mei Tan", "FD-2301")
    assert OneTimeLink.objects.open().count() == 0
    acts = at_desk.acts + on_tablet.acts
    print(f"\nfigure: open_clinic_to_first_session {acts} interactions (<= {MOST})")
    assert acts <= MOST


def open_account(form: CountingDriver, link: str, password: str) -> None:
    form.page.goto(link)  # scanned with a camera
    form.type(password=password, again=password).press("Save and sign in")
    form.page.wait_for_url(re.compile(r"://[^/]+/$"))


def step_of_first_start(form: CountingDriver, act: str) -> None:
    """Today leads to First start as long as something is missing; there the next thing to do has a button."""
    form.page.goto("/")
    form.follow("Go to First start")
    form.follow(act)


def begin_the_clinic(form: CountingDriver) -> None:
    step_of_first_start(form, "Open the clinic’s page")
    form.type(letterhead="1 Invented Road\nSingapore 000001").save()
    form.page.wait_for_url("**/first-start/")
    expect(form.page.locator(".first-step").first).to_contain_text("done")


def add_the_nurse(form: CountingDriver, axe: Any) -> str:
    """Returns the link, as the square says it: each of its modules is compared with a drawing of the text beside it."""
    page = form.page
    form.follow("Add a person")
    form.type(name="Mei Tan", email="mei@example.test").select(role="nurse").press("Add this person")
    expect(page.locator("h1")).to_have_text("Link for Mei Tan")
    address = page.locator("[data-copied]").inner_text()
    axe(page)
    assert modules(page.locator("svg.qr")) == drawn(address)
    form.follow("Done")
    page.reload()
    assert address.rsplit("/", 2)[1] not in page.content(), "shown once"
    return address


def drawn(text: str) -> list[list[bool]]:
    code: QRCode = QRCode(border=4, error_correction=0)
    code.add_data(text)
    return code.get_matrix()


def modules(square: Locator) -> list[list[bool]]:
    """What a camera sees: whether the middle of each module is dark, in a picture of the page."""
    size = int(str(square.get_attribute("viewBox")).split()[-1])
    picture = Image.open(io.BytesIO(square.screenshot())).convert("L")
    border = 1  # of the element, in px
    step = (picture.width - 2 * border) / size
    middles = [round(border + step * (n + 0.5)) for n in range(size)]
    return [[picture.getpixel((x, y)) < 128 for x in middles] for y in middles]


def list_product_and_lot(form: CountingDriver) -> None:
    step_of_first_start(form, "Add a product")
    form.type(name="Invented Vesicles 5", unit_ml="5")
    form.select(source_type="msc_adipose", labelled_route="injectable", regulatory_basis="authorised_product").save()
    form.page.wait_for_url(SAVED_AND_SHOWN)
    form.follow("Receive a lot")
    form.type(number="FD-2301", expires="12/2099", vials="4").save()
    form.page.wait_for_url(SAVED_AND_SHOWN)


def register_and_plan(form: CountingDriver) -> None:
    step_of_first_start(form, "Register a patient")
    form.type(name="First Invented-Patient", birth="14 May 1980").select(sex="female").save()
    form.page.wait_for_url(TIMELINE)
    form.follow("Plan a course")
    form.type(name="First course", sessions_planned="5", interval_months="1", volume__vertex="3").save()
    form.page.wait_for_url(SAVED)
    form.page.goto("/first-start/")
    expect(form.page.locator("h1 + p")).to_contain_text("ready")


def log_the_first_session(form: CountingDriver) -> None:
    page = form.page
    home = Patient.objects.get().get_absolute_url()
    form.click(page.get_by_role("link", name=re.compile("First Invented-Patient")).first)
    page.wait_for_url(TIMELINE)
    page.goto(f"{home}consents/add/?kind=treatment")
    form.type(form_version="T-1").tick("signed_how", "paper_filed").save()
    page.wait_for_url(lambda address: "/add/" not in address)
    page.goto(f"{home}sessions/log/")
    form.tick("lot", str(form_value(page))).select(route="intradermal_injection").tick("reaction", "none")
    form.save_with_reason("First session on this day", leads_to=TIMELINE)
    expect(page.locator("main")).to_contain_text("Session 1 of 5")


def form_value(page: Page) -> str:
    return str(page.locator('main [name="lot"]').first.get_attribute("value"))
