"""Files encrypted for one recipient as age files (https://age-encryption.org/v1): `age -d` opens them, too."""

from pathlib import Path
from typing import Final

import pyrage

SUFFIX: Final = ".age"


class KeyRefused(Exception):
    """A key is none, or not the one that opens this; the text says what to do."""


def parse_recipient(text: str) -> pyrage.x25519.Recipient:
    """Of "age1…". Raises KeyRefused."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as fault:
        raise KeyRefused(f"{text} is no public key of age: it begins with age1.") from fault


def parse_identity(text: str) -> pyrage.x25519.Identity:
    """The private key among the lines of a file that age-keygen wrote, or the key alone. Raises KeyRefused."""
    for line in text.split():
        if line.upper().startswith("AGE-SECRET-KEY-1"):
            try:
                return pyrage.x25519.Identity.from_str(line.upper())
            except pyrage.IdentityError as fault:
                raise KeyRefused("A letter of the key is wrong. Type it again, as it is printed.") from fault
    raise KeyRefused("This is no private key of age: a line of it begins with AGE-SECRET-KEY-1.")


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
            raise KeyRefused("The key does not open this copy: it was encrypted for another one.") from fault
