"""Stored outcomes are what the record says, whatever was done to it through the actions."""

import datetime
import random
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from tests import factories
from tests.people import Cast
from treatments.assessments.actions import (
    correct_assessment,
    correct_measurement,
    record_assessment,
    record_measurement,
    strike_out_assessment,
    strike_out_measurement,
)
from treatments.assessments.outcomes.computing import out_of_line
from treatments.courses.computed_columns import once_for_all
from treatments.identity.merge.actions import merge_patients, take_apart
from treatments.identity.move.actions import Destination, move_record
from treatments.models import (
    Assessment,
    Course,
    CourseOutcome,
    ExosomeSession,
    Measurement,
    Patient,
    RecordMove,
    Therapy,
)
from treatments.records.actions import AlreadySaved, Conflict
from treatments.records.models import ClinicalRecord
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate
from treatments.registry.actions import (
    archive_patient,
    correct_therapy,
    record_therapy,
    restore_patient,
    strike_out_therapy,
    update_therapy,
)
from treatments.sessions.log.actions import correct_session, log_session, strike_out_session
from treatments.sessions.plan.actions import change_course, plan_course, resume_course, stop_course, strike_out_course

REASON = "Typed wrongly"
REFUSALS = (ValidationError, Conflict, AlreadySaved)
STAGES = ("II", "III", "III-vertex", "IV", "V")


class Acts:
    """Acts by chance on the records of a few patients."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.by, self.chance = cast, cast.manager, random.Random(seed)
        self.base = {"clinic": cast.clinic, "created_by": cast.clinician}
        self.patients = [cast.patient, factories.patient(cast.clinic), factories.patient(cast.clinic)]
        self.start = add_months(timezone.localdate(), -14)
        self.merge: RecordMove | None = None

    def patient(self) -> Patient:
        return self.chance.choice(self.patients)

    def day(self) -> datetime.date:
        """Near Month 0, 3, 6 or 12 of a course that began about `start`."""
        month = self.chance.choice((0, 0, 1, 3, 3, 6, 6, 12))
        return add_months(self.start, month) + datetime.timedelta(days=self.chance.randint(-14, 14))

    def one(self, model: Any) -> Any:
        found = list(model.objects.standing().filter(patient__in=self.patients).order_by("created_at", "pk"))
        return self.chance.choice(found) if found else None

    def plan(self) -> None:
        day = self.start + datetime.timedelta(days=self.chance.randint(-20, 40))
        plan_course(
            Course(patient=self.patient(), name="Monthly", baseline_on=day, volumes={"vertex": "3.00"}, **self.base),
            by=self.by,
        )

    def session(self) -> None:
        course = self.one(Course)
        if course is None:
            return
        session = ExosomeSession(
            patient=course.patient,
            course=course,
            performed_on=self.day(),
            route="intradermal_injection",
            total_ml=Decimal(3),
            first_ml=Decimal(3),
            reactions=self.chance.choice(("not_asked", "none")),
            lot_is_unknown=True,
            **self.base,
        )
        log_session(session, volumes={"vertex": Decimal(3)}, by=self.by)

    def visit(self) -> None:
        patient = self.patient()
        precision = self.chance.choice(("day", "day", "month"))
        day = self.day()
        visit = Assessment(
            patient=patient,
            assessed_on=day if precision == "day" else day.replace(day=1),
            assessed_precision=precision,
            scale="norwood_1975",
            stage=self.chance.choice((*STAGES, "")),
            patient_change=self.chance.choice((None, 1)),
            **self.base,
        )
        record_assessment(visit, measurements=[self.count(patient, day)], by=self.by)

    def count(self, patient: Patient, day: datetime.date) -> Measurement:
        is_count = self.chance.random() < 0.85
        return Measurement(
            patient=patient,
            measured_on=day,
            kind="hair_density" if is_count else "density_change_pct",
            value=Decimal(self.chance.randint(90, 180)) if is_count else None,
            low=None if is_count else Decimal(10),
            high=None if is_count else Decimal(20),
            site=self.chance.choice(("vertex", "vertex", "frontal")),
            method="phototrichogram" if is_count else "clinician_visual_estimate",
            device=self.chance.choice(("", "", "Scope")),
            is_same_spot=self.chance.choice((None, True)),
            area_cm2=Decimal(1),
            **self.base,
        )

    def measure(self) -> None:
        record_measurement(self.count(self.patient(), self.day()), by=self.by)

    def treat(self) -> None:
        began = PartialDate(self.day().isoformat()[: self.chance.choice((4, 7, 10))])
        record_therapy(Therapy(patient=self.patient(), kind="finasteride_oral", started=began, **self.base), by=self.by)

    def correct(self) -> None:
        told: tuple[tuple[Any, Callable[..., Any], dict[str, Any]], ...] = (
            (Assessment, correct_assessment, {"assessed_on": self.day(), "stage": self.chance.choice(STAGES)}),
            (Measurement, correct_measurement, {"measured_on": self.day(), "device": "Another"}),
            (Course, change_course, {"baseline_on": self.day()}),
            (Therapy, correct_therapy, {"started": PartialDate(self.day().isoformat())}),
        )
        model, act, changes = self.chance.choice(told)
        self.changed(model, act, changes=changes)

    def move_day_of_session(self) -> None:
        session = self.one(ExosomeSession)
        if session is not None:
            step: dict[str, Any] = {"changes": {"performed_on": self.day()}, "reason": REASON, "by": self.by}
            step["volumes"] = {"vertex": Decimal(3)}
            correct_session(session, expected_version=session.version, **step)

    def update(self) -> None:
        therapy = self.one(Therapy)
        if therapy is not None:
            since = PartialDate(self.day().isoformat())
            changes = {"detail": f"{self.chance.randint(1, 9)} mg"}
            update_therapy(therapy, changes=changes, since=since, expected_version=therapy.version, by=self.by)

    def strike_out(self) -> None:
        told: tuple[tuple[Any, Callable[..., Any]], ...] = (
            (Assessment, strike_out_assessment),
            (Measurement, strike_out_measurement),
            (ExosomeSession, strike_out_session),
            (Course, strike_out_course),
            (Therapy, strike_out_therapy),
        )
        self.changed(*self.chance.choice(told))

    def changed(self, model: Any, act: Callable[..., Any], **more: Any) -> None:
        record: ClinicalRecord | None = self.one(model)
        if record is not None:
            act(record, reason=REASON, expected_version=record.version, by=self.by, **more)

    def stop(self) -> None:
        course = self.one(Course)
        if course is None:
            return
        step = {"reason": REASON, "expected_version": course.version, "by": self.by}
        if course.stopped_on is None:
            stop_course(course, on=timezone.localdate(), **step)
        else:
            resume_course(course, **step)

    def archive(self) -> None:
        patient = Patient.objects.get(pk=self.patient().pk)
        if patient.archived_at is None:
            archive_patient(patient, reason="Moved abroad", by=self.by)
        else:
            restore_patient(patient, by=self.by)

    def move(self) -> None:
        record = self.one(self.chance.choice((Measurement, Assessment)))
        if record is None:
            return
        to = self.chance.choice([each for each in self.patients if each.pk != record.patient_id])
        move = RecordMove(clinic=self.cast.clinic, patient=to, from_patient=record.patient, reason=REASON)
        move_record(move, record=record, to=Destination(to), expected_version=record.version, by=self.by)

    def join(self) -> None:
        one, other = self.patients[1], self.patients[2]
        if self.merge is None:
            move = RecordMove(clinic=self.cast.clinic, patient=one, from_patient=other, reason="One card")
            self.merge = merge_patients(move, by=self.by)
        else:
            take_apart(RecordMove(clinic=self.cast.clinic, reason="Two cousins"), merge=self.merge, by=self.by)
            self.merge = None

    @property
    def all(self) -> list[Callable[[], None]]:
        often = [self.session, self.visit, self.measure, self.correct]
        once = [self.plan, self.treat, self.move_day_of_session, self.update, self.strike_out, self.stop]
        return [*often, *often, *once, self.archive, self.move, self.join]


@pytest.mark.any_database
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_acts_by_chance_leave_rows_in_line(cast: Cast, seed: int) -> None:
    acts = Acts(cast, seed)
    ids = [each.pk for each in acts.patients]
    done: set[str] = set()
    for act in (acts.plan, acts.plan, acts.session, acts.visit):
        act()
    for _ in range(50):
        act = acts.chance.choice(acts.all)
        try:
            with transaction.atomic():
                act()
        except REFUSALS:
            continue
        done.add(act.__name__)
        assert list(out_of_line(ids)) == [], act.__name__

    assert len(done) > 7
    assert CourseOutcome.objects.exclude(month=0).exists()


def test_an_import_computes_at_its_end(cast: Cast) -> None:
    """As an import writes: many records, and what is computed of them once."""
    acts = Acts(cast, 4)
    with transaction.atomic(), once_for_all():
        acts.plan()
        acts.visit()
        acts.measure()

    assert CourseOutcome.objects.count() == 1
    assert list(out_of_line([each.pk for each in acts.patients])) == []


def test_the_command_finds_and_mends(cast: Cast) -> None:
    course = factories.course(cast.patient, baseline_on=add_months(timezone.localdate(), -7))
    factories.exosome_session(course)

    with pytest.raises(CommandError, match="4 rows differ"):
        call_command("outcomes", stdout=StringIO())
    call_command("outcomes", "--recompute", stdout=StringIO())
    call_command("outcomes", stdout=StringIO())
    CourseOutcome.objects.filter(month=3).update(rung="outside")

    told = StringIO()
    with pytest.raises(CommandError, match="1 rows differ"):
        call_command("outcomes", stdout=told)
    assert "Month 3: rung outside, record not_seen" in told.getvalue()
