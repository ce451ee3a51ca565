"""The page over plain HTTP that brings the clinic's root certificate to each device."""

import html
import re
from pathlib import Path
from string import Template
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from clinic.installation import authority

_PAGE: Final = Path(__file__).parent / "page"


def files(folder: Path, *, host: str, clinic: str) -> dict[str, bytes]:
    """The content of each file of the page, for an authority in a folder. Raises OSError and ValueError."""
    certificate = authority.load(folder)
    told = {
        "host": host,
        "clinic": clinic,
        "fingerprint": _in_lines(authority.fingerprint(certificate)),
        "ends": f"{certificate.not_valid_after_utc:%-d %B %Y}",
    }
    return away() | {
        "page.css": (_PAGE / "page.css").read_bytes(),
        "index.html": _filled("index.html", told),
        "ca.crt": certificate.public_bytes(Encoding.DER),
        "ca.mobileconfig": authority.profile(certificate, host=host, clinic=clinic),
    }


def clinic_of(page: str) -> str:
    """The name of the clinic that an index.html was made for; empty where it is none of ours."""
    told = re.search(r'<p class="clinic">(.*?)</p>', page)
    return html.unescape(told[1]) if told else ""


def away() -> dict[str, bytes]:
    """What is shown while Anagen itself does not answer."""
    return {"away.html": (_PAGE / "away.html").read_bytes()}


def _in_lines(fingerprint: str) -> str:
    """Eight pairs in a line, so that it can be compared by eye."""
    pairs = fingerprint.split(":")
    return "\n".join(":".join(pairs[at : at + 8]) for at in range(0, len(pairs), 8))


def _filled(name: str, told: dict[str, str]) -> bytes:
    safe = {key: html.escape(value) for key, value in told.items()}
    return Template((_PAGE / name).read_text()).substitute(safe).encode()
