"""Try a store of files: what its server can do, and what it lacks."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic import environment
from clinic.object_store.addresses import WrongAddress, open_store
from clinic.object_store.probe import probe


class Command(BaseCommand):
    help = (
        "probe: write some small files to the store, read them back, try to read them without a key and with a wrong "
        "one, and remove them; says by name what the store lacks. Exit code 1 when it lacks what Anagen needs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        trial = acts.add_parser("probe", help="say what the store can do")
        trial.add_argument(
            "which", nargs="?", choices=["photos", "backup"], default="photos", help="PHOTO_STORE, or BACKUP_TO"
        )

    def handle(self, *args: Any, which: str, **options: Any) -> None:
        url, key_id, secret = _address(which)
        try:
            findings = probe(open_store(url, key_id=key_id, secret=secret))
        except WrongAddress as fault:
            raise CommandError(f"BACKUP_TO: {fault}") from None
        except OSError as fault:
            raise CommandError(str(fault)) from fault
        for each in findings:
            self.stdout.write(f"{'has' if each.has else 'LACKS':6} {each.capability.name:18} {each.sentence}".rstrip())
        needed = [each.capability.name for each in findings if not each.has and each.capability.is_needed]
        if needed:
            raise CommandError(f"This store is not fit for patients' files, it lacks: {', '.join(needed)}.")
        weak = [each.capability.name for each in findings if not each.has]
        self.stdout.write(
            f"It can be used; it lacks: {', '.join(weak)}." if weak else "It has all that is asked of it."
        )


def _address(which: str) -> tuple[str, str, str]:
    if which == "photos":
        url = settings.PHOTO_STORE or f"file://{settings.MEDIA_ROOT}"
        return url, settings.PHOTO_STORE_KEY_ID, settings.PHOTO_STORE_SECRET
    return environment.text("BACKUP_TO"), environment.text("BACKUP_KEY_ID"), environment.text("BACKUP_SECRET")
