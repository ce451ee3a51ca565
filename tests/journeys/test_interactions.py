"""How many interactions five everyday tasks take, from a stated start to the sentence that says that it is done.

Every click, every key that is pressed by itself and every field that is typed into is one. A part that must be unfolded
first is one more. Choosing files is one: what happens in the dialogue of the system is not the page's. The seconds are
those of machine and browser, without anybody's thinking.

    .venv/bin/python scripts/suite.py browser -- tests/journeys/test_interactions.py -s
"""

import datetime
import time
from collections.abc import Callable
from re import Pattern
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clinic.staff.models import Role, User
from tests import factories
from tests.browser import sign_in
from tests.journeys import published_case as case
from tests.photos.pictures import jpeg
from treatments.models import AdverseEvent, Assessment, Course, ExosomeSession, Photo
from treatments.photos.upload.store_photo import store_photo
from treatments.records.months import add_months
from treatments.sessions.course_state import recompute

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BACKDATED, SIX_PHOTOS, WRONG_PATIENT, BY_TELEPHONE, ASSESSMENT = 5, 4, 5, 6, 10
PHOTOS = 6


class Hand:
    """What a person does on a page, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.acts, self.begun = page, 0, time.monotonic()

    def click(self, target: Locator) -> None:
        self._unfold(target)
        self.acts += 1
        target.click()

    def choose(self, name: str, value: str = "") -> None:
        """A radio button or tick box, by the label that a finger meets."""
        field = self.page.locator(f'main [name="{name}"]' + (f'[value="{value}"]' if value else "")).first
        self.click(field.locator("xpath=ancestor::label").first)

    def type(self, target: Locator, text: str) -> None:
        self._unfold(target)
        self.acts += 1
        target.fill(text)

    def select(self, target: Locator, value: str) -> None:
        self._unfold(target)
        self.acts += 1
        target.select_option(value)

    def choose_files(self, target: Locator, files: list[Any]) -> None:
        self.acts += 1
        target.set_input_files(files)

    def saved(self, leads_to: Pattern[str]) -> None:
        """Wait for the page that follows; what the form objects to fails at once."""
        for _ in range(300):
            if leads_to.search(self.page.url):
                return
            if (summary := self.page.locator("#summary")).count():
                raise AssertionError(summary.inner_text())
            self.page.wait_for_timeout(100)
        raise AssertionError("Nothing was saved within half a minute.")

    def _unfold(self, target: Locator) -> None:
        for _ in range(4):
            folded = target.locator("xpath=ancestor::details[not(@open)]")
            if not folded.count():
                return
            self.acts += 1
            folded.first.locator("summary").first.click()

    def tell(self, task: str, most: int) -> None:
        """Two lines for `make bench`."""
        seconds = time.monotonic() - self.begun
        print(f"\nfigure: {task} {self.acts} interactions (<= {most})")
        print(f"figure: {task}_time {seconds:.2f} s")
        assert self.acts <= most, task


@pytest.fixture
def doctor(db: None) -> User:
    return factories.member(factories.clinic(), Role.CLINICIAN, name="Dr Example")


@pytest.fixture
def course(doctor: User) -> Course:
    """A patient in the middle of a course: two sessions, a month apart, the last one five weeks ago."""
    membership = doctor.memberships.get()
    patient = factories.patient(membership.clinic, created_by=doctor, name="Ida Invented", record_number="HC-0456")
    for kind in ("treatment", "photography"):
        factories.consent(patient, kind, created_by=doctor)
    lot = factories.lot(factories.product(membership.clinic), number="EX-2503")
    begun = add_months(timezone.localdate(), -2)
    told = {"created_by": doctor, "product": lot.product, "route": "intradermal_injection"}
    asked = ["scalp", "pull_test", "measurements", "change", "patient"]
    course = factories.course(patient, baseline_on=begun, volumes={"vertex": "3.00"}, assessment_parts=asked, **told)
    factories.assessment(patient, assessed_on=begun, created_by=doctor)
    for number, day in enumerate((begun, timezone.localdate())):
        photo = Photo(patient=patient, clinic=membership.clinic, view="vertex", taken_on=day)
        store_photo(photo, [jpeg(90 + number)], by=doctor)
    for day in (begun, add_months(begun, 1) - datetime.timedelta(days=5)):
        factories.exosome_session(course, performed_on=day, lot=lot, needle_gauge="30", **told)
    recompute(course.pk)
    return course


@pytest.fixture
def hand(new_page: Callable[..., Page], live_server: Any, doctor: User, course: Course) -> Hand:
    """On the patient's timeline."""
    page = new_page(width=1180, height=820)
    sign_in(page.context, doctor, live_server.url)
    page.goto(course.patient.get_absolute_url())
    return Hand(page)


def test_backdated_session(hand: Hand, course: Course) -> None:
    """Of a day last week, from the timeline to saved. What was asked on that day nobody knows: it stays not asked."""
    page, day = hand.page, timezone.localdate() - datetime.timedelta(days=7)
    hand.click(page.get_by_role("link", name="Log session", exact=True))
    hand.type(page.get_by_label("When was it given?"), f"{day:%-d %b %Y}")
    hand.click(page.locator(".lot", has=page.locator(".lot-suggested")).first)
    hand.click(page.get_by_role("button", name="Save session"))
    hand.saved(case.TIMELINE)
    hand.tell("backdated_session", BACKDATED)
    session = ExosomeSession.objects.get(performed_on=day)
    assert (session.lot.number, session.since_last, str(session.total_ml)) == ("EX-2503", "not_asked", "3.00")


def test_six_photos_with_a_date(hand: Hand, course: Course) -> None:
    """Six views of one day, photographed in the usual order, from the contact sheet to kept."""
    page, day = hand.page, timezone.localdate() - datetime.timedelta(days=7)
    page.goto(f"{course.patient.get_absolute_url()}photos/")
    hand.acts, hand.begun = 0, time.monotonic()
    files = [{"name": f"IMG_{n}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(n + 1)} for n in range(PHOTOS)]
    hand.choose_files(page.locator("[data-choose]").first, files)
    hand.click(page.locator("[data-in-order]").first)
    hand.type(page.get_by_label("When were they taken?").first, f"{day:%-d %b %Y}")
    hand.click(page.locator("[data-send]").first)
    photos = Photo.objects.filter(patient=course.patient, taken_on=day)
    for _ in range(300):
        if photos.count() == PHOTOS:
            break
        page.wait_for_timeout(100)
    hand.tell("six_photos_with_a_date", SIX_PHOTOS)
    assert photos.count() == PHOTOS
    assert len(set(photos.values_list("view", flat=True))) == PHOTOS


def test_record_of_the_wrong_patient(hand: Hand, course: Course, doctor: User) -> None:
    """A session that was filed under this patient, from the timeline to the record of the right one, found by name."""
    page, right = hand.page, factories.patient(course.clinic, name="Ida Inventor", record_number="HC-0123")
    for kind in ("treatment", "photography"):
        factories.consent(right, kind, created_by=doctor)
    recompute(factories.course(right, created_by=doctor).pk)
    session = course.exosome_sessions.order_by("-performed_on").first()
    hand.click(page.locator(f"#r-{session.pk} .lead a").first)
    hand.click(page.get_by_role("link", name="Filed under the wrong patient?"))
    hand.type(page.get_by_label("Name, record number or telephone", exact=True), "ida inv")
    hand.click(page.get_by_role("option", name="HC-0123"))
    hand.click(page.get_by_role("button", name="Move it to HC-0123"))
    expect(page.get_by_text("Moved here from HC-0456")).to_be_visible()
    hand.tell("wrong_patient", WRONG_PATIENT)
    session.refresh_from_db()
    assert session.patient == right


def test_event_by_telephone(hand: Hand, course: Course) -> None:
    """A headache after the last session, tied to it and so to its lot, from Today to reported."""
    page = hand.page
    page.goto("/")
    hand.acts, hand.begun = 0, time.monotonic()
    hand.type(page.get_by_label("Find a patient by name"), "ida inv")
    hand.click(page.get_by_role("option", name="HC-0456"))
    hand.click(page.get_by_role("link", name="Report event").first)
    hand.choose("kind", "headache")
    session = course.exosome_sessions.order_by("-performed_on").first()
    hand.select(page.locator('main [name="exosome_session"]'), str(session.pk))
    hand.click(page.locator("main [data-save]").first)
    hand.saved(case.SAVED)
    hand.tell("event_by_telephone", BY_TELEPHONE)
    event = AdverseEvent.objects.get()
    assert (event.kind, event.exosome_session) == ("headache", session)


def test_assessment_of_a_routine_visit(hand: Hand, course: Course) -> None:
    """Stage, scalp, hair pull, both opinions on the change and the estimated change of density, to saved."""
    page = hand.page
    hand.click(page.get_by_role("link", name="Assess", exact=True).first)
    hand.choose("grade", "norwood_1975:III-vertex")
    hand.choose("scalp_rest_none")
    hand.choose("pull_result", "negative")
    hand.choose("global_change", "1")
    hand.choose("patient_change", "1")
    hand.type(page.locator('main [name="m-value"]'), "20")
    hand.click(page.locator("main [data-save]").first)
    hand.saved(case.SAVED)
    hand.tell("assessment_of_a_routine_visit", ASSESSMENT)
    assessment = Assessment.objects.latest("created_at")
    assert (assessment.stage, assessment.pull_result, assessment.patient_change) == ("III-vertex", "negative", 1)
