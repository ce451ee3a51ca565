"""The compare viewer in WebKit, where photographs are scaled, filtered and pressed by another engine."""

import math

import pytest

from tests.photos.compare.viewer_gestures import ON_SCREEN, light_error
from tests.photos.compare.viewer_pages import PATCH, SPOTS, later_of

pytestmark = [
    pytest.mark.webkit,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.photos.compare.viewer_pages"),
]
DRAWN = """
  const photos = [...document.querySelectorAll("[data-frame] > img")];
  const lies = (photo) => photo.getBoundingClientRect().width < photo.parentElement.clientWidth * 1.5;
  return photos.every((photo) => photo.complete && lies(photo) && !photo.style.willChange);
"""


def opened(webkit, address):
    webkit.resize(1440, 1000)
    webkit.go(address)
    webkit.find("[data-compare].is-live")
    webkit.until(lambda: webkit.script(DRAWN))
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
    webkit.click_at(*spot, times=2)
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
