"""Every question to an audit trail of two million events, through the page, on both databases."""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from scripts.benching.figures import Figures
from scripts.benching.scale import Visitor, make_database
from tests.databases import find_binaries, postgresql

EVENTS = 2_000_000
SECONDS = 0.3


def measure(vendor: str, figures: Figures, *, repeats: int, only: str = "") -> None:
    if vendor == "postgresql" and find_binaries() is None:
        figures.missing("postgresql", "no PostgreSQL on this machine; apt install postgresql")
        return
    with _visitor(vendor) as visitor:
        seconds = visitor.ask("fill_trail", EVENTS)["seconds"]
        figures.say(f"{vendor}_audit_filling_of_{EVENTS}_events", seconds, "s")
        for name in visitor.ask("ask_trail"):
            if only in name:
                visitor.ask("visit", name)
                taken = statistics.median(visitor.ask("visit", name)[0] for _ in range(repeats)) / 1000
                figures.say(f"{vendor}_audit_{name}", taken, "s", f"< {SECONDS}")


@contextmanager
def _visitor(vendor: str) -> Iterator[Visitor]:
    """A visitor for one empty database of this vendor, deleted afterwards."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="anagen-bench-"))
        url = f"sqlite:///{folder}/trail.sqlite3"
        if vendor == "postgresql":
            server = stack.enter_context(postgresql())
            make_database(server, "trail")
            url = server.replace("/postgres?", "/trail?")
        visitor = Visitor(url, folder)
        stack.callback(visitor.close)
        yield visitor
