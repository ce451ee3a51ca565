"""Many people write at the same moment, each in a process of their own: nothing is overwritten in silence or lost."""

import datetime
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from tests import factories
from tests.faults.servers import TOP, environment
from tests.people import Cast
from treatments.models import Correction, ExosomeSession, Lot, Therapy
from treatments.sessions.log.actions import log_session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
FULL = os.environ.get("ANAGEN_FULL") == "1"
PEOPLE, EDITS, SAVES = (16, 40, 300) if FULL else (6, 10, 12)


def together(commands: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Run writers at the same time; what each of them printed."""
    told = {**environment(), "PYTHONPATH": str(TOP)}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.writers", *map(str, words)],
            cwd=TOP,
            env=told,
            stdout=subprocess.PIPE,
            text=True,
        )
        for words in commands
    ]
    return [json.loads(process.communicate(timeout=1200)[0]) for process in running]


def test_parallel_edits_save_or_are_refused(cast: Cast) -> None:
    """Edits of one record at once are all saved or refused."""
    told = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.clinician}
    therapy = Therapy.objects.create(kind="minoxidil_topical", detail="as it was", **told)
    people = [factories.member(cast.clinic) for _ in range(PEOPLE)]

    answers = together(("edit", therapy.pk, person.pk, EDITS) for person in people)

    assert [fault for answer in answers for fault in answer["errors"]] == []
    acknowledged = [word for answer in answers for word in answer["acknowledged"]]
    refused = sum(answer["refused"] for answer in answers)
    therapy.refresh_from_db()
    corrections = list(Correction.objects.filter(record_id=therapy.pk).order_by("version"))
    assert len(acknowledged) + refused == PEOPLE * EDITS
    assert sorted(c.changes[0]["after"] for c in corrections) == sorted(acknowledged)
    assert therapy.version == 1 + len(acknowledged)
    before = "as it was"
    for correction in corrections:
        assert correction.changes[0]["before"] == before, "a change was overwritten without being seen"
        before = correction.changes[0]["after"]
    assert therapy.detail == before
    figure("edits_lost", PEOPLE * EDITS - len(corrections) - refused, "edits", "<= 0")


def test_parallel_sessions_are_all_saved(cast: Cast) -> None:
    """All from one lot, so that they also queue for its stock."""
    product = factories.product(cast.clinic)
    lot = factories.lot(product, received_ml=Decimal("9000"), stock_ml=Decimal("9000"))
    begun = datetime.date.today() - datetime.timedelta(days=SAVES + 1)
    courses = [factories.course(factories.patient(cast.clinic), baseline_on=begun) for _ in range(PEOPLE)]

    answers = together(("log", course.pk, lot.pk, cast.nurse.pk, SAVES) for course in courses)

    errors = [fault for answer in answers for fault in answer["errors"]]
    assert errors == []
    assert ExosomeSession.objects.count() == PEOPLE * SAVES
    assert Lot.objects.get(pk=lot.pk).stock_ml == Decimal("9000") - Decimal("0.10") * PEOPLE * SAVES
    seconds = sorted(s for answer in answers for s in answer["seconds"])
    figure("session_saves_refused", len(errors), "saves", "<= 0")
    figure("session_save_longest", seconds[-1] * 1000, "ms", f"{PEOPLE} writers without a pause")
    figure("session_save_p95", seconds[int(len(seconds) * 0.95)] * 1000, "ms", f"{PEOPLE} writers without a pause")


def test_writers_of_one_patient_take_turns(cast: Cast) -> None:
    """Sessions, assessments, bookings and a merge of one patient's record at once: no two wait for each other."""
    patient = factories.patient(cast.clinic)
    other = factories.patient(cast.clinic)
    lot = factories.lot(factories.product(cast.clinic), received_ml=Decimal("9000"), stock_ml=Decimal("9000"))
    begun = datetime.date.today() - datetime.timedelta(days=SAVES + 1)
    courses = [factories.course(patient, baseline_on=begun) for _ in range(4)]
    factories.exosome_session(factories.course(other, baseline_on=begun), performed_on=begun)

    answers = together(
        [
            ("log", courses[0].pk, lot.pk, cast.nurse.pk, SAVES),
            ("log", courses[3].pk, lot.pk, cast.nurse.pk, SAVES),
            ("assess", courses[1].pk, cast.clinician.pk, SAVES),
            ("book", courses[2].pk, cast.reception.pk, SAVES),
            ("merge", patient.pk, other.pk, cast.manager.pk, SAVES),
        ]
    )

    assert [fault for answer in answers for fault in answer["errors"]] == []
    assert [len(answer["acknowledged"]) for answer in answers] == [SAVES] * 5
    assert ExosomeSession.objects.filter(patient=patient).count() == 2 * SAVES
    assert ExosomeSession.objects.filter(patient=other).count() == 1


def test_lot_and_its_sessions_at_once(cast: Cast) -> None:
    """The product of a lot is corrected while its sessions are, and one is logged: none waits for ever for another."""
    one, two = factories.product(cast.clinic), factories.product(cast.clinic)
    lot = factories.lot(one, received_ml=Decimal("9000"), stock_ml=Decimal("9000"))
    begun = datetime.date.today() - datetime.timedelta(days=SAVES + 1)
    courses = [factories.course(factories.patient(cast.clinic), baseline_on=begun) for _ in range(3)]
    for each in courses[:2]:
        session = ExosomeSession(
            clinic=cast.clinic, patient=each.patient, course=each, lot=lot, product=one, performed_on=begun
        )
        log_session(session, volumes={"vertex": Decimal("1.00")}, by=cast.nurse)
    sessions = list(ExosomeSession.objects.order_by("id"))

    answers = together(
        [
            *(("recount", session.pk, cast.nurse.pk, SAVES) for session in sessions),
            ("log", courses[2].pk, lot.pk, cast.nurse.pk, SAVES),
            ("relabel", lot.pk, one.pk, two.pk, cast.manager.pk, SAVES),
        ]
    )

    faults = [fault for answer in answers for fault in answer["errors"]]
    assert [fault for fault in faults if "was logged at this moment" not in fault] == []
    lot.refresh_from_db()
    given = sum(ExosomeSession.objects.filter(lot=lot).values_list("total_ml", flat=True), Decimal(0))
    assert (lot.given_ml, lot.stock_ml) == (given, Decimal(9000) - given)


def figure(name: str, value: float, unit: str, bar: str) -> None:
    """A line for `make bench`."""
    print(f"\nfigure: {connection.vendor}_{name} {value:.4g} {unit} ({bar})")
