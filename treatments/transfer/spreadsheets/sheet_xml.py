"""The XML of a sheet and of the shared texts, read as a stream. No Django here.

openpyxl reads the same, ten times slower under defusedxml, whose parser is written in Python, and does not tell a
formula without a value from an empty cell. A declaration of a document type, by which entities blow up or reach out, is
refused before anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any
from xml.parsers import expat  # nosec B405: no document type is let in

CHUNK = 1 << 16


class DeclaredEntities(ValueError):
    """The file declares entities, which no spreadsheet does."""


class EnoughRead(Exception):
    """Nothing of the rest is wanted."""


def _parser() -> Any:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise DeclaredEntities

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _run(parser: Any, source: IO[bytes]) -> None:
    while chunk := source.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def shared_texts(source: IO[bytes], *, longest: int) -> list[str]:
    """The texts that cells point to by their place; phonetic hints (rPh) are no part of them."""
    texts: list[str] = []
    parts: list[str] = []
    state = {"in_text": False, "in_hint": False}

    def start(name: str, _: dict[str, str]) -> None:
        name = _local(name)
        if name == "si":
            parts.clear()
        elif name == "rPh":
            state["in_hint"] = True
        elif name == "t":
            state["in_text"] = not state["in_hint"]

    def end(name: str) -> None:
        name = _local(name)
        if name == "si":
            texts.append("".join(parts)[:longest])
        elif name == "rPh":
            state["in_hint"] = False
        elif name == "t":
            state["in_text"] = False

    def text(data: str) -> None:
        if state["in_text"]:
            parts.append(data)

    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    _run(parser, source)
    return texts


class SheetReader:
    """Calls `on_cell(column, kind, style, value, has formula)` for each cell, and `on_row(number)` behind each row.

    `kind` is the letter of the file: "n" a number, "s" a place in the shared texts, "str" and "inlineStr" text, "b" yes
    or no, "e" an error, "d" an ISO date. `value` is "" for a cell without one.
    """

    def __init__(self, on_cell: Callable[[int, str, int, str, bool], None], on_row: Callable[[int], None]) -> None:
        self.on_cell, self.on_row = on_cell, on_row
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[tuple[int, int]] = []
        self.merged: list[str] = []
        self._row = self._column = self._style = 0
        self._kind, self._takes, self._has_formula = "n", False, False
        self._value: list[str] = []

    def read(self, source: IO[bytes]) -> None:
        parser = _parser()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        _run(parser, source)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name[name.rfind(" ") + 1 :]
        if name == "c":
            reference = attributes.get("r")
            self._column = _column_of(reference) if reference else self._column + 1
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", 0))
            self._has_formula = False
            self._value.clear()
        elif name == "v" or (name == "t" and self._kind == "inlineStr"):
            self._takes = True
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            self._row = int(float(attributes["r"])) if "r" in attributes else self._row + 1
            self._column = 0
            if attributes.get("hidden") in {"1", "true"}:
                self.hidden_rows.append(self._row)
        elif name == "col":
            if attributes.get("hidden") in {"1", "true"}:
                self.hidden_columns.append((int(attributes["min"]), int(attributes["max"])))
        elif name == "mergeCell" and len(self.merged) < 100_000:
            self.merged.append(attributes["ref"])

    def _end(self, name: str) -> None:
        name = name[name.rfind(" ") + 1 :]
        if name == "v" or name == "t":
            self._takes = False
        elif name == "c":
            self.on_cell(self._column, self._kind, self._style, "".join(self._value), self._has_formula)
        elif name == "row":
            self.on_row(self._row)

    def _text(self, data: str) -> None:
        if self._takes:
            self._value.append(data)


def _column_of(reference: str) -> int:
    """The number, from 1, of the column in "AB12"."""
    number = 0
    for sign in reference:
        if not "A" <= sign <= "Z":
            break
        number = number * 26 + ord(sign) - 64
    return number
