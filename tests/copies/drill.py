"""The drill: copies that are killed at random while people work, a restore that is killed at random, and every row and
every byte compared in the end.

    python -m tests.copies.drill --kills 10 --photos 60                       SQLite, a folder
    python -m tests.copies.drill --database postgresql --place bucket --encrypted
    python -m tests.copies.drill --originals bucket                           photos of both in buckets of their own
    python -m tests.copies.drill --move                                       SQLite to PostgreSQL and a bucket
    python -m tests.copies.drill --move --one-clinic                          one of two clinics to its own PostgreSQL

Under `python -m scripts.faults.store` every bucket is one of radosgw. Exit code 1 when anything is lost. Takes some
minutes; prints a line for each attempt. `--seed` repeats a run.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.s3_server import S3Server

TOP = Path(__file__).resolve().parents[2]


@dataclass
class Site:
    """An installation of its own: DATABASE_URL and everything else of its environment."""

    folder: Path
    url: str
    further: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "ANAGEN_MODE": "test",
            "DJANGO_SETTINGS_MODULE": "clinic.settings",
            "DATABASE_URL": self.url,
            "MEDIA_ROOT": str(self.folder / "photos"),
            "VAR_DIR": str(self.folder / "var"),
            "PHOTO_STORE": "",  # not that of whoever starts the drill
        }
        return os.environ | own | self.further

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words], cwd=TOP, env=self.environment, capture_output=True, text=True
        )

    def works(self, *words: str) -> str:
        done = self.command(*words)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def killed(self, *words: str, after: float) -> bool:
        """Whether it was killed before its end, with everything that it had started."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=TOP,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(timeout=after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True
        return False


WRITE = """
import sys, time, uuid
from clinic.staff.models import Clinic
from tests import factories
from tests.copies.installations import add_photo
clinic, ledger = Clinic.objects.get(), open(sys.argv[1], "a", buffering=1)
while True:
    patient = factories.patient(clinic, record_number=uuid.uuid4().hex[:12])
    photo = add_photo(patient, size=50_000)
    ledger.write(f"{time.time()} {patient.pk} {photo.pk}\\n")
    time.sleep(0.05)
"""
FILL = """
import sys
from tests.copies.installations import fill
fill(photos=int(sys.argv[1]), size=200_000)
"""
TELL = """
import json
from tests.copies.installations import every_photo, every_row
from treatments.models import Photo
rows = {name: sorted(map(list, found.elements())) for name, found in every_row().items()}
named = set(Photo.objects.values_list("key", flat=True))  # whoever was killed while saving left a file without a row
print(json.dumps(rows | {"photos": {key: sha for key, sha in every_photo().items() if key in named}}, sort_keys=True))
"""
HAS = """
import sys
from treatments.models import Photo
confirmed = [line.split() for line in open(sys.argv[1])]
known = {str(pk) for pk in Photo.objects.values_list("pk", flat=True)}
print(sum(photo not in known for at, patient, photo in confirmed if float(at) < float(sys.argv[2])))
"""


def python(site: Site, text: str, *words: str) -> list[str]:
    start = "import django; django.setup()\n"
    return [sys.executable, "-c", start + text, *words]


def ask(site: Site, text: str, *words: str) -> str:
    done = subprocess.run(
        python(site, text, *words), cwd=TOP, env=site.environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.strip()


@contextmanager
def people_at_work(site: Site, ledger: Path) -> Iterator[None]:
    ledger.touch()
    process = subprocess.Popen(python(site, WRITE, str(ledger)), cwd=TOP, env=site.environment)
    try:
        yield
        if process.poll() is not None:
            raise SystemExit("whoever was to work meanwhile has stopped")
    finally:
        process.kill()
        process.wait()


def killed_at_random(kills: int, longest: float, attempt: Callable[[float], bool], say: Callable[[str], None]) -> None:
    """Attempts that are killed after a random time, until so many were; one that ends before is no kill."""
    for number in range(kills):
        after = random.uniform(0.3, longest)
        was = attempt(after)
        say(f"  attempt {number + 1}: {f'killed after {after:.1f} s' if was else 'ended'}")


def copy_and_restore(site: Site, new: Site, place: str, identity: list[str], *, kills: int, work: Path) -> list[str]:
    """What was lost; [] for nothing."""
    lost = []
    began = time.monotonic()
    with people_at_work(site, work / "ledger"):
        site.works("backup", place)
        longest = max(time.monotonic() - began, 2)
        say(f"first copy: {longest:.1f} s")
        killed_at_random(kills, longest, lambda after: site.killed("backup", place, after=after), say)
        before = time.time()
        site.works("backup", place)
    site.works("backup", place)  # of the state that is compared: nobody works any more
    site.works("backup", place, "--check")
    was = ask(site, TELL)

    began = time.monotonic()
    killed_at_random(kills, longest, lambda after: new.killed("restore", place, *identity, after=after), say)
    done = new.command("restore", place, *identity)
    if done.returncode and "has a clinic in it already" not in done.stderr:
        lost.append(done.stderr.strip())
    say(f"{done.stdout.strip().splitlines()[-1] if done.stdout.strip() else 'restored by an attempt that ended'}")
    lost += [f"{name} differ" for name in differing(was, ask(new, TELL))]
    if missing := int(ask(new, HAS, str(work / "ledger"), str(before))):
        lost.append(f"{missing} confirmed photos are missing")
    new.works("audit", "verify")
    new.works("photos", "verify")
    return lost


def differing(was: str, told: str) -> list[str]:
    """The tables, or "photos", that are not the same in what TELL says of two installations."""
    before, after = json.loads(was), json.loads(told)
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def move(site: Site, new: Site, *, kills: int, longest: float) -> list[str]:
    """What was lost, or changed in the old place; [] for nothing."""
    words = ["move", "--to", new.url, "--store", new.further["PHOTO_STORE"], "--settle", "0"]
    was = ask(site, TELL)

    def attempt(after: float) -> bool:
        was_killed = site.killed(*words, after=after)
        if not was_killed:  # so that there is something left to kill
            site.works("move", "--reopen")
        return was_killed

    killed_at_random(kills, longest, attempt, say)
    done = site.command(*words)
    if done.returncode and "has moved already" not in done.stderr:
        return [done.stderr.strip()]
    say(done.stdout.strip().splitlines()[3] if done.returncode == 0 else "moved by an attempt that ended")
    lost = [] if ask(site, TELL) == was else ["the old place was changed"]
    digests = (
        "from treatments.copies.moving.tables import *\n"
        "print({m.__name__: digest(m, 'default') for m in tables() if m.__name__ != 'Upkeep'})"
    )
    if ask(site, digests) != ask(new, digests):
        lost.append("rows differ")
    photos = "from tests.copies.installations import every_photo\nprint(sorted(every_photo().items()))"
    if ask(site, photos) != ask(new, photos):
        lost.append("photos differ")
    new.works("audit", "verify")
    new.works("photos", "verify")
    return lost + _after_it_was_given_up(site, new, words, digests)


LEAVING = "Leaving Clinic"
NAMES = f"""
from itertools import count
from clinic.staff.models import Clinic
from tests import factories
from tests.copies.installations import fill
Clinic.objects.update(name="{LEAVING}")
factories._count = count(100_000)  # the names of the first clinic were counted in another process
fill(photos=5)
"""
ROWS_OF_IT = f"""
from clinic.staff.models import Clinic
from treatments.copies.moving import clinics, tables
rows = clinics.rows_of(Clinic.objects.get(name="{LEAVING}"))
print(sorted((m.__name__, tables.digest(m, "default", which)) for m, which in rows.items() if m is not Clinic))
"""
ROWS_THERE = """
from clinic.staff.models import Clinic
from treatments.copies.moving import clinics, tables
told = clinics.rows_of(Clinic.objects.get())
print(sorted((m.__name__, tables.digest(m, "default")) for m in told if m is not Clinic))
"""
PHOTOS_OF_IT = f"""
from clinic.staff.models import Clinic
from treatments.copies.moving import clinics
print([(key, sha256) for key, sha256, _ in clinics.originals_of(Clinic.objects.get(name="{LEAVING}"))])
"""
PHOTOS_THERE = """
from tests.copies.installations import every_photo
print(sorted(every_photo().items()))
"""


def move_one_clinic(site: Site, new: Site, *, kills: int, longest: float) -> list[str]:
    """What was lost of the clinic that goes, or changed of the one that stays; [] for nothing."""
    ask(site, NAMES)
    words = ["move", "--clinic", LEAVING, "--to", new.url, "--store", new.further["PHOTO_STORE"], "--settle", "0"]
    was, photos, rows = ask(site, TELL), ask(site, PHOTOS_OF_IT), ask(site, ROWS_OF_IT)

    def attempt(after: float) -> bool:
        was_killed = site.killed(*words, after=after)
        if not was_killed:  # so that there is something left to kill
            site.works("move", "--clinic", LEAVING, "--reopen")
        return was_killed

    killed_at_random(kills, longest, attempt, say)
    site.works(*words)
    lost = [] if ask(new, ROWS_THERE) == rows == ask(site, ROWS_OF_IT) else ["rows differ"]
    if ask(new, PHOTOS_THERE) != photos:
        lost.append("photos differ")
    site.works("move", "--clinic", LEAVING, "--reopen")
    if ask(site, TELL) != was:
        lost.append("the old place was changed")
    new.works("audit", "verify")
    new.works("photos", "verify")
    return lost


def _after_it_was_given_up(site: Site, new: Site, words: list[str], digests: str) -> list[str]:
    """People work again in the old place, and delete too; the next move has what is there then and no more."""
    site.works("move", "--reopen")
    ask(site, "from clinic.sign_in.sessions import end_all\nend_all()")
    ask(site, "from tests.copies.installations import *\nfrom clinic.staff.models import Clinic\n" + _MORE)
    site.works(*words)
    return [] if ask(site, digests) == ask(new, digests) else ["rows differ after a second move"]


_MORE = """
from tests import factories
add_photo(factories.patient(Clinic.objects.get(), record_number="AFTER"))
"""


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--place", choices=["folder", "bucket"], default="folder")
    parser.add_argument("--originals", choices=["folder", "bucket"], default="folder", help="of both installations")
    parser.add_argument("--encrypted", action="store_true")
    parser.add_argument("--move", action="store_true", help="instead: `move` from SQLite to PostgreSQL and a bucket")
    parser.add_argument("--one-clinic", action="store_true", help="with --move: one of two clinics of PostgreSQL")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--longest", type=float, default=40, help="seconds after which a move is killed at the latest")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    told = parser.parse_args()
    say(f"seed {told.seed}")
    random.seed(told.seed)
    with tempfile.TemporaryDirectory(prefix="drill-") as folder, ExitStack() as stack:
        lost = _run(told, Path(folder), stack)
    for line in lost:
        say(f"LOST: {line}")
    say("nothing was lost" if not lost else "failed")
    return bool(lost)


def settings_of_originals(server: "S3Server") -> dict[str, str]:
    """Settings of a site whose photos lie in a bucket."""
    from tests.s3_server import address_to_try

    return dict(zip(("PHOTO_STORE", "PHOTO_STORE_KEY_ID", "PHOTO_STORE_SECRET"), address_to_try(server), strict=True))


def _run(told: argparse.Namespace, work: Path, stack: ExitStack) -> list[str]:
    import psycopg
    import pyrage

    from tests.databases import postgresql
    from tests.s3_server import address_to_try, s3_server

    urls = [f"sqlite:///{work}/{name}/anagen.sqlite3" for name in ("old", "new")]
    for name in ("old", "new"):
        (work / name).mkdir()
    if told.database == "postgresql" or told.move:
        url = stack.enter_context(postgresql())
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("CREATE DATABASE old")
            server.execute("CREATE DATABASE new")
        there = [url.replace("/postgres?", f"/{name}?") for name in ("old", "new")]
        urls = [urls[0], there[1]] if told.move and not told.one_clinic else there
    old, new = Site(work / "old", urls[0]), Site(work / "new", urls[1])
    old.works("migrate", "--verbosity", "0")
    place, identity = str(work / "copies"), []
    if told.place == "bucket" or told.move:
        server = stack.enter_context(s3_server(work / "s3"))
        place, key_id, secret = address_to_try(server)
        for site in (old, new):
            site.further |= {"BACKUP_KEY_ID": key_id, "BACKUP_SECRET": secret}
    if told.originals == "bucket":
        for number, site in enumerate((old, new)):
            site.further |= settings_of_originals(stack.enter_context(s3_server(work / f"originals{number}")))
    if told.encrypted:
        key = pyrage.x25519.Identity.generate()
        (work / "key").write_text(str(key))
        old.further["BACKUP_RECIPIENT"], identity = str(key.to_public()), ["--identity", str(work / "key")]
    ask(old, "from clinic.operations import photo_folder; photo_folder.set_up()")
    ask(old, FILL, str(told.photos))
    if told.move:
        old.further |= {"PHOTO_STORE_KEY_ID": key_id, "PHOTO_STORE_SECRET": secret}
        new.further |= {**old.further, "PHOTO_STORE": place}
        act = move_one_clinic if told.one_clinic else move
        return act(old, new, kills=told.kills, longest=told.longest)
    return copy_and_restore(old, new, place, identity, kills=told.kills, work=work)


if __name__ == "__main__":
    sys.exit(main())
