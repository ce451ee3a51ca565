from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from treatments.transfer import actions


class Command(BaseCommand):
    help = "Delete spreadsheets that were sent more than a day ago and not imported."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = actions.sweep_files(now=timezone.now())
        self.stdout.write(f"{removed} spreadsheets that were not imported removed.")
