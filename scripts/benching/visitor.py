"""One process that holds one database, fills it and opens its pages, told what to do a line at a time.

Two of them, asked in turn, see the same moments of the machine; a slow minute slows both.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django


class Visitor:
    def __init__(self) -> None:
        from django.test import Client

        self.client = Client(SERVER_NAME="localhost")
        self.paths: dict[str, str] = {}

    def fill(self, patients: int) -> dict[str, float]:
        from django.core.management import call_command

        from scripts.benching import clinics

        call_command("migrate", verbosity=0)
        begun = time.perf_counter()
        clinics.fill(patients)
        return {"seconds": time.perf_counter() - begun}

    def sign_in(self) -> list[str]:
        """Sign in, and answer the names of the pages that can be visited."""
        from clinic.staff.models import User
        from scripts.benching import pages

        self.client.force_login(User.objects.get(email="clinician@example.test"))
        self.paths = {page.name: page.path for page in pages.pages()}
        return list(self.paths)

    def open_a_patient(self) -> list[str]:
        """Fill a clinic with patients of one and of ten years, sign in, and answer the names of their pages."""
        from django.core.management import call_command
        from django.db import transaction

        from scripts.benching import addresses, history

        call_command("migrate", verbosity=0)
        with transaction.atomic():
            clinic, manager = history.clinic()
            year, ten_years = (history.patient_with_history(clinic, months) for months in (12, 120))
        self.client.force_login(manager)
        self.paths = addresses.pages_of(year, ten_years, self.client)
        # What was made to fill the clinic need not be looked through before each visit.
        gc.freeze()
        return list(self.paths)

    def fill_trail(self, events: int) -> dict[str, float]:
        """Fill a clinic with an audit trail, and sign in as the manager who did most."""
        from django.core.management import call_command

        from scripts.benching import audit_events

        call_command("migrate", verbosity=0)
        begun = time.perf_counter()
        clinic, manager = audit_events.fill(events)
        taken = time.perf_counter() - begun
        self.client.force_login(manager)
        self.paths = audit_events.questions(clinic, manager)
        return {"seconds": taken}

    def fill_outcomes(self, patients: int) -> dict[str, float]:
        """Fill a clinic whose courses have outcomes, and sign in."""
        from django.core.management import call_command

        from clinic.staff.models import User
        from scripts.benching import clinic_outcomes

        call_command("migrate", verbosity=0)
        begun = time.perf_counter()
        self.paths = clinic_outcomes.fill(patients)
        self.client.force_login(User.objects.get(email="clinician@example.test"))
        return {"seconds": time.perf_counter() - begun}

    def fill_years(self, patients: int) -> dict[str, tuple[int, int]]:
        """Rows and bytes of each table that patients of a year each add."""
        from django.core.management import call_command

        from scripts.benching import patient_years

        call_command("migrate", verbosity=0)
        return patient_years.fill(patients)

    def ask_trail(self) -> list[str]:
        """The names of the questions to the trail."""
        return list(self.paths)

    def seal_trail(self) -> dict[str, float]:
        """Processor seconds of sealing all of the trail, and of comparing it with its seals."""
        from clinic.audit import sealing, verification

        begun = time.process_time()
        sealing.seal()
        sealed = time.process_time()
        assert verification.verify().is_whole  # noqa: S101 -- a figure of what is wrong is none
        return {"seal": sealed - begun, "verify": time.process_time() - sealed}

    def profile(self, page: str) -> list[str]:
        from scripts.benching import profiling

        return [f"{page} ({self.paths[page]})", *profiling.profile(lambda: self._get(page), times=5)]

    def courses(self) -> dict[str, dict[str, float]]:
        """Timelines of 6, 60 and 600 entries: queries and bytes of each."""
        from scripts.benching import long_courses

        return long_courses.measure(self.client)

    def count(self, page: str) -> dict[str, int]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        counted = []
        # Now and then a request also notes that somebody is at work; the next one then does not.
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                size = self._get(page)
            counted.append(len(captured))
        return {"queries": min(counted), "bytes": size}

    def visit(self, page: str) -> tuple[float, float]:
        """Milliseconds from the request to the whole answer: those that passed, and those that were worked."""
        gc.collect()
        gc.disable()
        before, begun = _worked(), time.perf_counter()
        self._get(page)
        taken, worked = time.perf_counter() - begun, _worked() - before
        gc.enable()
        return taken * 1000, worked / 1e6

    def explain(self, page: str) -> list[str]:
        """The plan of each query of a page, for whoever looks into a figure."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            self._get(page)
        word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF)"
        told = []
        for query in captured.captured_queries:
            told.append(f"{query['time']} s  {query['sql'][:3000]}")
            if query["sql"].startswith("SELECT"):
                with connection.cursor() as cursor:
                    cursor.execute(f"{word} {query['sql']}")
                    told += [f"      {row[-1]}" for row in cursor.fetchall()]
        return told

    def _get(self, page: str) -> int:
        response = self.client.get(self.paths[page])
        if response.status_code != 200:
            raise RuntimeError(f"{page} ({self.paths[page]}) answered {response.status_code}")
        return len(response.content)


def _worked() -> int:
    """Nanoseconds that a processor spent on us, and on the PostgreSQL process that answers us; Linux counts both."""
    from django.db import connection

    worked = time.process_time_ns()
    if connection.vendor == "postgresql" and connection.connection is not None:
        told = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
        worked += int(told.read_text().split()[0]) if told.is_file() else 0
    return worked


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    # Nothing but answers goes to the pipe, whatever a page prints.
    answers, sys.stdout = sys.stdout, sys.stderr
    visitor = Visitor()
    for line in sys.stdin:
        verb, words = json.loads(line)
        act: Callable[..., Any] = getattr(visitor, verb)
        print(json.dumps(act(*words)), file=answers, flush=True)


if __name__ == "__main__":
    main()
