import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from clinic.staff.actions import add_member, change_member
from clinic.staff.links import VALID_FOR, make_link
from clinic.staff.models import Membership, Role, User

ADDRESS_HELP = "Where people reach Anagen, for the link; otherwise https and the first of ALLOWED_HOSTS."


def home(address: str | None) -> str:
    """Where people reach Anagen: `address`, for example https://records.example.org, or what ALLOWED_HOSTS says.

    Raises CommandError where none is given, and ALLOWED_HOSTS names no single host.
    """
    host = settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "*"
    if not address and host.startswith(("*", ".")):
        raise CommandError("ALLOWED_HOSTS names no single host. Write --address https://records.example.org")
    return (address or f"https://{host}").rstrip("/")


def print_link(command: BaseCommand, member: Membership, *, by: User, home: str, removes: bool = False) -> None:
    """Make a one-time link and print it; `home` is where people reach Anagen."""
    secret, _ = make_link(member, by=by, on_server=True, removes_second_factor=removes)
    hours = int(VALID_FOR.total_seconds() // 3600)
    link = f"{home}{reverse('one-time-link', args=[secret])}"
    command.stdout.write(f"{member.user.email} opens this within {hours} hours, once:\n{link}")


class Command(BaseCommand):
    help = (
        "Add a person to a clinic, give them another role, end their work there, or make a one-time link for somebody "
        "who has forgotten the password. Managers do the same under People; this is for when no manager can sign in."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        # What all four take stands before or behind the word, as one likes.
        what = parser.add_subparsers(dest="what", required=True)
        add = what.add_parser("add", help="Add a person, and print a one-time link where they have no account yet.")
        role = what.add_parser("role", help="Give a person another role, or let somebody who has left come back.")
        end = what.add_parser("end", help="End at once what a person may do at the clinic.")
        link = what.add_parser("link", help="Print a one-time link by which a person sets a new password.")
        for each in (add, role, end, link):
            each.add_argument("email", help="The person signs in with it.")
            each.add_argument(
                "--by", required=True, help="E-mail of the manager who asked for it; it goes on the audit trail."
            )
            each.add_argument("--clinic", help="The clinic's name, where this manager manages several.")
        add.add_argument("--name", default="", help="The person's name, as the record shows it; for a new account.")
        for each in (add, role):
            each.add_argument("--role", required=True, choices=Role.values)
        for each in (add, link):
            each.add_argument("--address", help=ADDRESS_HELP)
        link.add_argument("--without-second-factor", action="store_true", help="Remove a lost second factor with it.")

    def handle(self, *args: Any, what: str, email: str, by: str, **options: Any) -> None:
        asked = self._asked_by(by, options["clinic"])
        try:
            if what == "add":
                self._add(asked, email, options)
            elif what == "link":
                member, removes = self._member(asked, email), options["without_second_factor"]
                print_link(self, member, by=asked.user, home=home(options["address"]), removes=removes)
            else:
                self._change(asked, self._member(asked, email), options.get("role"))
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal

    def _asked_by(self, email: str, clinic: str | None) -> Membership:
        """The manager's own membership, which also says at which clinic."""
        managed = Membership.objects.active().filter(user__email__iexact=email, role=Role.MANAGER)
        found = list(managed.filter(clinic__name=clinic) if clinic else managed)
        if len(found) > 1 and clinic:
            raise CommandError(f"{email} manages two clinics called {clinic}. Give one another name, under Clinic.")
        if len(found) > 1:
            raise CommandError(f"{email} manages several clinics. Name one of them with --clinic.")
        if not found:
            raise CommandError(f"{email} is not a manager{f' of {clinic}' if clinic else ''}.")
        return found[0]

    def _member(self, asked: Membership, email: str) -> Membership:
        member = Membership.objects.filter(clinic=asked.clinic, user__email__iexact=email).first()
        if member is None:
            raise CommandError(f"Nobody with the e-mail {email} works at {asked.clinic}.")
        return member

    def _add(self, asked: Membership, email: str, options: dict[str, Any]) -> None:
        at = home(options["address"])  # before anything is written
        member = add_member(
            clinic=asked.clinic,
            email=email,
            person=options["name"],
            role=options["role"],
            password=os.environ.get("ANAGEN_PASSWORD", ""),
            by=asked.user,
        )
        self._say(member)
        if member.user.waits_for_link:
            print_link(self, member, by=asked.user, home=at)

    def _change(self, asked: Membership, member: Membership, role: str | None) -> None:
        """Another role, or with None the end of what the person may do."""
        self._say(change_member(member, role=role or member.role, is_active=role is not None, by=asked.user))

    def _say(self, member: Membership) -> None:
        if member.is_active:
            self.stdout.write(f"{member.user.email} works at {member.clinic} as {member.get_role_display().lower()}.")
        else:
            self.stdout.write(f"{member.user.email} may do nothing at {member.clinic} any more.")
