"""Colours told by codes, by a tag or by figures come out as they were, or are said to be unsure."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.photos import corpus
from treatments.photos.quality.checks import DOUBTS, doubtful_colours
from treatments.photos.store.images import derive
from treatments.photos.store.readers.colour_spaces import by_codes

pytestmark = pytest.mark.any_database
COLOUR = (190, 120, 90)
# Linear light of these spaces in that of sRGB, white D65 (IEC 61966-2-1, SMPTE EG 432-1, BT.2020, Adobe RGB (1998)).
TO_SRGB = {
    "srgb": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "p3": ((1.2249, -0.2247, 0), (-0.0420, 1.0419, 0), (-0.0197, -0.0786, 1.0979)),
    "bt2020": ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
    "adobe": ((1.3983, -0.3983, 0), (0, 1, 0), (0, -0.0429, 1.0429)),
}


def linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


def expected(space: str, gamma: float | None = None) -> tuple[int, ...]:
    light = [(value / 255) ** gamma if gamma else linear(value / 255) for value in COLOUR]
    mixed = [min(1, max(0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in TO_SRGB[space]]
    return tuple(round(255 * (12.92 * x if x <= 0.0031308 else 1.055 * x ** (1 / 2.4) - 0.055)) for x in mixed)


@pytest.fixture
def shown(tmp_path: Path) -> Callable[[bytes], tuple[tuple[int, ...], str]]:
    """The colour of the middle of what is shown, and the doubt about it."""

    def read(data: bytes) -> tuple[tuple[int, ...], str]:
        path, made = tmp_path / "photo", tmp_path / "400.jpg"
        path.write_bytes(data)
        facts = derive(str(path), {400: str(made)})["facts"]
        with Image.open(made) as picture:
            return picture.getpixel((32, 24)), facts["colour_doubt"]

    return read


Shown = Callable[[bytes], tuple[tuple[int, ...], str]]


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= 6


def flat(kind: str, **options: object) -> bytes:
    return corpus.encoded(Image.new("RGB", (64, 48), COLOUR), kind, **options)


def heic_told(primaries: int, transfer: int, **options: object) -> bytes:
    data = flat("HEIF", quality=95, **options)
    at = data.index(b"nclx") + 4
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


@pytest.mark.parametrize(
    ("primaries", "transfer", "space", "gamma"),
    [(12, 13, "p3", None), (12, 1, "p3", None), (9, 13, "bt2020", None), (9, 14, "bt2020", None), (12, 4, "p3", 2.2),
     (1, 13, "srgb", None), (1, 1, "srgb", None), (2, 2, "srgb", None), (1, 8, "srgb", 1.0)],
)  # fmt: skip
def test_colours_of_heic_told_by_codes(
    primaries: int, transfer: int, space: str, gamma: float | None, shown: Shown
) -> None:
    colour, doubt = shown(heic_told(primaries, transfer))
    assert near(colour, expected(space, gamma)) and doubt == ""


def test_colours_of_tiles(shown: Shown) -> None:
    """Where the tiles alone tell them, as some phones write it."""
    colour = corpus.box(b"colr", b"nclx", struct.pack(">HHHB", 12, 13, 6, 0x80))
    found, doubt = shown(corpus.tiled_heic(Image.new("RGB", (64, 48), COLOUR), 64, colour=colour))
    assert near(found, expected("p3")) and doubt == ""


@pytest.mark.parametrize(("primaries", "transfer", "doubt"), [(9, 16, "hdr"), (9, 18, "hdr"), (77, 13, "unknown")])
def test_unsure_colours_are_said_to_be(primaries: int, transfer: int, doubt: str, shown: Shown) -> None:
    assert shown(heic_told(primaries, transfer))[1] == doubt
    assert doubtful_colours(doubt).sentence == DOUBTS[doubt]


def exif_of(space: int, rule: str = "") -> bytes:
    tags = Image.Exif()
    tags.get_ifd(0x8769)[0xA001] = space
    if rule:
        tags.get_ifd(0x8769)[0xA005] = {1: rule}
    return tags.tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_adobe_rgb_by_its_tag(kind: str, shown: Shown) -> None:
    """The interoperability rule R03, or an old camera's code 2; a profile goes before it."""
    options: dict[str, object] = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "JPEG" else {}
    for space, rule in ((0xFFFF, "R03"), (2, "")):
        colour, doubt = shown(flat(kind, exif=exif_of(space, rule), **options))
        assert near(colour, expected("adobe", 563 / 256)) and doubt == "", (space, rule)
    colour, doubt = shown(flat(kind, exif=exif_of(0xFFFF), **options))
    assert near(colour, COLOUR) and doubt == "uncalibrated"
    srgb = corpus.ImageCms.ImageCmsProfile(corpus.ImageCms.createProfile("sRGB")).tobytes()
    colour, doubt = shown(flat(kind, exif=exif_of(0xFFFF, "R03"), icc_profile=srgb, **options))
    assert near(colour, COLOUR) and doubt == ""


def test_open_codes_hide_nothing(shown: Shown) -> None:
    """Of HEIC they leave it to EXIF, of PNG to the profile."""
    found, doubt = shown(heic_told(2, 2, exif=exif_of(0xFFFF, "R03")))
    assert near(found, expected("adobe", 563 / 256)) and doubt == ""
    assert shown(heic_told(2, 2, exif=exif_of(0xFFFF)))[1] == "uncalibrated"
    assert near(shown(heic_told(1, 13, exif=exif_of(0xFFFF, "R03")))[0], COLOUR)
    png = flat("PNG", icc_profile=by_codes(12, 13).profile)
    assert near(shown(corpus.with_png_chunk(png, corpus.chunk(b"cICP", b"\2\2\0\1")))[0], expected("p3"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_grey_with_a_profile_of_colours(kind: str, shown: Shown) -> None:
    """Programs that save a picture of greys keep the profile of the colours it had. Nothing is unsure in it."""
    grey = Image.new("L", (64, 48), 120)
    srgb = corpus.ImageCms.ImageCmsProfile(corpus.ImageCms.createProfile("sRGB")).tobytes()
    linear_light = by_codes(1, 8).profile
    for profile, level in ((srgb, 120), (linear_light, 182)):
        found, doubt = shown(corpus.encoded(grey, kind, icc_profile=profile))
        assert near(found, (level,) * 3) and doubt == ""


def test_see_through_grey_with_a_profile(shown: Shown) -> None:
    of_greys = by_codes(1, 8).profile.replace(b"RGB ", b"GRAY").replace(b"rTRC", b"kTRC")
    for mode in ("L", "LA"):
        found, doubt = shown(corpus.encoded(Image.new("L", (64, 48), 120).convert(mode), "PNG", icc_profile=of_greys))
        assert near(found, (182,) * 3) and doubt == ""


def test_colours_of_png_by_its_chunks(shown: Shown) -> None:
    """cICP before all, else sRGB, else gAMA and cHRM."""

    def told(**chunks: bytes) -> tuple[tuple[int, ...], str]:
        parts = [corpus.chunk(name.encode(), body) for name, body in chunks.items()]
        return shown(corpus.with_png_chunk(flat("PNG"), *parts))

    p3 = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
    linear_light, usual = struct.pack(">I", 100_000), struct.pack(">I", 45_455)
    assert near(told(cICP=b"\x0c\x0d\0\1")[0], expected("p3"))
    assert told(cICP=b"\x09\x10\0\1")[1] == "hdr"
    assert near(told(cHRM=p3, gAMA=usual)[0], expected("p3"))
    assert near(told(gAMA=linear_light)[0], expected("srgb", 1.0))
    assert near(told(gAMA=linear_light, sRGB=b"\0")[0], COLOUR)
    assert near(told(gAMA=usual)[0], COLOUR)
    assert told(cHRM=bytes(32), gAMA=usual)[1] == "unknown"


def test_colours_of_a_cmyk_scan(shown: Shown) -> None:
    """Without a profile of its own it is converted as usual, and its inks are not taken for light."""
    colour, _doubt = shown(corpus.encoded(Image.new("CMYK", (64, 48), (0, 255, 255, 0)), "TIFF"))
    assert colour[0] > 200 and colour[1] < 60 and colour[2] < 60
