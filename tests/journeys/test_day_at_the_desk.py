"""A day at the desk: twelve visits of six kinds and more, from Today, whose lists are right in the evening."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clinic.staff.models import Clinic, Role, User
from tests import factories
from tests.browser import sign_in
from tests.journeys import published_case as case
from tests.journeys.form_driver import FormDriver
from treatments.examination.stage_picker import NOT_GRADED
from treatments.models import AdverseEvent, Appointment, Call, ExosomeSession, Patient
from treatments.records.months import add_months
from treatments.sessions.course_state import recompute
from treatments.timeline.today import agenda

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MOST_ACTS_FOR_AN_EVENT = 6
BOOKING = re.compile(r"/bookings/[0-9a-f-]{36}/$")
REASON = "Looked at with the patient"
SESSIONS = ("Sage", "Sorrel", "Senna")
COMBINED = "Sorrel"
ASSESSMENTS = ("Aster", "Anise")
FOLLOW_UPS = ("Fern", "Flax")


class Day:
    """The clinic in the morning: seven are booked, one of whom will not come; three are due and not booked."""

    def __init__(self) -> None:
        self.clinic: Clinic = factories.clinic()
        self.nurse: User = factories.member(self.clinic, Role.CLINICIAN, name="Dr Example")
        self.lot = factories.lot(
            factories.product(self.clinic, created_by=self.nurse), received_ml="400", created_by=self.nurse
        )
        # What one visit is given beside: another product, of its own lot.
        self.beside = factories.lot(
            factories.product(self.clinic, name="Second invented product", created_by=self.nurse),
            number="EX-BESIDE", created_by=self.nurse,
        )  # fmt: skip
        self.protocol = factories.protocol(
            self.clinic, name="Single visit", product=self.lot.product, takes_walk_ins=True, created_by=self.nurse
        )
        booked = [
            ("session", SESSIONS),
            ("assessment", ASSESSMENTS),
            ("follow_up", FOLLOW_UPS),
            ("session", ("Nettle",)),
        ]
        self.patients: dict[str, Patient] = {}
        for kind, names in booked:
            for name in names:
                patient = self.treated(name)
                hour = 8 + len(self.patients)
                told = {"kind": kind, "time": datetime.time(hour), "course": patient.courses.get()}
                factories.appointment(patient, created_by=self.nurse, **told)
                recompute(patient.courses.get().pk)
        for name in ("Poppy", "Thyme", "Wren"):
            if name == "Wren":
                self.patients[name] = self.known(name)
            else:
                self.treated(name)

    def known(self, name: str) -> Patient:
        patient = factories.patient(
            self.clinic, name=f"{name} Invented", phone=f"+65 5550 {1000 + len(self.patients)}", created_by=self.nurse
        )
        factories.consent(patient, created_by=self.nurse)
        return patient

    def treated(self, name: str) -> Patient:
        """A course that began a month ago with a session from the lot of today, so that the next one is due today."""
        patient = self.patients[name] = self.known(name)
        begun = add_months(timezone.localdate(), -1)
        course = factories.course(patient, baseline_on=begun, product=self.lot.product, created_by=self.nurse)
        factories.exosome_session(course, lot=self.lot, product=self.lot.product, created_by=self.nurse)
        recompute(course.pk)
        return patient


@pytest.fixture
def day(db: None) -> Day:
    return Day()


def row(page: Page, list_id: str, name: str) -> Locator:
    return page.locator(f"#{list_id} .due").filter(has_text=f"{name} Invented")


def test_day_at_the_desk(day: Day, new_page: Callable[..., Page], live_server: Any, axe: Any, watch: Any) -> None:
    watch.allow("422")
    page = new_page(width=1280, height=720)
    sign_in(page.context, day.nurse, live_server.url)
    form = FormDriver(page)
    page.goto("/")
    axe(page)
    expect(page.locator("#booked .due")).to_have_count(8)
    expect(page.locator("#due .due")).to_have_count(2)

    for name in SESSIONS:
        a_session(page, form, day, name)
    for name in ASSESSMENTS:
        page.goto("/")
        row(page, "booked", name).get_by_role("link", name="Assess").click()
        form.tick("grade", NOT_GRADED).save_with_reason(REASON, leads_to=case.SAVED)
    for name in FOLLOW_UPS:
        page.goto("/")
        row(page, "booked", name).get_by_role("link", name="Follow-up").click()
        form.type(change_seen="Less shedding").tick("since_last", "none").save()
        page.wait_for_url(case.TIMELINE)
    the_no_show(page)
    the_call_that_postpones(page)
    the_call_that_books(page, form)
    the_wrong_patient(page, form)
    the_walk_in(page, form, day)
    the_new_patient(page, form)
    the_event_by_telephone(page, day)

    the_evening(page, day)


def a_session(page: Page, form: FormDriver, day: Day, name: str) -> None:
    page.goto("/")
    row(page, "booked", name).get_by_role("link", name="Log session").click()
    form.tick("since_last", "none").tick("lot", str(day.lot.pk)).tick("reaction", "none")
    if name == COMBINED:
        page.get_by_text("+ Another product, lot or technique").click()
        page.locator('[name="also1-what"]').select_option(str(day.beside.pk))
        page.locator('[name="also1-volume-vertex"]').fill("1.5")
    form.save_with_reason(REASON, leads_to=case.TIMELINE)


def the_no_show(page: Page) -> None:
    page.goto("/")
    row(page, "booked", "Nettle").locator(".due-when a").click()
    page.get_by_role("button", name="Did not come").click()
    expect(page.locator("main")).to_contain_text("Did not come")
    page.goto("/")
    expect(row(page, "booked", "Nettle")).to_contain_text("did not come")
    expect(row(page, "due", "Nettle")).to_have_count(1)


def the_call_that_postpones(page: Page) -> None:
    """Without leaving Today."""
    poppy = row(page, "due", "Poppy")
    poppy.get_by_text("Note a call").click()
    until = timezone.localdate() + datetime.timedelta(days=9)
    poppy.get_by_label("Postponed to").fill(until.isoformat())
    poppy.get_by_role("button", name="Postpone").click()
    expect(row(page, "due", "Poppy")).to_have_count(0)
    page.locator("#postponed > summary").click()
    expect(row(page, "postponed", "Poppy")).to_contain_text(f"Postponed to {until:%-d %b %Y}, called")


def the_call_that_books(page: Page, form: FormDriver) -> None:
    row(page, "due", "Thyme").get_by_role("link", name="Book").click()
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    form.type(day=tomorrow.isoformat(), time="09:30", room="Room 1").save_with_reason(REASON, leads_to=BOOKING)
    page.goto("/")
    expect(row(page, "due", "Thyme")).to_have_count(0)


def the_wrong_patient(page: Page, form: FormDriver) -> None:
    """Booked for Poppy, who had postponed, and meant for another: struck out from the booking in three steps, and what
    Poppy said is valid again."""
    page.goto("/")
    page.locator("#postponed > summary").click()
    row(page, "postponed", "Poppy").get_by_role("link", name="Book").click()
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    form.type(day=tomorrow.isoformat(), time="11:30").save_with_reason(REASON, leads_to=BOOKING)
    page.get_by_role("link", name="Booked in error: strike out").click()
    page.get_by_label("Why is it wrong?").fill("Meant for another patient")
    page.get_by_role("button", name="Strike out").click()
    page.wait_for_url(BOOKING)
    expect(page.locator("main")).to_contain_text("Struck out as entered in error: Meant for another patient")
    page.goto("/")
    expect(row(page, "postponed", "Poppy")).to_have_count(1)


def the_walk_in(page: Page, form: FormDriver, day: Day) -> None:
    page.goto(f"{day.patients['Wren'].get_absolute_url()}sessions/log/")
    page.get_by_role("link", name="Walk-in: Single visit").click()
    form.tick("lot", str(day.lot.pk)).tick("reaction", "none")
    form.save_with_reason(REASON, leads_to=case.TIMELINE)


def the_new_patient(page: Page, form: FormDriver) -> None:
    """Registered and booked for this evening in one go."""
    page.goto("/patients/register/")
    form.type(name="Briar Invented", phone="+65 5550 0199").select(sex="female").save()
    page.wait_for_url(case.TIMELINE)
    page.get_by_role("link", name="Book", exact=True).click()
    expect(page.locator('input[name="kind"]:checked')).to_have_value("consultation")
    form.type(day=timezone.localdate().isoformat(), time="23:50").save()
    page.wait_for_url(BOOKING)
    page.goto("/")
    row(page, "booked", "Briar").get_by_role("button", name="Came").click()
    expect(row(page, "booked", "Briar")).to_contain_text("came")


def the_event_by_telephone(page: Page, day: Day) -> None:
    """From Today: whoever telephones is found, what happened is tapped, tied to the session of today, and saved."""
    session = ExosomeSession.objects.get(patient=day.patients["Senna"], performed_on=timezone.localdate())
    page.goto("/")
    acts: list[Callable[[], Any]] = [
        lambda: page.locator("[data-find]").first.fill("senna"),
        lambda: page.get_by_role("option").filter(has_text="Senna Invented").click(),
        lambda: page.get_by_role("link", name="Report event").first.click(),
        lambda: page.locator('main label:has(input[name="kind"][value="headache"])').click(),
        lambda: page.locator('main [name="exosome_session"]').select_option(str(session.pk)),
        lambda: page.locator("main [data-save]").first.click(),
    ]
    for act in acts:
        act()
    page.get_by_role("heading", name="Headache", level=1).wait_for()
    assert AdverseEvent.objects.get(patient=day.patients["Senna"]).exosome_session == session
    assert len(acts) <= MOST_ACTS_FOR_AN_EVENT


def the_evening(page: Page, day: Day) -> None:
    """Every list says what became of the day, and whoever came is on none to telephone."""
    lists = agenda(day.clinic, timezone.localdate(), clinical=True)
    states = {each.appointment.patient.name.split()[0]: each.appointment.state for each in lists.booked.rows}
    assert states == dict.fromkeys([*SESSIONS, *ASSESSMENTS, *FOLLOW_UPS, "Briar"], "came") | {"Nettle": "did_not_come"}
    names = {name: {each.course.patient.name.split()[0] for each in getattr(lists, name).rows} for name in
             ("due", "open", "overdue", "postponed", "not_wanted")}  # fmt: skip
    seen_only = {*ASSESSMENTS, *FOLLOW_UPS}
    assert names == {
        "due": {"Nettle"} | seen_only,
        "open": set(),
        "overdue": set(),
        "postponed": {"Poppy"},
        "not_wanted": set(),
    }
    given = ExosomeSession.objects.standing().filter(performed_on=timezone.localdate())
    assert {each.patient.name.split()[0] for each in given.select_related("patient")} == {*SESSIONS, "Wren"}
    further = {each.patient.name: [part.lot for part in each.applications.all()] for each in given}
    assert further == {each.patient.name: [] for each in given} | {f"{COMBINED} Invented": [day.beside]}
    assert dict(Call.objects.standing().values_list("patient__name", "outcome")) == {
        "Poppy Invented": "postponed",
        "Thyme Invented": "booked",
    }
    assert Appointment.objects.booked().get().patient == day.patients["Thyme"]
    page.goto("/")
    expect(page.locator(".today-sum")).to_contain_text("9 booked")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
