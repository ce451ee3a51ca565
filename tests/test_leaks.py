"""The search for what a file must not tell: it finds a leak of each kind, and nothing in a file without one."""

import base64
import datetime
import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image, PngImagePlugin

from tests.leaks import leaks, spellings
from tests.papers.test_pdf import document, picture
from treatments.papers.document import Document, KeyValues, Paragraph, Picture, Pictures
from treatments.papers.docx import as_docx
from treatments.papers.pdf import as_pdf

pytestmark = pytest.mark.any_database

NAME, NUMBER, PLACE, FILE = "Bùi Xuân Quỳnh", "HC-0417", "Bukit Timah", "IMG_quynh_7731.jpg"
CHINESE, ARABIC, SHORT = "欧阳靖宇", "خليل الزهراوي", "Tan"
DAY = datetime.date(2025, 5, 14)
WORDS = [NAME, NUMBER, PLACE, FILE, CHINESE, ARABIC, SHORT, *spellings(DAY)]


def zipped(*members: tuple[str, bytes], comment: bytes = b"") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
        archive.comment = comment
    return made.getvalue()


def jpeg(**written: bytes) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 40), (90, 120, 110)).save(made, "JPEG", **written)
    return made.getvalue()


def exif(number: int, value: str | bytes) -> bytes:
    tags = Image.Exif()
    tags[number] = value
    return tags.tobytes()


def png(text: str) -> bytes:
    made, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Comment", text, zip=True)
    Image.new("RGB", (40, 40)).save(made, "PNG", pnginfo=info)
    return made.getvalue()


def paper(text: str) -> Document:
    return document(KeyValues((("Seen", text),)))


def raw_pdf(objects: bytes, stream: bytes = b"") -> bytes:
    """The skeleton of a PDF that another program might write: one page, an info of our own, a packed stream."""
    packed = zlib.compress(stream)
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n4 0 obj<<"
        + objects
        + b">>endobj\n5 0 obj<</Filter/FlateDecode/Length "
        + str(len(packed)).encode()
        + b">>stream\n"
        + packed
        + b"\nendstream endobj\ntrailer<</Root 1 0 R/Info 4 0 R>>\n%%EOF"
    )


PLANTED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "text of a PDF": (NAME, lambda: as_pdf(paper(NAME))),
    "Chinese in a PDF": (CHINESE, lambda: as_pdf(paper(CHINESE))),
    "Arabic in a PDF": (ARABIC, lambda: as_pdf(paper(ARABIC))),
    "word over a break of lines": (PLACE, lambda: as_pdf(paper("x " * 60 + "Bukit\nTimah"))),
    "short name in a PDF": (SHORT, lambda: as_pdf(paper("Mr Tan came"))),
    "title of a PDF": (NUMBER, lambda: as_pdf(document(title=NUMBER))),
    "alt text in a PDF": (
        "14 May 2025",
        lambda: as_pdf(document(Pictures((replace(picture(), alt="Vertex, 14 May 2025"),)))),
    ),
    "literal string": (NUMBER, lambda: raw_pdf(b"/Author (a \\(HC-\\\n0417\\))")),
    "literal in octal": (NUMBER, lambda: raw_pdf(b"/Author (\\110\\103\\055\\060\\064\\061\\067)")),
    "hexadecimal in UTF-16": (NAME, lambda: raw_pdf(b"/Author <FEFF" + NAME.encode("utf-16-be").hex().encode() + b">")),
    "XMP in a packed stream": (
        "2025-05-14",
        lambda: raw_pdf(b"", b"<xmp:CreateDate>2025-05-14T09:30</xmp:CreateDate>"),
    ),
    "EXIF in a PDF": (NAME, lambda: raw_pdf(b"", jpeg(exif=exif(0x010E, NAME.encode())))),
    "text of a DOCX": (NAME, lambda: as_docx(paper(NAME))),
    "Chinese in a DOCX": (CHINESE, lambda: as_docx(paper(f"Dr {CHINESE}"))),
    "author of a DOCX": (
        PLACE,
        lambda: as_docx(replace(paper("x"), letterhead=replace(paper("x").letterhead, name=PLACE))),
    ),
    "word parted over runs": (NUMBER, lambda: zipped(("word/document.xml", b"<w:t>HC-</w:t><w:t>0417</w:t>"))),
    "entities": (NAME, lambda: zipped(("a.xml", "".join(f"&#{ord(each)};" for each in NAME).encode() + b"<b></b>"))),
    "attribute": (FILE, lambda: zipped(("a.xml", f'<pic name="{FILE}"/>'.encode()))),
    "name of a member": (FILE, lambda: zipped((f"word/media/{FILE}", b"x"))),
    "comment of a ZIP": (NUMBER, lambda: zipped(("a", b"x"), comment=NUMBER.encode())),
    "ZIP in a ZIP": (PLACE, lambda: zipped(("inner.xlsx", zipped(("a.xml", PLACE.encode()))))),
    "EXIF in a ZIP": ("2025:05:14", lambda: zipped(("a.jpg", jpeg(exif=exif(0x0132, "2025:05:14 09:30:00"))))),
    "EXIF in UTF-16": (NAME, lambda: jpeg(exif=exif(0x9C9D, NAME.encode("utf-16-le")))),
    "comment of a JPEG": (NAME, lambda: jpeg(comment=NAME.encode())),
    "XMP of a JPEG": (PLACE, lambda: jpeg(xmp=f"<photoshop:City>{PLACE}</photoshop:City>".encode())),
    "packed text of a PNG": (NUMBER, lambda: png(NUMBER)),
    "base64": (NUMBER, lambda: b'<img src="data:x;base64,' + base64.b64encode(jpeg(comment=NUMBER.encode())) + b'">'),
    "other capitals and spaces": (PLACE, lambda: b"BUKIT  TIMAH"),
    "American date": ("05/14/2025", lambda: b"on 05/14/2025."),
    "date of a PDF": ("20250514", lambda: raw_pdf(b"/CreationDate (D:20250514093000Z)")),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_planted_leak_is_found(kind: str) -> None:
    word, make = PLANTED[kind]

    assert word in {found.rpartition(": ")[0] for found in leaks(make(), WORDS)}


def test_nothing_is_found_where_nothing_is() -> None:
    """A paper with a picture, of another patient on another day, in both kinds of file."""
    clean = document(Paragraph("Tanned skin, 114 May 20251, HC-04170"), Pictures((picture(),)))

    for made in (as_pdf(clean), as_docx(clean), zipped(("a.xml", b"<a>at 2025-05-140</a>"))):
        assert leaks(made, [word for word in WORDS if word not in {"2025-05"}]) == []


def test_camera_tells_nothing_in_a_file() -> None:
    """What a camera wrote beside the pixels stays behind in a DOCX, also where nobody took it off before."""
    taken = jpeg(exif=exif(0x010E, NAME.encode()), comment=PLACE.encode(), xmp=NUMBER.encode())
    assert leaks(taken, WORDS)

    made = as_docx(document(Pictures((Picture("Vertex", "Month 0", jpeg=taken),))))

    assert leaks(made, WORDS) == []
