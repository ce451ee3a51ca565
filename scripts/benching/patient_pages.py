"""Every page of a patient with a year of history against a plain Django page of the same facts, in processor time.

All are asked for by the same signed-in person through the same middleware, in turn and in one process; each figure is
the least of many visits. What a page costs more than the plain one is what it shows more, or what it wastes.
"""

import tempfile
from pathlib import Path

from scripts.benching.figures import Figures
from scripts.benching.scale import Visitor

PLAIN = "idiomatic"
SHORT, LONG = "timeline", "timeline_of_ten_years"
LONG_RATIO = 1.5
# Whatever the length of the record. A page without a number is printed all the same.
QUERIES = {"timeline": 20, "timeline_of_ten_years": 20, "assess": 30, "log": 26, "photos": 10, "today": 20}
# Times the plain page. A page without a bar is printed all the same.
RATIOS = {"timeline": 3.0, "assess": 4.0, "log": 3.0, "photos": 2.0, "today": 2.0}


def measure(figures: Figures, *, repeats: int, only: str = "") -> None:
    with tempfile.TemporaryDirectory(prefix="anagen-bench-") as folder:
        (Path(folder) / "static").mkdir()
        url = f"sqlite:///{Path(folder) / 'pages.sqlite3'}"
        visitor = Visitor(url, folder, settings="scripts.benching.idiomatic.settings")
        try:
            _measure(visitor, figures, repeats, only)
        finally:
            visitor.close()


def _measure(visitor: Visitor, figures: Figures, repeats: int, only: str) -> None:
    names = visitor.ask("open_a_patient")
    pages = [name for name in names if only in name and name != PLAIN]
    least = _least(visitor, [PLAIN, *pages], repeats)
    queries = {name: visitor.ask("count", name)["queries"] for name in [PLAIN, *pages]}
    figures.say(f"page_{PLAIN}_processor_time", least[PLAIN], "ms")
    figures.say(f"page_{PLAIN}_queries", queries[PLAIN], "queries")
    for name in sorted(pages, key=lambda name: -least[name]):
        bar = f"<= {RATIOS[name]}" if name in RATIOS else "no bar"
        figures.say(f"page_{name}_ratio", least[name] / least[PLAIN], "x", bar)
        most = f"<= {QUERIES[name]}" if name in QUERIES else "no bar"
        figures.say(f"page_{name}_queries", queries[name], "queries", most)
    if SHORT in pages and LONG in pages:
        figures.say(f"page_{LONG}_to_one_year_ratio", least[LONG] / least[SHORT], "x", f"<= {LONG_RATIO}")
    worst = max(pages, key=lambda name: least[name])
    print("\n".join(visitor.ask("profile", worst)), flush=True)


def _least(visitor: Visitor, names: list[str], repeats: int) -> dict[str, float]:
    """Milliseconds of processor time of each page: the least of its visits, after two that warm it."""
    taken: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(repeats + 2):
        for name in names[:: 1 if turn % 2 else -1]:
            taken[name].append(visitor.ask("visit", name)[1])
    return {name: min(times[2:]) for name, times in taken.items()}
