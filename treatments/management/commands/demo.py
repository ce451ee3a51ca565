import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic.staff.models import Clinic
from treatments.demonstration.people import CLINIC, PASSWORD, STAFF
from treatments.demonstration.seed import fill


class Command(BaseCommand):
    help = "Fill an empty database with a demonstration clinic of invented patients, and print the sign-ins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="Do nothing when a clinic is there already.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration clinic is not for production: its passwords are printed.")
        if Clinic.objects.exists():
            if not options["if_empty"]:
                raise CommandError("There is a clinic already. Use an empty database, or --if-empty.")
        else:
            self.stdout.write("Filling the demonstration clinic (once; half a minute to a minute) …")
            self.stdout.flush()
            started = time.monotonic()
            with transaction.atomic():
                fill()
            self.stdout.write(f"{CLINIC} is filled ({time.monotonic() - started:.0f} s).")
        if Clinic.objects.filter(name=CLINIC).exists():
            self._print_sign_ins()

    def _print_sign_ins(self) -> None:
        self.stdout.write("\nSign in with one of these, and the password:  " + PASSWORD + "\n")
        for role, email, person in STAFF:
            self.stdout.write(f"  {email:<32} {person}, {role.replace('_', ' ')}")
        self.stdout.write("")
