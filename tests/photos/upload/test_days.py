"""On which day a photo stands and who says so: typed, the session's, the camera's, the file's, or nobody."""

import datetime
import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from tests.photos.corpus import encoded, scene
from tests.photos.upload.test_store_photo import taken
from treatments.models import Correction, PassedWarning, Photo
from treatments.photos.actions import attach_to_session, correct_photo, follow_session
from treatments.photos.upload import store_photo as storing
from treatments.records.ids import new_id
from treatments.records.partial_dates import of_day
from treatments.sessions.log.actions import strike_out_session

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()
JUNE = datetime.date(2026, 6, 10)
SCRIPT = {"HTTP_X_REQUESTED_WITH": "fetch", "HTTP_ACCEPT": "application/json"}
NOTHING_TYPED = {"csrfmiddlewaretoken", "_as", "_sentinel", "is_dyed"}


@pytest.fixture
def nurse(cast: Cast, settings: Any, tmp_path: Path) -> Client:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    factories.consent(cast.patient, kind="photography", purposes=["record"])
    return cast.client(cast.nurse)


def send(client: Client, cast: Cast, seed: int = 1, day: str = "", **fields: Any) -> dict[str, Any]:
    data = encoded(scene(seed, 200, 150), "JPEG", **({"exif": taken(day)} if day else {}))
    told = {"view": "vertex", "photo": SimpleUploadedFile("IMG.jpg", data), "_sentinel": "1", **fields}
    answer: dict[str, Any] = client.post(reverse("photos:upload", args=[cast.patient.pk]), told, **SCRIPT).json()
    return answer


def post(client: Client, name: str, cast: Cast, photos: list[Photo], **fields: Any) -> Any:
    versions = {f"version-{photo.pk}": photo.version for photo in photos}
    told = {"photo": [str(photo.pk) for photo in photos], "_sentinel": "1", **versions, **fields}
    return client.post(reverse(f"photos:{name}", args=[cast.patient.pk]), told)


def corrections(photo: Photo) -> list[str]:
    return list(Correction.objects.of_record(photo).values_list("reason", flat=True))


def days(*photos: Photo) -> list[tuple[datetime.date, str]]:
    return [tuple(Photo.objects.values_list("taken_on", "dated_by").get(pk=photo.pk)) for photo in photos]


# Nobody typed anything


@pytest.mark.any_database
@pytest.mark.parametrize("page", ["photos/", "sessions/log/"])
def test_page_begins_with_nothing_entered(page: str, nurse: Client, cast: Cast) -> None:
    """No date, choice or text of the form of photos is filled in beforehand, though the last photo has a card."""
    factories.course(cast.patient, baseline_on=JUNE)
    factories.photo(cast.patient, taken_on=JUNE, lighting="ring", hair_state="dry", product_used="none")

    text = nurse.get(f"/patients/{cast.patient.pk}/{page}").content.decode()

    form = text[text.index('id="photo-upload"') :].partition("</form>")[0]
    for control in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]*)"', control)
        value = re.search(r'value="([^"]*)"', control)
        assert name is None or name[1] in NOTHING_TYPED or not (value and value[1]), control
    assert "selected" not in re.sub(r'<option value=""[^>]*selected|<option value="unknown"[^>]*selected', "", form)
    assert "Ring light, dry" in form  # offered, to be pressed


def test_answer_says_whose_day_it_is(nurse: Client, cast: Cast) -> None:
    """Camera, typed, session, nobody: the answer says which; the camera's other day is asked about."""
    session = str(new_id())
    of_session = {"session": session, "session_when": "10 Jun 2026"}

    by_camera = send(nurse, cast, 1, "2026:06:03 10:00:00")
    typed = send(nurse, cast, 2, "2026:06:03 10:00:00", when="3 Jun 2026")
    by_session = send(nurse, cast, 3, **of_session)
    contradicted = send(nurse, cast, 4, "2026:06:03 10:00:00", **of_session)
    by_nobody = send(nurse, cast, 5)
    shot = send(nurse, cast, 6, capture_path="browser_still", shot_on=TODAY.isoformat())
    unreadable = send(nurse, cast, 7, session=session, session_when="yesterday or so")

    assert by_camera["sentence"] == "Kept: Vertex, 3 Jun 2026, the camera’s date."
    assert typed["sentence"] == "Kept: Vertex, 3 Jun 2026, the day that was typed."
    assert by_session["sentence"] == "Kept: Vertex, 10 Jun 2026, the session’s day."
    assert contradicted["sentence"].endswith("The camera says 3 Jun 2026: which is right?")
    assert by_nobody["sentence"].startswith("Kept: Vertex. There is no date in the file. Until you write when")
    asked = [each["asks"] for each in (by_camera, typed, by_session, contradicted, by_nobody, shot, unreadable)]
    assert asked == ["", "", "", "camera", "day", "", "day"]
    assert (shot["dated_by"], shot["taken_on"]) == ("camera", TODAY.isoformat())
    assert set(Photo.objects.filter(sent_with=session).values_list("dated_by", flat=True)) == {"session", "today"}


def test_old_photos_claim_only_what_is_known(cast: Cast) -> None:
    """The migration calls typed what was corrected or is known to the month; of all else it claims nothing."""
    corrected, month, untold, told = (
        factories.photo(cast.patient, taken_on=JUNE, **more)
        for more in ({}, {"taken_precision": "month"}, {}, {"dated_by": "camera"})
    )
    changed = {"field": "taken_on", "label": "Taken on", "before": "a", "after": "b"}
    who = {"clinic": cast.clinic, "record_type": "photo", "version": 2, "reason": "Wrong day", "by": cast.nurse}
    Correction.objects.create(record_id=corrected.pk, changes=[changed], **who)
    Correction.objects.create(record_id=untold.pk, changes=[{**changed, "field": "view"}], **who)

    importlib.import_module("treatments.migrations.0023_session_of_a_photo").tell_what_was_typed(apps, None)

    assert [source for _, source in days(corrected, month, untold, told)] == ["given", "given", "", "camera"]


# With a session


def test_photos_follow_their_session(cast: Cast) -> None:
    """Saved backdated, then corrected: photos without a day of their own go with it, each with its trail."""
    session_id = new_id()
    sent = {"sent_with": session_id, "taken_on": TODAY}
    follows, asked, own, typed = (
        factories.photo(cast.patient, **sent, dated_by=source) for source in ("session", "today", "camera", "given")
    )
    elsewhere = factories.photo(
        factories.patient(cast.clinic), taken_on=TODAY, dated_by="session", sent_with=session_id
    )
    course = factories.course(cast.patient, baseline_on=JUNE)
    session = factories.exosome_session(course, pk=session_id, performed_on=JUNE)

    attach_to_session(session, by=cast.nurse)

    assert days(follows, asked) == [(JUNE, "session")] * 2
    assert days(own, typed, elsewhere) == [(TODAY, "camera"), (TODAY, "given"), (TODAY, "session")]
    assert set(Photo.objects.filter(exosome_session=session)) == {follows, asked}
    assert AuditEvent.objects.filter(action="took_day_of_session", object_id=str(follows.pk)).count() == 1

    was, session.performed_on = session.performed, JUNE + datetime.timedelta(days=5)
    session.save()
    for _ in range(2):  # the second time there is nothing left to do
        follow_session(session, was=was, reason="Wrong week", by=cast.nurse)

    assert days(follows, asked, own) == [(session.performed_on, "session")] * 2 + [(TODAY, "camera")]
    assert corrections(follows)[1:] == ["The day of its session was corrected: Wrong week"]
    assert corrections(own) == []


def test_second_session_of_a_day_has_photos(nurse: Client, cast: Cast) -> None:
    """Sent on the page of the second before that is saved, whoever says the day: they are not the first one's."""
    first, second = (factories.course(cast.patient, baseline_on=JUNE - datetime.timedelta(days=n)) for n in (30, 10))
    earlier = factories.exosome_session(first, performed_on=JUNE)
    session_id = new_id()
    of_form = {"session": str(session_id), "session_when": of_day(JUNE).label()}
    sent = [send(nurse, cast, 1, **of_form), send(nurse, cast, 2, "2026:06:10 10:00:00", when="10 Jun 2026", **of_form)]
    elsewhere = send(nurse, cast, 3, "2026:06:10 10:00:00")

    session = factories.exosome_session(second, pk=session_id, performed_on=JUNE)
    assert [attach_to_session(session, by=cast.nurse) for _ in range(2)] == [2, 0]

    placed = {str(photo.pk): (photo.exosome_session, photo.course) for photo in Photo.objects.all()}
    assert [placed[each["id"]] for each in sent] == [(session, second)] * 2
    assert placed[elsewhere["id"]] == (earlier, first)


def test_photo_of_another_form_follows(nurse: Client, cast: Cast) -> None:
    """The form was open on the telephone too, and saved on the computer: the photo belongs to what was saved."""
    of_form = {"session": str(new_id()), "session_when": of_day(JUNE).label()}
    photo = Photo.objects.get(pk=send(nurse, cast, 1, "2026:06:03 10:00:00", **of_form)["id"])
    kept = Photo.objects.get(pk=send(nurse, cast, 2, when="10 Jun 2026", **of_form)["id"])
    course = factories.course(cast.patient, baseline_on=JUNE)
    session = factories.exosome_session(course, performed_on=JUNE)
    assert attach_to_session(session, by=cast.nurse) == 2

    was, session.performed_on = session.performed, JUNE + datetime.timedelta(days=2)
    session.save()
    follow_session(session, was=was, reason="Wrong day", by=cast.nurse)

    assert days(photo, kept) == [(session.performed_on, "session"), (JUNE, "given")]
    placed = [Photo.objects.get(pk=each.pk).exosome_session for each in (photo, kept)]
    assert placed == [session, None]
    assert corrections(photo) == ["The day of its session was corrected: Wrong day"]


def test_photo_of_another_session_stays(cast: Cast) -> None:
    """Tied to the wrong one of two sessions of a day: it goes to its own when the other is corrected."""
    courses = [factories.course(cast.patient, baseline_on=JUNE - datetime.timedelta(days=n)) for n in (30, 10)]
    first, second = (factories.exosome_session(course, performed_on=JUNE) for course in courses)
    told = {"taken_on": JUNE, "dated_by": "session", "sent_with": second.pk, "exosome_session": first}
    photo = factories.photo(cast.patient, **told)

    was, first.performed_on = first.performed, JUNE + datetime.timedelta(days=2)
    first.save()
    follow_session(first, was=was, reason="Wrong day", by=cast.nurse)

    assert days(photo) == [(JUNE, "session")]
    assert Photo.objects.get(pk=photo.pk).exosome_session == second


def test_page_says_session_was_struck_out(nurse: Client, cast: Cast) -> None:
    """Also of a photo that arrives afterwards. Nobody stands behind its day, until the session is logged anew."""
    course = factories.course(cast.patient, baseline_on=JUNE)
    session = factories.exosome_session(course, performed_on=JUNE)
    of_session = {"session": str(session.pk), "session_when": of_day(JUNE).label()}
    photo = Photo.objects.get(pk=send(nurse, cast, 1, "2026:06:03 10:00:00", **of_session)["id"])
    assert photo.dated == "10 Jun 2026, the session’s day"

    strike_out_session(session, reason="Wrong day", expected_version=session.version, by=cast.nurse)
    late = Photo.objects.get(pk=send(nurse, cast, 2, **of_session)["id"])

    photo.refresh_from_db()
    assert {each.dated for each in (photo, late)} == {"10 Jun 2026, the day of a session that was struck out"}
    page = nurse.get(photo.get_absolute_url()).content.decode()
    assert "The session of this photo was struck out." in page and "Use the camera’s day" in page
    attach_to_session(factories.exosome_session(course, performed_on=JUNE), by=cast.nurse)
    assert [Photo.objects.get(pk=each.pk).session_was for each in (photo, late)] == ["", ""]


def test_day_is_given_after_sending(nurse: Client, cast: Cast) -> None:
    """Several at once, the same again is nothing more, and a stale page or another patient's photo changes nothing."""
    photos = [factories.photo(cast.patient, taken_on=TODAY, dated_by="today") for _ in range(2)]
    day = {"source": "given", "when": "May 2025"}

    first, again = (post(nurse, "give-day", cast, photos, **day) for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert {each["sentence"] for each in first.json()["photos"]} == {"Kept: Vertex, May 2025, the day that was typed."}
    assert [len(corrections(photo)) for photo in photos] == [1, 1]
    stale = post(nurse, "give-day", cast, photos, source="given", when="June 2025")
    theirs = factories.photo(factories.patient(cast.other_clinic), dated_by="today")
    foreign = post(nurse, "give-day", cast, [theirs], **day)
    future = post(nurse, "give-day", cast, photos, source="given", when=f"1 Jan {TODAY.year + 1}")
    assert [answer.status_code for answer in (stale, foreign, future)] == [409, 422, 422]
    assert days(*photos, theirs) == [(datetime.date(2025, 5, 1), "given")] * 2 + [(TODAY, "today")]


# Several that are stored


def test_several_are_corrected_in_one_act(nurse: Client, cast: Cast) -> None:
    """Day and view together, one correction each; the same form again is nothing more."""
    photos = [factories.photo(cast.patient, taken_on=TODAY) for _ in range(3)]
    left = factories.photo(cast.patient, taken_on=TODAY)
    page = nurse.get(reverse("photos:correct-several", args=[cast.patient.pk], query={"photo": photos[0].pk}))
    assert page.content.decode().count('name="photo"') == 1
    told = {"when": "3 Mar 2025", "view": "frontal", "correction_reason": "Old case, from paper"}

    for _ in range(2):
        assert post(nurse, "correct-several", cast, photos, **told).status_code == 302

    assert days(*photos) == [(datetime.date(2025, 3, 3), "given")] * 3
    assert {photo.view for photo in Photo.objects.filter(pk__in=[p.pk for p in photos])} == {"frontal"}
    assert [corrections(photo) for photo in photos] == [["Old case, from paper"]] * 3
    assert AuditEvent.objects.filter(action="corrected", object_type="photo").count() == 3
    assert days(left) == [(TODAY, "")] and corrections(left) == []


def test_several_or_none_are_corrected(nurse: Client, cast: Cast) -> None:
    """One that somebody changed, one struck out, another patient's: nothing at all is written."""
    photos = [factories.photo(cast.patient, taken_on=TODAY) for _ in range(2)]
    told = {"when": "3 Mar 2025", "correction_reason": "Old case"}
    Photo.objects.filter(pk=photos[1].pk).update(version=2)
    assert post(nurse, "correct-several", cast, photos, **told).status_code == 409
    Photo.objects.filter(pk=photos[1].pk).update(
        version=1, struck_out_at=timezone.now(), struck_out_by=cast.nurse, struck_out_reason="Twice"
    )
    theirs = factories.photo(factories.patient(cast.other_clinic))
    for wrong in (photos, [photos[0], theirs], []):
        assert post(nurse, "correct-several", cast, wrong, **told).status_code == 422
    assert post(nurse, "correct-several", cast, photos[:1], correction_reason="Nothing").status_code == 422
    assert post(nurse, "correct-several", cast, photos[:1], view="trichoscopy", **told).status_code == 422
    assert days(*photos) == [(TODAY, "")] * 2 and not Correction.objects.exists()
    assert post(cast.client(cast.reader), "correct-several", cast, photos[:1], **told).status_code == 403


def test_several_take_their_cameras_day(nurse: Client, cast: Cast) -> None:
    """Each its own; a typed day that differs from the camera's needs a reason, which is kept with those alone."""
    noon = timezone.make_aware(datetime.datetime(2026, 6, 10, 12))
    photos = [factories.photo(cast.patient, exif_taken_at=noon + datetime.timedelta(days=n)) for n in range(2)]
    without = factories.photo(cast.patient)
    told = {"day_from": "camera", "correction_reason": "Sent in November"}

    assert post(nurse, "correct-several", cast, [*photos, without], **told).status_code == 422
    assert post(nurse, "correct-several", cast, photos, **told).status_code == 302
    assert days(*photos) == [(JUNE, "camera"), (JUNE + datetime.timedelta(days=1), "camera")]

    photos = [*Photo.objects.filter(pk__in=[photo.pk for photo in photos]).order_by("pk"), without]
    typed = {"when": "1 Feb 2026", "correction_reason": "The clock was wrong"}
    asked = post(nurse, "correct-several", cast, photos, **typed)
    assert asked.status_code == 422 and "10 Jun 2026 and 11 Jun 2026" in asked.content.decode()
    name = re.search(r'name="(pass-25[^"]*)"', asked.content.decode())
    assert name and post(nurse, "correct-several", cast, photos, **typed, **{name[1]: "Clock reset"}).status_code == 302
    assert days(*photos) == [(datetime.date(2026, 2, 1), "given")] * 3
    passed = PassedWarning.objects.filter(rule="25").values_list("record_id", flat=True)
    assert sorted(passed) == sorted(photo.pk for photo in photos[:2])


def test_correction_asks_for_an_unknown_day(nurse: Client, cast: Cast) -> None:
    """The day it was sent is no answer: the form begins empty, and the same day typed is an answer."""
    photo = factories.photo(cast.patient, taken_on=TODAY, dated_by="today")
    address = reverse("photos:correct", args=[cast.patient.pk, photo.pk])
    told = {"view": "vertex", "version": "1", "correction_reason": "Asked the patient", "_sentinel": "1"}

    assert nurse.get(address).context["form"]["when"].value() is None
    assert nurse.post(address, told).status_code == 422
    assert nurse.post(address, {**told, "when": of_day(TODAY).label()}).status_code == 302
    assert days(photo) == [(TODAY, "given")]


# Where the day cannot be that of the photo, and where the session comes in between


def test_session_saved_while_photo_arrives(nurse: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the picture is read its session is saved with another day: the photo has that day, session and course."""
    course = factories.course(cast.patient, baseline_on=JUNE)
    read, session_id = storing.decode, new_id()

    def saved_meanwhile(*args: Any, **kwargs: Any) -> Any:
        session = factories.exosome_session(course, pk=session_id, performed_on=JUNE)
        attach_to_session(session, by=cast.nurse)
        return read(*args, **kwargs)

    monkeypatch.setattr(storing, "decode", saved_meanwhile)
    answer = send(nurse, cast, session=str(session_id), session_when=of_day(TODAY).label())

    photo = Photo.objects.get(pk=answer["id"])
    assert (photo.taken_on, photo.dated_by) == (JUNE, "session")
    assert (photo.exosome_session_id, photo.course) == (session_id, course)


def test_no_untyped_day_after_a_death(nurse: Client, cast: Cast) -> None:
    """The camera, the file, the page's camera and a form's day that lie after the death date no photo: it asks."""
    type(cast.patient).objects.filter(pk=cast.patient.pk).update(
        has_died=True, died="2026-06", archived_at=timezone.now()
    )
    cast.patient.refresh_from_db()

    of_form = {"session": str(new_id()), "session_when": "3 Jul 2026"}
    answers = [
        send(nurse, cast, 1, "2026:07:03 10:00:00"),
        send(nurse, cast, 2, capture_path="browser_still", shot_on=TODAY.isoformat()),
        send(nurse, cast, 3, **of_form),
        send(nurse, cast, 4, "2026:06:30 10:00:00"),
    ]

    assert [each["asks"] for each in answers] == ["day", "day", "day", ""]
    assert "3 Jul 2026" in answers[0]["sentence"] and "cannot be right" in answers[0]["sentence"]


def test_page_says_no_session_was_saved(nurse: Client, cast: Cast) -> None:
    """The day of a session form that was left says so, and one press takes the camera's day; a saved session's does
    not."""
    answer = send(nurse, cast, 1, "2026:06:03 10:00:00", session=str(new_id()), session_when="10 Jun 2026")
    photo = Photo.objects.get(pk=answer["id"])
    page = nurse.get(photo.get_absolute_url()).content.decode()
    assert "10 Jun 2026: the day in a session form that was not saved" in page
    assert "The camera says 3 Jun 2026." in page and "Use the camera’s day" in page
    stale = post(nurse, "give-day", cast, [photo], **{f"version-{photo.pk}": 7}, source="camera", to_page="1")
    assert stale.status_code == 302 and days(photo) == [(JUNE, "session")]

    pressed = post(nurse, "give-day", cast, [photo], source="camera", to_page="1")

    assert pressed["Location"] == photo.get_absolute_url()
    assert days(photo) == [(datetime.date(2026, 6, 3), "camera")]
    saved = factories.exosome_session(factories.course(cast.patient, baseline_on=JUNE), performed_on=JUNE)
    of_saved = factories.photo(cast.patient, taken_on=JUNE, dated_by="session", sent_with=saved.pk)
    assert "the session’s day" in nurse.get(of_saved.get_absolute_url()).content.decode()


def test_pages_own_camera_has_a_day(nurse: Client, cast: Cast) -> None:
    """The page says once whose day it is, and the camera's day can be taken again after another was typed."""
    answer = send(nurse, cast, capture_path="browser_still", shot_on=TODAY.isoformat())
    photo = Photo.objects.get(pk=answer["id"])
    assert photo.camera_day == of_day(TODAY) and photo.exif_taken_at is None
    assert photo.date_sentences[0].startswith("The camera on the page took it on")
    correct_photo(photo, changes={"taken_on": JUNE}, reason="Typed", expected_version=1, by=cast.nurse)

    told = {"day_from": "camera", "correction_reason": "It was right"}
    photo.refresh_from_db()
    assert post(nurse, "correct-several", cast, [photo], **told).status_code == 302
    assert days(photo) == [(TODAY, "camera")]


@pytest.mark.parametrize("page", ["give-day", "correct-several"])
def test_correction_keeps_session_and_course(page: str, nurse: Client, cast: Cast) -> None:
    """Two courses with a session each on the day: the photo goes to the one it was sent with; a course that was chosen
    stays, until the day leaves it."""
    courses = [factories.course(cast.patient, baseline_on=JUNE - datetime.timedelta(days=n)) for n in (30, 10)]
    sessions = [factories.exosome_session(course, performed_on=JUNE) for course in courses]
    sent = [factories.photo(cast.patient, dated_by="today", sent_with=each.pk) for each in sessions]
    chosen = factories.photo(cast.patient, dated_by="today", course=courses[0])
    told = {"source": "given", "when": of_day(JUNE).label(), "correction_reason": "As written"}

    assert post(nurse, page, cast, [*sent, chosen], **told).status_code in (200, 302)

    placed = {photo.pk: (photo.exosome_session_id, photo.course_id) for photo in Photo.objects.all()}
    expected = [(each.pk, each.course_id) for each in (*sessions, sessions[0])]
    assert [placed[photo.pk] for photo in (*sent, chosen)] == expected
    later = Photo.objects.get(pk=sent[1].pk)
    day = JUNE - datetime.timedelta(days=200)
    correct_photo(later, changes={"taken_on": day}, reason="Old", expected_version=later.version, by=cast.nurse)
    assert Photo.objects.get(pk=later.pk).course == courses[0]
