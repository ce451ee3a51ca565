"""Several past sessions at once: each by the rules of the log page, all of them saved or none."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from treatments.models import Course, ExosomeSession, Lot, PassedWarning, Patient
from treatments.records.ids import new_id

pytestmark = pytest.mark.django_db
START = datetime.date.today() - datetime.timedelta(days=400)


def day(number: int) -> str:
    """The day of the session of that number, a month apart."""
    return (START + datetime.timedelta(days=30 * number)).isoformat()


@pytest.fixture
def patient(cast: Cast) -> Patient:
    """With consent from before the first session."""
    factories.consent(cast.patient, given_on=START - datetime.timedelta(days=10))
    return cast.patient


@pytest.fixture
def course(patient: Patient) -> Course:
    return factories.course(patient, baseline_on=START, volumes={"vertex": "2", "frontal": "1"}, sessions_planned=5)


@pytest.fixture
def lot(cast: Cast) -> Lot:
    product = factories.product(cast.clinic)
    return factories.lot(product, received_on=START - datetime.timedelta(days=30))


def body(*rows: dict[str, str], **common: Any) -> dict[str, Any]:
    posted = {"rows": str(max(len(rows), 3)), "_sentinel": "1", "csrfmiddlewaretoken": "x", "new-course": str(new_id())}
    posted |= {name: str(value) for name, value in common.items()}
    for place, row in enumerate(rows):
        posted |= {f"row-{place}-{name}": value for name, value in ({"id": str(new_id())} | row).items()}
    return posted


def row(number: int, **more: str) -> dict[str, str]:
    return {"when": day(number), "volume-vertex": "2", "volume-frontal": "1"} | more


def send(cast: Cast, posted: dict[str, Any], *, by: str = "clinician") -> Any:
    client = cast.client(getattr(cast, by))
    return client.post(reverse("sessions:past", args=[cast.patient.pk]), posted)


def through(cast: Cast, posted: dict[str, Any], *, by: str = "clinician") -> Any:
    """Sent, and once more with one reason for every warning that was shown."""
    answer = send(cast, posted, by=by)
    if answer.status_code == 422:
        for each in answer.context["sheet"].rows:
            posted |= {f"{each.prefix}{warning.sentence_input_name}": warning.sentence for warning in each.warnings}
        answer = send(cast, posted | {"all-reason": "From the paper file"}, by=by)
    return answer


def test_rows_are_saved_together(cast: Cast, course: Course, lot: Lot) -> None:
    """Empty rows are left out; the lot that is common is taken from, and each session has its audit event."""
    left = lot.stock_ml
    posted = body(
        row(1, pain_during="3", reactions="none"), row(0), {"volume-vertex": "2", "volume-frontal": "1"},
        course=course.pk, lot=lot.pk,
    )  # fmt: skip
    answer = through(cast, posted, by="nurse")
    assert answer.status_code == 302, answer.context["sheet"].objections
    first, second = ExosomeSession.objects.in_order()
    assert [each.performed_on.isoformat() for each in (first, second)] == [day(0), day(1)]
    assert (second.pain_during, second.reactions, first.reactions) == (3, "none", "not_asked")
    assert first.lot == lot and first.total_ml == Decimal(3) and first.since_last == "not_asked"
    assert AuditEvent.objects.filter(action="logged_session").count() == 2
    course.refresh_from_db()
    assert course.sessions_done == 2
    assert Lot.objects.get().stock_ml == left - 6


def test_one_wrong_row_saves_nothing(cast: Cast, course: Course, lot: Lot) -> None:
    """The row says why, and everything that was typed stands there."""
    posted = body(row(0), row(1, **{"volume-vertex": "200"}), row(2, when="some day"), course=course.pk, lot=lot.pk)
    answer = send(cast, posted)
    assert answer.status_code == 422 and not ExosomeSession.objects.exists()
    sheet = answer.context["sheet"]
    assert [bool(each.errors) for each in sheet.rows] == [False, True, True]
    page = answer.content.decode()
    assert 'value="some day"' in page and 'value="200"' in page


def test_warning_asks_each_row(cast: Cast, course: Course, lot: Lot) -> None:
    """An interval outside the plan is asked about between rows too; a reason passes the row that it stands in."""
    posted = body(row(0), row(1, when=(START + datetime.timedelta(days=5)).isoformat()), course=course.pk, lot=lot.pk)
    answer = send(cast, posted)
    warnings = {each.place: [w.sentence for w in each.warnings] for each in answer.context["sheet"].rows}
    assert any("5 days after the last session" in sentence for sentence in warnings[1])
    second = answer.context["sheet"].rows[1]
    posted |= {f"{second.prefix}{each.input_name}": "Both days are in the file" for each in second.warnings}
    assert send(cast, posted).status_code == 302
    assert PassedWarning.objects.filter(reason="Both days are in the file").exists()


def test_gap_to_the_record_is_the_last_rows(cast: Cast, course: Course, lot: Lot) -> None:
    """Of rows before a recorded session, latest first as in some files, one alone is next to it and asks about it."""
    factories.exosome_session(course, performed_on=START + datetime.timedelta(days=210))
    answer = send(cast, body(row(2), row(1), row(0), course=course.pk, lot=lot.pk))
    gaps = {
        each.number: [w.sentence for w in each.warnings if "days before the next session" in w.sentence]
        for each in answer.context["sheet"].rows
    }
    recorded = ExosomeSession.objects.get().when.label()
    expected = f"150 days before the next session, {recorded}. The plan says 21 to 45 days."
    assert gaps == {1: [expected], 2: [], 3: []}


def test_one_reason_passes_what_was_read(cast: Cast, course: Course, lot: Lot) -> None:
    """Written before a warning was shown it passes none."""
    posted = body(row(0), row(1, when=(START + datetime.timedelta(days=5)).isoformat()), course=course.pk, lot=lot.pk)
    assert send(cast, posted | {"all-reason": "Whatever comes"}).status_code == 422
    assert through(cast, posted).status_code == 302
    assert ExosomeSession.objects.count() == 2


def test_same_day_twice_is_refused(cast: Cast, course: Course, lot: Lot) -> None:
    answer = through(cast, body(row(0), row(0), course=course.pk, lot=lot.pk))
    assert answer.status_code == 422 and not ExosomeSession.objects.exists()


def test_form_sent_twice_is_one_set(cast: Cast, course: Course, lot: Lot) -> None:
    """A double click, or a retry after a lost answer."""
    posted = body(row(0), row(1), course=course.pk, lot=lot.pk)
    assert through(cast, dict(posted)).status_code == 302
    before = ExosomeSession.objects.count()
    assert through(cast, dict(posted)).status_code == 302
    assert ExosomeSession.objects.count() == before == 2


def test_same_ids_other_content(cast: Cast, course: Course, lot: Lot) -> None:
    """Changed after it was saved, it is no repeat: nothing is overwritten."""
    posted = body(row(0), course=course.pk, lot=lot.pk)
    assert through(cast, dict(posted)).status_code == 302
    posted["row-0-volume-vertex"] = "1"
    assert through(cast, posted).status_code == 422
    assert ExosomeSession.objects.get().total_ml == Decimal(3)


def test_month_alone_is_enough(cast: Cast, course: Course, lot: Lot) -> None:
    """A day that nobody wrote down is a month."""
    month = f"{START:%Y-%m}"
    answer = through(cast, body(row(0, when=month), course=course.pk, lot="unknown", product=lot.product_id))
    assert answer.status_code == 302
    session = ExosomeSession.objects.get()
    assert session.performed.text == month and session.lot_is_unknown and session.product == lot.product


def test_course_is_planned_at_once(cast: Cast, patient: Patient, lot: Lot) -> None:
    """A clinician chooses a protocol; Month 0 is the first session. Sent twice it is one course."""
    protocol = factories.protocol(cast.clinic, volumes={"vertex": "2"})
    posted = body(row(1), row(0), course=f"new:{protocol.pk}", lot=lot.pk)
    assert through(cast, dict(posted)).status_code == 302
    course = Course.objects.get()
    assert (course.protocol, course.baseline_on.isoformat(), course.sessions_done) == (protocol, day(0), 2)
    assert through(cast, dict(posted)).status_code == 302
    assert (Course.objects.count(), ExosomeSession.objects.count()) == (1, 2)


def test_refused_rows_plan_nothing(cast: Cast, patient: Patient, lot: Lot) -> None:
    protocol = factories.protocol(cast.clinic)
    posted = body(row(0), row(0), course=f"new:{protocol.pk}", lot=lot.pk)
    assert through(cast, posted).status_code == 422
    assert not Course.objects.exists() and not ExosomeSession.objects.exists()


def test_nurse_plans_no_course(cast: Cast, patient: Patient, lot: Lot) -> None:
    """Who may not plan is told so, and a protocol in the address changes nothing."""
    protocol = factories.protocol(cast.clinic)
    page = cast.client(cast.nurse).get(reverse("sessions:past", args=[patient.pk]))
    assert "No course is planned yet" in page.content.decode()
    send(cast, body(row(0), course=f"new:{protocol.pk}", lot=lot.pk), by="nurse")
    assert not Course.objects.exists()


def test_no_refresh_long_before_its_year(cast: Cast, patient: Patient, lot: Lot) -> None:
    """Four months after the opening run it is not yet the yearly refresh, which nobody said; a year after it, it is."""
    course = factories.course(patient, baseline_on=START, sessions_planned=1, refresh_months=12)
    assert through(cast, body(row(0), row(4), course=course.pk, lot=lot.pk)).status_code == 302
    phases = ExosomeSession.objects.order_by("performed_on").values_list("phase", flat=True)
    assert list(phases) == ["induction", "maintenance"]
    other = factories.course(patient, baseline_on=START, sessions_planned=1, refresh_months=12, name="Another")
    assert through(cast, body(row(1), row(13), course=other.pk, lot=lot.pk)).status_code == 302
    assert ExosomeSession.objects.filter(course=other).latest("performed_on").phase == "annual_refresh"


def test_without_consent_on_that_day(cast: Cast, lot: Lot) -> None:
    """Rule 14 as on the log page: a nurse is refused, a clinician writes why."""
    course = factories.course(cast.patient, baseline_on=START)
    posted = body(row(0), course=course.pk, lot=lot.pk)
    assert through(cast, dict(posted), by="nurse").status_code == 422
    assert through(cast, dict(posted)).status_code == 302


def test_add_a_row_without_a_script(cast: Cast, course: Course) -> None:
    """A button adds one; what is typed stays, and nothing is judged yet."""
    posted = body(row(0, note="as in the file", when="soon"), course=course.pk) | {"act": "add"}
    answer = send(cast, posted)
    assert answer.status_code == 200 and len(answer.context["sheet"].rows) == 4
    page = answer.content.decode()
    assert 'value="as in the file"' in page and "Not saved yet" not in page
    assert not ExosomeSession.objects.exists()


def test_volumes_are_carried_down(cast: Cast, course: Course) -> None:
    page = cast.client(cast.nurse).get(reverse("sessions:past", args=[cast.patient.pk]))
    shown = [(each["label"], each["ml"]) for each in page.context["sheet"].rows[0].volumes if not each["is_more"]]
    assert sorted(shown) == [("Frontal", "1"), ("Vertex", "2")]


def test_nothing_written(cast: Cast, course: Course) -> None:
    answer = send(cast, body(course=course.pk))
    assert answer.status_code == 422 and "Nothing is written yet" in answer.content.decode()


def test_other_patients_course(cast: Cast, course: Course, lot: Lot) -> None:
    """A course of somebody else is not taken, nor another clinic's lot."""
    other = factories.course(factories.patient(cast.clinic), baseline_on=START)
    assert send(cast, body(row(0), course=other.pk, lot=lot.pk)).status_code == 422
    stranger = factories.lot(factories.product(cast.other_clinic))
    assert send(cast, body(row(0), course=course.pk, lot=stranger.pk)).status_code == 422
    assert not ExosomeSession.objects.exists()


def test_lot_runs_out(cast: Cast, course: Course, lot: Lot) -> None:
    """The last row does not fit into what is left: nothing is taken, and the row says so."""
    Lot.objects.filter(pk=lot.pk).update(stock_ml=5, discarded_ml=95)
    answer = through(cast, body(row(0), row(1), course=course.pk, lot=lot.pk))
    assert answer.status_code == 422 and not ExosomeSession.objects.exists()
    assert [bool(each.errors) for each in answer.context["sheet"].rows] == [False, True, False]
    assert Lot.objects.get().stock_ml == 5


@pytest.mark.parametrize("by", ["reception", "reader"])
def test_who_may_not(by: str, cast: Cast, course: Course) -> None:
    client: Client = cast.client(getattr(cast, by))
    assert client.get(reverse("sessions:past", args=[cast.patient.pk])).status_code == 403


def test_lot_that_is_not_listed(cast: Cast, course: Course, lot: Lot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lot older than those in the list is found by its number, for all rows or one; a row's own lot goes first."""
    monkeypatch.setattr("treatments.sessions.past.views.LOTS_LISTED", 1)
    other = factories.lot(lot.product, received_on=START - datetime.timedelta(days=30))
    page = cast.client(cast.clinician).get(reverse("sessions:past", args=[cast.patient.pk])).content.decode()
    assert f'value="{lot.pk}"' not in page and f'value="{other.pk}"' in page

    rows = (row(0), row(1, lot=str(other.pk)), row(2, lot_number=lot.number), row(3, lot="unknown"))
    answer = through(cast, body(*rows, lot_number=lot.number, product=lot.product_id))

    assert answer.status_code == 302, answer.context["sheet"].objections
    assert [each.lot for each in ExosomeSession.objects.in_order()] == [lot, other, lot, None]


def test_number_of_no_lot_is_told(cast: Cast, course: Course) -> None:
    answer = send(cast, body(row(0, lot_number="NO-SUCH-LOT")))
    assert answer.status_code == 422 and "NO-SUCH-LOT" in " ".join(
        text for _, text in answer.context["sheet"].objections
    )
    assert not ExosomeSession.objects.exists()


def test_given_by_one_without_an_account(cast: Cast, course: Course, lot: Lot) -> None:
    """The doctor of a paper file, who is no user any more, is named for all rows."""
    answer = through(cast, body(row(0), row(1), lot=lot.pk, operator_name="Dr Oak"))
    assert answer.status_code == 302, answer.context["sheet"].objections
    assert {each.given_by for each in ExosomeSession.objects.all()} == {"Dr Oak"}
