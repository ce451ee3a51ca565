"""The answer of the audit trail as a file for a spreadsheet: one event a row."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from treatments.audit_trail.lines import Line
from treatments.records.text import spreadsheet

COLUMNS = ("Time", "Person", "Role", "What", "Kind", "Record number", "Address")


def file_lines(question: Mapping[str, str], heading: str, lines: Iterable[Line]) -> Iterator[str]:
    """The file line by line: first who asked and when, then the question, then the events under their columns."""
    said = "; ".join(f"{name}: {answer}" for name, answer in question.items())
    return spreadsheet.lines([heading], chain([[said], COLUMNS], map(_row, lines)))


def _row(line: Line) -> tuple[str, ...]:
    at = line.at.isoformat(sep=" ", timespec="seconds")
    return at, line.who, line.role, line.did, line.kind, line.record, line.address
