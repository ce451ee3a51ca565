"""What of a photograph may leave: cut to a part, with rectangles of flat colour burnt into its pixels.

Rectangles are (left, top, width, height) in per cent of the upright picture. No Django here.
"""

import math
import re
from dataclasses import dataclass

from PIL import Image, ImageDraw

from treatments.photos.compare.geometry import FRAME_PX, Transform

Rectangle = tuple[float, float, float, float]
SMALLEST_PER_CENT = 0.5
_COVER = (138, 143, 141)
_OUTSIDE = (233, 236, 232)


@dataclass(frozen=True, slots=True)
class Cover:
    """`crop` is the part that is kept, None for the whole; `masks` are hidden."""

    crop: Rectangle | None = None
    masks: tuple[Rectangle, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.crop or self.masks)

    def as_dict(self) -> dict[str, object]:
        return {"crop": list(self.crop) if self.crop else None, "masks": [list(mask) for mask in self.masks]}


def rectangle(text: str) -> Rectangle | None:
    """Four numbers in per cent: left, top, width, height; None for a blank. Raises ValueError for anything else."""
    numbers = re.sub("[,%;]", " ", text).split()
    if not numbers:
        return None
    if len(numbers) != 4:
        raise ValueError("Write four numbers in per cent: left, top, width and height, for example 10 40 25 12.")
    try:
        left, top, width, height = (round(float(number), 1) for number in numbers)
    except (ValueError, OverflowError):
        raise ValueError("Write numbers only: left, top, width and height in per cent.") from None
    if not (_is_within(left, width) and _is_within(top, height)):
        raise ValueError("This reaches beyond the picture: left + width and top + height end at 100.")
    if min(width, height) < SMALLEST_PER_CENT:
        raise ValueError("This has no width or no height.")
    return left, top, min(width, 100 - left), min(height, 100 - top)


def _is_within(start: float, length: float) -> bool:
    """Whether a side of a rectangle lies in the picture, but for what rounding adds; False for what is no number."""
    return 0 <= start <= 100 and start + length <= 100.1


def covered(picture: Image.Image, cover: Cover) -> Image.Image:
    """The picture at its size with every mask, and all outside the crop, painted over."""
    done = picture.copy()
    draw = ImageDraw.Draw(done)
    for mask in cover.masks:
        draw.rectangle(_pixels(mask, done.size), fill=_COVER)
    if cover.crop:
        left, top, right, bottom = _pixels(cover.crop, done.size, grow=False)
        inside = done.crop((left, top, right + 1, bottom + 1))
        done.paste(_OUTSIDE, (0, 0, *done.size))
        done.paste(inside, (left, top))
    return done


def cut(picture: Image.Image, crop: Rectangle | None) -> Image.Image:
    """The part that is kept; of the earlier photograph's crop, for one that was laid over it."""
    if crop is None:
        return picture
    left, top, right, bottom = _pixels(crop, picture.size, grow=False)
    return picture.crop((left, top, right + 1, bottom + 1))


def laid_over(later: Image.Image, size: tuple[int, int], transform: Transform) -> Image.Image:
    """The later picture turned, zoomed and moved into the frame of the earlier, whose size in px is given."""
    to_later, to_earlier = FRAME_PX / max(later.size), FRAME_PX / max(size)
    square = transform.a**2 + transform.b**2
    a, b = transform.a / square, -transform.b / square
    tx, ty = -(a * transform.tx - b * transform.ty), -(b * transform.tx + a * transform.ty)
    k = to_earlier / to_later
    matrix = (a * k, -b * k, tx / to_later, b * k, a * k, ty / to_later)
    return later.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC, fillcolor=_OUTSIDE)


def _pixels(part: Rectangle, size: tuple[int, int], *, grow: bool = True) -> tuple[int, int, int, int]:
    """First and last pixel each way. A mask grows to whole pixels, a crop shrinks, so that neither shows too much."""
    left, top, width, height = part
    first_column, last_column = _span(left, width, size[0], grow=grow)
    first_row, last_row = _span(top, height, size[1], grow=grow)
    return first_column, first_row, last_column, last_row


def _span(start: float, length: float, side: int, *, grow: bool) -> tuple[int, int]:
    first, last = start * side / 100, (start + length) * side / 100
    if grow:
        first, last = math.floor(first), math.ceil(last) - 1
    else:
        first, last = math.ceil(first), math.floor(last) - 1
    return min(max(first, 0), side - 1), min(max(last, first, 0), side - 1)
