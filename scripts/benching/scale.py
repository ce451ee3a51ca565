"""The same pages in a clinic of 100 patients and in one of 100,000, on both databases."""

import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from scripts.benching.figures import Figures
from tests.databases import find_binaries, postgresql

TOP = Path(__file__).resolve().parents[2]
SMALL = 100
RATIO_BAR = 1.3
TIMELINE_QUERIES = 20
TIMELINE_KIB = 150


class Visitor:
    """The other end of scripts/benching/visitor.py."""

    def __init__(self, url: str, folder: str, settings: str = "clinic.settings") -> None:
        environment = {
            **os.environ, "DATABASE_URL": url, "ANAGEN_MODE": "test", "VAR_DIR": folder, "PYTHONPATH": str(TOP),
            "SECRET_KEY": secrets.token_urlsafe(60), "PYTHONHASHSEED": "0", "DJANGO_SETTINGS_MODULE": settings,
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scripts.benching.visitor"],
            cwd=TOP, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, verb: str, *words: Any) -> Any:
        self.process.stdin.write(json.dumps([verb, words]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The process that was asked to {verb} ended; its words are above.")
        return json.loads(answer)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)


@contextmanager
def visitors(vendor: str) -> Iterator[tuple[Visitor, Visitor]]:
    """A visitor for a small and one for a large database of this vendor; both are deleted afterwards."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="anagen-bench-"))
        if vendor == "sqlite":
            urls = [f"sqlite:///{folder}/{size}.sqlite3" for size in ("small", "large")]
        else:
            server = stack.enter_context(postgresql())
            urls = [server.replace("/postgres?", f"/{size}?") for size in ("small", "large")]
            for size in ("small", "large"):
                make_database(server, size)
        pair = [Visitor(url, folder) for url in urls]
        for visitor in pair:
            stack.callback(visitor.close)
        yield pair[0], pair[1]


def make_database(server: str, name: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")


def measure(vendor: str, figures: Figures, *, large: int, repeats: int, only: str = "") -> None:
    if vendor == "postgresql" and find_binaries() is None:
        figures.missing("postgresql", "no PostgreSQL on this machine; apt install postgresql")
        return
    with visitors(vendor) as (small_visitor, large_visitor):
        small_visitor.ask("fill", SMALL)
        seconds = large_visitor.ask("fill", large)["seconds"]
        figures.say(f"{vendor}_filling_of_{large}_patients", seconds, "s", "no bar; < 240 wanted")
        names = small_visitor.ask("sign_in")
        large_visitor.ask("sign_in")
        for name in names:
            if only in name:
                compare(f"{vendor}_{name}", name, small_visitor, large_visitor, figures, repeats)
        if not only or only in "timeline":
            timelines(vendor, small_visitor.ask("courses"), figures)


def compare(title: str, page: str, small: Visitor, large: Visitor, figures: Figures, repeats: int) -> None:
    """Count queries, then visit both in turn, each first every other time, and compare the medians.

    Other work on the machine lengthens single visits; where it may have tipped the scale, three times as many more
    visits are made before the figure is believed, and all of them count.
    """
    few, many = small.ask("count", page), large.ask("count", page)
    figures.say(f"{title}_queries_at_{SMALL}", few["queries"], "queries")
    figures.say(f"{title}_queries_at_100000", many["queries"], "queries", f"= {few['queries']}")
    taken: dict[Visitor, list[tuple[float, float]]] = {small: [], large: []}
    for visitor in (small, large, small, large):
        visitor.ask("visit", page)
    take_turns(taken, page, repeats)
    if ratio(taken[large], taken[small], 0) > RATIO_BAR:
        take_turns(taken, page, 3 * repeats)
    figures.say(f"{title}_median_at_{SMALL}", median(taken[small], 0), "ms")
    figures.say(f"{title}_median_at_100000", median(taken[large], 0), "ms")
    figures.say(f"{title}_ratio", ratio(taken[large], taken[small], 0), "x", f"<= {RATIO_BAR}")
    figures.say(f"{title}_ratio_of_processor_time", ratio(taken[large], taken[small], 1), "x")


def take_turns(taken: dict[Visitor, list[tuple[float, float]]], page: str, repeats: int) -> None:
    for turn in range(repeats):
        for visitor in list(taken)[:: 1 if turn % 2 else -1]:
            taken[visitor].append(visitor.ask("visit", page))


def median(taken: list[tuple[float, float]], which: int) -> float:
    return statistics.median(times[which] for times in taken)


def ratio(above: list[tuple[float, float]], below: list[tuple[float, float]], which: int) -> float:
    return median(above, which) / median(below, which)


def timelines(vendor: str, told: dict[str, dict[str, float]], figures: Figures) -> None:
    first = told["6"]["queries"]
    for entries, found in told.items():
        bar = f"<= {TIMELINE_QUERIES}" if entries == "6" else f"= {first:g}"
        figures.say(f"{vendor}_timeline_queries_at_{entries}_entries", found["queries"], "queries", bar)
    for entries, found in told.items():
        bar = f"< {TIMELINE_KIB}" if entries == "60" else "no bar"
        figures.say(f"{vendor}_timeline_html_at_{entries}_entries", found["bytes"] / 1024, "KiB", bar)
