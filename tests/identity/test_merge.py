"""Two records of one person are merged by a manager, nothing is lost, and they are taken apart again."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from clinic.audit.models import AuditEvent
from tests import factories
from tests.html_forms import fields_of
from tests.people import Cast
from treatments.assessments.laboratory.values import series_of
from treatments.identity.merge.actions import merge_patients, take_apart
from treatments.identity.merge.contents import KINDS
from treatments.identity.merge.preview import conflicts
from treatments.identity.move.actions import settle
from treatments.models import (
    Application,
    Consent,
    ConsentText,
    Correction,
    Course,
    CourseOutcome,
    ExosomeSession,
    Export,
    FollowUp,
    HairHistory,
    LaboratoryReport,
    LaboratoryResult,
    PassedWarning,
    Patient,
    Photo,
    PhotoPair,
    RecordMove,
    Therapy,
)
from treatments.recall import tracing
from treatments.records.formatting import day
from treatments.sessions.course_state import recompute

pytestmark = pytest.mark.django_db
DAY = datetime.date.today() - datetime.timedelta(days=30)


@dataclass
class Two:
    cast: Cast
    one: Patient
    other: Patient


def everything_of(patient: Patient, cast: Cast) -> list[Any]:
    """A row of every kind in a patient's record, struck-out ones too."""
    told = {"clinic": cast.clinic, "patient": patient, "created_by": cast.nurse}
    lot = factories.lot(factories.product(cast.clinic), stock_ml=Decimal("97"))
    course = factories.course(patient, baseline_on=DAY)
    session = factories.exosome_session(course, performed_on=DAY, lot=lot, product=lot.product)
    visit = factories.assessment(patient, course=course)
    event = factories.adverse_event(patient, exosome_session=session, course=course)
    earlier, later = factories.photo(patient, taken_on=DAY, exosome_session=session), factories.photo(patient)
    # On words that the clinic keeps, which are the clinic's and not of one record.
    words = ConsentText.objects.filter(clinic=cast.clinic).first() or factories.consent_text(cast.clinic, "photography")
    consent = factories.consent(patient, "photography", text=words, form_version=words.named_version)
    report = LaboratoryReport.objects.create(sampled_on=DAY, laboratory="North Laboratory", **told)
    Application.objects.create(
        exosome_session=session, place=2, lot=factories.lot(lot.product, stock_ml=Decimal("9")), product=lot.product,
        total_ml=Decimal(1), volumes={"vertex": "1.00"},
    )  # fmt: skip
    recompute(course.pk)
    return [
        course,
        session,
        visit,
        factories.measurement(patient, assessment=visit),
        event,
        FollowUp.objects.create(event=event, seen_on=DAY, outcome="2", note="Better.", **told),
        earlier,
        later,
        PhotoPair.objects.create(earlier=earlier, later=later, aligned_by=cast.nurse, **told),
        consent,
        Export.objects.create(purpose="teaching", consent=consent, file_format="png", sha256="0" * 64, **told),
        Therapy.objects.create(kind="minoxidil_topical", **told),
        report,
        LaboratoryResult.objects.create(report=report, analyte="ferritin", value=Decimal(18), unit="ug/L", **told),
        LaboratoryResult.objects.create(report=report, analyte="tsh", value=Decimal(2), unit="m[IU]/L", **told),
    ]


@pytest.fixture
def two(cast: Cast) -> Two:
    other = factories.patient(cast.clinic, name="Ida Inwented", record_number="HC-0456", phone="+65 9123 4567")
    return Two(cast, cast.patient, other)


def merged(two: Two, **more: Any) -> RecordMove:
    told = {"clinic": two.cast.clinic, "patient": two.one, "from_patient": two.other, "reason": "One identity card"}
    return merge_patients(RecordMove(**told | more), by=two.cast.manager)


def apart(two: Two, merge: RecordMove, **more: Any) -> RecordMove:
    move = RecordMove(clinic=two.cast.clinic, reason="Two cousins")
    return take_apart(move, merge=merge, by=two.cast.manager, **more)


def owners(records: list[Any]) -> set[Any]:
    return {type(record).objects.get(pk=record.pk).patient_id for record in records}


def state_of(patient: Patient) -> dict[str, Any]:
    """Every column of every row of a patient, by table and id: what a merge taken apart must give back."""
    rows: dict[str, Any] = {"patient": Patient.objects.filter(pk=patient.pk).values().get()}
    for kind in [*KINDS, HairHistory]:
        found: Any = kind._default_manager
        rows[kind.__name__] = {row["id"]: row for row in found.filter(patient=patient).values()}
    return rows


def test_every_kind_of_record_is_merged() -> None:
    """No model with a patient is forgotten: a new one fails here until somebody says what becomes of it."""
    with_patient = {
        model
        for model in Patient._meta.apps.get_app_config("treatments").get_models()
        if any(isinstance(field, models.ForeignKey) and field.name == "patient" for field in model._meta.fields)
    }

    # The outcome of a course is worked out anew and follows it.
    assert with_patient - {HairHistory, RecordMove, CourseOutcome} == set(KINDS)


def test_everything_stands_under_one(two: Two) -> None:
    """All of it moves, nothing is lost, and stock, due dates and lists follow."""
    records = everything_of(two.other, two.cast)
    due = Patient.objects.get(pk=two.other.pk).next_due_on

    merged(two)

    assert owners(records) == {two.one.pk}
    one, other = Patient.objects.get(pk=two.one.pk), Patient.objects.get(pk=two.other.pk)
    assert (one.next_due_on, other.next_due_on) == (due, None)
    assert other.merged_into == one
    assert ExosomeSession.objects.get().lot.stock_ml == Decimal("97")


def test_corrections_come_along(two: Two) -> None:
    records = everything_of(two.other, two.cast)
    told = {"clinic": two.cast.clinic, "patient_id": two.other.pk, "record_id": records[1].pk, "reason": "As seen"}
    told |= {"record_type": "exosomesession", "by": two.cast.nurse}
    Correction.objects.create(version=2, changes=[], **told)
    PassedWarning.objects.create(rule="5", sentence="Early.", **told)

    merged(two)

    assert (Correction.objects.get().patient_id, PassedWarning.objects.get().patient_id) == (two.one.pk, two.one.pk)


def test_the_other_record_leads_there(two: Two) -> None:
    """An address of the other record leads to the one that stays; the search finds it by both numbers and names."""
    merged(two)
    client = two.cast.client(two.cast.nurse)

    page = client.get(two.other.get_absolute_url())
    found = {text: client.get(f"/patients/find/?q={text}").json()["people"] for text in ("HC-0456", "inwented", "9123")}

    assert (page.status_code, page["Location"]) == (302, two.one.get_absolute_url())
    assert {text: [each["number"] for each in people] for text, people in found.items()} == {
        text: [two.one.record_number] for text in found
    }
    assert client.post(f"/patients/{two.other.pk}/therapies/add/", {"kind": "prp"}).status_code == 409


def test_the_timeline_tells_the_merge(two: Two) -> None:
    everything_of(two.other, two.cast)
    merged(two)

    text = two.cast.client(two.cast.nurse).get(two.one.get_absolute_url()).content.decode()

    assert "Merged with HC-0456" in text
    assert "1 session" in text
    assert "One identity card" in text


def test_two_histories_are_kept(two: Two) -> None:
    """The surviving history takes over an allergy that only the other names; the other stays readable."""
    told = {"clinic": two.cast.clinic, "created_by": two.cast.nurse}
    ours = HairHistory.objects.create(patient=two.one, allergies="none", story="Ours", **told)
    theirs = {"allergies": "yes", "allergies_text": "lidocaine", "cautions_asked": "yes", "cautions": ["bleeding_risk"]}
    HairHistory.objects.create(patient=two.other, story="Theirs", **theirs, **told)

    merge = merged(two)

    ours.refresh_from_db()
    assert (ours.allergies, ours.allergies_text, ours.cautions) == ("yes", "lidocaine (HC-0456)", ["bleeding_risk"])
    text = two.cast.client(two.cast.nurse).get(two.one.get_absolute_url()).content.decode()
    assert "Ours" in text
    assert "Theirs" in text

    apart(two, merge)
    ours.refresh_from_db()
    assert (ours.allergies, ours.allergies_text, ours.cautions) == ("none", "", [])


def test_one_file_in_both_is_kept_once(two: Two) -> None:
    """The copy is struck out and stays readable; taken apart, it stands again."""
    ours = factories.photo(two.one)
    copy = factories.photo(two.other, sha256=ours.sha256)

    merge = merged(two)
    struck = Photo.objects.get(pk=copy.pk)
    assert (struck.patient, struck.is_struck_out) == (two.one, True)

    apart(two, merge)
    again = Photo.objects.get(pk=copy.pk)
    assert (again.patient, again.is_struck_out) == (two.other, False)


def test_taken_apart_is_as_before(two: Two) -> None:
    """Every column of every row of both is what it was before the merge."""
    everything_of(two.one, two.cast)
    everything_of(two.other, two.cast)
    HairHistory.objects.create(patient=two.other, clinic=two.cast.clinic, created_by=two.cast.nurse, story="Theirs")
    settle([two.one, two.other], by=two.cast.manager)
    before = state_of(two.one), state_of(two.other)

    apart(two, merged(two))

    assert (state_of(two.one), state_of(two.other)) == before


def test_nothing_is_lost_or_counted_twice(two: Two) -> None:
    """What was given beside the first product, laboratory values and the words that were signed are there once, under
    the one patient, and again under the other when the two are taken apart."""
    everything_of(two.other, two.cast)
    lot = Application.objects.get().lot
    words = ConsentText.objects.get()

    merge = merged(two)

    for patient in (two.one, two.other):
        trace = tracing.trace_of(lot)
        assert (trace.sessions, trace.patients, trace.ml) == (1, 1, Decimal("1.00"))
        assert tracing.patients_of(lot).get() == patient
        assert [len(series.lines) for series in series_of(patient)] == [1, 1]
        assert Consent.objects.get(patient=patient).text == words
        if patient == two.one:
            page = two.cast.client(two.cast.manager).get(Consent.objects.get().get_absolute_url())
            assert page.status_code == 200 and words.title in page.content.decode()
            apart(two, merge)


def test_what_both_have_is_told(two: Two) -> None:
    """A laboratory report of one day in both, and one other treatment, would count twice: they are named beforehand."""
    for patient in (two.one, two.other):
        everything_of(patient, two.cast)
    told = " ".join(conflicts(two.one, two.other))
    assert f"Both have a laboratory report of {DAY:%-d %b %Y}." in told
    assert "Both have among other treatments: Minoxidil, topical." in told


def test_consent_that_was_taken_back_is_told(two: Two) -> None:
    """Withdrawn in one record, and allowed in the other by a consent of before that day: it would be allowed again. One
    that was given later, or allows something else, is none of that."""
    withdrawn = {"withdrawn_on": DAY, "withdrawn_by": two.cast.nurse, "given_on": DAY - datetime.timedelta(days=90)}
    before, after = DAY - datetime.timedelta(days=30), DAY + datetime.timedelta(days=1)
    factories.consent(two.other, "research", **withdrawn)
    factories.consent(two.other, "photography", purposes=["record", "research"], **withdrawn)
    factories.consent(two.one, "research", given_on=after)
    factories.consent(two.one, "photography", purposes=["teaching"], given_on=before)
    assert conflicts(two.one, two.other) == conflicts(two.other, two.one) == []

    factories.consent(two.one, "photography", purposes=["teaching", "research"], given_on=before, form_version="T-9")

    [sentence] = conflicts(two.one, two.other)
    assert [sentence] == conflicts(two.other, two.one)
    assert sentence.startswith(f"In {two.other.record_number} the photography consent was withdrawn on {day(DAY)}. ")
    assert f"stays valid: Photography consent, {day(before)}, T-9: research study. Withdraw it too" in sentence


def test_no_allergy_is_cut_off(two: Two) -> None:
    """Two lists of allergies that are too long together are not merged: a cut list would hide one."""
    for patient, name in ((two.one, "egg"), (two.other, "latex")):
        told = {"clinic": two.cast.clinic, "patient": patient, "created_by": two.cast.nurse}
        HairHistory.objects.create(allergies="yes", allergies_text=f"{name}: {'x' * 300}", **told)
    with pytest.raises(ValidationError, match="Shorten one of them first"):
        merged(two)
    assert Patient.objects.get(pk=two.other.pk).merged_into is None


def test_what_came_since_is_asked_for(two: Two) -> None:
    """A session entered since goes back with its course; what hangs on nothing goes as the manager says."""
    course = everything_of(two.other, two.cast)[0]
    merge = merged(two)
    course.refresh_from_db()
    since = factories.exosome_session(course, performed_on=DAY + datetime.timedelta(days=20))
    stays, goes = factories.consent(two.one), factories.consent(two.one)
    client = two.cast.client(two.cast.manager)
    address = f"/patients/{two.one.pk}/merges/{merge.pk}/take-apart/"
    page = client.get(address)

    text = page.content.decode()
    assert f"{since}, entered later, moves with the record it belongs to" in text
    values = fields_of(text) | {"reason": ["Two cousins"], "also": [str(goes.pk)]}
    answer = client.post(address, values)

    assert (answer.status_code, answer["Location"]) == (302, two.other.get_absolute_url())
    assert owners([since, goes]) == {two.other.pk}
    assert owners([stays]) == {two.one.pk}
    assert client.post(address, values).status_code == 302
    assert RecordMove.objects.count() == 2


def test_a_merge_is_on_both_trails(two: Two) -> None:
    apart(two, merged(two))

    actions = ["merged", "merged_away", "taken_apart"]
    told = set(AuditEvent.objects.filter(action__in=actions).values_list("action", "patient_id"))
    assert told == {
        ("merged", two.one.pk),
        ("merged_away", two.other.pk),
        ("taken_apart", two.one.pk),
        ("taken_apart", two.other.pk),
    }


def test_a_shell_is_not_merged_again(two: Two) -> None:
    merged(two)

    with pytest.raises(ValidationError):
        merged(two)


def test_the_later_merge_comes_apart_first(two: Two) -> None:
    third = factories.patient(two.cast.clinic)
    first = merged(two)
    merge_patients(
        RecordMove(clinic=two.cast.clinic, patient=third, from_patient=two.one, reason="The same"), by=two.cast.manager
    )

    with pytest.raises(ValidationError):
        apart(two, first)


def test_a_month_may_be_the_same_session(two: Two) -> None:
    """A session known to its month may be the other record's of a day in it; an exact day of another month is not."""
    months = {two.one: ("2025-03-01", "month"), two.other: ("2025-03-14", "day")}
    for patient, (on, precision) in months.items():
        day = datetime.date.fromisoformat(on)
        course = factories.course(patient, baseline_on=day)
        factories.exosome_session(course, performed_on=day, performed_precision=precision)
        later = datetime.date(2025, 5 if patient == two.one else 6, 2)
        factories.exosome_session(course, performed_on=later)

    told = [
        sentence for sentence in conflicts(two.one, two.other) if "ession" in sentence and "Both have" not in sentence
    ]

    assert told == ["Sessions of Mar 2025 and 14 Mar 2025 may be one. If they are, strike one out afterwards."]


def test_merged_on_the_page(two: Two) -> None:
    """Found, compared side by side with what both have, and merged into the record that was chosen."""
    for patient in (two.one, two.other):
        factories.exosome_session(factories.course(patient, baseline_on=DAY), performed_on=DAY)
    client = two.cast.client(two.cast.manager)
    found = client.get(f"/patients/{two.one.pk}/merge/?who=inwented")
    assert [each.patient for each in found.context["candidates"]] == [two.other]
    address = f"/patients/{two.one.pk}/merge/?with={two.other.pk}"

    text = client.get(address).content.decode()
    assert "Both had a session on" in text
    assert "Both have a course that is going on" in text
    values = fields_of(text) | {"keep": [str(two.other.pk)], "reason": ["One identity card"]}
    answers = [client.post(address, values) for _ in range(2)]

    assert [(each.status_code, each["Location"]) for each in answers] == [(302, two.other.get_absolute_url())] * 2
    assert Patient.objects.get(pk=two.one.pk).merged_into == two.other
    assert Course.objects.filter(patient=two.other).count() == 2


@pytest.mark.parametrize(("role", "status"), [("nurse", 403), ("clinician", 403), ("manager", 200)])
def test_who_may_merge(two: Two, role: str, status: int) -> None:
    client = two.cast.client(getattr(two.cast, role))
    assert client.get(f"/patients/{two.one.pk}/merge/").status_code == status


def test_only_one_has_died(two: Two) -> None:
    """Two records of which only one is recorded as died are not merged as if nothing were."""
    Patient.objects.filter(pk=two.other.pk).update(has_died=True, archived_at=datetime.datetime.now(datetime.UTC))
    two.other.refresh_from_db()

    with pytest.raises(ValidationError):
        merged(two)
