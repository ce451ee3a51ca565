"""Everything that is to be cleared away every night, in one command."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic import uploads
from clinic.operations import models as upkeep
from clinic.sign_in import expiry


class Command(BaseCommand):
    help = (
        "Clear away sign-ins that have ended and what else of signing in has expired, drafts older than 14 days, and "
        "what interrupted uploads left. Every night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = []
        removed_rows = expiry.sweep(timezone.now())
        self.stdout.write(f"{', '.join(f'{number} {kind}' for kind, number in removed_rows.items())} removed.")
        for task in (["sweep_drafts"], ["photos", "sweep"]):
            try:
                call_command(*task, stdout=self.stdout)
            except CommandError as fault:
                faults.append(str(fault))
        removed, failed = uploads.sweep(timezone.now())
        self.stdout.write(f"{removed} files that never arrived removed.")
        faults += failed
        upkeep.done(upkeep.SWEEP, faults=len(faults))
        if faults:
            raise CommandError("\n".join(faults))
