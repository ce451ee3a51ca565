"""The few facts of a photo's EXIF block that a clinician uses, each checked on its own.

A camera's clock, name and lens are hints: a value that is absent, broken or impossible is left
out, and never costs the photo. Serial numbers, owner's names and places are not read, but whether
there is a place is recorded, because the original then needs care.
"""

import math
import re
from typing import Any

from PIL import Image

from treatments.photos.store.readers.camera_dates import Blocks, iptc_of_photoshop, read_dates

_ORIENTATION, _MAKE, _MODEL, _EXIF_IFD, _GPS_IFD = 0x0112, 0x010F, 0x0110, 0x8769, 0x8825
_FOCAL, _FOCAL_35 = 0x920A, 0xA405
_TIME, _F_NUMBER, _ISO, _BIAS, _FLASH, _BALANCE = 0x829A, 0x829D, 0x8827, 0x9204, 0x9209, 0xA403
_MODIFIED, _MISPLACED = 0x0132, (0x9003, 0x9004)
_CAMERA_IN_XMP = re.compile(rb"\btiff:M(?:ake|odel)\b")
_COLOUR_SPACE, _INTEROPERABILITY = 0xA001, 0xA005
_LATITUDE = 2
_LONGEST_NAME = 80


def read_exif(
    block: bytes,
    packet: bytes = b"",
    *,
    photoshop: bytes = b"",
    png_days: tuple[tuple[str, str], ...] = (),
    may_be_scan: bool = False,
) -> dict[str, Any]:
    """Facts from a TIFF-structured EXIF block (no "Exif" prefix needed), JSON-ready.

    `packet` is the XMP, where some programs keep the orientation; it is asked only when the block has none,
    or 0, which is none.
    `photoshop` are Photoshop's resources, `png_days` a PNG's own days, `may_be_scan` tells that scanners write it.
    Keys: orientation (1 to 8, 1 when absent or impossible), dates (see `FileDate.as_json`, the one believed most
    first), camera, lens_mm (the lens's own focal length, mm), exposure (time_s, f_number, iso, bias_ev, flash,
    white_balance, focal_35mm: those known), has_gps, colour_space ("adobe_rgb", "other", "").
    """
    tags = Image.Exif()
    try:
        tags.load(block)
    except Exception:  # whatever is wrong with it, it is only metadata
        tags = Image.Exif()
    shot, place = _folder(tags, _EXIF_IFD), _folder(tags, _GPS_IFD)
    orientation = _number(_value(tags, _ORIENTATION), 1, 8) or _number(_orientation_in(packet), 1, 8)
    camera = _camera(_value(tags, _MAKE), _value(tags, _MODEL))
    dates = read_dates(
        Blocks(
            main={_MODIFIED: _value(tags, _MODIFIED), **{tag: _value(tags, tag) for tag in _MISPLACED}},
            shot=shot,
            place=place,
            packet=packet,
            iptc=iptc_of_photoshop(photoshop),
            png=png_days,
            may_be_scan=may_be_scan,
            names_camera=bool(camera or _CAMERA_IN_XMP.search(packet)),
        )
    )
    return {
        "orientation": int(orientation) if orientation and orientation.is_integer() else 1,
        "dates": [date.as_json() for date in dates],
        "camera": camera,
        "lens_mm": _number(shot.get(_FOCAL), 0.1, 5000),
        "exposure": _exposure(shot),
        "has_gps": _LATITUDE in place,
        "colour_space": _colour_space(shot.get(_COLOUR_SPACE), _folder(tags, _INTEROPERABILITY).get(1)),
    }


def _colour_space(code: object, rule: object) -> str:
    """ "adobe_rgb", where the interoperability rule R03 or an old camera's code says so; "other" for one that is named
    nowhere; "" for sRGB or nothing."""
    if _text(rule).startswith("R03") or code == 2:
        return "adobe_rgb"
    return "other" if code == 0xFFFF and not _text(rule).startswith("R98") else ""


def _orientation_in(packet: bytes) -> str | None:
    """As an attribute or as an element: both are XMP."""
    match = re.search(rb"tiff:Orientation(?:\s*=\s*[\"']|>)\s*([1-8])", packet)
    return match[1].decode() if match else None


def _folder(tags: Image.Exif, tag: int) -> dict[int, Any]:
    try:
        return dict(tags.get_ifd(tag))
    except Exception:  # a folder that points nowhere is an absent folder
        return {}


def _value(tags: Image.Exif, tag: int) -> object:
    try:
        return tags.get(tag)
    except Exception:  # values are read lazily, so each may fail
        return None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    if not isinstance(value, str):
        return ""
    printable = "".join(c if c.isprintable() and c != "\ufffd" else " " for c in value)
    return " ".join(printable.split())[:_LONGEST_NAME]


def _number(value: object, low: float, high: float) -> float | None:
    if isinstance(value, tuple) and value:
        value = value[0]
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return float(f"{number:.6g}") if math.isfinite(number) and low <= number <= high else None


def _camera(make: object, model: object) -> str:
    """Maker and model, the maker once: many cameras repeat it in the model."""
    maker, name = _text(make), _text(model)
    repeated = name.lower().startswith(maker.lower())
    return (name if repeated else f"{maker} {name}".strip())[:_LONGEST_NAME]


def _exposure(shot: dict[int, Any]) -> dict[str, float | bool | str]:
    facts: dict[str, float | bool | str | None] = {
        "time_s": _number(shot.get(_TIME), 1e-6, 3600),
        "f_number": _number(shot.get(_F_NUMBER), 0.5, 128),
        "iso": _number(shot.get(_ISO), 1, 10_000_000),
        "bias_ev": _number(shot.get(_BIAS), -20, 20),
        "focal_35mm": _number(shot.get(_FOCAL_35), 1, 5000),
    }
    flash = _number(shot.get(_FLASH), 0, 65535)
    facts["flash"] = None if flash is None else bool(int(flash) & 1)
    balance = _number(shot.get(_BALANCE), 0, 1)
    facts["white_balance"] = {0.0: "auto", 1.0: "manual"}.get(balance if balance is not None else 9)
    return {name: value for name, value in facts.items() if value is not None}
