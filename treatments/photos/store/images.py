"""From the bytes of an upload to upright sRGB pictures without metadata.

Runs only in the child process that `decoding` starts, because decoders are where hostile files
do harm: the process reads one file, writes the derivatives it was asked for and ends. It has no
Django, no database and limits of its own. Its answer is one line of JSON.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from itertools import chain
from typing import Any, Final, NamedTuple

from PIL import Image, ImageChops, JpegImagePlugin

from treatments.photos.quality.checks import Doubt
from treatments.photos.quality.measures import MEASURED_SIDE, measure
from treatments.photos.store.formats import (
    MEDIA,
    Kind,
    jpeg_metadata,
    jpeg_without_metadata,
    kind_of,
    png_chunks,
    png_colours,
    png_metadata,
    png_without_profile,
    refuse_short_png,
    refuse_short_webp,
    webp_size,
)
from treatments.photos.store.readers.colour_spaces import Colours, adobe_rgb, by_codes
from treatments.photos.store.readers.exif import read_exif
from treatments.photos.store.readers.heif_boxes import read_heif
from treatments.photos.store.readers.jpeg_scans import refuse_damaged_jpeg
from treatments.photos.store.readers.tiff_pages import find_picture
from treatments.photos.store.upload_errors import PhotoRefused

MAX_PIXELS: Final = 65_000_000
"""64 megapixels in a camera's sense: such sensors give up to 64.5 million pixels."""
MAX_PIXELS_WEBP: Final = 28_000_000
"""WebP's decoder holds 16 bytes for a pixel, four times the others: more would pass 512 MB."""
SHORTEST_SIDE: Final = 16
"""px. Smaller is an icon or a counting dot. A photo above it is stored however small it is, with a warning."""
LONGEST_RATIO: Final = 10
CPU_SECONDS: Final = 10
ALARM_SECONDS: Final = 16
"""One more than the parent waits: it rings only when the parent is no longer there to."""
ADDRESS_SPACE: Final = 544 * 1024 * 1024
"""Bytes: 512 MB of memory, and what Python and the libraries map without using it."""
JPEG_QUALITY: Final = 85

_STRIP_ROWS = 256
_TIFF_MODES: Final = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "I;16", "I;16B")
_TIFF_XMP, _TIFF_IPTC, _TIFF_PHOTOSHOP = 700, 33723, 34377
_TIFF_BITS, _TIFF_PHOTOMETRIC, _TIFF_ORIENTATION = 258, 262, 274
_TIFF_WHITE_IS_ZERO: Final = 0
_UNDEFINED: Final = 7
"""TIFF's type of bytes that stay as they are."""
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SRGB_COLORANTS = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
_COLOURS_BY_EXIF: Final[dict[str, Callable[[], Colours]]] = {
    "": Colours,
    "other": lambda: Colours(doubt="uncalibrated"),
    "adobe_rgb": adobe_rgb,
}
"""Asked only where the file has no profile and no codes."""
Rows = Callable[[int, int], Image.Image]


class Opened(NamedTuple):
    """A file whose header was read and whose size is allowed; its pixels are not decoded yet.

    `size` is as stored, before the turn, unless `is_upright`: then the decoder has turned it. `colours` are as the
    format tells them, None where it tells nothing. `packet` is the XMP, `photoshop` are Photoshop's resources,
    `png_days` a PNG's own days by name. `shrink(box)` decodes and returns the whole picture in exactly `box` px, mode
    L, RGB or CMYK.
    """

    kind: Kind
    size: tuple[int, int]
    exif: bytes
    packet: bytes
    colours: Colours | None
    shrink: Callable[[tuple[int, int]], Image.Image]
    photoshop: bytes = b""
    png_days: tuple[tuple[str, str], ...] = ()
    is_upright: bool = False


def derive(original: str, targets: dict[int, str]) -> dict[str, Any]:
    """Write each derivative (longest side in px -> path); return {"facts": …, "measures": …}.

    Raises PhotoRefused; any other exception of a decoder means that the file is damaged.
    """
    photo = _open(original)
    exif = read_exif(
        photo.exif,
        photo.packet,
        photoshop=photo.photoshop,
        png_days=photo.png_days,
        may_be_scan=photo.kind == "tiff",
    )
    if photo.is_upright:
        exif["orientation"] = 1
    width, height = photo.size[::-1] if exif["orientation"] >= 5 else photo.size
    largest = max([*targets, MEASURED_SIDE])
    picture = photo.shrink(_fit(photo.size, largest))
    picture, doubt = _to_srgb(picture, photo.colours or _COLOURS_BY_EXIF[exif["colour_space"]]())
    if exif["orientation"] in _UPRIGHT:
        picture = picture.transpose(_UPRIGHT[exif["orientation"]])
    measures = measure(picture, long_side=max(photo.size))
    for side in sorted(targets, reverse=True):
        picture = _resized(picture, _fit((width, height), side))
        _write(picture, targets[side])
    media_type, extension = MEDIA[photo.kind]
    facts = {"media_type": media_type, "extension": extension, "width": width, "height": height}
    return {"facts": facts | exif | {"colour_doubt": doubt}, "measures": measures}


def _fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _resized(picture: Image.Image, box: tuple[int, int]) -> Image.Image:
    if picture.size == box:
        return picture
    return picture.resize(box, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _write(picture: Image.Image, target: str) -> None:
    """Save from bare pixels, so that nothing the file carried beside them can follow."""
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    try:
        bare.save(target, "JPEG", quality=JPEG_QUALITY)
    except OSError:
        raise PhotoRefused("storage") from None


def _to_srgb(picture: Image.Image, colours: Colours) -> tuple[Image.Image, Doubt]:
    """Convert by the profile; one that is junk, or of another kind of colour, is passed over, and that is a doubt."""
    doubt = colours.doubt
    if colours.profile:
        from PIL import ImageCms  # loads a library; most files with a profile need it, others not

        try:
            source = ImageCms.ImageCmsProfile(BytesIO(colours.profile))
            modes = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
            space = source.profile.xcolor_space.strip()
            if space == "RGB" and picture.mode == "L":  # a colour picture of greys, as its program saw it
                picture = picture.convert("RGB")
            if modes.get(space) != picture.mode:
                doubt = doubt or "profile"
            elif not _is_srgb(source.profile):
                target = ImageCms.createProfile("sRGB")
                picture = ImageCms.profileToProfile(picture, source, target, outputMode="RGB") or picture
        except Exception:  # the library raises its own kind and others
            doubt = doubt or "profile"
    return (picture if picture.mode == "RGB" else picture.convert("RGB")), doubt


def _is_srgb(profile: Any) -> bool:
    """By name and by colours: phones name wide ones such as "Display P3 Gamut with sRGB Transfer"."""
    if "sRGB" not in (profile.profile_description or ""):
        return False
    colorants = (profile.red_colorant, profile.green_colorant, profile.blue_colorant)
    if None in colorants:
        return False
    pairs = zip((value for xyz, _ in colorants for value in xyz), chain.from_iterable(_SRGB_COLORANTS), strict=True)
    return max(abs(value - expected) for value, expected in pairs) < 0.01


def _check_size(size: tuple[int, int], limit: int = MAX_PIXELS) -> None:
    short, long = min(size), max(size)
    if short * long > limit:
        raise PhotoRefused("too_many_pixels" if limit == MAX_PIXELS else "too_many_pixels_webp")
    if short < SHORTEST_SIDE:
        raise PhotoRefused("too_small" if long < SHORTEST_SIDE * LONGEST_RATIO else "too_narrow")
    if long > short * LONGEST_RATIO:
        raise PhotoRefused("too_narrow")


def _bytes_of(path: str, at_most: int = -1) -> bytes:
    with open(path, "rb") as file:
        return file.read(at_most)


def _open(path: str) -> Opened:
    kind = kind_of(_bytes_of(path, 512))
    openers = {"jpeg": _open_jpeg, "png": _open_png, "webp": _open_webp, "tiff": _open_tiff}
    return openers[kind](path) if kind in openers else _open_heif(path, kind)


def _open_jpeg(path: str) -> Opened:
    data = _bytes_of(path)
    refuse_damaged_jpeg(data)
    exif, packet, profile, photoshop = jpeg_metadata(data)
    # The plain JPEG reader, not Image.open: it takes the first frame of a multi-picture file.
    try:
        picture = JpegImagePlugin.JpegImageFile(path)
    except Exception:  # Pillow also stumbles over a broken comment or colour block
        picture = JpegImagePlugin.JpegImageFile(BytesIO(jpeg_without_metadata(data)))
    size = picture.size
    _check_size(size)

    def shrink(box: tuple[int, int]) -> Image.Image:
        # Twice the exact box: given a square, draft() goes by the shorter side and loses a step.
        picture.draft(picture.mode, (box[0] * 2, box[1] * 2))
        picture.load()
        return _resized(picture, box)

    return Opened("jpeg", size, exif, packet, _by_profile(profile), shrink, photoshop)


def _open_png(path: str) -> Opened:
    from PIL import PngImagePlugin

    data = _bytes_of(path)
    try:
        checked = PngImagePlugin.PngImageFile(BytesIO(data))
    except SyntaxError:  # Pillow gives up on a colour block packed in a way it does not know
        data = png_without_profile(data)
        checked = PngImagePlugin.PngImageFile(BytesIO(data))
    _check_size(checked.size)
    if getattr(checked, "is_animated", False):
        raise PhotoRefused("moving")
    refuse_short_png(data)
    checked.verify()  # the checksums, which load() does not look at; it spends the object
    exif, packet, photoshop, days = png_metadata(data)
    opened = _opened_with_pillow("png", PngImagePlugin.PngImageFile(BytesIO(data)), exif, packet)
    has_chunks = opened.colours is None or any(name == b"cICP" for name, _, _ in png_chunks(data))
    colours = (png_colours(data) if has_chunks else None) or opened.colours
    return opened._replace(photoshop=photoshop, png_days=days, colours=colours)


def _open_webp(path: str) -> Opened:
    from PIL import WebPImagePlugin

    head = _bytes_of(path, 512)
    refuse_short_webp(os.path.getsize(path), head)
    width, height, moving = webp_size(head)
    if moving:
        raise PhotoRefused("moving")
    if width * height > MAX_PIXELS:
        raise PhotoRefused("too_many_pixels")
    _check_size((width, height), MAX_PIXELS_WEBP)
    picture = WebPImagePlugin.WebPImageFile(path)
    if picture.n_frames > 1:
        raise PhotoRefused("moving")
    if picture.size != (width, height):
        raise PhotoRefused("damaged")
    exif, packet = _tiff_block(picture.info.get("exif")), _bytes(picture.info.get("xmp"))
    return _opened_with_pillow("webp", picture, exif, packet)


def _opened_with_pillow(
    kind: Kind, picture: Image.Image, exif: bytes, packet: bytes, *, is_negative: bool = False
) -> Opened:
    """`is_negative`: white is zero, which Pillow turns round in eight bits and leaves so in sixteen."""

    def rows(top: int, bottom: int) -> Image.Image:
        part = picture.crop((0, top, picture.width, bottom))
        return ImageChops.invert(_eight_bit(part)) if is_negative else part

    def shrink(box: tuple[int, int]) -> Image.Image:
        picture.load()
        return _shrink_in_strips(rows, picture.size, box)

    return Opened(kind, picture.size, exif, packet, _by_profile(_bytes(picture.info.get("icc_profile"))), shrink)


def _by_profile(profile: bytes) -> Colours | None:
    return Colours(profile) if profile else None


def _open_tiff(path: str) -> Opened:
    """A scan. Pillow turns it upright itself by its tag, which goes before XMP."""
    from PIL import TiffImagePlugin

    data = _bytes_of(path)
    page = find_picture(data)
    try:
        picture = TiffImagePlugin.TiffImageFile(path)
        picture.seek(page.number)
    except (SyntaxError, KeyError):
        raise PhotoRefused("tiff_kind") from None
    _check_size(picture.size)
    tags = picture.tag_v2
    if picture.mode not in _TIFF_MODES or 12 in tags.get(_TIFF_BITS, ()):  # which Pillow shows nearly black
        raise PhotoRefused("tiff_kind")
    picture.info.pop("xmp", None)  # Pillow would turn the pixels by it, and still tell the size before the turn
    if _TIFF_IPTC in tags:
        tags.tagtype[_TIFF_IPTC] = _UNDEFINED  # most programs call its bytes numbers, of which Pillow gives the first
    packet, records = _bytes(tags.get(_TIFF_XMP)), _bytes(tags.get(_TIFF_IPTC)) or _bytes(tags.get(_TIFF_PHOTOSHOP))
    is_negative = picture.mode.startswith("I") and tags.get(_TIFF_PHOTOMETRIC) == _TIFF_WHITE_IS_ZERO
    opened = _opened_with_pillow("tiff", picture, page.as_first(data), packet, is_negative=is_negative)
    return opened._replace(photoshop=records, is_upright=tags.get(_TIFF_ORIENTATION, 0) in range(1, 9))


def _open_heif(path: str, kind: Kind) -> Opened:
    try:
        import pillow_heif
    except ImportError:
        raise PhotoRefused("no_heic") from None
    options = pillow_heif.options
    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
    options.DECODE_THREADS = 2
    data = _bytes_of(path)
    told = read_heif(data)
    colours = _by_profile(told.profile) or (by_codes(*told.nclx) if told.nclx else None)
    if colours and colours.doubt == "unknown":
        data = told.without_codes(data)
    file = pillow_heif.HeifFile(data, remove_stride=False)
    photo = file[file.primary_index]
    _check_size(photo.size)

    def shrink(box: tuple[int, int]) -> Image.Image:
        pixels, stride, (width, height) = memoryview(photo.data), photo.stride, photo.size
        if (width, height) != size:
            raise PhotoRefused("damaged")

        def rows(top: int, bottom: int) -> Image.Image:
            part = bytes(pixels[top * stride : bottom * stride])
            return Image.frombytes(photo.mode, (width, bottom - top), part, "raw", photo.mode, stride, 1)

        return _shrink_in_strips(rows, size, box)

    size = photo.size
    exif, packet = _tiff_block(photo.info.get("exif")), _bytes(photo.info.get("xmp"))
    return Opened(kind, size, exif, packet, colours, shrink, is_upright=told.says_turn)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _tiff_block(value: object) -> bytes:
    return _bytes(value).removeprefix(b"Exif\0\0")


def _shrink_in_strips(rows: Rows, size: tuple[int, int], box: tuple[int, int]) -> Image.Image:
    """Shrink to about twice the box by whole numbers, strip by strip, then exactly.

    Only one strip at a time is flattened or turned into eight bits: the whole of a 64-megapixel
    picture with transparency would not fit twice.
    """
    factor = max(1, min(size[0] // (2 * box[0]), size[1] // (2 * box[1])))
    height = _STRIP_ROWS * factor
    reduced: Image.Image | None = None
    for top in range(0, size[1], height):
        part = _eight_bit(rows(top, min(top + height, size[1])))
        reduced = reduced or Image.new(part.mode, (-(-size[0] // factor), -(-size[1] // factor)))
        reduced.paste(part.reduce(factor) if factor > 1 else part, (0, top // factor))
    if reduced is None:
        raise PhotoRefused("damaged")
    if reduced.size == box:
        return reduced
    exact = (0, 0, size[0] / factor, size[1] / factor)
    return reduced.resize(box, Image.Resampling.LANCZOS, exact)


def _eight_bit(part: Image.Image) -> Image.Image:
    """L, RGB or CMYK, on white. Sixteen bits are divided by 256: Pillow's own conversion cuts them off."""
    if part.mode.startswith("I"):
        return part.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if part.has_transparency_data:
        is_grey = part.mode in ("L", "LA")  # its profile is one of greys
        part = part.convert("RGBA")
        page = Image.new("RGBA", part.size, "white")
        flattened = Image.alpha_composite(page, part).convert("RGB")
        return flattened.convert("L") if is_grey else flattened
    if part.mode in ("L", "CMYK"):
        return part
    return part.convert("L" if part.mode == "1" else "RGB")


def limit_this_process() -> None:
    """Set the limits that end this process whatever a decoder does, its parent's death included."""
    megabyte = 1024 * 1024
    limits = {
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_AS: ADDRESS_SPACE,
        resource.RLIMIT_FSIZE: 64 * megabyte,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        with suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(limit, (value, value))
    signal.alarm(ALARM_SECONDS)


def main(arguments: list[str]) -> None:
    """`original 1600=path 400=path`: print {"facts", "measures"} or {"refused": code}."""
    limit_this_process()
    os.umask(0o077)  # what it writes is for the server alone
    targets = {int(side): to for side, to in (word.split("=", 1) for word in arguments[1:])}
    sys.stdout.write(json.dumps(_answer(arguments[0], targets)) + "\n")
    sys.stdout.flush()


def _answer(original: str, targets: dict[int, str]) -> dict[str, Any]:
    try:
        return derive(original, targets)
    except PhotoRefused as refused:
        return {"refused": refused.code, "name": refused.name}
    except (FileNotFoundError, PermissionError):
        return {"refused": "storage"}
    except MemoryError:
        return {"refused": "limits"}
    except Exception as fault:  # decoders raise every type there is
        # HEIF's library has no exception of its own for a picture that is too large for its memory.
        code = "limits" if "Memory allocation" in str(fault) else "damaged"
        return {"refused": code, "because": f"{type(fault).__name__}: {fault}"[:200]}
