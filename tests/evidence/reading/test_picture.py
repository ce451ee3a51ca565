"""The one picture of a pair: equal halves, nothing beside the pixels."""

import io

import pytest
from PIL import Image

from tests.evidence.reading.traffic import segments
from treatments.evidence.reading.picture import MOST_HEIGHT, MOST_WIDTH, Size, frame_of, side_by_side

SIZES = [Size(*each) for each in ((1600, 1200), (1600, 1067), (1200, 1600), (800, 600), (96, 72), (1600, 900))]


@pytest.mark.parametrize("left", SIZES)
@pytest.mark.parametrize("right", SIZES)
def test_halves_are_equal(left: Size, right: Size) -> None:
    """And the same with the sides changed; each is made smaller; the seam lies between two blocks of the coder."""
    width, height = frame_of((left, right), [(left, right)])

    assert (width, height) == frame_of((right, left), [(right, left)])
    assert width % 16 == height % 16 == 0
    assert width < min(left[0], right[0], MOST_WIDTH + 1) and height < min(left[1], right[1], MOST_HEIGHT + 1)


def test_a_round_has_one_frame() -> None:
    """A new, wider and larger camera does not tell its two photographs of one Month from pairs of two: all have the
    frame of the old one. A picture of a stamp's size, or turned upright, has its own, and changes no other."""
    old, new, stamp, upright = Size(1200, 900), Size(1600, 900), Size(120, 90), Size(1200, 1600)
    pairs = [(old, new), (new, new), (old, old), (stamp, new), (upright, upright)]

    frames = [frame_of(pair, pairs) for pair in pairs]

    assert frames[0] == frames[1] == frames[2] == (1120, 832)
    assert frames[3] == (112, 80) and frames[4].width < frames[4].height


def test_both_sides_are_treated_alike() -> None:
    """The same photograph left and right gives two halves of the same pixels, even where one came larger."""
    noise = Image.effect_noise((640, 480), 60).convert("RGB")

    both = Image.open(io.BytesIO(side_by_side(noise, noise.copy(), Size(592, 448))))

    width = both.width // 2
    assert both.crop((0, 0, width, both.height)).tobytes() == both.crop((width, 0, 2 * width, both.height)).tobytes()


def test_nothing_stands_beside_the_pixels() -> None:
    """No EXIF, profile or comment of either photograph; the same tables whatever they show."""
    told = Image.effect_noise((320, 240), 60).convert("RGB")
    told.info |= {"exif": b"Exif\0\0MM", "icc_profile": b"profile", "comment": b"Month 6"}
    plain = Image.new("RGB", (640, 480), "grey")

    size, sides = Size(288, 224), ((told, plain), (plain, told), (plain, plain))
    heads = {side_by_side(*each, size).partition(b"\xff\xda")[0] for each in sides}

    assert len({len(head) for head in heads}) == 1
    [markers] = {tuple(marker for marker, _ in segments(head)) for head in heads}
    assert markers == (0xE0, 0xDB, 0xDB, 0xC0, 0xC4, 0xC4, 0xC4, 0xC4), "JFIF, two tables, one frame, four codes"
    tables = {tuple(content for marker, content in segments(head) if marker != 0xC0) for head in heads}
    assert len(tables) == 1


def test_a_larger_photo_is_cut_not_squeezed() -> None:
    """A square in the middle of a wide photograph is square still, and in the middle."""
    wide = Image.new("RGB", (1600, 900), "white")
    wide.paste("black", (750, 400, 850, 500))

    other = Image.new("RGB", (1200, 900), "white")
    both = Image.open(io.BytesIO(side_by_side(wide, other, Size(1120, 832)))).convert("L")

    left = both.crop((0, 0, both.width // 2, both.height)).point(lambda level: 255 if level < 128 else 0)
    x0, y0, x1, y1 = left.getbbox() or (0, 0, 0, 0)
    assert abs((x1 - x0) - (y1 - y0)) <= 2
    assert abs((x0 + x1) / 2 - both.width / 4) <= 2 and abs((y0 + y1) / 2 - both.height / 2) <= 2
