"""Colours that are told by numbers, not by an ICC profile: made into a profile, so that one converter serves all.

Codes of primaries and transfer curves are those of ITU-T H.273 (tables 2 and 3), which HEIF's nclx and PNG's cICP use.
"""

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from treatments.photos.quality.checks import Doubt

Point = tuple[float, float]
D65: Final[Point] = (0.3127, 0.3290)


class Primaries(NamedTuple):
    """Chromaticities x, y of red, green, blue and white."""

    red: Point
    green: Point
    blue: Point
    white: Point = D65


SRGB: Final = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
ADOBE_RGB: Final = Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
_PRIMARIES: Final[dict[int, Primaries]] = {
    1: SRGB,
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), (0.310, 0.316)),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_UNSPECIFIED: Final = (0, 2, 3)
_LIKE_SRGB: Final = (*_UNSPECIFIED, 1, 6, 13, 14, 15)
"""The curve of BT.709 is among them: for stills it is shown as sRGB's, as browsers do."""
_GAMMAS: Final = {4: 2.2, 5: 2.8, 8: 1.0}
_HDR: Final = (16, 18)
_BRADFORD: Final = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
_D50: Final = (0.9642, 1.0, 0.8249)

Matrix = Sequence[Sequence[float]]


class Colours(NamedTuple):
    """An ICC profile, empty for sRGB, and why it may not be right."""

    profile: bytes = b""
    doubt: Doubt = ""


def by_codes(primaries: int, transfer: int) -> Colours | None:
    """Of nclx and cICP; None where both leave it open.

    Curves of HDR cannot be brought to sRGB without judgement, so only their primaries are.
    """
    if primaries in _UNSPECIFIED and transfer in _UNSPECIFIED:
        return None
    chromaticities = SRGB if primaries in _UNSPECIFIED else _PRIMARIES.get(primaries)
    if chromaticities is None:
        return Colours(doubt="unknown")
    gamma = _GAMMAS.get(transfer)
    doubt: Doubt = ""
    if gamma is None and transfer not in _LIKE_SRGB:
        doubt = "hdr" if transfer in _HDR else "unknown"
    is_srgb = chromaticities == SRGB and gamma is None
    return Colours(b"" if is_srgb else matrix_profile(chromaticities, gamma), doubt)


def by_gamma(primaries: Primaries | None, gamma: float | None) -> Colours:
    """Of PNG's cHRM and gAMA; `gamma` is that of the screen, 2.2 for an ordinary one, which is sRGB's in effect."""
    like_srgb = gamma is None or abs(gamma - 2.2) < 0.05
    if primaries is not None and _is_near(primaries, SRGB):
        primaries = None
    if primaries is None and like_srgb:
        return Colours()
    try:
        return Colours(matrix_profile(primaries or SRGB, None if like_srgb else gamma))
    except (ZeroDivisionError, struct.error, OverflowError, ValueError):  # primaries that span no colours
        return Colours(doubt="unknown")


def _is_near(one: Primaries, other: Primaries) -> bool:
    return all(abs(a - b) < 0.005 for p, q in zip(one, other, strict=True) for a, b in zip(p, q, strict=True))


def adobe_rgb() -> Colours:
    """Adobe RGB (1998), whose gamma is 563/256."""
    return Colours(matrix_profile(ADOBE_RGB, 563 / 256))


def matrix_profile(primaries: Primaries, gamma: float | None) -> bytes:
    """An ICC profile, version 2, of these primaries; `gamma` None is sRGB's curve. Raises if they span no colour."""
    columns = _colorants(primaries)
    curve = _curve(gamma)
    tags = {
        b"desc": _padded(b"desc\0\0\0\0" + struct.pack(">I", 6) + b"named\0" + b"\0" * 78),
        b"cprt": _padded(b"text\0\0\0\0none\0"),
        b"wtpt": _xyz(_D50),
        b"rXYZ": _xyz(columns[0]),
        b"gXYZ": _xyz(columns[1]),
        b"bXYZ": _xyz(columns[2]),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", start + len(body), len(value))
        body += value
    head = struct.pack(">I4xI4s4s4s12x4s", start + len(body), 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    head = head.ljust(68, b"\0") + struct.pack(">iii", *(round(value * 65_536) for value in _D50))
    return head.ljust(128, b"\0") + table + body


def _padded(value: bytes) -> bytes:
    return value + b"\0" * (-len(value) % 4)


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(value * 65_536) for value in values))


def _curve(gamma: float | None) -> bytes:
    steps = 1024
    levels = [step / (steps - 1) for step in range(steps)]
    linear = [level**gamma if gamma else _srgb_to_linear(level) for level in levels]
    return _padded(b"curv\0\0\0\0" + struct.pack(f">I{steps}H", steps, *(round(65_535 * value) for value in linear)))


def _srgb_to_linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


def _colorants(primaries: Primaries) -> list[list[float]]:
    """X, Y, Z of full red, green and blue, adapted to D50 by Bradford's method."""
    *columns, white = ((x / y, 1.0, (1 - x - y) / y) for x, y in primaries)
    amounts = _times(_inverse(_transposed(columns)), white)
    cones, target = _times(_BRADFORD, white), _times(_BRADFORD, _D50)
    adapted = []
    for column, amount in zip(columns, amounts, strict=True):
        seen = _times(_BRADFORD, [value * amount for value in column])
        scaled = [value * to / of for value, to, of in zip(seen, target, cones, strict=True)]
        adapted.append(_times(_inverse(_BRADFORD), scaled))
    return adapted


def _transposed(matrix: Matrix) -> list[list[float]]:
    return [list(column) for column in zip(*matrix, strict=True)]


def _times(matrix: Matrix, vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _inverse(matrix: Matrix) -> list[list[float]]:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    adjugate = ((e * i - f * h, c * h - b * i, b * f - c * e), (f * g - d * i, a * i - c * g, c * d - a * f),
                (d * h - e * g, b * g - a * h, a * e - b * d))  # fmt: skip
    determinant = a * adjugate[0][0] + b * adjugate[1][0] + c * adjugate[2][0]
    return [[value / determinant for value in row] for row in adjugate]
