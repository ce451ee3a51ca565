"""From bytes to a kept photo: once, whole, dated, linked, judged."""

import datetime
import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from PIL import Image

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from tests.photos.corpus import KEPT, cases, encoded, exif_with, scene
from treatments.models import PassedWarning, Photo
from treatments.photos.actions import attach_to_session, correct_photo, mark_quality, strike_out_photo
from treatments.photos.quality.photo_quality import warnings_of
from treatments.photos.store import originals
from treatments.photos.store.upload_errors import PhotoRefused
from treatments.photos.upload import store_photo as storing
from treatments.photos.upload.store_photo import StoredPhoto, store_photo
from treatments.records.actions import Conflict, Passed
from treatments.records.ids import new_id

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    return tmp_path / "photos"


def jpeg(seed: int = 1, **options: Any) -> bytes:
    return encoded(scene(seed), "JPEG", quality=88, **options)


def new_photo(cast: Cast, **fields: Any) -> Photo:
    return Photo(**{"patient": cast.patient, "clinic": cast.clinic, "view": "vertex", **fields})


def keep(cast: Cast, data: bytes, **fields: Any) -> StoredPhoto:
    return store_photo(new_photo(cast, **fields), [data], original_name="IMG_0001.JPG", by=cast.nurse)


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_stored_photo_has_bytes_and_hash(cast: Cast, root: Path) -> None:
    """A stored photo has its bytes, its hash and two derivatives."""
    data = jpeg()

    kept = keep(cast, data, taken_on=TODAY, taken_precision="day")

    photo = Photo.objects.get(pk=kept.photo.pk)
    assert (root / photo.key).read_bytes() == data
    assert files(root) == sorted(
        [photo.key, *(f"derivatives/{size}/{photo.key.split('/', 1)[1]}.jpg" for size in (400, 1600))]
    )
    assert (photo.width, photo.height, photo.media_type) == (240, 180, "image/jpeg")
    assert (photo.size_bytes, photo.original_name) == (len(data), "IMG_0001.JPG")
    assert not kept.is_duplicate
    event = AuditEvent.objects.get(object_id=str(photo.pk))
    assert (event.action, event.patient_id, event.actor) == ("kept_photo", cast.patient.pk, cast.nurse)


def test_same_id_same_bytes_answers_again(cast: Cast, root: Path) -> None:
    """The same id with the same bytes is the answer that was lost."""
    photo_id = new_id()
    first = keep(cast, jpeg(), pk=photo_id)

    again = keep(cast, jpeg(), pk=photo_id)

    assert again.photo == first.photo and not again.is_duplicate
    assert [check.code for check in again.checks] == [check.code for check in first.checks]
    assert Photo.objects.count() == 1
    assert len(files(root)) == 3


def test_same_id_other_bytes_is_refused(cast: Cast, root: Path) -> None:
    """The same id with other bytes is refused and changes nothing."""
    photo_id = new_id()
    kept = keep(cast, jpeg(1), pk=photo_id).photo
    before = {name: (root / name).read_bytes() for name in files(root)}

    with pytest.raises(PhotoRefused, match="already_stored"):
        keep(cast, jpeg(2), pk=photo_id)

    assert {name: (root / name).read_bytes() for name in files(root)} == before
    assert Photo.objects.get().sha256 == kept.sha256


def test_id_of_another_clinic_opens_nothing(cast: Cast) -> None:
    """An id of another clinic opens nothing."""
    theirs = factories.patient(cast.other_clinic)
    photo_id = new_id()
    store_photo(Photo(pk=photo_id, patient=theirs, clinic=cast.other_clinic, view="vertex"), [jpeg()], by=cast.stranger)

    with pytest.raises(PhotoRefused, match="already_stored"):
        keep(cast, jpeg(), pk=photo_id)


def test_same_bytes_under_another_id(cast: Cast, root: Path) -> None:
    """The same bytes under another id are reported and not stored twice."""
    first = keep(cast, jpeg(), view="vertex")

    second = keep(cast, jpeg(), view="frontal")

    assert second.is_duplicate and second.photo == first.photo
    assert Photo.objects.count() == 1
    assert len(files(root)) == 3


def test_struck_out_photo_may_be_sent_again(cast: Cast) -> None:
    """A photo struck out may be sent again."""
    wrong = keep(cast, jpeg(), view="frontal").photo
    strike_out_photo(wrong, reason="Wrong view", expected_version=1, by=cast.nurse)

    right = keep(cast, jpeg(), view="vertex")

    assert not right.is_duplicate
    assert Photo.objects.standing().get() == right.photo


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_id", [True, False], ids=["one id", "eight ids"])
def test_eight_at_once_make_one_photo(cast: Cast, root: Path, same_id: bool) -> None:
    photo_id, data, found = new_id(), jpeg(), []

    def send() -> None:
        try:
            found.append(keep(cast, data, pk=photo_id if same_id else new_id()).photo.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8 and len(set(found)) == 1
    assert Photo.objects.get().pk == found[0]
    assert (root / Photo.objects.get().key).read_bytes() == data


def test_wrong_hash_stores_nothing(cast: Cast, root: Path) -> None:
    """Another hash than was sent stores nothing."""
    with pytest.raises(PhotoRefused, match="altered_on_the_way"):
        store_photo(new_photo(cast), [jpeg()], sha256="0" * 64, by=cast.nurse)

    assert files(root) == [] and Photo.objects.count() == 0


@pytest.mark.parametrize("case", [c for c in cases() if c.verdict != KEPT], ids=lambda c: c.name)
def test_what_is_refused_leaves_nothing(case: Any, cast: Cast, root: Path) -> None:
    with pytest.raises(PhotoRefused):
        keep(cast, case.data)

    assert files(root) == [] and Photo.objects.count() == 0


@pytest.mark.parametrize("step", ["stage", "decode", "publish", "check_photo", "fingerprint_of", "insert"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_fault_at_any_step_leaves_no_row(
    step: str, after: bool, cast: Cast, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault at any step leaves no row, and at most a file without one."""
    holder = originals if step == "publish" else storing
    real = getattr(holder, step)

    def faulty(*args: Any, **kwargs: Any) -> Any:
        if after:
            real(*args, **kwargs)
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as patch:
        patch.setattr(holder, step, faulty)
        with pytest.raises(RuntimeError):
            keep(cast, jpeg())
    assert not Photo.objects.exists()
    kept = keep(cast, jpeg())  # and the next try works
    assert Photo.objects.get() == kept.photo
    assert (root / kept.photo.key).read_bytes() == jpeg()


# Dates


def test_without_a_date_the_camera_is_asked(cast: Cast) -> None:
    kept = keep(cast, jpeg(exif=exif_with(camera=True)))

    assert kept.photo.dated_by == "camera"
    assert kept.photo.taken_on == timezone.localdate(kept.photo.exif_taken_at)
    assert kept.photo.taken_precision == "day"
    assert kept.photo.device


def test_no_camera_date_means_today(cast: Cast) -> None:
    """Without a camera date it is today, and says so."""
    kept = keep(cast, jpeg())

    assert (kept.photo.dated_by, kept.photo.taken_on) == ("today", TODAY)


def test_file_date_is_used_and_called_that(cast: Cast) -> None:
    """Where only the day is known on which the file was saved, it is that one, and said to be the file's."""
    tags = Image.Exif()
    tags[0x0132] = "2025:06:10 09:30:00"

    photo = keep(cast, jpeg(exif=tags.tobytes())).photo

    photo.refresh_from_db()
    assert (photo.dated_by, photo.taken_on) == ("file", datetime.date(2025, 6, 10))
    assert photo.exif_taken_at is None  # that of the camera alone
    assert "last saved on 10 Jun 2025" in photo.date_sentences[0]


def test_photo_of_a_session_has_its_date(cast: Cast) -> None:
    """Sent with a session and without a date, it has that of the session; the camera's is kept beside it."""
    session = factories.exosome_session(
        factories.course(cast.patient), performed_on=datetime.date(2025, 3, 1), performed_precision="month"
    )

    photo = keep(cast, jpeg(exif=exif_with(camera=True)), exosome_session=session).photo

    assert (photo.dated_by, photo.taken_on, photo.taken_precision) == ("session", datetime.date(2025, 3, 1), "month")
    assert photo.date_in_file.strength == "camera"


def test_corrected_date_is_an_entry(cast: Cast) -> None:
    photo = keep(cast, jpeg(exif=exif_with(camera=True))).photo
    day = photo.taken_on - datetime.timedelta(days=1)

    correct_photo(photo, changes={"taken_on": day}, reason="Wrong clock", expected_version=1, by=cast.nurse)

    photo.refresh_from_db()
    assert (photo.dated_by, photo.taken_on) == ("given", day)


@pytest.mark.parametrize("moment", ["1970:01:01 00:00:00", "2999:01:01 00:00:00", "0001:01:01 00:00:00"])
def test_unset_camera_clock_dates_no_photo(moment: str, cast: Cast) -> None:
    """A camera whose clock was never set does not date a photo."""
    kept = keep(cast, jpeg(exif=taken(moment)))

    assert (kept.photo.dated_by, kept.photo.taken_on) == ("today", TODAY)
    assert "cannot be right" in kept.photo.date_sentences[1]


def test_date_unlike_the_cameras_is_warned(cast: Cast) -> None:
    """A date that differs from the camera is warned of and stays."""
    kept = keep(cast, jpeg(exif=taken("2024:03:01 10:00:00")), taken_on=datetime.date(2024, 3, 9))

    assert kept.photo.taken_on == datetime.date(2024, 3, 9)
    assert "capture_date" in [check.code for check in warnings_of(kept.photo)]


def test_camera_keeps_its_own_day(cast: Cast) -> None:
    """Late in the evening the camera keeps its own day."""
    kept = keep(cast, jpeg(exif=taken("2024:03:01 23:30:00", offset="-08:00")))

    assert kept.photo.taken_on == datetime.date(2024, 3, 1)


def taken(moment: str, offset: str = "") -> bytes:
    tags = Image.Exif()
    shot = tags.get_ifd(0x8769)
    shot[0x9003] = moment
    if offset:
        shot[0x9011] = offset
    return tags.tobytes()


# Where it belongs


def test_photo_of_a_session_day_is_tied(cast: Cast) -> None:
    """A photo of a session day is tied to that session."""
    course = factories.course(cast.patient, baseline_on=TODAY - datetime.timedelta(days=30))
    session = factories.exosome_session(course, performed_on=TODAY)

    photo = keep(cast, jpeg(), taken_on=TODAY).photo

    assert (photo.exosome_session, photo.course) == (session, course)


def test_struck_out_session_takes_no_photos(cast: Cast) -> None:
    """A session struck out takes no photos."""
    course = factories.course(cast.patient)
    session = factories.exosome_session(course, performed_on=TODAY)
    type(session).objects.filter(pk=session.pk).update(
        struck_out_at="2026-01-01T00:00Z", struck_out_by=cast.nurse, struck_out_reason="Wrong patient"
    )

    assert keep(cast, jpeg(), taken_on=TODAY).photo.exosome_session is None


def test_earlier_photos_go_to_the_session(cast: Cast) -> None:
    """Photos sent before the session was saved go to it."""
    photo = keep(cast, jpeg(), taken_on=TODAY).photo
    earlier = keep(cast, jpeg(2), taken_on=TODAY - datetime.timedelta(days=1)).photo
    session = factories.exosome_session(factories.course(cast.patient), performed_on=TODAY)

    assert attach_to_session(session, by=cast.nurse) == 1

    photo.refresh_from_db()
    earlier.refresh_from_db()
    assert (photo.exosome_session, photo.course) == (session, session.course)
    assert earlier.exosome_session is None


def test_bytes_of_another_patient_are_warned(cast: Cast) -> None:
    """Bytes filed under another patient are warned of without a name."""
    other = factories.patient(cast.clinic, name="Otto Invented")
    keep(cast, jpeg(), patient=other)

    kept = keep(cast, jpeg())

    assert not kept.is_duplicate
    (check,) = [check for check in kept.checks if check.code == "other_patient"]
    assert check.verdict == "warn" and "Otto" not in check.sentence


def test_bytes_at_another_clinic_are_ignored(cast: Cast) -> None:
    """Bytes filed at another clinic raise no warning."""
    theirs = factories.patient(cast.other_clinic)
    store_photo(Photo(patient=theirs, clinic=cast.other_clinic, view="vertex"), [jpeg()], by=cast.stranger)

    assert "other_patient" not in [check.code for check in keep(cast, jpeg()).checks]


def test_a_copy_saved_again_is_noticed(cast: Cast) -> None:
    keep(cast, jpeg())

    kept = keep(cast, encoded(scene(1), "JPEG", quality=60))

    assert "same_picture" in [check.code for check in kept.checks if check.verdict == "warn"]


def test_light_against_the_earliest_photo(cast: Cast) -> None:
    """The light is judged against the patient's earliest photo of the view."""
    keep(cast, jpeg(), taken_on=TODAY - datetime.timedelta(days=60))
    dark = Image.eval(scene(3), lambda level: level // 3)

    kept = keep(cast, encoded(dark, "JPEG"), taken_on=TODAY)

    assert "light" in [check.code for check in kept.checks if check.verdict == "warn"]


def test_passed_warning_has_its_reason(cast: Cast) -> None:
    """A passed warning is stored with its reason."""
    passed = [Passed("25", "There is no consent.", "Signed on paper, to be scanned")]

    photo = store_photo(new_photo(cast), [jpeg()], passed=passed, by=cast.clinician).photo

    assert PassedWarning.objects.get(record_id=photo.pk).reason == "Signed on paper, to be scanned"


# Corrections


def test_corrected_date_moves_the_session(cast: Cast) -> None:
    """A corrected date moves the photo to the session of that day."""
    course = factories.course(cast.patient)
    yesterday = TODAY - datetime.timedelta(days=1)
    session = factories.exosome_session(course, performed_on=yesterday)
    photo = keep(cast, jpeg(), taken_on=TODAY).photo

    correct_photo(photo, changes={"taken_on": yesterday}, reason="Wrong day", expected_version=1, by=cast.nurse)

    photo.refresh_from_db()
    assert (photo.taken_on, photo.exosome_session) == (yesterday, session)


def test_corrected_view_is_judged_again(cast: Cast) -> None:
    """A corrected view is judged again, against that view."""
    keep(cast, jpeg(), view="frontal", taken_on=TODAY - datetime.timedelta(days=60))
    dark = encoded(Image.eval(scene(3), lambda level: level // 3), "JPEG")
    photo = keep(cast, dark, view="vertex", taken_on=TODAY).photo
    assert "light" not in [check.code for check in warnings_of(photo)]

    correct_photo(photo, changes={"view": "frontal"}, reason="Wrong view", expected_version=1, by=cast.nurse)

    photo.refresh_from_db()
    assert "light" in [check.code for check in warnings_of(photo)]


def test_a_stale_correction_is_refused(cast: Cast) -> None:
    photo = keep(cast, jpeg()).photo
    correct_photo(photo, changes={"note": "First"}, reason="Forgotten", expected_version=1, by=cast.nurse)

    with pytest.raises(Conflict):
        correct_photo(photo, changes={"note": "Second"}, reason="Forgotten", expected_version=1, by=cast.nurse)


def test_photo_despite_a_warning(cast: Cast) -> None:
    """A photo stored although a gate warned has the reason and the warning."""
    photo = keep(cast, jpeg()).photo
    warned = [check.code for check in warnings_of(photo)]
    assert warned == ["resolution"]

    mark_quality(photo, quality="acceptable", reason="The patient has left", by=cast.nurse)

    photo.refresh_from_db()
    assert (photo.quality, photo.kept_reason) == ("acceptable", "The patient has left")
    assert PassedWarning.objects.get(record_id=photo.pk).rule == "resolution"


# The command


def said(*words: str) -> str:
    out = io.StringIO()
    call_command("photos", *words, stdout=out)
    return out.getvalue()


def test_verify_reads_every_original(cast: Cast, root: Path) -> None:
    keep(cast, jpeg(1))
    photo = keep(cast, jpeg(2)).photo
    assert "2 originals read; every one is what its record says." in said("verify")

    path = root / photo.key
    path.chmod(0o600)
    path.write_bytes(jpeg(3))

    with pytest.raises(CommandError, match="1 of 2 originals are missing, altered or unreadable"):
        said("verify")


def test_verify_names_what_is_missing(cast: Cast, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = keep(cast, jpeg()).photo
    (root / photo.key).unlink()

    with pytest.raises(CommandError):
        call_command("photos", "verify")

    assert f"missing  {photo.key} (photo {photo.pk}" in capsys.readouterr().out


def test_rebuild_makes_missing_thumbnails(cast: Cast, root: Path) -> None:
    """Rebuild makes missing thumbnails, and only those."""
    kept = keep(cast, jpeg()).photo
    path = originals.derivative_path(root, kept.key, 400)
    before = path.read_bytes()
    path.unlink()

    assert said("rebuild") == "1 thumbnails made.\n"
    assert path.read_bytes() == before
    assert said("rebuild") == "0 thumbnails made.\n"
    assert said("rebuild", "--all") == "2 thumbnails made.\n"


def test_rebuild_reads_dates_of_old_photos(cast: Cast) -> None:
    """Release 0.1.0 read one field only: what it did not read is said, until all are made again."""
    tags = Image.Exif()
    tags[0x0132] = "2025:06:10 09:30:00"
    photo = keep(cast, jpeg(exif=tags.tobytes()), taken_on=TODAY).photo
    Photo.objects.filter(pk=photo.pk).update(file_date={}, dated_by="")
    photo.refresh_from_db()
    assert "read only one of the date fields" in photo.date_sentences[0]

    said("rebuild", "--all")

    photo.refresh_from_db()
    assert "last saved on 10 Jun 2025" in photo.date_sentences[0]
    assert (photo.taken_on, photo.dated_by) == (TODAY, "")


def test_sweep_takes_only_what_has_no_row(cast: Cast, root: Path) -> None:
    """Sweep leaves what has a row and takes what has none."""
    import os

    kept = keep(cast, jpeg(1)).photo
    orphan = root / originals.storage_key(new_id())
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(jpeg(2))
    os.utime(orphan, (0, 0))
    os.utime(root / kept.key, (0, 0))

    assert "1 put in quarantine" in said("sweep")
    assert (root / kept.key).is_file() and not orphan.exists()


@pytest.fixture(autouse=True)
def nothing_slow_in_a_transaction(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """Whenever the decoder runs, no more transactions may be open than the test itself holds."""
    depth = len(connection.savepoint_ids)
    real = storing.decode

    def watched(*args: Any, **kwargs: Any) -> Any:
        assert len(connection.savepoint_ids) <= depth
        return real(*args, **kwargs)

    monkeypatch.setattr(storing, "decode", watched)
    yield
