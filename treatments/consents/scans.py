"""The scan of a consent signed on paper: which files are accepted, by their first bytes. No Django here."""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 10 * 1024 * 1024
PDF: Final = "application/pdf"
ENDINGS: Final[dict[str, str]] = {PDF: "pdf", "image/jpeg": "jpg", "image/png": "png"}
ACCEPT: Final = ",".join(ENDINGS)
_BEGINNINGS = ((b"%PDF-", PDF), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


def media_type(data: bytes) -> str:
    """The media type under which a scan is stored and served. Raises ValueError with a sentence for anything else.

    Nothing here parses the file: it is served as it came, in a sandbox in which the browser runs nothing.
    """
    if not data:
        raise ValueError("The file is empty. Scan the page again, or choose another file.")
    if len(data) > MAX_BYTES:
        raise ValueError(f"The file is larger than {MAX_BYTES // 1024**2} MB. Scan it in grey, or at 200 dpi.")
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    raise ValueError("This is not a PDF, JPEG or PNG file. Scan the page as one of these, or take a photo of it.")
