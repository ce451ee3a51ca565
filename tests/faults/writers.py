"""One of several people who write at the same time: a process of its own, as in a clinic with many workers.

    python -m tests.faults.writers edit <therapy id> <person id> <times>
    python -m tests.faults.writers log <course id> <lot id> <person id> <times>
    python -m tests.faults.writers assess <course id> <person id> <times>
    python -m tests.faults.writers book <course id> <person id> <times>
    python -m tests.faults.writers recount <session id> <person id> <times>
    python -m tests.faults.writers relabel <lot id> <product id> <other product id> <person id> <times>
    python -m tests.faults.writers merge <patient id> <other patient id> <person id> <times>

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


def assess(course_id: str, person_id: str, number: int) -> str:
    from treatments.assessments.actions import record_assessment
    from treatments.models import Assessment

    told = {"assessed_on": datetime.date.today(), "submission": str(number)}
    assessment = Assessment(**_of(course_id), **told)
    record_assessment(assessment, by=_person(person_id))
    return str(assessment.pk)


def book(course_id: str, person_id: str, number: int) -> str:
    from treatments.appointments.actions import book, cancel
    from treatments.models import Appointment

    told = {"day": datetime.date.today() + datetime.timedelta(days=1 + number), "time": datetime.time(10)}
    booked = book(Appointment(**_of(course_id), **told, submission=str(number)), by=_person(person_id))
    cancel(booked, reason="Not that day", expected_version=booked.version, by=_person(person_id))
    return str(booked.pk)


def merge(patient_id: str, other_id: str, person_id: str, number: int) -> str:
    """Merge two records, and take them apart again."""
    from treatments.identity.merge.actions import merge_patients, take_apart
    from treatments.models import Patient, RecordMove

    patient, other = Patient.objects.get(pk=patient_id), Patient.objects.get(pk=other_id)
    told: dict[str, Any] = {"clinic": patient.clinic, "reason": f"merge {number}"}
    merged = merge_patients(RecordMove(patient=patient, from_patient=other, **told), by=_person(person_id))
    take_apart(RecordMove(**told), merge=RecordMove.objects.get(pk=merged.pk), by=_person(person_id))
    return str(merged.pk)


def recount(session_id: str, person_id: str, number: int) -> str | None:
    """Correct the volume of a session, which moves the stock of its lot."""
    from treatments.models import ExosomeSession
    from treatments.records.actions import Conflict
    from treatments.sessions.log.actions import correct_session

    session = ExosomeSession.objects.select_related("lot", "patient", "course").get(pk=session_id)
    try:
        correct_session(
            session,
            changes={},
            volumes={"vertex": Decimal("1.00") + number % 3},
            reason=f"recount {number}",
            expected_version=session.version,
            by=_person(person_id),
        )
    except Conflict:
        return None
    return f"recount {number}"


def relabel(lot_id: str, product_id: str, other_id: str, person_id: str, number: int) -> str | None:
    """Correct the product of a lot, which corrects every session that it was given in."""
    from treatments.models import Lot, Product
    from treatments.recall.actions import correct_lot
    from treatments.records.actions import Conflict

    lot = Lot.objects.get(pk=lot_id)
    product = Product.objects.get(pk=other_id if number % 2 == 0 else product_id)
    told: dict[str, Any] = {"reason": f"relabel {number}", "expected_version": lot.version}
    try:
        correct_lot(lot, changes={"product": product}, by=_person(person_id), **told)
    except Conflict:
        return None
    return f"relabel {number}"


def _of(course_id: str) -> dict[str, Any]:
    from treatments.models import Course

    course = Course.objects.select_related("patient", "clinic").get(pk=course_id)
    return {"clinic": course.clinic, "patient": course.patient, "course": course}


def _person(person_id: str) -> Any:
    from clinic.staff.models import User

    return User.objects.get(pk=person_id)


def main(kind: str, *words: str) -> None:
    django.setup()
    acts: dict[str, Callable[..., str | None]] = {
        each.__name__: each for each in (edit, log, assess, book, recount, relabel, merge)
    }
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
