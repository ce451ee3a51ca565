"""Sending photos from the contact sheet and from the slots of a session, in a real browser."""

import datetime
import hashlib
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Page, Route, expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from tests.photos.corpus import chunk, encoded, scene, with_png_chunk
from treatments.models import PassedWarning, Photo
from treatments.photos.actions import attach_to_session
from treatments.photos.upload.store_photo import store_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TODAY = datetime.date.today()
WIDTHS = pytest.mark.parametrize("width", [390, 820, 1440])
UPLOAD = re.compile(r"/photos/upload/$")


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    return tmp_path / "photos"


@pytest.fixture
def at(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> Callable[..., Page]:
    factories.consent(cast.patient, kind="photography", purposes=["record"])

    def go(path: str = "photos/", person: Any = None, **options: Any) -> Page:
        page = new_page(**options)
        sign_in(page.context, person or cast.nurse, live_server.url)
        page.goto(f"/patients/{cast.patient.pk}/{path}")
        return page

    return go


def jpeg(seed: int, width: int = 2000, height: int = 1500, **options: Any) -> bytes:
    return encoded(scene(seed, width, height), "JPEG", quality=80, **options)


def chosen(*seeds: int, **options: Any) -> list[dict[str, Any]]:
    return [{"name": f"IMG_{seed}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(seed, **options)} for seed in seeds]


def choose(page: Page, files: list[dict[str, Any]]) -> None:
    page.locator("[data-choose]").set_input_files(files)


def drop(page: Page, selector: str, files: list[dict[str, Any]]) -> None:
    """Let files fall from the desktop onto an element."""
    page.evaluate(
        """async ([selector, files]) => {
          const data = new DataTransfer();
          for (const { name, bytes } of files) {
            data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/jpeg" }));
          }
          const target = document.querySelector(selector);
          for (const type of ["dragenter", "dragover", "drop"]) {
            target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
          }
        }""",
        [selector, [{"name": file["name"], "bytes": list(file["buffer"])} for file in files]],
    )


def kept(cast: Cast, seed: int = 90, **fields: Any) -> Photo:
    told = {"patient": cast.patient, "clinic": cast.clinic, "view": "vertex", "taken_on": TODAY, **fields}
    return store_photo(Photo(**told), [jpeg(seed)], by=cast.nurse).photo


def views() -> dict[str, str]:
    return {photo.original_name: photo.view for photo in Photo.objects.all()}


# The sheet


@pytest.mark.any_database
def test_every_format_gets_the_day_in_it(at: Any, cast: Cast) -> None:
    """Every format with its day in each of EXIF's, XMP's and PNG's fields, sent by the page in one batch.

    Each says its day and whose it is, in the very words that a screen reader says; those without a day are asked for
    it at once and together; and the focus goes to that question, then on to the next thing to do.
    """
    days = [JUNE + datetime.timedelta(days=n) for n in range(len(DATED))]
    files = [dated(name, days[n]) for n, name in enumerate(DATED)]
    undated = [{"name": f"undated {n}.jpg", "mimeType": "", "buffer": jpeg(900 + n, 300, 200)} for n in range(2)]
    page = at(width=1280, height=720)
    choose(page, [*files, *undated, {"name": "IMG_1.NEF", "mimeType": "", "buffer": b"II*\0" + bytes(60)}])
    expect(page.locator("[data-send-said]")).to_contain_text("IMG_1.NEF: This is a Nikon raw file")
    page.get_by_label("One view for all").select_option("vertex")
    expect(page.get_by_label("When were they taken?")).to_have_value("")
    page.get_by_role("button", name=f"Send {len(files) + 2} photos").press("Enter")

    question = page.get_by_label("When were these 2 taken?")
    expect(question).to_be_focused(timeout=90_000)
    stored = {photo.original_name: photo for photo in Photo.objects.all()}
    for file, day in zip(files, days, strict=True):
        whose = "file" if file["name"].startswith("file ") else "camera"
        assert (stored[file["name"]].taken_on, stored[file["name"]].dated_by) == (day, whose), file["name"]
    said = page.locator("[data-send-said]").inner_text()
    for row in page.locator(".queue-row").all():
        name = row.locator(".queue-name").inner_text()
        shown = [row.locator(".outcome-line").inner_text(), *row.locator(".remarks li").all_inner_texts()]
        assert f"{name}: {' '.join(shown)}" in said

    question.fill("May 2025")
    question.press("Enter")
    expect(question).to_have_count(0)
    assert {p.when.text for p in Photo.objects.filter(dated_by="given")} == {"2025-05"}
    assert page.evaluate("document.activeElement !== document.body")


JUNE = datetime.date(2025, 6, 1)
DATED = [
    "exif original.jpg", "exif original.png", "exif original.webp", "exif original.heic", "exif original.tif",
    "exif digitized.jpg", "xmp original.jpg", "xmp created.png", "xmp created.webp", "file xmp photoshop.tif",
    "file exif saved.jpg", "file xmp saved.png", "file png time.png", "png text.png",
]  # fmt: skip
XMP = {"original": "exif:DateTimeOriginal", "created": "xmp:CreateDate", "photoshop": "photoshop:DateCreated",
       "saved": "xmp:ModifyDate"}  # fmt: skip


def dated(name: str, day: datetime.date) -> dict[str, Any]:
    """A photo of the format that its name ends with, with its day in the field that its name tells."""
    words, ending = name.rsplit(".", 1)
    _strength, block, field = f"camera {words}".replace("camera file", "file").split()
    tags = Image.Exif()
    tags[0x010F], tags[0x0110] = "Maker", "Camera 7"
    moment = f"{day:%Y:%m:%d} 10:00:00"
    if block == "exif":
        shot = tags.get_ifd(0x8769)
        {"original": shot, "digitized": shot, "saved": tags}[field][
            {"original": 0x9003, "digitized": 0x9004, "saved": 0x0132}[field]
        ] = moment
    more: dict[str, Any] = {"exif": tags.tobytes()}
    if block == "xmp":
        packet = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf {XMP[field]}="{day.isoformat()}T10:00:00"/></x:xmpmeta>'
        more |= xmp_in(ending, packet)
    kind = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF", "tif": "TIFF"}[ending]
    data = encoded(scene(day.toordinal(), 300, 200), kind, **more)
    if block == "png":
        data = with_png_chunk(data, png_day(field, day))
    return {"name": name, "mimeType": "", "buffer": data}


def xmp_in(ending: str, packet: str) -> dict[str, Any]:
    if ending == "png":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", packet)
        return {"pnginfo": info}
    if ending == "tif":
        return {"tiffinfo": {700: packet.encode()}}
    return {"xmp": packet.encode()}


def png_day(field: str, day: datetime.date) -> bytes:
    if field == "time":
        return chunk(b"tIME", struct.pack(">HBBBBB", day.year, day.month, day.day, 10, 0, 0))
    return chunk(b"tEXt", b"Creation Time\0" + f"{day:%a, %d %b %Y} 10:00:00 +0800".encode())


def test_six_photos_get_views_in_order(at: Any, cast: Cast) -> None:
    """Six chosen at once are given their views in order, and all arrive."""
    page = at()
    choose(page, chosen(1, 2, 3, 4, 5, 6, width=400, height=300))

    page.get_by_role("button", name="use the order in which the photos were taken").click()
    page.get_by_role("button", name="Send 6 photos").click()

    expect(page.locator("[data-send-state]")).to_contain_text("6 of 6 sent")
    assert views() == {
        "IMG_1.jpg": "vertex",
        "IMG_2.jpg": "superior_midline",
        "IMG_3.jpg": "frontal",
        "IMG_4.jpg": "temporal_left",
        "IMG_5.jpg": "temporal_right",
        "IMG_6.jpg": "occipital",
    }
    for seed in range(1, 7):
        digest = hashlib.sha256(jpeg(seed, 400, 300)).hexdigest()
        assert Photo.objects.get(original_name=f"IMG_{seed}.jpg").sha256 == digest
    expect(page.locator(".contact .cell")).to_have_count(6)


def test_view_by_keyboard_sends_nothing_yet(at: Any, cast: Cast) -> None:
    """A view is chosen by keyboard, and nothing leaves before Send."""
    page = at()
    choose(page, chosen(1, 2))

    expect(page.get_by_role("button", name="Choose the views first")).to_be_disabled()
    page.get_by_label("View of IMG_2.jpg").select_option("frontal")
    assert Photo.objects.count() == 0
    page.get_by_role("button", name="Send 1 photo").press("Enter")

    expect(page.locator("[data-send-state]")).to_contain_text("1 of 2 sent")
    expect(page.locator("[data-send-state]")).to_contain_text("1 not sent yet")
    assert views() == {"IMG_2.jpg": "frontal"}


def test_dropped_file_takes_the_view_below(at: Any, cast: Cast) -> None:
    """A file dropped on a view is of that view, and elsewhere of none."""
    page = at()
    drop(page, "body", chosen(1, width=400, height=300))
    drop(page, "[data-photo-view=occipital]", chosen(2, width=400, height=300))

    expect(page.get_by_label("View of IMG_1.jpg")).to_have_value("")
    expect(page.get_by_label("View of IMG_2.jpg")).to_have_value("occipital")


def test_picture_dragged_onto_a_view(at: Any) -> None:
    """A picture dragged onto a view takes it."""
    page = at()
    choose(page, chosen(1))

    page.locator(".queue-pic").drag_to(page.locator("[data-photo-view=temporal_left]"))

    expect(page.get_by_label("View of IMG_1.jpg")).to_have_value("temporal_left")


def test_close_up_asks_site_and_scale(at: Any) -> None:
    """A close-up asks for its site and magnification."""
    page = at()
    choose(page, chosen(1))

    page.get_by_label("View of IMG_1.jpg").select_option("trichoscopy")
    page.get_by_label("Site of IMG_1.jpg").select_option("vertex")
    page.get_by_label("Magnification of IMG_1.jpg").fill("70")
    page.get_by_role("button", name="Send 1 photo").click()

    expect(page.locator("[data-send-state]")).to_contain_text("1 of 1 sent")
    photo = Photo.objects.get()
    assert (photo.view, photo.site, photo.magnification) == ("trichoscopy", "vertex", 70)


def test_refused_file_leaves_the_others(at: Any) -> None:
    """A file that is no photo is named before it is sent, and stays with its sentence beside the ones that arrived."""
    page = at()
    bad = {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 " + b"x" * 500}
    choose(page, [*chosen(1), bad])

    expect(page.locator("[data-send-said]")).to_contain_text("notes.jpg: This JPG file is not a JPEG, PNG")
    page.get_by_role("button", name="use the order in which").click()
    page.get_by_role("button", name="Send 1 photo").click()

    expect(page.locator("[data-send-state]")).to_contain_text("1 of 2 sent 1 not taken, see why")
    row = page.locator(".queue-row", has_text="notes.jpg")
    expect(row).to_contain_text("This JPG file is not a JPEG, PNG, WebP, HEIC or TIFF photo")
    row.get_by_role("button", name="Do not send it").click()
    expect(page.locator("[data-send-state]")).to_contain_text("1 of 1 sent")


def test_same_file_again_is_stored_once(at: Any, cast: Cast) -> None:
    """The same file again is announced and not stored twice."""
    page = at()
    for _ in range(2):
        choose(page, chosen(1))
        page.get_by_role("button", name="use the order in which").click()
        page.get_by_role("button", name="Send 1 photo").click()
        expect(page.get_by_role("button", name="Send")).to_be_hidden()

    expect(page.locator(".queue-row").last).to_contain_text("Here already: Vertex")
    assert Photo.objects.count() == 1


def test_offline_upload_retries_by_itself(at: Any, watch: Any) -> None:
    """No network loses nothing, and is tried again by itself."""
    watch.allow("ERR_INTERNET_DISCONNECTED", "request failed: POST .*upload/")
    page = at()
    choose(page, chosen(1, 2, 3))
    page.get_by_role("button", name="use the order in which").click()

    page.context.set_offline(True)
    page.get_by_role("button", name="Send 3 photos").click()
    expect(page.locator("[data-send-state]")).to_contain_text("0 of 3 sent")
    expect(page.locator("[data-send-state]")).to_contain_text("waiting for the server, tried again by itself")
    assert Photo.objects.count() == 0

    page.context.set_offline(False)
    expect(page.locator("[data-send-state]")).to_contain_text("3 of 3 sent", timeout=20_000)
    assert Photo.objects.count() == 3


def test_lost_answer_makes_no_second_photo(at: Any, watch: Any) -> None:
    """An answer that is lost makes no second photo."""
    watch.allow("request failed: POST .*upload/", "ERR_FAILED")
    page = at()
    lost: list[Route] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            return route.fallback()
        lost.append(route)
        route.fetch()
        return route.abort()

    page.route(UPLOAD, lose_the_first)
    choose(page, chosen(1))
    page.get_by_role("button", name="use the order in which").click()
    page.get_by_role("button", name="Send 1 photo").click()

    expect(page.locator("[data-send-state]")).to_contain_text("1 of 1 sent", timeout=20_000)
    assert lost and Photo.objects.count() == 1
    expect(page.locator(".queue-row")).to_contain_text("Kept")


def test_a_full_disk_is_waited_for(at: Any, watch: Any) -> None:
    watch.allow("status of 507")
    page = at()
    answers = iter([{"code": "storage", "sentence": "No room on the server’s disk."}])

    def full_at_first(route: Route) -> None:
        told = next(answers, None)
        route.fulfill(status=507, json=told) if told else route.fallback()

    page.route(UPLOAD, full_at_first)
    choose(page, chosen(1))
    page.get_by_role("button", name="use the order in which").click()
    page.get_by_role("button", name="Send 1 photo").click()

    expect(page.locator(".queue-row")).to_contain_text("No room on the server’s disk; it is tried again by itself.")
    expect(page.locator("[data-send-state]")).to_contain_text("1 of 1 sent", timeout=20_000)


def test_two_are_sent_at_a_time(at: Any) -> None:
    """No more than two are sent at a time."""
    page = at()
    held: list[Route] = []
    page.route(UPLOAD, lambda route: held.append(route))
    choose(page, chosen(1, 2, 3, 4, 5))
    page.get_by_role("button", name="use the order in which").click()
    page.get_by_role("button", name="Send 5 photos").click()

    expect(page.locator(".queue-row[data-state=sending]")).to_have_count(2)
    page.wait_for_timeout(300)
    assert len(held) == 2
    for route in held:
        route.fallback()
    expect(page.locator(".queue-row[data-state=kept]")).to_have_count(2)
    page.wait_for_timeout(300)
    assert len(held) == 4
    for route in held[2:]:
        route.fallback()
    page.unroute(UPLOAD)
    expect(page.locator("[data-send-state]")).to_contain_text(re.compile("[45] of 5 sent"))


def test_reload_names_what_was_not_sent(at: Any) -> None:
    """After a reload, what was not sent is named."""
    page = at()
    page.on("dialog", lambda dialog: dialog.accept())
    choose(page, chosen(1, 2, 3))
    expect(page.locator(".queue-row")).to_have_count(3)

    page.reload()

    notice = page.locator("[data-unsent]")
    expect(notice).to_contain_text("3 photos were not sent, choose them again")
    expect(notice).to_contain_text("IMG_2.jpg")
    stored = page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    assert cast_name_is_not_in(stored)
    notice.get_by_role("button", name="Done with these").click()
    page.reload()
    expect(page.locator("[data-unsent]")).to_be_hidden()


def cast_name_is_not_in(text: str) -> bool:
    return "Ida" not in text and "Invented" not in text and "base64" not in text


def test_signing_in_again_sends_what_waits(at: Any, cast: Cast, watch: Any) -> None:
    watch.allow("status of 401")
    cast.nurse.set_password("a long pass phrase for tests")
    cast.nurse.save()
    page = at()
    choose(page, chosen(1, 2))
    page.get_by_role("button", name="use the order in which").click()
    page.context.clear_cookies(name="sessionid")

    page.get_by_role("button", name="Send 2 photos").click()
    page.get_by_label("Password").fill("a long pass phrase for tests")
    page.get_by_role("button", name="Sign in and go on").click()

    expect(page.locator("[data-send-state]")).to_contain_text("2 of 2 sent")
    assert set(Photo.objects.values_list("created_by", flat=True)) == {cast.nurse.pk}


def test_warned_photo_is_stored_with_reason(at: Any, cast: Cast, watch: Any) -> None:
    """A warned photo is stored with a reason."""
    watch.allow("status of 422")
    page = at()
    choose(page, chosen(1, width=800, height=600))
    page.get_by_role("button", name="use the order in which").click()
    page.get_by_role("button", name="Send 1 photo").click()

    row = page.locator(".queue-row")
    expect(row).to_contain_text("Only 800 pixels on the longer side")
    row.get_by_role("button", name="Keep it").click()
    row.get_by_role("button", name="Keep it").click()
    expect(row).to_contain_text("Write why it is kept")
    row.get_by_label("Why is it kept?").fill("Brought by the patient")
    row.get_by_role("button", name="Keep it").click()

    expect(row).to_contain_text("Kept, because: Brought by the patient")
    assert Photo.objects.get().kept_reason == "Brought by the patient"
    assert PassedWarning.objects.get().rule == "resolution"


def test_clinician_is_asked_for_reason_once(at: Any, cast: Cast) -> None:
    """A clinician without consent on file is asked once for a reason."""
    page = at(person=cast.clinician)
    cast.patient.consents.all().delete()
    page.reload()
    choose(page, chosen(1, 2))
    page.get_by_role("button", name="use the order in which").click()

    page.get_by_role("button", name="Send 2 photos").click()
    reason = page.get_by_label("Why are they kept without consent?")
    expect(reason).to_be_focused()
    assert Photo.objects.count() == 0
    reason.fill("Signed on paper, scan follows")
    page.get_by_role("button", name="Send 2 photos").click()

    expect(page.locator("[data-send-state]")).to_contain_text("2 of 2 sent")
    assert PassedWarning.objects.filter(rule="25", reason="Signed on paper, scan follows").count() == 2


def test_nurse_reads_what_consent_needs(at: Any, cast: Cast) -> None:
    """A nurse without consent on file reads what to do."""
    page = at()
    cast.patient.consents.all().delete()
    page.reload()

    expect(page.locator("main")).to_contain_text("only a clinician or manager can add photos")
    expect(page.locator("[data-choose]")).to_have_count(0)


def test_two_ticked_are_compared(at: Any, cast: Cast) -> None:
    """Two of a row are ticked and compared."""
    days = [TODAY - datetime.timedelta(days=back) for back in (90, 60, 30)]
    first, second, third = (kept(cast, seed, taken_on=day) for seed, day in enumerate(days, 20))
    page = at()
    ticks = page.get_by_role("checkbox")

    for place in range(3):
        ticks.nth(place).check()

    expect(ticks.nth(0)).not_to_be_checked()  # two at most: the first one lets go
    page.get_by_role("button", name="Compare Vertex").click()
    page.wait_for_url(re.compile(rf"earlier={second.pk}&later={third.pk}"))
    assert first.pk != second.pk


def test_several_files_without_javascript(at: Any, cast: Cast) -> None:
    """Without JavaScript several files go in one form."""
    page = at(java_script_enabled=False)

    page.get_by_label("View").first.select_option("frontal")
    page.get_by_label("Photos of this view").set_input_files(chosen(1, 2))
    page.get_by_role("button", name="Send the photos").click()

    expect(page.locator("main")).to_contain_text("Kept: Frontal")
    assert views() == {"IMG_1.jpg": "frontal", "IMG_2.jpg": "frontal"}


@WIDTHS
def test_the_sheet_is_accessible(width: int, at: Any, cast: Cast, axe: Any) -> None:
    factories.course(cast.patient, baseline_on=TODAY - datetime.timedelta(days=90), checkpoints=[0, 1, 3])
    kept(cast, 20, taken_on=TODAY - datetime.timedelta(days=90))
    kept(cast, 21)
    page = at(width=width, touch=width < 1000)
    expect(page.locator(".contact thead")).to_contain_text("Month 1")
    axe(page)
    choose(page, chosen(1, 2))
    page.get_by_role("button", name="use the order in which").click()
    axe(page)
    page.get_by_role("button", name="Send 2 photos").click()
    expect(page.locator("[data-send-state]")).to_contain_text("2 of 2 sent")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_photo_page_is_accessible(at: Any, cast: Cast, axe: Any) -> None:
    photo = kept(cast)
    page = at(f"photos/{photo.pk}/", width=390)

    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# The slots beside a session


@pytest.fixture
def at_session(at: Any, cast: Cast) -> Callable[..., Page]:
    views = ["vertex", "superior_midline", "frontal", "temporal_left", "temporal_right", "occipital"]
    factories.course(cast.patient, baseline_on=TODAY - datetime.timedelta(days=30), views=views)
    kept(cast, 40, taken_on=TODAY - datetime.timedelta(days=30))

    def go(**options: Any) -> Page:
        return at("sessions/log/", **options)

    return go


def slot(page: Page, view: str) -> Any:
    return page.locator(f".slot[data-photo-view={view}]")


def test_photo_in_a_slot_is_sent_at_once(at_session: Any, cast: Cast) -> None:
    """A photo put into a slot is sent at once."""
    page = at_session()
    expect(slot(page, "vertex").locator(".ghost")).to_be_visible()

    slot(page, "vertex").locator("input[type=file]").set_input_files(chosen(1))

    expect(page.locator("[data-slots-count]")).to_have_text("1 of 6")
    expect(slot(page, "vertex")).to_have_class(re.compile("full"))
    photo = Photo.objects.get(taken_on=TODAY)
    assert (photo.view, photo.original_name) == ("vertex", "IMG_1.jpg")


def test_six_dropped_fill_movable_slots(at_session: Any, cast: Cast) -> None:
    """Six dropped at once fill the slots, and can be moved before they are sent."""
    page = at_session()
    drop(page, ".slots", chosen(1, 2, 3, 4, 5, 6, width=300, height=200))

    slot(page, "vertex").get_by_role("combobox").select_option("occipital")
    page.get_by_role("button", name="Send 6 photos").click()

    expect(page.locator("[data-slots-count]")).to_have_text("6 of 6")
    today = {photo.original_name: photo.view for photo in Photo.objects.filter(taken_on=TODAY)}
    assert today["IMG_1.jpg"] == "occipital" and today["IMG_6.jpg"] == "vertex"
    assert len(set(today.values())) == 6


def test_backdated_session_takes_its_photos(at_session: Any, cast: Cast) -> None:
    """Photos sent first, the session backdated afterwards: they stand in its month. Date and photos can be reached."""
    month_before = TODAY - datetime.timedelta(days=20)
    page = at_session(width=1280, height=720)
    slot(page, "vertex").locator("input[type=file]").set_input_files(chosen(1))
    expect(slot(page, "vertex")).to_contain_text("the session’s day")
    expect(slot(page, "superior_midline").locator("input[type=file]")).to_be_focused()
    photo = Photo.objects.get(dated_by="session")
    for name in ("When were they taken?", "Open the camera"):
        control = page.locator(".log-plate").get_by_text(name, exact=True)
        control.scroll_into_view_if_needed()
        control.click(trial=True)

    session = page.locator(".log-form [name=id]").input_value()
    course = cast.patient.courses.get()
    attach_to_session(factories.exosome_session(course, pk=session, performed_on=month_before), by=cast.nurse)

    photo.refresh_from_db()
    assert (photo.taken_on, str(photo.exosome_session_id)) == (month_before, session)


def test_retake_marks_the_first_photo(at_session: Any, cast: Cast) -> None:
    """Taking a warned photo again marks the first one."""
    page = at_session()
    slot(page, "frontal").locator("input[type=file]").set_input_files(chosen(1, width=800, height=600))
    expect(slot(page, "frontal")).to_contain_text("Only 800 pixels")

    with page.expect_file_chooser() as chooser:
        slot(page, "frontal").get_by_role("button", name="Take again").click()
    chooser.value.set_files(chosen(2))

    expect(slot(page, "frontal")).not_to_contain_text("Only 800 pixels")
    expect(page.locator("[data-send-state]")).to_contain_text("2 of 2 sent")
    page.wait_for_function("() => performance.getEntriesByType('resource').some((e) => e.name.endsWith('/keep/'))")
    page.reload()
    expect(page.locator("[data-slots-count]")).to_have_text("1 of 6")
    assert dict(Photo.objects.filter(taken_on=TODAY).values_list("original_name", "quality")) == {
        "IMG_1.jpg": "retake",
        "IMG_2.jpg": "",
    }


def test_photos_of_today_after_a_reload(at_session: Any, cast: Cast) -> None:
    """Photos of today are in their slots after a reload."""
    kept(cast, 50, view="occipital")
    page = at_session()

    expect(slot(page, "occipital").get_by_alt_text("Occipital, taken today")).to_be_visible()
    expect(page.locator("[data-slots-count]")).to_have_text("1 of 6")


def test_refused_photo_stops_no_session(at_session: Any, cast: Cast) -> None:
    """A photo that is refused never stops the session."""
    page = at_session()
    bad = {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 " + b"x" * 500}
    slot(page, "vertex").locator("input[type=file]").set_input_files([bad])

    expect(slot(page, "vertex")).to_contain_text("not a JPEG")
    expect(page.locator("[data-save]")).to_be_enabled()


@WIDTHS
def test_the_slots_are_accessible(width: int, at_session: Any, axe: Any) -> None:
    page = at_session(width=width, touch=width < 1000)
    axe(page, within="[data-photo-slots]")
    slot(page, "frontal").locator("input[type=file]").set_input_files(chosen(1, width=800, height=600))
    expect(slot(page, "frontal")).to_contain_text("Only 800 pixels")
    axe(page, within="[data-photo-slots]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_surplus_photos_push_nothing_out(at_session: Any, cast: Cast) -> None:
    """More photos than free views push nothing out."""
    for place, view in enumerate(["vertex", "superior_midline", "frontal", "temporal_left", "temporal_right"]):
        kept(cast, 60 + place, view=view)
    page = at_session()

    choose(page, chosen(1, 2, 3, width=300, height=200))

    expect(page.get_by_role("button", name="Send 1 photo")).to_be_visible()
    expect(page.locator("[data-left-over]")).to_contain_text("2 photos have no free view here")
    expect(page.locator("[data-left-over]")).to_contain_text("IMG_3.jpg")
    expect(slot(page, "vertex").get_by_alt_text("Vertex, taken today")).to_be_visible()
