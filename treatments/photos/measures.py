"""What is measured in a photo's pixels for the quality gates, with Pillow alone.

Everything is taken from the upright picture at 1024 px on its longest side (smaller pictures as
they are) and, but for the fingerprint, from its central 60 %: the head, not the background.
The gates read these numbers; they never look at the picture.
"""

import base64
from typing import TypedDict

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
_FLATTEST = 0.02
"""Mean squared gradient below which a picture holds no edges, only rounding."""


class Measures(TypedDict):
    """JSON-ready. `long_side` in px of the whole upright original; shares are 0 to 1; `median` is
    the middle level, 0 to 255, of the grey picture; `reblur` is the edge energy divided by that
    after one more gaussian blur of 2 px (None for a picture without edges); `fingerprint` is the
    64 x 64 grey picture in base64."""

    version: str
    long_side: int
    reblur: float | None
    over_exposed: float
    median: int
    fingerprint: str


def measure(picture: Image.Image, *, long_side: int) -> Measures:
    """Measure an upright RGB picture of at least `MEASURED_SIDE` px, or the whole of a smaller one.

    `long_side` is that of the original, in px.
    """
    middle = _middle_at_measured_size(picture)
    grey = middle.convert("L")
    whole = picture.convert("L").resize(_FINGERPRINT, Image.Resampling.BOX)
    return {
        "version": MEASURES_VERSION,
        "long_side": long_side,
        "reblur": _reblur_ratio(grey),
        "over_exposed": _over_exposed_share(middle),
        "median": _median(grey),
        "fingerprint": base64.b64encode(whole.tobytes()).decode("ascii"),
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
    counts = grey.histogram()
    half, seen = sum(counts) / 2, 0
    for level, count in enumerate(counts):
        seen += count
        if seen >= half:
            return level
    return 255
