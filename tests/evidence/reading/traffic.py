"""What somebody sees who sees a reader's whole traffic and no picture, and what they can guess from it.

A message is a request with its answer: address, headers, size, order, time, and the bytes of the body taken apart, but
never decoded into pixels. Each pair becomes numbers; rules learnt on one half of the pairs guess the other half.
"""

import email.utils
import hashlib
import math
import random
import re
import statistics
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

SEED: Final = 20261130
SUSPECT: Final = 3.0
CERTAIN: Final = 2.6
"""Standard deviations by which a number is tied to a side: to be looked at again, and in another recording again."""
ROUNDS_OF_LEARNING: Final = 60


@dataclass(frozen=True)
class Message:
    """`kind` is "page", "picture" or "answer"."""

    kind: str
    address: str
    headers: dict[str, str]
    body: bytes
    seconds: float


@dataclass(frozen=True)
class PairTraffic:
    """All messages about one pair in their order, and what nobody but the test knows."""

    position: int
    messages: tuple[Message, ...]
    later_is_right: bool = field(compare=False)


Features = dict[str, float]
Rule = Callable[[Sequence[float]], bool]


def features(pair: PairTraffic) -> Features:
    found: Features = {"position": pair.position, "position is odd": pair.position % 2}
    pictures = [message for message in pair.messages if message.kind == "picture"]
    for number, message in enumerate(pair.messages):
        found |= {f"{number} {message.kind} {name}": value for name, value in _of(message)}
    if len(pictures) == 2:
        left, right = (dict(_of(picture)) for picture in pictures)
        found |= {f"right less left, {name}": right[name] - left[name] for name in left if name in right}
    return found


def _of(message: Message) -> Iterator[tuple[str, float]]:
    yield "seconds", message.seconds
    yield "size", len(message.body)
    yield "size is odd", len(message.body) % 2
    yield "address as a number", _number(message.address)
    yield "hash of the address is odd", hashlib.sha256(message.address.encode()).digest()[0] % 2
    for name, value in message.headers.items():
        yield f"header {name}", _header(name, value)
        yield f"length of header {name}", len(value)
    yield "headers", len(message.headers)
    if message.kind == "picture":
        yield from _structure(message.body)
    elif message.kind == "page":
        yield from _words(message.body.decode())


def _number(text: str) -> float:
    """By its letters in order, so that what sorts with time is found; an id by its figures."""
    last = re.sub(r"\.[a-z]+$", "", text.rstrip("/").rpartition("/")[2])
    figures = last.replace("-", "")
    if re.fullmatch(r"[0-9a-f]{32}", figures):
        return float(int(figures, 16))
    return float(int.from_bytes(last.encode()[:16].ljust(16, b"\0")))


def _header(name: str, value: str) -> float:
    if name == "Last-Modified":
        return email.utils.parsedate_to_datetime(value).timestamp()
    return float(value) if re.fullmatch(r"[0-9.]+", value) else _number(value.strip('"'))


def _words(html: str) -> Iterator[tuple[str, float]]:
    for name in ("alt", "src", "width", "height", "data-\\w+", "id", "title", "class", "value"):
        found = re.findall(rf'\s{name}="([^"]*)"', html)
        yield f"{name}: how many", len(found)
        yield f"{name}: letters", sum(map(len, found))
    images = re.findall(r'<img[^>]*\ssrc="([^"]*)"', html)
    yield "images in the order of their addresses", float(images == sorted(images))
    yield "right address above left", float(len(images) > 1 and images[-1] > images[0])
    yield "month or day", len(re.findall(r"Month|Jan|Feb|20[0-9][0-9]", html))
    yield "compressed", len(zlib.compress(html.encode()))


def segments(data: bytes) -> list[tuple[int, bytes]]:
    """Marker and content of each segment of a JPEG before the coded part."""
    at, found = 2, []
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4])
        found.append((data[at + 1], data[at + 4 : at + 2 + length]))
        at += 2 + length
    return found


def _structure(data: bytes) -> Iterator[tuple[str, float]]:
    """The segments of a JPEG and their bytes, and of the coded part what can be counted without decoding it."""
    head = segments(data)
    coded = data[data.find(b"\xff\xda") :]
    half = len(coded) // 2
    for number, (marker, content) in enumerate(head):
        yield f"segment {number}", marker
        yield f"segment {number} length", len(content)
        yield f"segment {number} sum", sum(content)
    yield "segments", len(head)
    yield "coded", len(coded)
    yield "scans", data.count(b"\xff\xda")
    yield "stuffed bytes, first half", coded[:half].count(b"\xff\0")
    yield "stuffed bytes, second half", coded[half:].count(b"\xff\0")
    yield "zeros, second less first half", coded[half:].count(0) - coded[:half].count(0)
    yield "after the end", len(data) - data.rfind(b"\xff\xd9")
    yield "last byte", data[-3]


def guessed(recorded: Sequence[PairTraffic]) -> dict[str, float]:
    """The share of pairs that each way of guessing gets right, 0 to 1: every pair is guessed by rules that were learnt
    on the other half."""
    pairs = list(recorded)
    random.Random(SEED).shuffle(pairs)  # noqa: S311 - the same halves each time
    rows = [features(pair) for pair in pairs]
    names = sorted(set.intersection(*(set(row) for row in rows)))
    table = [[row[name] for name in names] for row in rows]
    truth = [pair.later_is_right for pair in pairs]
    middle = len(pairs) // 2
    halves = [(slice(0, middle), slice(middle, None)), (slice(middle, None), slice(0, middle))]
    right = {"best single rule": 0, "all together": 0}
    for learn, guess in halves:
        single, together = best_rule(table[learn], truth[learn]), weighed(table[learn], truth[learn])
        for row, is_right in zip(table[guess], truth[guess], strict=True):
            right["best single rule"] += single(row) == is_right
            right["all together"] += together(row) == is_right
    return {name: count / len(pairs) for name, count in right.items()}


def tied(recorded: Sequence[PairTraffic]) -> dict[str, float]:
    """By how many standard deviations the ranks of each number differ between pairs whose later photograph is on the
    right and the others (Mann-Whitney, with ties). It finds what is too weak for a rule to be learnt from."""
    rows, truth = [features(pair) for pair in recorded], [pair.later_is_right for pair in recorded]
    names = sorted(set.intersection(*(set(row) for row in rows)))
    return {name: _ranks_apart([row[name] for row in rows], truth) for name in names}


def _ranks_apart(values: Sequence[float], truth: Sequence[bool]) -> float:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, start = [0.0] * len(values), 0
    for place, row in enumerate(order, 1):
        if place == len(order) or values[order[place]] != values[row]:
            for each in order[start:place]:
                ranks[each] = (start + 1 + place) / 2
            start = place
    spread, right = statistics.pstdev(ranks), sum(truth)
    if not spread or right in {0, len(truth)}:
        return 0.0
    apart = sum(rank for rank, is_right in zip(ranks, truth, strict=True) if is_right) - right * statistics.fmean(ranks)
    return apart / (spread * math.sqrt(right * (len(truth) - right) / (len(truth) - 1)))


def suspects(first: Sequence[PairTraffic]) -> dict[str, float]:
    """What looks like a leak in one recording. Chance alone shows some about once in eight recordings."""
    return {name: apart for name, apart in tied(first).items() if abs(apart) > SUSPECT}


def confirmed(found: dict[str, float], again: Sequence[PairTraffic]) -> dict[str, float]:
    """Of these, what is tied to the same side in a second recording, which nobody has looked at before."""
    later = tied(again)
    return {name: later[name] for name, apart in found.items() if later[name] * math.copysign(1, apart) > CERTAIN}


def best_rule(table: Sequence[Sequence[float]], truth: Sequence[bool]) -> Rule:
    """One number and one limit: of all, the rule that is right most often."""
    best, rule = -1.0, (0, 0.0, True)
    total = sum(truth)
    for column in range(len(table[0])):
        order = sorted(range(len(table)), key=lambda row: table[row][column])
        below = 0
        for place, row in enumerate(order[:-1]):
            below += truth[row]
            value, following = table[row][column], table[order[place + 1]][column]
            if value == following:
                continue
            above_right = (total - below) + (place + 1 - below)
            for hits, above in ((above_right, True), (len(table) - above_right, False)):
                if hits > best:
                    best, rule = hits, (column, (value + following) / 2, above)
    column, limit, above = rule
    return lambda row: (row[column] > limit) == above


def weighed(table: Sequence[Sequence[float]], truth: Sequence[bool]) -> Rule:
    """Logistic regression on every number that varies, each in its own standard deviations."""
    columns = list(zip(*table, strict=True))
    means = [statistics.fmean(column) for column in columns]
    spreads = [statistics.pstdev(column) for column in columns]
    used = [index for index, spread in enumerate(spreads) if spread > 1e-9 * max(1, abs(means[index]))]

    def scaled(row: Sequence[float]) -> list[float]:
        return [max(-4.0, min(4.0, (row[index] - means[index]) / spreads[index])) for index in used]

    known = [(scaled(row), 1.0 if is_right else 0.0) for row, is_right in zip(table, truth, strict=True)]
    weights, base = [0.0] * len(used), 0.0
    for _ in range(ROUNDS_OF_LEARNING):
        slopes, slope = [0.0] * len(used), 0.0
        for row, is_right in known:
            score = base + sum(weight * value for weight, value in zip(weights, row, strict=True))
            miss = is_right - 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
            slope += miss
            for index, value in enumerate(row):
                slopes[index] += miss * value
        base += slope / len(known)
        weights = [0.99 * weight + 0.5 * change / len(known) for weight, change in zip(weights, slopes, strict=True)]
    return lambda row: base + sum(w * v for w, v in zip(weights, scaled(row), strict=True)) > 0
