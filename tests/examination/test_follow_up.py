"""The follow-up without needle: a visit that grades nothing, and what it says of events."""

import datetime
from typing import Any

import pytest
from django.db.utils import IntegrityError
from django.urls import reverse

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from treatments.models import Assessment, Correction, FollowUp
from treatments.records.ids import new_id
from treatments.records.months import add_months
from treatments.sessions.course_state import recompute

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


def posted(**fields: Any) -> dict[str, Any]:
    told = {"id": str(new_id()), "when": f"{TODAY:%-d %b %Y}", "since_last": "none", "_sentinel": "1", **fields}
    return {name: value for name, value in told.items() if value is not None}


def address(cast: Cast) -> str:
    return reverse("examination:follow-up", args=[cast.patient.pk])


def test_follow_up_needs_no_stage(cast: Cast) -> None:
    """One screen, saved once however often it is sent; the plan's follow-up is met by it, and the timeline says so."""
    plan = {"sessions_planned": 1, "follow_up_from_month": 6, "refresh_months": 12}
    course = factories.course(cast.patient, baseline_on=add_months(TODAY, -6), **plan)
    factories.exosome_session(course)
    assert recompute(course.pk).awaits_follow_up
    said = {"change_seen": "Denser at the vertex.", "plan": "Refresh in May."}
    client, told = cast.client(cast.nurse), posted(**said, assessor=str(cast.nurse.pk))
    assert [client.post(address(cast), told).status_code for _ in range(2)] == [302, 302]

    visit = Assessment.objects.get()
    assert (visit.visit, visit.stage, visit.since_last, visit.course) == ("follow_up", "", "none", course)
    assert visit.assessor == cast.nurse
    assert list(
        AuditEvent.objects.filter(object_id=visit.pk, action__startswith="recorded_").values_list("action")
    ) == [("recorded_follow_up",)]
    course.refresh_from_db()
    assert (course.next_due_visit, course.state) == ("session", "refresh")
    timeline = client.get(cast.patient.get_absolute_url()).content.decode()
    for words in ("Follow-up", "Denser at the vertex.", "Since last time: asked, nothing."):
        assert words in timeline
    assert "Follow-up of" in client.get(visit.get_absolute_url()).content.decode()


def test_open_event_is_followed_up(cast: Cast) -> None:
    """How an event is now is its follow-up; something new since last time leads to its report."""
    event = factories.adverse_event(cast.patient, kind="headache", outcome="3", onset="2025-01-05")
    told = posted(change_seen="Well.", since_last="yes", assessor=str(cast.nurse.pk)) | {
        f"{event.pk}-now": "1",
        f"{event.pk}-over": "May 2025",
    }
    answer = cast.client(cast.nurse).post(address(cast), told)
    assert answer.url == reverse("safety:report", args=[cast.patient.pk])
    look = FollowUp.objects.get()
    assert (look.event, look.outcome, look.ended.text, look.seen_by) == (event, "1", "2025-05", cast.nurse)
    assert "not resolved" not in look.note


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"since_last": "not_asked"}, "Write how it goes"),
        ({"change_seen": "Well.", "when": "May 2031"}, "in the future"),
    ],
)
def test_what_a_follow_up_refuses(cast: Cast, fields: dict[str, Any], sentence: str) -> None:
    page = cast.client(cast.nurse).post(address(cast), posted(**fields))
    assert page.status_code == 422 and sentence in page.content.decode()


def test_seen_by_somebody_without_account(cast: Cast) -> None:
    """A name that is typed takes the place of the person who enters it; the database holds one of the two."""
    told = posted(change_seen="Well.", assessor=str(cast.nurse.pk), assessor_name="Dr Oak")
    assert cast.client(cast.nurse).post(address(cast), told).status_code == 302
    visit = Assessment.objects.get()
    assert (visit.assessor, visit.assessor_name, visit.seen_by) == (None, "Dr Oak", "Dr Oak")
    assert "Dr Oak; entered by" in cast.client(cast.reader).get(cast.patient.get_absolute_url()).content.decode()
    with pytest.raises(IntegrityError):
        Assessment.objects.update(assessor=cast.nurse)


def test_follow_up_is_corrected_on_its_form(cast: Cast) -> None:
    """The address of an assessment's correction leads to the short form, and back for a visit that was graded."""
    visit = factories.assessment(
        cast.patient, visit="follow_up", scale="", stage="", change_seen="Well.", since_last="none"
    )
    client = cast.client(cast.nurse)
    long = reverse("examination:correct", args=[cast.patient.pk, visit.pk])
    short = reverse("examination:follow-up-correct", args=[cast.patient.pk, visit.pk])
    assert client.get(long).url == short
    told = posted(id=None, version="1", change_seen="Better.", correction_reason="Misheard")
    told |= {"when": visit.assessed.label()}
    answer = client.post(short, told)
    assert answer.status_code == 302, answer.context["form"].errors
    assert [row["field"] for row in Correction.objects.get().changes] == ["change_seen"]
    graded = factories.assessment(cast.patient, scale="norwood_1975", stage="III")
    assert client.get(short.replace(str(visit.pk), str(graded.pk))).url == long.replace(str(visit.pk), str(graded.pk))
