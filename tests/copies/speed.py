"""How fast copies are made, read and restored: MB for each second, wall and processor, and the memory at its peak.

    python -m tests.copies.speed --gigabytes 3                                      SQLite, a folder
    python -m tests.copies.speed --gigabytes 3 --place bucket --encrypted
    python -m tests.copies.speed --gigabytes 3 --place bucket --originals bucket

Photos are 5 to 12 MB of random bytes: nothing here looks at them. Needs three times the room in TMPDIR, four times when
encrypted. Under `python -m scripts.faults.store` the bucket is one of radosgw, which takes 4 GB in all.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.copies.drill import TOP, Site, ask, settings_of_originals

FILL = """
import random, sys
from clinic.operations import photo_folder
from tests import factories
from tests.copies.installations import add_photo
photo_folder.set_up()
patient, left = factories.patient(factories.clinic()), int(float(sys.argv[1]) * 1e9)
while left > 0:
    left -= add_photo(patient, size=random.randint(5_000_000, 12_000_000)).size_bytes
"""
BYTES = """
from django.db.models import Count, Sum
from treatments.models import Photo
told = Photo.objects.aggregate(Sum("size_bytes"), Count("pk"))
print(told["size_bytes__sum"], told["pk__count"])
"""


def measure(name: str, site: Site, size: int, *words: str) -> None:
    """Run a command of a site and print a line of it. Raises SystemExit when it fails."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=TOP,
            env=site.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise SystemExit(f"{' '.join(words)}: {output.read()}")
    wall, processor = time.monotonic() - began, used.ru_utime + used.ru_stime
    megabytes = size / 1e6
    print(
        f"{name:16} {wall:6.1f} s, {megabytes / wall:5.0f} MB/s; processor {processor:6.1f} s, "
        f"{megabytes / processor:5.0f} MB/s ({used.ru_utime:.1f} + {used.ru_stime:.1f}); "
        f"{used.ru_maxrss // 1024} MB of memory; 50 GB in {50e3 / (megabytes / wall) / 60:.0f} min",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--place", choices=["folder", "bucket"], default="folder")
    parser.add_argument("--originals", choices=["folder", "bucket"], default="folder")
    parser.add_argument("--encrypted", action="store_true")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="speed-") as folder, ExitStack() as stack:
        _run(told, Path(folder), stack)


def _run(told: argparse.Namespace, work: Path, stack: ExitStack) -> None:
    import pyrage

    from tests.s3_server import address_to_try, s3_server

    old, new = (Site(work / name, f"sqlite:///{work}/{name}/anagen.sqlite3") for name in ("old", "new"))
    place, key_id, secret, identity = str(work / "copies"), "", "", list[str]()
    if told.place == "bucket":
        place, key_id, secret = address_to_try(stack.enter_context(s3_server(work / "s3")))
    for number, site in enumerate((old, new)):
        site.folder.mkdir()
        site.further |= {"BACKUP_KEY_ID": key_id, "BACKUP_SECRET": secret}
        if told.originals == "bucket":
            site.further |= settings_of_originals(stack.enter_context(s3_server(work / f"originals{number}")))
    if told.encrypted:
        key = pyrage.x25519.Identity.generate()
        (work / "key").write_text(str(key))
        old.further["BACKUP_RECIPIENT"], identity = str(key.to_public()), ["--identity", str(work / "key")]
    old.works("migrate", "--verbosity", "0")
    ask(old, FILL, str(told.gigabytes))
    size, photos = map(int, ask(old, BYTES).split())
    print(f"{photos} photos, {size / 1e9:.2f} GB; {told}", flush=True)
    measure("backup", old, size, "backup", place)
    measure("backup again", old, size, "backup", place)
    measure("check", old, size, "backup", place, "--check")
    measure("restore", new, size, "restore", place, *identity)
    measure("restore again", new, size, "restore", place, *identity, "--replace")


if __name__ == "__main__":
    main()
