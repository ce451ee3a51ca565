"""The writers of sessions: what is written, what leaves the lot, what is refused."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import lot_of, planned
from treatments.assessments.actions import correct_assessment, record_assessment, strike_out_assessment
from treatments.models import AdverseEvent, Assessment, Correction, Course, ExosomeSession, Lot
from treatments.records.actions import AlreadySaved, Conflict
from treatments.records.months import add_months
from treatments.sessions.log import actions

THREE = {"vertex": Decimal("3.00")}


def unsaved(course: Course, **fields: Any) -> ExosomeSession:
    told = {"performed_on": datetime.date.today(), "route": "intradermal_injection", "lot_is_unknown": True, **fields}
    if told.get("lot"):
        told |= {"lot_is_unknown": False, "product": told["lot"].product}
    return ExosomeSession(clinic=course.clinic, patient=course.patient, course=course, **told)


def test_session_is_written_with_its_parts(cast: Cast) -> None:
    """A session is written with volumes, stock, events and an audit row."""
    course, lot = planned(cast), lot_of(cast)
    session = unsaved(course, lot=lot)
    event = AdverseEvent(
        clinic=cast.clinic, patient=cast.patient, exosome_session=session, kind="headache", grade=1, outcome="1"
    )
    actions.log_session(
        session,
        volumes={"vertex": Decimal("2.50"), "frontal": Decimal("0.50")},
        region_labels={"vertex": "crown and vertex"},
        events=[event],
        by=cast.nurse,
    )
    kept = ExosomeSession.objects.get()
    assert kept.total_ml == Decimal("3.00")
    assert {row.region: (row.ml, row.as_told) for row in kept.region_volumes.all()} == {
        "vertex": (Decimal("2.50"), "crown and vertex"),
        "frontal": (Decimal("0.50"), ""),
    }
    assert Lot.objects.get().stock_ml == Decimal("97.00")
    assert kept.adverse_events.get().happened == kept.performed_on
    written = AuditEvent.objects.get(action="logged_session")
    assert (written.actor, written.object_id, written.patient_id) == (cast.nurse, str(kept.pk), cast.patient.pk)
    assert written.detail == {"lot_known": True, "regions": 2, "events": 1}


def test_session_moves_what_is_due(cast: Cast) -> None:
    """A session moves what is due in the course and for the patient."""
    course = planned(cast)
    day = datetime.date.today() - datetime.timedelta(days=2)
    actions.log_session(unsaved(course, performed_on=day), volumes=THREE, by=cast.nurse)
    course.refresh_from_db()
    cast.patient.refresh_from_db()
    assert (course.sessions_done, course.last_session_on) == (1, day)
    assert course.next_due_on == cast.patient.next_due_on == add_months(day, 1)
    assert cast.patient.course_state == course.state == "induction"


def test_next_due_after_the_31st(cast: Cast) -> None:
    """The next session after the 31st is due on the month's last day."""
    course = planned(cast, baseline_on=datetime.date(2025, 1, 31))
    actions.log_session(unsaved(course, performed_on=datetime.date(2025, 1, 31)), volumes=THREE, by=cast.nurse)
    course.refresh_from_db()
    assert course.next_due_on == datetime.date(2025, 2, 28)


def test_maintenance_then_course_finished(cast: Cast) -> None:
    """When the opening run is complete maintenance is due, and then the course is finished."""
    course = planned(
        cast,
        baseline_on=datetime.date(2025, 1, 10),
        sessions_planned=2,
        maintenance_from_month=6,
        maintenance_to_month=9,
    )
    for day in (datetime.date(2025, 1, 10), datetime.date(2025, 2, 10)):
        actions.log_session(unsaved(course, performed_on=day), volumes=THREE, by=cast.nurse)
    course.refresh_from_db()
    assert course.state == "maintenance"
    assert (course.next_due_on, course.next_due_until) == (datetime.date(2025, 7, 10), datetime.date(2025, 10, 10))
    later = unsaved(course, performed_on=datetime.date(2025, 8, 1), phase="maintenance")
    actions.log_session(later, volumes=THREE, by=cast.nurse)
    course.refresh_from_db()
    assert (course.state, course.next_due_on) == ("finished", None)


def test_final_photos_are_missed_until_there(cast: Cast) -> None:
    """Final photos are missed until every planned view is there."""
    course = planned(cast, sessions_planned=1, checkpoints=[], views=["vertex", "frontal"])
    actions.log_session(unsaved(course), volumes=THREE, by=cast.nurse)
    course.refresh_from_db()
    assert course.final_photos_missing
    for view in ("vertex", "frontal"):
        factories.photo(cast.patient, view=view)
    later = unsaved(course, performed_on=datetime.date.today() - datetime.timedelta(days=40), phase="rescue")
    actions.log_session(later, volumes=THREE, by=cast.nurse)
    course.refresh_from_db()
    assert not course.final_photos_missing


def test_earlier_photos_are_tied_to_session(cast: Cast) -> None:
    """Photos sent before the session was saved are tied to it."""
    course = planned(cast)
    today = factories.photo(cast.patient)
    before = factories.photo(cast.patient, taken_on=datetime.date.today() - datetime.timedelta(days=1))
    session = actions.log_session(unsaved(course), volumes=THREE, by=cast.nurse)
    today.refresh_from_db()
    before.refresh_from_db()
    assert (today.exosome_session, before.exosome_session) == (session, None)


def test_second_session_of_a_day_is_refused(cast: Cast) -> None:
    """A second session on one day is refused and nothing is written."""
    course, lot = planned(cast), lot_of(cast)
    actions.log_session(unsaved(course, lot=lot), volumes=THREE, by=cast.nurse)
    with pytest.raises(ValidationError, match="already has a session on that day"):
        actions.log_session(unsaved(course, lot=lot), volumes=THREE, by=cast.nurse)
    assert ExosomeSession.objects.count() == 1
    assert Lot.objects.get().stock_ml == Decimal("97.00")


def test_lot_gives_its_last_drop(cast: Cast) -> None:
    """Volumes that binary fractions cannot hold: 0.1 taken three times from 0.3 leaves nothing, and gives all."""
    course, lot = planned(cast), lot_of(cast, received_ml=Decimal("0.30"))
    for days in (3, 2, 1):
        day = datetime.date.today() - datetime.timedelta(days=days)
        session = unsaved(course, lot=Lot.objects.get(pk=lot.pk), performed_on=day)
        actions.log_session(session, volumes={"vertex": Decimal("0.10")}, by=cast.nurse)
    assert Lot.objects.get().stock_ml == 0
    with pytest.raises(ValidationError, match="Nothing of lot"):
        actions.log_session(unsaved(course, lot=lot), volumes={"vertex": Decimal("0.10")}, by=cast.nurse)
    assert ExosomeSession.objects.count() == 3


def test_lot_recalled_while_typing(cast: Cast) -> None:
    """A lot recalled while the session was typed is refused once."""
    course, lot = planned(cast), lot_of(cast)
    session = unsaved(course, lot=Lot.objects.get(pk=lot.pk))
    recalled = {"state": "recalled", "recalled_by": cast.manager, "recall_reason": "particles seen"}
    Lot.objects.update(**recalled, recalled_at=lot.created_at)
    with pytest.raises(ValidationError, match="recalled a moment ago"):
        actions.log_session(session, volumes=THREE, by=cast.nurse)
    actions.log_session(unsaved(course, lot=Lot.objects.get()), volumes=THREE, by=cast.nurse)
    assert Lot.objects.get().stock_ml == Decimal("97.00")


def test_failing_event_undoes_the_session(cast: Cast) -> None:
    """An event that cannot be written takes the whole session back."""
    course, lot = planned(cast), lot_of(cast)
    foreign = factories.exosome_session(factories.course(factories.patient(cast.clinic)))
    event = AdverseEvent(
        clinic=cast.clinic, patient=cast.patient, exosome_session=foreign, kind="headache", grade=1, outcome="1"
    )
    with pytest.raises(ValidationError, match="another patient"):
        actions.log_session(unsaved(course, lot=lot), volumes=THREE, events=[event], by=cast.nurse)
    assert not ExosomeSession.objects.filter(course=course).exists()
    assert Lot.objects.get().stock_ml == Decimal("100.00")
    assert not AuditEvent.objects.filter(action="logged_session").exists()


def test_same_id_other_content_is_a_clash(cast: Cast) -> None:
    """The same id with other content is a clash."""
    course = planned(cast)
    first = unsaved(course, submission="a" * 64)
    actions.log_session(first, volumes=THREE, by=cast.nurse)
    second = unsaved(course, pk=first.pk, submission="b" * 64)
    with pytest.raises(AlreadySaved):
        actions.log_session(second, volumes=THREE, by=cast.nurse)


def test_session_after_a_stop_is_refused(cast: Cast) -> None:
    """A session after the course was stopped is refused."""
    stopped = {"state": "stopped", "stop_reason": "moved away"}
    course = planned(cast, **stopped, stopped_on=datetime.date.today() - datetime.timedelta(days=5))
    with pytest.raises(ValidationError, match="was stopped on"):
        actions.log_session(unsaved(course), volumes=THREE, by=cast.nurse)
    before = datetime.date.today() - datetime.timedelta(days=9)
    actions.log_session(unsaved(course, performed_on=before), volumes=THREE, by=cast.nurse)
    course.refresh_from_db()
    assert (course.state, course.sessions_done, course.next_due_on) == ("stopped", 1, None)


def test_late_entry_takes_its_place_by_date(cast: Cast) -> None:
    """A session entered late takes its place by date."""
    course = planned(cast, baseline_on=datetime.date(2025, 1, 1))
    for month in (1, 3):
        actions.log_session(unsaved(course, performed_on=datetime.date(2025, month, 1)), volumes=THREE, by=cast.nurse)
    actions.log_session(unsaved(course, performed_on=datetime.date(2025, 2, 1)), volumes=THREE, by=cast.nurse)
    numbered = ExosomeSession.objects.with_number().in_order()
    assert [(s.performed_on.month, s.number) for s in numbered] == [(1, 1), (2, 2), (3, 3)]
    assert ExosomeSession.objects.with_number().get(performed_on=datetime.date(2025, 3, 1)).number == 3


def test_strike_out_gives_the_volume_back(cast: Cast) -> None:
    """A struck-out session gives its volume back and loses its number."""
    course, lot = planned(cast), lot_of(cast)
    days = [datetime.date.today() - datetime.timedelta(days=d) for d in (30, 1)]
    first, second = [
        actions.log_session(unsaved(course, lot=lot, performed_on=day), volumes=THREE, by=cast.nurse) for day in days
    ]
    actions.strike_out_session(first, reason="wrong patient", expected_version=1, by=cast.clinician)
    assert Lot.objects.get().stock_ml == Decimal("97.00")
    numbers = dict(ExosomeSession.objects.with_number().values_list("pk", "number"))
    assert numbers == {first.pk: None, second.pk: 1}
    course.refresh_from_db()
    assert (course.sessions_done, course.last_session_on) == (1, days[1])
    with pytest.raises(Conflict):
        actions.strike_out_session(first, reason="again", expected_version=1, by=cast.clinician)
    assert Lot.objects.get().stock_ml == Decimal("97.00")


def correct(session: ExosomeSession, by: Any, volumes: dict[str, Decimal] | None = None, **changes: Any) -> Any:
    return actions.correct_session(
        session, changes=changes, volumes=volumes or THREE, reason="syringe misread", expected_version=session.version,
        by=by,
    )  # fmt: skip


def test_corrected_volume_moves_the_rest(cast: Cast) -> None:
    """A corrected volume takes the difference from the lot and stays one line."""
    course, lot = planned(cast), lot_of(cast)
    session = actions.log_session(unsaved(course, lot=lot), volumes=THREE, by=cast.nurse)
    correct(session, cast.nurse, {"vertex": Decimal("2.00"), "frontal": Decimal("2.50")})
    assert Lot.objects.get().stock_ml == Decimal("95.50")
    told = {change["field"]: change for change in Correction.objects.get().changes}
    assert told["volumes"]["before"] == "Vertex 3 mL"
    assert told["volumes"]["after"] == "Vertex 2 mL, Frontal 2.5 mL"
    assert told["volumes"]["raw"] == "vertex=3.00"
    assert told["total_ml"]["after"] == "4.5"
    session.refresh_from_db()
    correct(session, cast.nurse, {"vertex": Decimal("1.00")})
    assert Lot.objects.get().stock_ml == Decimal("99.00")


def test_corrected_lot_moves_the_volume(cast: Cast) -> None:
    """A corrected lot gives back to one and takes from the other."""
    course, wrong = planned(cast), lot_of(cast, number="WRONG")
    right = lot_of(cast, number="RIGHT", received_ml=Decimal("3"))
    session = actions.log_session(unsaved(course, lot=wrong), volumes=THREE, by=cast.nurse)
    correct(session, cast.nurse, lot=right, product=right.product)
    assert {lot.number: lot.stock_ml for lot in Lot.objects.all()} == {"WRONG": 100, "RIGHT": 0}
    session.refresh_from_db()
    with pytest.raises(ValidationError, match="Nothing of lot RIGHT"):
        correct(session, cast.nurse, {"vertex": Decimal("3.50")})
    session.refresh_from_db()
    assert (session.version, session.total_ml) == (2, Decimal("3.00"))


def test_lot_made_unknown_gets_volume_back(cast: Cast) -> None:
    """A lot that turns out unknown gets its volume back."""
    course, lot = planned(cast), lot_of(cast)
    session = actions.log_session(unsaved(course, lot=lot), volumes=THREE, by=cast.nurse)
    correct(session, cast.nurse, lot=None, lot_is_unknown=True)
    assert Lot.objects.get().stock_ml == Decimal("100.00")


def test_old_version_changes_nothing(cast: Cast) -> None:
    """A correction of an old version changes nothing."""
    course, lot = planned(cast), lot_of(cast)
    session = actions.log_session(unsaved(course, lot=lot), volumes=THREE, by=cast.nurse)
    correct(session, cast.nurse, pain_during=4)
    with pytest.raises(Conflict):
        actions.correct_session(
            session, changes={"pain_during": 9}, volumes={"vertex": Decimal("5")}, reason="other", expected_version=1,
            by=cast.clinician,
        )  # fmt: skip
    session.refresh_from_db()
    assert (session.pain_during, session.total_ml) == (4, Decimal("3.00"))
    assert Lot.objects.get().stock_ml == Decimal("97.00")


def test_correction_onto_a_taken_day(cast: Cast) -> None:
    """A session cannot be corrected onto the day of another."""
    course = planned(cast)
    today, before = datetime.date.today(), datetime.date.today() - datetime.timedelta(days=30)
    actions.log_session(unsaved(course, performed_on=before), volumes=THREE, by=cast.nurse)
    session = actions.log_session(unsaved(course, performed_on=today), volumes=THREE, by=cast.nurse)
    with pytest.raises(ValidationError, match="already has a session on that day"):
        correct(session, cast.nurse, performed_on=before)


def test_a_corrected_date_moves_what_is_due(cast: Cast) -> None:
    course = planned(cast)
    session = actions.log_session(unsaved(course), volumes=THREE, by=cast.nurse)
    day = datetime.date.today() - datetime.timedelta(days=7)
    correct(session, cast.nurse, performed_on=day)
    course.refresh_from_db()
    assert course.next_due_on == add_months(day, 1)


def test_any_visit_is_the_follow_up(cast: Cast) -> None:
    """A planned follow-up is next after the run, in the lists too; an assessment in its window is it, and gives it back
    when it is struck out or moved out of the window."""
    plan = {"sessions_planned": 2, "follow_up_from_month": 6, "follow_up_to_month": 9, "refresh_months": 12}
    course = planned(cast, baseline_on=datetime.date(2025, 1, 10), **plan)

    def next_of_both() -> tuple[str, str, str]:
        course.refresh_from_db()
        cast.patient.refresh_from_db()
        assert (cast.patient.next_due, cast.patient.next_due_visit) == (course.next_due, course.next_due_visit)
        return course.next_due_visit, course.next_due, course.state

    for day in (datetime.date(2025, 1, 10), datetime.date(2025, 2, 10)):
        actions.log_session(unsaved(course, performed_on=day), volumes=THREE, by=cast.nurse)
    awaited = ("follow_up", "2025-07-10/2025-10-10", "follow_up")
    refresh = ("session", "2026-02-10", "refresh")
    assert next_of_both() == awaited

    seen = Assessment(clinic=cast.clinic, patient=cast.patient, assessed_on=datetime.date(2025, 8, 1))
    seen = record_assessment(seen, by=cast.clinician)
    assert next_of_both() == refresh
    moved = {"assessed_on": datetime.date(2025, 3, 1)}
    seen = correct_assessment(seen, changes=moved, reason="Wrong day", expected_version=1, by=cast.clinician)
    assert next_of_both() == awaited
    back = {"assessed_on": datetime.date(2025, 8, 1)}
    seen = correct_assessment(seen, changes=back, reason="It was right", expected_version=2, by=cast.clinician)
    assert next_of_both() == refresh
    strike_out_assessment(seen, reason="Another patient", expected_version=3, by=cast.clinician)
    assert next_of_both() == awaited

    rescue = unsaved(course, performed_on=datetime.date(2025, 7, 20), phase="rescue")
    actions.log_session(rescue, volumes=THREE, by=cast.nurse)
    assert next_of_both()[0] == "session"
