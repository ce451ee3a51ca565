"""Whether a file tells what it must not: it is unpacked to the last part, and each part is read in every spelling.

`leaks(content, words)` names each word that is found and where. PDF: every stream, inflated, its strings (literal and
hexadecimal), and its text as pdftotext reads it through the tables of its typefaces. ZIP (DOCX, XLSX): the names, the
comments and every member, nested as deep as they go. JPEG and PNG: what was written beside the pixels. XML: its
attributes and its text, also where a word is parted over runs. Each as UTF-8, UTF-16 of both orders and Latin-1, in
which the letters of PDFDocEncoding stand; base64 inside of any.
"""

import base64
import binascii
import datetime
import html
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator

from tests.papers.pdf_reader import read_of, text_of
from treatments.papers.typefaces import FONTS

DEEPEST = 6
SHORTEST_ANYWHERE = 4
"""A shorter word is looked for as a word of a text only: among compressed bytes it would stand by chance."""
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_LITERAL = re.compile(rb"\(((?:\\.|[^\\()]){2,})\)", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]{4,})>")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")
_UNSEEN = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
_TAG = re.compile(r"<[^>]*>")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_SHIPPED = [path.read_bytes()[32:] for path in FONTS.glob("*.ttf")]


def leaks(content: bytes, words: Iterable[str]) -> list[str]:
    """Each word that the file holds, as "word: where"; a word is found whatever its capitals and spaces."""
    wanted = {word: _folded(word) for word in words if word.strip()}
    found = {}
    for place, part in parts_of(content):
        for spelling in _texts(part):
            folded = _folded(spelling)
            for word, sought in wanted.items():
                if _holds(folded, spelling, word, sought):
                    found[f"{word}: {place}"] = True
    return list(found)


def spellings(day: datetime.date) -> list[str]:
    """A day as people and programs write it, and its month with the year."""
    d, m, y = day.day, day.month, day.year
    names = [f"{day:%b}", f"{day:%B}"]
    written = [f"{d} {name} {y}" for name in names] + [f"{name} {d}, {y}" for name in names]
    figures = [f"{a:02}{sign}{b:02}{sign}{y}" for a, b in ((d, m), (m, d)) for sign in "/.-"]
    short = [f"{a}{sign}{b}{sign}{y}" for a, b in ((d, m), (m, d)) for sign in "/.-"]
    machine = [f"{y}{sign}{m:02}{sign}{d:02}" for sign in ("-", "/", ":", "")]
    months = [f"{name} {y}" for name in names] + [f"{y}-{m:02}"]
    return [*dict.fromkeys([*written, *figures, *short, *machine, *months])]


def parts_of(content: bytes, place: str = "file", depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The file and everything that is packed in it, each with the way to it."""
    if content[32:] in _SHIPPED:
        return
    yield place, content
    if depth == DEEPEST:
        return
    for name, part in _inner(content):
        yield from parts_of(part, f"{place} > {name}", depth + 1)


def _inner(content: bytes) -> Iterator[tuple[str, bytes]]:
    if content[:4] == b"PK\x03\x04":
        yield from _of_zip(content)
    elif content[:5] == b"%PDF-":
        yield from _of_pdf(content)
    elif content[:8] == b"\x89PNG\r\n\x1a\n":
        yield from _of_png(content)
    else:
        for strings in (_LITERAL, _HEX):
            yield from _strings(content, strings)
    for number, match in enumerate(_BASE64.finditer(content)):
        try:
            yield f"base64 {number}", base64.b64decode(match[0] + b"=" * (-len(match[0].rstrip(b"=")) % 4))
        except binascii.Error:
            continue


def _of_zip(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield "comment", archive.comment
        for member in archive.infolist():
            yield f"name of {member.filename}", member.filename.encode() + b"\n" + member.comment + member.extra
            yield member.filename, archive.read(member)


def _of_pdf(content: bytes) -> Iterator[tuple[str, bytes]]:
    yield "text", read_of(content).encode()
    yield "text in the order of the file", text_of(content).encode()
    yield from _strings(content, _LITERAL)
    yield from _strings(content, _HEX)
    for number, match in enumerate(_STREAM.finditer(content)):
        stream = match[1]
        try:
            yield f"stream {number}", zlib.decompressobj().decompress(stream)
        except zlib.error:
            yield f"stream {number}, as it is", stream


def _strings(content: bytes, kind: re.Pattern[bytes]) -> Iterator[tuple[str, bytes]]:
    """All strings of a PDF's objects as one text: a literal with its escapes, or one in hexadecimal."""
    read = []
    for match in kind.finditer(content):
        string = _hex(match[1]) if kind is _HEX else re.sub(rb"\\([0-7]{1,3}|.|\n)", _unescaped, match[1])
        encoding = "utf-16-be" if string[:2] == b"\xfe\xff" else "latin-1"
        read.append(string.decode(encoding, "replace"))
    if read:
        yield "strings", "\n".join(read).encode()


def _hex(digits: bytes) -> bytes:
    bare = re.sub(rb"\s", b"", digits)
    return bytes.fromhex((bare + b"0" * (len(bare) % 2)).decode())


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[1][:1] in b"01234567":
        return bytes([int(match[1], 8) & 0xFF])
    return _ESCAPES.get(match[1], b"" if match[1] == b"\n" else match[1])


def _of_png(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Each text that is packed; the others stand in the bytes as they are."""
    at = 8
    while at + 12 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        if kind in {b"zTXt", b"iTXt", b"iCCP"}:
            for start in range(len(body)):
                try:
                    yield f"chunk {kind.decode()}", zlib.decompressobj().decompress(body[start:])
                    break
                except zlib.error:
                    continue
        at += 12 + length


def _texts(part: bytes) -> Iterator[str]:
    """The part in each encoding; of what has tags also without them, and with its entities as letters."""
    plain = part.decode("utf-8", "ignore")
    yield plain
    yield part.decode("latin-1")
    if part[:4] == b"PK\x03\x04":
        return  # its members are read one by one
    for encoding in ("utf-16-le", "utf-16-be"):
        for start in (0, 1):
            yield part[start:].decode(encoding, "ignore")
    if "<" in plain and ">" in plain:
        yield html.unescape(_TAG.sub("", plain))
        yield html.unescape(_TAG.sub(" ", plain))
        yield html.unescape(plain)


def _holds(folded: str, text: str, word: str, sought: str) -> bool:
    if len(sought) < SHORTEST_ANYWHERE:
        return sum(map(str.isprintable, text[:400])) > 0.9 * len(text[:400]) and bool(
            re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
        )
    if sought not in folded:
        return False
    if not sought[0].isdigit() and not sought[-1].isdigit():
        return True
    # A figure beside another is another one, but a machine's day is followed by its hour.
    before = r"(?<!\d)" if sought[0].isdigit() else ""
    after = r"(?!\d)" if sought[-1].isdigit() and not sought.isdigit() else ""
    letters = r"\s*".join(map(re.escape, sought))
    return bool(re.search(before + letters + after, unicodedata.normalize("NFKC", text).casefold()))


def _folded(text: str) -> str:
    """Of one spelling, in small letters, without what is not seen and without spaces."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text).casefold())
