"""A patient's papers, in the browser: from the patient's page to every paper, and the files as another program reads
them."""

import datetime
import hashlib
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.papers.pdf_reader import facts_of, headings_of, letters, read_of
from tests.papers.test_course import picture_with_a_name, put_files
from tests.people import Cast
from treatments.models import AftercareGiven, Letter, Patient
from treatments.photos.store.originals import storage_key

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAME = "Nguyễn Thị Hoài Ân 陈英杰"
SIZES = [(390, 844), (820, 1180), (1440, 900)]


def read_download(page: Page, press: Callable[[], Any]) -> bytes:
    with page.expect_download() as waiting:
        press()
    path: Path = waiting.value.path()
    return path.read_bytes()


@pytest.fixture
def treated(cast: Cast) -> Patient:
    """A patient with two sessions, two gradings, consent to photos and a pair of them."""
    cast.clinic.letterhead = "1 Invented Road\nTelephone +65 6000 0000"
    cast.clinic.save()
    Patient.objects.filter(pk=cast.patient.pk).update(name=NAME)
    today = datetime.date.today()
    course = factories.course(cast.patient, baseline_on=today - datetime.timedelta(days=240))
    for days in (240, 210):
        factories.exosome_session(course, performed_on=today - datetime.timedelta(days=days), pain_during=2)
    for days, stage in ((240, "III-vertex"), (5, "III")):
        day = today - datetime.timedelta(days=days)
        factories.assessment(cast.patient, assessed_on=day, stage=stage, course=course)
        data, key = picture_with_a_name(days), storage_key(uuid.uuid4())
        sha256 = hashlib.sha256(data).hexdigest()
        told = {"taken_on": day, "course": course, "key": key, "sha256": sha256}
        put_files(factories.photo(cast.patient, **told), data)
    factories.consent(cast.patient, kind="photography")
    cast.patient.refresh_from_db()
    return cast.patient


def test_papers_of_a_patient(cast: Cast, treated: Patient, page: Page, live_server: Any) -> None:
    """Summary with aftercare, course so far, letter, record and the view to show, each from the patient's page."""
    sign_in(page.context, cast.clinician, live_server.url)
    main = page.locator("main")
    page.goto(treated.get_absolute_url())
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Papers").click()

    # the day's summary
    main.locator("#h-day").locator("xpath=../..").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your treatment on")
    shown = main.locator("article").inner_text()
    pdf = read_download(page, lambda: main.get_by_role("button", name="PDF").click())
    assert facts_of(pdf)["Tagged"] == "yes"
    assert letters(NAME) in letters(read_of(pdf)) and "+65 6000 0000" in read_of(pdf)
    for line in filter(None, map(str.strip, shown.splitlines()[:-1])):
        assert letters(line) in letters(read_of(pdf)), line
    assert AftercareGiven.objects.get().sheet.number == 1

    # the course so far
    page.goto(f"/patients/{treated.pk}/papers/")
    page.get_by_role("link", name="Your course so far").click()
    expect(main.locator("article img")).to_have_count(2)
    titles = [main.locator("article h1").inner_text(), *main.locator("article :is(h2, h3)").all_inner_texts()]
    pdf = read_download(page, lambda: main.get_by_role("button", name="PDF").click())
    assert [text for _, text in headings_of(pdf)] == titles and "III vertex" in read_of(pdf)

    # a letter
    page.goto(f"/patients/{treated.pk}/papers/letters/add/")
    page.locator("#id_recipient").fill("Dr Noor Example\n2 Invented Street")
    page.get_by_role("button", name="Save draft").click()
    expect(main.locator("article")).to_contain_text("Draft, not signed")
    main.get_by_role("button", name="Sign this letter").click()
    expect(page.get_by_text("The letter is signed.")).to_be_visible()
    pdf = read_download(page, lambda: main.get_by_role("button", name="PDF").click())
    assert letters(cast.clinician.name) in letters(read_of(pdf)) and Letter.objects.get().is_signed

    # the whole record
    page.goto(f"/patients/{treated.pk}/papers/record/")
    main.get_by_text("The patient, who is known to us").click()
    whole = read_download(page, lambda: main.get_by_role("button", name="Download the record").click())
    assert whole[:2] == b"PK" and b"record.pdf" in whole and b"photos/0001-vertex" in whole

    # held before the patient
    page.goto(f"/patients/{treated.pk}/papers/")
    page.get_by_role("link", name="Show to the patient").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your course")
    expect(page.get_by_role("link", name=re.compile("."))).to_have_count(2)  # Skip to content, and Done
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Papers")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
def test_papers_at_every_width(
    cast: Cast,
    treated: Patient,
    new_page: Callable[..., Page],
    live_server: Any,
    axe: Callable[[Page], None],
    size: tuple[int, int],
) -> None:
    """axe finds nothing, and nothing runs off the side."""
    page = new_page(*size)
    sign_in(page.context, cast.clinician, live_server.url)
    home = f"/patients/{treated.pk}/papers/"
    session = treated.exosome_sessions.first()
    assert session is not None
    for address in (
        home, f"{home}course/", f"{home}show/", f"{home}record/", f"{home}sessions/{session.pk}/",
        f"{home}letters/add/", "/protocols/aftercare/",
    ):  # fmt: skip
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
