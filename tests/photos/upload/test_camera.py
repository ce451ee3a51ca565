"""The camera on the page, with Chromium's own test picture in place of a patient."""

import datetime
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.browser import ARGUMENTS, CHROMIUM, sign_in
from tests.people import Cast
from tests.photos.corpus import encoded, scene
from treatments.models import Photo
from treatments.photos.upload.store_photo import store_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TODAY = datetime.date.today()
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
REFUSES = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', '%s'); };"


@pytest.fixture(scope="module")
def chromium(chromium: Browser) -> Iterator[Browser]:
    """A second browser, which has a camera."""
    arguments = [*ARGUMENTS, *CAMERA, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    program = next(filter(None, map(shutil.which, CHROMIUM)))
    browser = chromium.browser_type.launch(executable_path=program, args=arguments)
    yield browser
    browser.close()


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    return tmp_path / "photos"


@pytest.fixture
def at(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> Callable[..., Page]:
    factories.consent(cast.patient, kind="photography", purposes=["record"])
    earlier = Photo(patient=cast.patient, clinic=cast.clinic, view="vertex", taken_on=TODAY - datetime.timedelta(30))
    store_photo(earlier, [encoded(scene(1, 1600, 1200), "JPEG")], by=cast.nurse)

    def go(script: str = "", **options: Any) -> Page:
        page = new_page(**options)
        if script:
            page.add_init_script(script)
        sign_in(page.context, cast.nurse, live_server.url)
        page.goto(f"/patients/{cast.patient.pk}/photos/")
        return page

    return go


def open_camera(page: Page) -> Any:
    page.get_by_role("button", name="Open the camera").click()
    return page.get_by_role("dialog")


def shoot(page: Page) -> None:
    page.get_by_role("button", name="Take the photo").click()
    page.get_by_role("button", name="Use it").click()


def test_views_are_taken_in_turn_and_sent(at: Any, cast: Cast) -> None:
    """Views are taken one after the other and sent meanwhile."""
    page = at()
    camera = open_camera(page)
    expect(camera.get_by_role("heading")).to_have_text("Vertex")
    expect(camera.locator("[data-camera-ghost]")).to_be_visible()

    shoot(page)
    expect(camera.get_by_role("heading")).to_have_text("Midline")
    expect(camera.locator("[data-camera-ghost]")).to_be_hidden()  # never taken: nothing shines through
    shoot(page)

    expect(camera.get_by_role("heading")).to_have_text("Frontal")
    expect(camera.locator("[data-camera-state]")).to_contain_text("2 of 2 sent")
    taken = Photo.objects.filter(taken_on=TODAY)
    assert {photo.view for photo in taken} == {"vertex", "superior_midline"}
    assert {photo.capture_path for photo in taken} == {"browser_still"}
    assert all(min(photo.width, photo.height) > 400 for photo in taken)
    camera.get_by_role("button", name="Done").click()
    expect(page.locator("[data-send-state]")).to_contain_text("2 of 2 sent")


# Chromium's test camera gives stills of the size of its stream; this one has a sensor that is larger.
LARGER_SENSOR = """globalThis.ImageCapture = class {
  async getPhotoCapabilities() { return { imageWidth: { max: 4800 }, imageHeight: { max: 3600 } }; }
  async takePhoto({ imageWidth = 640, imageHeight = 480 } = {}) {
    if (%s) throw new DOMException("", "UnknownError");
    const canvas = Object.assign(document.createElement("canvas"), { width: imageWidth, height: imageHeight });
    canvas.getContext("2d").fillText("a still", 9, 9);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg"));
  }
};"""


@pytest.mark.parametrize(
    ("fails", "size"), [("false", (4800, 3600)), ("imageWidth > 640", (640, 480))], ids=["can", "only says it can"]
)
def test_still_has_all_the_cameras_pixels(fails: str, size: tuple[int, int], at: Any, cast: Cast) -> None:
    """A still has all the pixels that the camera can give."""
    page = at(script=LARGER_SENSOR % fails)
    open_camera(page)

    shoot(page)

    expect(page.locator("[data-camera-state]")).to_contain_text("1 of 1 sent")
    photo = Photo.objects.get(taken_on=TODAY)
    assert (photo.capture_path, photo.width, photo.height) == ("browser_still", *size)


def test_browser_without_stills_uses_a_frame(at: Any, cast: Cast) -> None:
    """A browser without stills gives the frame in its full size, and says so."""
    page = at(script="delete globalThis.ImageCapture;")
    open_camera(page)
    page.wait_for_function("() => document.querySelector('video').videoWidth > 0")
    width = page.evaluate("document.querySelector('video').videoWidth")

    shoot(page)

    expect(page.locator("[data-camera-state]")).to_contain_text("1 of 1 sent")
    photo = Photo.objects.get(taken_on=TODAY)
    assert (photo.capture_path, photo.width) == ("browser_frame", width)


def test_picture_is_reviewed_before_use(at: Any) -> None:
    """A picture is looked at before it is used."""
    page = at()
    open_camera(page)

    page.get_by_role("button", name="Take the photo").click()
    expect(page.locator("[data-camera-taken]")).to_be_visible()
    page.get_by_role("button", name="Take again").click()

    expect(page.locator("[data-camera-taken]")).to_be_hidden()
    assert not Photo.objects.filter(taken_on=TODAY).exists()


def test_camera_permission_is_asked_once(at: Any) -> None:
    """The camera is asked for once in a visit."""
    counting = """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      globalThis.asked = 0;
      navigator.mediaDevices.getUserMedia = (wanted) => { asked += 1; return real(wanted); };"""
    page = at(script=counting)

    for _ in range(3):
        camera = open_camera(page)
        expect(page.get_by_role("button", name="Take the photo")).to_be_enabled()
        camera.get_by_role("button", name="Done").click()

    assert page.evaluate("asked") == 1
    # Closing a dialog is told to the page a moment later.
    page.wait_for_function("document.querySelector('video').srcObject.getTracks().every((track) => !track.enabled)")


def test_last_photo_shines_through(at: Any) -> None:
    """The last photo shows through the live picture, as strongly as one likes."""
    page = at()
    open_camera(page)
    slider = page.get_by_label("Last photo")

    slider.fill("80")

    assert page.locator("[data-camera-ghost]").evaluate("(image) => image.style.opacity") == "0.8"
    expect(page.get_by_role("button", name="Grid")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Grid").click()
    expect(page.locator("[data-camera-grid]")).to_be_visible()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("NotAllowedError", "does not allow the camera"),
        ("NotFoundError", "This device has no camera"),
        ("NotReadableError", "Another program is using the camera"),
        ("AbortError", "could not be opened"),
    ],
)
def test_no_camera_offers_a_file(fault: str, words: str, at: Any) -> None:
    """Where there is no camera it says why, and a file is one tap away."""
    page = at(script=REFUSES % fault)
    camera = open_camera(page)

    expect(camera).to_contain_text(words)
    expect(page.get_by_role("button", name="Take the photo")).to_be_disabled()
    file = {"name": "IMG_7.jpg", "mimeType": "image/jpeg", "buffer": encoded(scene(7, 1600, 1200), "JPEG")}
    page.get_by_label("Take or choose a photo").set_input_files([file])

    expect(page.locator("[data-camera-state]")).to_contain_text("1 of 1 sent")
    photo = Photo.objects.get(taken_on=TODAY)
    assert (photo.view, photo.capture_path) == ("vertex", "native_camera")


def test_stopped_camera_can_be_restarted(at: Any) -> None:
    """A camera that stopped can be started again."""
    page = at()
    open_camera(page)
    expect(page.get_by_role("button", name="Take the photo")).to_be_enabled()

    page.evaluate(
        """() => {
          const [track] = document.querySelector("video").srcObject.getTracks();
          track.stop();
          track.dispatchEvent(new Event("ended"));
        }"""
    )

    expect(page.get_by_role("dialog")).to_contain_text("The camera stopped")
    page.get_by_role("button", name="Start the camera again").click()
    expect(page.get_by_role("button", name="Take the photo")).to_be_enabled()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (820, 1180), (1180, 820), (1440, 900)])
def test_camera_is_accessible_to_one_thumb(width: int, height: int, at: Any, axe: Any) -> None:
    """The camera is accessible, and everything fits under one thumb."""
    page = at(width=width, height=height, touch=width < 1400)
    open_camera(page)
    shutter = page.get_by_role("button", name="Take the photo")
    expect(shutter).to_be_enabled()
    axe(page)

    box = shutter.bounding_box()
    assert box and min(box["width"], box["height"]) >= 64
    assert box["y"] + box["height"] <= height and box["x"] + box["width"] <= width
    finder = page.locator("[data-camera-finder]").bounding_box()
    assert finder and finder["height"] >= height * 0.45
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "height"), [(820, 1180), (1180, 820)])
def test_shutter_is_under_either_thumb(width: int, height: int, at: Any) -> None:
    """A tablet in one hand has the shutter under its thumb, whichever hand it is."""
    page = at(width=width, height=height, touch=True)
    open_camera(page)
    reach = 120  # px from the edge that is held, about 23 mm on such a tablet

    def of(name: str) -> Any:
        box = page.get_by_role("button", name=name).bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    assert width - of("Take the photo")[0] <= reach and of("Take the photo")[1] >= height * 0.5
    page.get_by_role("button", name="Take the photo").tap()
    assert width - of("Use it")[0] <= reach
    page.get_by_role("button", name="Take again").tap()

    page.get_by_role("button", name="Left hand").tap()

    assert of("Take the photo")[0] <= reach
    page.reload()
    open_camera(page)
    assert of("Take the photo")[0] <= reach, "and it is remembered"
