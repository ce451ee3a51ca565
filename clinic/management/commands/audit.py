"""Keeping and checking the audit trail on the server."""

import time
from argparse import ArgumentParser, _SubParsersAction
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from clinic.audit import heads, log, rights, sealing, verification
from clinic.audit.append_only import allow_changes, append_only_models, refuse_changes
from clinic.audit.heads import Head
from clinic.audit_report.fhir import Exporter
from clinic.audit_report.questions import Question
from clinic.operations import models as upkeep
from clinic.staff.models import Clinic

SHOWN = 20


class Command(BaseCommand):
    help = "Seal the audit trail, check it against its seals, protect it, and hand it on."

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        self._add(parts, "seal", "seal all events that are not sealed; a server does so a minute after each event")
        verify = self._add(parts, "verify", "compare every event with its seal; exit code 1 when anything is wrong")
        verify.add_argument(
            "--head", action="append", default=[], type=Head.parse, help="a line that `backup` printed: 1:204:9f86…"
        )
        self._add(parts, "restored", "an older backup was restored, and what came after it is gone")
        self._add(parts, "protect", "make the triggers of all append-only tables anew, as the owner of the tables")
        rights_ = self._add(
            parts, "rights", "PostgreSQL: give a role what the service needs, as the owner of the tables"
        )
        rights_.add_argument("role")
        export = self._add(
            parts, "export", "write a clinic's events as FHIR R4 AuditEvents (IHE BALP), one in a line, to the output"
        )
        export.add_argument("--clinic", required=True, help="The clinic's name.")
        export.add_argument("--since", type=date.fromisoformat, help="The first day, in the clinic's time: 2026-05-14.")
        export.add_argument("--until", type=date.fromisoformat, help="The last day. Without it, until now.")
        export.add_argument("--host", help="The name by which people reach the server. Without it, from ALLOWED_HOSTS.")

    def _add(self, parts: "_SubParsersAction[Any]", name: str, says: str) -> ArgumentParser:
        """A subcommand, which the method of that name does."""
        part: ArgumentParser = parts.add_parser(name, help=says, description=says)
        part.set_defaults(act=getattr(self, name))
        return part

    def handle(self, *args: Any, act: Any, **options: Any) -> None:
        act(**options)

    def seal(self, **options: Any) -> None:
        count = sealing.seal()
        if count is None:
            raise CommandError("Somebody is writing just now. Try again in a minute.")
        self.stdout.write(f"Events sealed: {count}. The last seals:")
        for head in heads.stored().values():
            self.stdout.write(f"  {head}")

    def verify(self, *, head: list[Head], **options: Any) -> None:
        began = time.monotonic()
        try:
            verdict = verification.verify(head)
        except (OSError, ValueError) as fault:
            raise CommandError(f"{heads.path()} cannot be read: {fault}") from fault
        names = dict(Clinic.objects.values_list("pk", "name"))
        for trail in verdict.trails:
            name = names.get(trail.clinic_id, "No clinic") if trail.clinic_id else "Outside clinics"
            told = f"events: {trail.sealed} sealed, {trail.unsealed} not sealed yet"
            self.stdout.write(f"{name}: {told}" + ("" if trail.findings else "; all as they were sealed"))
            for finding in trail.findings[:SHOWN]:
                self.stdout.write(f"  {finding.sentence}")
            if len(trail.findings) > SHOWN:
                self.stdout.write(f"  and {len(trail.findings) - SHOWN} more")
        for table in verdict.unprotected:
            self.stdout.write(f"{table} has lost its triggers: whoever reaches the database can change it")
        for note in verdict.notes:
            self.stdout.write(note)
        count = sum(trail.sealed + trail.unsealed for trail in verdict.trails)
        self.stdout.write(f"Events read: {count}, in {time.monotonic() - began:.1f} s")
        faults = len(verdict.unprotected) + sum(len(trail.findings) for trail in verdict.trails)
        upkeep.done(upkeep.AUDIT, faults=min(faults, 2**31 - 1))
        if not verdict.is_whole:
            raise CommandError("The audit trail is not as it was sealed, or not protected: see above.")

    def restored(self, **options: Any) -> None:
        """On the trail, so that nobody takes a cut for a restored backup without being seen."""
        stored, kept = heads.stored(), heads.kept()
        with transaction.atomic():
            for clinic in Clinic.objects.order_by("pk"):
                has, had = stored.get(clinic.pk), kept.get(clinic.pk)
                detail = {"seal": has.number if has else 0, "seal_before": had.number if had else None}
                log.record("restored_backup", by=None, clinic=clinic, detail=detail)
        heads.replace(stored)
        sealing.seal()
        self.stdout.write("The trail goes on from here; that a backup was restored is on it.")

    def protect(self, **options: Any) -> None:
        with transaction.atomic():
            for model in append_only_models():
                allow_changes(connection, model)
                refuse_changes(connection, model, but=model.changeable)
                self.stdout.write(f"{model._meta.db_table} is append-only")

    def rights(self, *, role: str, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles.")
        rights.give(connection, role)
        self.stdout.write(f"{role} may read and write, and only add to: {', '.join(rights.append_only_tables())}")

    def export(self, *, clinic: str, since: date | None, until: date | None, host: str | None, **options: Any) -> None:
        found = list(Clinic.objects.filter(name=clinic))
        if len(found) != 1:
            names = ", ".join(Clinic.objects.order_by("name").values_list("name", flat=True))
            raise CommandError(f"{len(found)} clinics are called {clinic}. There are: {names}.")
        now = timezone.now()
        detail = {"since": str(since or ""), "until": str(until or ""), "format": "fhir"}
        log.record("exported_audit", by=None, clinic=found[0], detail=detail)
        question = Question(clinic=found[0], asked_at=now, first=since, last=until, oldest_first=True)
        exporter = Exporter(found[0], host=host or settings.ALLOWED_HOSTS[0])
        for line in exporter.lines(question.all()):
            self.stdout.write(line, ending="")
