"""What is measured in a photo's pixels for the quality checks, with Pillow alone.

Everything is taken from the upright picture at 1024 px on its longest side (smaller pictures as
they are) and, but for the fingerprint and the backdrop, from its central 60 %: the head. The
backdrop is measured in the corners instead: what is behind the head tells two lights apart without
looking at hair, of which there may be more. The checks read these numbers and never the picture.
"""

import base64
import bisect
import itertools
from typing import NotRequired, TypedDict, cast

from PIL import Image, ImageChops, ImageFilter

MEASURED_SIDE = 1024
"""px of the longest side at which all is measured; blur and edges mean nothing without it."""
MEASURES_VERSION = "1"

_CENTRAL = 0.6
_REBLUR_RADIUS = 2.0
_OVER_EXPOSED_FROM = 250
_FINGERPRINT = (64, 64)
# Sobel's two kernels, scaled by 8 so that the steepest edge still fits eight bits around 128.
_ACROSS = ImageFilter.Kernel((3, 3), (-1, 0, 1, -2, 0, 2, -1, 0, 1), scale=8, offset=128)
_DOWN = ImageFilter.Kernel((3, 3), (-1, -2, -1, 0, 0, 0, 1, 2, 1), scale=8, offset=128)
_SQUARES = [(level - 128) ** 2 for level in range(256)]
_CORNER = 0.08
_EVEN_WITHIN_LEVELS = 32
"""Between the tenth and the ninetieth percentile of a corner; cloth, hair and shelves have more."""
_CORNERS_WITHIN = 1.6
"""A wall lit from one side differs by 1.4 from corner to corner in the rendered photographs."""
_EVEN = 2.0
"""Levels between the darkest and the lightest of the 64 x 64, below which there is nothing to know again."""
_FLATTEST = 0.02
"""Mean squared gradient below which a picture holds no edges, only rounding."""


class Measures(TypedDict):
    """JSON-ready. `long_side` in px of the whole upright original; shares are 0 to 1; `median` is
    the middle level, 0 to 255, of the grey picture; `reblur` is the edge energy divided by that
    after one more gaussian blur of 2 px (None for a picture without edges); `fingerprint` is the
    64 x 64 grey picture in base64. `backdrop` is the light of what is behind the head, 0 to 1 in linear
    light; None where the corners do not show one even surface."""

    version: str
    long_side: int
    reblur: float | None
    over_exposed: float
    median: int
    fingerprint: str
    # Not in photos kept before it was measured; the other numbers mean what they meant then.
    backdrop: NotRequired[float | None]


def measure(picture: Image.Image, *, long_side: int) -> Measures:
    """Measure an upright RGB picture of at least `MEASURED_SIDE` px, or the whole of a smaller one.

    `long_side` is that of the original, in px.
    """
    middle = _middle_at_measured_size(picture)
    grey = middle.convert("L")
    return {
        "version": MEASURES_VERSION,
        "long_side": long_side,
        "reblur": _reblur_ratio(grey),
        "over_exposed": _over_exposed_share(middle),
        "median": _median(grey),
        "fingerprint": base64.b64encode(_fingerprint(picture)).decode("ascii"),
        "backdrop": _backdrop(picture),
    }


def _middle_at_measured_size(picture: Image.Image) -> Image.Image:
    """The central part as it is in the picture shrunk to `MEASURED_SIDE`; only it is shrunk."""
    width, height = picture.size
    left, top = width * (1 - _CENTRAL) / 2, height * (1 - _CENTRAL) / 2
    middle = (left, top, width - left, height - top)
    scale = MEASURED_SIDE / max(picture.size)
    if scale >= 1:
        return picture.crop((round(left), round(top), width - round(left), height - round(top)))
    size = max(1, round(width * scale * _CENTRAL)), max(1, round(height * scale * _CENTRAL))
    return picture.resize(size, Image.Resampling.LANCZOS, middle)


def _fingerprint(picture: Image.Image) -> bytes:
    """Stretched before it is rounded: dark skin spans few levels, and rounded to them it is not known again."""
    small = picture.convert("L").convert("F").resize(_FINGERPRINT, Image.Resampling.BOX)
    darkest, lightest = cast(tuple[float, float], small.getextrema())
    if lightest - darkest < _EVEN:
        return bytes(_FINGERPRINT[0] * _FINGERPRINT[1])
    scale = 255 / (lightest - darkest)
    return small.point(lambda level: level * scale + (0.5 - darkest * scale)).convert("L").tobytes()


def _reblur_ratio(grey: Image.Image) -> float | None:
    """High for a sharp picture, near 1 for one so blurred that more blur changes nothing."""
    again = _edge_energy(grey.filter(ImageFilter.GaussianBlur(_REBLUR_RADIUS)))
    return None if again < _FLATTEST else round(_edge_energy(grey) / again, 3)


def _edge_energy(grey: Image.Image) -> float:
    """Mean squared Sobel gradient in units of (level / 8)², the outermost pixels left out."""
    width, height = grey.size
    inside = (1, 1, width - 1, height - 1)
    total = 0
    for kernel in (_ACROSS, _DOWN):
        counts = grey.filter(kernel).crop(inside).histogram()
        total += sum(count * square for count, square in zip(counts, _SQUARES, strict=True))
    return total / max(1, (width - 2) * (height - 2))


def _over_exposed_share(colours: Image.Image) -> float:
    red, green, blue = colours.split()
    brightest = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    return round(sum(brightest[_OVER_EXPOSED_FROM:]) / sum(brightest), 5)


def _median(grey: Image.Image) -> int:
    return _level_below_which(0.5, grey.histogram())


def _level_below_which(share: float, counts: list[int]) -> int:
    cumulated = list(itertools.accumulate(counts))
    return bisect.bisect_left(cumulated, share * cumulated[-1])


def _backdrop(picture: Image.Image) -> float | None:
    side = max(1, round(_CORNER * max(picture.size)))
    right, bottom = picture.width - side, picture.height - side
    lights = [_corner_light(picture, left, top, side) for top in (0, bottom) for left in (0, right)]
    if max(lights) > _CORNERS_WITHIN * min(lights):
        return None
    return round(sum(lights) / len(lights), 4) or None


def _corner_light(picture: Image.Image, left: int, top: int, side: int) -> float:
    """Linear light of a square of `side` px; 0 where it is overexposed (white) or no even surface."""
    counts = picture.crop((left, top, left + side, top + side)).convert("L").histogram()
    low, middle, high = (_level_below_which(share, counts) for share in (0.1, 0.5, 0.9))
    is_even = high - low <= _EVEN_WITHIN_LEVELS and high < _OVER_EXPOSED_FROM
    return _linear(middle) if is_even else 0.0


def _linear(level: int) -> float:
    """sRGB level to light: twice the light is twice the number."""
    value = level / 255
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
