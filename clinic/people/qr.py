"""A QR code as the outline of its dark squares, for a page that allows no style and no script of its own."""

from dataclasses import dataclass
from itertools import groupby

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

_QUIET_ZONE = 4  # modules around the code (ISO/IEC 18004)


@dataclass(frozen=True)
class QR:
    """`size` is the side in modules, the quiet zone included; `path` an SVG path in that unit."""

    size: int
    path: str


def qr_of(text: str) -> QR:
    code: QRCode = QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET_ZONE)
    code.add_data(text)
    rows = code.get_matrix()
    return QR(len(rows), "".join(_dark_runs(row, y) for y, row in enumerate(rows)))


def _dark_runs(row: list[bool], y: int) -> str:
    drawn, x = "", 0
    for is_dark, run in groupby(row):
        width = len(list(run))
        drawn += f"M{x} {y}h{width}v1h-{width}z" if is_dark else ""
        x += width
    return drawn
