"""The report of an event, the page of one event, and what follows it."""

import datetime
import uuid
from typing import Any

import pytest
from django.urls import reverse

from clinic.audit.models import AuditEvent
from tests import factories
from tests.concurrency import at_once
from tests.html_forms import reasons_asked_for
from tests.people import Cast
from treatments.models import AdverseEvent, FollowUp
from treatments.records.models import PassedWarning
from treatments.records.partial_dates import PartialDate

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
TODAY = datetime.date.today()


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


def filled(**fields: Any) -> dict[str, Any]:
    """What a browser sends when a person has tapped one kind and nothing else."""
    answers = {
        "id": str(uuid.uuid4()),
        "kind": "headache",
        "exosome_session": "",
        "grade": "1",
        "outcome": "3",
        "ctcae_version": "5.0",
        "_sentinel": "1",
    }
    return answers | fields


def report(cast: Cast, **fields: Any) -> Any:
    url = reverse("safety:report", args=[cast.patient.pk])
    return cast.client(cast.nurse).post(url, filled(**fields))


def text(response: Any) -> str:
    return str(response.content.decode())


def test_one_tap_reports_a_mild_event(cast: Cast) -> None:
    """One tap and save reports a mild event."""
    response = report(cast)

    event = AdverseEvent.objects.get()
    assert response.status_code == 302 and response["Location"] == event.get_absolute_url()
    assert (event.grade, event.outcome, event.is_serious, event.patient) == (1, "3", False, cast.patient)


def test_no_session_is_suspected_unasked(cast: Cast) -> None:
    """From the patient's page no session is chosen: nobody has tied the event to one. From a session's page it is."""
    lot = factories.lot(factories.product(cast.clinic), number="EX-1")
    course = factories.course(cast.patient)
    first = factories.exosome_session(course, performed_on=ago(40), lot=lot)
    factories.exosome_session(course, performed_on=ago(10), lot=lot)
    client, url = cast.client(cast.nurse), reverse("safety:report", args=[cast.patient.pk])

    plain, asked = client.get(url).context["form"], client.get(f"{url}?session={first.pk}").context["form"]
    stranger = client.get(f"{url}?session={uuid.uuid4()}").context["form"]

    assert [form["exosome_session"].value() for form in (plain, asked, stranger)] == [
        None,
        str(first.pk),
        None,
    ]
    labels = [label for _, label in plain.fields["exosome_session"].choices]
    assert labels == [
        "Not tied to a session",
        f"Session 2, {PartialDate(ago(10).isoformat()).label()}, lot EX-1",
        f"Session 1, {PartialDate(ago(40).isoformat()).label()}, lot EX-1",
    ]


def test_published_case_can_be_reported(cast: Cast) -> None:
    """Mild, went away by themselves, not tied to a session, no day given: each is a fact, and none is made up."""
    answers = {"outcome": "1", "description": "Predominantly mild and transient; went away without treatment."}

    asked = report(cast, kind="injection_site_irritation", **answers)
    reasons = reasons_asked_for(asked.content.decode(), "the source gives no day")
    saved = report(cast, kind="injection_site_irritation", **answers, **reasons)

    assert asked.status_code == 422 and "Write when it was over" in text(asked)
    assert answers["description"] in text(asked)
    event = AdverseEvent.objects.get()
    assert saved.status_code == 302
    assert (event.onset, event.ended, event.exosome_session, event.is_open) == (None, None, None, False)
    assert PassedWarning.objects.get().reason == "the source gives no day"
    page = text(cast.client(cast.reader).get(event.get_absolute_url()))
    assert "not known" in page and "date not recorded" in page and "the source gives no day" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": ""}, "Choose what happened"),
        ({"onset": "2 May 2025", "ended": "1 May 2025", "outcome": "1"}, "over before it began"),
        ({"ended": "1 May 2025", "outcome": "3"}, "chose that it is still there"),
        ({"grade": "4"}, "Say why it is serious"),
        ({"grade": "5", "seriousness": ["death"], "outcome": "1", "ended": "1 May 2025"}, "belong together"),
        ({"kind": "shedding_te", "grade": "3"}, "CTCAE grades increased shedding from 1 to 2 only"),
        ({"onset": "1 May 1930"}, "before the patient’s birth"),
        ({"onset": f"1 May {TODAY.year + 1}"}, "is in the future"),
        ({"onset": "the day the cat died"}, "is not a date we can read"),
        ({"local_actions": ["none", "analgesic"]}, "Untick one of them"),
        ({"grade": "9"}, "valid choice"),
    ],
)
def test_untrue_event_is_refused(cast: Cast, fields: dict[str, Any], sentence: str) -> None:
    """What cannot be true is refused with what to do."""
    response = report(cast, description="Kept as typed.", **fields)

    assert response.status_code == 422
    assert sentence in text(response)
    assert "Kept as typed." in text(response)
    assert not AdverseEvent.objects.exists()


def test_event_before_its_session_is_refused(cast: Cast) -> None:
    """An event that began before its session is refused."""
    session = factories.exosome_session(factories.course(cast.patient), performed_on=ago(10))

    response = report(cast, exosome_session=str(session.pk), onset=ago(11).isoformat())

    assert response.status_code == 422 and "began before the session" in text(response)


def test_session_of_another_patient(cast: Cast) -> None:
    """A session of another patient cannot be named."""
    other = factories.exosome_session(factories.course(factories.patient(cast.clinic)))

    assert report(cast, exosome_session=str(other.pk)).status_code == 422
    assert not AdverseEvent.objects.exists()


def test_event_of_a_struck_out_session(cast: Cast) -> None:
    """An event keeps its session though that was struck out."""
    session = factories.exosome_session(factories.course(cast.patient), performed_on=ago(10))
    event = factories.adverse_event(cast.patient, exosome_session=session)
    type(session).objects.update(struck_out_at=event.created_at, struck_out_by=cast.nurse, struck_out_reason="twice")
    url = reverse("safety:correct", args=[cast.patient.pk, event.pk])

    assert "entered in error" in text(cast.client(cast.nurse).get(url))
    answers = filled(version="1", grade="2", exosome_session=str(session.pk), correction_reason="worse")
    assert cast.client(cast.nurse).post(url, answers).status_code == 302
    event.refresh_from_db()
    assert (event.exosome_session, event.grade) == (session, 2)
    new = reverse("safety:report", args=[cast.patient.pk])
    assert "entered in error" not in text(cast.client(cast.nurse).get(new))


def test_anaphylaxis_without_seriousness(cast: Cast) -> None:
    """Anaphylaxis without seriousness is asked about."""
    response = report(cast, kind="anaphylaxis", grade="3")

    assert response.status_code == 422 and "Anaphylaxis is usually serious" in text(response)
    assert not AdverseEvent.objects.exists()


def test_stopping_the_course_withdraws_it(cast: Cast) -> None:
    """Stopping the course is treatment withdrawn."""
    report(cast, local_actions=["course_stopped"])

    assert AdverseEvent.objects.get().action_taken == "1"


@pytest.mark.django_db(transaction=True)
def test_a_double_click_reports_one_event(cast: Cast) -> None:
    url, answers = reverse("safety:report", args=[cast.patient.pk]), filled()
    client = cast.client(cast.nurse)
    cookies = client.cookies

    def click() -> Any:
        again = type(client)()
        again.cookies = cookies
        return again.post(url, answers)

    answers = at_once(click)

    event = AdverseEvent.objects.get()
    assert [(a.status_code, a["Location"]) for a in answers] == [(302, event.get_absolute_url())] * 2
    assert AuditEvent.objects.filter(action="reported_event").count() == 1


def test_same_id_with_other_content_is_shown(cast: Cast) -> None:
    """The same id with other content is shown, not lost."""
    number = str(uuid.uuid4())
    report(cast, id=number)

    response = report(cast, id=number, kind="bruising", description="a second one")

    assert response.status_code == 409
    assert "already saved" in text(response) and "a second one" in text(response)
    assert AdverseEvent.objects.get().kind == "headache"


# ── One event ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def serious(cast: Cast) -> AdverseEvent:
    lot = factories.lot(factories.product(cast.clinic), number="EX-2411")
    session = factories.exosome_session(factories.course(cast.patient), performed_on=ago(20), lot=lot)
    for number in range(3):
        other = factories.patient(cast.clinic)
        given = factories.exosome_session(factories.course(other), performed_on=ago(20), lot=lot)
        if number < 2:
            factories.adverse_event(other, exosome_session=given)
    return factories.adverse_event(
        cast.patient,
        kind="nodule_mass",
        grade=3,
        exosome_session=session,
        seriousness=["hospitalisation"],
        is_serious=True,
        reported_on=ago(13),
        report_due_on=ago(-2),
    )


def test_serious_event_shows_why_and_by_when(cast: Cast, serious: AdverseEvent) -> None:
    """A serious event says why, by when, and who else had the lot."""
    page = text(cast.client(cast.reader).get(serious.get_absolute_url()))

    assert "notice-serious" in page and "hospital stay, new or prolonged" in page
    assert "in 2 days" in page
    assert "3 other patients" in page and serious.exosome_session.lot.get_absolute_url() in page
    assert "3 events on lot EX-2411" in page
    for sentence in ("Assess the cause.", "Write what was done about the treatment.", "Decide whether it is reported"):
        assert sentence in page


def test_decided_task_is_no_longer_to_do(cast: Cast, serious: AdverseEvent) -> None:
    """What was decided is no longer to do."""
    AdverseEvent.objects.filter(pk=serious.pk).update(
        causality="possible", action_taken="4", report_decision="required"
    )

    page = text(cast.client(cast.reader).get(serious.get_absolute_url()))

    assert "Still to do" not in page


def test_overdue_report_is_marked(cast: Cast, serious: AdverseEvent) -> None:
    """A report that is overdue is marked as overdue."""
    AdverseEvent.objects.filter(pk=serious.pk).update(report_due_on=ago(1))

    assert "was due 1 day ago" in text(cast.client(cast.reader).get(serious.get_absolute_url()))


def test_a_mild_event_shows_no_red(cast: Cast) -> None:
    event = factories.adverse_event(cast.patient)

    page = text(cast.client(cast.reader).get(event.get_absolute_url()))

    assert "notice-serious" not in page and "Still to do" not in page
    assert "its lot cannot be traced" in page


def test_looks_at_an_event_are_audited(cast: Cast, serious: AdverseEvent) -> None:
    """Each look at an event is on the audit trail."""
    cast.client(cast.reader).get(serious.get_absolute_url())

    assert AuditEvent.objects.get(action="viewed", actor=cast.reader).detail == {"page": "safety:event"}


def test_two_correcting_see_both(cast: Cast) -> None:
    """Two people who correct at once both see what the other wrote."""
    event = factories.adverse_event(cast.patient)
    url = reverse("safety:correct", args=[cast.patient.pk, event.pk])
    mine = filled(version="1", grade="2", correction_reason="as I saw it")
    cast.client(cast.clinician).post(url, filled(version="1", grade="3", correction_reason="as I saw it"))

    response = cast.client(cast.nurse).post(url, mine)

    assert response.status_code == 409
    assert f"{cast.clinician} changed this while you were editing" in text(response)
    assert response.context["differences"] == [{"label": "How bad was it at its worst?", "theirs": "3", "mine": "2"}]
    event.refresh_from_db()
    assert event.grade == 3
    again = cast.client(cast.nurse).post(url, mine | {"version": str(response.context["form"].data["version"])})
    event.refresh_from_db()
    assert (again.status_code, event.grade, event.version) == (302, 2, 3)


def test_correction_without_a_reason(cast: Cast) -> None:
    """A correction without a reason is refused."""
    event = factories.adverse_event(cast.patient)

    response = cast.client(cast.nurse).post(
        reverse("safety:correct", args=[cast.patient.pk, event.pk]), filled(version="1", grade="2")
    )

    assert response.status_code == 422 and "Write why it is corrected" in text(response)


def follow(cast: Cast, event: AdverseEvent, **fields: Any) -> Any:
    answers = {"id": str(uuid.uuid4()), "seen_on": TODAY.isoformat(), "outcome": "2", "note": "Smaller.", "grade": ""}
    url = reverse("safety:follow-up", args=[cast.patient.pk, event.pk])
    return cast.client(cast.nurse).post(url, answers | {"seen_by": str(cast.nurse.pk), "_sentinel": "1"} | fields)


def test_follow_up_shows_what_it_changed(cast: Cast) -> None:
    """A follow-up is listed on the event with what it changed."""
    event = factories.adverse_event(cast.patient)

    response = follow(cast, event)

    assert response.status_code == 302
    page = text(cast.client(cast.reader).get(event.get_absolute_url()))
    assert "Smaller." in page and "Follow-up of" in page and "Recovering" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"grade": "4"}, "Say why it is serious"),
        ({"outcome": "5"}, "belong together"),
        ({"seen_on": (TODAY + datetime.timedelta(days=2)).isoformat()}, "is in the future"),
        ({"seen_on": ago(400).isoformat()}, "before the event began"),
        ({"ended": TODAY.isoformat(), "outcome": "3"}, "chose that it is still there"),
        ({"note": ""}, "what was seen or said"),
    ],
)
def test_follow_up_is_judged_with_its_event(cast: Cast, fields: dict[str, Any], sentence: str) -> None:
    """A follow-up is judged with the event that it belongs to."""
    event = factories.adverse_event(cast.patient, onset=PartialDate(ago(30).isoformat()))

    response = follow(cast, event, **fields)

    assert response.status_code == 422 and sentence in text(response)
    assert not FollowUp.objects.exists()


def test_examiner_works_at_the_clinic(cast: Cast) -> None:
    """Only people of the clinic can have seen the patient."""
    event = factories.adverse_event(cast.patient)

    assert follow(cast, event, seen_by=str(cast.stranger.pk)).status_code == 422


def close(cast: Cast, event: AdverseEvent, **fields: Any) -> Any:
    answers = {"id": str(uuid.uuid4()), "outcome": "1", "ended": "May 2025", "note": "telephoned", "_sentinel": "1"}
    url = reverse("safety:resolve", args=[cast.patient.pk, event.pk])
    return cast.client(cast.nurse).post(url, answers | {"seen_on": TODAY.isoformat()} | fields)


def test_an_event_is_closed_in_two_answers(cast: Cast) -> None:
    """Closing an event is one more look at it, with who says so and how it is known."""
    event = factories.adverse_event(cast.patient)

    response = close(cast, event)

    event.refresh_from_db()
    assert response.status_code == 302
    assert (event.is_open, event.ended) == (False, PartialDate("2025-05"))
    look = FollowUp.objects.get()
    assert (look.note, look.created_by, look.seen_on) == ("telephoned", cast.nurse, TODAY)


def test_unreported_needs_a_sentence(cast: Cast, serious: AdverseEvent) -> None:
    """A serious event is not left unreported without a sentence."""
    url = reverse("safety:decide", args=[cast.patient.pk, serious.pk])
    answers = {"version": "1", "report_decision": "not_required", "report_due_on": "", "_sentinel": "1"}

    refused = cast.client(cast.clinician).post(url, answers)
    saved = cast.client(cast.clinician).post(url, answers | {"correction_reason": "expected, in the leaflet"})

    assert refused.status_code == 422 and "Write why no report is needed" in text(refused)
    assert saved.status_code == 302
    serious.refresh_from_db()
    assert serious.report_decision == "not_required"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"report_decision": "reported", "authority": "Authority"}, "Write the day on which the report was sent"),
        ({"report_decision": "reported", "authority_reported_on": TODAY.isoformat()}, "Write the name of the"),
        ({"report_decision": "required", "authority_reported_on": TODAY.isoformat()}, "Choose “Reported”"),
    ],
)
def test_sent_report_has_day_and_recipient(
    cast: Cast, serious: AdverseEvent, fields: dict[str, Any], sentence: str
) -> None:
    """A report that was sent says when and to whom."""
    url = reverse("safety:decide", args=[cast.patient.pk, serious.pk])

    response = cast.client(cast.clinician).post(url, {"version": "1", "_sentinel": "1"} | fields)

    assert response.status_code == 422 and sentence in text(response)


def test_struck_out_event_stays_readable(cast: Cast) -> None:
    """An event struck out stays readable and offers nothing more."""
    event = factories.adverse_event(cast.patient)
    url = reverse("safety:strike-out", args=[cast.patient.pk, event.pk])

    cast.client(cast.nurse).post(url, {"version": "1", "reason": "other patient", "_sentinel": "1"})

    page = text(cast.client(cast.nurse).get(event.get_absolute_url()))
    assert "Entered in error" in page and "other patient" in page and "Follow up" not in page


@pytest.mark.parametrize("name", ["safety:report"])
def test_reception_and_readers_cannot_report(cast: Cast, name: str) -> None:
    url = reverse(name, args=[cast.patient.pk])

    assert cast.client(cast.reception).get(url).status_code == 403
    assert cast.client(cast.reader).post(url, filled()).status_code == 403
    assert cast.client(cast.stranger).post(url, filled()).status_code == 404
    assert not AdverseEvent.objects.exists()
