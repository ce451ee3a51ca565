"""The log page: filled in from last time, saved once, and every rule asked beside its field."""

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.audit.models import AuditEvent
from tests import factories
from tests.html_forms import fields_of, reasons_asked_for
from tests.people import Cast
from tests.sessions.log.post_data import TODAY, log_url, lot_of, planned, session_post
from treatments.models import AdverseEvent, ExosomeSession, HairHistory, Lot
from treatments.records.models import PassedWarning
from treatments.records.months import add_months
from treatments.safety.grading import GRADE_MEANINGS
from treatments.sessions.course_state import recompute

pytestmark = pytest.mark.any_database


def text(page: HttpResponse) -> str:
    return re.sub(r"\s+", " ", page.content.decode())


def warned(page: HttpResponse) -> dict[str, str]:
    """{rule and code: field} of the warnings that the page shows."""
    return {warning.key.rsplit("-", 1)[0]: warning.field for warning in page.context["form"].warnings}


# ── Filled in from last time ───────────────────────────────────────────────────────────────────


def test_page_opens_with_the_last_session(cast: Cast) -> None:
    """The page opens filled in from the last session, and says so."""
    course, lot = planned(cast), lot_of(cast)
    factories.exosome_session(
        course,
        performed_on=add_months(TODAY(), -1),
        regions={"vertex": "2.50", "frontal": "0.50"},
        needle_gauge=30,
        anaesthesia="none",
        lot=lot,
        product=lot.product,
        note="free text",
        anaesthesia_detail="free text",
        device="free text",
        reported_label="free text",
        assistant="free text",
        pain_during=7,
        since_last="none",
        reactions="none",
    )
    page = cast.client(cast.nurse).get(log_url(course))
    form = page.context["form"]
    assert page.context["session_title"].title == "Session 2 of 5"
    told = {
        name: str(form[name].value()) for name in ("volume-vertex", "volume-frontal", "needle_gauge", "anaesthesia")
    }
    assert told == {"volume-vertex": "2.5", "volume-frontal": "0.5", "needle_gauge": "30", "anaesthesia": "none"}
    assert {form.mark_of(name) for name in told} == {"carried"}
    assert "free text" not in text(page)
    assert form["since_last"].value() is None, "the question starts unanswered"
    assert not form["pain_during"].value(), "pain is never carried"
    assert not form["reaction"].value()
    assert "filled in from session 1" in text(page)
    assert text(page).count("data-mark>carried") >= 5


def test_first_session_comes_from_the_plan(cast: Cast) -> None:
    """The first session is filled in from the plan."""
    course = planned(cast, volumes={"vertex": "3.00"}, route="mesotherapy_gun")
    page = cast.client(cast.nurse).get(log_url(course))
    form = page.context["form"]
    assert (form["route"].value(), form.mark_of("route")) == ("mesotherapy_gun", "planned")
    assert "Anything since last time?" not in text(page)


def test_changed_value_loses_its_mark(cast: Cast) -> None:
    """A value that was changed loses its mark, also without JavaScript."""
    course = planned(cast)
    told = session_post(course, **{"volume-vertex": "2", "pain_during": "99"})
    form = cast.client(cast.nurse).post(log_url(course), told).context["form"]
    assert (form.mark_of("volume-vertex"), form.mark_of("route")) == ("", "planned")


def test_first_lot_to_expire_is_suggested(cast: Cast) -> None:
    """The first to expire of the expected product that nothing speaks against stands first, and nobody chose it."""
    product, other = factories.product(cast.clinic), factories.product(cast.clinic)
    course = planned(cast, product=product)
    days = {"FOREIGN": 5, "LATER": 60, "SOONER": 40, "TOO LITTLE": 20, "EXPIRED": -1}
    for number, in_days in days.items():
        factories.lot(
            other if number == "FOREIGN" else product,
            number=number,
            expires_on=TODAY() + datetime.timedelta(days=in_days),
            received_ml=Decimal("1") if number == "TOO LITTLE" else Decimal("50"),
        )
    factories.lot(product, number="RECALLED", state="recalled", recalled_at=course.created_at,
                  recalled_by=cast.manager, recall_reason="x")  # fmt: skip
    found = cast.client(cast.nurse).get(log_url(course)).context["page"].lots
    assert [row.lot.number for row in found.rows] == ["SOONER", "TOO LITTLE", "LATER", "FOREIGN"]
    assert not any(row.is_chosen for row in found.rows)
    assert found.rows[1].doubt == "expires in 20 days"
    assert [row.mark for row in found.rows] == ["suggested", "", "", ""]
    posted = cast.client(cast.nurse).post(
        log_url(course), session_post(course, lot=found.rows[2].lot, pain_during="99")
    )
    assert [row.mark for row in posted.context["page"].lots.rows if row.is_chosen] == [""]


def test_heading_follows_the_typed_day(cast: Cast) -> None:
    """The heading follows the day that is typed."""
    course = planned(cast, baseline_on=datetime.date(2025, 3, 5))
    for month in (3, 4, 6):
        factories.exosome_session(course, performed_on=datetime.date(2025, month, 5))
    client, url = cast.client(cast.nurse), reverse("sessions:log-heading", args=[course.patient_id])

    def told(when: str, **more: str) -> list[str]:
        answer = client.get(url, {"course": str(course.pk), "when": when, "phase": "induction", **more})
        assert answer.status_code == 200
        return [answer.json()[name] for name in ("title", "day", "month", "before")]

    told_7_may = ["Session 3 of 5", "Wednesday 7 May 2025", "Month 2 (+2 days)", "Session 2, 5 Apr 2025"]
    assert told("7 May 2025") == told_7_may
    assert told("2025-07-05") == ["Session 4 of 5", "Saturday 5 July 2025", "Month 4", "Session 3, 5 Jun 2025"]
    assert told("July 2025")[1] == "July 2025"
    assert told("1 Mar 2025")[::3] == ["Session 1 of 5", "No session before this one"]
    assert told("7 May 2025", phase="rescue")[0] == "Session 3, rescue"
    assert client.get(url, {"when": "31 Feb 2025"}).json() == {"day": "Day to be checked", "month": ""}

    refused = client.post(log_url(course), session_post(course, when="7 May 2025", pain_during="99"))
    assert "Wednesday 7 May 2025" in text(refused)
    assert '<h1 data-heading="title">Session 3 of 5</h1>' in text(refused)


def test_queries_at_1_and_at_60_sessions(cast: Cast) -> None:
    """The page costs the same number of queries at 1 and at 60 sessions."""
    course = planned(cast, sessions_planned=24, baseline_on=datetime.date(2020, 1, 1))
    lot = lot_of(cast)
    client = cast.client(cast.nurse)

    def add(number: int) -> None:
        day = datetime.date(2020, 1, 1) + datetime.timedelta(days=number * 30)
        session = factories.exosome_session(course, performed_on=day, lot=lot, product=lot.product)
        factories.adverse_event(cast.patient, exosome_session=session)
        factories.assessment(cast.patient, findings={"scaling": 1})

    def cost(url: str) -> int:
        client.get(url)  # what is looked up once for a process is not the page's own cost
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    add(0)
    session = ExosomeSession.objects.get()
    urls = [log_url(course), course.get_absolute_url(), session.get_absolute_url()]
    at_1 = [cost(url) for url in urls]
    for number in range(1, 60):
        add(number)
    assert [cost(url) for url in urls] == at_1
    assert at_1[0] <= 30


# ── Saved ──────────────────────────────────────────────────────────────────────────────────────


def test_routine_session_shows_what_is_next(cast: Cast) -> None:
    """A routine session is saved, and the page says what is due next."""
    course, lot = planned(cast), lot_of(cast)
    factories.exosome_session(course, performed_on=add_months(TODAY(), -1), lot=lot, product=lot.product)
    client = cast.client(cast.nurse)
    answer = client.post(log_url(course), session_post(course, lot=lot))
    kept = ExosomeSession.objects.get(performed_on=TODAY())
    assert answer.status_code == 302
    assert answer.url == f"{cast.patient.get_absolute_url()}#r-{kept.pk}"
    assert (kept.since_last, kept.reactions, kept.pain_during, kept.lot) == ("none", "none", 2, lot)
    assert kept.created_by == cast.nurse
    due = add_months(TODAY(), 1)
    words = f"{due:%-d %b}" if due.year == TODAY().year else f"{due:%-d %b %Y}"
    told = [str(message) for message in client.get(reverse("patients:index")).context["messages"]]
    assert told == [f'Session 2 of 5 is saved. Next due {words}. <a href="/">Today</a>']


@pytest.mark.parametrize(
    ("days", "kind", "is_told"), [(3, "session", True), (30, "session", False), (3, "follow_up", False)]
)
def test_saved_before_its_booking(cast: Cast, days: int, kind: str, is_told: bool) -> None:
    """Who came some days early is booked still, and the way to change that is told; the next visit's booking is not."""
    course = planned(cast)
    booked = factories.appointment(cast.patient, course=course, kind=kind, day=TODAY() + datetime.timedelta(days=days))
    client = cast.client(cast.nurse)
    page = client.post(log_url(course), session_post(course, lot=lot_of(cast)), follow=True).content.decode()
    assert "is saved." in page
    assert (f"is still booked for {booked.label}." in page) is is_told
    assert (f'<a href="{booked.get_absolute_url()}">Change or cancel it</a>' in page) is is_told


def test_not_asked_is_stored_as_not_asked(cast: Cast) -> None:
    """What was not asked is stored and shown as not asked."""
    course, lot = planned(cast), lot_of(cast)
    factories.exosome_session(course, performed_on=add_months(TODAY(), -1))
    client = cast.client(cast.nurse)
    told = session_post(course, lot=lot, since_last=None, reaction=None, pain_during=None)
    assert client.post(log_url(course), told).status_code == 302
    kept = ExosomeSession.objects.get(performed_on=TODAY())
    assert (kept.since_last, kept.reactions, kept.pain_during) == ("not_asked", "not_asked", None)
    [message] = client.get(reverse("patients:index")).context["messages"]
    assert "saved as not asked" in str(message)


def test_reactions_seen_are_mild_events(cast: Cast) -> None:
    """Reactions seen today are events, mild and settled unless stated otherwise."""
    course, lot = planned(cast), lot_of(cast)
    told = session_post(
        course,
        lot=lot,
        reaction=["injection_site_erythema", "headache", "other"],
        **{"grade-headache": "2", "course-headache": "still_there", "words-other": "metallic taste"},
    )
    assert cast.client(cast.nurse).post(log_url(course), told).status_code == 302
    session = ExosomeSession.objects.get()
    assert session.reactions == "yes"
    events = {event.kind: event for event in AdverseEvent.objects.all()}
    redness, headache, other = (events[k] for k in ("injection_site_erythema", "headache", "other"))
    assert (redness.grade, redness.outcome, redness.duration_note) == (1, "1", "gone before leaving")
    assert (redness.exosome_session, redness.happened, str(redness.ended)) == (session, TODAY(), str(redness.onset))
    assert (headache.grade, headache.outcome, headache.ended) == (2, "3", None)
    assert other.description == "metallic taste"
    assert AuditEvent.objects.filter(action="reported_event").count() == 3


def test_yes_reports_an_event_since_last(cast: Cast) -> None:
    """Yes reports an event tied to the session before."""
    course, lot = planned(cast), lot_of(cast)
    last = factories.exosome_session(course, performed_on=add_months(TODAY(), -1))
    told = session_post(
        course,
        lot=lot,
        since_last="yes",
        event_kind="headache",
        event_words="throbbing",
        event_onset=f"{last.performed_on:%-d %b %Y}",
        event_now="3",
        event_grade="2",
    )
    assert cast.client(cast.nurse).post(log_url(course), told).status_code == 302
    event = AdverseEvent.objects.get()
    assert (event.exosome_session, event.kind, event.grade, event.outcome) == (last, "headache", 2, "3")
    assert ExosomeSession.objects.get(performed_on=TODAY()).since_last == "yes"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"event_kind": ""}, "Choose what happened"),
        ({"event_kind": "headache", "event_onset": "1 Jan 2000"}, "before the session"),
        ({"event_kind": "headache", "event_onset": "1 Jan 2150"}, "in the future"),
        ({"event_kind": "headache", "event_now": "3", "event_ended": "yesterday?"}, "not a date"),
        ({"event_kind": "shedding_te", "event_grade": "3"}, "from 1 to 2 only"),
    ],
)
def test_impossible_event_saves_nothing(cast: Cast, fields: dict[str, str], sentence: str) -> None:
    """An event that cannot be saves nothing."""
    course, lot = planned(cast), lot_of(cast)
    factories.exosome_session(course, performed_on=add_months(TODAY(), -1))
    page = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot, since_last="yes", **fields))
    assert page.status_code == 422
    assert sentence in text(page)
    assert not AdverseEvent.objects.exists()
    assert not ExosomeSession.objects.filter(performed_on=TODAY()).exists()


def test_none_and_a_reaction_are_exclusive(cast: Cast) -> None:
    """None and a reaction exclude each other."""
    course, lot = planned(cast), lot_of(cast)
    page = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot, reaction=["none", "headache"]))
    assert page.status_code == 422
    assert "Untick one of them" in text(page)


def test_the_published_case_can_be_entered(cast: Cast) -> None:
    """3 mL at "crown and vertex", given by hand; product, lot and needle not stated; dates known to the month."""
    course = planned(cast, baseline_on=datetime.date(2025, 1, 1), baseline_precision="month", route="")
    client = cast.client(cast.clinician)
    for number, month in enumerate(("January", "February", "March", "April", "May"), start=1):
        told = session_post(
            course,
            when=f"{month} 2025",
            route_confirmed=None,
            as_told="crown and vertex",
            reported_label=f"Session {number}",
            since_last=None,
            reaction=["injection_site_pain", "injection_site_erythema"],
            pain_during=None,
            operator="",
        )
        asked = client.post(log_url(course), told)
        reasons = reasons_asked_for(text(asked), "published case, entered later: not stated by the source")
        answer = client.post(log_url(course), told | reasons)
        assert answer.status_code == 302, answer.content.decode()
    sessions = list(ExosomeSession.objects.with_number().in_order())
    assert [s.number for s in sessions] == [1, 2, 3, 4, 5]
    first = sessions[0]
    assert (first.performed_precision, first.performed.label()) == ("month", "Jan 2025")
    assert (first.lot, first.lot_is_unknown, first.product, first.needle_gauge) == (None, True, None, None)
    assert (first.route, first.route_confirmed) == ("intradermal_injection", False)
    assert first.region_volumes.get().as_told == "crown and vertex"
    assert AdverseEvent.objects.count() == 10
    page = text(client.get(first.get_absolute_url()))
    assert page.count('class="unknown">not recorded') >= 5
    for words in ("not confirmed", "patient’s word: crown and vertex", "day not recorded", "Neither product nor lot"):
        assert words in page
    course.refresh_from_db()
    assert course.sessions_done == 5


# ── Refused, or asked about ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"volume-vertex": "1,500"}, "can be read in two ways. Write 1500, or 1.500"),
        ({"volume-vertex": "NaN"}, "plain figures"),
        ({"volume-vertex": "1e309"}, "plain figures"),
        ({"volume-vertex": "1_0"}, "plain figures"),
        ({"volume-vertex": "1.005"}, "At most 2 decimals"),
        ({"volume-vertex": "-1"}, "minus sign"),
        ({"volume-vertex": ""}, "how many mL each region got"),
        ({"volume-vertex": "0"}, "how many mL each region got"),
        ({"volume-vertex": "12", "volume-frontal": "9"}, "more than one session may have (20 mL)"),
        ({"volume-crown": "1"}, "Crown and vertex are one region"),
        ({"total_ml": "4"}, "add up to 3.00 mL"),
        ({"as_told": "the frontal area and crown, occiput"}, "gave no mL there"),
        ({"when": "1 Jan 2150"}, "in the future"),
        ({"when": "1 Jan 1950"}, "before the patient’s birth"),
        ({"when": "2025"}, "at least the month"),
        ({"when": "31 Feb 2025"}, "there is no day 31"),
        ({"lot": ""}, "Choose the lot"),
        ({"lot": "no-such-lot"}, "not in the list any more"),
        ({"lot_number": "EX-NONE"}, "is not in the list"),
        ({"pain_during": "11"}, "not one of the available choices"),
        ({"route": "telepathy"}, "not one of the available choices"),
        ({"outcome": "aborted"}, "why the session was not completed"),
        ({"reaction": ["other"]}, "in a few words"),
        ({"points": "1e1"}, "whole number in figures"),
    ],
)
def test_refusal_leaves_everything_typed(cast: Cast, fields: dict[str, Any], sentence: str) -> None:
    """What cannot be is refused, and everything typed stays."""
    course, lot = planned(cast), lot_of(cast)
    told = session_post(course, **{"lot": lot, "note": "kept words", **fields})
    page = cast.client(cast.nurse).post(log_url(course), told)
    assert page.status_code == 422
    assert sentence in text(page)
    assert "kept words" in text(page)
    if typed := fields.get("volume-vertex"):
        assert f'value="{typed}"' in text(page)
    assert not ExosomeSession.objects.exists()
    assert Lot.objects.get().stock_ml == 100


def expect_warning(cast: Cast, course: Any, key: str, field: str, *, by: Any = None, **fields: Any) -> None:
    """The warning stands beside its field; with a reason the session is saved and the reason kept."""
    client = cast.client(by or cast.nurse)
    told = session_post(course, **fields)
    page = client.post(log_url(course), told)
    assert page.status_code == 422
    assert warned(page) == {key: field}
    letter, reason = (reasons_asked_for(text(page), said) for said in ("x", "seen and accepted"))
    assert [name.rsplit("-", 1)[0] for name in reason] == [f"pass-{key}"]
    assert client.post(log_url(course), told | letter).status_code == 422, "a reason is more than a letter"
    answer = client.post(log_url(course), told | reason)
    assert answer.status_code == 302
    passed = PassedWarning.objects.get()
    assert (passed.reason, passed.by, passed.rule) == ("seen and accepted", by or cast.nurse, key.split("-")[0])


def test_an_unknown_lot_asks_for_a_reason(cast: Cast) -> None:
    expect_warning(cast, planned(cast), "15-product_unknown", "lot")


def test_known_product_of_unknown_lot(cast: Cast) -> None:
    """A known product of an unknown lot asks for a reason."""
    product = factories.product(cast.clinic)
    expect_warning(cast, planned(cast), "15-lot_unknown", "lot", product=str(product.pk))
    assert ExosomeSession.objects.get().product == product


def test_an_expired_lot_asks_for_a_reason(cast: Cast) -> None:
    lot = lot_of(cast, expires_on=TODAY() - datetime.timedelta(days=1))
    expect_warning(cast, planned(cast), "15-expired-drug", "lot", lot=lot)
    assert Lot.objects.get().stock_ml == 97


def test_lot_that_expires_today_is_fine(cast: Cast) -> None:
    """A lot that expires today asks for no reason."""
    course, lot = planned(cast), lot_of(cast, expires_on=TODAY())
    assert cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot)).status_code == 302


def test_a_recalled_lot_asks_for_a_reason(cast: Cast) -> None:
    """Given before its recall became known, anybody enters it with a reason; given after it, only a clinician."""
    course = planned(cast)
    lot = lot_of(
        cast, state="recalled", recalled_at=course.created_at, recalled_by=cast.manager, recall_reason="particles"
    )
    refused = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot))
    assert refused.status_code == 422
    assert "Only a clinician or manager can enter it, because the lot was recalled by that day." in text(refused)
    expect_warning(cast, course, "15-recalled", "lot", lot=lot, by=cast.clinician)


def test_given_before_its_recall(cast: Cast) -> None:
    course = planned(cast)
    lot = lot_of(
        cast, state="recalled", recalled_at=course.created_at, recalled_by=cast.manager, recall_reason="particles"
    )
    yesterday = f"{TODAY() - datetime.timedelta(days=1):%-d %b %Y}"
    expect_warning(cast, course, "15-recalled", "lot", lot=lot, when=yesterday)


def test_expiry_is_judged_on_the_day(cast: Cast) -> None:
    """A lot that expired last week was in date for a session of the week before, and is offered for it."""
    day = TODAY() - datetime.timedelta(days=9)
    course, lot = planned(cast), lot_of(cast, expires_on=TODAY() - datetime.timedelta(days=5))
    client, find = cast.client(cast.nurse), reverse("sessions:lot-find")
    doubts = [
        client.get(find, {"text": lot.number, "when": f"{on:%-d %b %Y}"}).json()["doubt"] for on in (day, TODAY())
    ]
    assert doubts[0].startswith("expires in 4 days") and doubts[1].startswith("expired")
    told = session_post(course, lot="", when=f"{day:%-d %b %Y}")
    assert f'value="{lot.pk}"' in text(client.post(log_url(course), told))
    assert f'value="{lot.pk}"' not in text(client.post(log_url(course), session_post(course, lot="")))
    assert client.post(log_url(course), told | {"lot": str(lot.pk)}).status_code == 302


def test_month_in_which_a_lot_expired(cast: Cast) -> None:
    """Of a session known to the month in which its lot expired it is asked whether it was in date."""
    first = (TODAY().replace(day=1) - datetime.timedelta(days=40)).replace(day=1)
    course = planned(cast, baseline_on=first, baseline_precision="month")
    lot = lot_of(cast, expires_on=first.replace(day=14))
    told = session_post(course, lot=lot, when=f"{first:%b %Y}")
    assert "and the day it was used is not known" in text(cast.client(cast.nurse).post(log_url(course), told))


def test_finished_lot_is_offered_its_days(cast: Cast) -> None:
    """For an earlier day the lots that were finished since stand among the choices, none of them suggested."""
    yesterday = TODAY() - datetime.timedelta(days=1)
    course = planned(cast)
    lot = lot_of(cast, state="finished", finished_on=yesterday, stock_ml=Decimal(0))
    client = cast.client(cast.nurse)
    page = text(client.post(log_url(course), session_post(course, lot="", when=f"{yesterday:%-d %b %Y}")))
    assert f'value="{lot.pk}"' in page and f"finished {yesterday.day} " in page
    assert f'value="{lot.pk}"' not in text(client.post(log_url(course), session_post(course, lot="")))


def test_finished_lot_takes_an_earlier_day(cast: Cast) -> None:
    """A session of a day on which the lot was in use is saved, and the page says where its volume came from."""
    yesterday = TODAY() - datetime.timedelta(days=1)
    course = planned(cast)
    lot = lot_of(cast, state="finished", finished_on=yesterday, stock_ml=Decimal(0))
    client = cast.client(cast.nurse)
    late = client.post(log_url(course), session_post(course, lot=lot))
    assert late.status_code == 422 and f"Lot {lot} is finished" in text(late)
    told = session_post(course, lot=lot, when=f"{yesterday:%-d %b %Y}")
    page = client.post(log_url(course), told, follow=True)
    assert f"Lot {lot} is finished: 3 mL of it counts as given now, and not as discarded any more." in text(page)
    lot.refresh_from_db()
    assert (lot.stock_ml, lot.given_ml, lot.discarded_ml) == (0, 3, 97)


def test_a_finished_lot_is_refused(cast: Cast) -> None:
    course, lot = planned(cast), lot_of(cast, state="finished")
    page = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot))
    assert page.status_code == 422
    assert "is finished" in text(page)


def test_broken_cold_chain_asks_for_a_reason(cast: Cast) -> None:
    expect_warning(cast, planned(cast), "16-cold_chain", "lot", lot=lot_of(cast, cold_chain_ok=False))


def test_off_label_route_asks_for_a_reason(cast: Cast) -> None:
    """A route against the label asks for a reason."""
    product = factories.product(cast.clinic, labelled_route="topical_only")
    lot = factories.lot(product)
    course = planned(cast)
    page = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot))
    assert page.status_code == 422
    [(key, field)] = warned(page).items()
    assert (key.split("-")[0], field) == ("17", "route")


def test_unusual_volume_asks_for_a_reason(cast: Cast) -> None:
    fields = {"volume-vertex": "12"}
    expect_warning(cast, planned(cast), "19-total_unusual", "total_ml", lot=lot_of(cast), **fields)


def test_early_session_asks_for_a_reason(cast: Cast) -> None:
    """A session too soon asks for a reason."""
    course = planned(cast)
    factories.exosome_session(course, performed_on=TODAY() - datetime.timedelta(days=9))
    expect_warning(cast, course, "20-too_soon", "when", lot=lot_of(cast))


def test_late_entry_renumbers_later_sessions(cast: Cast) -> None:
    """A session entered late asks for a reason, and renumbers the later ones."""
    course = planned(cast, baseline_on=TODAY() - datetime.timedelta(days=60))
    later = factories.exosome_session(course, performed_on=TODAY() - datetime.timedelta(days=1))
    factories.exosome_session(course, performed_on=TODAY() - datetime.timedelta(days=60))
    day = f"{TODAY() - datetime.timedelta(days=30):%-d %b %Y}"
    expect_warning(cast, course, "20-out_of_order", "when", lot=lot_of(cast), when=day)
    assert ExosomeSession.objects.with_number().get(pk=later.pk).number == 3
    page = text(cast.client(cast.nurse).get(course.get_absolute_url()))
    assert "entered late" in page


def test_a_session_before_month_0_asks(cast: Cast) -> None:
    course = planned(cast, baseline_on=TODAY())
    day = f"{TODAY() - datetime.timedelta(days=30):%-d %b %Y}"
    expect_warning(cast, course, "20-before_baseline", "when", lot=lot_of(cast), when=day)


def test_a_needle_below_the_dermis_asks(cast: Cast) -> None:
    expect_warning(cast, planned(cast), "21-depth_over_limit", "depth_mm", lot=lot_of(cast), depth_mm="6")


@pytest.mark.parametrize(
    ("history", "key", "field"),
    [
        ({"cautions": ["pregnancy_breastfeeding"], "cautions_asked": "yes"}, "9-pregnancy", ""),
        ({"cautions": ["active_scalp_infection"], "cautions_asked": "yes"}, "9-infection", ""),
        ({"allergies": "yes", "allergies_text": "penicillin, Lidocaine"}, "9-allergy", "anaesthesia"),
    ],
)
def test_cautions_must_be_acknowledged(cast: Cast, history: dict[str, Any], key: str, field: str) -> None:
    """Cautions of the history must be acknowledged."""
    HairHistory.objects.create(clinic=cast.clinic, patient=cast.patient, created_by=cast.nurse, **history)
    course = planned(cast)
    fields = {"lot": lot_of(cast), "anaesthesia": "topical_lidocaine_prilocaine"}
    expect_warning(cast, course, key, field, **fields)


def test_last_answer_on_scarring_counts(cast: Cast) -> None:
    """The last answer on scarring counts, also when a later visit did not look."""
    course = planned(cast)
    factories.assessment(cast.patient, assessed_on=TODAY() - datetime.timedelta(days=90), findings={"scarring_sign": 2})
    factories.assessment(cast.patient, assessed_on=TODAY() - datetime.timedelta(days=9), findings={"scaling": 1})
    page = cast.client(cast.nurse).get(log_url(course))
    assert "Signs of scarring" in text(page), "known before anything is typed"
    expect_warning(cast, course, "9-scarring", "", lot=lot_of(cast))


def test_later_visit_without_scarring(cast: Cast) -> None:
    """A later visit without scarring takes the caution back."""
    course = planned(cast)
    factories.assessment(cast.patient, assessed_on=TODAY() - datetime.timedelta(days=90), findings={"scarring_sign": 2})
    factories.assessment(cast.patient, assessed_on=TODAY() - datetime.timedelta(days=9), findings={"scarring_sign": 0})
    assert "scarring" not in text(cast.client(cast.nurse).get(log_url(course)))


def test_open_grave_event_is_shown_first(cast: Cast) -> None:
    """An open grave event must be looked at before the next session."""
    course = planned(cast)
    factories.adverse_event(cast.patient, kind="injection_site_pain", grade=3, outcome="3")
    factories.adverse_event(cast.patient, kind="injection_site_pain", grade=3, outcome="1")
    page = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot_of(cast)))
    [(key, field)] = warned(page).items()
    assert key == "24-open_grade_3"
    assert field == ""


# ── Consent ────────────────────────────────────────────────────────────────────────────────────


def test_no_consent_refuses_a_nurse(cast: Cast) -> None:
    """Without consent a nurse is refused and reads what to do."""
    course = factories.course(cast.patient)
    lot = lot_of(cast)
    client = cast.client(cast.nurse)
    assert "A nurse cannot save this session." in text(client.get(log_url(course)))
    page = client.post(log_url(course), session_post(course, lot=lot))
    assert reasons_asked_for(text(page), "please") == {}
    assert page.status_code == 422
    assert "Only a clinician or manager can save without it, with a reason." in text(page)
    assert not ExosomeSession.objects.exists()


def test_no_consent_lets_a_clinician_pass(cast: Cast) -> None:
    """Without consent a clinician may go ahead with a reason."""
    course = factories.course(cast.patient)
    factories.consent(cast.patient, withdrawn_on=TODAY(), withdrawn_by=cast.nurse)
    fields = {"lot": lot_of(cast), "by": cast.clinician}
    expect_warning(cast, course, "14-no_treatment_consent", "", **fields)


def test_consent_counts_on_the_sessions_day(cast: Cast) -> None:
    """Consent must be in force on the session's day, not today."""
    course = factories.course(cast.patient, baseline_on=TODAY() - datetime.timedelta(days=40))
    factories.consent(cast.patient, given_on=TODAY() - datetime.timedelta(days=10))
    lot = lot_of(cast)
    early = f"{TODAY() - datetime.timedelta(days=20):%-d %b %Y}"
    client = cast.client(cast.nurse)
    assert client.post(log_url(course), session_post(course, lot=lot, when=early)).status_code == 422
    assert client.post(log_url(course), session_post(course, lot=lot)).status_code == 302


# ── Lots by number ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "typed",
    [
        "ex-25 03",
        " EX2503 ",
        "(01)09506000134352(17)301130(10)EX-2503",
        "(01)09506000134352(17)301100(10)EX-2503",
        "]d201095060001343521730113010EX-2503\x1d21A7",
        "\x1d10EX-2503\x1d17301130",
        "␝0109506000134352\x1d1730113010EX-2503\r\n",
    ],
)
def test_lot_is_found_as_typed_or_scanned(cast: Cast, typed: str) -> None:
    """A lot is found by its number as typed or scanned."""
    course, lot = planned(cast), lot_of(cast, number="EX-2503", expires_on=datetime.date(2030, 11, 30))
    client = cast.client(cast.nurse)
    found = client.get(reverse("sessions:lot-find"), {"text": typed}).json()
    assert (found["id"], found["number"], found["left"]) == (str(lot.pk), "EX-2503", "20 vials")
    answer = client.post(log_url(course), session_post(course, lot="", lot_number=typed))
    assert answer.status_code == 302
    assert ExosomeSession.objects.get().lot == lot


def test_product_number_separates_equal_lots(cast: Cast) -> None:
    """The product number on the vial separates two lots of one number."""
    lot_of(cast, number="A1")
    lot = lot_of(cast, number="A1", product=factories.product(cast.clinic, gtin="09506000134352"))
    found = cast.client(cast.nurse).get(reverse("sessions:lot-find"), {"text": "(01)09506000134352(10)A1"})
    assert found.json()["id"] == str(lot.pk)


@pytest.mark.parametrize(
    "scanned, said",
    [
        ("(01)09506000134352(10)A1", "the label is of another product"),
        ("(01)09506000134353(10)A1", "misread"),
        ("(10)A1(17)301231", "the label says 31 Dec 2030, the list 30 Nov 2030"),
        ("(10)A1(17)301331", "misread"),
        ("(17)301130", "carries no lot number"),
    ],
)
def test_contradicting_label_chooses_no_lot(cast: Cast, scanned: str, said: str) -> None:
    """A label that contradicts the list chooses no lot."""
    product = factories.product(cast.clinic, gtin="00012345600012")
    course, _ = planned(cast), lot_of(cast, number="A1", product=product, expires_on=datetime.date(2030, 11, 30))
    client = cast.client(cast.nurse)
    found = client.get(reverse("sessions:lot-find"), {"text": scanned})
    assert (found.status_code, said in found.json()["error"]) == (404, True)
    page = client.post(log_url(course), session_post(course, lot="", lot_number=scanned))
    assert page.status_code == 422
    assert said in str(page.context["form"].errors["lot_number"])


def test_label_with_a_finer_date_agrees(cast: Cast) -> None:
    """A label that says more of the month than the list agrees with it."""
    lot = lot_of(cast, number="A1", expires_on=datetime.date(2030, 11, 30), expires_precision="month")
    find = reverse("sessions:lot-find")
    assert cast.client(cast.nurse).get(find, {"text": "(10)A1(17)301115"}).json()["id"] == str(lot.pk)


def test_lot_lookup_without_javascript(cast: Cast) -> None:
    """Looking a lot up without JavaScript saves nothing."""
    course, lot = planned(cast), lot_of(cast, number="EX-2503", expires_on=TODAY() - datetime.timedelta(days=3))
    told = session_post(course, lot="", lot_number="ex2503", find="lot", note="kept words")
    page = cast.client(cast.nurse).post(log_url(course), told)
    assert page.status_code == 200
    assert f'value="{lot.pk}" checked' in text(page)
    assert "kept words" in text(page)
    assert "Not saved yet" not in text(page)
    assert not ExosomeSession.objects.exists()


def test_other_clinics_lot_is_not_taken(cast: Cast) -> None:
    """Another clinic's lot is not found and not taken."""
    course = planned(cast)
    foreign = factories.lot(factories.product(cast.other_clinic), number="THEIRS")
    client = cast.client(cast.nurse)
    assert client.get(reverse("sessions:lot-find"), {"text": "THEIRS"}).status_code == 404
    assert client.post(log_url(course), session_post(course, lot=foreign)).status_code == 422


def test_two_products_with_one_lot_number(cast: Cast) -> None:
    """Of two products with one lot number the person chooses by hand."""
    for _ in range(2):
        lot_of(cast, number="A1", expires_on=TODAY() + datetime.timedelta(days=99))
    answer = cast.client(cast.nurse).get(reverse("sessions:lot-find"), {"text": "a1"})
    assert "Choose one from the list" in answer.json()["error"]


def found(cast: Cast, typed: str) -> Any:
    return cast.client(cast.nurse).get(reverse("sessions:lot-find"), {"text": typed}).json()


@pytest.mark.parametrize(
    "typed, number",
    [("12-34", "12-34"), ("1-234", "1-234"), ("(10)1234", None), ("]d2101-234", "1-234"), ("1 234", None)],
)
def test_lots_that_look_alike_are_told_apart(cast: Cast, typed: str, number: str | None) -> None:
    """Typed or scanned as it is printed a lot is found; anything else brings all that are written so, side by side."""
    for printed in ("12-34", "1-234"):
        lot_of(cast, number=printed)
    answer = found(cast, typed)
    assert answer.get("number") == number
    if number is None:
        assert "differ only in the signs between the digits" in answer["error"]
        assert [lot["number"] for lot in answer["lots"]] == ["1-234", "12-34"]


def test_figures_alone_are_never_guessed(cast: Cast) -> None:
    """1234 typed by hand may be 1234 or 12-34 without its hyphen; scanned it is 1234."""
    lot_of(cast, number="12-34")
    assert found(cast, "1234")["number"] == "12-34"
    lot_of(cast, number="1234")
    assert [lot["number"] for lot in found(cast, "1234")["lots"]] == ["12-34", "1234"]
    assert found(cast, "]d2101234")["number"] == "1234"


def test_look_alikes_stand_among_the_choices(cast: Cast) -> None:
    """Where several are meant they stand on the page to choose from, and nothing is chosen."""
    course, lots = planned(cast), [lot_of(cast, number=n, state="finished") for n in ("12-34", "1-234")]
    page = cast.client(cast.nurse).post(log_url(course), session_post(course, lot="", lot_number="1234"))
    assert page.status_code == 422
    for lot in lots:
        assert re.search(rf'value="{lot.pk}"\s*>', text(page))


def test_misread_number_names_its_look_alike(cast: Cast) -> None:
    """O for 0 finds nothing, and the lot that looks so is offered."""
    lot = lot_of(cast, number="EX-2503")
    answer = found(cast, "ex-25o3")
    assert f"If you mean EX-2503 of {lot.product}" in answer["error"]
    assert [lot["number"] for lot in answer["lots"]] == ["EX-2503"]


# ── Who, and which course ──────────────────────────────────────────────────────────────────────


def test_who_may_log_and_see(cast: Cast) -> None:
    course = planned(cast)
    session = factories.exosome_session(course)
    for person, log_status, see_status in (
        (cast.nurse, 200, 200),
        (cast.reader, 403, 200),
        (cast.reception, 403, 403),
        (cast.stranger, 404, 404),
    ):
        client = cast.client(person)
        assert client.get(log_url(course)).status_code == log_status
        assert client.get(session.get_absolute_url()).status_code == see_status
        assert client.get(course.get_absolute_url()).status_code == see_status


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (
            {"state": "stopped", "stopped_on": TODAY(), "stop_reason": "moved"},
            "a session of that day or an earlier one",
        ),
        ({"state": "finished"}, "a session that belongs to it"),
    ],
)
def test_an_ended_course_says_what_it_takes(ended: dict[str, Any], told: str, cast: Cast) -> None:
    """Only a course that was stopped has a day after which it takes no session."""
    course = planned(cast, **ended)

    assert f"You can still enter {told}." in text(cast.client(cast.nurse).get(log_url(course)))


def test_session_goes_to_the_opened_course(cast: Cast) -> None:
    """The session goes to the course that the page was opened for."""
    old, new = planned(cast, baseline_on=add_months(TODAY(), -14)), planned(cast)
    recompute(old.pk)
    lot = lot_of(cast)
    client = cast.client(cast.nurse)
    assert client.get(log_url(new)).context["course"] == new
    assert client.get(f"{log_url(new)}?course={old.pk}").context["course"] == old
    client.post(log_url(new), session_post(old, lot=lot))
    assert ExosomeSession.objects.get().course == old
    foreign = factories.course(factories.patient(cast.clinic))
    assert client.post(log_url(new), session_post(foreign, lot=lot)).status_code == 404
    assert client.get(f"{log_url(new)}?course=nonsense").status_code == 404


def test_used_id_with_other_content(cast: Cast) -> None:
    """A used id with other content shows both."""
    course, lot = planned(cast), lot_of(cast)
    client = cast.client(cast.nurse)
    told = session_post(course, lot=lot)
    client.post(log_url(course), told)
    day = f"{TODAY() - datetime.timedelta(days=1):%-d %b %Y}"
    page = client.post(log_url(course), told | {"pain_during": "9", "volume-vertex": "4", "when": day})
    assert page.status_code == 409
    rows = {row["label"]: (row["theirs"], row["mine"]) for row in page.context["differences"]}
    assert rows["Pain during the session, 0 none to 10 worst"] == ("2", "9")
    assert rows["Volume by region"] == ("Vertex 3 mL", "Vertex 4 mL")
    assert ExosomeSession.objects.count() == 1


def test_id_of_another_patients_session(cast: Cast) -> None:
    """The answer is 409 and a plain sentence; the trail names nobody but the patient whose page it was; and what was
    typed is saved by the next Save, under an id of its own."""
    course, lot = planned(cast), lot_of(cast)
    other = factories.course(factories.patient(cast.clinic, name="Somebody Else"), baseline_on=course.baseline_on)
    factories.consent(other.patient)
    client = cast.client(cast.nurse)
    told = session_post(course, lot=lot, **{"volume-vertex": "7.77", "note": "secret words"})
    client.post(log_url(course), told)
    seen = AuditEvent.objects.filter(patient_id=cast.patient.pk).count()

    mine = session_post(other, lot=lot, id=told["id"])
    page = client.post(log_url(other), mine)

    assert page.status_code == 409
    assert "This form was used before for another patient" in text(page)
    for of_theirs in ("7.77", "secret words", cast.patient.name, str(cast.patient.pk), "In the record now"):
        assert of_theirs not in text(page)
    assert AuditEvent.objects.filter(patient_id=cast.patient.pk).count() == seen
    fresh = str(page.context["form"]["id"].value())
    assert fresh != told["id"]
    assert client.post(log_url(other), mine | {"id": fresh}).status_code == 302
    assert {s.patient_id: s.total_ml for s in ExosomeSession.objects.all()} == {
        cast.patient.pk: Decimal("7.77"),
        other.patient_id: Decimal("3"),
    }


def test_repeated_submit_is_answered_alike(cast: Cast) -> None:
    """A repeated submit is answered alike, also when it took the last of the lot."""
    course, lot = planned(cast), lot_of(cast, received_ml=Decimal("3"))
    client = cast.client(cast.nurse)
    told = session_post(course, lot=lot)
    answers = [client.post(log_url(course), told) for _ in range(3)]
    assert {(answer.status_code, answer.url) for answer in answers} == {(302, answers[0].url)}
    assert ExosomeSession.objects.count() == 1
    assert Lot.objects.get().stock_ml == 0


@pytest.mark.parametrize("confirmed", [True, False])
def test_unconfirmed_route_is_carried_over(confirmed: bool, cast: Cast) -> None:
    """A route that nobody confirmed is carried over as it is."""
    course = planned(cast)
    factories.exosome_session(course, route_confirmed=confirmed)

    page = cast.client(cast.nurse).get(log_url(course)).content.decode()

    assert ("route_confirmed" in (fields_of(page) or {})) is confirmed


def test_each_grade_says_what_it_means(cast: Cast) -> None:
    page = cast.client(cast.nurse).get(log_url(planned(cast))).content.decode()

    assert f'title="{GRADE_MEANINGS[2]}">Grade 2, moderate</option>' in page


@pytest.mark.parametrize(
    ("outcome", "given", "begins", "mark"),
    [
        ("aborted", "0.20", "3", "planned"),
        ("partial", "1.50", "3", "planned"),
        ("completed", "1.50", "1.5", "carried"),
    ],
)
def test_a_broken_off_volume_is_not_carried(cast: Cast, outcome: str, given: str, begins: str, mark: str) -> None:
    """After 0.2 mL of a session that was broken off the next begins with the planned volume, and says so."""
    course = planned(cast)
    told = {"outcome": outcome, "outcome_reason": "" if outcome == "completed" else "felt faint"}
    factories.exosome_session(course, performed_on=add_months(TODAY(), -1), regions={"vertex": given}, **told)
    recompute(course.pk)

    form = cast.client(cast.nurse).get(log_url(course)).context["form"]

    assert Decimal(form["volume-vertex"].value()) == Decimal(begins)
    assert form.mark_of("volume-vertex") == mark
