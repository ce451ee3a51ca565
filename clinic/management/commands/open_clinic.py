import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from clinic.staff import actions


class Command(BaseCommand):
    help = "Open a clinic with its first manager. The password is asked for, or read from ANAGEN_PASSWORD."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="The clinic's name, as every page shows it.")
        parser.add_argument("--email", required=True, help="The manager signs in with it.")
        parser.add_argument("--person", required=True, help="The manager's name, as the record shows it.")
        parser.add_argument("--time-zone", default="Asia/Singapore", help="IANA name, for example Europe/London.")

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("ANAGEN_PASSWORD") or getpass.getpass("Password (15 characters or more): ")
        try:
            membership = actions.open_clinic(
                name=options["name"],
                time_zone=options["time_zone"],
                email=options["email"],
                person=options["person"],
                password=password,
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(f"{membership.clinic} is open. {membership.user.email} can sign in.")
