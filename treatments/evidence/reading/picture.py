"""One picture that holds both photographs of a pair, left and right, and tells nothing but what they show.

Both are decoded, brought to one size and frame, laid side by side and coded together: one file has one length, one set
of tables and one time in which it was made, so that none of them can be of the earlier or of the later photograph.
"""

import io
from typing import Final

from PIL import Image

from treatments.photos.export.before_after import opened
from treatments.photos.models import Photo

MOST_HEIGHT: Final = 1200
"""px of each half, which is as high as both photographs allow and never larger than either."""
MOST_WIDTH: Final = 1600
SHAPES_DIFFER: Final = 1.34
"""Photographs whose shapes (width to height) differ by more than from 4:3 to 16:9 are no pair: cut to one frame they
would lose too much, and with bars beside one of them a reader would know which camera took it."""
QUALITY: Final = 88
_BLOCK: Final = 16
"""px. The seam lies between two blocks of the coder, so that neither half reaches into the other."""


def same_shape(one: Photo, other: Photo) -> bool:
    ratio = (one.width / one.height) / (other.width / other.height)
    return 1 / SHAPES_DIFFER <= ratio <= SHAPES_DIFFER


def half_size(left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    """Width and height in px of each half, whichever of the two sizes is named first: no photograph is enlarged, and
    each is cut as little as the other's shape asks."""
    height = min(left[1], right[1], MOST_HEIGHT)
    width = min(left[0] * height / left[1], right[0] * height / right[1])
    scale = min(1.0, MOST_WIDTH / width)
    blocks_wide, blocks_high = int(width * scale) // _BLOCK, int(height * scale) // _BLOCK
    return max(1, blocks_wide) * _BLOCK, max(1, blocks_high) * _BLOCK


def side_by_side(left: Image.Image, right: Image.Image) -> bytes:
    """A JPEG of both, without metadata; the same settings whatever they show."""
    size = half_size(left.size, right.size)
    both = Image.new("RGB", (2 * size[0], size[1]))
    for place, picture in enumerate((left, right)):
        both.paste(_filling(picture, size), (place * size[0], 0))
    target = io.BytesIO()
    both.save(target, "JPEG", quality=QUALITY, subsampling=0, optimize=False, progressive=False)
    return target.getvalue()


def _filling(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """From the middle of a picture, in exactly that size. Both are resampled, even one that has the size already: a
    picture that was left as it was would be the sharper of the two."""
    scale = max(size[0] / picture.width, size[1] / picture.height)
    width, height = size[0] / scale, size[1] / scale
    left, top = (picture.width - width) / 2, (picture.height - height) / 2
    return picture.resize(size, Image.Resampling.LANCZOS, (left, top, left + width, top + height))


def picture_of(left: Photo, right: Photo) -> bytes:
    """Raises `before_after.PictureMissing` where a file cannot be read."""
    return side_by_side(opened(left), opened(right))
