"""The compare viewer in WebKit, where photographs are scaled, filtered and pressed by another engine."""

import base64
import io
import math
import random
import time

import pytest
from PIL import Image
from selenium.webdriver.common.keys import Keys

from tests.people import Cast
from tests.photos.compare.test_page import photographed  # noqa: F401 -- the fixture of a pair with its files
from tests.photos.compare.viewer_gestures import ON_SCREEN, light_error
from tests.photos.compare.viewer_pages import PATCH, SPOTS, later_of
from treatments.models import Draft, PhotoPair

pytestmark = [
    pytest.mark.webkit,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.photos.compare.viewer_pages"),
]
A_REST = 0.25  # seconds, as in view.js
DRAWN = """
  const photos = [...document.querySelectorAll("[data-frame] > img")];
  const lies = (photo) => photo.getBoundingClientRect().width < photo.parentElement.clientWidth * 1.5;
  const rests = (photo) => photo.complete && lies(photo) && !photo.style.willChange;
  return document.fonts.status === "loaded" && photos.every(rests);
"""


def drawn(webkit):
    """Wait until the photographs lie still, at two looks: a window that changes moves them with the next frame."""

    def twice():
        first = webkit.script(DRAWN)
        time.sleep(2 * A_REST)
        return first and webkit.script(DRAWN)

    webkit.until(twice)


def opened(webkit, address):
    webkit.resize(1440, 1000)
    webkit.go(address)
    webkit.find("[data-compare].is-live")
    drawn(webkit)
    webkit.rest(webkit.find("[data-side=later] [data-frame]"))
    return webkit


def on_screen(webkit, side, spot):
    return tuple(webkit.script(f"return ({ON_SCREEN})(arguments[0])", [side, list(spot)]))


def zoom(webkit):
    return webkit.text("[data-zoom-out]")


def test_two_clicks_zoom_to_the_spot(webkit):
    opened(webkit, "/drawn/month-12/aligned")
    spot = tuple(map(round, on_screen(webkit, "later", later_of(SPOTS["mark_a"]))))
    webkit.click_at(*spot, times=2)
    webkit.until(lambda: zoom(webkit) == "2.5×")
    webkit.until(lambda: math.dist(on_screen(webkit, "later", later_of(SPOTS["mark_a"])), spot) < 3)
    # In the other photograph: in the same place they would be the third and fourth click of one.
    x, y, width, height = webkit.rest(webkit.find("[data-side=earlier] [data-frame]"))
    webkit.click_at(x + width / 2, y + height / 2, times=2)
    webkit.until(lambda: zoom(webkit) == "1.0×")


def test_matched_light_is_right(webkit):
    opened(webkit, "/drawn/month-12/not")
    webkit.click("[data-light]")
    for side in ("earlier", "later"):
        webkit.click_at(*on_screen(webkit, side, PATCH))
    webkit.until(lambda: "Light matched for viewing only" in webkit.text("[data-side=later] [data-light-banner]"))
    error = light_error(webkit.picture(), lambda side, spot: on_screen(webkit, side, spot))
    print(f"\nfigure: match_light_error_webkit {error:.2f} of 255 (<= 0.5)")
    assert error <= 0.5


def test_small_photos_are_not_speckled(webkit):
    """Hair a pixel wide, drawn in a quarter of its size: as even as an average of what lies under each pixel."""
    opened(webkit, "/drawn/month-12/not")
    webkit.resize(820, 1000)
    chance = random.Random(3)
    row = Image.new("L", (1600, 1))
    row.putdata([chance.choice((40, 160)) for _ in range(1600)])
    hair, file = row.resize((1600, 1600)), io.BytesIO()
    hair.save(file, "PNG")
    source = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    webkit.script("document.querySelector('[data-side=earlier] img').src = arguments[0]", source)
    drawn(webkit)
    x, y, width, height = webkit.rest(webkit.find("[data-side=earlier] [data-frame]"))
    shown = (
        webkit.picture()
        .convert("L")
        .crop((int(x) + 10, int(y + height / 2), int(x + width) - 10, int(y + height / 2) + 1))
    )
    even = row.resize((round(width), 1), Image.Resampling.BOX)
    contrast = roughness(shown) / roughness(even)
    print(f"\nfigure: compare_webkit_speckle {contrast:.2f} of an average's contrast (<= 1.15)")
    assert contrast <= 1.15


def roughness(line):
    values = list(line.getdata())
    return sum(abs(a - b) for a, b in zip(values, values[1:], strict=False)) / len(values)


def test_landmarks_by_keyboard(webkit, photographed: Cast):  # noqa: F811
    """Set, left without a question as on an iPad, offered again, saved: by keys alone."""
    webkit.sign_in(photographed.clinician)
    page = f"/patients/{photographed.patient.pk}/photos/compare/"
    webkit.go(page)
    webkit.find("[data-compare].is-live")
    webkit.tab_to("[data-open-align]")
    webkit.press(Keys.ENTER)
    for steps in ([], [Keys.ARROW_LEFT] * 6, [Keys.ARROW_DOWN] * 6):
        for side in ("earlier", "later"):
            webkit.until(lambda side=side: webkit.focused(f"[data-side={side}] [data-frame]"), f"{side} has no focus")
            webkit.press(*steps, Keys.ENTER)
    webkit.go("/patients/")
    webkit.until(Draft.objects.exists, "what was marked is not kept")
    webkit.go(page)
    webkit.says("You marked points here and did not save them")
    webkit.tab_to(".offer .btn")
    webkit.press(Keys.ENTER)
    webkit.tab_to("[data-save]")
    webkit.press(Keys.ENTER)
    webkit.says("The alignment is saved with your name")
    webkit.until(lambda: webkit.text("[data-tag]") == "Aligned on 3 points; 0 px off", "not aligned")
    assert webkit.focused("[data-pair]"), "the work goes on at the photographs"
    assert PhotoPair.objects.get().aligned_by == photographed.clinician
    assert not Draft.objects.exists()
