"""The people of a run as processes, and what their ledgers and their counts of answers say."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scripts.faults.group import Group
from scripts.faults.processes import MARK, NETWORK, TOP, wait_until

PATIENTS: Final = 24
PICTURES: Final = TOP / "treatments/demonstration/photos"
NOTES: Final = ("measurement", "session")


class People:
    """So many people with patients of their own, who come from addresses of their own.

    `pause` and `photo_pause` are the mean seconds between two saves and two photos of each; None for no photos. With
    `reads` they open a patient's record after each save.
    """

    def __init__(
        self,
        group: Group,
        run: str,
        many: int,
        *,
        pause: float = 1,
        photo_pause: float | None = 15,
        has_sessions: bool = True,
        reads: bool = False,
    ) -> None:
        self.group, self.run, self.many = group, run, many
        self.folder = group.folder / f"people-{run}"
        self.clinic = 0
        self.has_sessions, self.reads = has_sessions, reads
        self.pauses = {"pause": pause, "photo_pause": photo_pause}
        self.processes: list[subprocess.Popen[str]] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Everybody is signed in and works; afterwards everybody has finished what was on its way."""
        self.folder.mkdir()
        words = (self.run, str(self.many), str(PATIENTS))
        told = json.loads(self.group.hosts[0].command(*words, module="scripts.faults.filling"))
        self.clinic = told["clinic"]
        for number, orders in enumerate(told["people"], start=1):
            self._start(number, orders)
        signed_in = [self.folder / str(number) / "signed-in" for number in range(1, self.many + 1)]
        wait_until(lambda: all(path.exists() for path in signed_in), "everybody is signed in", 60)
        try:
            yield
        finally:
            (self.folder / "stop").touch()
            for process in self.processes:
                process.wait(300)

    def _start(self, number: int, orders: dict[str, Any]) -> None:
        own = self.folder / str(number)
        own.mkdir()
        door = self.group.door
        told = {
            **orders,
            **self.pauses,
            "sessions": orders["sessions"] if self.has_sessions else [],
            "records": orders["records"] if self.reads else [],
            "folder": str(own),
            "number": number,
            "own": f"{NETWORK}{100 + number}",
            "proxy": (door.address, door.port),
            "authority": str(door.authority),
            "pictures": [str(path) for path in sorted(PICTURES.glob("*.jpg"))[:8]],
        }
        with (own / "log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "scripts.faults.person"],
                cwd=TOP,
                env={"PATH": "/usr/bin:/bin", MARK: str(own)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert process.stdin is not None  # noqa: S101 -- it was asked for
        json.dump(told, process.stdin)
        process.stdin.close()
        self.processes.append(process)

    @property
    def ledgers(self) -> list[str]:
        return [str(path) for path in sorted(self.folder.glob("*/ledger.jsonl"))]

    def observed(self) -> "Observed":
        """What everybody saw."""
        return Observed(lines_of(self.folder, "ledger"), lines_of(self.folder, "answers"), self._troubles())

    def _troubles(self) -> list[str]:
        """What a run must not have: forms that were refused for what was typed, and people who fell over."""
        refused = [f"{path.parent.name}: {path.name}" for path in sorted(self.folder.glob("*/refused-*"))]
        fallen = [path.read_text()[-600:] for path in sorted(self.folder.glob("*/log")) if path.read_text().strip()]
        return refused + fallen


def lines_of(folder: Path, name: str) -> list[dict[str, Any]]:
    """All lines of everybody's ledger, or of their answers, in the order of time."""
    texts = [path.read_text() for path in folder.glob(f"*/{name}.jsonl")]
    return sorted((json.loads(line) for text in texts for line in text.splitlines()), key=lambda one: one["at"])


@dataclass(frozen=True)
class Observed:
    """Every confirmed save and every answer of a run, in the order of time."""

    confirmed: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    troubles: list[str]

    def longest_gap(self, *kinds: str) -> float:
        """Seconds between two confirmed saves of these kinds, whoever made them."""
        times = [one["at"] for one in self.confirmed if one["kind"] in kinds]
        return max((later - earlier for earlier, later in zip(times, times[1:], strict=False)), default=0.0)

    @property
    def longest_answer(self) -> float:
        """Seconds that one request waited for its answer."""
        return max((one["seconds"] for one in self.answers), default=0.0)

    @property
    def slowest(self) -> list[str]:
        """The requests that waited longest, with their answers."""
        last = sorted(self.answers, key=lambda one: -one["seconds"])[:3]
        return [f"{one['seconds']:.1f} s: {one['method']} {one['kind']}, {one['status']}" for one in last]

    @property
    def repeated(self) -> int:
        """Confirmed saves that had to be sent more than once."""
        return sum(1 for one in self.confirmed if one["tries"] > 1)

    def bare_errors(self) -> int:
        """Answers that say no more than that something broke."""
        return sum(1 for one in self.answers if one["status"] == 500)

    def seen(self) -> list[tuple[str, int]]:
        """What people saw other than pages and confirmed saves: status and sentence, and how often."""
        counted = Counter(
            f"{one['status']} {one['sentence']}" for one in self.answers if not 200 <= one["status"] < 400
        )
        return counted.most_common()


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {words}", flush=True)
