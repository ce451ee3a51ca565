"""Runs the fault tests at the size that Anagen promises, on SQLite and on PostgreSQL, and passes on their figures.

    python scripts/bench_faults.py             sixty ids on every create form, sixteen people writing at once
    python scripts/bench_faults.py browser     a browser killed twenty times while somebody types

Without a word it does both. About half an hour on two cores.
"""

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider"]
SERVER = ["tests/faults/test_duplicate_submits.py", "tests/faults/test_concurrent_writes.py"]
BROWSER = ["tests/journeys/test_nothing_lost.py", "-k", "killed"]
ON_POSTGRESQL = [sys.executable, "-m", "tests.databases"]


def main(parts: list[str]) -> int:
    runs = []
    if not parts or "server" in parts:
        runs += [PYTEST + SERVER, ON_POSTGRESQL + PYTEST + SERVER]
    if not parts or "browser" in parts:
        runs.append(PYTEST + BROWSER)
    told = {**os.environ, "ANAGEN_FULL": "1", "DATABASE_URL": "sqlite:///unused"}
    return max(subprocess.run(command, cwd=TOP, env=told).returncode for command in runs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
