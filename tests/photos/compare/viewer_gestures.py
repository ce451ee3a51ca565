"""What a hand does with the compare viewer, and what an eye sees of it, for tests in a real browser."""

import io
import math

from PIL import Image

from tests.photos.compare.viewer_pages import PATCH_COLOURS, SWATCHES

ON_SCREEN = """([side, [x, y]]) => {
  const frame = document.querySelector(`[data-side=${side}] [data-frame]`);
  const box = frame.getBoundingClientRect();
  const matrix = new DOMMatrix(getComputedStyle(frame.querySelector("img")).transform);
  const at = matrix.transformPoint(new DOMPoint(x, y));
  return [box.x + at.x, box.y + at.y];
}"""


def opened(page, address):
    page.goto(address)
    page.wait_for_function("document.querySelector('[data-compare]').classList.contains('is-live')")
    page.wait_for_load_state("networkidle")
    return page


def look(page, mode):
    page.locator(f"input[name=mode][value={mode}]").check(force=True)
    settled(page)


def settled(page):
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def open_points(page):
    """The page scrolls to the photographs, and where a spot lies is known only when it has done so."""
    page.locator("[data-open-align]").click()
    settled(page)


def frame(page, side):
    return page.locator(f"[data-side={side}] [data-frame]").bounding_box()


def on_screen(page, side, point):
    """Screen px of a spot given in a photograph's 1600 px coordinates, as the browser transforms it."""
    x, y = page.evaluate(ON_SCREEN, [side, list(point)])
    return x, y


def red_disc(page, side):
    """Middle of the red disc inside a frame, found in the pixels on the screen."""
    box = frame(page, side)
    picture = Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")
    pixels = picture.load()
    # Weighted by redness, so that edges count in part.
    total = across = down = 0.0
    for x in range(picture.width):
        for y in range(picture.height):
            red, green, blue = pixels[x, y]
            if red - max(green, blue) > 60:
                weight = red - max(green, blue)
                total, across, down = total + weight, across + weight * x, down + weight * y
    assert total, f"no red disc in the {side} photograph"
    return across / total, down / total


def apart(page):
    return math.dist(red_disc(page, "earlier"), red_disc(page, "later"))


def drag(page, side, moves=40, reach=120):
    box = frame(page, side)
    x, y = box["x"] + box["width"] * 0.35, box["y"] + box["height"] * 0.45
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(moves):
        page.mouse.move(x + reach * math.sin(i / 6), y + reach * 0.6 * math.sin(i / 9))
    page.mouse.up()
    settled(page)


def light_error(screen, place):
    """Mean distance of a matched swatch from its right value, in steps of 255; `place` gives a spot's px on the screen.

    The right value is worked out here in linear light: every channel of both patches is to be as dark as the darkest.
    """
    target = min(linear(value) for colour in PATCH_COLOURS.values() for value in colour)
    errors = []
    for side, patch in PATCH_COLOURS.items():
        for spot, colour in SWATCHES.items():
            x, y = place(side, spot)
            shown = screen.getpixel((round(x), round(y)))
            for before, at_patch, after in zip(colour, patch, shown, strict=True):
                errors.append(abs(after - encoded(linear(before) * target / linear(at_patch))))
    return sum(errors) / len(errors)


def linear(value):
    share = value / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def encoded(light):
    return 255 * (light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)
