"""A folder of a hundred and twenty old photos of twenty patients, dropped at once; every one ends at the right patient,
view and day. And six photos of one patient with the day of their camera, in as few steps as can be."""

import datetime
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page, expect

from clinic.staff.models import Clinic, Role, User
from tests import factories
from tests.browser import sign_in
from tests.photos.dated import dated_jpeg
from tests.rows import waiting_photo
from treatments.models import Patient, Photo, PhotoBatch, WaitingPhoto
from treatments.photos.vocabulary import STANDARD_VIEWS, DatedBy

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PATIENTS = 20
WORDS = {
    "vertex": "crown",
    "superior_midline": "top",
    "frontal": "front",
    "temporal_left": "left",
    "temporal_right": "right",
    "occipital": "back",
}
LONG = 120_000  # ms; every picture is decoded by a process of its own


class Expected(NamedTuple):
    patient: Patient
    view: str
    day: datetime.date
    dated_by: str


@pytest.fixture
def clinic(db: None, settings: Any, tmp_path: Path) -> Clinic:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    return factories.clinic()


@pytest.fixture
def nurse(clinic: Clinic) -> User:
    return factories.member(clinic, Role.NURSE)


def put_in_folder(folder: Path, clinic: Clinic) -> dict[str, Expected]:
    """120 files, one of each standard view of each patient: most named by record number and view, with the camera's
    day; some with the day in their name alone; and two that are there twice. By their SHA-256, what is to come of each.
    """
    expected: dict[str, Expected] = {}
    number = 0
    for place in range(PATIENTS):
        patient = factories.patient(
            clinic, name=f"Person Fictive{chr(97 + place)}", record_number=f"HC-{place + 1:04d}"
        )
        factories.consent(patient, kind="photography", purposes=["record"])
        day = datetime.date(2022, 1, 10) + datetime.timedelta(days=40 * place)
        inside = folder / (f"{patient.name}" if place % 5 == 0 else f"Year {day.year}")
        inside.mkdir(exist_ok=True, parents=True)
        for view in STANDARD_VIEWS:
            number += 1
            has_exif = place % 4 != 1
            data = dated_jpeg(number, day if has_exif else None)
            who = "" if place % 5 == 0 else f"{patient.record_number} "
            when = "" if has_exif else f" {day:%Y-%m-%d}"
            (inside / f"{who}{WORDS[view]}{when}.jpg").write_bytes(data)
            dated_by = DatedBy.CAMERA if has_exif else DatedBy.NAME
            expected[hashlib.sha256(data).hexdigest()] = Expected(patient, view, day, dated_by)
            if number in (7, 20):
                (inside / f"copy of {number}.jpg").write_bytes(data)
    return expected


def make_hard(folder: Path, expected: dict[str, Expected]) -> None:
    """Two files that say nothing: one of no day, one of nobody."""
    (nobodys,) = folder.glob("*/HC-0020 crown.jpg")
    nobodys.rename(nobodys.with_name("IMG_4711.jpg"))
    (without_day,) = folder.glob("*/HC-0002 crown 2022-02-19.jpg")
    without_day.rename(without_day.with_name("HC-0002 crown.jpg"))


def test_a_folder_of_old_photos(
    new_page: Callable[..., Page], live_server: Any, axe: Any, clinic: Clinic, nurse: User, tmp_path: Path
) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    expected = put_in_folder(folder, clinic)
    make_hard(folder, expected)
    page = new_page()
    sign_in(page.context, nurse, live_server.url)

    page.goto("/photos/batches/")
    axe(page)
    page.locator("input[webkitdirectory]").set_input_files(folder)
    go_on = page.get_by_role("link", name="Say whose these 120 are")
    expect(go_on).to_be_visible(timeout=LONG)
    expect(page.locator("[data-send-state]")).to_contain_text("122 of 122 sent")
    assert WaitingPhoto.objects.waiting().count() == 120 and not Photo.objects.exists()

    go_on.click()
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(120)
    axe(page)
    fill_in_the_two_by_keyboard(page)
    page.get_by_role("button", name="Tick all that are complete (120)").click()
    page.get_by_role("button", name="Keep 120 photos").click()
    expect(page.get_by_text("120 photos kept, of 20 patients.")).to_be_visible(timeout=LONG)

    kept = {photo.sha256: photo for photo in Photo.objects.select_related("patient")}
    assert kept.keys() == expected.keys()
    wrong = {sha256: kept[sha256] for sha256, told in expected.items() if facts(kept[sha256]) != told[:3]}
    assert not wrong
    given = [photo for photo in kept.values() if photo.dated_by != expected[photo.sha256].dated_by]
    assert [photo.dated_by for photo in given] == [DatedBy.GIVEN]

    page.get_by_role("link", name="Take back").click()
    axe(page)
    page.get_by_label("Why is it wrong?").fill("The folder of another clinic")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("120 photos struck out")).to_be_visible(timeout=LONG)
    assert not Photo.objects.standing().exists()


def facts(photo: Photo) -> tuple[Patient, str, datetime.date]:
    return photo.patient, photo.view, photo.taken_on


def fill_in_the_two_by_keyboard(page: Page) -> None:
    """The day that is missing, typed; and the patient by typing a few letters, chosen with Enter."""
    row = page.locator("[data-row]").filter(has_text="HC-0002 crown.jpg")
    row.locator("[data-cell=when]").focus()
    page.keyboard.type("19 Feb 2022")
    row = page.locator("[data-row]").filter(has_text="IMG_4711.jpg")
    row.locator("[data-cell=patient]").focus()
    page.keyboard.type("Fictivet")
    expect(page.locator("#batch-patients [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(row.locator("[data-cell=patient]")).to_have_value("HC-0020 Person Fictivet")
    page.keyboard.press("ArrowRight")
    expect(row.locator("[data-cell=view]")).to_be_focused()
    page.keyboard.press("v")
    expect(row.locator("[data-cell=view]")).to_have_value("vertex")


def test_the_grid_by_keyboard(
    new_page: Callable[..., Page], live_server: Any, axe: Any, clinic: Clinic, nurse: User, settings: Any
) -> None:
    """Arrow keys, one key for each view, the ditto, Enter that ticks; the picture large and back; at three widths."""
    factories.patient(clinic, name="Ida Fictive", record_number="HC-0001")
    batch = PhotoBatch.objects.create(clinic=clinic, started_by=nurse)
    for number in range(1, 4):
        waiting_photo(batch, True, sent_by=nurse, original_name=f"IMG_{number}.jpg")
    page = new_page()
    sign_in(page.context, nurse, live_server.url)
    page.goto(f"/photos/batches/{batch.pk}/")
    cell = page.locator("[data-row]").nth(0).locator("[data-cell=keep]")
    cell.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.type("HC-0001")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.type('"')
    page.keyboard.type('"')
    patients = page.locator("[data-cell=patient]")
    assert [patients.nth(place).input_value() for place in range(3)] == ["HC-0001"] * 3
    page.locator("[data-cell=view]").nth(0).focus()
    for key in "vfo":
        page.keyboard.press(key)
    views = page.locator("[data-cell=view]")
    assert [views.nth(place).input_value() for place in range(3)] == ["vertex", "frontal", "occipital"]
    page.locator("[data-cell=when]").nth(0).focus()
    page.keyboard.type("May 2024")
    page.keyboard.press("Enter")
    page.keyboard.type('"')
    assert page.locator("[data-cell=when]").nth(1).input_value() == "May 2024"
    expect(page.locator("[data-cell=keep]").nth(0)).to_be_checked()
    picture = page.locator("[data-cell=picture]").nth(0)
    picture.focus()
    page.keyboard.press(" ")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(picture).to_be_focused()
    page.get_by_role("button", name="Later").click()
    expect(page.get_by_text("Saved for later")).to_be_visible()
    for width in (390, 820, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not Photo.objects.exists()


def test_six_photos_with_a_date(new_page: Callable[..., Page], live_server: Any, clinic: Clinic, nurse: User) -> None:
    """From a patient's Photos page: the files are chosen, each has its camera's day and its view by its name, and one
    press sends them. Choosing files is two interactions: the button, and the files."""
    patient = factories.patient(clinic)
    factories.consent(patient, kind="photography", purposes=["record"])
    day = datetime.date(2023, 5, 14)
    files = [
        {"name": f"{WORDS[view]}.jpg", "mimeType": "image/jpeg", "buffer": dated_jpeg(number, day)}
        for number, view in enumerate(STANDARD_VIEWS)
    ]
    page = new_page()
    sign_in(page.context, nurse, live_server.url)
    page.goto(f"/patients/{patient.pk}/photos/")
    interactions = 0
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Choose photos").click()
        interactions += 1
    chooser.value.set_files(files)
    interactions += 1
    page.get_by_role("button", name="Send 6 photos").click()
    interactions += 1
    expect(page.locator("[data-send-state]")).to_contain_text("6 of 6 sent", timeout=LONG)
    expect(page.locator("[data-sheet-count]")).to_have_text("6 photos")
    kept = {(photo.view, photo.taken_on, photo.dated_by) for photo in Photo.objects.filter(patient=patient)}
    assert kept == {(view.value, day, DatedBy.CAMERA.value) for view in STANDARD_VIEWS}
    assert interactions <= 4
