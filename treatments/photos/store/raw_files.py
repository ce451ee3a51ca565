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

RAW_ADVICE: Final = "Choose the JPEG that the camera saved beside it, or export the photo as JPEG, and send that."
