"""Files that were cut off or overwritten are refused, in every format, wherever their bytes tell it."""

from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from tests.photos import corpus
from tests.photos.store.test_tiff_and_raw import scan
from treatments.photos.store.images import derive
from treatments.photos.store.upload_errors import PhotoRefused

pytestmark = pytest.mark.any_database
HOLE = 2048
ZEROS, ONES = b"\0" * HOLE, b"\xff" * HOLE


@cache
def whole(kind: str) -> bytes:
    picture = corpus.scene(7, 400, 300, hairs=900)
    block = corpus.exif_with(1, camera=True)
    made: dict[str, Callable[[], bytes]] = {
        "jpeg": lambda: corpus.encoded(picture, "JPEG", quality=90, exif=block),
        "jpeg, optimised": lambda: corpus.encoded(picture, "JPEG", quality=90, optimize=True),
        "jpeg, restart marks": lambda: corpus.encoded(picture, "JPEG", quality=90, restart_marker_blocks=9),
        "jpeg, progressive": lambda: corpus.encoded(picture, "JPEG", quality=90, progressive=True),
        "png": lambda: corpus.encoded(picture, "PNG", exif=block),
        "webp": lambda: corpus.encoded(picture, "WEBP", quality=90, exif=block),
        "webp, lossless": lambda: corpus.encoded(picture, "WEBP", lossless=True),
        "heic": lambda: corpus.encoded(picture, "HEIF", quality=90, exif=block),
        "heic, tiled": lambda: corpus.tiled_heic(picture),
        "tiff": lambda: corpus.encoded(picture, "TIFF"),
        "tiff, lzw": lambda: corpus.encoded(picture, "TIFF", compression="tiff_lzw"),
        "tiff, deflate": lambda: corpus.encoded(picture, "TIFF", compression="tiff_adobe_deflate"),
    }
    return made[kind]()


KINDS = [
    "jpeg", "jpeg, optimised", "jpeg, restart marks", "jpeg, progressive", "png", "webp", "webp, lossless", "heic",
    "heic, tiled", "tiff", "tiff, lzw", "tiff, deflate",
]  # fmt: skip


@pytest.fixture
def is_kept(tmp_path: Path) -> Callable[[bytes], bool]:
    """Whether the reader of a photo takes it; anything that it raises is a refusal to the person."""

    def read(data: bytes) -> bool:
        path = tmp_path / "photo"
        path.write_bytes(data)
        try:
            derive(str(path), {})
        except Exception as fault:
            assert not isinstance(fault, PhotoRefused) or fault.code in ("damaged", "not_a_photo", "empty")
            return False
        return True

    return read


def overwritten(data: bytes, share: float, hole: bytes) -> bytes:
    at = int(len(data) * share)
    return data[:at] + hole + data[at + len(hole) :]


@pytest.mark.parametrize("kind", KINDS)
def test_cut_anywhere_is_refused(kind: str, is_kept: Callable[[bytes], bool]) -> None:
    """At every four per cent, and by its last bytes."""
    data = whole(kind)
    assert is_kept(data)
    ends = [len(data) * per_cent // 100 for per_cent in range(1, 100, 4)]
    kept = [end / len(data) for end in [*ends, len(data) - 64, len(data) - 2] if is_kept(data[:end])]
    assert kept == []


@pytest.mark.parametrize(
    ("kind", "hole"),
    [(kind, ZEROS) for kind in KINDS if not kind.startswith("webp") and kind not in ("tiff", "jpeg, progressive")]
    + [(kind, ONES) for kind in KINDS if kind.startswith("jpeg") or kind in ("png", "tiff, deflate")],
    ids=lambda value: {ZEROS: "zeros", ONES: "ones"}.get(value, value),
)
def test_hole_is_refused_where_it_is_known(kind: str, hole: bytes, is_kept: Callable[[bytes], bool]) -> None:
    """Two kilobytes overwritten, as by a card that lost a block. docs/photos.md says where that is not known."""
    data = whole(kind)
    kept = [share for share in (0.2, 0.35, 0.5, 0.65, 0.8, 0.9) if is_kept(overwritten(data, share, hole))]
    assert kept == []


@pytest.mark.parametrize("progressive", [False, True])
def test_lost_restart_mark_is_refused(progressive: bool, is_kept: Callable[[bytes], bool]) -> None:
    """A hole of any bytes, what was left out, and a picture that was cut off and closed: a mark of each is missing."""
    picture = corpus.scene(7, 401, 303, hairs=900)
    data = corpus.encoded(picture, "JPEG", quality=90, progressive=progressive, restart_marker_rows=1)
    assert is_kept(data)
    noise = corpus.random.Random(1).randbytes(6000).replace(b"\xff", b"\x11")
    kept = []
    for share in (0.2, 0.35, 0.5, 0.65, 0.8):
        at = int(len(data) * share)
        broken = [overwritten(data, share, noise), data[:at] + data[at + 6000 :], data[:at] + b"\xff\xd9"]
        kept += [each for each in broken if is_kept(each)]
    assert kept == []


def test_whole_restart_marks_are_kept(is_kept: Callable[[bytes], bool]) -> None:
    """Whatever its sides, colours and sampling; also where one more mark stands at its end."""
    for mode, sampling, progressive in product(("RGB", "L", "CMYK"), (0, 1, 2), (False, True)):
        picture = corpus.scene(7, 121, 67).convert(mode)
        options = {"subsampling": sampling, "progressive": progressive}
        for often in ({"restart_marker_blocks": 1}, {"restart_marker_blocks": 9}, {"restart_marker_rows": 2}):
            assert is_kept(corpus.encoded(picture, "JPEG", **options, **often))
    one_row = corpus.encoded(corpus.scene(7, 64, 16), "JPEG", restart_marker_rows=1, subsampling=2)
    assert b"\xff\xd0" not in one_row and is_kept(one_row[:-2] + b"\xff\xd0\xff\xd9")


def test_dark_and_even_pictures_are_no_holes(is_kept: Callable[[bytes], bool]) -> None:
    """In them zeros follow each other for kilobytes, rightly."""
    for colour in ("black", "white", (120, 90, 80)):
        flat = corpus.Image.new("RGB", (1600, 1200), colour)
        for options in ({}, {"optimize": True}, {"progressive": True}, {"optimize": True, "restart_marker_rows": 1}):
            data = corpus.encoded(flat, "JPEG", **options)
            assert is_kept(data)
    assert bytes(64) in corpus.encoded(corpus.Image.new("RGB", (1600, 1200)), "JPEG", optimize=True)


def test_heic_without_a_part_is_refused(is_kept: Callable[[bytes], bool]) -> None:
    """A tile that is listed nowhere, or lies beyond the file; a box that ends beyond it."""
    data = whole("heic, tiled")
    start, _ = corpus.inside(data, b"meta", b"iloc")
    for at, value in ((start + 14, b"\x7f\xff\xff\xff"), (start + 8, b"\x7f\xff")):
        assert not is_kept(data[:at] + value + data[at + len(value) :])
    place = data.index(b"mdat") - 4
    assert not is_kept(data[:place] + b"\x7f\0\0\0" + data[place + 4 :])


def test_scan_without_a_strip_is_refused(is_kept: Callable[[bytes], bool]) -> None:
    """The table names fewer strips than the picture has: what is missing would be shown black."""
    pixels = bytes(range(256)) * 36
    shown = [scan(pixels, bits=(8, 8, 8), photometric=2), scan(pixels * 3, bits=(8,), photometric=1)]
    assert [is_kept(data) for data in shown] == [True, True]
    a_colour_each = scan(pixels, bits=(8, 8, 8), photometric=2, t284=2)
    of_16_rows = scan(pixels, bits=(8, 8, 8), photometric=2, t278=16)
    assert [is_kept(data) for data in (a_colour_each, of_16_rows)] == [False, False]


def test_tail_of_a_picture_is_no_damage(is_kept: Callable[[bytes], bool]) -> None:
    """What phones add behind a picture, such as a short film, is none of it."""
    for kind in ("jpeg", "heic", "heic, tiled", "tiff"):
        assert is_kept(whole(kind) + corpus.random.Random(3).randbytes(5000)), kind
    assert is_kept(whole("webp") + b"\0" * 10)
