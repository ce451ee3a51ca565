"""Print the address of the first page of an empty Anagen."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from clinic.management.commands.member import ADDRESS_HELP, home
from clinic.operations.database_restore import is_empty
from treatments.copies.first_page.code import VALID_FOR, make_code


class Command(BaseCommand):
    help = (
        "Print the address of the first page of an Anagen without a clinic, where one is opened, or a copy of one is "
        "restored. Whoever has the address may do so; a new one ends the older."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", help=ADDRESS_HELP)

    def handle(self, *args: Any, address: str | None, **options: Any) -> None:
        if not is_empty():
            raise CommandError("There is a clinic already. Managers add people under People.")
        try:
            code = make_code()
        except OSError as fault:
            raise CommandError(str(fault)) from fault
        hours = int(VALID_FOR.total_seconds() // 3600)
        self.stdout.write(f"Open this within {hours} hours:\n{home(address)}{reverse('begin', args=[code])}")
