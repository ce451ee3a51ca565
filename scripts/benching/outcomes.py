"""The page of outcomes of a small and of a large clinic: as many queries in both, and a bar in seconds.

Each figure is the least of several visits: other work on the machine only ever lengthens one.
"""

import tempfile
from contextlib import ExitStack

from scripts.benching.figures import Figures
from scripts.benching.scale import Visitor, make_database
from tests.databases import find_binaries, postgresql

SMALL = 500
SECONDS = 2


def measure(vendor: str, figures: Figures, *, large: int, repeats: int) -> None:
    if vendor == "postgresql" and find_binaries() is None:
        figures.missing("postgresql", "no PostgreSQL on this machine; apt install postgresql")
        return
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="anagen-bench-"))
        urls = [f"sqlite:///{folder}/{size}.sqlite3" for size in ("small", "large")]
        if vendor == "postgresql":
            server = stack.enter_context(postgresql())
            urls = [server.replace("/postgres?", f"/{size}?") for size in ("small", "large")]
            for size in ("small", "large"):
                make_database(server, size)
        few, many = (Visitor(url, folder) for url in urls)
        for visitor in (few, many):
            stack.callback(visitor.close)
        few.ask("fill_outcomes", SMALL)
        figures.say(f"{vendor}_outcomes_filling_of_{large}_patients", many.ask("fill_outcomes", large)["seconds"], "s")
        for name in few.ask("ask_trail"):
            for visitor in (few, many):
                visitor.ask("visit", name)
            queries = few.ask("count", name)["queries"]
            figures.say(f"{vendor}_{name}_queries_at_{SMALL}", queries, "queries")
            figures.say(
                f"{vendor}_{name}_queries_at_{large}", many.ask("count", name)["queries"], "queries", f"= {queries}"
            )
            taken, worked = zip(*(many.ask("visit", name) for _ in range(repeats)), strict=True)
            figures.say(f"{vendor}_{name}_at_{large}", min(taken) / 1000, "s", f"< {SECONDS}")
            figures.say(f"{vendor}_{name}_at_{large}_processor_time", min(worked) / 1000, "s")
