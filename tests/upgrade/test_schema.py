"""A new database gets the tables of release 0.2.0 at once, an older one goes step by step: both end with the same."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.upgrade.old_clinics import migrate, migrated_copy


def described(path: Path) -> dict[str, list[str]]:
    """What SQLite was told of every table, index and trigger, in pieces whose order says nothing."""
    with closing(sqlite3.connect(path)) as database:
        told = database.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return {f"{kind} {name}": pieces(sql) for kind, name, sql in told}


def pieces(sql: str) -> list[str]:
    """The parts between the commas that stand in no brackets; columns come in the order in which they were added."""
    flat = re.sub(r"\s+", " ", sql)
    if flat.startswith("CREATE TRIGGER"):
        return sorted(flat.replace(",", " ").split())
    found, depth = [""], 0
    for letter in flat[flat.index("(") + 1 : flat.rindex(")")]:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return sorted(each.strip() for each in found)


def test_old_and_new_have_the_same_tables(path: Path) -> None:
    migrated_copy("paper-case-0.1.0", path)
    of_an_old_one = described(path)
    path.unlink()
    migrate(path)

    assert described(path) == of_an_old_one
