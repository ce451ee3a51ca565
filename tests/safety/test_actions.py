import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from treatments.models import AdverseEvent, Correction, FollowUp
from treatments.records.actions import Conflict, Passed, strike_out
from treatments.records.models import PassedWarning
from treatments.records.partial_dates import PartialDate
from treatments.safety import actions

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


def event(cast: Cast, **fields: Any) -> AdverseEvent:
    return AdverseEvent(clinic=cast.clinic, patient=cast.patient, **{"kind": "headache", **fields})


def session(cast: Cast, days_ago: int = 10, **fields: Any) -> Any:
    course = factories.course(cast.patient, baseline_on=TODAY - datetime.timedelta(days=days_ago))
    return factories.exosome_session(course, **fields)


def test_report_is_stored_with_its_warnings(cast: Cast) -> None:
    """A report is stored with its audit event and the warnings that were passed."""
    passed = [Passed("22", "Write when it was over", "not asked at the time")]

    recorded = actions.report(event(cast, outcome="1"), passed=passed, by=cast.nurse)

    trace = AuditEvent.objects.get(action="reported_event")
    assert (trace.object_id, trace.actor, trace.patient_id) == (str(recorded.pk), cast.nurse, cast.patient.pk)
    assert trace.detail == {"kind": "headache", "grade": 1, "serious": False}
    assert PassedWarning.objects.get().reason == "not asked at the time"
    assert recorded.created_by == cast.nurse


@pytest.mark.parametrize(
    ("onset", "session_days_ago", "reported", "filed"),
    [
        ("day", 10, None, -3),  # its own day, where it is known
        ("month", 10, None, -10),  # the session's, where only the month is known and holds the session
        (None, 10, -1, -10),  # the session's, where nothing else is known
        (None, None, -1, -1),  # the day of the telephone call, where there is no session
        (None, None, None, 0),  # today, where nothing is known at all
    ],
)
def test_event_is_filed_under_the_best_day(
    cast: Cast, onset: str | None, session_days_ago: int | None, reported: int | None, filed: int
) -> None:
    """An event is filed under the best day that is known."""
    given = session(cast, session_days_ago) if session_days_ago else None
    began = {
        "day": PartialDate((TODAY - datetime.timedelta(days=3)).isoformat()),
        "month": PartialDate(f"{given.performed_on:%Y-%m}") if given else None,
        None: None,
    }[onset]
    reported_on = TODAY + datetime.timedelta(days=reported) if reported is not None else None

    recorded = actions.report(event(cast, onset=began, exosome_session=given, reported_on=reported_on), by=cast.nurse)

    assert recorded.happened == TODAY + datetime.timedelta(days=filed)


def test_criteria_start_the_reports_clock(cast: Cast) -> None:
    """Criteria make an event serious and start the clock of the report."""
    reported_on = TODAY - datetime.timedelta(days=2)

    recorded = actions.report(
        event(cast, grade=3, seriousness=["hospitalisation"], reported_on=reported_on), by=cast.nurse
    )

    assert recorded.is_serious
    assert recorded.report_due_on == reported_on + datetime.timedelta(days=15)


def test_anaphylaxis_and_death_are_urgent(cast: Cast) -> None:
    """Anaphylaxis and death are reported at once."""
    shock = actions.report(event(cast, kind="anaphylaxis", grade=4, seriousness=["life_threatening"]), by=cast.nurse)
    death = actions.report(event(cast, grade=5, seriousness=["death"], outcome="5"), by=cast.nurse)

    assert shock.report_due_on == death.report_due_on == TODAY


def test_a_mild_event_has_no_report_due(cast: Cast) -> None:
    recorded = actions.report(event(cast), by=cast.nurse)

    assert (recorded.is_serious, recorded.report_due_on) == (False, None)


def test_session_of_another_patient(cast: Cast) -> None:
    """A session of another patient is refused and nothing is written."""
    other = factories.exosome_session(factories.course(factories.patient(cast.clinic)))

    with pytest.raises(ValidationError, match="another patient"):
        actions.report(event(cast, exosome_session=other), by=cast.nurse)

    assert not AdverseEvent.objects.exists()
    assert not AuditEvent.objects.filter(action="reported_event").exists()


def test_added_criterion_makes_it_serious(cast: Cast) -> None:
    """A correction that adds a criterion makes the event serious and says so."""
    recorded = actions.report(event(cast), by=cast.nurse)

    corrected = actions.correct_event(
        recorded,
        changes={"seriousness": ["hospitalisation"]},
        reason="admitted at night",
        expected_version=1,
        by=cast.clinician,
    )

    assert corrected.is_serious and corrected.report_due_on == TODAY + datetime.timedelta(days=15)
    assert [change["field"] for change in Correction.objects.get().changes] == ["reported_seriousness"]


def test_corrected_onset_moves_the_day(cast: Cast) -> None:
    """A corrected onset moves the day that the event is filed under."""
    recorded = actions.report(event(cast), by=cast.nurse)
    began = TODAY - datetime.timedelta(days=20)

    corrected = actions.correct_event(
        recorded, changes={"onset": PartialDate(began.isoformat())}, reason="diary", expected_version=1, by=cast.nurse
    )

    assert corrected.happened == began


def test_correction_of_an_older_version(cast: Cast) -> None:
    """A correction of an older version is refused."""
    recorded = actions.report(event(cast), by=cast.nurse)
    actions.correct_event(recorded, changes={"grade": 2}, reason="worse", expected_version=1, by=cast.clinician)

    with pytest.raises(Conflict):
        actions.correct_event(recorded, changes={"grade": 3}, reason="worse still", expected_version=1, by=cast.nurse)

    assert AdverseEvent.objects.get().grade == 2


def looked_at(cast: Cast, recorded: AdverseEvent, **fields: Any) -> FollowUp:
    values = {"seen_on": TODAY, "outcome": "2", "note": "Smaller.", **fields}
    return FollowUp(clinic=cast.clinic, patient=cast.patient, event=recorded, **values)


def test_follow_up_updates_the_event(cast: Cast) -> None:
    """A follow-up brings the event up to date; what the report said stays beside it."""
    recorded = actions.report(event(cast), by=cast.nurse)

    actions.follow_up(looked_at(cast, recorded, outcome="1", ended=PartialDate(TODAY.isoformat())), by=cast.clinician)

    recorded.refresh_from_db()
    assert (recorded.outcome, recorded.ended) == ("1", PartialDate(TODAY.isoformat()))
    assert (recorded.reported_outcome, recorded.reported_ended, recorded.version) == ("3", None, 1)


def test_follow_up_never_lowers_the_grade(cast: Cast) -> None:
    """A follow-up raises the grade and never lowers it."""
    recorded = actions.report(event(cast, grade=2), by=cast.nurse)

    actions.follow_up(looked_at(cast, recorded, grade=1), by=cast.nurse)
    recorded.refresh_from_db()
    assert recorded.grade == 2

    actions.follow_up(looked_at(cast, recorded, grade=3), by=cast.nurse)
    recorded.refresh_from_db()
    assert recorded.grade == 3


def test_late_entry_leaves_the_latest_state(cast: Cast) -> None:
    """An older look entered late leaves the event as the latest one left it."""
    recorded = actions.report(event(cast), by=cast.nurse)
    actions.follow_up(looked_at(cast, recorded, outcome="1"), by=cast.nurse)

    actions.follow_up(looked_at(cast, recorded, outcome="3", seen_on=TODAY - datetime.timedelta(days=4)), by=cast.nurse)

    recorded.refresh_from_db()
    assert recorded.outcome == "1"
    assert recorded.follow_ups.count() == 2


def test_returning_event_has_no_end(cast: Cast) -> None:
    """An event that comes back has no end."""
    recorded = actions.report(event(cast, outcome="1", ended=PartialDate("2025-05")), by=cast.nurse)

    actions.follow_up(looked_at(cast, recorded, outcome="3"), by=cast.nurse)

    recorded.refresh_from_db()
    assert (recorded.outcome, recorded.ended) == ("3", None)


def test_follow_up_can_make_it_serious(cast: Cast) -> None:
    """A follow-up can make an event serious."""
    recorded = actions.report(event(cast), by=cast.nurse)

    actions.follow_up(looked_at(cast, recorded, grade=4, criteria=["life_threatening"]), by=cast.nurse)

    recorded.refresh_from_db()
    assert (recorded.grade, recorded.is_serious, recorded.seriousness) == (4, True, ["life_threatening"])


def test_impossible_follow_up_is_not_stored(cast: Cast) -> None:
    """Grade 4 without a reason for seriousness from anybody is refused; neither row may stay."""
    recorded = actions.report(event(cast), by=cast.nurse)

    with pytest.raises(ValidationError, match="grade 4 is serious"):
        actions.follow_up(looked_at(cast, recorded, grade=4), by=cast.nurse)

    assert not FollowUp.objects.exists()
    assert AdverseEvent.objects.get().grade == 1


def test_report_decision_shows_the_former(cast: Cast) -> None:
    """A decision to report is stored with what was there before."""
    recorded = actions.report(event(cast, grade=3, seriousness=["hospitalisation"]), by=cast.nurse)

    changes = {"report_decision": "reported", "authority": "Authority", "authority_reported_on": TODAY}
    actions.decide_report(recorded, changes=changes, reason="", expected_version=1, by=cast.clinician)

    recorded.refresh_from_db()
    assert (recorded.report_decision, recorded.authority_reported_on) == ("reported", TODAY)
    before = {c["label"]: c["before"] for c in Correction.objects.get().changes}
    assert before["Report to the authority?"] == "Not decided yet"


def test_struck_out_event_leaves_every_count(cast: Cast) -> None:
    """An event struck out leaves every count and takes nothing more."""
    recorded = actions.report(event(cast), by=cast.nurse)

    strike_out(recorded, reason="other patient", expected_version=1, by=cast.nurse)

    recorded.refresh_from_db()
    assert not AdverseEvent.objects.open().exists()
    assert AuditEvent.objects.filter(action="struck_out", object_id=str(recorded.pk)).exists()
    with pytest.raises(ValidationError, match="entered in error"):
        actions.follow_up(looked_at(cast, recorded), by=cast.nurse)
    with pytest.raises(ValidationError, match="entered in error"):
        actions.correct_event(recorded, changes={"grade": 2}, reason="worse", expected_version=2, by=cast.nurse)
    assert not FollowUp.objects.exists()
