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


def scan(samples: bytes, *, bits: tuple[int, ...], photometric: int, order: str = "<", **more: int) -> bytes:
    """A TIFF of 64 × 48 px as a scanner's own program writes it, not packed. `more` are tags: t284=2."""
    tags = {256: 64, 257: 48, 259: 1, 262: photometric, 273: 160, 277: len(bits), 278: 48, 279: len(samples)}
    tags |= {int(name[1:]): value for name, value in more.items()}
    entries = {tag: struct.pack(order + "HHII", tag, 4, 1, value) for tag, value in tags.items()}
    of_bits = struct.pack(order + f"{len(bits)}H", *bits)
    place = of_bits.ljust(4, b"\0") if len(of_bits) <= 4 else struct.pack(order + "I", 150)
    entries[258] = struct.pack(order + "HHI", 258, 3, len(bits)) + place
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(entries))
    body = head + b"".join(entries[tag] for tag in sorted(entries)) + bytes(4)
    return body.ljust(150, b"\0") + of_bits.ljust(10, b"\0") + samples


def test_sixteen_bit_colours_of_a_scan(read: Read) -> None:
    samples = struct.pack("<3H", 205 * 257, 30 * 257, 35 * 257) * (64 * 48)
    _facts, shown = read(scan(samples, bits=(16, 16, 16), photometric=2))
    assert max(abs(a - b) for a, b in zip(shown.getpixel((30, 20)), (205, 30, 35), strict=True)) <= 6


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("bits", "white_is_zero"), [(8, False), (8, True), (16, False), (16, True)])
def test_grey_scan_is_no_negative(bits: int, white_is_zero: bool, order: str, read: Read) -> None:
    """Also where zero is white. What cannot be read so, or has 12 bits, is refused, never shown too dark."""
    level = (255 - 200 if white_is_zero else 200) * (257 if bits == 16 else 1)
    samples = struct.pack(order + ("H" if bits == 16 else "B"), level) * (64 * 48)
    data = scan(samples, bits=(bits,), photometric=0 if white_is_zero else 1, order=order)
    if (bits, white_is_zero, order) == (16, True, ">"):
        assert refusal(data, read).code == "tiff_kind"
        return
    assert abs(read(data)[1].getpixel((30, 20))[0] - 200) <= 2
    twelve = scan(b"\xc8\x8c\x88" * (32 * 48), bits=(12,), photometric=int(not white_is_zero), order=order)
    assert refusal(twelve, read).code == "tiff_kind"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_scan_turned_by_xmp_alone(orientation: int, read: Read) -> None:
    """Upright in its own proportions, as programs turn a scan without a tag for it; the tag goes first."""
    packet = b'<x:xmpmeta><rdf:Description tiff:Orientation="%d"/></x:xmpmeta>'
    stored = corpus.stored_turned(corpus.scene(1), orientation)
    told_by_tag = {274: orientation, 700: packet % (9 - orientation)}
    for tags in ({700: packet % orientation}, {274: 0, 700: packet % orientation}, told_by_tag):
        facts, shown = read(corpus.encoded(stored, "TIFF", tiffinfo=tags))
        assert (facts["width"], facts["height"]) == shown.size == (corpus.WIDTH, corpus.HEIGHT)
        assert has_red_corner(shown)


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


def test_day_of_a_scan_behind_its_small_copy(read: Read) -> None:
    whole, small = corpus.scene(1), corpus.scene(1).resize((60, 45))
    told = with_info(whole, {0x0110: "Scan 5", 0x0132: "2025:06:10 09:00:00"})
    facts, _shown = read(
        corpus.encoded(small, "TIFF", save_all=True, tiffinfo={254: 1, 0x0132: "2025:06:12"}, append_images=[told])
    )
    assert [(date["day"], date["field"]) for date in facts["dates"]] == [("2025-06-10", "exif_modified")]
    assert facts["camera"] == "Scan 5"


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


# The turn of other formats


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_turn_left_open_by_exif_is_xmps(kind: str, read: Read) -> None:
    """Zero is no turn: some programs write it for one they do not know, beside XMP that tells it."""
    stored = corpus.stored_turned(corpus.scene(1), 6)
    data = picture_with(kind, stored, corpus.exif_with(0), b'<x:xmpmeta><r:D tiff:Orientation="6"/></x:xmpmeta>')
    facts, shown = read(data)
    assert (facts["width"], facts["height"], facts["orientation"]) == (corpus.WIDTH, corpus.HEIGHT, 6)
    assert has_red_corner(shown)


def picture_with(kind: str, picture: Image.Image, block: bytes, xmp: bytes) -> bytes:
    if kind == "WEBP":
        return corpus.encoded(picture, kind, exif=block, xmp=xmp)
    made = corpus.encoded(picture, kind, exif=block)
    if kind == "JPEG":
        return corpus.with_jpeg_segment(made, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp)
    return corpus.with_png_chunk(made, corpus.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))


# The turn of a HEIC


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_turned_by_exif_alone(orientation: int, read: Read) -> None:
    """Some phones write no turn of the picture's own."""
    stored = corpus.stored_turned(corpus.scene(1), orientation)
    heic = corpus.encoded(stored, "HEIF", quality=80, exif=corpus.exif_with(orientation))
    facts, shown = read(corpus.heic_without(heic, b"irot", b"imir"))
    assert (facts["width"], facts["height"], facts["orientation"]) == (corpus.WIDTH, corpus.HEIGHT, orientation)
    assert has_red_corner(shown)
