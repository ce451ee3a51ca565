"""Everything that is to be done every night, in one command: what is over is cleared away, the audit trail sealed."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic import uploads
from clinic.audit import heads, sealing
from clinic.monitoring import error_reports
from clinic.operations import models as upkeep
from clinic.sign_in import expiry


class Command(BaseCommand):
    help = (
        "Clear away sign-ins that have ended and what else of signing in has expired, drafts older than 14 days, "
        "spreadsheets that were not imported within a day, and what interrupted uploads left; "
        "and seal the audit trail. Every night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = []
        removed_rows = expiry.sweep(timezone.now()) | {"reports of errors": error_reports.sweep(timezone.now())}
        self.stdout.write(f"{', '.join(f'{number} {kind}' for kind, number in removed_rows.items())} removed.")
        for task in (["sweep_drafts"], ["sweep_imports"], ["photos", "sweep"]):
            try:
                call_command(*task, stdout=self.stdout)
            except CommandError as fault:
                faults.append(str(fault))
        removed, failed = uploads.sweep(timezone.now())
        self.stdout.write(f"{removed} files that never arrived removed.")
        faults += failed
        try:
            self.stdout.write(f"{sealing.seal() or 0} events of the audit trail sealed.")
        except (OSError, ValueError) as fault:
            faults.append(f"{heads.path()}: {fault}")
        upkeep.done(upkeep.SWEEP, faults=len(faults))
        if faults:
            raise CommandError("\n".join(faults))
