"""The file of settings, which systemd, a shell and the command `anagen` read alike: NAME=value, a line each."""

import os
import re
import shlex
from pathlib import Path

_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]*")
_NEVER = re.compile(r"[\"\\$`]")


class BadLine(Exception):
    """A line of the file cannot be understood; the text says which."""


def read(path: Path) -> dict[str, str]:
    """The settings of a file. Raises OSError and BadLine."""
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> dict[str, str]:
    """Raises BadLine."""
    found = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith(("#", ";")):
            continue
        match = _LINE.fullmatch(line.strip())
        if not match:
            raise BadLine(f"Line {number} is not NAME=value. Put a # before it, or correct it.")
        found[match[1]] = _unquoted(match[2], number)
    return found


def _unquoted(value: str, number: int) -> str:
    if not value.startswith(('"', "'")):
        return value.strip()
    try:
        words = shlex.split(value)
    except ValueError as fault:
        raise BadLine(f"Line {number} has a quotation mark that does not end.") from fault
    return words[0] if words else ""


def line(name: str, value: str) -> str:
    """NAME=value as all three readers understand it. Raises ValueError for a value that one of them would change."""
    # What is not printable ends a line for one reader or another: U+2028 does for Python.
    if _NEVER.search(value) or not value.isprintable():
        raise ValueError(f'{name} may not have a quotation mark ", a dollar, a backslash or a line break in it.')
    return f"{name}={value}" if _PLAIN.fullmatch(value) else f'{name}="{value}"'


def apply(settings: dict[str, str]) -> None:
    """Make them the settings of this process. A database that is named before the command goes before the file's, as in
    `DATABASE_URL=… anagen migrate`."""
    named = os.environ.get("DATABASE_URL")
    os.environ.update(settings)
    if named:
        os.environ["DATABASE_URL"] = named
