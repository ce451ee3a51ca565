import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from clinic.staff import actions
from clinic.staff.models import Membership, Role, User


class Command(BaseCommand):
    help = (
        "Let a person work at a clinic, give them another role, or end what they may do there. The password of a new "
        "account is asked for, or read from ANAGEN_PASSWORD."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="The person signs in with it.")
        parser.add_argument("--by", required=True, help="E-mail of the manager who asked for it, for the audit trail.")
        parser.add_argument("--clinic", help="The clinic's name, where this manager manages several.")
        parser.add_argument("--name", help="The person's name, as the record shows it; for a new account.")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--role", choices=Role.values)
        what.add_argument("--leaves", action="store_true", help="The person may do nothing at this clinic any more.")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = self._asked_by(options["by"], options["clinic"])
        email = options["email"]
        member = Membership.objects.filter(clinic=asked.clinic, user__email__iexact=email).first()
        try:
            if options["leaves"]:
                if member is None:
                    raise CommandError(f"Nobody with the e-mail {email} works at {asked.clinic}.")
                actions.change_member(member, role=member.role, is_active=False, by=asked.user)
                self.stdout.write(f"{email} may do nothing at {asked.clinic} any more.")
                return
            if member is not None:
                member = actions.change_member(member, role=options["role"], is_active=True, by=asked.user)
            else:
                member = self._added(asked, email, options["name"], options["role"])
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(f"{email} works at {asked.clinic} as {member.get_role_display().lower()}.")

    def _asked_by(self, email: str, clinic: str | None) -> Membership:
        """The manager's own membership, which also says at which clinic."""
        managed = Membership.objects.active().filter(user__email__iexact=email, role=Role.MANAGER)
        found = list(managed.filter(clinic__name=clinic) if clinic else managed)
        if len(found) > 1:
            raise CommandError(f"{email} manages several clinics. Name one of them with --clinic.")
        if not found:
            raise CommandError(f"{email} is not a manager{f' of {clinic}' if clinic else ''}.")
        return found[0]

    def _added(self, asked: Membership, email: str, name: str | None, role: str) -> Membership:
        has_account, password = User.objects.filter(email__iexact=email).exists(), ""
        if not has_account:
            if not name:
                raise CommandError("Nobody has this e-mail yet. Write the person's name after --name.")
            password = os.environ.get("ANAGEN_PASSWORD") or getpass.getpass("Password (15 characters or more): ")
        return actions.add_member(
            clinic=asked.clinic, email=email, person=name or "", role=role, password=password, by=asked.user
        )
