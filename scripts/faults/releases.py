"""Two releases of Anagen at once: the one before, out of the history of this checkout, and this one.

Release 0.2.0 knew no store and no /health/live: both hosts share one folder of photos, and HAProxy asks /health/.
"""

import io
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scripts.faults.group import Group
from scripts.faults.hosts import AnagenHost, prepare
from scripts.faults.people import say
from scripts.faults.processes import TOP

RELEASE_BEFORE: Final = "0.2.0"
LAST_COMMIT: Final = "fded7f664336c588607d5470ab55ef0d3ac7e308"
"""The last one before the tables of 0.3.0."""
DATABASE: Final = "two_releases"
OF_THE_RELEASE_BEFORE: Final = "SELECT count(*) FROM treatments_regionvolume WHERE clinic_id IS NULL"
OF_THIS_RELEASE: Final = "SELECT count(*) FROM treatments_regionvolume WHERE clinic_id IS NOT NULL"
"""Volumes of sessions: a column that 0.2.0 does not know tells who saved them."""


def lacks_history() -> str:
    """Why the release before cannot be had; "" when it can."""
    if not shutil.which("git"):
        return "git is not here, which has the release before"
    asked = ["git", "cat-file", "-e", f"{LAST_COMMIT}^{{commit}}"]
    if subprocess.run(asked, cwd=TOP, capture_output=True).returncode:
        return f"the history of this checkout does not reach back to release {RELEASE_BEFORE}; git fetch --unshallow"
    return ""


@contextmanager
def both_of_the_release_before(group: Group) -> Iterator[None]:
    """Both hosts run the release before, on a database of its own."""
    folder = group.folder / "two-releases"
    code = _checked_out(folder / RELEASE_BEFORE)
    group.database.execute(f"CREATE DATABASE {DATABASE} OWNER anagen_owner")
    usual = group.hosts
    _stop(usual)
    group.hosts = [_host(number, folder, code) for number, _ in enumerate(usual, start=1)]
    try:
        _start(group.hosts, is_new=True)
        yield
    finally:
        _stop(group.hosts)
        group.hosts = usual
        _start(usual)


def _checked_out(folder: Path) -> Path:
    """The release before, with what is asked of it by these runs."""
    files = subprocess.run(["git", "archive", LAST_COMMIT], cwd=TOP, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(files)) as archive:
        archive.extractall(folder, filter="data")
    (folder / "scripts/faults").mkdir()
    shutil.copy(Path(__file__).with_name("filling.py"), folder / "scripts/faults")
    return folder


def _host(number: int, folder: Path, code: Path) -> AnagenHost:
    host = AnagenHost(number, folder, {"MEDIA_ROOT": str(folder / "photos"), "PHOTO_STORE": ""})
    host.variables["DATABASE_URL"] = host.variables["DATABASE_URL"].removesuffix("/anagen") + f"/{DATABASE}"
    host.balancer_file.write_text(host.balancer_file.read_text().replace("/health/live", "/health/"))
    host.install(code)
    return host


def _stop(hosts: list[AnagenHost]) -> None:
    for host in hosts:
        for program in (host.anagen, host.balancer):
            if program.process:
                program.stop()


def _start(hosts: list[AnagenHost], *, is_new: bool = False) -> None:
    for host in hosts:
        host.balancer.start()
    time.sleep(3)  # until HAProxy has found the primary
    if is_new:
        prepare(hosts)
    for host in hosts:
        host.start()


def go_to_this_release(group: Group) -> list[str]:
    """Both hosts go from the release before to this one: the tables first, then one host after the other."""
    first, second = group.hosts
    second.install(TOP)
    begun = time.monotonic()
    second.command("migrate", "--verbosity", "0", as_owner=True)  # itself once more where somebody holds a table
    second.command("audit", "rights", "anagen", as_owner=True)
    say(f"the tables are those of this release after {time.monotonic() - begun:.1f} s, both hosts of the one before")
    filled = _count(group, OF_THIS_RELEASE)
    time.sleep(15)
    _renew(second)
    say(f"{second.name} has this release, {first.name} the one before")
    time.sleep(40)
    saved = {RELEASE_BEFORE: _count(group, OF_THE_RELEASE_BEFORE), "this one": _count(group, OF_THIS_RELEASE) - filled}
    say(f"sessions with volumes saved into the new tables: {saved}")
    first.install(TOP)
    _renew(first)
    say("both hosts have this release")
    time.sleep(10)
    return [f"release {name} saved no session into the new tables" for name, many in saved.items() if not many]


def _count(group: Group, question: str) -> int:
    return int(group.database.ask(question, DATABASE))


def _renew(host: AnagenHost) -> None:
    """As group.md tells it: stopped, the new version in its place, started, and waited for."""
    host.anagen.stop()
    host.command("collectstatic", "--no-input", "--verbosity", "0")
    host.start_and_wait()
