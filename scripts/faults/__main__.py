"""Lets parts of a group's installation die while people work with it, and compares their ledgers with what is there.

    python -m scripts.faults                          every run; about 35 minutes
    python -m scripts.faults primary-killed store-frozen
    python -m scripts.faults --list
    python -m scripts.faults --people 12 --json results.json primary-frozen

Everything runs on loopback addresses in a folder of its own, which is removed at the end, as are all processes. Ends
with status 1 when a run misses a bar. docs/operations/fault-runs.md tells what is needed and what was measured.
"""

import argparse
import signal
import sys
from pathlib import Path

from scripts.faults import copies, report
from scripts.faults.group import APT, Group, missing
from scripts.faults.people import say
from scripts.faults.processes import throw_away_folder
from scripts.faults.runs import RUNS


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="*", metavar="run", help=", ".join(RUNS))
    parser.add_argument("--people", type=int, default=8, help="how many work at the same time, 6 to 16")
    parser.add_argument("--json", type=Path, help="a file for all that was found")
    parser.add_argument("--list", action="store_true", help="say what each run does, and end")
    told = parser.parse_args(arguments)
    if unknown := [name for name in told.runs if name not in RUNS]:
        parser.error(f"no such run: {', '.join(unknown)}")
    if told.list:
        for run in RUNS.values():
            print(f"{run.name:22} {run.sentence}")
        return 0
    if lacking := missing():
        print(f"Not here: {', '.join(lacking)}. On Debian 12: {APT}", file=sys.stderr)
        return 2
    return _carry_out(told.runs or list(RUNS), told.people, told.json)


def _carry_out(names: list[str], people: int, to: Path | None) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is ended then too
    results: list[report.Result] = []
    with throw_away_folder() as folder:
        say("three etcd, three Patroni, the store, two hosts of Anagen, nginx")
        group = Group(folder)
        group.start()
        copies.begin(group)
        say("everything is up")
        for name in names:
            if reason := RUNS[name].lacks():
                say(f"── {name} is skipped: {reason}")
                continue
            results.append(report.carry_out(RUNS[name], group, people))
            if to:
                report.write(results, to)
            if not report.is_whole(group):
                say("the database does not come back; no further run")
                break
    print(report.table(results))
    return 1 if any(result.missed for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
