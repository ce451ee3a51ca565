"""Saves per second through the real form: on one host of Anagen and on two, with a synchronous standby and without.

The installation is the one of docs/operations/group.md, on loopback addresses of this machine (scripts/faults). Hosts,
database and people share its processors, so that only ratios say something: of two rates that were measured one after
the other, and of those the middle one. A second host gives more only where the machine has processors for it.
"""

import statistics
import time
from typing import Final

from scripts.benching.figures import Figures
from scripts.faults.group import APT, NEEDED_FOR_NOTES, Group, missing
from scripts.faults.people import People
from scripts.faults.processes import throw_away_folder, wait_until

PEOPLE: Final = 8
ROUNDS: Final = 4
SECONDS: Final = 10
SECONDS_TO_SETTLE: Final = 4
SECONDS_TO_WARM: Final = 20
"""A host that was just started reads its templates and opens its connections first."""
Rates = dict[tuple[int, bool], list[float]]
"""Saves per second of each round, by how many hosts there were and whether a save waited for the standby."""


def measure(figures: Figures, rounds: int = ROUNDS) -> None:
    if lacking := missing(NEEDED_FOR_NOTES):
        figures.skipped("saves", f"not here: {', '.join(lacking)}; on Debian 12: {APT}")
        return
    with throw_away_folder() as folder:
        group = Group(folder, has_store=False)
        group.start()
        crowd = People(group, "saves", PEOPLE, pause=0, photo_pause=None, has_sessions=False)
        with crowd.at_work():
            rates = _rates(group, crowd, rounds)
    for (hosts, is_synchronous), each in rates.items():
        name = f"saves_{hosts}_hosts_{'synchronous' if is_synchronous else 'asynchronous'}"
        figures.say(name, statistics.median(each), "1/s")
    figures.say(
        "saves_two_hosts_ratio", _ratio(rates[2, True], rates[1, True]), "ratio", "of this machine's processors"
    )
    figures.say("saves_synchronous_ratio", _ratio(rates[2, True], rates[2, False]), "ratio", ">= 0.5")


def _ratio(some: list[float], others: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(some, others, strict=True) if other)


def _rates(group: Group, crowd: People, rounds: int) -> Rates:
    rates: Rates = {(hosts, is_synchronous): [] for hosts in (2, 1) for is_synchronous in (True, False)}
    for number in range(rounds):
        # Forth and back, so that neither arrangement is always the one after a change of hosts.
        for hosts, is_synchronous in sorted(rates, key=lambda one: (-one[0], one[1] == (number % 2 == 0))):
            _arrange(group, hosts, is_synchronous)
            time.sleep(SECONDS_TO_SETTLE)
            begin = time.time()
            time.sleep(SECONDS)
            done = [one for one in crowd.observed().confirmed if begin <= one["at"] < begin + SECONDS]
            rates[hosts, is_synchronous].append(len(done) / SECONDS)
    return rates


def _arrange(group: Group, hosts: int, is_synchronous: bool) -> None:
    second = group.hosts[1]
    if hosts == 1 and second.is_running:
        second.anagen.stop()
    elif hosts == 2 and not second.is_running:
        second.start()
        time.sleep(SECONDS_TO_WARM)
    group.database.configure(synchronous_mode=is_synchronous)
    wait_until(
        lambda: any(one.role == "sync_standby" for one in group.database.members()) == is_synchronous,
        "the standby is as it is measured",
    )
