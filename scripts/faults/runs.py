"""What dies in each run, and how it comes back.

Every function gets the group while people work with it, and may return what it found wrong itself.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

from scripts.faults.copies import copy_and_restore
from scripts.faults.group import Group
from scripts.faults.people import say
from scripts.faults.pooler import behind_pgbouncer, lacks_pgbouncer, limits_missing_behind_pgbouncer
from scripts.faults.releases import both_of_the_release_before, go_to_this_release, lacks_history


@dataclass(frozen=True)
class Run:
    """`name` is what is typed; its bars are seconds between two confirmed saves, None for no bar.

    `arranged` changes the installation for as long as the run takes. `lacks` says why it cannot be carried out here,
    "" when it can. With `reads` people open records too.
    """

    name: str
    fault: Callable[[Group], list[str] | None]
    notes_within: float | None = 25
    photos_within: float | None = 25
    arranged: Callable[[Group], AbstractContextManager[object]] = nullcontext
    lacks: Callable[[], str] = str
    reads: bool = False

    @property
    def sentence(self) -> str:
        return (self.fault.__doc__ or "").split(".")[0].replace("\n    ", " ")


def nothing(group: Group) -> None:
    """Nothing dies, for comparison."""
    time.sleep(30)


def primary_killed(group: Group) -> None:
    """The primary is killed with -9: Patroni, the postmaster and all its children."""
    host = group.database.leader
    say(f"kill -9 of Patroni and PostgreSQL on {host.name}")
    host.kill()
    time.sleep(30)
    say(f"{host.name} starts again")
    host.patroni.start()
    say(f"whole again after {group.database.wait_until_whole():.0f} s")


def primary_killed_behind_pgbouncer(group: Group) -> list[str]:
    """The primary is killed with -9, and PgBouncer stands between Anagen and HAProxy."""
    primary_killed(group)
    return limits_missing_behind_pgbouncer(group)


def primary_frozen(group: Group) -> None:
    """The host of the primary stands still, as a paused machine does; after 40 s it goes on."""
    host = group.database.leader
    say(f"{host.name} is frozen")
    host.freeze()
    time.sleep(40)
    say(f"{host.name} is thawed")
    host.thaw()
    say(f"whole again after {group.database.wait_until_whole():.0f} s")


def host_killed(group: Group) -> None:
    """A host of Anagen is killed with -9 every 10 s, one after the other, and started 2 s later."""
    for number in range(6):
        host = group.hosts[number % 2]
        say(f"kill -9 of {host.name}")
        host.kill()
        time.sleep(2)
        host.start()
        time.sleep(8)


def host_frozen(group: Group) -> None:
    """A host of Anagen stands still for 30 s."""
    host = group.hosts[1]
    say(f"{host.name} is frozen")
    host.freeze()
    time.sleep(30)
    host.thaw()
    say(f"{host.name} is thawed")


def etcd_without_majority(group: Group) -> None:
    """Two of three etcd are killed with -9; after 40 s they are started again."""
    lost = group.database.etcd[:2]
    say("kill -9 of two etcd")
    for program in lost:
        program.kill()
    time.sleep(40)
    for program in lost:
        program.start()
    say(f"whole again after {group.database.wait_until_whole():.0f} s")


def store_killed(group: Group) -> None:
    """The store is killed with -9 while photos are put into it, gateway and disk; after 20 s it is started again."""
    say("kill -9 of the store")
    group.store.kill()
    time.sleep(20)
    group.store.start_again()
    say("the store answers again")
    time.sleep(60)


def store_frozen(group: Group) -> None:
    """The store stands still for 30 s: it takes connections and never answers."""
    say("the store is frozen")
    group.store.freeze()
    time.sleep(30)
    group.store.thaw()
    say("the store is thawed")
    time.sleep(60)


def standbys_killed(group: Group) -> None:
    """Both standbys are killed with -9; after 30 s they are started again."""
    lost = group.database.standbys
    say("kill -9 of " + " and ".join(host.name for host in lost))
    for host in lost:
        host.kill()
    time.sleep(30)
    for host in lost:
        host.patroni.start()
    say(f"whole again after {group.database.wait_until_whole():.0f} s")


def standbys_frozen(group: Group) -> None:
    """Both standbys stand still for 40 s."""
    lost = group.database.standbys
    say("frozen: " + " and ".join(host.name for host in lost))
    for host in lost:
        host.freeze()
    time.sleep(40)
    for host in lost:
        host.thaw()
    say(f"whole again after {group.database.wait_until_whole():.0f} s")


def rolling_restart(group: Group) -> None:
    """Each host of Anagen is stopped and started as for a new version, twice."""
    for host in group.hosts * 2:
        say(f"{host.name} restarts")
        host.anagen.stop()
        host.start_and_wait()
        time.sleep(5)


RUNS: Final = {
    run.name: run
    for run in [
        Run("nothing", nothing),
        Run("primary-killed", primary_killed),
        Run("primary-frozen", primary_frozen),
        Run("host-killed", host_killed),
        Run("host-frozen", host_frozen),
        Run("etcd-without-majority", etcd_without_majority),
        Run("store-killed", store_killed, photos_within=None),
        Run("store-frozen", store_frozen, photos_within=None),
        Run("standbys-killed", standbys_killed),
        Run("standbys-frozen", standbys_frozen),
        Run("rolling-restart", rolling_restart),
        Run("copies", copy_and_restore),
        Run("behind-pgbouncer", primary_killed_behind_pgbouncer, arranged=behind_pgbouncer, lacks=lacks_pgbouncer),
        Run("two-releases", go_to_this_release, arranged=both_of_the_release_before, lacks=lacks_history, reads=True),
    ]
}
LONGEST_ANSWER: Final = 15
