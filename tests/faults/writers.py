"""One of several people who write at the same time: a process of its own, as in a clinic with many workers.

    python -m tests.faults.writers edit <therapy id> <person id> <times>
    python -m tests.faults.writers log <course id> <lot id> <person id> <times>

Prints one line of JSON: {"acknowledged": [...], "refused": n, "errors": [...], "seconds": [...]}.
"""

import datetime
import json
import os
import random
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")


def edit(therapy_id: str, person_id: str, number: int) -> str | None:
    """Change one record as it was seen a moment before; None when somebody else was quicker."""
    from treatments.models import Therapy
    from treatments.records.actions import Conflict, correct

    seen = Therapy.objects.get(pk=therapy_id)
    time.sleep(random.uniform(0, 0.01))
    word = f"person {person_id}, edit {number}"
    try:
        correct(
            seen,
            changes={"detail": word},
            reason=f"edit {number}",
            expected_version=seen.version,
            by=_person(person_id),
        )
    except Conflict:
        return None
    return word


def log(course_id: str, lot_id: str, person_id: str, number: int) -> str:
    from treatments.models import Course, ExosomeSession, Lot
    from treatments.sessions.log.actions import log_session

    course = Course.objects.select_related("patient", "clinic").get(pk=course_id)
    session = ExosomeSession(
        clinic=course.clinic,
        patient=course.patient,
        course=course,
        lot=Lot.objects.get(pk=lot_id),
        performed_on=course.baseline_on + datetime.timedelta(days=number),
        route="intradermal_injection",
        submission=str(number),
    )
    log_session(session, volumes={"vertex": Decimal("0.10")}, by=_person(person_id))
    return str(session.pk)


def _person(person_id: str) -> Any:
    from clinic.staff.models import User

    return User.objects.get(pk=person_id)


def main(kind: str, *words: str) -> None:
    django.setup()
    acts: dict[str, Callable[..., str | None]] = {"edit": edit, "log": log}
    told: dict[str, Any] = {"acknowledged": [], "refused": 0, "errors": [], "seconds": []}
    for number in range(int(words[-1])):
        begun = time.monotonic()
        try:
            done = acts[kind](*words[:-1], number)
        except Exception as fault:  # every kind of failure is counted, "database is locked" first of all
            told["errors"].append(f"{type(fault).__name__}: {fault}")
            continue
        told["seconds"].append(time.monotonic() - begun)
        if done is None:
            told["refused"] += 1
        else:
            told["acknowledged"].append(done)
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
