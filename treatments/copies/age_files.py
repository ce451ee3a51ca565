"""Files encrypted for one recipient as age files (https://age-encryption.org/v1): `age -d` opens them, too."""

import re
from pathlib import Path
from typing import Final

import pyrage

SUFFIX: Final = ".age"
_LETTERS: Final = 58
_MISREAD: Final = str.maketrans("O1IB", "0LL8")
"""What stands on the right is read for what stands on the left, which no key has (Bech32); its checksum decides."""


class KeyRefused(Exception):
    """A key is none, or not the one that opens this; the text says what to do."""


def parse_recipient(text: str) -> pyrage.x25519.Recipient:
    """Of "age1…". Raises KeyRefused; without what was written, which may be the private key by mistake."""
    if "AGE-SECRET-KEY-" in text.upper():
        raise KeyRefused("BACKUP_RECIPIENT is no public key of age, but the private one, which belongs on no server.")
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as fault:
        raise KeyRefused("BACKUP_RECIPIENT is no public key of age: it begins with age1.") from fault


def parse_identity(text: str) -> pyrage.x25519.Identity:
    """The private key: alone, in a file that age-keygen wrote, or typed from paper, with spaces and in several lines.

    Raises KeyRefused.
    """
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    typed = "".join(re.findall(r"\w", "".join(lines).upper(), re.ASCII))
    found = re.search("AGESECRETKEY[1IL](.*)", typed)
    if not found:
        raise KeyRefused("This is no private key of age: it begins with AGE-SECRET-KEY-1.")
    letters = found[1].translate(_MISREAD)
    if len(letters) != _LETTERS:
        raise KeyRefused(
            f"The key has {_LETTERS} letters and figures after AGE-SECRET-KEY-1; this has {len(letters)}. Look again."
        )
    try:
        return pyrage.x25519.Identity.from_str(f"AGE-SECRET-KEY-1{letters}")
    except pyrage.IdentityError as fault:
        raise KeyRefused("A letter of the key is wrong. Type it again, as it is printed.") from fault


def encrypt(source: Path, target: Path, recipient: str) -> None:
    """Raises KeyRefused, and OSError."""
    with source.open("rb") as plain, target.open("wb") as encrypted:
        pyrage.encrypt_io(plain, encrypted, [parse_recipient(recipient)])


def decrypt(source: Path, target: Path, identity: str) -> None:
    """Raises KeyRefused where the key does not open it or its bytes are damaged, and OSError."""
    with source.open("rb") as encrypted, target.open("wb") as plain:
        try:
            pyrage.decrypt_io(encrypted, plain, [parse_identity(identity)])
        except pyrage.DecryptError as fault:
            raise KeyRefused(
                "The key does not open this copy: it was encrypted for another one. `age-keygen -y FILE` prints the "
                "public half of a private key; the manifest of the copy names as recipient the one that is needed."
            ) from fault
