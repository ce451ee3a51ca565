"""What is shown of an event follows from what stands: its report, its follow-ups, its session, its lot."""

import datetime
import itertools
import re
import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.concurrency import at_once
from tests.people import Cast
from treatments.models import AdverseEvent, Correction, ExosomeSession, FollowUp
from treatments.records.partial_dates import PartialDate
from treatments.safety import actions
from treatments.sessions.log.actions import strike_out_session

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
TODAY = datetime.date.today()


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


def told(cast: Cast, **fields: Any) -> AdverseEvent:
    values = {"kind": "infection", "reported_on": ago(30), **fields}
    return actions.report(AdverseEvent(clinic=cast.clinic, patient=cast.patient, **values), by=cast.nurse)


def look(cast: Cast, event: AdverseEvent, days: int, outcome: str = "3", **fields: Any) -> FollowUp:
    values = {"seen_on": ago(days), "outcome": outcome, "note": "Looked at.", **fields}
    follow_up = FollowUp(clinic=cast.clinic, patient=event.patient, event=event, **values)
    return actions.follow_up(follow_up, by=cast.nurse)


def stands(event: AdverseEvent) -> tuple[Any, ...]:
    event.refresh_from_db()
    return (event.grade, event.seriousness, event.is_serious, event.outcome, event.report_due_on)


def text(response: Any) -> str:
    return " ".join(re.sub("<[^>]+>", " ", response.content.decode()).split())


def page_of(cast: Cast, event: AdverseEvent) -> str:
    return text(cast.client(cast.clinician).get(event.get_absolute_url()))


def due(days_after: int, since: int) -> datetime.date:
    return ago(since) + datetime.timedelta(days=days_after)


# ── Looks in any order ─────────────────────────────────────────────────────────────────────────


def test_discharge_letter_entered_late(cast: Cast) -> None:
    """Today "gone", then the letter of ten days ago: grade 3, hospital. Serious, and still over."""
    event = told(cast)
    look(cast, event, 0, "1")

    letter = look(cast, event, 10, "2", grade=3, criteria=["hospitalisation"])

    assert stands(event) == (3, ["hospitalisation"], True, "1", due(15, 10))
    assert (letter.grade, letter.criteria) == (3, ["hospitalisation"])
    page = page_of(cast, event)
    assert "Grade 3 at worst" in page and "Now: recovered" in page
    assert "This raised the grade to 3; made it serious: hospital stay, new or prolonged." in page


def test_any_order_of_entry_ends_alike(cast: Cast) -> None:
    """Three looks in all six orders, one of them corrected, one more struck out: the event stands the same."""
    looks = {"a": (9, "3", {"grade": 2}), "b": (6, "2", {"grade": 3, "criteria": ["disability"]}), "c": (2, "1", {})}
    results = []
    for order in itertools.permutations(looks):
        event = told(cast)
        entered = {}
        for name in order:
            days, outcome, fields = looks[name]
            entered[name] = look(cast, event, days, outcome, **fields)
        wrong = look(cast, event, 1, "5", grade=5, criteria=["death"])
        actions.strike_out_follow_up(wrong, reason="another patient", expected_version=1, by=cast.nurse)
        correct_look(cast, entered["a"], grade=1)
        results.append(stands(event))

    assert results == [(3, ["disability"], True, "1", due(15, 6))] * 6


def correct_look(cast: Cast, follow_up: FollowUp, **changes: Any) -> FollowUp:
    return actions.correct_follow_up(
        follow_up, changes=changes, reason="misread", expected_version=follow_up.version, by=cast.nurse
    )


ACTS = st.fixed_dictionaries(
    {
        "day": st.integers(0, 29),
        "outcome": st.sampled_from("0123"),
        "grade": st.integers(1, 3),
        "criteria": st.sampled_from([[], ["hospitalisation"], ["disability"]]),
        "grade_after": st.none() | st.integers(1, 3),
        "is_struck_out": st.booleans(),
    }
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=1, max_size=4, unique_by=lambda act: act["day"]), random=st.randoms())
def test_acts_in_any_order_end_alike(cast: Cast, acts: list[dict[str, Any]], random: Any) -> None:
    """Entered, corrected and struck out in any order: the event stands as if only what stands had been entered."""
    event, other = told(cast), told(cast)
    todo = [(kind, act) for act in acts for kind in ("enter", "correct", "strike")]
    random.shuffle(todo)
    todo.sort(key=lambda step: step[0] != "enter")  # what is corrected or struck out was entered before
    entered: dict[int, FollowUp] = {}
    for kind, act in todo:
        told_of = {"grade": act["grade"], "criteria": act["criteria"]}
        if kind == "enter":
            entered[act["day"]] = look(cast, event, act["day"], act["outcome"], **told_of)
        follow_up = entered[act["day"]]
        follow_up.refresh_from_db()
        if kind == "correct" and act["grade_after"] and not follow_up.is_struck_out:
            correct_look(cast, follow_up, grade=act["grade_after"])
        if kind == "strike" and act["is_struck_out"]:
            version = follow_up.version
            actions.strike_out_follow_up(follow_up, reason="wrong", expected_version=version, by=cast.nurse)
    for follow_up in event.follow_ups.standing().order_by("-seen_on"):
        same = {name: getattr(follow_up, name) for name in ("grade", "criteria")}
        look(cast, other, (TODAY - follow_up.seen_on).days, follow_up.outcome, **same)

    assert stands(event) == stands(other)


def test_struck_out_follow_up_reopens(cast: Cast) -> None:
    """A follow-up that closed the event is struck out: the event is open again, and Today lists it."""
    event = told(cast)
    gone = look(cast, event, 3, "1", ended=PartialDate(ago(3).isoformat()))
    event.refresh_from_db()
    assert (event.is_open, event.ended) == (False, PartialDate(ago(3).isoformat()))

    actions.strike_out_follow_up(gone, reason="another patient", expected_version=1, by=cast.nurse)

    event.refresh_from_db()
    assert (event.is_open, event.ended) == (True, None)
    assert list(AdverseEvent.objects.open()) == [event]
    timeline = text(cast.client(cast.reader).get(reverse("timeline:patient", args=[cast.patient.pk])))
    assert "Looked at. Entered in error: another patient." in timeline


def test_correction_leaves_what_looks_added(cast: Cast) -> None:
    """A correction changes what the report said; what a follow-up found stays at worst."""
    event = told(cast, grade=2)
    look(cast, event, 10, grade=3)
    event.refresh_from_db()

    actions.correct_event(event, changes={"grade": 1}, reason="misread", expected_version=1, by=cast.nurse)

    assert (stands(event)[0], event.reported_grade) == (3, 1)
    form = cast.client(cast.nurse).get(reverse("safety:correct", args=[cast.patient.pk, event.pk])).context["form"]
    assert form["grade"].value() == 1


def test_corrected_criteria_of_a_look(cast: Cast) -> None:
    """A criterion taken back from the look that gave it: the event is not serious any more, and nothing is due."""
    event = told(cast)
    wrong = look(cast, event, 20, grade=2, criteria=["hospitalisation"])
    assert stands(event)[2:] == (True, "3", due(15, 20))

    correct_look(cast, wrong, criteria=[])

    assert stands(event) == (2, [], False, "3", None)
    assert "was due" not in page_of(cast, event)
    assert Correction.objects.get(record_id=wrong.pk).reason == "misread"


def test_reason_struck_out_leaves_the_grade(cast: Cast) -> None:
    """The look that said why it is serious is struck out: grade 4 is serious by itself, and somebody is asked why."""
    event = told(cast)
    why = look(cast, event, 9, criteria=["life_threatening"])
    look(cast, event, 8, grade=4)

    actions.strike_out_follow_up(why, reason="told twice", expected_version=1, by=cast.nurse)

    assert stands(event)[:3] == (4, [], True)
    assert "Write why it is serious: at worst it is grade 4." in page_of(cast, event)


# ── The report to the authority ────────────────────────────────────────────────────────────────


def correct(cast: Cast, event: AdverseEvent, **changes: Any) -> AdverseEvent:
    event.refresh_from_db()
    return actions.correct_event(
        event, changes=changes, reason="as it was", expected_version=event.version, by=cast.clinician
    )


def decide(cast: Cast, event: AdverseEvent, **changes: Any) -> AdverseEvent:
    event.refresh_from_db()
    changes = {"report_decision": "required", **changes}
    return actions.decide_report(event, changes=changes, reason="", expected_version=event.version, by=cast.clinician)


def test_deadline_moves_with_the_kind(cast: Cast) -> None:
    """Corrected to anaphylaxis the report is due at once; corrected back, after 15 days."""
    event = told(cast, reported_on=ago(2), grade=3, seriousness=["medically_important"])
    assert event.report_due_on == due(15, 2)

    assert correct(cast, event, kind="anaphylaxis").report_due_on == ago(2)
    assert "At once: anaphylaxis" in page_of(cast, event)
    assert correct(cast, event, kind="infection").report_due_on == due(15, 2)


def test_nothing_is_due_when_not_serious(cast: Cast) -> None:
    """Corrected to not serious, "report was due" is gone from the event, the register, Today and the header."""
    event = told(cast, grade=2, seriousness=["hospitalisation"])
    addresses = [
        event.get_absolute_url(),
        reverse("safety:index"),
        reverse("today"),
        reverse("timeline:patient", args=[cast.patient.pk]),
    ]
    client = cast.client(cast.clinician)
    assert ["due" in text(client.get(address)).lower() for address in addresses[:2]] == [True, True]

    correct(cast, event, seriousness=[])

    event.refresh_from_db()
    assert (event.is_serious, event.report_due_on, event.serious_since) == (False, None, None)
    for address in addresses:
        assert "report was due" not in text(client.get(address)).lower()
        assert "Report to the authority due" not in text(client.get(address))


def test_clock_starts_with_the_seriousness(cast: Cast) -> None:
    """Serious at a follow-up of today, an event told a month ago is not overdue: it is due in 15 days."""
    event = told(cast)

    look(cast, event, 0, grade=3, criteria=["hospitalisation"])

    assert stands(event)[-1] == due(15, 0)
    page = page_of(cast, event)
    assert "in 15 days" in page and "was due" not in page and "Assess the cause" not in page


def test_day_of_learning_starts_the_clock(cast: Cast) -> None:
    """A letter of twenty days ago, of which the clinic learnt yesterday."""
    event = told(cast)

    look(cast, event, 20, grade=3, criteria=["hospitalisation"], learnt_on=ago(1))

    assert stands(event)[-1] == due(15, 1)
    assert f"the clinic learnt on {spelled(ago(1))} that it is serious" in page_of(cast, event)


def spelled(day: datetime.date) -> str:
    return f"{day.day} {day:%b %Y}"


def test_deadline_by_hand_says_by_whom(cast: Cast) -> None:
    """A day set by hand is told apart from the computed one, stays when that moves, and gives way when cleared."""
    event = told(cast, grade=2, seriousness=["hospitalisation"])
    computed = due(15, 30)

    decide(cast, event, report_due_on=ago(-5))

    event.refresh_from_db()
    assert (event.report_due_on, event.due_by_hand_on, event.due_by_hand_by) == (ago(-5), ago(-5), cast.clinician)
    default = f"The clinic’s default would be {spelled(computed)}."
    assert f"Set by {cast.clinician} on {spelled(TODAY)}. {default}" in page_of(cast, event)
    correct(cast, event, kind="abscess")
    assert stands(event)[-1] == ago(-5)

    decide(cast, event, report_due_on=None)

    assert stands(event)[-1] == computed
    assert "not a legal term" in page_of(cast, event)
    assert event.due_by_hand_by is None


def test_what_was_sent_stays_as_sent(cast: Cast) -> None:
    """A report that was sent stays what was sent, whatever the event turns out to be."""
    event = told(cast, grade=2, seriousness=["hospitalisation"])
    sent = {"authority": "Authority", "authority_reported_on": ago(20), "authority_reference": "A-1"}
    decide(cast, event, report_decision="reported", **sent)

    correct(cast, event, seriousness=[])

    event.refresh_from_db()
    assert (event.authority_reported_on, event.authority_reference) == (ago(20), "A-1")
    assert event.report_waits_until is None
    assert "A-1" in page_of(cast, event)


def test_what_is_new_since_it_was_sent(cast: Cast) -> None:
    """A report was sent; a later look finds more: the page asks to send that too."""
    event = told(cast, grade=2, seriousness=["hospitalisation"])
    decide(cast, event, report_decision="reported", authority="Authority", authority_reported_on=ago(20))
    assert "New since" not in page_of(cast, event)

    look(cast, event, 5, criteria=["disability"])

    new = "lasting or significant disability"
    assert f"New since the report was sent on {spelled(ago(20))}: {new}." in page_of(cast, event)


def test_decision_on_a_mild_event_asks_again(cast: Cast) -> None:
    """To be reported by a day that somebody set, and not serious any more: the decision stays, and is asked anew."""
    event = told(cast, grade=2, seriousness=["hospitalisation"])
    decide(cast, event, report_due_on=ago(-5))

    correct(cast, event, seriousness=[])

    assert stands(event)[-1] == ago(-5)
    assert "Decide on the report again." in page_of(cast, event)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"authority_reported_on": ago(31), "report_decision": "reported", "authority": "A"}, "sent before"),
        ({"report_due_on": ago(31).isoformat(), "report_decision": "required"}, "before the clinic was told"),
    ],
)
def test_report_is_sent_after_it_is_told(cast: Cast, fields: dict[str, Any], sentence: str) -> None:
    event = told(cast, grade=2, seriousness=["hospitalisation"])
    url = reverse("safety:decide", args=[cast.patient.pk, event.pk])

    response = cast.client(cast.clinician).post(url, {"version": "1", "_sentinel": "1", **fields})

    assert response.status_code == 422 and sentence in text(response)


# ── The session and its lot ────────────────────────────────────────────────────────────────────


@pytest.fixture
def session(cast: Cast) -> ExosomeSession:
    lot = factories.lot(factories.product(cast.clinic), number="EX-2411", given_ml=3)
    return factories.exosome_session(factories.course(cast.patient), performed_on=ago(30), lot=lot, reactions="yes")


def strike(cast: Cast, session: ExosomeSession) -> None:
    strike_out_session(session, reason="logged for the wrong patient", expected_version=session.version, by=cast.nurse)


def test_reactions_fall_with_their_session(cast: Cast, session: ExosomeSession) -> None:
    """Three reactions of a session that is struck out leave the header, the register, the lot and its signal."""
    events = [told(cast, kind=kind, exosome_session=session) for kind in ("pruritus", "bruising", "headache")]
    client, lot = cast.client(cast.clinician), session.lot
    assert lot and "3 events on lot EX-2411" in text(client.get(lot.get_absolute_url()))

    strike(cast, session)

    assert not AdverseEvent.objects.standing().exists()
    lot_page, register = text(client.get(lot.get_absolute_url())), text(client.get(reverse("safety:index")))
    assert "events on lot" not in lot_page and "not used yet" in lot_page
    assert "No session yet" in register and "more" not in register
    timeline = text(client.get(reverse("timeline:patient", args=[cast.patient.pk])))
    assert "3 open" not in timeline and "Does not count: its session was struck out as entered in error." in timeline
    session_page = text(cast.client(cast.reader).get(session.get_absolute_url()))
    assert session_page.count("does not count, because the session is struck out") == 3
    page = page_of(cast, events[0])
    assert "logged for the wrong patient" in page and "correct the event and choose another session, or none" in page


def test_strike_out_names_events_before(cast: Cast, session: ExosomeSession) -> None:
    """The page that strikes a session out says which events fall with it, and which stay."""
    told(cast, kind="pruritus", exosome_session=session)
    told(cast, kind="nodule_mass", grade=2, exosome_session=session, onset=PartialDate(ago(20).isoformat()))

    page = text(cast.client(cast.nurse).get(reverse("sessions:strike-out", args=[cast.patient.pk, session.pk])))

    assert "The event of that day will not count any more: itching, grade 1." in page
    assert "Stays in the patient’s record, but not tied to the lot: lump, grade 2." in page


def test_strike_out_says_what_is_left(cast: Cast) -> None:
    event = told(cast)
    gone = look(cast, event, 3, "1", grade=3, criteria=["hospitalisation"])
    url = reverse("safety:follow-up-strike-out", args=[cast.patient.pk, event.pk, gone.pk])

    assert "grade 1 at worst, not serious. Now: not recovered" in text(cast.client(cast.nurse).get(url))


def test_reaction_that_did_happen_comes_back(cast: Cast, session: ExosomeSession) -> None:
    """Tied to another session, or to none, a fallen event counts again."""
    event = told(cast, exosome_session=session)
    strike(cast, session)
    event.refresh_from_db()
    assert event.is_struck_out and not event.is_open

    correct(cast, event, exosome_session=None)

    event.refresh_from_db()
    assert (event.fell_with_session, event.is_open) == (False, True)
    assert list(AdverseEvent.objects.open()) == [event]


def test_what_came_later_stays_and_is_asked(cast: Cast, session: ExosomeSession) -> None:
    """A lump of a week after, or a serious event, stays with the patient, not tied to the lot and is asked about."""
    lump = told(cast, kind="nodule_mass", exosome_session=session, onset=PartialDate(ago(20).isoformat()))
    shock = told(cast, grade=3, seriousness=["hospitalisation"], exosome_session=session)

    strike(cast, session)

    assert set(AdverseEvent.objects.open()) == {lump, shock}
    assert session.lot and not AdverseEvent.objects.of_lot(session.lot).exists()
    for event in (lump, shock):
        assert "Its session was struck out." in page_of(cast, event)
    register = text(cast.client(cast.reader).get(reverse("safety:index")))
    assert "No session yet" in register and "2 more: without a session" in register


def test_answers_fall_with_their_session(cast: Cast, session: ExosomeSession) -> None:
    """ "Gone", asked at a session that is struck out: the event is open again, and the answer stays to be read."""
    event = told(cast)
    asked = FollowUp(clinic=cast.clinic, patient=cast.patient, event=event, seen_on=session.performed_on, outcome="1")
    asked.exosome_session, asked.note = session, "Asked before the session."
    actions.follow_up(asked, by=cast.nurse)
    assert stands(event)[3] == "1"

    strike(cast, session)

    assert stands(event)[3] == "3"
    assert list(AdverseEvent.objects.open()) == [event]
    assert "Asked at a session that was struck out" in page_of(cast, event)


def test_month_of_a_session_prints_no_day(cast: Cast) -> None:
    """Told and asked at a session known to the month: the page of the event names the month, and no day of it."""
    month = factories.exosome_session(
        factories.course(cast.patient), performed_on=datetime.date(2025, 3, 1), performed_precision="month"
    )
    event = told(cast, exosome_session=month, reported_on=month.performed_on)
    asked = FollowUp(clinic=cast.clinic, patient=cast.patient, event=event, seen_on=month.performed_on, outcome="1")
    asked.exosome_session, asked.note = month, "Asked."
    actions.follow_up(asked, by=cast.nurse)

    page = page_of(cast, event)

    assert "1 Mar 2025" not in page and "Report of Mar 2025" in page and "Follow-up of Mar 2025" in page
    register = text(cast.client(cast.reader).get(f"{reverse('safety:index')}?shown=all"))
    assert "1 Mar 2025" not in register and "filed Mar 2025" in register


def test_signal_says_of_how_many_patients(cast: Cast, session: ExosomeSession) -> None:
    for kind in ("pruritus", "bruising", "headache"):
        told(cast, kind=kind, exosome_session=session)

    assert session.lot
    assert AdverseEvent.objects.lot_signal(session.lot).endswith("They are of 1 patient.")


# ── The pages ──────────────────────────────────────────────────────────────────────────────────


def send(cast: Cast, name: str, event: AdverseEvent, *ids: Any, **fields: Any) -> Any:
    answers = {"id": str(uuid.uuid4()), "seen_on": TODAY.isoformat(), "outcome": "2", "note": "Smaller.", "grade": ""}
    url = reverse(f"safety:{name}", args=[cast.patient.pk, event.pk, *ids])
    return cast.client(cast.nurse).post(url, {**answers, "_sentinel": "1", **fields})


def test_follow_up_is_corrected_on_its_page(cast: Cast) -> None:
    """A follow-up has a correction of its own, with the reason and what stood before."""
    event = told(cast)
    wrong = look(cast, event, 5, "1")
    values = {"seen_on": ago(5).isoformat(), "outcome": "3", "version": "1", "correction_reason": "misheard"}

    response = send(cast, "follow-up-correct", event, wrong.pk, **values)

    assert response.status_code == 302
    assert stands(event)[3] == "3"
    page = page_of(cast, event)
    assert "misheard" in page and "Not recovered, ongoing" in page


def test_saving_says_what_a_look_did(cast: Cast) -> None:
    event = told(cast)
    look(cast, event, 0, "1")

    client_answer = send(
        cast, "follow-up", event, seen_on=ago(10).isoformat(), grade="3", criteria=["hospitalisation"], outcome="2",
        learnt_on=TODAY.isoformat(),
    )  # fmt: skip

    assert client_answer.status_code == 302
    page = text(cast.client(cast.nurse).get(event.get_absolute_url()))
    assert "Grade 3 at worst" in page
    assert stands(event)[-1] == due(15, 0)


def test_clock_in_the_past_is_asked_about(cast: Cast) -> None:
    """A look of ten days ago that makes the event serious: since when does the clinic know?"""
    event = told(cast)
    answers = {"seen_on": ago(10).isoformat(), "grade": "3", "criteria": ["hospitalisation"]}

    response = send(cast, "follow-up", event, **answers)

    assert response.status_code == 422
    assert f"The days until the report is due are counted from {spelled(ago(10))}." in text(response)
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"outcome": "0", "ended": "1 May 2025"}, "but not how it ended"),
        ({"outcome": "2", "ended": "1 May 2025"}, "chose that it is getting better"),
        ({"onset": ago(5).isoformat(), "reported_on": ago(6).isoformat()}, "told of the event before it began"),
        ({"session": True, "reported_on": ago(31).isoformat()}, "told of the event before the session"),
        ({"session": True, "ended": ago(31).isoformat(), "outcome": "1"}, "over before the session"),
        (
            {"seriousness": ["disability"], "reported_on": ago(3).isoformat(), "learnt_on": ago(9).isoformat()},
            "cannot know before that day that it was serious",
        ),
    ],
)
def test_orders_that_cannot_be_are_refused(
    cast: Cast, session: ExosomeSession, fields: dict[str, Any], sentence: str
) -> None:
    """The report refuses what contradicts itself."""
    tied = str(session.pk) if fields.pop("session", False) else ""
    answers = {"id": str(uuid.uuid4()), "kind": "headache", "exosome_session": tied, "grade": "1", "outcome": "3"}
    url = reverse("safety:report", args=[cast.patient.pk])

    response = cast.client(cast.nurse).post(url, {**answers, "ctcae_version": "5.0", "_sentinel": "1", **fields})

    assert response.status_code == 422 and sentence in text(response)
    assert not AdverseEvent.objects.exists()


def test_look_before_its_session_is_refused(cast: Cast, session: ExosomeSession) -> None:
    event = told(cast, exosome_session=session)

    response = send(cast, "follow-up", event, seen_on=ago(31).isoformat())

    assert response.status_code == 422 and "before the session that the event is tied to" in text(response)


def test_nobody_is_seen_after_death(cast: Cast) -> None:
    event = told(cast)
    look(cast, event, 5, "5", grade=5, criteria=["death"])

    after, before = (send(cast, "follow-up", event, seen_on=ago(days).isoformat()) for days in (1, 9))

    assert after.status_code == 422 and "the patient had died of it" in text(after)
    assert before.status_code == 302
    assert stands(event)[3] == "5"


def test_resolved_before_it_was_last_seen(cast: Cast) -> None:
    """Over on a day after which it was still seen ongoing: refused with the day of that look."""
    event = told(cast)
    look(cast, event, 5, "3")

    response = send(cast, "resolve", event, outcome="1", ended=ago(9).isoformat())

    said = f"The entry of {spelled(ago(5))} says that it was not over on that day"
    assert response.status_code == 422 and said in text(response)
    assert send(cast, "resolve", event, outcome="1", ended=ago(4).isoformat()).status_code == 302
    assert stands(event)[3] == "1"


def test_onset_after_a_follow_up_is_refused(cast: Cast) -> None:
    """A corrected onset that lies after the first follow-up cannot be."""
    event = told(cast, onset=PartialDate(ago(30).isoformat()))
    look(cast, event, 20)
    url = reverse("safety:correct", args=[cast.patient.pk, event.pk])
    answers = {"kind": "infection", "exosome_session": "", "grade": "1", "outcome": "3", "ctcae_version": "5.0"}

    response = cast.client(cast.nurse).post(
        url, {**answers, "version": "1", "onset": ago(10).isoformat(), "correction_reason": "diary", "_sentinel": "1"}
    )

    assert response.status_code == 422 and "There is a follow-up of" in text(response)


def test_death_is_told_whole(cast: Cast) -> None:
    event = told(cast)

    with pytest.raises(ValidationError, match="belong together"):
        look(cast, event, 5, "5")


@pytest.mark.django_db(transaction=True)
def test_looks_entered_at_once_both_count(cast: Cast) -> None:
    """Two people enter a look in the same moment: neither is worked out without the other."""
    event = told(cast)
    days = iter([10, 5])
    told_of: dict[int, dict[str, Any]] = {10: {"grade": 3, "criteria": ["hospitalisation"]}, 5: {"outcome": "1"}}

    def enter() -> None:
        day = next(days)
        look(cast, event, day, **told_of[day])

    at_once(enter)

    assert stands(event)[:4] == (3, ["hospitalisation"], True, "1")


def test_answer_moves_with_its_session(cast: Cast, session: ExosomeSession) -> None:
    """The session's day is corrected: what was asked at it is of the new day, with the day before kept."""
    event = told(cast, reported_on=ago(60))
    asked = FollowUp(clinic=cast.clinic, patient=cast.patient, event=event, seen_on=session.performed_on, outcome="2")
    asked.exosome_session, asked.note = session, "Asked."
    actions.follow_up(asked, by=cast.nurse)
    look(cast, event, 28, "1")
    ExosomeSession.objects.filter(pk=session.pk).update(performed_on=ago(25))
    session.refresh_from_db()

    actions.follow_session(session, by=cast.nurse)

    asked.refresh_from_db()
    assert (asked.seen_on, stands(event)[3]) == (ago(25), "2")
    assert Correction.objects.get(record_id=asked.pk).changes[0]["field"] == "seen_on"
