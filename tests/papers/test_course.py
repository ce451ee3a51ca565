""" "Your course so far": plain words, a pair within consent, and no verdict stronger than the record's."""

import datetime
import io
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from clinic.audit.models import AuditEvent
from tests import factories
from tests.papers.pdf_reader import bytes_of, facts_of, headings_of, letters, read_of
from tests.people import Cast
from treatments.models import Application, Consent, Export, Photo, Product, Therapy
from treatments.papers.course_so_far.course_text import PLAIN, SAME_NUMBER, TOGETHER
from treatments.papers.photo_pair import pair_of, pixels
from treatments.photos.store.originals import derivative_path, original_path, storage_key
from treatments.records import formatting
from treatments.records.actions import update
from treatments.records.partial_dates import PartialDate

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
SECRET = "Ida Invented HC-0007 of Sentosa"
NO_CONSENT = "No photos are shown here: no signed consent covers photos for this use today."


def picture_with_a_name(shade: int = 120) -> bytes:
    """A JPEG whose EXIF names the patient."""
    picture, exif = Image.new("RGB", (400, 300), (shade, 90, 80)), Image.Exif()
    exif[0x010E], exif[0x013B] = SECRET, SECRET  # description, artist
    made = io.BytesIO()
    picture.save(made, "JPEG", exif=exif, comment=SECRET.encode())
    return made.getvalue()


def put_files(photo: Photo, data: bytes) -> None:
    root = Path(settings.MEDIA_ROOT)
    for place in [original_path(root, photo.key), *(derivative_path(root, photo.key, size) for size in (400, 1600))]:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


@pytest.fixture
def record(cast: Cast) -> dict[str, Any]:
    """Five sessions, a stage and a count before and after, another treatment, and two vertex photographs."""
    start = datetime.date.today() - datetime.timedelta(days=250)
    course = factories.course(cast.patient, baseline_on=start)
    product = factories.product(cast.clinic, name="Vesicle solution")
    for month in range(5):
        factories.exosome_session(course, product=product, performed_on=start + datetime.timedelta(days=30 * month))
    later = start + datetime.timedelta(days=240)
    factories.assessment(cast.patient, assessed_on=start, course=course)
    factories.assessment(cast.patient, assessed_on=later, stage="III", course=course)
    counts = {"course": course, "area_cm2": Decimal("1")}
    factories.measurement(cast.patient, value=Decimal("120"), measured_on=start, **counts)
    factories.measurement(cast.patient, value=Decimal("126"), measured_on=later, **counts)
    told = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.clinician}
    Therapy.objects.create(kind="finasteride_oral", is_ongoing=True, **told)
    keys = [storage_key(uuid.uuid4()) for _ in range(2)]
    days = (start, later)
    photos = [factories.photo(cast.patient, taken_on=d, course=course, key=k) for d, k in zip(days, keys, strict=True)]
    for photo in photos:
        put_files(photo, picture_with_a_name())
    return {"photos": photos, "course": course, "home": f"/patients/{cast.patient.pk}/papers/course/"}


def allow(cast: Cast, **fields: Any) -> Consent:
    return factories.consent(cast.patient, kind="photography", **fields)


def test_page_and_file_say_the_same(cast: Cast, record: dict[str, Any]) -> None:
    allow(cast)
    client = cast.client(cast.clinician)
    document = client.get(record["home"]).context["document"]
    pdf = client.post(f"{record['home']}pdf/").content

    printed = letters(read_of(pdf))
    for text in document.texts()[:-1]:
        assert letters(text) in printed, text
    assert headings_of(pdf) == document.headings() and facts_of(pdf)["Tagged"] == "yes"
    assert len(document.pictures()) == 2


def test_verdict_is_the_records(cast: Cast, record: dict[str, Any]) -> None:
    """+5 % is within the error of a count: the paper says so and calls nothing visible."""
    allow(cast)
    said = " ".join(cast.client(cast.clinician).get(record["home"]).context["document"].texts())

    assert "+5 %" in said and "within the error of measuring" in said
    assert "An eye is likely to see" not in said
    assert "III vertex" in said and "5 treatments in this course since" in said and TOGETHER in said


def test_every_verdict_has_plain_words() -> None:
    from treatments.assessments.measurements.visibility import Verdict

    assert set(PLAIN) == {*Verdict, None}


def test_pair_needs_consent_today(cast: Cast, record: dict[str, Any]) -> None:
    """None, one that ended and one for another use give no pair and say why; the file holds no picture."""
    client = cast.client(cast.clinician)
    allow(cast, purposes=["teaching"])
    allow(cast, withdrawn_on=datetime.date.today(), withdrawn_by=cast.nurse)

    page, pdf = client.get(record["home"]), client.post(f"{record['home']}pdf/").content

    assert NO_CONSENT in " ".join(page.context["document"].texts())
    assert page.context["document"].pictures() == [] and b"/Subtype/Image" not in bytes_of(pdf).replace(b" ", b"")
    assert not Export.objects.exists()


def test_nurse_sees_no_pair_on_paper(cast: Cast, record: dict[str, Any]) -> None:
    """Photographs leave the clinic by the hand of those who may export them."""
    allow(cast)
    client = cast.client(cast.nurse)

    assert "printed by a clinician" in " ".join(client.get(record["home"]).context["document"].texts())
    assert client.post(f"{record['home']}pdf/").status_code == 403


def test_pair_that_left_is_on_record(cast: Cast, record: dict[str, Any]) -> None:
    consent = allow(cast)

    cast.client(cast.clinician).post(f"{record['home']}pdf/")

    export = Export.objects.get()
    assert (export.consent, export.purpose, export.photos) == (
        consent, "record", [str(photo.pk) for photo in record["photos"]],
    )  # fmt: skip
    events = AuditEvent.objects.filter(patient_id=cast.patient.pk).order_by("id")
    assert [each.action for each in events] == ["downloaded_paper", "exported_photos"]


def test_file_has_nothing_of_the_camera(cast: Cast, record: dict[str, Any]) -> None:
    """Neither beside the pixels nor in a stream, nor the photo's own name."""
    allow(cast)
    pdf = bytes_of(cast.client(cast.clinician).post(f"{record['home']}pdf/").content)

    assert b"DCTDecode" in pdf
    for trace in (SECRET.encode(), b"Sentosa", b"Exif", *(photo.key.encode() for photo in record["photos"])):
        assert trace not in pdf
    with Image.open(io.BytesIO(pixels(record["photos"][0]))) as bare:
        assert not bare.getexif() and "comment" not in bare.info


def test_says_when_there_is_no_pair(cast: Cast) -> None:
    allow(cast)
    factories.photo(cast.patient)

    assert (
        pair_of(cast.patient, cast.clinic)[1]
        == "There are not two photos of one view yet that could be set side by side."
    )


def table_of(document: Any) -> list[tuple[str, ...]]:
    (table,) = [block for block in document.flat() if block.part == "table"]
    return list(table.rows)


def combine(session: Any, cast: Cast) -> None:
    """2 mL of the first product, 3 mL from the patient's own blood, and a technique, whose note is the clinic's."""
    type(session).objects.filter(pk=session.pk).update(total_ml=Decimal("5"), first_ml=Decimal("2"))
    blood = {"source_type": "platelet_rich_plasma", "donor": "autologous"}
    own_blood = Product.objects.filter(name="PRP").first() or factories.product(cast.clinic, name="PRP", **blood)
    told: dict[str, Any] = {"exosome_session": session}
    Application.objects.create(
        place=2, product=own_blood, total_ml=Decimal("3"), volumes={"frontal": "3.00"}, note="An aside",
        route="mesotherapy_gun", **told,
    )  # fmt: skip
    Application.objects.create(place=3, route="microneedling_topical", regions=["vertex"], **told)


def test_names_all_that_was_given(cast: Cast, record: dict[str, Any]) -> None:
    """A row for each product of a combined session, each with its own volume; what was broken off is said to be."""
    course = record["course"]
    fourth, last = course.exosome_sessions.in_order()[3:]
    combine(last, cast)
    course.exosome_sessions.filter(pk=fourth.pk).update(outcome="aborted", outcome_reason="She felt faint")

    document = cast.client(cast.clinician).get(record["home"]).context["document"]

    rows = [(row[0], *row[3:]) for row in table_of(document)]
    skin, when = "injection into the skin (intradermal)", last.performed.label()
    assert rows[3:] == [
        ("4", "Vesicle solution", f"{skin}; broken off", "3 mL"),
        ("5", "Vesicle solution", skin, "2 mL"),
        ("5", "PRP", "mesotherapy gun", "3 mL"),
        ("5", "a technique", "microneedling", "none"),
    ]
    assert [row[1] for row in table_of(document)][4:] == [when] * 3
    said = " ".join(document.texts())
    assert SAME_NUMBER in said and "5 treatments of this course" in said and "An aside" not in said


def test_products_cost_no_query_a_row(cast: Cast, record: dict[str, Any]) -> None:
    """One combined session costs as many queries as four."""
    client, sessions, counts = cast.client(cast.nurse), list(record["course"].exosome_sessions.all()), []
    client.get(record["home"])
    for some in (sessions[:1], sessions[1:]):
        for session in some:
            combine(session, cast)
        with CaptureQueriesContext(connection) as queries:
            client.get(record["home"])
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_other_treatment_as_it_changed(cast: Cast, record: dict[str, Any]) -> None:
    """A dose is not told of a time in which another was taken; what is done on a day has no beginning. The letter to
    a doctor says the same."""
    told: dict[str, Any] = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.clinician}
    drug = {"kind": "minoxidil_oral", "dose": Decimal(1), "dose_unit": "mg", "detail": "at night", "is_ongoing": True}
    therapy = Therapy.objects.create(started="2025-03", **drug, **told)
    since = PartialDate("2025-06-01")
    update(therapy, changes={"dose": Decimal("0.5")}, since=since, expected_version=1, by=cast.clinician)
    Therapy.objects.create(kind="hair_transplant_fue", grafts=1800, started="2018", **told)
    client = cast.client(cast.clinician)

    on_paper = client.get(record["home"]).context["document"].texts()
    letter = client.get(f"/patients/{cast.patient.pk}/papers/letters/add/").context["form"]["body"].value()

    dose = "1\u00a0mg, at night, from Mar 2025, changed to 0.5\u00a0mg at night on 1 Jun 2025, still going on"
    assert f"Minoxidil, oral, {dose}" in on_paper and f"minoxidil, oral ({dose})" in letter
    assert "Hair transplant, FUE, 1800 grafts, in 2018" in on_paper
    assert "hair transplant, FUE (1800 grafts, in 2018)" in letter


def test_one_treatment_of_a_second_course(cast: Cast, record: dict[str, Any]) -> None:
    """It is not told as the only one that the patient ever had, and its day is said once, as far as it is known."""
    first = datetime.date.today().replace(day=1)
    course = factories.course(cast.patient, baseline_on=first, baseline_precision="month")
    session = factories.exosome_session(course, performed_precision="month")

    told = cast.client(cast.nurse).get(record["home"]).context["document"].texts()

    assert f"You have had 1 treatment in this course, in {session.performed.label()}." in told


def test_next_visit_is_said_as_on_the_day(cast: Cast, record: dict[str, Any]) -> None:
    """A day that the course plans is no appointment; a booked one names its time."""
    client, on = cast.client(cast.nurse), timezone.localdate() + datetime.timedelta(days=9)
    planned = {"next_due": on.isoformat(), "next_due_on": on, "next_due_until": on}
    type(record["course"]).objects.filter(pk=record["course"].pk).update(**planned)
    told = client.get(record["home"]).context["document"].texts()
    assert told[told.index("Next session") + 1] == f"planned for {formatting.day(on)}"

    factories.appointment(cast.patient, day=on - datetime.timedelta(days=2), time=datetime.time(14, 30))
    told = client.get(record["home"]).context["document"].texts()

    booked = f"booked for {formatting.day(on - datetime.timedelta(days=2))} at 14:30"
    assert told[told.index("Next visit") + 1] == booked and "Next session" not in told


def test_empty_record(cast: Cast) -> None:
    said = cast.client(cast.clinician).get(f"/patients/{cast.patient.pk}/papers/course/").context["document"].texts()

    assert "No course of treatments has been planned yet." in said and "None has been given yet." in said
