"""What is covered or cut away is gone from the pixels; what is laid over lies where the points say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.photos.pictures import picture
from tests.photos.simulated_heads import nudge
from treatments.photos.compare.geometry import FRAME_PX, IDENTITY
from treatments.photos.export.redaction import Cover, covered, cut, laid_over, rectangle


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("  ", None),
        ("10 20 30 40", (10, 20, 30, 40)),
        ("10, 20; 30.04 % 40", (10, 20, 30, 40)),
        ("0 0 100 100", (0, 0, 100, 100)),
    ],
)
def test_four_numbers_as_people_type_them(text: str, found: object) -> None:
    """Four numbers are read as people type them."""
    assert rectangle(text) == found


@pytest.mark.parametrize(
    "text",
    ["1 2 3", "1 2 3 4 5", "a b c d", "-1 0 5 5", "60 0 50 5", "0 0 0 5", "0 0 nan 5", "inf 0 1 1", "1e999 0 1 1"],
)
def test_other_parts_are_refused(text: str) -> None:
    """Anything else is refused in a sentence."""
    with pytest.raises(ValueError, match=r"[A-Z].*\.$|per cent"):
        rectangle(text)


side = st.floats(0, 99)


@given(left=side, top=side, width=st.floats(0.5, 60), height=st.floats(0.5, 60))
def test_cover_changes_its_pixels_only(left: float, top: float, width: float, height: float) -> None:
    """No pixel under a cover survives, and none beside it changes."""
    part = (left, top, min(width, 100 - left), min(height, 100 - top))
    plain = Image.new("RGB", (211, 157), "red")

    done = covered(plain, Cover(masks=(part,)))

    for x in range(plain.width):
        for y in range(plain.height):
            inside = (
                (x + 1) * 100 / 211 > part[0]
                and x * 100 / 211 < part[0] + part[2]
                and (y + 1) * 100 / 157 > part[1]
                and y * 100 / 157 < part[1] + part[3]
            )
            near = abs(x * 100 / 211 - part[0]) < 1 or abs(x * 100 / 211 - part[0] - part[2]) < 1
            near = near or abs(y * 100 / 157 - part[1]) < 1 or abs(y * 100 / 157 - part[1] - part[3]) < 1
            if not near:
                assert (done.getpixel((x, y)) != (255, 0, 0)) == inside


def test_crop_leaves_nothing_else() -> None:
    """A crop leaves its part and nothing else."""
    whole = picture(3)

    kept = cut(covered(whole, Cover(crop=(25, 50, 50, 25))), (25, 50, 50, 25))

    assert kept.size == (320, 120)
    assert kept.tobytes() == whole.crop((160, 240, 480, 360)).tobytes()


def test_crop_comes_before_the_overlay() -> None:
    """Outside its crop a picture is gone before it is laid over another."""
    red = Image.new("RGB", (400, 400), "red")

    done = laid_over(covered(red, Cover(crop=(0, 0, 50, 100))), (400, 400), nudge(about=(800, 800), dx=-400))

    assert not any(colour == (255, 0, 0) for _, colour in done.crop((104, 0, 400, 400)).getcolors(160_000))


def test_overlay_follows_the_points() -> None:
    """A spot of the later picture lands where its points say."""
    later = Image.new("RGB", (800, 600), "white")
    later.paste("black", (395, 295, 406, 306))
    transform = nudge(about=(700, 500), turn_deg=12, zoom=1.1, dx=40, dy=-25)

    done = laid_over(later, (1200, 900), transform)

    x, y = transform.apply((400.5 * FRAME_PX / 800, 300.5 * FRAME_PX / 800))
    spot = (round(x * 1200 / FRAME_PX), round(y * 1200 / FRAME_PX))
    assert max(done.getpixel(spot)) < 40
    assert laid_over(later, later.size, IDENTITY).tobytes() == later.tobytes()
