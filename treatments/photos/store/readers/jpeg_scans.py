"""Whether the compressed data of a JPEG is all there, as far as its bytes can tell.

The decoder fills what is missing with grey, or reads on in what was overwritten, and says nothing. Source: ITU-T T.81,
B.1.1 (markers), F.2.2 (decoding of Huffman codes) and E.2.4 (restart).
"""

import re
import time
from collections.abc import Iterator
from math import ceil
from typing import Final, NamedTuple

from treatments.photos.store.upload_errors import PhotoRefused

MAX_SCANS: Final = 100
"""A progressive JPEG from a camera or an editor has about ten scans. Each one costs a pass over
the whole picture, so a small file with thousands of them holds a processor for minutes."""
WALK_SECONDS: Final = 4.0
"""Of the processor, for reading the codes of a suspicious file one by one."""

_SOI, _SOS, _EOI, _DHT, _DRI, _DNL, _COM = 0xD8, 0xDA, 0xD9, 0xC4, 0xDD, 0xDC, 0xFE
_BETWEEN_SCANS: Final = {_DHT, 0xDB, _DRI, _SOS, _DNL, _COM, *range(0xE0, 0xF0)}
_SEQUENTIAL: Final = (0xC0, 0xC1)
_PROGRESSIVE: Final = 0xC2
_NEXT_MARKER: Final = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_RESTART: Final = re.compile(rb"\xff([\xd0-\xd7])")
_OVERWRITTEN_BY_ONES: Final = b"\xff\xff\xff"
_OVERWRITTEN_BY_ZEROS: Final = bytes(64)
_MOST_FILL: Final = 8
"""Bytes of ones that an encoder may write before a marker; none is known to write more than one."""
_TOO_FAR: Final = 1 << 20


class _Segment(NamedTuple):
    marker: int
    start: int
    end: int


class _Scan(NamedTuple):
    """Its header, and where its codes lie."""

    header: _Segment
    start: int
    end: int


Codes = list[tuple[int, int]]
"""A Huffman table as (length, symbol), in the order of the codes."""


def refuse_damaged_jpeg(data: bytes) -> None:
    """Raise PhotoRefused: "damaged" for data that ends early or was overwritten, "too_many_scans".

    A hole of ones is always known, and so is every hole in a picture with restart marks where it took one of them, or
    that was cut off and closed. A hole of zeros is looked for where 64 zero bytes follow each other: there the codes
    must be those of an even area. In the later scans of a progressive picture nothing tells it.
    """
    segments: list[_Segment] = []
    tables: dict[int, Codes] = {}
    scans = 0
    for part in _parts(data):
        if isinstance(part, _Segment):
            segments.append(part)
            tables |= _huffman_tables(data, part)
            continue
        scans += 1
        if scans > MAX_SCANS:
            raise PhotoRefused("too_many_scans")
        if data.find(_OVERWRITTEN_BY_ONES, part.start, part.end) >= 0 or not _restarts_in_order(data, segments, part):
            raise PhotoRefused("damaged")
        if data.find(_OVERWRITTEN_BY_ZEROS, part.start, part.end) >= 0:
            _check_zeros(data, segments, tables, part)
    if not scans:
        raise PhotoRefused("damaged")


def _restarts_in_order(data: bytes, segments: list[_Segment], scan: _Scan) -> bool:
    """Whether a mark, counted from 0 to 7 and again, follows each interval. Some encoders write one at the end too."""
    frame, interval = _frame(segments), _interval(data, segments)
    if frame is None or not interval:
        return True
    try:
        units = _units(data, frame, scan)
    except (IndexError, KeyError, ValueError, ZeroDivisionError):
        units = 0
    if not units:  # a broken header is the decoder's to refuse
        return True
    marks = [mark[0] & 7 for mark in _RESTART.findall(data, scan.start, scan.end)]
    between = ceil(units / interval) - 1
    return len(marks) in (between, between + 1) and marks == [number % 8 for number in range(len(marks))]


def _frame(segments: list[_Segment]) -> _Segment | None:
    """The header of the picture, of the kinds whose codes are known here."""
    frames = (each for each in segments if 0xC0 <= each.marker < 0xD0 and each.marker not in (_DHT, 0xC8, 0xCC))
    frame = next(frames, None)
    return frame if frame and frame.marker in (*_SEQUENTIAL, _PROGRESSIVE) else None


def _interval(data: bytes, segments: list[_Segment]) -> int:
    """Units between two restart marks; 0 where there are none."""
    told = (int.from_bytes(data[s.start + 4 : s.end], "big") for s in reversed(segments) if s.marker == _DRI)
    return next(told, 0)


def _factors(data: bytes, frame: _Segment) -> dict[int, tuple[int, int]]:
    """How often each colour is sampled, across and down, by its name."""
    places = range(frame.start + 10, frame.start + 10 + 3 * data[frame.start + 9], 3)
    return {data[at]: (data[at + 1] >> 4, data[at + 1] & 15) for at in places}


def _units(data: bytes, frame: _Segment, scan: _Scan) -> int:
    """Of a scan of one colour its blocks of 8 × 8, of several their smallest common squares (T.81, A.2)."""
    height, width = (int.from_bytes(data[frame.start + at : frame.start + at + 2], "big") for at in (5, 7))
    factors = _factors(data, frame)
    across, down = max(w for w, _ in factors.values()), max(h for _, h in factors.values())
    if data[scan.header.start + 4] > 1:
        return ceil(width / (8 * across)) * ceil(height / (8 * down))
    w, h = factors[data[scan.header.start + 5]]
    return ceil(ceil(width * w / across) / 8) * ceil(ceil(height * h / down) / 8)


def _check_zeros(data: bytes, segments: list[_Segment], tables: dict[int, Codes], scan: _Scan) -> None:
    """Zeros are an even area where the code of zeros alone ends a block; else they would be blocks full of detail."""
    frame = _frame(segments)
    if frame is None or data[frame.start + 4] != 8:
        return
    at, in_scan = scan.header.start + 5, data[scan.header.start + 4]
    chosen = [(data[place], data[place + 1]) for place in range(at, at + 2 * in_scan, 2)]
    first_coefficient, bits = data[at + 2 * in_scan], data[at + 2 * in_scan + 2]
    if frame.marker == _PROGRESSIVE and (first_coefficient == 0 or bits >> 4):
        return
    try:
        ends = all(_ends_block(tables[0x10 | choice & 15][0][1], frame.marker) for _, choice in chosen)
        if ends and frame.marker in _SEQUENTIAL:
            _read_codes(data, segments, tables, frame, scan, chosen)
    except (IndexError, KeyError, ValueError, ZeroDivisionError):
        ends = False
    if not ends:
        raise PhotoRefused("damaged")


def _ends_block(symbol: int, frame: int) -> bool:
    """In a progressive picture a symbol may end many blocks at once."""
    return symbol == 0 or frame == _PROGRESSIVE and symbol & 15 == 0 and symbol != 0xF0


def _parts(data: bytes) -> Iterator[_Segment | _Scan]:
    """Segments and scans up to the end of the picture. Raises PhotoRefused where that is not reached in order."""
    at, has_scan = 2, False
    while match := _NEXT_MARKER.search(data, at):
        marker, start = data[match.end() - 1], match.end() - 2
        if marker == _EOI and has_scan:
            return
        if has_scan and marker not in _BETWEEN_SCANS:
            break
        end = match.end() + int.from_bytes(data[match.end() : match.end() + 2], "big")
        if end > len(data):
            break
        if marker != _SOS:
            yield _Segment(marker, start, end)
            at = end
            continue
        has_scan = True
        following = _NEXT_MARKER.search(data, end)
        if following is None or following.end() - following.start() > _MOST_FILL:
            break
        at = following.start()
        yield _Scan(_Segment(marker, start, end), end, at)
    raise PhotoRefused("damaged")


# Reading the codes of a sequential picture. Their values are not wanted, only that they fill the picture and no more.


Block = tuple[list[int], list[tuple[int, int]]]
"""For each value of the next 16 bits, at the beginning of a block and in it: what `_ahead` gives."""


def _read_codes(
    data: bytes,
    segments: list[_Segment],
    tables: dict[int, Codes],
    frame: _Segment,
    scan: _Scan,
    chosen: list[tuple[int, int]],
) -> None:
    """Raise PhotoRefused("damaged") when the codes end before the picture does, or after it."""
    many, factors = data[frame.start + 9], _factors(data, frame)
    if len(chosen) != many:
        return  # the colours one after the other
    units = _units(data, frame, scan)
    blocks = []
    for name, choice in chosen:
        dc = [bits for bits, _ in _ahead(tables[choice >> 4], is_dc=True)]
        block = dc, _ahead(tables[0x10 | choice & 15], is_dc=False)
        blocks += [block] * (1 if many == 1 else factors[name][0] * factors[name][1])
    interval = _interval(data, segments)
    stop = time.process_time() + WALK_SECONDS
    done = 0
    for number, part in enumerate(_RESTART.split(data[scan.start : scan.end])):
        if number % 2:  # the mark itself, which counts from 0 to 7 and again
            if not interval or part[0] & 7 != (number // 2) % 8:
                raise PhotoRefused("damaged")
            continue
        expected = min(interval, units - done) if interval else units
        if not _fills(part.replace(b"\xff\x00", b"\xff"), blocks, expected, stop):
            raise PhotoRefused("damaged")
        done += expected
        if time.process_time() > stop:
            return
    if done < units:
        raise PhotoRefused("damaged")


def _huffman_tables(data: bytes, segment: _Segment) -> dict[int, Codes]:
    """By class and number, those of a segment DHT."""
    tables, at = {}, segment.start + 4
    while segment.marker == _DHT and at + 17 <= segment.end:
        lengths = [length for length, many in enumerate(data[at + 1 : at + 17], 1) for _ in range(many)]
        tables[data[at]] = list(zip(lengths, data[at + 17 : at + 17 + len(lengths)], strict=False))
        at += 17 + len(lengths)
    return tables


def _ahead(codes: Codes, *, is_dc: bool) -> list[tuple[int, int]]:
    """For each value of the next 16 bits: how many bits code and value take, and how far the coefficients go on."""
    table: list[tuple[int, int]] = []
    for length, symbol in codes:
        run, size = symbol >> 4, symbol & 15
        if is_dc:
            entry = length + symbol, 1
        elif size:
            entry = length + size, run + 1
        else:
            entry = length, 16 if run == 15 else 64
        table.extend([entry] * (1 << 16 - length))
    table.extend([(_TOO_FAR, 64)] * ((1 << 16) - len(table)))
    return table


def _fills(codes: bytes, blocks: list[Block], units: int, stop: float) -> bool:
    """Whether the codes are those of exactly so many units, up to a byte or two of padding. True when time runs out."""
    padded, limit, at = codes + bytes(4), 8 * len(codes), 0
    for unit in range(units):
        for dc, ac in blocks:
            byte = at >> 3
            at += dc[((padded[byte] << 16 | padded[byte + 1] << 8 | padded[byte + 2]) >> (8 - (at & 7))) & 0xFFFF]
            done = 1
            while done < 64:
                byte = at >> 3
                if byte > len(codes):
                    return False
                taken, further = ac[
                    ((padded[byte] << 16 | padded[byte + 1] << 8 | padded[byte + 2]) >> (8 - (at & 7))) & 0xFFFF
                ]
                at += taken
                done += further
            if at > limit or done > 64 and further != 64:
                return False
        if unit % 4096 == 0 and time.process_time() > stop:
            return True
    return limit - at < 24
