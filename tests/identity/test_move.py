"""A record that was filed under the wrong patient moves to the right one, with what hangs on it."""

import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from treatments.identity.move.actions import Destination, move_record
from treatments.models import (
    Application,
    Correction,
    Course,
    ExosomeSession,
    FollowUp,
    HairHistory,
    Measurement,
    MovedRecord,
    PassedWarning,
    Patient,
    Photo,
    PhotoPair,
    RecordMove,
)
from treatments.recall import tracing
from treatments.records.actions import Conflict
from treatments.records.partial_dates import PartialDate, of_day
from treatments.sessions.course_state import recompute
from treatments.sessions.log.actions import log_walk_in
from treatments.sessions.plan.actions import unplanned_course

pytestmark = pytest.mark.django_db
DAY = datetime.date.today() - datetime.timedelta(days=30)
BEGUN = datetime.date.today() - datetime.timedelta(days=60)


@dataclass
class Mix:
    """A session of the right patient that stands in the wrong patient's record, with a photo and an event."""

    cast: Cast
    wrong: Patient
    right: Patient
    wrong_course: Course
    right_course: Course
    first: ExosomeSession
    session: ExosomeSession
    photo: Photo
    event: Any


@pytest.fixture
def mix(cast: Cast) -> Mix:
    wrong, right = cast.patient, factories.patient(cast.clinic, name="Otto Invented", record_number="HC-0123")
    lot = factories.lot(factories.product(cast.clinic), stock_ml=Decimal("97"))
    wrong_course, right_course = factories.course(wrong, baseline_on=BEGUN), factories.course(right, baseline_on=BEGUN)
    first = factories.exosome_session(wrong_course, performed_on=BEGUN)
    session = factories.exosome_session(wrong_course, performed_on=DAY, lot=lot, product=lot.product)
    photo = factories.photo(wrong, taken_on=DAY, exosome_session=session, course=wrong_course)
    event = factories.adverse_event(wrong, happened=DAY, exosome_session=session)
    for course in (wrong_course, right_course):
        recompute(course.pk)
    return Mix(cast, wrong, right, wrong_course, right_course, first, session, photo, event)


def moved(mix: Mix, record: Any, **more: Any) -> RecordMove:
    """The record moved to the right patient by the cast's clinician."""
    to = {"course": mix.right_course} if isinstance(record, ExosomeSession) else {}
    move = RecordMove(clinic=mix.cast.clinic, patient=mix.right, from_patient=mix.wrong, reason="Wrong patient")
    told = {
        "record": record,
        "to": Destination(mix.right, **to),
        "expected_version": record.version,
        "along": ["photos", "events", "measurements"],
        "by": mix.cast.clinician,
        **more,
    }
    return move_record(move, **told)


def owner(record: Any) -> uuid.UUID:
    return type(record).objects.get(pk=record.pk).patient_id


def move_url(record: Any, name: str = "session") -> str:
    return f"/patients/{record.patient_id}/{name}/{record.pk}/move/"


def post(mix: Mix, record: Any, name: str = "session", **more: Any) -> Any:
    """The move page sent as it is shown."""
    client = mix.cast.client(mix.cast.clinician)
    address = f"{move_url(record, name)}?to={mix.right.pk}"
    form = client.get(address).context["form"]
    values = {field.html_name: field.value() for field in form if field.value() is not None} | {"_sentinel": "1"}
    values = {key: getattr(value, "pk", value) for key, value in values.items()}
    return client.post(address, values | more)


def test_a_session_moves_with_what_it_has(mix: Mix) -> None:
    """The session keeps its id, and photos and events that are tied to it go along."""
    look = FollowUp.objects.create(
        clinic=mix.cast.clinic,
        patient=mix.wrong,
        event=mix.event,
        seen_on=DAY,
        outcome="2",
        note="Better.",
        created_by=mix.cast.nurse,
    )

    moved(mix, mix.session)

    session = ExosomeSession.objects.get(pk=mix.session.pk)
    assert (session.patient, session.course, session.version) == (mix.right, mix.right_course, 2)
    assert {owner(each) for each in (mix.photo, mix.event, look)} == {mix.right.pk}
    assert Photo.objects.get(pk=mix.photo.pk).course == mix.right_course
    assert session.region_volumes.count() == 1


def test_a_look_is_asked_at_its_own_session(mix: Mix) -> None:
    """A follow-up that was asked at a session is tied to it no longer, when one of the two is another patient's."""
    told = {"clinic": mix.cast.clinic, "patient": mix.wrong, "created_by": mix.cast.nurse, "seen_on": DAY}
    alone = factories.adverse_event(mix.wrong)
    stays = FollowUp.objects.create(event=alone, outcome="2", note="Better.", exosome_session=mix.session, **told)
    goes = FollowUp.objects.create(event=mix.event, outcome="2", note="Better.", exosome_session=mix.session, **told)

    moved(mix, mix.session)

    assert [FollowUp.objects.get(pk=each.pk).exosome_session for each in (stays, goes)] == [None, mix.session]
    assert owner(goes) == mix.right.pk


def test_both_plans_follow_the_session(mix: Mix) -> None:
    """Sessions done, the next due day and the lists are those of what stands in each record."""
    moved(mix, mix.session)

    here, there = (Course.objects.get(pk=course.pk) for course in (mix.wrong_course, mix.right_course))
    assert (here.sessions_done, here.last_session_on) == (1, BEGUN)
    assert (there.sessions_done, there.last_session_on) == (1, DAY)
    assert there.next_due_on == Patient.objects.get(pk=mix.right.pk).next_due_on


def test_a_walk_in_leaves_nothing_due(mix: Mix) -> None:
    """The course that was made with the session asks for no other; nobody planned one."""
    protocol = factories.protocol(mix.cast.clinic, takes_walk_ins=True)
    patient = factories.patient(mix.cast.clinic, name="Wanda Invented", record_number="HC-0124")
    course = unplanned_course(protocol, patient=patient, when=of_day(DAY))
    session = ExosomeSession(
        **{"clinic": mix.cast.clinic, "patient": patient, "course": course, "performed_on": DAY},
        route="intradermal_injection",
    )
    session = log_walk_in(session, volumes={"vertex": Decimal("3")}, by=mix.cast.nurse)
    move = RecordMove(clinic=mix.cast.clinic, patient=mix.right, from_patient=patient, reason="Wrong patient")
    to = Destination(mix.right, course=mix.right_course)
    move_record(move, record=session, to=to, expected_version=session.version, by=mix.cast.clinician)
    left = Course.objects.get(patient=patient)
    assert (left.sessions_done, left.next_due, left.is_open) == (0, "", False)
    assert Patient.objects.get(pk=patient.pk).next_due == ""


def test_a_move_leaves_the_stock(mix: Mix) -> None:
    """Stock stays with the session's lot, and the lot's page names the right patient."""
    moved(mix, mix.session)

    lot = ExosomeSession.objects.get(pk=mix.session.pk).lot
    page = mix.cast.client(mix.cast.clinician).get(lot.get_absolute_url()).content.decode()
    assert lot.stock_ml == Decimal("97")
    assert "Otto Invented" in page
    assert "Ida Invented" not in page


def test_what_is_left_loses_its_tie(mix: Mix) -> None:
    """A photo and an event that are not taken along stay, and are tied to no session of somebody else."""
    moved(mix, mix.session, along=[])

    photo, event = Photo.objects.get(pk=mix.photo.pk), type(mix.event).objects.get(pk=mix.event.pk)
    assert (photo.patient, photo.exosome_session, event.patient, event.exosome_session) == (mix.wrong, None) * 2


def test_corrections_and_warnings_go_along(mix: Mix) -> None:
    """What was corrected and passed of a record stands in the right patient's record."""
    told = {"clinic": mix.cast.clinic, "patient_id": mix.wrong.pk, "record_id": mix.session.pk, "reason": "As seen"}
    told |= {"record_type": "exosomesession", "by": mix.cast.nurse}
    Correction.objects.create(version=9, changes=[], **told)
    PassedWarning.objects.create(rule="5", sentence="Early.", **told)

    moved(mix, mix.session)

    assert {row.patient_id for row in Correction.objects.all()} == {mix.right.pk}
    assert PassedWarning.objects.get().patient_id == mix.right.pk


def test_both_records_tell_a_move(mix: Mix) -> None:
    """The wrong record says where it stood that it moved; the right one, from where it came; neither has a name."""
    moved(mix, mix.session)

    client = mix.cast.client(mix.cast.reader)
    here = client.get(mix.wrong.get_absolute_url()).content.decode()
    there = client.get(mix.right.get_absolute_url()).content.decode()
    assert "moved to" in here
    assert "HC-0123" in here
    assert "Wrong patient" in here
    assert "Otto" not in here
    assert mix.wrong.record_number in there
    assert "Ida" not in there


def test_a_move_is_on_both_trails(mix: Mix) -> None:
    moved(mix, mix.session)

    events = AuditEvent.objects.filter(action__in=["moved_away", "moved_here"]).values_list("action", "patient_id")
    assert set(events) == {("moved_away", mix.wrong.pk), ("moved_here", mix.right.pk)}


def test_moved_back_it_is_as_before(mix: Mix) -> None:
    """A move is undone by moving back: owners, ties and plans are what they were."""
    moved(mix, mix.session)
    session = ExosomeSession.objects.get(pk=mix.session.pk)
    back = RecordMove(clinic=mix.cast.clinic, patient=mix.wrong, from_patient=mix.right, reason="It was right")

    move_record(
        back,
        record=session,
        to=Destination(mix.wrong, course=mix.wrong_course),
        expected_version=session.version,
        along=["photos", "events"],
        by=mix.cast.clinician,
    )

    assert {owner(each) for each in (mix.session, mix.photo, mix.event)} == {mix.wrong.pk}
    assert Course.objects.get(pk=mix.wrong_course.pk).sessions_done == 2
    here = mix.cast.client(mix.cast.reader).get(mix.wrong.get_absolute_url()).content.decode()
    assert "moved to" not in here


def test_one_session_a_day_there(mix: Mix) -> None:
    """A session is not moved beside another one of the same day; nothing is written."""
    factories.exosome_session(mix.right_course, performed_on=DAY)

    with pytest.raises(ValidationError):
        moved(mix, mix.session)

    assert owner(mix.session) == mix.wrong.pk
    assert not RecordMove.objects.exists()


def test_a_changed_record_is_not_moved(mix: Mix) -> None:
    """Whoever saw an older version is told, and nothing moves."""
    with pytest.raises(Conflict):
        moved(mix, mix.session, expected_version=7)

    assert owner(mix.session) == mix.wrong.pk
    assert not MovedRecord.objects.exists()


def test_a_struck_out_record_stays(mix: Mix) -> None:
    mix.session.struck_out_at = datetime.datetime.now(datetime.UTC)

    with pytest.raises(ValidationError):
        moved(mix, mix.session)


def test_measurements_go_with_their_visit(mix: Mix) -> None:
    """The measurements of an assessment go along, and the stage of both lists follows."""
    visit = factories.assessment(mix.wrong, assessed_on=DAY)
    part = factories.measurement(mix.wrong, assessment=visit, measured_on=DAY)
    Patient.objects.filter(pk=mix.wrong.pk).update(latest_stage=visit.stage_text)

    moved(mix, visit)

    assert (owner(visit), owner(part)) == (mix.right.pk, mix.right.pk)
    stages = {row.pk: row.latest_stage for row in Patient.objects.filter(pk__in=[mix.wrong.pk, mix.right.pk])}
    assert stages == {mix.wrong.pk: "", mix.right.pk: visit.stage_text}


def test_a_measurement_moves_alone(mix: Mix) -> None:
    """A measurement leaves the assessment that stays, and an event its session."""
    visit = factories.assessment(mix.wrong, assessed_on=DAY)
    part = factories.measurement(mix.wrong, assessment=visit, measured_on=DAY)

    moved(mix, part)
    moved(mix, mix.event)

    assert Measurement.objects.get(pk=part.pk).assessment is None
    event = type(mix.event).objects.get(pk=mix.event.pk)
    assert (event.patient, event.exosome_session, event.happened) == (mix.right, None, DAY)


def test_a_photo_joins_the_session_there(mix: Mix) -> None:
    """A photo that moves belongs to the session that the right patient had that day."""
    there = factories.exosome_session(mix.right_course, performed_on=DAY)

    moved(mix, mix.photo)

    photo = Photo.objects.get(pk=mix.photo.pk)
    assert (photo.exosome_session, photo.course) == (there, mix.right_course)


def test_a_pair_moves_with_both_photos(mix: Mix) -> None:
    """An alignment stays while its photos are two patients', and follows when both have moved."""
    earlier = factories.photo(mix.wrong, taken_on=BEGUN)
    told = {"clinic": mix.cast.clinic, "created_by": mix.cast.nurse, "aligned_by": mix.cast.nurse}
    pair = PhotoPair.objects.create(patient=mix.wrong, earlier=earlier, later=mix.photo, **told)

    moved(mix, mix.photo)
    assert owner(pair) == mix.wrong.pk
    moved(mix, earlier)

    assert owner(pair) == mix.right.pk


def test_the_same_file_stays(mix: Mix) -> None:
    """A photo whose file the right patient has already is refused, with what to do."""
    factories.photo(mix.right, sha256=mix.photo.sha256)

    answer = post(mix, mix.photo, "photo")

    assert answer.status_code == 422
    assert "already has the same file" in answer.content.decode()


def test_a_move_sent_twice_is_one(mix: Mix) -> None:
    """A double click moves once, and both answers lead to the record where it is now."""
    client = mix.cast.client(mix.cast.clinician)
    factories.consent(mix.right)
    factories.consent(mix.right, "photography")
    address = f"{move_url(mix.session)}?to={mix.right.pk}"
    form = client.get(address).context["form"]
    values = {"id": form["id"].value(), "record_version": 1, "reason": "Wrong patient", "_sentinel": "1"}
    values |= {"course": mix.right_course.pk, "along": ["photos", "events"]}

    answers = [client.post(address, values) for _ in range(2)]

    there = f"/patients/{mix.right.pk}/sessions/{mix.session.pk}/"
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, there)] * 2
    assert RecordMove.objects.count() == 1


def test_the_right_patients_rules_ask(mix: Mix) -> None:
    """Consent and allergies are those of the right patient: a warning asks for a reason, and its reason is kept."""
    HairHistory.objects.create(
        clinic=mix.cast.clinic,
        patient=mix.right,
        created_by=mix.cast.nurse,
        allergies="yes",
        allergies_text=f"{mix.session.product.name}",
    )

    answer = post(mix, mix.session)

    warnings = answer.context["form"].warnings
    assert answer.status_code == 422
    assert {warning.rule for warning in warnings} == {"9", "14", "25"}
    passed = {warning.input_name: "Given in good faith" for warning in warnings}
    answer = post(mix, mix.session, **passed)
    assert answer.status_code == 302
    assert PassedWarning.objects.filter(patient_id=mix.right.pk).count() == len(warnings)


def test_all_that_was_given_is_asked(mix: Mix) -> None:
    """An allergy of the right patient to what was given beside the first product is read as well."""
    record = {"clinic": mix.cast.clinic, "patient": mix.right, "created_by": mix.cast.nurse}
    HairHistory.objects.create(**record, allergies="yes", allergies_text="egg")
    serum = factories.product(mix.cast.clinic, name="Serum", excipients="egg white")
    Application.objects.create(
        exosome_session=mix.session, place=2, product=serum, total_ml=Decimal(1), volumes={"vertex": "1.00"}
    )

    warnings = post(mix, mix.session).context["form"].warnings

    assert any("Serum" in warning.sentence and "egg" in warning.sentence for warning in warnings)


def test_its_applications_go_with_it(mix: Mix) -> None:
    """What was given beside the first product goes with its session and is counted for its lot as before."""
    lot = factories.lot(factories.product(mix.cast.clinic), received_ml=Decimal("5"))
    Application.objects.create(
        exosome_session=mix.session, place=2, lot=lot, product=lot.product, total_ml=Decimal(1),
        volumes={"vertex": "1.00"},
    )  # fmt: skip
    before = tracing.trace_of(lot)

    moved(mix, mix.session)

    after = tracing.trace_of(lot)
    assert (after.sessions, after.patients, after.ml) == (before.sessions, before.patients, before.ml) == (1, 1, 1)
    assert tracing.patients_of(lot).get() == mix.right
    [application] = Application.objects.all()
    assert application.exosome_session.patient == mix.right


def test_a_month_there_may_be_the_same(mix: Mix) -> None:
    """A session that is known to the month there may be this one: it is asked, and an answer passes."""
    month = DAY.replace(day=1)
    factories.exosome_session(mix.right_course, performed_on=month, performed_precision="month")

    answer = post(mix, mix.session)

    [asked] = [warning for warning in answer.context["form"].warnings if "may be the same" in warning.sentence]
    assert answer.status_code == 422
    assert f"{month:%b %Y}" in asked.sentence


def test_not_before_the_right_birth(mix: Mix) -> None:
    """A session before the right patient's birth is refused."""
    mix.right.birth = f"{DAY.year + 1}"
    mix.right.save()

    answer = post(mix, mix.session)

    assert answer.status_code == 422
    assert "before the patient’s birth" in answer.content.decode()


def test_nothing_after_a_death(mix: Mix) -> None:
    """A session of a day after the right patient's death is refused."""
    Patient.objects.filter(pk=mix.right.pk).update(
        has_died=True, died=PartialDate(f"{DAY.year - 2}"), archived_at=datetime.datetime.now(datetime.UTC)
    )

    answer = post(mix, mix.session)

    assert answer.status_code == 422
    assert "died before that" in answer.content.decode()


def test_no_course_there_says_what_to_do(mix: Mix) -> None:
    """Where nothing is planned the page leads to the plan."""
    mix.right_course.delete()

    page = mix.cast.client(mix.cast.clinician).get(f"{move_url(mix.session)}?to={mix.right.pk}").content.decode()

    assert "Plan the course first" in page


def test_a_moved_address_leads_on(mix: Mix) -> None:
    """A bookmark of the record leads to where it is; a form still open there saves nothing and says where."""
    address = mix.session.get_absolute_url()
    moved(mix, mix.session)
    client = mix.cast.client(mix.cast.clinician)

    page = client.get(address)
    form = client.post(f"{address}correct/", {"note": "Typed meanwhile"})

    there = f"/patients/{mix.right.pk}/sessions/{mix.session.pk}/"
    assert (page.status_code, page["Location"]) == (302, there)
    assert form.status_code == 409
    assert there in form.content.decode()


def test_a_number_leads_to_the_preview(mix: Mix) -> None:
    """A record number, in any case, opens the preview at once; a name shows those who match, with what tells them
    apart."""
    client = mix.cast.client(mix.cast.clinician)

    by_number = client.get(f"{move_url(mix.session)}?who=hc-0123")
    by_name = client.get(f"{move_url(mix.session)}?who=otto")

    assert by_number.context["there"].patient == mix.right
    assert [each.patient for each in by_name.context["candidates"]] == [mix.right]


def test_the_preview_tells_what_follows(mix: Mix) -> None:
    """Which courses change and when the next session is due, without writing anything."""
    page = mix.cast.client(mix.cast.clinician).get(f"{move_url(mix.session)}?to={mix.right.pk}")

    counts = {
        each.after.patient: (each.course.sessions_done, each.after.sessions_done)
        for each in page.context["course_changes"]
    }
    assert counts == {mix.wrong: (2, 1), mix.right: (0, 1)}
    assert owner(mix.session) == mix.wrong.pk
    assert not RecordMove.objects.exists()


def test_from_an_archived_record(mix: Mix) -> None:
    """A record moves out of an archived patient's record too."""
    Patient.objects.filter(pk=mix.wrong.pk).update(archived_at=datetime.datetime.now(datetime.UTC))

    moved(mix, mix.session)

    assert owner(mix.session) == mix.right.pk


@pytest.mark.parametrize(("role", "status"), [("nurse", 403), ("clinician", 200), ("manager", 200), ("reader", 403)])
def test_who_may_move(mix: Mix, role: str, status: int) -> None:
    """Clinicians and managers: whoever moves a session may pass what the right patient's record warns of."""
    assert mix.cast.client(getattr(mix.cast, role)).get(move_url(mix.session)).status_code == status
