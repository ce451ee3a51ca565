"""The whole record in one file: what it holds, what it leaves out, and that it takes no more memory for more photos."""

import csv
import datetime
import hashlib
import io
import tempfile
import tracemalloc
import uuid
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from clinic.audit.models import AuditEvent
from tests import factories
from tests.papers.pdf_reader import bytes_of, facts_of, read_of, text_of
from tests.people import Cast
from tests.rows import one_of_each
from treatments.models import Correction, Export, FollowUp, PassedWarning, Photo, Therapy
from treatments.photos.store.originals import original_path, storage_key
from treatments.records import formatting
from treatments.records.actions import strike_out, update
from treatments.records.partial_dates import PartialDate
from treatments.sessions.log.actions import strike_out_session
from treatments.whole_record.archive import write_archive
from treatments.whole_record.tables import tables

pytestmark = pytest.mark.django_db


def download(cast: Cast) -> zipfile.ZipFile:
    answer: Any = cast.client(cast.clinician).post(
        f"/patients/{cast.patient.pk}/papers/record/", {"asked_by": "patient"}
    )
    assert answer.status_code == 200 and answer["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def rows(archive: zipfile.ZipFile, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(path).decode("utf-8-sig"))))


def test_holds_every_kind(cast: Cast) -> None:
    """Each kind of record of the patient has its table, each column its meaning, each file its SHA-256."""
    one_of_each(cast.patient, by=cast.clinician, files=True)
    archive = download(cast)
    names = set(archive.namelist())

    owned = {
        model._meta.model_name
        for model in apps.get_app_config("treatments").get_models()
        if any(field.name == "patient" for field in model._meta.concrete_fields)
        and model._default_manager.filter(patient=cast.patient).exists()
    } - {"recordmove"}
    assert {f"tables/{name}.csv" for name in {*owned, "patient", "regionvolume"}} <= names
    meant = {(row["Table"], row["Column"]) for row in rows(archive, "data-dictionary.csv") if row["Meaning"]}
    for path in sorted(name for name in names if name.startswith("tables/")):
        for row in rows(archive, path):
            assert {(path[7:-4], column) for column in row} <= meant
    manifest = {row["File"]: row for row in rows(archive, "manifest.csv")}
    assert set(manifest) == names - {"manifest.csv"}
    for path, row in manifest.items():
        assert hashlib.sha256(archive.read(path)).hexdigest() == row["SHA-256"] and row["Bytes"]
    assert [name for name in names if name.startswith("photos/")] and [n for n in names if n.startswith("consents/")]


def test_paper_is_the_record(cast: Cast) -> None:
    one_of_each(cast.patient, by=cast.clinician)
    pdf = download(cast).read("record.pdf")
    said = read_of(pdf)

    assert facts_of(pdf)["Tagged"] == "yes"
    for fact in ("Ida Invented", "Dear colleague", "III-vertex", "Headache", "vertex"):
        assert fact in said


def test_originals_are_as_they_came(cast: Cast) -> None:
    one_of_each(cast.patient, by=cast.clinician, files=True)
    archive = download(cast)
    came = sorted(Photo.objects.filter(patient=cast.patient).values_list("sha256", flat=True))

    found = sorted(hashlib.sha256(archive.read(n)).hexdigest() for n in archive.namelist() if n.startswith("photos/"))
    assert found == came


def test_no_name_of_a_file_is_the_patients(cast: Cast) -> None:
    one_of_each(cast.patient, by=cast.clinician, files=True)
    names = " ".join(download(cast).namelist()).lower()

    assert not any(word.lower() in names for word in (*cast.patient.name.split(), cast.patient.record_number))


def test_struck_out_is_left_out(cast: Cast) -> None:
    """It may be about somebody else; how many were left out is said."""
    struck = {"struck_out_at": timezone.now(), "struck_out_by": cast.nurse, "struck_out_reason": "Of another patient"}
    factories.assessment(cast.patient, examination="Stays")
    factories.assessment(cast.patient, examination="Of Otto Other", **struck)
    factories.photo(cast.patient, **struck)
    archive = download(cast)

    assert b"Of Otto Other" not in archive.read("tables/assessment.csv")
    counted = {row["Table"]: row["Entries left out as struck out"] for row in rows(archive, "data-dictionary.csv")}
    assert (counted["assessment"], counted["photo"]) == ("1", "1")
    assert not [name for name in archive.namelist() if name.startswith("photos/")]


def test_struck_out_is_in_no_table(cast: Cast) -> None:
    """Neither what was corrected in it nor what warning was passed with it: both say what it said."""
    kept, struck = (factories.assessment(cast.patient, examination=text) for text in ("Kept", "Otto Other has scars"))
    for each, before in ((kept, "Dry scalp"), (struck, "Otto Other has scales")):
        change = {"field": "examination", "label": "Examination", "before": before, "after": each.examination}
        told: dict[str, Any] = {"clinic": cast.clinic, "patient_id": cast.patient.pk, "by": cast.nurse}
        told |= {"record_type": "assessment", "record_id": each.pk, "reason": f"Was: {before}"}
        Correction.objects.create(**told, version=2, changes=[change])
        PassedWarning.objects.create(**told, rule="A1", sentence=f"Seldom: {before}.")
    strike_out(struck, reason="Of another patient", expected_version=1, by=cast.nurse)
    archive = download(cast)

    everything = b"".join(map(archive.read, archive.namelist()))
    assert b"Otto Other" not in everything and everything.count(b"Dry scalp") == 4
    counted = {row["Table"]: row["Entries left out as struck out"] for row in rows(archive, "data-dictionary.csv")}
    assert (counted["correction"], counted["passedwarning"]) == ("1", "1")


def test_what_fell_with_a_session_is_not_in(cast: Cast) -> None:
    """A session of somebody else is struck out, and with it what was told at it: of an event of this patient too."""
    course = factories.course(cast.patient)
    session = factories.exosome_session(course)
    fallen = factories.adverse_event(cast.patient, exosome_session=session, description="Otto Other fainted")
    own = factories.adverse_event(cast.patient, happened=course.baseline_on, description="Own headache")
    told: dict[str, Any] = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.nurse}
    told |= {"seen_on": timezone.localdate(), "outcome": "2"}
    for event, at in ((own, session), (fallen, None), (own, None)):
        note = "Own, better" if (event, at) == (own, None) else "Otto Other is better"
        FollowUp.objects.create(event=event, exosome_session=at, note=note, **told)
    strike_out_session(session, reason="Of Otto Another", expected_version=1, by=cast.clinician)
    archive = download(cast)

    assert [row["description"] for row in rows(archive, "tables/adverseevent.csv")] == ["Own headache"]
    assert [row["note"] for row in rows(archive, "tables/followup.csv")] == ["Own, better"]
    said = read_of(archive.read("record.pdf"))
    assert "Own headache" in said and "Otto Other" not in said


def test_paper_is_in_the_order_of_days(cast: Cast) -> None:
    """What was entered last of the first day stands first."""
    today = timezone.localdate()
    days = [today - datetime.timedelta(days=ago) for ago in (10, 300, 90)]
    for on in days:
        factories.measurement(cast.patient, measured_on=on)
    said = text_of(download(cast).read("record.pdf"))

    places = [said.index(f"Date {formatting.day(on)}") for on in sorted(days)]
    assert places == sorted(places)


def test_paper_says_nothing_of_the_program(cast: Cast) -> None:
    """A signature is drawn, not listed point by point; units, times and uses are spelled as on the pages."""
    one_of_each(cast.patient, by=cast.clinician)
    signature = [[[80 + 9 * step, 190 + step] for step in range(30)]]
    told: dict[str, Any] = {"kind": "photography", "signed_how": "on_screen", "signature": signature}
    consent = factories.consent(cast.patient, **told, given_on=timezone.localdate())
    photos = [str(photo.pk) for photo in Photo.objects.filter(patient=cast.patient)]
    Export.objects.create(
        clinic=cast.clinic, patient=cast.patient, created_by=cast.clinician, consent=consent, purpose="record",
        photos=photos, file_format="pdf", sha256="0" * 64,
    )  # fmt: skip
    pdf = download(cast).read("record.pdf")
    said = text_of(pdf)

    assert b"Signature: Ida Invented" in bytes_of(pdf)
    for fact in ("Unit \u03bcg/L", "Photos for clinical record", "Headache, ", "no, this is a draft", "Time 10:00 "):
        assert fact in said
    for word in ("[[", "+00:00", "10:00:00", photos[0][:8], "Fell with", "Ctcae", "Has gps", "ug/L", "Transform"):
        assert word not in said, word


def test_paper_says_what_was_before(cast: Cast) -> None:
    told: dict[str, Any] = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.clinician}
    drug = {"kind": "finasteride_oral", "dose": Decimal(1), "dose_unit": "mg", "started": "2025-03"}
    therapy = Therapy.objects.create(is_ongoing=True, **drug, **told)
    since = PartialDate("2025-06-01")
    update(therapy, changes={"dose": Decimal("0.5")}, since=since, expected_version=1, by=cast.clinician)

    said = text_of(download(cast).read("record.pdf"))

    assert "Dose 0.5 " in said and "Dose until 1 Jun 2025 1 " in said


def test_holds_the_words_that_were_signed(cast: Cast) -> None:
    """Those of the version that was signed, also when there is a newer one; nothing of a consent that is struck out."""
    first = factories.consent_text(cast.clinic, body="What was known then.")
    factories.consent_text(cast.clinic, number=2, body="What is known now.")
    told: dict[str, Any] = {"text": first, "form_version": first.named_version}
    factories.consent(cast.patient, signed_how="on_screen", signature={"typed": "Ida"}, **told)
    strike_out(factories.consent(cast.patient, **told), reason="Of Otto", expected_version=1, by=cast.nurse)
    archive = download(cast)

    (path,) = [name for name in archive.namelist() if name.startswith("consents/")]
    said = read_of(archive.read(path))
    assert "What was known then." in said and "Ida Invented" in said and "What is known now." not in said


def test_no_other_patient_is_in_it(cast: Cast) -> None:
    other = factories.patient(cast.clinic, name="Otto Other")
    factories.adverse_event(other, exosome_session=factories.exosome_session(factories.course(other)))
    factories.photo(other)
    one_of_each(cast.patient, by=cast.clinician)
    archive = download(cast)

    for name in archive.namelist():
        assert str(other.pk).encode() not in archive.read(name) and b"Otto Other" not in archive.read(name)


def test_no_cell_is_run(cast: Cast) -> None:
    factories.adverse_event(cast.patient, description="=1+1", duration_note="0042")

    (row,) = rows(download(cast), "tables/adverseevent.csv")

    assert (row["description"], row["duration_note"]) == ("'=1+1", "'0042")


def test_missing_file_is_said(cast: Cast) -> None:
    """A photo whose file is gone does not keep the rest from the patient."""
    factories.photo(cast.patient)
    archive = download(cast)

    (missed,) = [row for row in rows(archive, "manifest.csv") if row["File"].startswith("photos/")]
    assert "not in this file" in missed["What it is"] and missed["SHA-256"] == ""


def test_is_on_the_trail(cast: Cast) -> None:
    """Who asked for it, how many photos, and the SHA-256 of what was handed out."""
    archive: Any = download(cast)

    event = AuditEvent.objects.get(action="exported_record")
    assert event.patient_id == cast.patient.pk and event.detail["asked_by"] == "patient"
    assert event.detail["sha256"] == hashlib.sha256(archive.fp.getvalue()).hexdigest()


def test_asks_for_whom(cast: Cast) -> None:
    client, address = cast.client(cast.clinician), f"/patients/{cast.patient.pk}/papers/record/"

    assert client.get(address).status_code == 200
    refused = client.post(address, {})
    assert refused.status_code == 422 and "Choose who asked" in refused.content.decode()
    assert cast.client(cast.nurse).post(address, {"asked_by": "patient"}).status_code == 403


def test_memory_is_bounded(cast: Cast) -> None:
    """Forty photos of 4 MB: 160 MB go through less than 24."""
    for number in range(40):
        data = bytes([number]) * 4_000_000
        photo = factories.photo(
            cast.patient, key=storage_key(uuid.uuid4()), sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data),
            taken_on=datetime.date.today() - datetime.timedelta(days=number),
        )  # fmt: skip
        place = original_path(Path(settings.MEDIA_ROOT), photo.key)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    with tempfile.TemporaryFile() as file:
        tracemalloc.start()
        kept = write_archive(cast.patient, file)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        size = file.seek(0, io.SEEK_END)

    assert kept.photos == 40 and size > 160_000_000
    assert peak < 24_000_000, f"{peak / 1e6:.1f} MB"


def test_tables_cost_no_query_a_row(cast: Cast, django_assert_max_num_queries: Any) -> None:
    course = factories.course(cast.patient)
    for month in range(12):
        factories.exosome_session(
            course, performed_on=course.baseline_on + datetime.timedelta(days=month), operator=cast.nurse,
            total_ml=Decimal("3"),
        )  # fmt: skip
    (sessions,) = [table for table in tables(cast.patient) if table.name == "exosomesession"]

    with django_assert_max_num_queries(1):
        assert len(list(sessions.lines())) == 12
