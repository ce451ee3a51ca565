"""Compare the stored outcomes of every course with the record, or compute them all anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from treatments.assessments.outcomes.computing import in_portions, out_of_line, store
from treatments.models import Patient


class Command(BaseCommand):
    help = (
        "name the courses whose stored outcomes are not what the record says, exit code 1 when there are any; "
        "with --recompute, bring them in line"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recompute", action="store_true", help="write what the record says")

    def handle(self, *args: Any, recompute: bool = False, **options: Any) -> None:
        faults = 0
        for portion in in_portions(Patient.objects.all()):
            if recompute:
                with transaction.atomic():
                    list(Patient.objects.select_for_update(no_key=True).filter(pk__in=portion).order_by("pk"))
                    faults += store(portion)
                continue
            for course, month, wrong in out_of_line(portion):
                faults += 1
                self.stdout.write(f"course {course}, Month {month}: {wrong}")
        if recompute:
            self.stdout.write(f"{faults} rows were brought in line.")
        elif faults:
            raise CommandError(f"{faults} rows differ. Run it again with --recompute.")
        else:
            self.stdout.write("Every outcome is what the record says.")
