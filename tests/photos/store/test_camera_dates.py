"""The day in a file: every field and every spelling in which cameras, phones and programs write one."""

import struct
from collections.abc import Callable, Iterable
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.photos import corpus
from treatments.photos.file_dates import FileDate, choose, from_json
from treatments.photos.store.images import derive
from treatments.photos.store.readers.camera_dates import read_moment

pytestmark = pytest.mark.any_database
DAY, NINE = date(2025, 6, 10), time(9, 0)
SINGAPORE = ZoneInfo("Asia/Singapore")


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2025:06:10 09:00:00", None),
        ("2025:06:10 09:00:00\0", None),
        (b"2025:06:10 09:00:00\0\0\0", None),
        ("  2025:06:10  09:00:00  ", None),
        ("2025:06:10 09:00", None),
        ("2025:6:10 9:0:0", None),
        ("25:06:10 09:00:00", None),
        ("2025-06-10 09:00:00", None),
        ("2025/06/10 09:00:00", None),
        ("2025.06.10 09:00:00", None),
        ("2025:06:10T09:00:00", None),
        ("2025-06-10T09:00:00", None),
        ("2025-06-10T09:00:00.123", None),
        ("2025-06-10T09:00:00,5+08:00", "+08:00"),
        ("2025-06-10T09:00:00+0800", "+08:00"),
        ("2025-06-10T09:00:00 -03:30", "-03:30"),
        ("2025-06-10T09:00Z", "Z"),
        ("2025:06:10 09:00:00 AM", None),
        ("20250610T090000Z", "Z"),
        ("20250610 090000+0800", "+08:00"),
        ("Tue, 10 Jun 2025 09:00:00 GMT", "Z"),
        ("Tue, 10 Jun 2025 09:00:00 +0800", "+08:00"),
        ("10 Jun 2025 09:00:00", None),
        ("Tue Jun 10 09:00:00 2025", None),
        ("2025: 6:10  9: 0: 0", None),
        ("2025-06-10T09:00:00+08", "+08:00"),
        ("2025/06/10 09:00:00 GMT+8", "+08:00"),
        ("2025/06/10 09:00:00 UTC-03:30", "-03:30"),
        ("2025:06:10 09:00:00 UTC", "Z"),
        ("Tue 10 Jun 2025 09:00:00 AM SGT", None),
        ("June 10, 2025 9:00 a.m.", None),
        ("Tue Jun 10 2025 09:00:00 GMT+0800 (Singapore Standard Time)", "+08:00"),
        ("Tue, 10-Jun-2025 09:00:00 GMT", "Z"),
        ("Tue, 10 Jun 2025 09:00:00 EST", "-05:00"),
    ],
)
def test_spellings_of_a_moment(text: str | bytes, offset: str | None) -> None:
    assert read_moment(text) == (DAY, NINE, offset)


@pytest.mark.parametrize(
    "text",
    ["2025:06:10", "2025-06-10", "2025/6/10", "20250610", "2025:06:10 99:99:99", "2025:06:10   :  :  ", "10 Jun 2025"],
)
def test_day_without_a_time(text: str) -> None:
    """A day alone, or beside a time that is broken, is that day without a time."""
    assert read_moment(text) == (DAY, None, None)


def test_the_hour_after_midnight() -> None:
    """Some phones write 24 for it, beside the day that has begun; a leap second is the second before."""
    assert read_moment("2025:06:10 24:05:00") == (DAY, time(0, 5), None)
    assert read_moment("2025:06:10 12:05:00 am") == (DAY, time(0, 5), None)
    assert read_moment("Jun 10, 2025 12:05 AM") == (DAY, time(0, 5), None)
    assert read_moment("Jun 10, 2025 9:05:00 PM") == (DAY, time(21, 5), None)
    assert read_moment("2025:06:10 23:59:60") == (DAY, time(23, 59, 59), None)


@pytest.mark.parametrize(
    "text",
    ["", "\0" * 20, " " * 19, "0000:00:00 00:00:00", "    :  :     :  :  ", "2025:13:10", "2025:02:30", "10/06/25",
     "10/06/2025", "06:10:25", "12:00:00", "2025", "yesterday", b"\xff\xfe\xfd", None, 20250610, "2025:06:1012"],
)  # fmt: skip
def test_what_is_no_day(text: object) -> None:
    """Nothing is made of a blank, of what is no day, nor of figures whose order cannot be known."""
    assert read_moment(text) is None


# The fields, in the formats that hold them


def exif(main: dict[int, object] | None = None, shot: dict[int, object] | None = None, place: object = None) -> bytes:
    tags = Image.Exif()
    tags.update(main or {})
    if shot:
        tags.get_ifd(0x8769).update(shot)
    if place:
        tags[0x8825] = place
    return tags.tobytes()


def packet(attributes: str = "", elements: str = "") -> bytes:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description {attributes}>{elements}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def picture(kind: str, *, block: bytes = b"", xmp: bytes = b"") -> bytes:
    """A file of that kind that holds these two, written as its own programs write them."""
    small = Image.linear_gradient("L").resize((64, 48)).convert("RGB")
    options: dict[str, object] = {"exif": block} if block else {}
    if kind == "JPEG":
        made = corpus.encoded(small, kind, **options)
        return corpus.with_jpeg_segment(made, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp) if xmp else made
    if kind == "PNG":
        text = PngInfo()
        if xmp:
            text.add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=True)
        return corpus.encoded(small, kind, pnginfo=text, **options)
    if xmp:
        options["xmp"] = xmp
    return corpus.encoded(small, kind, **options)


@pytest.fixture
def dates_of(tmp_path: Path) -> Callable[[bytes], list[FileDate]]:
    def read(data: bytes) -> list[FileDate]:
        path = tmp_path / "photo"
        path.write_bytes(data)
        return [from_json(each) for each in derive(str(path), {})["facts"]["dates"]]

    return read


Read = Callable[[bytes], list[FileDate]]
KINDS = ["JPEG", "PNG", "WEBP", "HEIF"]
TAKEN, CAMERA = "2025:06:10 09:00:00", {0x010F: "Invented", 0x0110: "Cam 3"}
PLACE = {1: "N", 2: (1.0, 17.0, 0.0), 7: (1.0, 0.0, 0.0), 29: "2025:06:10"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_exif_field_in_every_format(kind: str, dates_of: Read) -> None:
    blocks: Iterable[tuple[bytes, FileDate]] = [
        (
            exif(shot={0x9003: TAKEN, 0x9011: "+08:00", 0x9291: "25"}),
            FileDate(DAY, NINE, "+08:00", "exif_original", "camera"),
        ),
        (exif(CAMERA, {0x9004: TAKEN, 0x9012: "+08:00"}), FileDate(DAY, NINE, "+08:00", "exif_digitized", "camera")),
        (exif({}, {0x9004: TAKEN}), FileDate(DAY, NINE, None, "exif_digitized", "file")),
        (exif({0x0132: TAKEN}, {0x9010: "+08:00"}), FileDate(DAY, NINE, "+08:00", "exif_modified", "file")),
        (exif(place=PLACE), FileDate(DAY, time(1, 0), "Z", "exif_gps", "camera")),
        (exif(place={1: "N", 29: "2025:06:10"}), FileDate(DAY, None, None, "exif_gps", "camera")),
    ]
    for block, expected in blocks:
        assert dates_of(picture(kind, block=block)) == [expected]


@pytest.mark.parametrize("kind", KINDS)
def test_every_xmp_field_in_every_format(kind: str, dates_of: Read) -> None:
    """As an attribute and as an element."""
    fields = [
        ("exif:DateTimeOriginal", "xmp_original", "camera"),
        ("exif:DateTimeDigitized", "xmp_digitized", "file"),
        ("photoshop:DateCreated", "xmp_date_created", "file"),
        ("xmp:CreateDate", "xmp_create_date", "file"),
        ("xmp:ModifyDate", "xmp_modify_date", "file"),
        ("tiff:DateTime", "xmp_datetime", "file"),
    ]
    moment = "2025-06-10T09:00:00+08:00"
    for name, field, strength in fields:
        for xmp in (packet(f'{name}="{moment}"'), packet(elements=f"<{name}>{moment}</{name}>")):
            assert dates_of(picture(kind, xmp=xmp)) == [FileDate(DAY, NINE, "+08:00", field, strength)], xmp
    named = packet(f"tiff:Model='Cam 3' xmp:CreateDate='{moment}'")
    assert [date.strength for date in dates_of(picture(kind, xmp=named))] == ["camera"]


def test_every_field_of_png(dates_of: Read) -> None:
    """Its own time, and "Creation Time" in each of its texts; the times of a disk's file are none of a photo."""
    plain = picture("PNG")
    changed = corpus.chunk(b"tIME", struct.pack(">HBBBBB", 2025, 6, 10, 9, 0, 0))
    assert dates_of(corpus.with_png_chunk(plain, changed)) == [FileDate(DAY, NINE, "Z", "png_time", "file")]
    for text in (
        corpus.chunk(b"tEXt", b"Creation Time\0Tue, 10 Jun 2025 09:00:00 +0800"),
        corpus.chunk(b"iTXt", b"Creation Time\0\0\0\0\0" + b"2025-06-10T09:00:00+08:00"),
        corpus.chunk(b"tEXt", b"Creation Time\0" + b"2025:06:10 09:00:00+08:00"),
    ):
        for place in (corpus.with_png_chunk, corpus.with_png_chunk_behind):
            assert dates_of(place(plain, text)) == [FileDate(DAY, NINE, "+08:00", "png_creation_time", "file")]
    other = corpus.chunk(b"tEXt", b"date:create\0" + b"2025-06-10T09:00:00+00:00")
    assert dates_of(corpus.with_png_chunk(plain, other)) == []


def of_iptc(kind: str, *records: tuple[int, bytes]) -> bytes:
    """A file of that kind with these records: Photoshop's resources, or the numbers that exiftool writes in a TIFF."""
    block = b"".join(struct.pack(">BBBH", 0x1C, 2, number, len(body)) + body for number, body in records)
    resources = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block
    if kind == "JPEG":
        return corpus.with_jpeg_segment(picture(kind), 0xED, b"Photoshop 3.0\0" + resources)
    if kind == "PNG":
        digits = b"\niptc\n%8d\n%s\n" % (len(resources), resources.hex().encode())
        return corpus.with_png_chunk(picture(kind), corpus.chunk(b"tEXt", b"Raw profile type iptc\0" + digits))
    numbers = block.ljust(-(-len(block) // 4) * 4, b"\0")
    tiff = corpus.encoded(Image.new("RGB", (64, 48)), "TIFF", tiffinfo={33723: numbers})
    as_bytes, as_numbers = (struct.pack("<HHI", 33723, *told) for told in ((7, len(numbers)), (4, len(numbers) // 4)))
    assert as_bytes in tiff
    return tiff.replace(as_bytes, as_numbers)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_day_of_iptc(kind: str, dates_of: Read) -> None:
    """When the picture was created, and when it was made digital."""
    created = of_iptc(kind, (0, b"\0\2"), (55, b"20250610"), (60, b"090000+0800"))
    assert dates_of(created) == [FileDate(DAY, NINE, "+08:00", "iptc_date_created", "file")]
    digital = of_iptc(kind, (55, b"00000000"), (62, b"20250610"), (63, b"090000+0800"))
    assert dates_of(digital) == [FileDate(DAY, NINE, "+08:00", "iptc_digitized", "file")]
    assert dates_of(of_iptc(kind, (60, b"090000+0800"), (62, b""))) == []


def test_day_of_iptc_in_two_segments(dates_of: Read) -> None:
    """Photoshop's resources come in several segments where one does not hold them, also cut in the middle of one."""
    whole = of_iptc("JPEG", (55, b"20250610"), (60, b"090000+0800"))
    other = b"Photoshop 3.0\0" + b"8BIM\x03\xed\0\0" + struct.pack(">I", 16) + bytes(16)
    body = whole[whole.index(b"8BIM") : whole.index(b"+0800") + 5]
    behind = corpus.with_jpeg_segment(whole, 0xED, other)
    second = corpus.with_jpeg_segment(picture("JPEG"), 0xED, b"Photoshop 3.0\0" + body[30:])
    for data in (behind, corpus.with_jpeg_segment(second, 0xED, b"Photoshop 3.0\0" + body[:30])):
        assert dates_of(data) == [FileDate(DAY, NINE, "+08:00", "iptc_date_created", "file")]


def test_xmp_in_digits(dates_of: Read) -> None:
    """As ImageMagick wrote it in a PNG for long."""
    xmp = packet('xmp:CreateDate="2025-06-10T09:00:00+08:00"')
    digits = b"\nxmp\n%8d\n%s\n" % (len(xmp), xmp.hex().encode())
    text = corpus.chunk(b"tEXt", b"Raw profile type xmp\0" + digits)
    found = dates_of(corpus.with_png_chunk(picture("PNG"), text))
    assert found == [FileDate(DAY, NINE, "+08:00", "xmp_create_date", "file")]


def test_the_camera_is_believed_first(dates_of: Read) -> None:
    """Of several dates the one that was written when the photo was taken."""
    block = exif({**CAMERA, 0x0132: "2025:09:01 12:00:00"}, {0x9003: TAKEN, 0x9004: "2025:06:11 09:00:00"}, place=PLACE)
    xmp = packet('xmp:ModifyDate="2025-10-01" xmp:CreateDate="2025-06-12"')
    found = dates_of(picture("JPEG", block=block, xmp=xmp))
    assert [date.field for date in found] == [
        "exif_original", "exif_gps", "exif_digitized", "xmp_create_date", "exif_modified", "xmp_modify_date",
    ]  # fmt: skip


def test_scanned_day_is_not_the_cameras(dates_of: Read) -> None:
    """The day of a scan is said to be the file's, also where the scanner is named."""
    block = exif(CAMERA, {0x9004: TAKEN, 0xA300: b"\x01"})
    assert [date.strength for date in dates_of(picture("JPEG", block=block))] == ["file"]


def test_blank_field_yields_to_the_next(dates_of: Read) -> None:
    block = exif({0x0132: TAKEN}, {0x9003: "0000:00:00 00:00:00", 0x9004: " " * 19})
    assert [date.field for date in dates_of(picture("JPEG", block=block))] == ["exif_modified"]


# Which one is used


def on(day: date, field: str = "exif_original", strength: str = "camera", **more: object) -> FileDate:
    return from_json(FileDate(day, None, None, field, "camera").as_json() | {"strength": strength} | more)


def chosen(*found: FileDate) -> tuple[date | None, list[date]]:
    dates = choose(found, zone=SINGAPORE, earliest=date(1980, 1, 1), latest=date(2025, 11, 29))
    return dates.used and dates.used.day, [each.day for each in dates.unused]


def test_impossible_days_are_passed_over() -> None:
    """A clock that was never set, or set ahead, gives way to the next date, and is told."""
    unset, ahead, saved = on(date(1980, 1, 1)), on(date(2025, 11, 30)), on(DAY, "exif_modified", "file")
    assert chosen(unset, saved) == (DAY, [unset.day])
    assert chosen(ahead, unset) == (None, [ahead.day, unset.day])
    assert "1 Jan 1980" in unset.why_not_used and "EXIF DateTimeOriginal" in unset.why_not_used


def test_satellites_day_is_the_clinics() -> None:
    """Their clock is in UTC: at nine in the evening it is the next morning in Singapore. A camera keeps its own day."""
    late = {"time": "21:00:00", "offset": "Z"}
    assert chosen(on(date(2025, 6, 9), "exif_gps", **late)) == (DAY, [])
    assert chosen(on(date(2025, 6, 9), time="21:00:00", offset="-08:00")) == (date(2025, 6, 9), [])


def test_what_is_said_of_a_date() -> None:
    camera, saved = on(DAY, time="09:00:00"), on(DAY, "exif_modified", "file")
    assert (camera.whose, saved.whose) == ("the camera’s date", "the file’s date")
    assert "10 Jun 2025, 09:00" in camera.sentence and "took the photo" in camera.sentence
    assert "last saved on 10 Jun 2025" in saved.sentence and "is not in it" in saved.sentence


def test_broken_file_dates_nothing(dates_of: Read) -> None:
    """Metadata cut off or made of noise costs neither the photo nor invents a day."""
    block = exif(CAMERA, {0x9003: TAKEN}, place=PLACE)
    for cut in range(8, len(block), 7):
        jpeg = corpus.with_jpeg_segment(picture("JPEG"), 0xE1, b"Exif\0\0" + block.removeprefix(b"Exif\0\0")[:cut])
        assert {date.day for date in dates_of(jpeg)} <= {DAY}
