"""Where a page's time goes, as lines to print: by module, by function's own time, and by time with all it calls."""

import cProfile
import pstats
import sysconfig
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[2]
PACKAGES = Path(sysconfig.get_path("purelib"))
ROWS = 20
Key = tuple[str, int, str]


def profile(act: Callable[[], Any], times: int) -> list[str]:
    profiler = cProfile.Profile(time.process_time)
    for _ in range(times):
        profiler.runcall(act)
    return _lines(pstats.Stats(profiler), times)


def _lines(stats: pstats.Stats, times: int) -> list[str]:
    """Calls and processor time of one visit. Watching makes every call dearer: read the shares, not the times."""
    rows = stats.stats  # type: ignore[attr-defined]
    own: dict[str, float] = defaultdict(float)
    for key, (_, _, seconds, _, _) in rows.items():
        own[_module(key)] += seconds
    whole = sum(own.values())
    lines = ["by module, own time:"]
    for module, seconds in sorted(own.items(), key=lambda row: -row[1])[:ROWS]:
        lines.append(f"  {seconds / whole:6.1%} {seconds / times * 1000:8.2f} ms  {module}")
    for title, which in (("own time", 2), ("time with all that is called", 3)):
        lines.append(f"by function, {title}:")
        for key, row in sorted(rows.items(), key=lambda item: -item[1][which])[:ROWS]:
            share, ms = row[which] / whole, row[which] / times * 1000
            lines.append(f"  {share:6.1%} {ms:8.2f} ms {row[1] / times:8.0f} calls  {_module(key)}:{key[1]} {key[2]}")
    return lines


def _module(key: Key) -> str:
    path = Path(key[0])
    for root in (TOP, PACKAGES, Path(sysconfig.get_path("stdlib"))):
        if path.is_relative_to(root) and (root is not TOP or not path.is_relative_to(PACKAGES)):
            return ".".join(path.relative_to(root).with_suffix("").parts)
    return "built in" if key[0] == "~" else key[0]
