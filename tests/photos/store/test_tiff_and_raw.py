"""Scans are taken in, raw files are called by their name, and what the camera says of its turn is believed once."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.photos import corpus
from treatments.photos.store.images import derive
from treatments.photos.store.raw_files import RAW_BY_MAKER, RAW_FILES, RAW_SIGNATURES
from treatments.photos.store.upload_errors import PhotoRefused, raw_sentence

pytestmark = pytest.mark.any_database


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], tuple[dict[str, Any], Image.Image]]:
    def facts(data: bytes) -> tuple[dict[str, Any], Image.Image]:
        path, made = tmp_path / "photo", tmp_path / "400.jpg"
        path.write_bytes(data)
        answer: dict[str, Any] = derive(str(path), {400: str(made)})["facts"]
        with Image.open(made) as picture:
            return answer, picture.copy()

    return facts


Read = Callable[[bytes], tuple[dict[str, Any], Image.Image]]


def has_red_corner(picture: Image.Image) -> bool:
    corner = picture.crop((8, 8, 32, 24)).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return max(abs(a - b) for a, b in zip(corner, corpus.RED_CORNER, strict=True)) <= 25


@pytest.mark.parametrize(
    ("mode", "compression"),
    [(mode, None) for mode in ("RGB", "RGBA", "CMYK", "P", "L", "1")]
    + [("RGB", name) for name in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")]
    + [("L", "tiff_lzw"), ("1", "group4")],
)
def test_scan_of_every_usual_kind(mode: str, compression: str | None, read: Read) -> None:
    picture = corpus.scene(1)
    made = corpus.encoded(picture.convert(mode), "TIFF", **({"compression": compression} if compression else {}))
    facts, shown = read(made)
    assert (facts["media_type"], facts["width"], facts["height"]) == ("image/tiff", corpus.WIDTH, corpus.HEIGHT)
    assert has_red_corner(shown) or mode in ("L", "1", "P")


def test_sixteen_bit_colours_of_a_scan(read: Read) -> None:
    samples = b"".join(struct.pack("<3H", 205 * 257, 30 * 257, 35 * 257) for _ in range(64 * 48))
    tags = [(256, 3, 1, 64), (257, 3, 1, 48), (258, 3, 3, 150), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 160),
            (277, 3, 1, 3), (278, 3, 1, 48), (279, 4, 1, len(samples))]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    tiff = (b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4)).ljust(150, b"\0")
    _facts, shown = read(tiff + struct.pack("<3H", 16, 16, 16).ljust(10, b"\0") + samples)
    assert max(abs(a - b) for a, b in zip(shown.getpixel((30, 20)), (205, 30, 35), strict=True)) <= 6


def test_day_of_a_scan_is_the_files(read: Read) -> None:
    """A scanner is no camera: when it made the file, the photo may have been old."""
    tags = {0x010F: "Invented", 0x0110: "Scan 5", 0x0132: "2025:06:10 09:00:00"}
    facts, _shown = read(corpus.encoded(corpus.scene(1), "TIFF", tiffinfo=tags))
    assert [(date["day"], date["field"], date["strength"]) for date in facts["dates"]] == [
        ("2025-06-10", "exif_modified", "file")
    ]
    assert facts["camera"] == "Invented Scan 5"


def test_small_copy_in_a_tiff_is_left_aside(read: Read) -> None:
    """Many programs add a thumbnail as a second page, or write it first; two whole pages are refused."""
    whole, small = corpus.scene(1), corpus.scene(1).resize((60, 45))
    reduced = {254: 1}
    behind = corpus.encoded(whole, "TIFF", save_all=True, append_images=[with_info(small, reduced)])
    first = corpus.encoded(
        with_info(small, reduced), "TIFF", save_all=True, tiffinfo=reduced, append_images=[with_info(whole, {})]
    )
    for data in (behind, first):
        facts, shown = read(data)
        assert (facts["width"], facts["height"]) == (corpus.WIDTH, corpus.HEIGHT)
        assert has_red_corner(shown)


def with_info(picture: Image.Image, tags: dict[int, int]) -> Image.Image:
    picture = picture.copy()
    picture.encoderinfo = {"tiffinfo": tags}
    return picture


# Raw files


def refusal(data: bytes, read: Read) -> PhotoRefused:
    with pytest.raises(PhotoRefused) as refused:
        read(data)
    return refused.value


@pytest.mark.parametrize(("at", "begin", "name"), RAW_SIGNATURES, ids=[repr(begin) for _, begin, _ in RAW_SIGNATURES])
def test_raw_file_known_by_its_beginning(at: int, begin: bytes, name: str, read: Read) -> None:
    refused = refusal((b"\0\0\0\x18"[:at] + begin).ljust(600, b"\1"), read)
    assert refused.code == "raw"
    assert refused.sentence.startswith((f"This is a {name},", f"This is an {name},")) and "JPEG" in refused.sentence


def raw_tiff(make: bytes, *, compression: int, photometric: int, below: bool, dng: bool = False) -> bytes:
    """The skeleton of a raw file: a small picture first, the sensor's data in the same page or in one below it."""

    def page(*tags: tuple[int, int, int, int]) -> bytes:
        return struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags)) + bytes(4)

    small = [(254, 4, 1, 1), (271, 2, len(make), 400), (273, 4, 1, 500), (279, 4, 1, 40)]
    sensor = [(259, 3, 1, compression), (262, 3, 1, photometric)]
    if dng:
        small.append((50706, 1, 4, 0x00000401))
    main = page(*small, (330, 4, 1, 300)) if below else page(*small, *sensor)
    return ((b"II*\0\x08\0\0\0" + main).ljust(300, b"\0") + page(*sensor)).ljust(400, b"\0") + make.ljust(400, b"\0")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (raw_tiff(b"NIKON CORPORATION\0", compression=34713, photometric=32803, below=True), "Nikon raw file"),
        (raw_tiff(b"SONY\0", compression=32767, photometric=32803, below=True), "Sony raw file"),
        (raw_tiff(b"SAMSUNG\0", compression=32770, photometric=32803, below=True), "Samsung raw file"),
        (raw_tiff(b"PENTAX\0", compression=65535, photometric=32803, below=False), "Pentax raw file"),
        (raw_tiff(b"Apple\0", compression=7, photometric=34892, below=True, dng=True), "DNG raw file"),
        (raw_tiff(b"Nobody\0", compression=1, photometric=32803, below=True), "raw file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_raw_file_built_as_a_tiff(data: bytes, name: str, read: Read) -> None:
    refused = refusal(data, read)
    assert (refused.code, refused.name) == ("raw", name)


def test_raw_names_are_known_to_the_page() -> None:
    """What the server calls a raw file, the page can call it too, and both say what to do."""
    named = {name for _, _, name in RAW_SIGNATURES} | set(RAW_BY_MAKER.values())
    assert named <= set(RAW_FILES.values())
    assert {"cr2", "cr3", "nef", "arw", "dng", "raf", "orf", "rw2", "pef", "srw"} <= set(RAW_FILES)
    assert all(ending == ending.lower() and "." not in ending for ending in RAW_FILES)
    assert PhotoRefused("raw", "Olympus raw file").sentence.startswith("This is an Olympus raw file, which every")
    assert PhotoRefused("raw", "Epson raw file").sentence.startswith("This is an Epson raw file,")
    assert PhotoRefused("raw", "Canon raw file").sentence.startswith("This is a Canon raw file,")
    assert all("JPEG" in raw_sentence(name) and name in raw_sentence(name) for name in RAW_FILES.values())


# The turn of a HEIC


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_turned_by_exif_alone(orientation: int, read: Read) -> None:
    """Some phones write no turn of the picture's own."""
    stored = corpus.stored_turned(corpus.scene(1), orientation)
    heic = corpus.encoded(stored, "HEIF", quality=80, exif=corpus.exif_with(orientation))
    facts, shown = read(corpus.heic_without(heic, b"irot", b"imir"))
    assert (facts["width"], facts["height"], facts["orientation"]) == (corpus.WIDTH, corpus.HEIGHT, orientation)
    assert has_red_corner(shown)
