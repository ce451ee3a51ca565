"""Runs the checks and the tests, part by part, and ends with one line: how many passed and failed.

    python scripts/suite.py                       everything, as CI does
    python scripts/suite.py checks                the linters, types, import order, migrations, settings, scripts
    python scripts/suite.py sqlite postgresql     only these parts
    python scripts/suite.py browser webkit        only what opens pages, in Chromium and in WebKitGTK
    python scripts/suite.py browser -- -k compare what follows -- goes to pytest

A part whose tool is missing is skipped and named at the end in capitals; with ANAGEN_NO_SKIP=1,
as in CI, it fails instead. A later part runs although an earlier one failed: one run tells all.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

from scripts import node_tools  # noqa: E402 -- only after the line above
from tests import webkit as webkitgtk  # noqa: E402
from tests.browser import CHROMIUM  # noqa: E402
from tests.databases import MIGRATED, SHARED, find_binaries, migrate  # noqa: E402

BIN = Path(sys.executable).parent
PYTHON = sys.executable
SECOND_CHANCES = 8
SCRATCH = tempfile.TemporaryDirectory(prefix="anagen-suite-")
# Each with a database, a photo folder and a browser of its own; one more than processors, since one always waits.
WORKERS = str(min((os.cpu_count() or 1) + 1, 8))
NO_SKIP = os.environ.get("ANAGEN_NO_SKIP") == "1"
PARTS = ["checks", "sqlite", "postgresql", "browser", "webkit"]
CHECKS = {
    "style": [BIN / "ruff", "check", "."],
    "format": [BIN / "ruff", "format", "--check", "."],
    "types": [BIN / "mypy"],
    "import order": [BIN / "lint-imports"],
    "templates": [BIN / "djlint", "templates", "--lint", "--quiet"],
    "template format": [BIN / "djlint", "templates", "--check", "--quiet"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "settings": [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
}
# Of static/js, by tools from npm that only developers have.
SCRIPT_CHECKS = {
    "scripts": [node_tools.BIN / "biome", "check", "--error-on-warnings"],
    "script types": [node_tools.BIN / "tsc", "--project", "."],
    "script tests": ["node", "--test", *sorted(map(str, (TOP / "tests/js").glob("*.test.js")))],
}


class Tally(NamedTuple):
    """What came of one part; `skipped` says what and why, `figures` are what its tests measured."""

    passed: int = 0
    failed: int = 0
    skipped: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()

    def plus(self, other: "Tally") -> "Tally":
        return Tally(*(mine + its for mine, its in zip(self, other, strict=True)))


def environment_of(check: str) -> dict[str, str]:
    """Settings are checked as a clinic would have them, everything else as the tests do."""
    if check != "settings":
        return {**os.environ, "ANAGEN_MODE": "test"}
    keys = {name: secrets.token_urlsafe(60) for name in ("SECRET_KEY", "AUDIT_KEY")}
    clinic = {"ANAGEN_MODE": "production", "ALLOWED_HOSTS": "clinic.example", "TRUSTED_PROXY": "1"}
    return {**os.environ, **keys, **clinic}


def checks() -> Tally:
    """Those of the scripts run beside the others, which keep one processor busy."""
    tally = Tally()
    with ThreadPoolExecutor(max_workers=1) as beside:
        scripts = beside.submit(script_checks)
        for name, command in CHECKS.items():
            tally = tally.plus(check(name, command))
        return tally.plus(scripts.result())


def check(name: str, command: list[str | Path], quiet: bool = False) -> Tally:
    """`quiet`: what the tool prints is shown only when it fails."""
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} if quiet else {}
    done = subprocess.run(command, cwd=TOP, env=environment_of(name), **output)
    if quiet and done.returncode:
        print(done.stdout)
    print(f"{name}: {'FAILED' if done.returncode else 'passed'}", flush=True)
    return Tally(failed=1) if done.returncode else Tally(passed=1)


def script_checks() -> Tally:
    what = "lint, types and tests of static/js"
    tool = node_tools.what_is_missing()
    if tool:
        return missing(tool, f"{what}; apt install nodejs npm")
    if not node_tools.install():
        return missing("tools from npm", f"{what}; npm says above why it could not install them")
    tally = Tally()
    for name, command in SCRIPT_CHECKS.items():
        tally = tally.plus(check(name, command, quiet=True))
    return tally


def pytest(arguments: list[str], inside: tuple[str, ...] = (), **variables: str) -> Tally:
    """Pytest, and what failed once more alone, if it was little: on a machine that is busy with something else a
    browser may be too slow for one test. What only the second run passes is named at the end."""
    with tempfile.TemporaryDirectory() as scratch:
        arguments = [*arguments, "-o", f"cache_dir={scratch}/cache"]
        tally = one_pytest(["--numprocesses", WORKERS, "--dist", "worksteal", *arguments], inside, variables)
        if not 0 < tally.failed <= SECOND_CHANCES:
            return tally
        print(f"\n=== once more: the {tally.failed} that failed ===", flush=True)
        again = one_pytest([*arguments, "--last-failed"], inside, variables)
    saved = tally.failed - again.failed
    if saved > 0:
        print(f"!!! PASSED ONLY ON THE SECOND RUN: {saved}, named above", flush=True)
    return Tally(tally.passed + max(saved, 0), again.failed, tally.skipped, tally.figures + again.figures)


def one_pytest(arguments: list[str], inside: tuple[str, ...], variables: dict[str, str]) -> Tally:
    """One run, counted from its own report; `inside` is a module that runs pytest as its command."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        outer = [PYTHON, "-m", *inside] if inside else []
        options = ["-o", "junit_logging=system-out", f"--junitxml={report}"]
        command = [*outer, PYTHON, "-m", "pytest", *options, *arguments]
        done = subprocess.run(command, cwd=TOP, env={**os.environ, SHARED: SCRATCH.name, **variables})
        if not report.is_file():
            return Tally(failed=1)
        suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314 -- pytest wrote it just now
    lines = [line for output in suite.iter("system-out") for line in (output.text or "").splitlines()]
    figures = tuple(line.removeprefix("figure: ") for line in lines if line.startswith("figure:"))
    counts = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
    failed = counts["failures"] + counts["errors"]
    skipped = tuple(sorted({one.get("message", "") for one in suite.iter("skipped")}))
    nothing_to_run = done.returncode == 5
    # Whatever else made pytest end badly counts too: a run that fails has at least one failure.
    failed = max(failed, 1) if done.returncode and not nothing_to_run else failed
    return Tally(counts["tests"] - failed - counts["skipped"], failed, skipped, figures)


@cache
def on_sqlite() -> dict[str, str]:
    """What a run on SQLite needs: a file on which the migrations have run, once for all processes and parts."""
    path = Path(SCRATCH.name) / "migrated.sqlite3"
    migrate(f"sqlite:///{path}")
    # What ends after its test's database finds this name: it may make the file, and not in the checkout.
    return {"DATABASE_URL": f"sqlite:///{path.with_name('unused')}", MIGRATED: str(path)}


def sqlite(arguments: list[str]) -> Tally:
    return pytest(["-m", "not browser and not webkit", *arguments], **on_sqlite())


def postgresql(arguments: list[str]) -> Tally:
    if find_binaries() is None:
        return missing("PostgreSQL", "all tests on a real PostgreSQL; apt install postgresql")
    return pytest(["-m", "not browser and not webkit", *arguments], inside=("tests.databases", "--migrated"))


def browser(arguments: list[str]) -> Tally:
    if not any(map(shutil.which, CHROMIUM)):
        return missing("Chromium", "all tests in a real browser; apt install chromium-headless-shell")
    return pytest(["-m", "browser", *arguments], **on_sqlite())


def webkit(arguments: list[str]) -> Tally:
    packages = webkitgtk.what_is_missing()
    if packages:
        return missing("WebKitGTK", f"the journeys in Safari's engine; apt install {packages}")
    return pytest(["-m", "webkit", *arguments], **on_sqlite())


def missing(tool: str, what: str) -> Tally:
    sentence = f"NO {tool.upper()}: {what}"
    print(sentence, flush=True)
    return Tally(failed=1, skipped=(sentence,)) if NO_SKIP else Tally(skipped=(sentence,))


def main(arguments: list[str]) -> int:
    split = arguments.index("--") if "--" in arguments else len(arguments)
    wanted, for_pytest = arguments[:split] or PARTS, arguments[split + 1 :]
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.exit(f"No such part: {', '.join(unknown)}. There are: {', '.join(PARTS)}")
    total, lines = Tally(), []
    runs = {"sqlite": sqlite, "postgresql": postgresql, "browser": browser, "webkit": webkit}
    for name in wanted:
        print(f"\n=== {name} ===", flush=True)
        started = time.monotonic()
        tally = checks() if name == "checks" else runs[name](for_pytest)
        total = total.plus(tally)
        seconds = time.monotonic() - started
        lines.append(f"{name:<11}{tally.passed:>6} passed {tally.failed:>4} failed {seconds:>6.0f} s")
    if total.figures:
        print("\n=== measured on the way ===", *total.figures, sep="\n")
    print("\n=== summary ===", *lines, sep="\n")
    for sentence in dict.fromkeys(total.skipped):
        print(f"!!! SKIPPED: {sentence}")
    if not total.skipped:
        print("nothing was skipped")
    print(f"{total.passed} passed, {total.failed} failed", flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
