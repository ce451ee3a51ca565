"""One run from its first save to its verdict, and the table of all."""

import json
import os
import subprocess
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from scripts.faults.group import Group
from scripts.faults.people import NOTES, People, say
from scripts.faults.runs import LONGEST_ANSWER, Run

SECONDS_BEFORE: Final = 12
SECONDS_AFTER: Final = 15


@dataclass
class Result:
    """What one run showed. Times are seconds; `missed` has a sentence for each bar that was missed."""

    name: str
    sentence: str
    confirmed: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    doubled: int = 0
    unconfirmed: int = 0
    photos_altered_or_missing: int = 0
    repeated: int = 0
    gap_of_notes: float = 0
    gap_of_photos: float = 0
    longest_answer: float = 0
    bare_errors: int = 0
    slowest: list[str] = field(default_factory=list)
    seen: list[tuple[str, int]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    seconds: float = 0
    load: float = 0
    missed: list[str] = field(default_factory=list)


def carry_out(run: Run, group: Group, people: int) -> Result:
    """Let people work, let happen what happens in this run, and compare ledgers with what is there."""
    say(f"── {run.name}: {run.sentence}")
    with run.arranged(group):
        return _carry_out(run, group, people)


def _carry_out(run: Run, group: Group, people: int) -> Result:
    begun = time.monotonic()
    crowd = People(group, run.name, people, reads=run.reads)
    with crowd.at_work():
        time.sleep(SECONDS_BEFORE)
        wrong = _carried_out(run, group)
        time.sleep(SECONDS_AFTER)
    observed = crowd.observed()
    found = json.loads(group.hosts[0].command(str(crowd.clinic), *crowd.ledgers, module="scripts.faults.verdict"))
    result = Result(
        run.name,
        run.sentence,
        **found,
        repeated=observed.repeated,
        gap_of_notes=round(observed.longest_gap(*NOTES), 1),
        gap_of_photos=round(observed.longest_gap("photo"), 1),
        longest_answer=round(observed.longest_answer, 1),
        bare_errors=observed.bare_errors(),
        slowest=observed.slowest,
        seen=observed.seen(),
        troubles=[*wrong, *observed.troubles],
        seconds=round(time.monotonic() - begun),
        load=round(os.getloadavg()[0], 1),
    )
    result.missed = missed(result, run)
    say_result(result)
    return result


def _carried_out(run: Run, group: Group) -> list[str]:
    """What the run found wrong itself: that something did not come back in time, too, or that a command failed."""
    try:
        return run.fault(group) or []
    except (TimeoutError, RuntimeError, subprocess.CalledProcessError) as fault:
        return [str(fault)]


def is_whole(group: Group) -> bool:
    """Whether the next run may begin: the database has its leader and both standbys."""
    try:
        group.database.wait_until_whole()
    except TimeoutError:
        return False
    return True


def missed(result: Result, run: Run) -> list[str]:
    """A sentence for each bar that a run missed."""
    limits: list[tuple[str, float, float | None]] = [
        ("confirmed saves lost", result.lost, 0),
        ("saves doubled", result.doubled, 0),
        ("photos altered or missing", result.photos_altered_or_missing, 0),
        ("bare errors (status 500)", result.bare_errors, 0),
        ("faults that the run found itself", len(result.troubles), 0),
        ("s between two confirmed notes", result.gap_of_notes, run.notes_within),
        ("s between two confirmed photos", result.gap_of_photos, run.photos_within),
        ("s until an answer", result.longest_answer, LONGEST_ANSWER),
    ]
    sentences = [
        f"{value:g} {what} (at most {bar:g})" for what, value, bar in limits if bar is not None and value > bar
    ]
    return sentences if result.confirmed else ["nothing was confirmed", *sentences]


def say_result(result: Result) -> None:
    notes, photos = sum(result.confirmed.get(kind, 0) for kind in NOTES), result.confirmed.get("photo", 0)
    print(f"      confirmed: {notes} notes, {photos} photos; {result.repeated} were sent more than once")
    print(f"      longest gap: {result.gap_of_notes:g} s of notes, {result.gap_of_photos:g} s of photos")
    print(f"      slowest: {'; '.join(result.slowest)}")
    for sentence, times in result.seen:
        print(f"      {times:>4} x  {sentence[:150]}")
    for trouble in result.troubles[:5]:
        print(f"      TROUBLE: {trouble}")
    verdict = "; ".join(result.missed) or "every bar is met"
    print(f"      {result.name}: {verdict}", flush=True)


COLUMNS: Final = {
    "run": lambda r: r.name,
    "notes": lambda r: sum(r.confirmed.get(kind, 0) for kind in NOTES),
    "photos": lambda r: r.confirmed.get("photo", 0),
    "lost": lambda r: r.lost + r.photos_altered_or_missing,
    "doubled": lambda r: r.doubled,
    "repeated": lambda r: r.repeated,
    "gap notes, s": lambda r: r.gap_of_notes,
    "gap photos, s": lambda r: r.gap_of_photos,
    "longest answer, s": lambda r: r.longest_answer,
    "bare 500": lambda r: r.bare_errors,
    "took, s": lambda r: r.seconds,
    "load": lambda r: r.load,
    "verdict": lambda r: "ok" if not r.missed else "MISSED",
}


def table(results: list[Result]) -> str:
    """As Markdown."""
    rows = [list(COLUMNS), ["---"] * len(COLUMNS)]
    rows += [[str(value(result)) for value in COLUMNS.values()] for result in results]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def write(results: list[Result], path: Path) -> None:
    told: dict[str, Any] = {"at": time.strftime("%Y-%m-%d %H:%M:%S %z"), "processors": os.cpu_count()}
    path.write_text(json.dumps(told | {"runs": [asdict(result) for result in results]}, indent=1) + "\n")
