"""Raw files, a camera's undeveloped data: known by their endings before they are sent, and by their bytes afterwards.

They are not photos yet: how they look is decided when they are developed, differently by every program.
"""

from typing import Final

RAW_FILES: Final[dict[str, str]] = {
    "3fr": "Hasselblad raw file",
    "arw": "Sony raw file",
    "cr2": "Canon raw file",
    "cr3": "Canon raw file",
    "crw": "Canon raw file",
    "dng": "DNG raw file",
    "erf": "Epson raw file",
    "fff": "Hasselblad raw file",
    "iiq": "Phase One raw file",
    "kdc": "Kodak raw file",
    "mef": "Mamiya raw file",
    "mos": "Leaf raw file",
    "mrw": "Minolta raw file",
    "nef": "Nikon raw file",
    "nrw": "Nikon raw file",
    "orf": "Olympus raw file",
    "pef": "Pentax raw file",
    "raf": "Fujifilm raw file",
    "raw": "raw file",
    "rw2": "Panasonic raw file",
    "rwl": "Leica raw file",
    "sr2": "Sony raw file",
    "srf": "Sony raw file",
    "srw": "Samsung raw file",
    "x3f": "Sigma raw file",
}
"""What the page calls a file by the ending of its name, in lower case without the dot."""

RAW_BY_MAKER: Final[dict[bytes, str]] = {
    b"nikon": "Nikon raw file",
    b"sony": "Sony raw file",
    b"pentax": "Pentax raw file",
    b"ricoh": "Pentax raw file",
    b"samsung": "Samsung raw file",
    b"canon": "Canon raw file",
    b"hasselblad": "Hasselblad raw file",
    b"olympus": "Olympus raw file",
    b"om digital": "Olympus raw file",
    b"panasonic": "Panasonic raw file",
    b"leica": "Leica raw file",
    b"phase one": "Phase One raw file",
    b"seiko epson": "Epson raw file",
    b"eastman kodak": "Kodak raw file",
    b"kodak": "Kodak raw file",
    b"mamiya": "Mamiya raw file",
    b"leaf": "Leaf raw file",
}
"""By the beginning of the maker's name in the file, in lower case."""

RAW_SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"II*\0\x10\0\0\0CR", "Canon raw file"),
    (4, b"ftypcrx ", "Canon raw file"),
    (0, b"II\x1a\0\0\0HEAPCCDR", "Canon raw file"),
    (0, b"FUJIFILMCCD-RAW", "Fujifilm raw file"),
    (0, b"IIRO", "Olympus raw file"),
    (0, b"IIRS", "Olympus raw file"),
    (0, b"MMOR", "Olympus raw file"),
    (0, b"IIU\0", "Panasonic raw file"),
    (0, b"\0MRM", "Minolta raw file"),
    (0, b"FOVb", "Sigma raw file"),
)
"""(place, bytes, name) of those that begin like no other file. The rest are TIFFs, see `tiff_pages`."""
