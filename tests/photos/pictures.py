"""Small photographs that a camera might have made, each unlike the others, with a name and a place in their EXIF."""

import io

from PIL import Image, ImageDraw


def picture(number: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A head on a wall; where `number` differs, so do the pixels."""
    made = Image.new("RGB", size, (200 - 3 * number, 190, 180))
    draw = ImageDraw.Draw(made)
    wide, high = size
    draw.ellipse((wide * 0.2, high * 0.1, wide * 0.8, high * 0.95), fill=(60, 45 + number, 40))
    for line in range(0, wide, 9):
        draw.line((line, 0, wide - line, high), fill=(90 + number, 70, 60))
    return made


def jpeg(number: int = 0, size: tuple[int, int] = (640, 480)) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x013B] = "Maker", "Camera 7", "Ida Invented"
    out = io.BytesIO()
    picture(number, size).save(out, "JPEG", quality=88, exif=exif)
    return out.getvalue()
