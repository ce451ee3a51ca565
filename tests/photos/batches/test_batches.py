"""Old photos in bulk: sent once, guessed, confirmed, kept by the rules of a single photo, and taken back."""

import datetime
import hashlib
import uuid
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from tests.photos.dated import dated_jpeg
from treatments.models import Photo, PhotoBatch, WaitingPhoto
from treatments.photos.models import WAITING_DAYS
from treatments.photos.store.originals import original_path, storage_key
from treatments.photos.vocabulary import DatedBy
from treatments.records.ids import new_id

pytestmark = pytest.mark.django_db
MAY = datetime.date(2024, 5, 1)
Send = Callable[..., Any]


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    return tmp_path / "photos"


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.nurse)
    return client


@pytest.fixture
def batch_id() -> uuid.UUID:
    return new_id()


@pytest.fixture
def send(client: Client, batch_id: uuid.UUID) -> Send:
    """Send one file as the script does; its answer."""

    def send(data: bytes, name: str = "IMG_1.jpg", *, folder: str = "", to: Any = None, **fields: Any) -> Any:
        body = {
            "id": str(new_id()),
            "sha256": hashlib.sha256(data).hexdigest(),
            "folder": folder,
            "photo": SimpleUploadedFile(name, data),
            "_sentinel": "1",
            **fields,
        }
        return client.post(
            reverse("photos:batch-send", args=[to or batch_id]), body, headers={"X-Requested-With": "fetch"}
        )

    return send


@pytest.fixture
def consented(cast: Cast) -> None:
    factories.consent(cast.patient, kind="photography", purposes=["record"])


def answers(act: str = "keep", *, keep: bool = True, **values: str) -> dict[str, Any]:
    """The grid as it is sent for every photo that waits, each with the same values."""
    posted: dict[str, Any] = {"act": act, "_sentinel": "1", "csrfmiddlewaretoken": "x"}
    ids = [str(pk) for pk in WaitingPhoto.objects.waiting().values_list("pk", flat=True)]
    for pk in ids:
        posted |= {
            f"{name}-{pk}": values.get(name, "") for name in ("patient", "view", "when", "site", "magnification")
        }
    return posted | ({"keep": ids} if keep else {})


def post(client: Client, batch_id: uuid.UUID, **values: Any) -> Any:
    return client.post(reverse("photos:batch", args=[batch_id]), answers(**values), follow=True)


def test_photo_waits_and_is_kept(
    client: Client, cast: Cast, send: Send, batch_id: uuid.UUID, root: Path, consented: None
) -> None:
    """The bytes stay as they came, under one key, from arriving to the patient's record."""
    data = dated_jpeg(1, MAY)
    answer = send(data, f"{cast.patient.record_number} vertex.jpg")
    assert answer.status_code == 201, answer.content
    waiting = WaitingPhoto.objects.get()
    assert original_path(root, storage_key(waiting.pk)).read_bytes() == data
    assert Photo.objects.count() == 0

    page = client.get(reverse("photos:batch", args=[batch_id]))
    row = page.context["rows"][0]
    assert row.values | {} == {
        "patient": f"{cast.patient.record_number} {cast.patient.name}",
        "view": "vertex",
        "when": "1 May 2024",
        "site": "",
        "magnification": "",
    }
    assert set(row.guessed) == {"patient", "view"} and row.date.dated_by == DatedBy.CAMERA

    post(client, batch_id, patient=row.values["patient"], view="vertex", when="1 May 2024")
    photo = Photo.objects.get()
    assert (photo.pk, photo.patient, photo.view, photo.taken_on) == (waiting.pk, cast.patient, "vertex", MAY)
    assert (photo.dated_by, photo.sha256) == (DatedBy.CAMERA, hashlib.sha256(data).hexdigest())
    assert original_path(root, photo.key).read_bytes() == data
    assert client.get(photo.small_url).status_code == 200


@pytest.mark.parametrize(
    ("name", "typed", "dated_by", "day"),
    [
        ("2024-05-01.jpg", "1 May 2024", DatedBy.NAME, MAY),
        ("2024-05-01.jpg", "2 May 2024", DatedBy.GIVEN, datetime.date(2024, 5, 2)),
        ("a.jpg", "May 2024", DatedBy.GIVEN, MAY),
    ],
)
def test_who_says_the_day(
    name: str, typed: str, dated_by: str, day: datetime.date, client: Client, cast: Cast, send: Send,
    batch_id: uuid.UUID, consented: None,
) -> None:  # fmt: skip
    send(dated_jpeg(1, None), name)
    post(client, batch_id, patient=cast.patient.record_number, view="vertex", when=typed)
    photo = Photo.objects.get()
    assert (photo.dated_by, photo.taken_on) == (dated_by, day)


def test_same_bytes_wait_once(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID, consented: None) -> None:
    """Twice in a folder, again in another batch, and once more when it is in a record: always one."""
    data = dated_jpeg(1, MAY)
    assert send(data).json()["status"] == "kept"
    assert send(data, "copy.jpg").json()["status"] == "duplicate"
    assert send(data, to=new_id()).json()["status"] == "duplicate"
    assert WaitingPhoto.objects.count() == 1
    post(client, batch_id, patient=cast.patient.record_number, view="vertex", when="1 May 2024")
    answer = send(data, to=new_id())
    assert answer.json()["status"] == "duplicate"
    assert (WaitingPhoto.objects.count(), Photo.objects.count()) == (1, 1)


def test_same_request_twice(send: Send) -> None:
    """An answer that was lost is asked for again: one row, the same answer."""
    data, one = dated_jpeg(1, MAY), str(new_id())
    assert [send(data, id=one).json()["status"] for _ in range(2)] == ["kept", "kept"]
    assert send(dated_jpeg(2, MAY), id=one).json()["code"] == "already_stored"
    assert WaitingPhoto.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.jpg", "empty"),
        (b"%PDF-1.7\n" + b"0" * 400, "letter.pdf", "not_a_photo"),
        (b"%PDF-1.7\n" + b"0" * 400, "letter.jpg", "not_a_photo"),
        (dated_jpeg(1, MAY)[:2000], "cut.jpg", "damaged"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 400, "broken.heic", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>" * 4, "a.svg", "not_a_photo"),
    ],
)
def test_what_is_no_photo(data: bytes, name: str, code: str | None, send: Send, root: Path) -> None:
    """A sentence, and nothing is kept on the disk or in a table."""
    answer = send(data, name)
    assert answer.status_code == 422, answer.content
    assert code is None or answer.json()["code"] == code
    assert answer.json()["sentence"]
    assert not WaitingPhoto.objects.exists() and not PhotoBatch.objects.exists()
    assert [path for path in root.rglob("*") if path.is_file() and path.parent.name == "staging"] == []
    assert not list((root / "originals").rglob("*")) if (root / "originals").exists() else True


@pytest.mark.parametrize(
    "name", ["\u202egpj.exe", "a" * 400 + ".jpg", "../../etc/passwd", "𝔳𝔢𝔯𝔱𝔢𝔵\u0000.jpg", "🧑‍🦲.jpg", " "]
)
def test_odd_names(name: str, send: Send, client: Client, batch_id: uuid.UUID) -> None:
    """A name in any script, or made to deceive, is a name; the page still opens."""
    assert send(dated_jpeg(1, None), name, folder="../" + name).status_code == 201
    waiting = WaitingPhoto.objects.get()
    assert len(waiting.original_name) <= 200 and "\u202e" not in waiting.original_name + waiting.folder
    assert ".." not in waiting.folder.split("/")
    assert client.get(reverse("photos:batch", args=[batch_id])).status_code == 200


def test_camera_in_the_future(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID, consented: None) -> None:
    """A clock that was wrong gives no date; the photo stays until somebody says when it was taken."""
    send(dated_jpeg(1, datetime.date.today() + datetime.timedelta(days=400)))
    row = client.get(reverse("photos:batch", args=[batch_id])).context["rows"][0]
    assert row.values["when"] == "" and "cannot be right" in row.date.sentence
    post(client, batch_id, patient=cast.patient.record_number, view="vertex", when="")
    assert "Say when it was taken" in WaitingPhoto.objects.get().refusal
    future = (datetime.date.today() + datetime.timedelta(days=2)).isoformat()
    post(client, batch_id, patient=cast.patient.record_number, view="vertex", when=future)
    assert "future" in WaitingPhoto.objects.get().refusal and not Photo.objects.exists()


def test_refused_rows_stay(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID, consented: None) -> None:
    """Each row is judged by itself: what is wrong says why and keeps what was typed, the rest is kept."""
    for number in range(4):
        send(dated_jpeg(number, MAY), f"IMG_{number}.jpg")
    posted = answers(patient=cast.patient.record_number, view="vertex", when="1 May 2024")
    first, second, third, _fourth = WaitingPhoto.objects.order_by("original_name")
    posted |= {f"patient-{first.pk}": "Nobody Known", f"view-{second.pk}": "", f"when-{third.pk}": "yesterday?"}
    page = client.post(reverse("photos:batch", args=[batch_id]), posted, follow=True)
    assert Photo.objects.count() == 1
    refusals = {row.name: row.waiting.refusal for row in page.context["rows"]}
    assert "No patient of this clinic" in refusals["IMG_0.jpg"]
    assert "Choose the view" in refusals["IMG_1.jpg"]
    assert refusals["IMG_2.jpg"] and page.context["rows"][2].values["when"] == "yesterday?"
    assert all(row.is_ticked for row in page.context["rows"])


def test_what_is_not_ticked_waits(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID) -> None:
    """What was written is there after a reload, for a colleague too, and in no record."""
    send(dated_jpeg(1, MAY))
    post(client, batch_id, act="save", keep=False, patient="HC", view="frontal", when="June 2024")
    other = Client()
    other.force_login(cast.clinician)
    row = other.get(reverse("photos:batch", args=[batch_id])).context["rows"][0]
    assert (row.values["patient"], row.values["view"], row.values["when"]) == ("HC", "frontal", "June 2024")
    assert not Photo.objects.exists()


def test_ditto_is_the_row_above(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID, consented: None) -> None:
    """The sign that is written in lists on paper, read by the server too."""
    for number in range(3):
        send(dated_jpeg(number, None), f"IMG_{number}.jpg")
    posted = answers(patient='"', view="vertex", when="″")
    first = WaitingPhoto.objects.order_by("original_name").first()
    posted |= {f"patient-{first.pk}": cast.patient.record_number, f"when-{first.pk}": "May 2024"}
    client.post(reverse("photos:batch", args=[batch_id]), posted)
    assert Photo.objects.filter(patient=cast.patient, taken_on=MAY).count() == 3


def test_give_to_all_ticked(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID) -> None:
    """Without a script the button gives the values to what is ticked, and keeps nothing."""
    for number in range(2):
        send(dated_jpeg(number, None), f"IMG_{number}.jpg")
    posted = answers("apply") | {
        "all-patient": cast.patient.record_number,
        "all-view": "vertex",
        "all-when": "May 2024",
    }
    page = client.post(reverse("photos:batch", args=[batch_id]), posted, follow=True)
    assert [row.is_complete for row in page.context["rows"]] == [True, True]
    assert not Photo.objects.exists()


def test_without_consent(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID) -> None:
    """A nurse is told to record it; a clinician may keep the photo with a reason, which is kept with it."""
    send(dated_jpeg(1, MAY))
    given = {"patient": cast.patient.record_number, "view": "vertex", "when": "1 May 2024"}
    page = post(client, batch_id, **given)
    assert "no photography consent" in page.context["rows"][0].waiting.refusal
    client.force_login(cast.clinician)
    post(client, batch_id, **given)
    assert not Photo.objects.exists()
    posted = answers(**given) | {f"reason-{cast.patient.pk}": "Paper consent is in the folder"}
    client.post(reverse("photos:batch", args=[batch_id]), posted)
    assert Photo.objects.get().patient == cast.patient


def test_other_clinics_patient(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID) -> None:
    """Neither a number nor an id of another clinic means anybody here."""
    other = factories.patient(factories.clinic(), record_number="ZZ-900", name="Someone Else")
    send(dated_jpeg(1, MAY), "ZZ-900 vertex.jpg")
    assert client.get(reverse("photos:batch", args=[batch_id])).context["rows"][0].patient is None
    for text in (str(other.pk), "ZZ-900", "Someone Else"):
        page = post(client, batch_id, patient=text, view="vertex", when="1 May 2024")
        assert "No patient of this clinic" in page.context["rows"][0].waiting.refusal
    assert not Photo.objects.exists()


def test_other_clinics_batch(client: Client, send: Send) -> None:
    """Its grid, its pictures and its address for sending are not there."""
    batch = PhotoBatch.objects.create(clinic=factories.clinic(), started_by=factories.user())
    waiting = factories.waiting_photo(batch, sent_by=batch.started_by)
    assert send(dated_jpeg(1, MAY), to=batch.pk).status_code == 404
    for address in (reverse("photos:batch", args=[batch.pk]), waiting.small_url):
        assert client.get(address).status_code == 404
    assert WaitingPhoto.objects.count() == 1


def test_number_with_another_name(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID, consented: None) -> None:
    """A number and a name that do not belong together keep nothing."""
    send(dated_jpeg(1, MAY))
    post(client, batch_id, patient=f"{cast.patient.record_number} Somebody Else", view="vertex", when="1 May 2024")
    assert "Write the number alone" in WaitingPhoto.objects.get().refusal


@pytest.mark.parametrize("folder", ["Zoë Fictive", "FICTIVE_Zoe", "x/Fictive, Zoe/2024"])
def test_patient_by_folder(folder: str, client: Client, cast: Cast, send: Send, batch_id: uuid.UUID) -> None:
    factories.patient(cast.patient.clinic, name="Zoë Fictive", record_number="I-1")
    send(dated_jpeg(1, MAY), folder=folder)
    row = client.get(reverse("photos:batch", args=[batch_id])).context["rows"][0]
    assert row.values["patient"] == "I-1 Zoë Fictive" and row.guessed["patient"] == "the folder’s name"


def test_namesakes_are_not_guessed(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID) -> None:
    for number in ("I-1", "I-2"):
        factories.patient(cast.patient.clinic, name="Ida Invented", record_number=number)
    send(dated_jpeg(1, MAY), "Ida Invented.jpg")
    send(dated_jpeg(2, MAY), "I-1.jpg", folder="I-2")
    rows = client.get(reverse("photos:batch", args=[batch_id])).context["rows"]
    assert [row.values["patient"] for row in rows] == ["", ""]


def test_two_keys_of_one_press(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID, consented: None) -> None:
    """Keep pressed twice keeps each photo once."""
    send(dated_jpeg(1, MAY))
    posted = answers(patient=cast.patient.record_number, view="vertex", when="1 May 2024")
    for _ in range(2):
        assert client.post(reverse("photos:batch", args=[batch_id]), posted, follow=True).status_code == 200
    assert Photo.objects.count() == 1


def test_bytes_of_the_same_patient(
    client: Client, cast: Cast, send: Send, batch_id: uuid.UUID, consented: None
) -> None:
    """Sent alone while it waited: the one in the record stays, nothing is added, and the second file is removed."""
    data = dated_jpeg(1, MAY)
    send(data)
    client.post(
        reverse("photos:upload", args=[cast.patient.pk]),
        {"view": "frontal", "photo": SimpleUploadedFile("a.jpg", data), "_sentinel": "1"},
    )
    waiting = WaitingPhoto.objects.get()
    post(client, batch_id, patient=cast.patient.record_number, view="vertex", when="1 May 2024")
    waiting.refresh_from_db()
    assert Photo.objects.get().view == "frontal" and waiting.was_there
    assert client.post(reverse("photos:batch-take-back", args=[batch_id]), {"reason": "wrong"}).status_code == 302
    assert not Photo.objects.get().is_struck_out


def test_taken_back_in_one_act(client: Client, cast: Cast, send: Send, batch_id: uuid.UUID, consented: None) -> None:
    """One reason strikes out all that was kept of a batch; the same files may then be sent again."""
    for number in range(3):
        send(dated_jpeg(number, MAY), f"IMG_{number}.jpg")
    post(client, batch_id, patient=cast.patient.record_number, view="vertex", when="1 May 2024")
    assert Photo.objects.standing().count() == 3
    address = reverse("photos:batch-take-back", args=[batch_id])
    assert client.post(address, {"reason": ""}).status_code == 422
    client.post(address, {"reason": "Folder of another patient"})
    assert set(Photo.objects.values_list("struck_out_reason", flat=True)) == {"Folder of another patient"}
    assert AuditEvent.objects.get(action="took_back_photos").detail == {"photos": 3}
    assert client.get(address).status_code == 302
    assert send(dated_jpeg(0, MAY)).json()["status"] == "kept"


def test_removed_with_its_file(client: Client, send: Send, batch_id: uuid.UUID, root: Path) -> None:
    send(dated_jpeg(1, MAY))
    waiting = WaitingPhoto.objects.get()
    page = post(client, batch_id, act="remove")
    assert page.context["ticked"] == [waiting]
    client.post(reverse("photos:batch-remove", args=[batch_id]), {"photo": str(waiting.pk)})
    assert not WaitingPhoto.objects.exists()
    assert [path for path in root.rglob("*.jpg")] == []
    assert not original_path(root, storage_key(waiting.pk)).exists()


def test_swept_after_thirty_days(client: Client, send: Send, root: Path) -> None:
    """Every night what nobody gave a patient is removed, with its file; what waits shorter is left alone."""
    from clinic.operations import photo_folder

    send(dated_jpeg(1, MAY))
    send(dated_jpeg(2, MAY))
    old, young = WaitingPhoto.objects.order_by("pk")
    WaitingPhoto.objects.filter(pk=old.pk).update(
        sent_at=timezone.now() - datetime.timedelta(days=WAITING_DAYS, hours=1)
    )
    assert photo_folder.is_set_up()
    out = StringIO()
    call_command("photos", "sweep", stdout=out)
    assert "1 photos removed that had waited 30 days" in out.getvalue()
    assert list(WaitingPhoto.objects.all()) == [young]
    assert not original_path(root, storage_key(old.pk)).exists()
    assert original_path(root, storage_key(young.pk)).exists()
    call_command("photos", "verify", stdout=out)
    assert "1 originals read" in out.getvalue()


def test_without_a_script(client: Client, cast: Cast, batch_id: uuid.UUID) -> None:
    """Several files in one form: each is told that was not taken in, the others wait."""
    files = [SimpleUploadedFile(f"IMG_{number}.jpg", dated_jpeg(number, MAY)) for number in range(3)]
    files.append(SimpleUploadedFile("notes.pdf", b"%PDF" * 100))
    page = client.post(reverse("photos:batch-send", args=[batch_id]), {"photo": files, "_sentinel": "1"}, follow=True)
    told = [str(message) for message in page.context["messages"]]
    assert len(page.context["rows"]) == 3
    assert any("notes.pdf was not taken in" in each for each in told) and any(
        "3 photos taken in" in each for each in told
    )


def test_cut_body_keeps_nothing(client: Client, batch_id: uuid.UUID, send: Send) -> None:
    send(dated_jpeg(1, MAY))
    posted = answers(patient="x", view="vertex", when="May 2024")
    del posted["_sentinel"]
    client.post(reverse("photos:batch", args=[batch_id]), posted)
    assert WaitingPhoto.objects.get().entered == {}


def test_queries_do_not_grow(
    client: Client, cast: Cast, send: Send, batch_id: uuid.UUID, django_assert_max_num_queries: Any
) -> None:
    """A grid of many photos costs what one of few does."""
    batch = PhotoBatch.objects.create(pk=batch_id, clinic=cast.patient.clinic, started_by=cast.nurse)
    for number in range(60):
        factories.waiting_photo(batch, sent_by=cast.nurse, original_name=f"{cast.patient.record_number} {number}.jpg")
    with django_assert_max_num_queries(24):
        assert len(client.get(reverse("photos:batch", args=[batch_id])).context["rows"]) == 60
