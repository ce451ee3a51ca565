"""Files that clinics send, good and bad, made from a seed, with the verdict each must get.

`write(folder, seed)` makes the small ones; same seed, same bytes but for the encoders' versions.
`HEAVY` makes those that take memory or seconds to make. No file here came from anywhere else.
"""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pillow_heif
from PIL import Image, ImageCms, ImageDraw

pillow_heif.register_heif_opener()

KEPT: Final = "kept"
RED_CORNER: Final = (205, 30, 35)
WIDTH, HEIGHT = 240, 180


@dataclass(frozen=True, slots=True)
class Case:
    """`verdict` is "kept" or the codes allowed, joined by "|". `red_corner` tells that the upright
    picture has a red block in its upper left corner."""

    name: str
    data: bytes
    verdict: str
    media_type: str = ""
    red_corner: bool = False


def scene(seed: int, width: int = WIDTH, height: int = HEIGHT, *, hairs: int = 300) -> Image.Image:
    """Dark strokes on skin, a red block in the upper left corner, uneven light."""
    chance = random.Random(seed)
    light = Image.linear_gradient("L").resize((width, height))
    skin = Image.composite(
        Image.new("RGB", (width, height), (214, 170, 145)), Image.new("RGB", (width, height), (150, 105, 85)), light
    )
    pen = ImageDraw.Draw(skin)
    for _ in range(hairs):
        x, y = chance.uniform(0, width), chance.uniform(0, height)
        dx, dy = chance.uniform(-width, width) / 12, chance.uniform(height / 30, height / 6)
        shade = chance.randrange(10, 60)
        pen.line([(x, y), (x + dx, y + dy)], fill=(shade, shade * 3 // 4, shade // 2), width=max(1, width // 600))
    pen.rectangle((0, 0, width // 5, height // 5), fill=RED_CORNER)
    return skin


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def stored_turned(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture as a camera held that way stores it, so that the tag turns it upright."""
    back = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270}  # fmt: skip
    return picture.transpose(back[orientation]) if orientation in back else picture


def exif_with(orientation: int | None = None, *, place: bool = False, camera: bool = False) -> bytes:
    tags = Image.Exif()
    if orientation is not None:
        tags[0x0112] = orientation
    if camera:
        tags[0x010F], tags[0x0110] = "Invented", "Invented Cam 3"
        shot = tags.get_ifd(0x8769)
        shot[0x9003], shot[0x9011] = "2026:03:01 09:10:11", "+08:00"
        shot[0x829A], shot[0x829D], shot[0x8827] = 1 / 125, 2.8, 200
        shot[0x920A], shot[0xA405], shot[0x9209], shot[0xA403] = 6.9, 24, 1, 0
    if place:
        tags[0x8825] = {1: "N", 2: (1.0, 17.0, 0.0), 3: "E", 4: (103.0, 51.0, 0.0)}
    return tags.tobytes()


# --- building by hand what no encoder would write ---------------------------------------------


def chunk(name: bytes, body: bytes, *, crc: int | None = None) -> bytes:
    checksum = zlib.crc32(name + body) if crc is None else crc
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def png_of(width: int, height: int, depth: int, colour: int, packed: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def flat_png(width: int, height: int, depth: int, colour: int, row_bytes: int) -> bytes:
    """A real, whole PNG of zeros, however large."""
    packer, parts = zlib.compressobj(1), []
    rows = bytes(1 + row_bytes) * 64
    for top in range(0, height, 64):
        parts.append(packer.compress(rows[: (1 + row_bytes) * min(64, height - top)]))
    return png_of(width, height, depth, colour, b"".join(parts) + packer.flush())


def with_png_chunk(png: bytes, *chunks: bytes) -> bytes:
    return png[:33] + b"".join(chunks) + png[33:]


def with_png_chunk_behind(png: bytes, *chunks: bytes) -> bytes:
    """The chunks between the pixels and the end, where some programs write what they add."""
    return png[:-12] + b"".join(chunks) + png[-12:]


def with_jpeg_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    return jpeg[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def with_jpeg_size(jpeg: bytes, width: int, height: int) -> bytes:
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        at = jpeg.find(marker)
        if at > 0:
            return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]
    raise AssertionError("no frame header")


def with_scans(progressive: bytes, times: int) -> bytes:
    """A progressive JPEG whose last scan is written again and again."""
    last = progressive.rindex(b"\xff\xda")
    return progressive[:last] + progressive[last:-2] * times + progressive[-2:]


def flat_webp(width: int, height: int) -> bytes:
    """A real lossless WebP in which every pixel is the one symbol of its code: no bits at all."""
    bits, filled = 0, 0
    for value, count in [(width - 1, 14), (height - 1, 14), (0, 1), (0, 3), (0, 1), (0, 1), (0, 1)]:
        bits, filled = bits | value << filled, filled + count
    for symbol in (100, 90, 80, 255, 0):  # green, red, blue, alpha, distance
        for value, count in [(1, 1), (0, 1), (1, 1), (symbol, 8)]:
            bits, filled = bits | value << filled, filled + count
    body = b"\x2f" + bits.to_bytes(-(-filled // 8) + 8, "little")
    body += b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBPVP8L" + struct.pack("<I", len(body)) + body


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def boxes(data: bytes, at: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """(type, start, end) of each box; start is at its length."""
    end = len(data) if end is None else end
    while at < end:
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], at, at + size
        at += size


def inside(data: bytes, *names: bytes) -> tuple[int, int]:
    """Where the content of a box within boxes lies."""
    start, end = 0, len(data)
    for name in names:
        start, end = next((a + 8 + 4 * (name == b"meta"), b) for kind, a, b in boxes(data, start, end) if kind == name)
    return start, end


def heic_without(heic: bytes, *names: bytes) -> bytes:
    """A HEIC whose properties of these names are unknown ones, not essential, as if they were not there."""
    changed = bytearray(heic)
    start, end = inside(heic, b"meta", b"iprp", b"ipco")
    gone = set()
    for number, (kind, at, _) in enumerate(boxes(heic, start, end), 1):
        if kind in names:
            gone.add(number)
            changed[at + 4 : at + 8] = b"none"
    start, end = inside(heic, b"meta", b"iprp", b"ipma")
    for at in range(start + 8, end):  # entries of one byte each, the uppermost bit for essential
        if changed[at] & 0x7F in gone and changed[at] & 0x80:
            changed[at] &= 0x7F
    return bytes(changed)


def tiled_heic(picture: Image.Image, side: int = 64, *, colour: bytes = b"") -> bytes:
    """A grid of square tiles, each coded on its own, as phones write it. `colour` is a box colr for every tile."""
    columns, rows = -(-picture.width // side), -(-picture.height // side)
    padded = Image.new("RGB", (columns * side, rows * side))
    padded.paste(picture)
    places = [(x * side, y * side) for y in range(rows) for x in range(columns)]
    tiles = [encoded(padded.crop((x, y, x + side, y + side)), "HEIF", quality=80) for x, y in places]
    coded = []
    for tile in tiles:
        start, _ = inside(tile, b"mdat")
        coded.append(tile[start:])
    start, end = inside(tiles[0], b"meta", b"iprp", b"ipco")
    config = next(tiles[0][a:b] for kind, a, b in boxes(tiles[0], start, end) if kind == b"hvcC")
    count = len(tiles)
    ids = [struct.pack(">H", number) for number in range(1, count + 2)]
    properties = [config, full_box(b"ispe", struct.pack(">II", side, side))]
    properties += [full_box(b"ispe", struct.pack(">II", *picture.size)), *([colour] if colour else [])]
    of_tile = b"\x03\x81\x02\x04" if colour else b"\x02\x81\x02"
    owned = struct.pack(">I", count + 1) + b"".join(each + of_tile for each in ids[:-1]) + ids[-1] + b"\x01\x03"
    kinds = [full_box(b"infe", each, b"\0\0hvc1\0", version=2, flags=1) for each in ids[:-1]]
    kinds.append(full_box(b"infe", ids[-1], b"\0\0grid\0", version=2))
    grid = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, *picture.size)

    def meta(begin: int) -> bytes:
        where, at = [], begin
        for each, body in zip(ids, [*coded, grid], strict=True):
            where.append(each + struct.pack(">HHII", 0, 1, at, len(body)))
            at += len(body)
        return full_box(
            b"meta",
            full_box(b"hdlr", b"\0\0\0\0pict" + bytes(13)),
            full_box(b"pitm", ids[-1]),
            full_box(b"iloc", b"\x44\0", struct.pack(">H", count + 1), *where),
            full_box(b"iinf", struct.pack(">H", count + 1), *kinds),
            full_box(b"iref", box(b"dimg", ids[-1], struct.pack(">H", count), *ids[:-1])),
            box(b"iprp", box(b"ipco", *properties), full_box(b"ipma", owned)),
        )

    head = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    return head + meta(len(head) + len(meta(0)) + 8) + box(b"mdat", *coded, grid)


def _animated(kind: str, seed: int) -> bytes:
    frames = [scene(seed + n) for n in range(3)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=80)


def _multi_picture(seed: int) -> bytes:
    first, second = scene(seed), scene(seed + 1)
    return encoded(first, "MPO", save_all=True, append_images=[second])


def swapped_profile(name: bytes = b"Swapped\0") -> bytes:
    """An ICC profile whose red is sRGB's green and the other way round: nothing like any camera's,
    so that a picture shown without it has visibly wrong colours."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65_536)) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 78
    tags = {
        b"desc": described + b"\0" * (-len(described) % 4),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"gXYZ": xyz(0.4361, 0.2225, 0.0139),
        b"rXYZ": xyz(0.3851, 0.7169, 0.0971),
        b"bXYZ": xyz(0.1431, 0.0606, 0.7141),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for signature, value in tags.items():
        table += signature + struct.pack(">II", start + len(body), len(value))
        body += value
    head = struct.pack(">I4sI4s4s4s12s4s", start + len(body), b"\0" * 4, 0x02100000, b"mntr", b"RGB ", b"XYZ ",
                       b"\x07\xea\0\1\0\1" + b"\0" * 6, b"acsp")  # fmt: skip
    head += b"\0" * 28 + struct.pack(">iii", 63_190, 65_536, 54_061)
    return head.ljust(128, b"\0") + table + body


def _zip_with(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "invented " * 20)
    return out.getvalue()


def _good(seed: int) -> Iterator[Case]:
    picture = scene(seed)
    jpeg = encoded(picture, "JPEG", quality=90)
    png = encoded(picture, "PNG")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    yield Case("plain.jpg", jpeg, KEPT, "image/jpeg", True)
    yield Case("progressive.jpg", encoded(picture, "JPEG", progressive=True), KEPT, "image/jpeg", True)
    yield Case("cmyk.jpg", encoded(picture.convert("CMYK"), "JPEG"), KEPT, "image/jpeg", True)
    yield Case("grey.jpg", encoded(picture.convert("L"), "JPEG"), KEPT, "image/jpeg")
    yield Case("multi_picture.jpg", _multi_picture(seed), KEPT, "image/jpeg", True)
    yield Case("png_named.jpg", png, KEPT, "image/png", True)
    yield Case("plain.png", png, KEPT, "image/png", True)
    clear = picture.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size).point(lambda level: 255 - level // 2))
    yield Case("rgba.png", encoded(clear, "PNG"), KEPT, "image/png", True)
    palette = picture.quantize(32)
    yield Case("palette_alpha.png", encoded(palette, "PNG", transparency=31), KEPT, "image/png", True)
    yield Case("one_bit.png", encoded(picture.convert("1"), "PNG"), KEPT, "image/png")
    yield Case("grey_alpha.png", encoded(picture.convert("LA"), "PNG"), KEPT, "image/png")
    yield Case("sixteen_bit.png", encoded(Image.new("I;16", (WIDTH, HEIGHT), 4660), "PNG"), KEPT, "image/png")
    yield Case("still.webp", encoded(picture, "WEBP", quality=85), KEPT, "image/webp", True)
    yield Case("lossless.webp", encoded(clear, "WEBP", lossless=True), KEPT, "image/webp", True)
    heic = encoded(picture, "HEIF", quality=80)
    yield Case("phone.heic", heic, KEPT, "image/heic", True)
    yield Case("heic_named.jpg", heic, KEPT, "image/heic", True)
    yield Case("tiled.heic", tiled_heic(picture), KEPT, "image/heic", True)
    yield Case("scanner.tif", encoded(picture, "TIFF"), KEPT, "image/tiff", True)
    yield Case("tiff_named.jpg", encoded(picture, "TIFF", compression="tiff_lzw"), KEPT, "image/tiff", True)
    yield Case("grey_16_bit.tif", encoded(Image.new("I;16", (WIDTH, HEIGHT), 4660), "TIFF"), KEPT, "image/tiff")
    for kind, media_type in (
        ("TIFF", "image/tiff"),
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("HEIF", "image/heic"),
    ):
        for orientation in range(1, 9):
            # HEIF's encoder writes the turn as a property of the picture, as phones do.
            data = encoded(stored_turned(picture, orientation), kind, exif=exif_with(orientation))
            yield Case(f"orientation_{orientation}.{kind.lower()}", data, KEPT, media_type, True)
    yield from _turned_elsewhere(picture)
    yield Case(
        "place.jpg", encoded(picture, "JPEG", exif=exif_with(1, place=True, camera=True)), KEPT, "image/jpeg", True
    )
    named = with_jpeg_segment(jpeg, 0xFE, b"Patient Invented Name")
    named = with_jpeg_segment(named, 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Invented Name</x:xmpmeta>")
    yield Case("comment_xmp.jpg", named, KEPT, "image/jpeg", True)
    thumbnail = b"Exif\0\0" + exif_with(1).removeprefix(b"Exif\0\0") + encoded(picture.resize((80, 60)), "JPEG")
    yield Case("thumbnail.jpg", with_jpeg_segment(jpeg, 0xE1, thumbnail), KEPT, "image/jpeg", True)
    yield Case("srgb_profile.jpg", encoded(picture, "JPEG", icc_profile=srgb), KEPT, "image/jpeg", True)
    # metadata that is broken, in a photo that is not
    broken = b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\0" * 40
    yield Case("broken_exif.jpg", with_jpeg_segment(jpeg, 0xE1, broken), KEPT, "image/jpeg", True)
    yield Case("orientation_99.jpg", encoded(picture, "JPEG", exif=exif_with(99)), KEPT, "image/jpeg", True)
    noise = random.Random(seed).randbytes(65_000)
    yield Case("junk_exif.jpg", with_jpeg_segment(jpeg, 0xE1, b"Exif\0\0" + noise), KEPT, "image/jpeg", True)
    yield Case("junk_icc.jpg", encoded(picture, "JPEG", icc_profile=noise[:3000]), KEPT, "image/jpeg", True)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    yield Case("icc_of_lab.jpg", encoded(picture, "JPEG", icc_profile=lab), KEPT, "image/jpeg", True)
    red, green, blue = picture.split()
    swapped = Image.merge("RGB", (green, red, blue))
    for kind in ("JPEG", "PNG", "WEBP", "HEIF"):
        data = encoded(swapped, kind, icc_profile=swapped_profile())
        yield Case(
            f"swapped_colours.{kind.lower()}", data, KEPT, f"image/{'heic' if kind == 'HEIF' else kind.lower()}", True
        )
    lying = swapped_profile(b"Swapped Gamut with sRGB Transfer\0")  # so phones name their wide colours
    yield Case("swapped_named_srgb.jpg", encoded(swapped, "JPEG", icc_profile=lying), KEPT, "image/jpeg", True)
    yield Case("short_icc.jpg", with_jpeg_segment(jpeg, 0xE2, b"ICC_PROFILE\0"), KEPT, "image/jpeg", True)
    photoshop = b"Photoshop 3.0\0" + b"8BIM\x03\xed"
    yield Case("short_photoshop.jpg", with_jpeg_segment(jpeg, 0xED, photoshop), KEPT, "image/jpeg", True)
    yield Case("junk_mpf.jpg", with_jpeg_segment(jpeg, 0xE2, b"MPF\0" + noise[:60]), KEPT, "image/jpeg", True)
    yield Case("junk_icc.png", with_png_chunk(png, chunk(b"iCCP", b"x\0\0" + noise[:500])), KEPT, "image/png", True)
    odd = chunk(b"iCCP", b"x\0\1" + zlib.compress(noise[:500]))  # packed in a way that no reader knows
    yield Case("unknown_packing_icc.png", with_png_chunk(png, odd), KEPT, "image/png", True)
    yield Case("junk_exif.png", with_png_chunk(png, chunk(b"eXIf", noise[:500])), KEPT, "image/png", True)
    # passengers that are never looked at
    texts = [chunk(b"tEXt", b"k%d\0invented" % n) for n in range(20_000)]
    yield Case("many_texts.png", with_png_chunk(png, *texts), KEPT, "image/png", True)
    yield Case(
        "html_in_text.png",
        with_png_chunk(png, chunk(b"tEXt", b"Title\0<script>alert(1)</script>")),
        KEPT,
        "image/png",
        True,
    )
    yield Case("html_tail.jpg", jpeg + b"<html><script>alert(1)</script></html>", KEPT, "image/jpeg", True)
    yield Case("zip_tail.jpg", jpeg + _zip_with("a.txt"), KEPT, "image/jpeg", True)
    yield Case("noise_tail.jpg", jpeg + random.Random(seed).randbytes(10_000_000), KEPT, "image/jpeg", True)
    scanner_test = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    yield Case("scanner_test.jpg", with_jpeg_segment(jpeg, 0xFE, scanner_test.encode()), KEPT, "image/jpeg", True)
    yield Case("long.png", encoded(scene(seed, 480, 48), "PNG"), KEPT, "image/png")
    yield Case("smallest_side.png", encoded(scene(seed, 160, 16), "PNG"), KEPT, "image/png")
    yield Case("smallest_side.jpg", encoded(scene(seed, 17, 16), "JPEG"), KEPT, "image/jpeg")
    yield Case("smallest_side.heic", encoded(scene(seed, 30, 30), "HEIF"), KEPT, "image/heic")


def _turned_elsewhere(picture: Image.Image) -> Iterator[Case]:
    """Stored on its side, with the orientation where cameras do not write it but other programs do."""
    packet = b"<x:xmpmeta><rdf:Description %b/></x:xmpmeta>"
    attribute, element = packet % b'tiff:Orientation="6"', packet % b"><tiff:Orientation>6</tiff:Orientation"
    turned = stored_turned(picture, 6)
    jpeg, png = encoded(turned, "JPEG", quality=90), encoded(turned, "PNG")
    adobe, text = b"http://ns.adobe.com/xap/1.0/\0", b"XML:com.adobe.xmp\0\0\0\0\0"
    yield Case("turned_in_xmp.jpg", with_jpeg_segment(jpeg, 0xE1, adobe + attribute), KEPT, "image/jpeg", True)
    yield Case("turned_in_xmp.png", with_png_chunk(png, chunk(b"iTXt", text + element)), KEPT, "image/png", True)
    yield Case("turned_in_xmp.webp", encoded(turned, "WEBP", xmp=attribute), KEPT, "image/webp", True)
    block = exif_with(6)
    behind = with_png_chunk_behind(png, chunk(b"eXIf", block.removeprefix(b"Exif\0\0")))
    yield Case("turned_behind_pixels.png", behind, KEPT, "image/png", True)
    digits = b"\nexif\n%8d\n%s\n" % (len(block), block.hex().encode())
    packed = chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(digits))
    yield Case("turned_in_packed_text.png", with_png_chunk(png, packed), KEPT, "image/png", True)
    plain = chunk(b"tEXt", b"Raw profile type exif\0" + digits)
    yield Case("turned_in_text.png", with_png_chunk_behind(png, plain), KEPT, "image/png", True)
    contrary = encoded(picture, "JPEG", exif=exif_with(1))
    yield Case("xmp_disagrees.jpg", with_jpeg_segment(contrary, 0xE1, adobe + attribute), KEPT, "image/jpeg", True)
    junk = chunk(b"tEXt", b"Raw profile type exif\0\nexif\n 12\nno digits")
    yield Case("junk_text.png", with_png_chunk(encoded(picture, "PNG"), junk), KEPT, "image/png", True)


def _bad(seed: int) -> Iterator[Case]:
    chance = random.Random(seed)
    picture = scene(seed)
    jpeg, png = encoded(picture, "JPEG", quality=90), encoded(picture, "PNG")
    heic, webp = encoded(picture, "HEIF", quality=80), encoded(picture, "WEBP")
    yield Case("half.jpg", jpeg[: len(jpeg) // 2], "damaged")
    yield Case("without_last_2kB.jpg", jpeg[:-2048], "damaged")
    yield Case("without_last_2kB_progressive.jpg", encoded(picture, "JPEG", progressive=True)[:-2048], "damaged")
    yield Case("header_only.jpg", jpeg[: jpeg.index(b"\xff\xda")], "damaged")
    yield Case("half.png", png[: len(png) // 2], "damaged")
    yield Case("empty.jpg", b"", "empty")
    yield Case("one_byte.jpg", b"\xff", "damaged")
    yield Case("all_ff.jpg", b"\xff" * 5000, "damaged|not_a_photo")
    yield Case("noise.jpg", chance.randbytes(5000), "not_a_photo")
    at = png.index(b"IDAT") - 4
    length = struct.unpack(">I", png[at : at + 4])[0]
    yield Case("bad_checksum.png", png[: at + 8 + length] + b"\0\1\2\3" + png[at + 12 + length :], "damaged")
    yield Case("garbage_zlib.png", png_of(WIDTH, HEIGHT, 8, 2, chance.randbytes(3000)), "damaged")
    yield Case("lying.png", png_of(50_000, 50_000, 8, 2, zlib.compress(b"\0" * 100)), "too_many_pixels")
    yield Case("lying.jpg", with_jpeg_size(jpeg, 65_500, 65_500), "too_many_pixels")
    yield Case(
        "huge.bmp",
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 70, 0, 0, 54, 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0) + b"\0" * 16,
        "not_a_photo",
    )
    yield Case("huge.psd", b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 30_000, 30_000, 8, 3) + b"\0" * 40, "not_a_photo")
    yield Case("huge.gif", b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0) + b"\0" * 60, "moving")
    yield Case("bomb.webp", flat_webp(16_383, 8_000), "too_many_pixels")
    yield Case("bomb_30_megapixels.webp", flat_webp(6_000, 5_000), "too_many_pixels_webp")
    yield Case("one_bit_144_megapixels.png", flat_png(12_000, 12_000, 1, 0, 1_500), "too_many_pixels")
    yield Case("endless_scans.jpg", with_scans(encoded(picture, "JPEG", progressive=True), 3_000), "too_many_scans")
    packed = zlib.compress(b"\0" * 100_000_000, 9)
    yield Case("text_bomb.png", with_png_chunk(png, chunk(b"zTXt", b"Comment\0\0" + packed)), "damaged")
    yield Case("profile_bomb.png", with_png_chunk(png, chunk(b"iCCP", b"icc\0\0" + packed)), "damaged")
    yield Case("animated.png", _animated("PNG", seed), "moving")
    yield Case("animated.gif", _animated("GIF", seed), "moving")
    yield Case("animated.webp", _animated("WEBP", seed), "moving")
    yield Case("postscript.jpg", encoded(picture, "EPS"), "not_a_photo")
    yield Case("jpeg2000.jpg", encoded(picture, "JPEG2000"), "not_a_photo")
    yield Case("icon.jpg", encoded(picture, "ICO"), "not_a_photo")
    yield Case("avif.heic", encoded(picture, "AVIF"), "not_a_photo")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>' + b" " * 40
    yield Case("drawing.svg", svg, "not_a_photo")
    yield Case("svg_named.png", svg, "not_a_photo")
    yield Case("html_named.jpg", b"<!doctype html><html><body><script>alert(1)</script></body></html>", "not_a_photo")
    yield Case("document.pdf", b"%PDF-1.7\n" + b"1 0 obj <<>> endobj\n" * 20, "not_a_photo")
    yield Case("gif_script.jpg", b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)//", "moving")
    loop = b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x0100, 4, 1, 1) + struct.pack("<I", 8) + b"\0" * 40
    yield Case("tiff_loop.jpg", loop, "damaged")
    pages = encoded(picture, "TIFF", save_all=True, append_images=[scene(seed + 1)])
    yield Case("two_pages.tif", pages, "several_pages")
    scan = encoded(picture, "TIFF", compression="tiff_lzw")
    yield Case("half.tif", scan[: len(scan) // 2], "damaged")
    yield Case("above_4_gb.tif", b"II+\0\x08\0\0\0" + scan[8:], "tiff_kind")
    yield Case("of_floats.tif", encoded(picture.convert("F"), "TIFF"), "tiff_kind")
    yield Case("half_tiled.heic", tiled_heic(picture)[:-4000], "damaged")
    yield Case("film.heic", b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0" * 500, "not_a_photo")
    yield Case("archive.heic", _zip_with("photo.jpg"), "not_a_photo")
    yield Case("half.heic", heic[: len(heic) // 2], "damaged")
    yield Case("half.webp", webp[: len(webp) // 2], "damaged")
    yield Case("brand_only.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + chance.randbytes(500), "damaged")
    yield Case("icon.png", encoded(Image.new("RGB", (15, 16)), "PNG"), "too_small")
    yield Case("one_pixel.png", encoded(Image.new("RGB", (1, 1)), "PNG"), "too_small")
    yield Case("strip.png", encoded(Image.new("RGB", (20_000, 1)), "PNG"), "too_narrow")
    yield Case("strip_64.png", encoded(Image.new("RGB", (650, 64)), "PNG"), "too_narrow")


def cases(seed: int = 1) -> Iterator[Case]:
    yield from _good(seed)
    yield from _bad(seed)


def layered_giant() -> bytes:
    """64 megapixels in 95 scans, each a pass over the whole: within every count, yet slow."""
    giant = encoded(Image.new("RGB", (8_000, 8_000), (120, 110, 100)), "JPEG", progressive=True)
    return with_scans(giant, 95 - giant.count(b"\xff\xda"))


HEAVY: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "real_65535_square.png": (lambda: flat_png(65_535, 65_535, 1, 0, 8_192), "too_many_pixels"),
    "rgba_88_megapixels.png": (lambda: flat_png(11_000, 8_000, 8, 6, 44_000), "too_many_pixels"),
    "layered_giant.jpg": (layered_giant, "kept|limits"),
}


def write(folder: Path, seed: int = 1) -> list[tuple[Case, Path]]:
    """Write all small cases; the manifest is the list itself."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for case in cases(seed):
        path = folder / case.name
        path.write_bytes(case.data)
        written.append((case, path))
    return written


def segments(jpeg: bytes) -> list[int]:
    """The markers of a JPEG's header up to its first scan, and of whatever follows its end."""
    markers, at = [], 2
    while jpeg[at + 1] != 0xDA:
        assert jpeg[at] == 0xFF
        markers.append(jpeg[at + 1])
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    assert jpeg.endswith(b"\xff\xd9")
    return markers
