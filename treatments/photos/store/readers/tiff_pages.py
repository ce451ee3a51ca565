"""The pages of a TIFF, read before its decoder is asked: whether it is a scan, a camera's raw file, or cut off.

Sources: TIFF 6.0; TIFF/EP (ISO 12234-2) and DNG 1.7 for raw files, which nearly every maker builds as a TIFF.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from treatments.photos.store.raw_files import RAW_BY_MAKER
from treatments.photos.store.upload_errors import PhotoRefused

_SUBFILE, _COMPRESSION, _PHOTOMETRIC, _MAKE, _SUB_IFDS, _DNG = 254, 259, 262, 271, 330, 50706
_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES = 273, 279, 324, 325
_HEIGHT, _SAMPLES, _STRIP_ROWS, _PLANAR = 257, 277, 278, 284
_NEEDED: Final = {
    _HEIGHT,
    _SAMPLES,
    _STRIP_ROWS,
    _PLANAR,
    _SUBFILE,
    _COMPRESSION,
    _PHOTOMETRIC,
    _MAKE,
    _SUB_IFDS,
    _DNG,
    _STRIPS,
    _STRIP_BYTES,
    _TILES,
    _TILE_BYTES,
}
_REDUCED, _MASK = 1, 4
_UNDEVELOPED: Final = {32803, 34892}
"""Photometric interpretation: a sensor's colour filters, or their linear values."""
_PACKED_BY_MAKERS: Final = {32767, 32769, 32770, 34713, 65535}
"""Compressions of Sony, of several, of Samsung, Nikon and Pentax."""
_DEFLATE, _AT_ONCE = (8, 32946), 1024 * 1024
_SIZES: Final = {1: "B", 2: "B", 3: "H", 4: "I", 13: "I"}
_MOST_PAGES: Final = 1000
Tags = dict[int, tuple[int, ...]]


class TiffPage(NamedTuple):
    """Where in the row of pages the picture is, as Pillow counts them, and at which byte its tags begin."""

    number: int
    place: int

    def as_first(self, data: bytes) -> bytes:
        """The file with this page in front, for readers of tags that look at no other."""
        order = "<" if data[:2] == b"II" else ">"
        return data[:4] + struct.pack(order + "I", self.place) + data[8:] if self.number else data


def find_picture(data: bytes) -> TiffPage:
    """The one picture of a TIFF, smaller copies of it left aside.

    Raises PhotoRefused: "raw" with the maker's name for a camera's undeveloped data, "several_pages", "damaged" where a
    strip of the picture is missing or lies beyond the file, "tiff_kind" for files above 4 GB's kind of address.
    """
    if data[2:3] not in (b"*", b"\0") or data[2:4] not in (b"*\0", b"\0*"):
        raise PhotoRefused("tiff_kind")
    tiff = _Tiff(data)
    try:
        placed = list(tiff.pages())
        pages = [tags for _, tags in placed]
        below = [tags for page in pages for tags in tiff.pages_below(page)]
    except (struct.error, IndexError):
        raise PhotoRefused("damaged") from None
    if name := _raw_name([*pages, *below]):
        raise PhotoRefused("raw", name)
    whole = [number for number, page in enumerate(pages) if not (page.get(_SUBFILE, (0,))[0] & (_REDUCED | _MASK))]
    if len(whole) > 1:
        raise PhotoRefused("several_pages")
    number = whole[0] if whole else 0
    if not pages or not _is_whole(pages[number], len(data)) or not _unpacks(pages[number], data):
        raise PhotoRefused("damaged")
    return TiffPage(number, placed[number][0])


def _raw_name(pages: list[Tags]) -> str:
    """What a raw file is called; "" for a picture."""
    if any(_DNG in page for page in pages):
        return "DNG raw file"
    is_raw = any(
        _UNDEVELOPED & set(page.get(_PHOTOMETRIC, ())) or _PACKED_BY_MAKERS & set(page.get(_COMPRESSION, ()))
        for page in pages
    )
    if not is_raw:
        return ""
    made_by = next((bytes(page[_MAKE]).lower() for page in pages if _MAKE in page), b"")
    return next((name for maker, name in RAW_BY_MAKER.items() if made_by.startswith(maker)), "raw file")


def _is_whole(page: Tags, size: int) -> bool:
    places, lengths = page.get(_STRIPS) or page.get(_TILES), page.get(_STRIP_BYTES) or page.get(_TILE_BYTES)
    if not places or len(places) < _strips_needed(page):
        return False
    if lengths is None:  # some old programs leave it out where there is one strip
        return len(places) == 1 and places[0] < size
    return len(places) == len(lengths) and all(at + length <= size for at, length in zip(places, lengths, strict=True))


def _strips_needed(page: Tags) -> int:
    """How many strips cover the picture; where they are not packed, the decoder leaves black what none covers."""
    if _STRIPS not in page:
        return 1
    height, rows = page.get(_HEIGHT, (1,))[0], page.get(_STRIP_ROWS, (0,))[0]
    planes = page.get(_SAMPLES, (1,))[0] if page.get(_PLANAR, (1,))[0] == 2 else 1
    return planes * (-(-height // rows) if rows else 1)


def _unpacks(page: Tags, data: bytes) -> bool:
    """Whether the checksums of strips packed by Deflate agree; libtiff stops before it comes to them."""
    if page.get(_COMPRESSION, (1,))[0] not in _DEFLATE:
        return True
    places, lengths = page.get(_STRIPS) or page[_TILES], page.get(_STRIP_BYTES) or page.get(_TILE_BYTES) or (len(data),)
    for at, length in zip(places, lengths, strict=True):
        unpacker, rest = zlib.decompressobj(), data[at : at + length]
        try:
            while rest and not unpacker.eof:
                unpacker.decompress(rest, _AT_ONCE)
                rest = unpacker.unconsumed_tail
        except zlib.error:
            return False
        if not unpacker.eof:
            return False
    return True


class _Tiff:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.order = "<" if data[:2] == b"II" else ">"

    def pages(self) -> Iterator[tuple[int, Tags]]:
        """Of each the byte at which it begins, and its tags."""
        (at,) = struct.unpack_from(self.order + "I", self.data, 4)
        seen: set[int] = set()
        while at and at not in seen and len(seen) < _MOST_PAGES:
            seen.add(at)
            place = at
            tags, at = self._page(place)
            yield place, tags

    def pages_below(self, page: Tags) -> Iterator[Tags]:
        for at in page.get(_SUB_IFDS, ())[:20]:
            yield self._page(at)[0]

    def _page(self, at: int) -> tuple[Tags, int]:
        """The values of the tags that are needed, and the place of the next page, 0 at the end."""
        (count,) = struct.unpack_from(self.order + "H", self.data, at)
        tags: Tags = {}
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, many = struct.unpack_from(self.order + "HHI", self.data, entry)
            if tag not in _NEEDED or kind not in _SIZES or not many:
                continue
            form = f"{self.order}{many}{_SIZES[kind]}"
            size = struct.calcsize(form)
            place = entry + 8 if size <= 4 else struct.unpack_from(self.order + "I", self.data, entry + 8)[0]
            if size > len(self.data):
                raise IndexError(tag)
            tags[tag] = struct.unpack_from(form, self.data, place)
        (following,) = struct.unpack_from(self.order + "I", self.data, at + 2 + 12 * count)
        return tags, following
