import os
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from clinic.management.commands.member import ADDRESS_HELP, home, print_link
from clinic.staff import actions


class Command(BaseCommand):
    help = (
        "Open a clinic with its first manager, who chooses a password by the one-time link that is printed. Somebody "
        "who has an account already keeps it, and signs in as before."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="The clinic's name, as every page shows it.")
        parser.add_argument("--email", required=True, help="The manager signs in with it.")
        parser.add_argument("--person", default="", help="The manager's name in the record; for a new account.")
        parser.add_argument("--time-zone", default="Asia/Singapore", help="IANA name, for example Europe/London.")
        parser.add_argument("--address", help=ADDRESS_HELP)

    def handle(self, *args: Any, **options: Any) -> None:
        at = home(options["address"])  # before anything is written
        try:
            membership = actions.open_clinic(
                name=options["name"],
                time_zone=options["time_zone"],
                email=options["email"],
                person=options["person"],
                password=os.environ.get("ANAGEN_PASSWORD", ""),
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        if not membership.user.waits_for_link:
            self.stdout.write(f"{membership.clinic} is open. {membership.user.email} can sign in.")
            return
        self.stdout.write(f"{membership.clinic} is open.")
        print_link(self, membership, by=membership.user, home=at)
