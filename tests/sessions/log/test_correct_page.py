"""Correcting and striking out a session: nothing typed and nothing kept is lost."""

import datetime
import re
from decimal import Decimal
from typing import Any

from django.urls import reverse

from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import TODAY, lot_of, planned, session_post
from treatments.models import AdverseEvent, Correction, ExosomeSession, Lot, Photo
from treatments.records.months import add_months
from treatments.sessions.log import actions


def logged(cast: Cast, **fields: Any) -> ExosomeSession:
    course, lot = planned(cast), lot_of(cast)
    told = {"performed_on": TODAY(), "route": "intradermal_injection", "since_last": "none", "reactions": "none"}
    session = ExosomeSession(
        clinic=cast.clinic, patient=cast.patient, course=course, lot=lot, product=lot.product, **{**told, **fields}
    )
    return actions.log_session(
        session, volumes={"vertex": Decimal("3.00")}, region_labels={"vertex": "crown and vertex"}, by=cast.nurse
    )


def url_of(session: ExosomeSession, name: str) -> str:
    return reverse(f"sessions:{name}", args=[session.patient_id, session.pk])


def correction_post(session: ExosomeSession, **fields: Any) -> dict[str, Any]:
    told = session_post(session.course, lot=session.lot, as_told="crown and vertex", **{"pain_during": None, **fields})
    dropped = {"id", "course", "reaction"}
    shared = {"version": "1", "reactions": "none", "correction_reason": "syringe misread"}
    return {name: value for name, value in told.items() if name not in dropped} | shared | fields


def test_correction_shows_both_values(cast: Cast) -> None:
    """A correction is stored with both values and shown."""
    session = logged(cast)
    client = cast.client(cast.nurse)
    page = client.get(url_of(session, "correct"))
    assert page.context["form"]["volume-vertex"].value() == "3"
    assert page.context["form"]["as_told"].value() == "crown and vertex"
    told = correction_post(session, **{"volume-vertex": "2.5", "note": "measured again"})
    answer = client.post(url_of(session, "correct"), told)
    assert (answer.status_code, answer.url) == (302, session.get_absolute_url())
    session.refresh_from_db()
    assert (session.total_ml, session.version, session.note) == (Decimal("2.50"), 2, "measured again")
    assert Lot.objects.get().stock_ml == Decimal("97.50")
    changed = {change["field"] for change in Correction.objects.get().changes}
    assert changed == {"first_ml", "total_ml", "volumes", "note"}, "what was not touched is not told as changed"
    history = client.get(url_of(session, "corrections")).content.decode()
    assert "syringe misread" in history
    assert "crown and vertex" in history


def test_corrected_day_moves_what_depends(cast: Cast) -> None:
    """Its number, what is due next, its photos and the day its events stand under; a date of their own stays."""
    session = logged(cast, performed_on=TODAY() - datetime.timedelta(days=2))
    earlier = factories.exosome_session(session.course, performed_on=TODAY() - datetime.timedelta(days=40))
    was, now = session.performed_on, earlier.performed_on - datetime.timedelta(days=30)
    of_old_day = factories.photo(cast.patient, taken_on=was, exosome_session=session, course=session.course)
    of_new_day = factories.photo(cast.patient, taken_on=now)
    by_hand = factories.photo(cast.patient, taken_on=TODAY(), exosome_session=session, course=session.course)
    undated = factories.adverse_event(cast.patient, exosome_session=session, happened=was)
    dated = factories.adverse_event(cast.patient, exosome_session=session, happened=was, onset=was.isoformat())
    client = cast.client(cast.clinician)

    told = correction_post(session, when=f"{now:%-d %b %Y}")
    doubts = client.post(url_of(session, "correct"), told).context["form"].warnings
    told |= {warning.input_name: "it was so" for warning in doubts}
    answer = client.post(url_of(session, "correct"), told, follow=True)

    assert answer.status_code == 200, answer.context["form"].errors
    numbers = dict(ExosomeSession.objects.with_number().values_list("pk", "number"))
    assert numbers == {session.pk: 1, earlier.pk: 2}
    session.course.refresh_from_db()
    assert session.course.next_due_on == add_months(earlier.performed_on, 1)
    photos = dict(Photo.objects.values_list("pk", "exosome_session"))
    assert photos == {of_old_day.pk: None, of_new_day.pk: session.pk, by_hand.pk: session.pk}
    events = dict(AdverseEvent.objects.values_list("pk", "happened"))
    assert events == {undated.pk: now, dated.pk: was}
    said = answer.content.decode()
    for words in (
        "It is session 1 of 5 now. Next due",
        f"1 photo of {was:%-d %b %Y} does not belong to this session any more",
        f"1 photo of {now:%-d %b %Y} now belongs to it",
        f"1 event tied to this session began on {was:%-d %b %Y}",
    ):
        assert words in said


def test_photos_move_to_the_right_session(cast: Cast) -> None:
    """The photos of a session entered in error go to the right one."""
    wrong = logged(cast)
    photo = factories.photo(cast.patient, taken_on=TODAY(), exosome_session=wrong, course=wrong.course)
    actions.strike_out_session(wrong, reason="wrong patient", expected_version=1, by=cast.nurse)
    right = logged(cast)
    photo.refresh_from_db()
    assert photo.exosome_session == right


def test_correction_without_reason(cast: Cast) -> None:
    """A correction without a reason is refused with everything typed."""
    session = logged(cast)
    told = correction_post(session, correction_reason="", note="kept words", **{"volume-vertex": "2.5"})
    page = cast.client(cast.nurse).post(url_of(session, "correct"), told)
    assert page.status_code == 422
    assert "Write why it is corrected" in page.content.decode()
    assert "kept words" in page.content.decode()


def test_two_correcting_see_both_versions(cast: Cast) -> None:
    """Two people correcting are both shown, and nothing is lost."""
    session = logged(cast)
    first = correction_post(session, correction_reason="asked again", **{"pain_during": "4"})
    assert cast.client(cast.clinician).post(url_of(session, "correct"), first).status_code == 302
    mine = correction_post(session, pain_during="6", note="my words", **{"volume-vertex": "2"})
    client = cast.client(cast.nurse)
    page = client.post(url_of(session, "correct"), mine)
    assert page.status_code == 409
    rows = {row["label"]: (row["theirs"], row["mine"]) for row in page.context["differences"]}
    assert rows["Pain during the session, 0 none to 10 worst"] == ("4", "6")
    assert rows["Volume by region"][1] == "Vertex 2 mL (“crown and vertex”)"
    body = page.content.decode()
    assert "my words" in body
    session.refresh_from_db()
    assert (session.pain_during, session.total_ml) == (4, Decimal("3.00"))
    version = re.search(r'name="version" value="(\d+)"', body)
    assert version is not None
    assert client.post(url_of(session, "correct"), mine | {"version": version[1]}).status_code == 302
    session.refresh_from_db()
    assert (session.pain_during, session.total_ml, session.note) == (6, Decimal("2.00"), "my words")
    assert Lot.objects.get().stock_ml == Decimal("98.00")


def test_correction_asks_no_warning_again(cast: Cast) -> None:
    """A nurse corrects a note of a session that a clinician gave without consent; the patient is pregnant by now."""
    session = logged(cast)
    cast.patient.consents.all().delete()
    factories.assessment(cast.patient, findings={"active_infection": 2})
    client = cast.client(cast.nurse)
    answer = client.post(url_of(session, "correct"), correction_post(session, note="room 2"))
    assert answer.status_code == 302
    moved = correction_post(session, version="2", when=f"{TODAY() - datetime.timedelta(days=3):%-d %b %Y}")
    page = client.post(url_of(session, "correct"), moved)
    assert page.status_code == 422
    assert "There is no treatment consent" in page.content.decode()


def test_correction_beyond_the_lots_rest(cast: Cast) -> None:
    """A correction to more than the lot contains says what is left."""
    session = logged(cast)
    factories.draw(Lot.objects.get(), Lot.objects.get().stock_ml - 1)
    page = cast.client(cast.nurse).post(url_of(session, "correct"), correction_post(session, **{"volume-vertex": "5"}))
    assert page.status_code == 422
    assert "Only 1 mL of lot" in page.content.decode()
    session.refresh_from_db()
    assert (session.total_ml, session.version) == (Decimal("3.00"), 1)


def test_struck_out_session_stays_readable(cast: Cast) -> None:
    """A session is struck out with a reason and stays readable."""
    session = logged(cast)
    client = cast.client(cast.nurse)
    assert client.post(url_of(session, "strike-out"), {"version": "1", "reason": ""}).status_code == 422
    assert client.post(url_of(session, "strike-out"), {"version": "1", "reason": "wrong patient"}).status_code == 302
    page = client.get(session.get_absolute_url()).content.decode()
    assert "wrong patient" in page
    assert Lot.objects.get().stock_ml == 100
    late = client.post(url_of(session, "correct"), correction_post(session, version="2", note="too late"))
    assert late.status_code == 422
    assert "is struck out" in late.content.decode()
    course_page = client.get(session.course.get_absolute_url()).content.decode()
    assert "entered in error: wrong patient" in course_page


def test_other_patients_session_is_not_found(cast: Cast) -> None:
    """Another patient's session is not found through this one."""
    session = logged(cast)
    other = factories.patient(cast.clinic)
    client = cast.client(cast.clinician)
    for name in ("detail", "correct", "strike-out", "corrections"):
        assert client.get(reverse(f"sessions:{name}", args=[other.pk, session.pk])).status_code == 404
        assert cast.client(cast.stranger).get(url_of(session, name)).status_code == 404
