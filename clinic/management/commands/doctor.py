import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.installation.doctor import machine_faults, record_faults
from clinic.installation.doctor.examination import in_words


class Command(BaseCommand):
    """For a checkout; an installed package looks at its units, proxy and file of settings too (clinic/installation)."""

    help = "Say what is wrong with this installation, in plain words; exit code 1 when something is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for a program: names that stay, and sentences")

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        about_settings = machine_faults.about_settings(dict(os.environ), None)
        findings = [*about_settings, *machine_faults.about_clock(), *record_faults.all_of_them()]
        self.stdout.write(machine_faults.as_json(findings) if json else in_words(findings))
        if findings:
            raise CommandError("Something is wrong, see above.")
