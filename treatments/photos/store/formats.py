"""What a file's bytes say about it, before any decoder is allowed to touch them.

The name and the declared type of an upload are never asked: a PNG called .jpg is a PNG.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final, Literal

from treatments.photos.store.raw_files import RAW_SIGNATURES
from treatments.photos.store.readers.colour_spaces import Colours, Primaries, by_codes, by_gamma
from treatments.photos.store.upload_errors import PhotoRefused

Kind = Literal["jpeg", "png", "webp", "heic", "heif", "tiff"]

MEDIA: Final[dict[Kind, tuple[str, str]]] = {
    "jpeg": ("image/jpeg", "jpg"),
    "png": ("image/png", "png"),
    "webp": ("image/webp", "webp"),
    "heic": ("image/heic", "heic"),
    "heif": ("image/heif", "heif"),
    "tiff": ("image/tiff", "tif"),
}
SMALLEST_FILE = 40
"""Bytes; no format accepted here fits a picture into fewer."""

_SIGNATURES: Final[dict[Kind, re.Pattern[bytes]]] = {
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "tiff": re.compile(rb"II[*+]\0|MM\0[*+]"),
}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_HEIF_BRANDS = {b"mif1", b"msf1"}
_SOS, _EOI, _COM = 0xDA, 0xD9, 0xFE
_JFIF, _ADOBE = 0xE0, 0xEE
_METADATA = {_COM, *range(0xE0, 0xF0)} - {_JFIF, _ADOBE}
_XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
_PHOTOSHOP_PREFIX = b"Photoshop 3.0\0"
_COLOUR_CHUNKS = {b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"}
_LARGEST_TEXT = 1024 * 1024
_LONGEST_DAY = 200
_TEXTS = {
    "xml:com.adobe.xmp",
    "creation time",
    "raw profile type exif",
    "raw profile type app1",
    "raw profile type xmp",
    "raw profile type iptc",
}


def kind_of(head: bytes) -> Kind:
    """Tell the format from the first 40 bytes or more; raises PhotoRefused for all others."""
    if not head:
        raise PhotoRefused("empty")
    if len(head) < SMALLEST_FILE:
        raise PhotoRefused("damaged" if head[:1] in b"\xff\x89R\x00IM" else "not_a_photo")
    if name := next((name for at, begin, name in RAW_SIGNATURES if head.startswith(begin, at)), ""):
        raise PhotoRefused("raw", name)
    kind = next((kind for kind, signature in _SIGNATURES.items() if signature.match(head)), None)
    if kind is not None:
        return kind
    if head[4:8] == b"ftyp":
        return _heif_kind(head)
    raise PhotoRefused("moving" if head.startswith((b"GIF87a", b"GIF89a")) else "not_a_photo")


def _heif_kind(head: bytes) -> Kind:
    """HEIC names its coding (HEVC) as the major brand, or `mif1` with it among the others."""
    box = head[: min(int.from_bytes(head[:4], "big"), len(head))]
    brands = [box[8:12]] + [box[at : at + 4] for at in range(16, len(box), 4)]
    if b"avif" in brands or not (_HEIC_BRANDS | _HEIF_BRANDS) & set(brands[:1]):
        raise PhotoRefused("not_a_photo")
    return "heic" if _HEIC_BRANDS & set(brands) else "heif"


def webp_size(head: bytes) -> tuple[int, int, bool]:
    """(width, height, moving) from the first 30 bytes of a WebP.

    Read here because Pillow's decoder reserves the whole canvas when it is made.
    """
    chunk = head[12:16]
    if chunk == b"VP8X":
        width = int.from_bytes(head[24:27], "little") + 1
        return width, int.from_bytes(head[27:30], "little") + 1, bool(head[20] & 0x02)
    if chunk == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, False
    if chunk == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width = int.from_bytes(head[26:28], "little") & 0x3FFF
        return width, int.from_bytes(head[28:30], "little") & 0x3FFF, False
    raise PhotoRefused("damaged")


def refuse_short_webp(size: int, head: bytes) -> None:
    """Raise PhotoRefused when the file of `size` bytes is shorter than it says at its beginning."""
    if int.from_bytes(head[4:8], "little") + 8 > size:
        raise PhotoRefused("damaged")


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of each header segment up to the first scan; start is at the 0xFF.

    Stops quietly where the header is broken: whether the picture can be read is the decoder's
    to say.
    """
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in (_SOS, _EOI):
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, at, end
        at = end


def jpeg_metadata(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """(EXIF as a TIFF block, XMP, ICC profile, Photoshop's resources) of a JPEG; empty where absent or not whole."""
    blocks = [(marker, data[start + 4 : end]) for marker, start, end in jpeg_segments(data)]
    exif = _first_block(blocks, 0xE1, b"Exif\0", 6)
    packet = _first_block(blocks, 0xE1, _XMP_PREFIX, len(_XMP_PREFIX))
    of_photoshop = (block for marker, block in blocks if marker == 0xED and block.startswith(_PHOTOSHOP_PREFIX))
    resources = b"".join(block.removeprefix(_PHOTOSHOP_PREFIX) for block in of_photoshop)  # one, cut at 64 kB
    return exif, packet, _icc_profile([block for marker, block in blocks if marker == 0xE2]), resources


def _first_block(blocks: list[tuple[int, bytes]], marker: int, prefix: bytes, header: int) -> bytes:
    """The first block of that kind that holds anything, without the bytes of its header."""
    of_kind = (block[header:] for kind, block in blocks if kind == marker and block.startswith(prefix))
    return next(filter(None, of_kind), b"")


def _icc_profile(blocks: list[bytes]) -> bytes:
    """The colour profile from its numbered parts; empty where one is missing."""
    parts = {block[12]: block[14:] for block in blocks if block.startswith(b"ICC_PROFILE\0") and len(block) > 14}
    is_whole = sorted(parts) == list(range(1, len(parts) + 1))
    return b"".join(parts[number] for number in sorted(parts)) if is_whole else b""


def jpeg_without_metadata(data: bytes) -> bytes:
    """The same picture without the segments a decoder does not need for its pixels."""
    parts, after = [data[:2]], 2
    for marker, start, end in jpeg_segments(data):
        if marker not in _METADATA:
            parts.append(data[start:end])
        after = end
    return b"".join((*parts, data[after:]))


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of each chunk; start is at its length. Stops quietly where the file ends."""
    at = 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], at, end
        at = end


def refuse_short_png(data: bytes) -> None:
    """Raise PhotoRefused when the file ends before its last chunk does."""
    if not any(name == b"IEND" and end <= len(data) for name, _, end in png_chunks(data)):
        raise PhotoRefused("damaged")


def png_metadata(data: bytes) -> tuple[bytes, bytes, bytes, tuple[tuple[str, str], ...]]:
    """(EXIF as a TIFF block, XMP, Photoshop's resources, days by name) of a PNG, before the pixels or behind them;
    empty where absent.

    Pillow reads what comes behind the pixels only once all are decoded. EXIF is a chunk of its own, or, from
    older programs, hexadecimal digits in a text, as Photoshop's resources always are. The days are its own
    "Creation Time" and "tIME", when it was changed; "date:create", which ImageMagick writes, is that of a file on a
    disk.
    """
    exif, packet, photoshop = b"", b"", b""
    days: list[tuple[str, str]] = []
    for name, start, end in png_chunks(data):
        body = data[start + 8 : end - 4]
        if name == b"eXIf":
            exif = body.removeprefix(b"Exif\0\0")
        elif name == b"tIME" and len(body) == 7:
            year, rest = int.from_bytes(body[:2], "big"), body[2:]
            days.append(("tIME", "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(year, *rest)))
        elif name in (b"tEXt", b"zTXt", b"iTXt") and (keyword := _keyword(body)) in _TEXTS:
            text = _png_text(name, body)
            if keyword == "xml:com.adobe.xmp":
                packet = text
            elif keyword == "creation time":
                days.append(("Creation Time", text[:_LONGEST_DAY].decode("utf-8", "replace")))
            elif keyword == "raw profile type xmp":
                packet = packet or _in_digits(text)
            elif keyword == "raw profile type iptc":
                photoshop = _in_digits(text)
            else:
                exif = exif or _in_digits(text).removeprefix(b"Exif\0\0")
    return exif, packet, photoshop, tuple(days)


def _keyword(body: bytes) -> str:
    return body.partition(b"\0")[0].decode("latin-1").replace("_", " ").lower()


def _png_text(name: bytes, body: bytes) -> bytes:
    """The text of a chunk tEXt, zTXt or iTXt, unpacked up to a megabyte; empty where it is broken."""
    rest = body.partition(b"\0")[2]
    packed = name == b"zTXt"
    if packed:
        rest = rest[1:]
    elif name == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].split(b"\0", 2)[-1]
    if packed:
        try:
            rest = zlib.decompressobj().decompress(rest, _LARGEST_TEXT)
        except zlib.error:
            rest = b""
    return rest


def _in_digits(text: bytes) -> bytes:
    """The name of the block, its length, and its bytes as digits, on lines of their own."""
    try:
        _name, _length, digits = text.split(maxsplit=2)
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""


def png_colours(data: bytes) -> Colours | None:
    """What cICP says, else sRGB, else gAMA and cHRM; None where there is a profile, or nothing."""
    chunks = {name: data[start + 8 : end - 4] for name, start, end in png_chunks(data) if name in _COLOUR_CHUNKS}
    if not chunks:
        return None
    told = chunks.get(b"cICP", b"")
    if len(told) == 4 and (by_cicp := by_codes(told[0], told[1])):
        return by_cicp
    if b"iCCP" in chunks:
        return None
    if b"sRGB" in chunks:
        return Colours()
    gamma, points = chunks.get(b"gAMA", b""), chunks.get(b"cHRM", b"")
    numbers = [int.from_bytes(points[at : at + 4], "big") / 100_000 for at in range(0, len(points), 4)]
    primaries = None
    if len(numbers) == 8:
        white, red, green, blue = zip(numbers[::2], numbers[1::2], strict=True)
        primaries = Primaries(red, green, blue, white)
    exponent = int.from_bytes(gamma, "big") / 100_000
    return by_gamma(primaries, 1 / exponent if 0.1 < exponent < 10 else None)


def png_without_profile(data: bytes) -> bytes:
    """The same picture without its colour profile."""
    chunks = [data[start:end] for name, start, end in png_chunks(data) if name != b"iCCP"]
    return b"".join((data[:8], *chunks))
