"""Everything that is to be cleared away every night, in one command."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from clinic import uploads
from clinic.operations import models as upkeep


class Command(BaseCommand):
    help = "Clear away ended sessions, drafts older than 14 days, and what interrupted uploads left. Every night."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("clearsessions")
        call_command("sweep_drafts", stdout=self.stdout)
        self.stdout.write(f"{uploads.sweep(timezone.now())} files that never arrived removed.")
        call_command("photos", "sweep", stdout=self.stdout)
        upkeep.done(upkeep.SWEEP)
