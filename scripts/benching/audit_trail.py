"""Every question to an audit trail of two million events, through the page, and its seals, on both databases.

Each figure is the least of several visits: other work on the machine only ever lengthens one.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from scripts.benching.figures import Figures
from scripts.benching.scale import Visitor, make_database
from tests.databases import find_binaries, postgresql

EVENTS = 2_000_000
SECONDS = 0.3
EVENTS_A_SECOND = 50_000


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
                taken, worked = zip(*(visitor.ask("visit", name) for _ in range(repeats)), strict=True)
                figures.say(f"{vendor}_audit_{name}", min(taken) / 1000, "s", f"< {SECONDS}")
                figures.say(f"{vendor}_audit_{name}_processor_time", min(worked) / 1000, "s")
        if only in "seals":
            for act, worked in visitor.ask("seal_trail").items():
                rate = EVENTS / worked
                figures.say(f"{vendor}_audit_{act}_per_processor", rate, "events/s", f">= {EVENTS_A_SECOND}")


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
