"""Every field of a photo's file in which a camera, a phone or a program writes a day, in every spelling met so far.

Sources: EXIF 2.32 (CIPA DC-008) 4.6.5 and 4.6.6; XMP Specification part 1, dates after ISO 8601; IPTC-IIM 4.2, 2:55,
2:60, 2:62 and 2:63; PNG third edition, 11.3.3 and 11.3.4.3. Values are hints: what cannot be read is left out, and
never costs the photo.
"""

import datetime
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from email.utils import parsedate_tz
from fractions import Fraction
from typing import Any, Final, NamedTuple

from treatments.photos.file_dates import FIELDS, UTC_MARK, FileDate, Strength

_ORIGINAL, _DIGITIZED, _MODIFIED = 0x9003, 0x9004, 0x0132
_OFFSETS: Final = {_MODIFIED: 0x9010, _ORIGINAL: 0x9011, _DIGITIZED: 0x9012}
_FILE_SOURCE, _SCANNERS = 0xA300, (1, 2)
_GPS_TIME, _GPS_DAY = 7, 29
_LONGEST = 80

_NUMERIC = re.compile(
    r"(?P<y>\d{4})(?P<sep>[:\-/.\s])\s?(?P<m>\d{1,2})(?P=sep)\s?(?P<d>\d{1,2})(?!\d)(?:[T\s]+(?P<clock>\d.*))?"
)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[T\s]*(?P<clock>\d.*))?")
_TWO_FIGURES = re.compile(r"(?P<y>\d{2}):(?P<m>\d{2}):(?P<d>\d{2})\s+(?P<clock>\d\d:\d\d:\d\d.*)")
_CLOCK = re.compile(
    r"(?P<h>\d{1,2})[:.]\s?(?P<min>\d{1,2})(?:[:.]\s?(?P<s>\d{1,2}))?(?:[.,]\d+)?(?P<half>\s*[ap]\.?m\b\.?)?", re.I
)
_COMPACT_CLOCK = re.compile(r"(?P<h>\d{2})(?P<min>\d{2})(?P<s>\d{2})?(?:[.,]\d+)?(?P<half>)(?!\d)")
_ZONE = re.compile(
    r"\s*(?:(?:UTC|GMT)?(?P<sign>[+\-−])(?P<h>\d{1,2})(?::?(?P<min>\d{2}))?(?!\d)|(?P<utc>Z|UTC|GMT)\b(?![+\-−]))", re.I
)
_HYPHENS_IN_A_DATE = re.compile(r"(?<=\d)-(?=[A-Za-z]{3})|(?<=[A-Za-z]{3})-(?=\d)")
_HALF_OF_THE_DAY = re.compile(r"\d\s*(?P<half>[ap])\.?m\b\.?", re.I)
_XMP_FIELDS: Final = {
    "exif:DateTimeOriginal": "xmp_original",
    "exif:GPSTimeStamp": "xmp_gps",
    "exif:DateTimeDigitized": "xmp_digitized",
    "photoshop:DateCreated": "xmp_date_created",
    "xmp:CreateDate": "xmp_create_date",
    "xap:CreateDate": "xmp_create_date",
    "xmp:ModifyDate": "xmp_modify_date",
    "xap:ModifyDate": "xmp_modify_date",
    "tiff:DateTime": "xmp_datetime",
}
_PACKET = re.compile(
    rb"<?\b(" + "|".join(_XMP_FIELDS).encode() + rb")(?:\s*=\s*[\"']|(?:\s[^<>]*)?>\s*)([^\"'<>]{4,80})", re.ASCII
)
_ORDER: Final = {field: number for number, field in enumerate(FIELDS)}


class Moment(NamedTuple):
    """A day as it was written; `time` and `offset` where they were."""

    day: datetime.date
    time: datetime.time | None = None
    offset: str | None = None


def read_moment(value: object) -> Moment | None:
    """A day, with its time and its zone where they are there, in any spelling that tells year, month and day apart.

    "2025:06:10 09:00:00", "2025-06-10T09:00:00.25+08:00", "2025/06/10", "20250610", "Tue, 10 Jun 2025 09:00:00 +0800",
    "Tue Jun 10 09:00:00 2025". "0000:00:00", blanks and "10/06/25" are no day. A broken time leaves the day.
    """
    text = _text(value)
    match = _NUMERIC.match(text) or _COMPACT.match(text) or _TWO_FIGURES.match(text)
    if match is None:
        return _in_words(text)
    year = int(match["y"])
    if len(match["y"]) == 2:
        year += 1900 if year >= 70 else 2000
    try:
        day = datetime.date(year, int(match["m"]), int(match["d"]))
    except ValueError:
        return None
    return Moment(day, *_clock(match["clock"] or ""))


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value.partition("\0")[0][:_LONGEST]).split())


def _clock(text: str) -> tuple[datetime.time | None, str | None]:
    """Time and zone. Some phones write 24 for the hour after midnight, and the day that has begun."""
    match = _CLOCK.match(text) or _COMPACT_CLOCK.match(text)
    if match is None:
        return None, None
    hour, second = int(match["h"]), int(match["s"] or 0)
    half = (match["half"] or "").strip().lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    try:
        found = datetime.time(0 if hour == 24 else hour, int(match["min"]), min(second, 59) if second <= 60 else second)
    except ValueError:
        return None, None
    return found, read_offset(text[match.end() :])


def read_offset(value: object) -> str | None:
    """ "+08:00" from "+08:00", "+0800", "+8" or "GMT+8"; "Z" for UTC; None for what is no zone in use."""
    match = _ZONE.match(_text(value))
    if match is None:
        return None
    if match["utc"]:
        return UTC_MARK
    hours, minutes = int(match["h"]), int(match["min"] or 0)
    if hours > 14 or minutes > 59:
        return None
    return f"{'+' if match['sign'] == '+' else '-'}{hours:02}:{minutes:02}"


def _in_words(text: str) -> Moment | None:
    """RFC 1123, as PNG asks for, and the order in which C prints a date."""
    text = _HYPHENS_IN_A_DATE.sub(" ", text)
    half = _HALF_OF_THE_DAY.search(text)
    if half:  # which the parser of letters takes for a zone
        text = text[: half.start() + 1] + text[half.end() :]
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        has_time = re.search(r"\d:\d\d", text)
        parts = parsedate_tz(text if has_time else f"{text} 00:00:00")
        if parts is None or not re.search(r"\d{4}", text) or not re.search(r"[A-Za-z]{3}", text):
            return None
        year, month, day, hour, minute, second, *_, seconds_off = parts
        found = datetime.date(year, month, day)
        if not has_time:
            return Moment(found)
        if half:
            hour = hour % 12 + (12 if half["half"].lower() == "p" else 0)
        offset = None
        if in_figures := re.search(r"(?:GMT|UTC)?[+-]\d{1,4}\b", text):
            offset = read_offset(in_figures[0])
        elif re.search(r"\b(GMT|UTC?|Z)$", text):
            offset = UTC_MARK
        elif seconds_off and re.search(r"\b[A-Z]{1,4}$", text):
            sign = "-" if seconds_off < 0 else "+"
            offset = read_offset(f"{sign}{str(datetime.timedelta(seconds=abs(seconds_off)))[:-3]}")
        return Moment(found, datetime.time(hour, minute, min(second, 59)), offset)
    return None


class Blocks(NamedTuple):
    """What a file holds that may tell a day. `shot` and `place` are EXIF's own folder and that of the satellites."""

    main: Mapping[int, Any]
    shot: Mapping[int, Any]
    place: Mapping[int, Any]
    packet: bytes = b""
    iptc: bytes = b""
    png: tuple[tuple[str, str], ...] = ()
    """Name and value of PNG's own: ("tIME", "2025-06-10T09:00:00Z"), ("Creation Time", …)."""
    may_be_scan: bool = False
    """Whether the format is one that scanners write, so that the day it was made need not be that of the photo."""
    names_camera: bool = False


def read_dates(blocks: Blocks) -> list[FileDate]:
    """Every day found, in the order in which they are believed; of one field the first that can be read."""
    found: dict[str, FileDate] = {}
    for field, moment in _moments(blocks):
        if moment is not None and field not in found:
            found[field] = FileDate(moment.day, moment.time, moment.offset, field, _strength(field, blocks))
    return sorted(found.values(), key=lambda each: _ORDER[each.field])


def _strength(field: str, blocks: Blocks) -> Strength:
    """The day a picture was made is the camera's only where a camera is named, and no scanner made it."""
    moment = FIELDS[field].moment
    if moment == "made":
        scanned = blocks.may_be_scan or _code(blocks.shot.get(_FILE_SOURCE)) in _SCANNERS
        return "camera" if blocks.names_camera and not scanned else "file"
    return "camera" if moment == "taken" else "file"


def _moments(blocks: Blocks) -> Iterator[tuple[str, Moment | None]]:
    shot, main = blocks.shot, blocks.main
    yield "exif_original", _exif_moment(_either(shot, main, _ORIGINAL), shot.get(_OFFSETS[_ORIGINAL]))
    yield "exif_digitized", _exif_moment(_either(shot, main, _DIGITIZED), shot.get(_OFFSETS[_DIGITIZED]))
    yield "exif_modified", _exif_moment(_either(main, shot, _MODIFIED), shot.get(_OFFSETS[_MODIFIED]))
    yield "exif_gps", _satellite_moment(blocks.place)
    yield from _xmp_moments(blocks.packet)
    iptc = {number: _text(body) for number, body in _iptc_records(blocks.iptc)}
    yield "iptc_date_created", _iptc_moment(iptc, day=55, clock=60)
    yield "iptc_digitized", _iptc_moment(iptc, day=62, clock=63)
    for name, value in blocks.png:
        yield "png_time" if name == "tIME" else "png_creation_time", read_moment(value)


def _either(first: Mapping[int, Any], second: Mapping[int, Any], tag: int) -> object:
    """From the folder where it belongs, else from the other: some programs put it there."""
    value = first.get(tag)
    return second.get(tag) if value is None else value


def _exif_moment(value: object, offset: object) -> Moment | None:
    moment = read_moment(value)
    if moment is None or moment.time is None or moment.offset is not None:
        return moment
    return moment._replace(offset=read_offset(offset))


def _satellite_moment(place: Mapping[int, Any]) -> Moment | None:
    moment = read_moment(place.get(_GPS_DAY))
    if moment is None:
        return None
    try:
        hour, minute, second = (Fraction(part) for part in place[_GPS_TIME])
        clock = datetime.time(int(hour), int(minute), min(int(second), 59))
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return Moment(moment.day)
    return Moment(moment.day, clock, UTC_MARK)


def _xmp_moments(packet: bytes) -> Iterator[tuple[str, Moment | None]]:
    """As attributes or as elements; a moment without a zone is the local time of wherever it was."""
    for match in _PACKET.finditer(packet):
        yield _XMP_FIELDS[match[1].decode()], read_moment(match[2])


def _iptc_moment(records: dict[int, str], *, day: int, clock: int) -> Moment | None:
    """Of the records of these numbers in IPTC's application part."""
    return read_moment(f"{records[day]} {records.get(clock, '')}") if records.get(day) else None


def _iptc_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 5 <= len(data) and data[at] == 0x1C:
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        if size > 0x7FFF:  # a size of its own size: no date is so long
            return
        if data[at + 1] == 2:
            yield data[at + 2], data[at + 5 : at + 5 + size]
        at += 5 + size


def iptc_of_photoshop(block: bytes) -> bytes:
    """IPTC's records from Photoshop's resources (JPEG APP13, TIFF tag 34377), or bare (33723); empty where absent."""
    if block.startswith(b"\x1c"):
        return block
    at = block.find(b"8BIM\x04\x04")
    if at < 0:
        return b""
    at += 6
    at += (block[at] + 2) & ~1 if at < len(block) else 0  # its name, padded to an even length
    size = int.from_bytes(block[at : at + 4], "big")
    return block[at + 4 : at + 4 + size]


def _code(value: object) -> int:
    """An EXIF code of one byte, which programs also write as a number."""
    if isinstance(value, bytes):
        return value[0] if value else 0
    return value if isinstance(value, int) else 0
