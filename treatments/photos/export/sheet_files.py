"""A before/after sheet as a file: the items of its layout drawn in pixels, or on the pages of a PDF. No Django here."""

import io

from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from treatments.photos.export.sheet_layout import (
    FONTS,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Box,
    Item,
    Picture,
    Sheet,
    Text,
    font,
    font_file,
    lay_out,
)

PNG_SCALE = 3
"""px of a picture for each point of the layout."""


def _draw(items: list[Item], target: "_Pixels | _PdfPage") -> None:
    for item in items:
        match item:
            case Text():
                target.text(item)
            case Box():
                target.box(item)
            case Picture():
                target.picture(item)


def as_png(sheet: Sheet) -> bytes:
    """One picture, as tall as the sheet needs, without any chunk but its pixels."""
    (page,) = lay_out(sheet, page_height=None)
    picture = Image.new("RGB", (round(PAGE_WIDTH * PNG_SCALE), round(page.height * PNG_SCALE)), "white")
    _draw(page.items, _Pixels(picture))
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=False)
    return out.getvalue()


class _Pixels:
    def __init__(self, canvas: Image.Image) -> None:
        self.canvas, self.pen = canvas, ImageDraw.Draw(canvas)

    def text(self, item: Text) -> None:
        at = (item.x * PNG_SCALE, item.y * PNG_SCALE)
        letters = font(is_bold=item.is_bold, size=round(item.size * PNG_SCALE))
        self.pen.text(at, item.text, fill=item.colour, font=letters, anchor="ls")

    def box(self, item: Box) -> None:
        x, y, width, height = _in_pixels(item)
        self.pen.rectangle((x, y, x + width - 1, y + height - 1), fill=item.colour)

    def picture(self, item: Picture) -> None:
        x, y, width, height = _in_pixels(item)
        self.canvas.paste(item.picture.resize((width, height), Image.Resampling.LANCZOS), (x, y))


def _in_pixels(item: Box | Picture) -> tuple[int, int, int, int]:
    x, y, width, height = (round(value * PNG_SCALE) for value in (item.x, item.y, item.width, item.height))
    return x, y, max(width, 1), max(height, 1)


def as_pdf(sheet: Sheet) -> bytes:
    """A4 pages laid across, with their letters in them, and nothing said about who made it or when."""
    for is_bold, name in FONTS.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, font_file(is_bold)))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, pageCompression=1)
    canvas._doc.info = _EmptyInformation({})
    for page in lay_out(sheet, page_height=PAGE_HEIGHT):
        _draw(page.items, _PdfPage(canvas))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class _EmptyInformation(pdfdoc.PDFDictionary):
    """A document information dictionary without an entry: no author, producer, title or date."""

    invariant = 1

    def digest(self, signature: object) -> None:
        """Adds nothing to the file's identifier."""


class _PdfPage:
    """ReportLab's y runs up from the bottom of the page."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def text(self, item: Text) -> None:
        self.canvas.setFillColor(item.colour)
        self.canvas.setFont(FONTS[item.is_bold], item.size)
        self.canvas.drawString(item.x, PAGE_HEIGHT - item.y, item.text)

    def box(self, item: Box) -> None:
        self.canvas.setFillColor(item.colour)
        self.canvas.rect(item.x, PAGE_HEIGHT - item.y - item.height, item.width, item.height, stroke=0, fill=1)

    def picture(self, item: Picture) -> None:
        """At the sharpness of print, as a JPEG that ReportLab embeds without touching it."""
        _, _, *size = _in_pixels(item)
        jpeg = io.BytesIO()
        item.picture.resize(size, Image.Resampling.LANCZOS).save(jpeg, "JPEG", quality=90)
        jpeg.seek(0)
        bottom = PAGE_HEIGHT - item.y - item.height
        self.canvas.drawImage(ImageReader(jpeg), item.x, bottom, item.width, item.height)
