from typing import Any

from django.core.management.base import BaseCommand

from treatments.records.drafts import store as drafts


class Command(BaseCommand):
    help = "Delete drafts of forms that were left unsaved more than 14 days ago."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{drafts.delete_old()} drafts deleted.")
