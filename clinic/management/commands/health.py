import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.operations.health import accept_clock, examine


class Command(BaseCommand):
    help = "Print what /health/ tells on the server itself; exit code 1 when something is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--clock-is-right", action="store_true", help="take the clock as it is, although it was ahead before"
        )

    def handle(self, *args: Any, clock_is_right: bool, **options: Any) -> None:
        if clock_is_right:
            accept_clock()
        facts = examine()
        self.stdout.write(json.dumps(facts, indent=2))
        if not facts["ok"]:
            raise CommandError("Something is wrong, see above.")
