"""Figures that other scripts and tests of the project measure; here they are run, and what they print is passed on."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.benching.figures import Figures

TOP = Path(__file__).resolve().parents[2]
PYTEST = ("-m", "pytest", "-q", "-s", "-p", "no:cacheprovider")


@dataclass(frozen=True)
class Other:
    """A program, the file that it is kept in, and how the names of the figures begin that it must print."""

    file: str
    words: tuple[str, ...]
    wanted: tuple[str, ...] = ()


OTHERS = {
    "images": [
        Other(
            "scripts/bench_images.py",
            ("scripts/bench_images.py",),
            ("12MP_ratio", "12MP_extra_memory", "48MP_ratio", "48MP_extra_memory"),
        )
    ],
    "faults": [
        Other(
            "scripts/bench_faults.py",
            ("scripts/bench_faults.py",),
            (
                "sqlite_rows_of_",
                "postgresql_rows_of_",
                "sqlite_edits_lost",
                "postgresql_edits_lost",
                "sqlite_session_saves_refused",
                "typing_lost_at_kill_",
            ),
        )
    ],
    "routine": [
        Other(
            "tests/sessions/log/test_in_browser.py",
            (*PYTEST, "tests/sessions/log/test_in_browser.py", "-k", "routine_session"),
            ("routine_session_by_mouse", "routine_session_by_touch", "routine_session_by_keyboard"),
        )
    ],
}
UPLOADS = "scripts/bench_uploads.py"
PHOTOS = 200
UPLOAD_BARS = {
    "confirmed": f"= {PHOTOS}",
    "rows": f"= {PHOTOS}",
    "duplicates": "= 0",
    "wrong_or_missing": "= 0",
    "orphans_after_sweep": "= 0",
}


def measure(part: str, figures: Figures) -> None:
    if part == "uploads":
        for vendor, words in (("sqlite", ()), ("postgresql", ("--postgres",))):
            uploads(vendor, words, figures)
    for other in OTHERS.get(part, []):
        if not (TOP / other.file).exists():
            figures.missing(part, f"{other.file} is not there")
            continue
        status, names, said = run(other.words, figures)
        for wanted in other.wanted:
            if not any(name.startswith(wanted) for name in names):
                figures.missing(wanted, f"{other.file} did not print it")
        if status:
            print(said, file=sys.stderr)
            figures.missing(part, f"{other.file} ended with status {status}")


def run(words: tuple[str, ...], figures: Figures) -> tuple[int, list[str], str]:
    """Run a program of ours and pass its figures on as they come: its status, their names, its last words."""
    environment = {**os.environ, "DATABASE_URL": "sqlite:///unused"}
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=TOP,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    names, lines = [], []
    for line in process.stdout or ():
        lines.append(line)
        if figures.pass_on(line):
            names.append(line.removeprefix("figure: ").split()[0])
    return process.wait(), names, "".join(lines[-40:])


def uploads(vendor: str, words: tuple[str, ...], figures: Figures) -> None:
    """Photos sent while the workers of the server are killed; the script tells what is there afterwards as JSON."""
    if not (TOP / UPLOADS).exists():
        figures.missing(f"{vendor}_uploads", f"{UPLOADS} is not there")
        return
    command = [sys.executable, UPLOADS, "--json", "--photos", str(PHOTOS), *words]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True)
    lines = done.stdout.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        print(done.stderr[-3000:], file=sys.stderr)
        figures.missing(f"{vendor}_uploads", f"{UPLOADS} ended with status {done.returncode}")
        return
    for name, value in json.loads(lines[-1]).items():
        unit = "s" if name == "seconds" else name.split("_")[0]
        figures.say(f"{vendor}_uploads_{name}", value, unit, UPLOAD_BARS.get(name, "no bar"))
