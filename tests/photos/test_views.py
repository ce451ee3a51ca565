"""Sending, showing and handing out photos over HTTP."""

import datetime
import hashlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from clinic.audit.models import AuditEvent
from clinic.uploads import MAX_FILE_BYTES
from tests import factories
from tests.people import Cast
from tests.photos.corpus import KEPT, RED_CORNER, Case, cases, encoded, exif_with, scene, segments, stored_turned
from treatments.models import PassedWarning, Photo
from treatments.photos.store import originals
from treatments.photos.store.staging import MAX_BYTES
from treatments.photos.upload.store_photo import store_photo
from treatments.records.ids import new_id
from treatments.records.months import add_months

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
SCRIPT = {"HTTP_X_REQUESTED_WITH": "fetch", "HTTP_ACCEPT": "application/json"}


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    return tmp_path / "photos"


@pytest.fixture
def nurse(cast: Cast) -> Client:
    factories.consent(cast.patient, kind="photography", purposes=["record"])
    return cast.client(cast.nurse)


def jpeg(seed: int = 1, **options: Any) -> bytes:
    return encoded(scene(seed), "JPEG", quality=88, **options)


def send(client: Client, cast: Cast, data: bytes, name: str = "IMG_1.jpg", **fields: Any) -> Any:
    told = {"view": "vertex", "photo": SimpleUploadedFile(name, data), "_sentinel": "1", **fields}
    return client.post(reverse("photos:upload", args=[cast.patient.pk]), told, **SCRIPT)


def test_sent_photo_is_stored_and_described(nurse: Client, cast: Cast) -> None:
    """A photo that is sent is stored, and the answer describes it."""
    photo_id, data = new_id(), jpeg()

    response = send(nurse, cast, data, id=photo_id, sha256=hashlib.sha256(data).hexdigest(), lighting="ring")

    photo = Photo.objects.get()
    assert response.status_code == 201
    told = response.json()
    assert (told["status"], told["id"], told["view"]) == ("kept", str(photo_id), "vertex")
    assert told["thumb"] == photo.small_url and told["url"] == photo.get_absolute_url()
    assert (photo.pk, photo.lighting, photo.sha256) == (photo_id, "ring", hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("case", [c for c in cases() if c.verdict == KEPT], ids=lambda c: c.name)
def test_every_kind_of_photo_arrives_upright(case: Case, nurse: Client, cast: Cast) -> None:
    response = send(nurse, cast, case.data, name=case.name)

    assert response.status_code == 201, response.content
    photo = Photo.objects.get()
    assert photo.media_type == case.media_type
    for size in (400, 1600):
        answer = nurse.get(photo.file_url(size))
        jpeg_bytes = b"".join(answer.streaming_content)
        shown = Image.open(io.BytesIO(jpeg_bytes))
        assert answer["Content-Type"] == "image/jpeg" and shown.format == "JPEG"
        assert (shown.width > shown.height) == (photo.width > photo.height)
        assert not {marker for marker in segments(jpeg_bytes) if marker in range(0xE1, 0xF0) or marker == 0xFE} - {0xE2}
        if case.red_corner:
            near_corner = shown.convert("RGB").getpixel((shown.width // 12, shown.height // 12))
            assert all(abs(a - b) < 40 for a, b in zip(near_corner, RED_CORNER, strict=True)), near_corner


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_taken_any_way_is_upright(orientation: int, nurse: Client, cast: Cast) -> None:
    """A photo taken with the camera turned any way is shown upright."""
    data = encoded(stored_turned(scene(1), orientation), "JPEG", quality=92, exif=exif_with(orientation))

    assert send(nurse, cast, data).status_code == 201

    photo = Photo.objects.get()
    shown = Image.open(io.BytesIO(b"".join(nurse.get(photo.small_url).streaming_content)))
    assert (photo.width, photo.height) == (240, 180) == shown.size
    assert all(abs(a - b) < 40 for a, b in zip(shown.getpixel((20, 15)), RED_CORNER, strict=True))


@pytest.mark.parametrize("case", [c for c in cases() if c.verdict != KEPT], ids=lambda c: c.name)
def test_no_photo_is_refused_in_a_sentence(case: Case, nurse: Client, cast: Cast, root: Path) -> None:
    """What is no photo is refused in a sentence."""
    response = send(nurse, cast, case.data, name=case.name)

    assert response.status_code == 422
    assert response.json()["code"] in case.verdict.split("|")
    assert response.json()["sentence"].endswith(".")
    assert Photo.objects.count() == 0
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_file_above_40_mb_is_dropped(nurse: Client, cast: Cast, root: Path) -> None:
    """A file above 40 MB is dropped as it streams in."""
    response = send(nurse, cast, jpeg() + bytes(MAX_FILE_BYTES))

    assert response.status_code == 413
    assert "larger than 40 MB" in response.json()["sentence"]
    assert Photo.objects.count() == 0


def test_one_limit_for_upload_and_store() -> None:
    """The limit is the same on upload and in the store."""
    assert MAX_FILE_BYTES == MAX_BYTES


def test_duplicate_shows_the_existing_photo(nurse: Client, cast: Cast) -> None:
    """A duplicate is answered with the photo that is there."""
    send(nurse, cast, jpeg())

    response = send(nurse, cast, jpeg(), view="frontal")

    assert response.status_code == 200
    assert (response.json()["status"], response.json()["view"]) == ("duplicate", "vertex")
    assert Photo.objects.count() == 1


def test_retry_finds_its_photo(nurse: Client, cast: Cast) -> None:
    """A retry after a lost answer finds its photo."""
    photo_id = new_id()
    first = send(nurse, cast, jpeg(), id=photo_id)

    again = send(nurse, cast, jpeg(), id=photo_id)

    assert (first.json() | {"dated_by": ""}) == (again.json() | {"dated_by": ""})
    assert Photo.objects.count() == 1


def test_wrong_hash_stores_nothing(nurse: Client, cast: Cast) -> None:
    """A hash that does not fit stores nothing."""
    response = send(nurse, cast, jpeg(), sha256="0" * 64)

    assert response.status_code == 422
    assert "changed on its way" in response.json()["sentence"]
    assert Photo.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("view", "", "Choose the view"),
        ("view", "sideways", "Select a valid choice"),
        ("view", "trichoscopy", "Say where the trichoscopy was taken."),
        ("when", "not a date", "date"),
        ("when", "2999-01-01", "future"),
        ("sha256", "xyz", "valid value"),
        ("id", "7", "valid UUID"),
        ("session", "7", "valid UUID"),
        ("session", "00000000-0000-7000-8000-000000000000", "not in the record"),
        ("hair_length_mm", "-4", "Remove the minus sign"),
    ],
)
def test_stated_facts_of_a_photo_are_checked(field: str, value: str, sentence: str, nurse: Client, cast: Cast) -> None:
    """What is stated of a photo is checked."""
    response = send(nurse, cast, jpeg(), **{field: value})

    assert response.status_code == 422
    assert sentence in response.json()["sentence"]
    assert Photo.objects.count() == 0


def test_cut_body_stores_nothing(nurse: Client, cast: Cast) -> None:
    """A body without its last field was cut and stores nothing."""
    told = {"view": "vertex", "photo": SimpleUploadedFile("a.jpg", jpeg())}

    response = nurse.post(reverse("photos:upload", args=[cast.patient.pk]), told, **SCRIPT)

    assert response.status_code == 422
    assert "incomplete" in response.json()["sentence"]
    assert Photo.objects.count() == 0


# Consent


def test_nurse_is_asked_for_signed_consent(cast: Cast) -> None:
    """A nurse reads that the consent must be signed."""
    response = send(cast.client(cast.nurse), cast, jpeg(), consent_reason="It is fine")

    assert response.status_code == 422
    assert "no photography consent" in response.json()["sentence"]
    assert "ask a clinician" in response.json()["sentence"]
    assert Photo.objects.count() == 0


def test_clinician_stores_without_consent(cast: Cast) -> None:
    """A clinician may file photos without consent for a reason, which is stored."""
    client = cast.client(cast.clinician)

    assert send(client, cast, jpeg()).status_code == 422
    response = send(client, cast, jpeg(), consent_reason="Signed on paper, scan follows")

    assert response.status_code == 201
    assert PassedWarning.objects.get(record_id=response.json()["id"]).reason == "Signed on paper, scan follows"


def test_teaching_consent_is_not_for_record(cast: Cast) -> None:
    """A consent for teaching alone is none for the record."""
    factories.consent(cast.patient, kind="photography", purposes=["teaching"])

    response = send(cast.client(cast.nurse), cast, jpeg())

    assert response.status_code == 422
    assert "clinical record" in response.json()["sentence"]


# Pictures out


@pytest.fixture
def photo(nurse: Client, cast: Cast) -> Photo:
    send(nurse, cast, jpeg(exif=exif_with(place=True, camera=True)))
    return Photo.objects.get()


def test_picture_is_confined_and_not_cached(nurse: Client, photo: Photo) -> None:
    """A picture is confined and asked for each time."""
    response = nurse.get(photo.small_url)

    assert response["Cache-Control"] == "private, no-cache"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Content-Disposition"] == "inline"


def test_only_two_sizes_are_served(nurse: Client, photo: Photo) -> None:
    assert nurse.get(photo.file_url(800)).status_code == 404


def test_not_modified_needs_permission_too(nurse: Client, photo: Photo, cast: Cast) -> None:
    """A browser that has the picture gets 304 only if it may see it."""
    etag = nurse.get(photo.small_url)["ETag"]

    assert nurse.get(photo.small_url, HTTP_IF_NONE_MATCH=etag).status_code == 304
    assert cast.client(cast.reception).get(photo.small_url, HTTP_IF_NONE_MATCH=etag).status_code == 403
    assert cast.client(cast.stranger).get(photo.small_url, HTTP_IF_NONE_MATCH=etag).status_code == 404


def test_a_missing_derivative_is_made_again(nurse: Client, photo: Photo, root: Path) -> None:
    path = originals.derivative_path(root, photo.key, 400)
    path.unlink()

    assert nurse.get(photo.small_url).status_code == 200
    assert path.is_file()


def test_missing_file_is_no_server_error(nurse: Client, photo: Photo, root: Path, cast: Cast) -> None:
    """A photo whose file is gone is no server error."""
    for path in root.rglob("*"):
        if path.is_file():
            path.unlink()

    assert nurse.get(photo.small_url).status_code == 404
    page = cast.client(cast.clinician).get(original_url(photo))
    assert page.status_code == 503
    assert "is not on the server any more" in body(page)
    assert "is not on the server any more" in body(nurse.get(url("detail", cast, photo)))


def test_folder_that_is_away_is_no_lost_file(nurse: Client, photo: Photo, root: Path, cast: Cast) -> None:
    """Nothing is claimed of an original that could not be looked at."""
    root.rename(root.with_name("away"))
    page = body(nurse.get(url("detail", cast, photo)))
    assert "could not be checked" in page and "its disk must be connected again" in page
    assert "backup" not in page and "kept unchanged" not in page
    assert f"The original came with {photo.width} × {photo.height} px." in page


def original_url(photo: Photo) -> str:
    return reverse("photos:original", args=[photo.patient_id, photo.pk])


def test_altered_original_is_not_handed_out(photo: Photo, cast: Cast, root: Path) -> None:
    """One byte is enough: it is said on both pages, nothing leaves, and no picture is made of it again."""
    path = root / photo.key
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    originals.derivative_path(root, photo.key, 400).unlink()
    clinician = cast.client(cast.clinician)

    for answer in (clinician.get(original_url(photo)), clinician.post(original_url(photo), {"purpose": "record"})):
        assert answer.status_code == 503
        assert "was changed after it came" in body(answer)
    page = body(clinician.get(url("detail", cast, photo)))
    assert "was changed after it came" in page and "kept unchanged" not in page
    assert clinician.get(photo.small_url).status_code == 404
    assert not AuditEvent.objects.filter(action="downloaded_original").exists()


def test_original_downloads_byte_for_byte(photo: Photo, cast: Cast, root: Path) -> None:
    """The original leaves byte for byte, as a download, under a consent, and on the trail."""
    clinician = cast.client(cast.clinician)
    assert "Download the original" in body(clinician.get(original_url(photo)))

    response = clinician.post(original_url(photo), {"purpose": "record"})

    assert b"".join(response.streaming_content) == (root / photo.key).read_bytes()
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert cast.patient.name.split()[0] not in response["Content-Disposition"]
    event = AuditEvent.objects.get(action="downloaded_original")
    assert (event.object_id, event.detail["purpose"]) == (str(photo.pk), "record")
    export = cast.patient.exports.get()
    assert (export.purpose, export.photos, export.sha256) == ("record", [str(photo.pk)], photo.sha256)


def test_original_altered_meanwhile_is_cut(photo: Photo, cast: Cast, root: Path) -> None:
    """An original that is altered after it was released, while it is handed out, does not arrive whole."""
    clinician, path = cast.client(cast.clinician), root / photo.key
    response = clinician.post(original_url(photo), {"purpose": "record"})
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:-1] + b"\0")

    arrived = b""
    with pytest.raises(originals.AlteredOnTheWay):
        for chunk in response.streaming_content:
            arrived += chunk
    assert len(arrived) < int(response["Content-Length"]) == len(whole)


def test_original_tells_of_its_place(photo: Photo, cast: Cast) -> None:
    """Who downloads an original in which the camera wrote the place is told before, and the trail says so."""
    clinician = cast.client(cast.clinician)
    without = store_photo(
        Photo(patient=cast.patient, clinic=cast.clinic, view="vertex"), [jpeg(2)], by=cast.nurse
    ).photo

    told = "This file tells where the photo was taken"
    assert told in body(clinician.get(original_url(photo)))
    assert told not in body(clinician.get(original_url(without)))
    for each in (photo, without):
        assert clinician.post(original_url(each), {"purpose": "record"}).status_code == 200
    downloads = AuditEvent.objects.filter(action="downloaded_original").order_by("id")
    assert [event.detail["with_place"] for event in downloads] == [True, False]


def test_original_sent_twice_is_one_export(photo: Photo, cast: Cast) -> None:
    """The page carries the id of the export; pressed twice it is one, for another use it is another."""
    factories.consent(cast.patient, kind="photography", purposes=["record", "teaching"])
    clinician = cast.client(cast.clinician)
    shown = re.search(r'name="id" value="([^"]+)"', body(clinician.get(original_url(photo))))
    assert shown
    for purpose in ("record", "record", "teaching"):
        assert clinician.post(original_url(photo), {"id": shown[1], "purpose": purpose}).status_code == 200

    assert sorted(cast.patient.exports.values_list("purpose", flat=True)) == ["record", "teaching"]
    assert AuditEvent.objects.filter(action="downloaded_original").count() == 3
    assert clinician.post(original_url(photo), {"id": "none", "purpose": "record"}).status_code == 422


def test_original_leaves_under_its_consent(photo: Photo, cast: Cast) -> None:
    """Without a consent to that use nothing leaves, whatever is sent, and the refusal is on the trail."""
    clinician = cast.client(cast.clinician)
    other = Photo(patient=factories.patient(cast.clinic), clinic=cast.clinic, view="vertex")
    without_consent = store_photo(other, [jpeg()], by=cast.nurse).photo
    assert "no photography consent" in body(clinician.get(original_url(without_consent)))
    assert clinician.post(original_url(without_consent), {"purpose": "record"}).status_code == 422

    assert clinician.post(original_url(photo), {"purpose": "teaching"}).status_code == 422
    assert clinician.post(original_url(photo), {}).status_code == 422
    assert clinician.post(original_url(photo), {"purpose": "nothing"}).status_code == 422

    assert not AuditEvent.objects.filter(action="downloaded_original").exists()
    assert AuditEvent.objects.filter(action="refused_export").count() == 2
    assert not cast.patient.exports.exists()


def test_page_is_one_look_for_many_pictures(nurse: Client, photo: Photo, cast: Cast) -> None:
    """A page is one look, however many pictures it shows."""
    before = AuditEvent.objects.count()

    nurse.get(reverse("photos:sheet", args=[cast.patient.pk]))
    nurse.get(photo.small_url)
    nurse.get(photo.large_url)

    assert AuditEvent.objects.count() == before + 1


# Pages and what can be done on them


def url(name: str, cast: Cast, photo: Photo | None = None) -> str:
    return reverse(f"photos:{name}", args=[cast.patient.pk, *([photo.pk] if photo else [])])


def body(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_patient_without_photos_sees_help(nurse: Client, cast: Cast) -> None:
    """A patient without photos has a page that says what the first ones are for."""
    page = body(nurse.get(url("sheet", cast)))

    assert "No photo of this patient yet." in page
    assert "Choose photos" in page


def test_reader_sees_sheet_without_upload(photo: Photo, cast: Cast) -> None:
    """Who may not write sees the sheet and no way to send."""
    page = body(cast.client(cast.reader).get(url("sheet", cast)))

    assert photo.small_url in page
    assert "Choose photos" not in page


def test_sheet_shows_months_and_gaps(nurse: Client, cast: Cast) -> None:
    """The sheet shows months of the course and what was not taken."""
    today = timezone.localdate()
    course = factories.course(cast.patient, baseline_on=add_months(today, -3), checkpoints=[0, 1, 3])
    factories.exosome_session(course, performed_on=course.baseline_on)
    for seed, day in enumerate((course.baseline_on, today)):
        send(nurse, cast, jpeg(seed), when=day.isoformat())

    page = body(nurse.get(url("sheet", cast)))

    assert re.findall(r"<b>(Month \d+)</b>", page) == ["Month 0", "Month 1", "Month 3"]
    assert "session 1" in page
    assert page.count("not taken") == 1 + 5 * 3  # Month 1 of the vertex, and the five other views


@pytest.mark.parametrize("name", ["sheet", "correct-several"])
def test_photos_cost_the_same_queries(nurse: Client, cast: Cast, name: str) -> None:
    """A page of all photos costs the same number of queries for one photo of a session and for twenty."""
    of_session = {"exosome_session": factories.exosome_session(factories.course(cast.patient)), "dated_by": "session"}
    factories.photo(cast.patient, **of_session)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert nurse.get(url(name, cast)).status_code == 200
        return len(found)

    queries()  # the first request of a session also notes that it is in use
    few = queries()
    for view in ["vertex", "frontal"] * 10:
        factories.photo(cast.patient, view=view, **of_session)

    assert queries() == few


def test_photo_page_shows_everything(photo: Photo, nurse: Client, cast: Cast) -> None:
    """A photo page shows everything, and where the file came from."""
    page = body(nurse.get(url("detail", cast, photo)))

    assert photo.sha256 in page and "IMG_1.jpg" in page
    assert "Only 240 pixels on the longer side" in page and "limit 1000" in page
    assert "yes, in the original file only" in page  # the place the camera wrote down
    assert "not recorded" in page
    assert "Download the original" not in page
    assert "Download the original" in body(cast.client(cast.clinician).get(url("detail", cast, photo)))


def test_correction_moves_a_photo(photo: Photo, nurse: Client, cast: Cast) -> None:
    """A correction moves a photo and keeps what was there before."""
    form = {"view": "frontal", "when": photo.taken_on.isoformat(), "version": 1, "correction_reason": "Wrong view"}

    response = nurse.post(url("correct", cast, photo), form)

    assert response.status_code == 302
    photo.refresh_from_db()
    assert photo.view == "frontal"
    assert "Vertex" in body(nurse.get(url("corrections", cast, photo)))


def test_other_date_than_the_camera(photo: Photo, nurse: Client, cast: Cast) -> None:
    """A date that differs from the camera takes a reason."""
    form = {"view": "vertex", "when": "3 Jan 2020", "version": 1, "correction_reason": "As told by the patient"}

    response = nurse.post(url("correct", cast, photo), form)

    assert response.status_code == 422
    assert "The camera says" in body(response)
    passed = re.search(r'name="(pass-25[^"]*)"', response.content.decode())
    assert passed
    assert (
        nurse.post(url("correct", cast, photo), form | {passed[1]: "Clock of the camera was wrong"}).status_code == 302
    )


def test_struck_out_photo_stays_readable(photo: Photo, nurse: Client, cast: Cast) -> None:
    """A photo struck out leaves the sheet and stays readable."""
    response = nurse.post(url("strike-out", cast, photo), {"version": 1, "reason": "Another patient"})

    assert response.status_code == 302
    assert photo.small_url not in body(nurse.get(url("sheet", cast)))
    page = body(nurse.get(url("detail", cast, photo)))
    assert "Struck out as entered in error" in page and "Another patient" in page
    clinician = cast.client(cast.clinician)
    assert original_url(photo) not in body(clinician.get(url("detail", cast, photo)))
    page = body(clinician.get(original_url(photo)))
    assert "may not leave the clinic" in page and 'name="purpose"' not in page
    assert clinician.post(original_url(photo), {"purpose": "record"}).status_code == 422
    assert AuditEvent.objects.filter(action="refused_export", object_id=str(photo.pk)).count() == 1
    assert not cast.patient.exports.exists()
    assert nurse.get(photo.small_url).status_code == 200
    assert (
        nurse.post(url("correct", cast, photo), {"view": "frontal", "when": "today", "version": 2}).status_code == 422
    )


def test_warned_photo_is_stored_or_retaken(photo: Photo, nurse: Client, cast: Cast) -> None:
    """A warned photo is stored with a reason or marked to be taken again."""
    assert nurse.post(photo.keep_url, {"quality": "acceptable"}, **SCRIPT).status_code == 422
    assert nurse.post(photo.keep_url, {"quality": "retake"}).status_code == 302
    photo.refresh_from_db()
    assert photo.quality == "retake"

    assert nurse.post(photo.keep_url, {"quality": "acceptable", "reason": "No better one"}, **SCRIPT).status_code == 200
    photo.refresh_from_db()
    assert (photo.quality, photo.kept_reason) == ("acceptable", "No better one")


def test_ticked_photos_go_to_comparison(nurse: Client, cast: Cast) -> None:
    """What is ticked goes to the comparison in the order it was taken; without a tick the baseline and the latest."""
    days = [timezone.localdate() - datetime.timedelta(days=back) for back in (90, 60, 30)]
    first, second, third = (factories.photo(cast.patient, taken_on=day) for day in days)
    frontal = factories.photo(cast.patient, view="frontal")
    pick = url("pick", cast)

    told = f"view=vertex&earlier={second.pk}&later={third.pk}"
    assert nurse.get(pick, {"photo": [third.pk, second.pk]})["Location"].endswith(told)
    assert nurse.get(pick, {"view": "vertex"})["Location"].endswith(
        "compare/?view=vertex"
    )  # the baseline and the latest
    for wrong in ([first.pk], [first.pk, frontal.pk], [first.pk, "7"]):
        assert nurse.get(pick, {"photo": wrong})["Location"] == url("sheet", cast)


def test_form_without_script_takes_several(nurse: Client, cast: Cast) -> None:
    """A form without script stores several, and says what became of each."""
    files = [
        SimpleUploadedFile("a.jpg", jpeg(1)),
        SimpleUploadedFile("b.jpg", b"not a photo at all, but longer than 40"),
    ]
    told = {"view": "vertex", "photo": files, "photo-frontal": SimpleUploadedFile("c.jpg", jpeg(2)), "_sentinel": "1"}

    page = body(nurse.post(url("upload", cast), told, follow=True))

    assert {(photo.original_name, photo.view) for photo in Photo.objects.all()} == {
        ("a.jpg", "vertex"),
        ("c.jpg", "frontal"),
    }
    assert "b.jpg was not kept. This file is not a JPEG" in page
    assert "Kept: Frontal" in page


def test_form_without_script_without_a_file(nurse: Client, cast: Cast) -> None:
    """A form without script and without a file says so."""
    page = body(nurse.post(url("upload", cast), {"view": "vertex", "_sentinel": "1"}, follow=True))

    assert "No photo was chosen." in page


def test_form_without_script_names_the_large(nurse: Client, cast: Cast) -> None:
    """A form without script names the file that is too large."""
    files = [SimpleUploadedFile("huge.jpg", bytes(MAX_FILE_BYTES + 1)), SimpleUploadedFile("a.jpg", jpeg())]

    page = body(nurse.post(url("upload", cast), {"view": "vertex", "photo": files, "_sentinel": "1"}, follow=True))

    assert "huge.jpg was not kept. This file is larger than 40 MB" in page
    assert Photo.objects.get().original_name == "a.jpg"
