"""What a finished PDF says, read by poppler as another program would, and what its bytes hold."""

import re
import shutil
import subprocess
import unicodedata
import zlib

from tests.missing_tools import skip_or_fail

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def _run(tool: str, *options: str, pdf: bytes) -> str:
    program = shutil.which(tool)
    if program is None:
        skip_or_fail(tool, "apt install poppler-utils")
    return subprocess.run([program, *options], input=pdf, capture_output=True, check=True).stdout.decode(
        errors="replace"
    )


def text_of(pdf: bytes) -> str:
    """All that is printed, in the order of the file, with one space for each break."""
    return squeezed(_run("pdftotext", "-raw", "-", "-", pdf=pdf))


def sheets_of(pdf: bytes) -> list[str]:
    """All that is printed on each sheet, its head and foot too."""
    return [squeezed(sheet) for sheet in _run("pdftotext", "-raw", "-", "-", pdf=pdf).split("\f")[:-1]]


def lines_of(pdf: bytes) -> list[str]:
    """Each line as it is printed."""
    return [squeezed(line) for line in _run("pdftotext", "-raw", "-", "-", pdf=pdf).splitlines()]


def read_of(pdf: bytes) -> str:
    """All that is printed as a person reads it: text from right to left turned round. Columns may mix."""
    return squeezed(_run("pdftotext", "-", "-", pdf=pdf))


def facts_of(pdf: bytes) -> dict[str, str]:
    """ "Title", "Tagged", "Pages" … as pdfinfo tells them."""
    lines = (line.partition(":") for line in _run("pdfinfo", "-", pdf=pdf).splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


def structure_of(pdf: bytes) -> str:
    """The tree of tags with their texts."""
    return _run("pdfinfo", "-struct-text", "-", pdf=pdf)


A4_HEIGHT = 841.89
"""In points."""


def words_of(pdf: bytes) -> list[tuple[float, str]]:
    """Each word with how far its head lies below that of its sheet, in points."""
    found = re.findall(r'<word [^>]*yMin="([\d.]+)"[^>]*>([^<]*)</word>', _run("pdftotext", "-bbox", "-", "-", pdf=pdf))
    return [(float(top), word) for top, word in found]


def headings_of(pdf: bytes) -> list[tuple[int, str]]:
    """Each heading with its level, in the order of the tags."""
    found: list[tuple[int, str]] = []
    for line in structure_of(pdf).splitlines():
        tag = re.match(r"\s*H([1-6])\b", line)
        if tag:
            found.append((int(tag[1]), ""))
        elif found and not found[-1][1] and (said := re.match(r'\s*"(.*)"$', line)):
            found[-1] = (found[-1][0], said[1])
    return found


def bytes_of(pdf: bytes) -> bytes:
    """The file with every compressed stream unpacked behind it: what could be found in it by whoever looks."""
    unpacked = []
    for stream in _STREAM.findall(pdf):
        try:
            unpacked.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            unpacked.append(stream)
    return b"\n".join([pdf, *unpacked])


def squeezed(text: str) -> str:
    """Without marks of direction, which poppler adds, and with single spaces; of one spelling."""
    seen = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    return " ".join(seen.split())


def letters(text: str) -> str:
    """Without any space: where a line was broken is not what is compared."""
    return "".join(squeezed(text).split())
