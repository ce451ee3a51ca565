"""Small photographs with the date that a camera would have written."""

import datetime
import io

from PIL import Image

from tests.photos.pictures import picture


def dated_jpeg(number: int, taken: datetime.date | None, size: tuple[int, int] = (320, 240)) -> bytes:
    """A JPEG whose pixels differ by `number`; `taken` at noon in its EXIF, or no date at all."""
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    if taken is not None:
        exif.get_ifd(0x8769)[0x9003] = f"{taken:%Y:%m:%d} 12:00:00"
    made = picture(number % 50, size)
    made.putpixel((number % size[0], 0), (number % 256, number // 256 % 256, 7))
    out = io.BytesIO()
    made.save(out, "JPEG", quality=90, exif=exif, comment=f"photo {number}".encode())
    return out.getvalue()
