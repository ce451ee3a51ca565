"""Saves per second through the real form: on one host of Anagen and on two, with a synchronous standby and without.

The installation is the one of docs/operations/group.md, on loopback addresses of this machine (scripts/faults). Hosts,
database and people share its processors, so that only the ratios say something, and those of one measurement; a second
host gives more only where the machine has processors for it.
"""

import statistics
import time
from typing import Final

from scripts.benching.figures import Figures
from scripts.faults.group import APT, NEEDED_FOR_NOTES, Group, missing
from scripts.faults.people import NOTES, People
from scripts.faults.processes import throw_away_folder, wait_until

PEOPLE: Final = 8
SECONDS: Final = 20
ROUNDS: Final = 3
Arrangement = tuple[int, bool]
"""How many hosts, and whether a save waits for the synchronous standby."""


def measure(figures: Figures, rounds: int = ROUNDS) -> None:
    if lacking := missing(NEEDED_FOR_NOTES):
        figures.skipped("saves", f"not here: {', '.join(lacking)}; on Debian 12: {APT}")
        return
    with throw_away_folder() as folder:
        group = Group(folder, has_store=False)
        group.start()
        found: dict[Arrangement, list[float]] = {(hosts, sync): [] for sync in (True, False) for hosts in (1, 2)}
        for number in range(rounds):
            for arrangement in found:
                found[arrangement].append(_saves_per_second(group, arrangement, number))
    middle = {arrangement: statistics.median(rates) for arrangement, rates in found.items()}
    for (hosts, sync), rate in middle.items():
        figures.say(f"saves_{hosts}_hosts_{'synchronous' if sync else 'asynchronous'}", rate, "1/s")
    figures.say("saves_two_hosts_ratio", middle[2, True] / middle[1, True], "ratio", ">= 0.8")
    figures.say("saves_synchronous_ratio", middle[2, True] / middle[2, False], "ratio", ">= 0.7")


def _saves_per_second(group: Group, arrangement: Arrangement, number: int) -> float:
    hosts, is_synchronous = arrangement
    _arrange(group, hosts, is_synchronous)
    crowd = People(group, f"saves-{hosts}-{is_synchronous}-{number}", PEOPLE, pause=0, photo_pause=None)
    with crowd.at_work():
        time.sleep(SECONDS + 5)
    times = [one["at"] for one in crowd.observed().confirmed if one["kind"] in NOTES]
    begin = times[0] + 4  # the first saves find connections and pages that are not yet warm
    return sum(1 for at in times if begin <= at < begin + SECONDS) / SECONDS


def _arrange(group: Group, hosts: int, is_synchronous: bool) -> None:
    group.database.configure(synchronous_mode=is_synchronous)
    wanted = "sync_standby" if is_synchronous else "replica"
    wait_until(
        lambda: (
            all(one.role in {"leader", wanted, "replica"} for one in group.database.members())
            and any(one.role == wanted for one in group.database.members())
        ),
        "the standby is as it is measured",
    )
    second = group.hosts[1]
    if hosts == 1 and second.is_running:
        second.kill()
    elif hosts == 2 and not second.is_running:
        second.start()
    time.sleep(5)  # HAProxy sees it by then
