"""What a HEIF file's own boxes say, read before its decoder is asked.

The decoder gives a picture with green rectangles where tiles are missing, and does not tell how the picture says it is
turned. Sources: ISO/IEC 14496-12 (boxes, iloc), 23008-12 (items, properties), 23008-2 7.3.1 and B (NAL units).
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from treatments.photos.store.upload_errors import PhotoRefused

_MOST_ITEMS: Final = 10_000
_NEVER_IN_A_NAL: Final = re.compile(rb"\x00\x00(?:[\x00-\x02]|\x03[^\x00-\x03])")
"""An encoder breaks such runs up by a 3, so that nobody takes them for a start: what holds them was overwritten."""
_TURNS: Final = (b"irot", b"imir")
Box = tuple[bytes, int, int]


class HeifFacts(NamedTuple):
    """`says_turn`: whether the main picture has a turn of its own, so that EXIF is not asked. `nclx` are the codes of
    its primaries and its transfer curve (ITU-T H.273), None where it has none; `profile` its ICC profile."""

    says_turn: bool
    nclx: tuple[int, int] | None
    profile: bytes
    nclx_places: tuple[int, ...] = ()

    def without_codes(self, data: bytes) -> bytes:
        """The file with its codes as "unspecified": the decoder raises at those it does not know."""
        changed = bytearray(data)
        for at in self.nclx_places:
            changed[at : at + 4] = b"\0\2\0\2"
        return bytes(changed)


class _Item(NamedTuple):
    """Where the bytes of an item lie: from the file (method 0) or from the box idat (1)."""

    method: int
    extents: list[tuple[int, int]]


def read_heif(data: bytes) -> HeifFacts:
    """Raises PhotoRefused("damaged") when part of the file is missing or was overwritten, where that can be known."""
    try:
        return _Heif(data).facts()
    except (IndexError, KeyError, ValueError, RecursionError):
        raise PhotoRefused("damaged") from None


def _boxes(data: bytes, at: int, end: int) -> Iterator[Box]:
    """(type, start of the content, end) of each box. An end beyond what there is raises ValueError."""
    while at + 8 <= end:
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = end - at
        if size < head:
            return
        if at + size > end and kind in (
            b"meta",
            b"mdat",
            b"idat",
            b"iloc",
            b"iinf",
            b"iprp",
            b"ipco",
            b"ipma",
            b"iref",
        ):
            raise ValueError(f"{kind!r} ends beyond the file")
        yield kind, at + head, min(at + size, end)
        at += size


class _Heif:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.top = {kind: (start, end) for kind, start, end in reversed(list(_boxes(data, 0, len(data))))}
        start, end = self.top[b"meta"]
        self.meta = {kind: (a, b) for kind, a, b in _boxes(data, start + 4, end)}
        self.primary = self._number(self.meta[b"pitm"][0] + 4, 4 if self._version(b"pitm") else 2)
        self.items = dict(self._locations())
        self.kinds = dict(self._item_kinds())
        self.parts = dict(self._derivations())
        self.properties = list(_boxes(data, *self._inside(b"iprp", b"ipco")))
        self.belongs = dict(self._associations())

    def facts(self) -> HeifFacts:
        shown = [self.primary, *self._parts_of(self.primary)]
        for number in shown:
            self.kinds[number]
            self._check_coded(number)
        colours = [colour for number in shown for colour in self._colours(number)]
        return HeifFacts(
            says_turn=any(kind in _TURNS for kind, _, _ in self._properties(self.primary)),
            nclx=next((self._nclx(start) for kind, start in colours if kind == b"nclx"), None),
            profile=next((self._profile(start) for kind, start in colours if kind in (b"prof", b"rICC")), b""),
            nclx_places=tuple(
                start + 4
                for kind, start, _ in self.properties
                if kind == b"colr" and self.data[start : start + 4] == b"nclx"
            ),
        )

    def _number(self, at: int, size: int) -> int:
        part = self.data[at : at + size]
        if len(part) < size:
            raise IndexError(at)
        return int.from_bytes(part, "big")

    def _version(self, kind: bytes) -> int:
        return self.data[self.meta[kind][0]]

    def _inside(self, outer: bytes, inner: bytes) -> tuple[int, int]:
        return next((start, end) for kind, start, end in _boxes(self.data, *self.meta[outer]) if kind == inner)

    def _locations(self) -> Iterator[tuple[int, _Item]]:
        """The table iloc. Every extent must lie within the file."""
        (at, _), version = self.meta[b"iloc"], self._version(b"iloc")
        sizes = self._number(at + 4, 2)
        of_offset, of_length, of_base = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
        of_index = sizes & 15 if version else 0
        wide = 4 if version == 2 else 2
        count, at = self._number(at + 6, wide), at + 6 + wide
        for _ in range(min(count, _MOST_ITEMS)):
            number, at = self._number(at, wide), at + wide
            method = self._number(at, 2) & 15 if version else 0
            at += 4 if version else 2
            base, extents, at = self._number(at, of_base), self._number(at + of_base, 2), at + of_base + 2
            found = []
            for _ in range(extents):
                start = base + self._number(at + of_index, of_offset)
                found.append((start, self._number(at + of_index + of_offset, of_length)))
                at += of_index + of_offset + of_length
            self._check_extents(method, found)
            yield number, _Item(method, found)

    def _check_extents(self, method: int, extents: list[tuple[int, int]]) -> None:
        if method > 1:  # inside another item, whose own extents are checked
            return
        start, end = (0, len(self.data)) if method == 0 else self.meta[b"idat"]
        if any(offset + length > end - start for offset, length in extents):
            raise ValueError("an extent ends beyond the file")

    def _item_kinds(self) -> Iterator[tuple[int, bytes]]:
        start, end = self.meta[b"iinf"]
        for kind, at, _ in _boxes(self.data, start + (8 if self._version(b"iinf") else 6), end):
            if kind == b"infe" and self.data[at] >= 2:
                wide = 4 if self.data[at] == 3 else 2
                yield self._number(at + 4, wide), self.data[at + 6 + wide : at + 10 + wide]

    def _derivations(self) -> Iterator[tuple[int, list[int]]]:
        """The tiles, or the other pictures, that an item is put together from."""
        if b"iref" not in self.meta:
            return
        start, end = self.meta[b"iref"]
        wide = 4 if self._version(b"iref") else 2
        for kind, at, _ in _boxes(self.data, start + 4, end):
            if kind == b"dimg":
                count, first = self._number(at + wide, 2), at + wide + 2
                yield self._number(at, wide), [self._number(first + n * wide, wide) for n in range(count)]

    def _parts_of(self, number: int, depth: int = 0) -> Iterator[int]:
        for part in self.parts.get(number, []) if depth < 4 else []:
            yield part
            yield from self._parts_of(part, depth + 1)

    def _associations(self) -> Iterator[tuple[int, list[int]]]:
        """For each item the places of its properties, counted from 1."""
        at, _ = self._inside(b"iprp", b"ipma")
        wide, is_long = (4 if self.data[at] else 2), self.data[at + 3] & 1
        count, at = self._number(at + 4, 4), at + 8
        for _ in range(min(count, _MOST_ITEMS)):
            number, many, at = self._number(at, wide), self._number(at + wide, 1), at + wide + 1
            places = []
            for _ in range(many):
                places.append(self._number(at, 2) & 0x7FFF if is_long else self._number(at, 1) & 0x7F)
                at += 2 if is_long else 1
            yield number, places

    def _properties(self, number: int) -> list[Box]:
        return [self.properties[place - 1] for place in self.belongs.get(number, []) if place]

    def _colours(self, number: int) -> list[tuple[bytes, int]]:
        boxes = [start for kind, start, _ in self._properties(number) if kind == b"colr"]
        return [(self.data[start : start + 4], start) for start in boxes]

    def _nclx(self, start: int) -> tuple[int, int]:
        return self._number(start + 4, 2), self._number(start + 6, 2)

    def _profile(self, start: int) -> bytes:
        return self.data[start + 4 : next(end for _, at, end in self.properties if at == start)]

    def _content(self, number: int) -> bytes:
        item = self.items[number]
        start = 0 if item.method == 0 else self.meta[b"idat"][0]
        return b"".join(self.data[start + at : start + at + length] for at, length in item.extents)

    def _check_coded(self, number: int) -> None:
        """A picture coded by HEVC is a row of units, each with its length before it, that fills the item."""
        if not self.items[number].extents:
            raise ValueError("an item without content")
        if self.kinds[number] != b"hvc1" or self.items[number].method > 1:
            return
        of_length = (
            next(self.data[start + 21] & 3 for kind, start, _ in self._properties(number) if kind == b"hvcC") + 1
        )
        content, at = self._content(number), 0
        while at < len(content):
            size = int.from_bytes(content[at : at + of_length], "big")
            unit, at = content[at + of_length : at + of_length + size], at + of_length + size
            if size < 2 or len(unit) < size or _NEVER_IN_A_NAL.search(unit):
                raise ValueError("a coded picture was cut off or overwritten")
