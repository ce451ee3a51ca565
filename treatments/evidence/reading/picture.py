"""One picture that holds both photographs of a pair, left and right, and tells nothing but what they show.

Both are decoded, brought to one size and frame, laid side by side and coded together: one file has one length, one set
of tables and one time in which it was made, so that none of them can be of the earlier or of the later photograph.
"""

import io
from collections.abc import Iterable
from typing import Final, NamedTuple

from PIL import Image

from treatments.photos.export.before_after import DRAWN_FROM_PX, opened
from treatments.photos.models import Photo
from treatments.photos.readings.models import ReadingPair

MOST_HEIGHT: Final = 1120
"""px of each half, which is as high as all photographs of a reader's round allow."""
MOST_WIDTH: Final = 1504
LEAST_HEIGHT: Final = 600
"""px. A smaller photograph is shown as small as it is, and does not make the others of the round as small."""
_MADE_SMALLER: Final = 15 / 16
"""Of the smaller photograph, so that both are resampled: one that was left as it was would keep the blocks in which it
was coded, and be the sharper of the two."""
SHAPES_DIFFER: Final = 1.34
"""Photographs whose shapes (width to height) differ by more than from 4:3 to 16:9 are no pair: cut to one frame they
would lose too much, and with bars beside one of them a reader would know which camera took it."""
QUALITY: Final = 88
_BLOCK: Final = 16
"""px. The seam lies between two blocks of the coder, so that neither half reaches into the other."""


def same_shape(one: Photo, other: Photo) -> bool:
    ratio = (one.width / one.height) / (other.width / other.height)
    return 1 / SHAPES_DIFFER <= ratio <= SHAPES_DIFFER


class Size(NamedTuple):
    """px."""

    width: int
    height: int

    @property
    def shape(self) -> float:
        return self.width / self.height


Sizes = tuple[Size, Size]


def sizes_of(pair: ReadingPair) -> Sizes:
    """Of both photographs, as they are opened."""
    return Size(*pair.earlier.derived_size(DRAWN_FROM_PX)), Size(*pair.later.derived_size(DRAWN_FROM_PX))


def frame_of(pair: Sizes, of_round: Iterable[Sizes]) -> Size:
    """Of each half of a pair, among all that one reader is shown: alike for all whose shapes allow it.

    A new camera would tell two photographs of one Month from those of two, as both are larger or wider then. No
    photograph is enlarged, and each is cut as little as the others' shapes ask; shapes that would lose too much
    (`SHAPES_DIFFER`) have frames of their own.
    """
    shape = _common_shape(_shape(pair), map(_shape, of_round := list(of_round)))
    alike = [each for each in of_round if _common_shape(_shape(each), map(_shape, of_round)) == shape]
    heights = [height for each in alike if (height := _height(each)) >= LEAST_HEIGHT]
    height = min([_height(pair), MOST_WIDTH / shape, *heights])
    return Size(_blocks(height * shape), _blocks(height))


def _shape(pair: Sizes) -> float:
    return min(size.shape for size in pair)


def _height(pair: Sizes) -> float:
    return min(MOST_HEIGHT, *(size.height * _MADE_SMALLER for size in pair))


def _common_shape(own: float, of_round: Iterable[float]) -> float:
    """The narrowest of those that are shown in one frame with this one."""
    common = 0.0
    for shape in sorted(of_round):
        if shape > own:
            break
        if shape > common * SHAPES_DIFFER:
            common = shape
    return common or own


def _blocks(length: float) -> int:
    return max(1, int(length) // _BLOCK) * _BLOCK


def side_by_side(left: Image.Image, right: Image.Image, size: Size) -> bytes:
    """A JPEG of both, without metadata; the same settings whatever they show."""
    both = Image.new("RGB", (2 * size.width, size.height))
    for place, picture in enumerate((left, right)):
        both.paste(_filling(picture, size), (place * size.width, 0))
    target = io.BytesIO()
    both.save(target, "JPEG", quality=QUALITY, subsampling=0, optimize=False, progressive=False)
    return target.getvalue()


def _filling(picture: Image.Image, size: Size) -> Image.Image:
    """From the middle of a picture, in exactly that size."""
    scale = max(size.width / picture.width, size.height / picture.height)
    width, height = size.width / scale, size.height / scale
    left, top = (picture.width - width) / 2, (picture.height - height) / 2
    return picture.resize(size, Image.Resampling.LANCZOS, (left, top, left + width, top + height))


def picture_of(left: Photo, right: Photo, size: Size) -> bytes:
    """Raises `before_after.PictureMissing` where a file cannot be read."""
    return side_by_side(opened(left), opened(right), size)
