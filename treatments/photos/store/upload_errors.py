"""Every reason why a file is not kept as a photo, each with what the person can do next."""

from typing import Final, Literal

from clinic.operations.photo_faults import TITLES

RefusalCode = Literal[
    "empty",
    "too_large",
    "not_a_photo",
    "raw",
    "several_pages",
    "tiff_kind",
    "moving",
    "too_many_pixels",
    "too_many_pixels_webp",
    "too_many_scans",
    "too_small",
    "too_narrow",
    "damaged",
    "limits",
    "no_heic",
    "altered_on_the_way",
    "already_stored",
    "struck_out",
    "busy",
    "storage",
    "photos_full",
    "photos_no_room",
    "photos_missing",
    "photos_read_only",
    "photos_unreadable",
    "photos_away",
    "photos_refused",
]

_OF_THE_FOLDER: Final[dict[RefusalCode, str]] = {
    code: f"{title}; tell the person who looks after Anagen, then send the photo again."
    for code, title in TITLES.items()
}
SENTENCES: Final[dict[RefusalCode, str]] = {
    **_OF_THE_FOLDER,
    "photos_away": "The store of the photos does not answer, so this photo is not stored yet; keep this page open, or "
    "send the photo again later.",
    "empty": "This file is empty; choose the photo again and send it once more.",
    "too_large": "This file is larger than 40 MB; export the photo as JPEG in a smaller size and send that.",
    "not_a_photo": "This file is not a JPEG, PNG, WebP, HEIC or TIFF photo; export it as JPEG and send that.",
    "raw": "This is a raw file, which every program shows differently; choose the JPEG that the camera saved beside "
    "it, or export it as JPEG, and send that.",
    "several_pages": "This TIFF holds several pages; save each picture as a file of its own and send them one by one.",
    "tiff_kind": "This TIFF is of a kind that cannot be read here; export it as JPEG and send that.",
    "moving": "Moving pictures and GIF files are not accepted; send a still photo as JPEG.",
    "too_many_pixels": "This picture has more than 64 megapixels; choose a smaller size in the "
    "camera or export it smaller, and send that.",
    "too_many_pixels_webp": "WebP pictures are read up to 28 megapixels; export this one as JPEG and send that.",
    "too_many_scans": "This JPEG is built up in more than 100 layers, which no camera does; save "
    "it again as an ordinary JPEG and send that.",
    "too_small": "This picture is less than 16 pixels on its shorter side; send the photo in its full size.",
    "too_narrow": "This picture is more than ten times as long as it is wide; send the whole photo, not a strip of it.",
    "damaged": "This photo arrived incomplete or damaged; send it again, and if that fails, "
    "export it as JPEG and send that.",
    "limits": "This photo could not be read within limits of time and memory; save it again as an "
    "ordinary JPEG and send that.",
    "no_heic": "HEIC photos cannot be read here; choose JPEG (“Most Compatible”) in the camera's "
    "settings, or export the photo as JPEG.",
    "altered_on_the_way": "This photo changed on its way here; send it again.",
    "already_stored": "Another photo is already stored under this number; reload the page and send this one again.",
    "struck_out": "This photo was added before and struck out later. If it belongs here, choose the file again.",
    "busy": "Too many photos are being read at this moment; send this one again in a minute.",
    "storage": "The photo could not be stored because there is no room or no access on the "
    "server's disk; tell the person who looks after Anagen, then send it again.",
}


def raw_sentence(name: str) -> str:
    """Why a raw file is not kept, by what it is called: "This is an Olympus raw file, …"."""
    article = "an" if name[:1] in "AEIO" else "a"
    return SENTENCES["raw"].replace("a raw file", f"{article} {name}")


class PhotoRefused(Exception):
    """The file was not kept. `code` is stable; `sentence` is for the person who sent it.

    `name` is what a raw file is called, "Canon raw file".
    """

    def __init__(self, code: RefusalCode, name: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.name = name
        self.sentence = raw_sentence(name) if name else SENTENCES[code]
