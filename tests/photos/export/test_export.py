"""Before/after sheets: what may leave, for what use, with what covered, and what the file carries."""

import datetime
import hashlib
import io
import re
import zlib
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from PIL import Image

from clinic.audit.models import AuditEvent
from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from tests.photos.pictures import jpeg
from treatments.assessments.measurements.visibility import DEFAULT
from treatments.consents.actions import withdraw
from treatments.consents.purposes import PhotoPurpose
from treatments.models import Consent, Export, PhotoPair
from treatments.photos.export.actions import NotAllowed, release
from treatments.photos.export.before_after import Line, Plan, opened, sheet_of
from treatments.photos.export.redaction import Cover
from treatments.photos.export.sheet_files import as_pdf, as_png
from treatments.photos.export.sheet_layout import PAGE_HEIGHT, Cell, Row, Sheet, Text, lay_out
from treatments.photos.models import Photo
from treatments.photos.patient_photos import CourseCalendar
from treatments.photos.store import originals
from treatments.photos.store.media import media_root
from treatments.photos.upload.store_photo import store_photo
from treatments.records.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
BASELINE = datetime.date(2025, 1, 14)
LATER = datetime.date(2025, 6, 16)
PURPOSES = list(PhotoPurpose)
PNG_HEADER = b"\x89PNG\r\n\x1a\n"


def kept(cast: Cast, day: datetime.date, number: int, view: str = "vertex") -> Photo:
    photo = Photo(
        pk=new_id(), patient=cast.patient, clinic=cast.clinic, view=view, taken_on=day, lighting="standard_room"
    )
    return store_photo(photo, [jpeg(number)], by=cast.clinician).photo


@pytest.fixture
def photos(cast: Cast) -> list[Photo]:
    factories.course(cast.patient, baseline_on=BASELINE)
    return [kept(cast, BASELINE, 1), kept(cast, LATER, 2)]


@pytest.fixture
def consent(cast: Cast) -> Consent:
    """To every use."""
    return factories.consent(cast.patient, "photography", purposes=list(PhotoPurpose.values))


def address(cast: Cast, **fields: Any) -> str:
    told = {"view": ["vertex"], "date": [BASELINE, LATER], "purpose": "teaching", "file_format": "png"}
    told |= {"lay_over": "on", "clinic_name": cast.clinic.name, **fields}
    return f"/patients/{cast.patient.pk}/photos/export/cover/?{urlencode(told, doseq=True)}"


def looked(photos: list[Photo], **more: str) -> dict[str, str]:
    return {f"looked-{photo.pk}": "on" for photo in photos} | more


def send(cast: Cast, photos: list[Photo], data: dict[str, str] | None = None, **fields: Any) -> HttpResponse:
    told = looked(photos) if data is None else data
    return cast.client(cast.clinician).post(address(cast, **fields), told)


def chunks(png: bytes) -> list[str]:
    assert png.startswith(PNG_HEADER)
    found, at = [], len(PNG_HEADER)
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        found.append(png[at + 4 : at + 8].decode())
        at += 12 + length
    return found


class TestConsent:
    @pytest.mark.parametrize("purpose", PURPOSES)
    def test_each_use_needs_its_own_consent(self, cast: Cast, photos: list[Photo], purpose: str) -> None:
        """Each use is refused without its own consent."""
        others = [other.value for other in PURPOSES if other != purpose]
        factories.consent(cast.patient, "photography", purposes=others)

        response = send(cast, photos, purpose=purpose)

        assert response.status_code == 422
        assert "The patient has not allowed photographs for this use" in response.content.decode()
        assert not Export.objects.exists()

    @pytest.mark.parametrize("purpose", PURPOSES)
    def test_each_use_is_granted_with_it(self, cast: Cast, photos: list[Photo], purpose: str) -> None:
        given = factories.consent(cast.patient, "photography", purposes=[purpose])

        response = send(cast, photos, purpose=purpose)

        assert (response.status_code, response["Content-Type"]) == (200, "image/png")
        assert Export.objects.get().consent == given

    @pytest.mark.parametrize("purpose", PURPOSES)
    def test_withdrawn_consent_counts_at_once(
        self, cast: Cast, photos: list[Photo], consent: Consent, purpose: str
    ) -> None:
        """A consent withdrawn counts on the very next export."""
        assert send(cast, photos, purpose=purpose).status_code == 200

        withdraw(consent, on=datetime.date.today(), reason="Asked to", expected_version=1, by=cast.nurse)
        response = send(cast, photos, purpose=purpose)

        assert response.status_code == 422
        assert "has ended: withdrawn" in response.content.decode()
        assert Export.objects.count() == 1

    def test_withdrawal_while_drawing_counts(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        """A consent withdrawn while the sheet is drawn counts too."""
        plan, covers = planned(cast, photos)
        withdraw(consent, on=datetime.date.today(), reason="Asked to", expected_version=1, by=cast.nurse)

        with pytest.raises(NotAllowed, match="withdrawn"):
            release(cast.patient, plan=plan, covers=covers, export_id=None, submission="x", by=cast.clinician)

        assert not Export.objects.exists()
        assert AuditEvent.objects.get(action="refused_export").detail == {"purpose": "teaching"}

    @pytest.mark.parametrize(
        "fields",
        [
            {"kind": "treatment"},
            {"expires_on": datetime.date.today() - datetime.timedelta(days=1)},
            {"given_on": datetime.date.today() + datetime.timedelta(days=1)},
        ],
    )
    def test_other_consents_allow_nothing(self, cast: Cast, photos: list[Photo], fields: dict[str, Any]) -> None:
        """Other, expired and future consents allow nothing."""
        factories.consent(cast.patient, **{"kind": "photography", "purposes": ["teaching"], **fields})

        assert send(cast, photos).status_code == 422

    def test_what_may_not_be_chosen_says_why(self, cast: Cast, photos: list[Photo]) -> None:
        factories.consent(cast.patient, "photography", purposes=["teaching"])

        page = cast.client(cast.clinician).get(f"/patients/{cast.patient.pk}/photos/export/").content.decode()

        disabled = re.findall(r'name="purpose"\s+value="(\w+)"\s+disabled', page)
        assert disabled == [purpose.value for purpose in PURPOSES if purpose != "teaching"]
        assert page.count("Not allowed: never given.") == len(disabled)


@pytest.mark.parametrize("purpose", PURPOSES)
class TestEveryUse:
    """Nothing that leaves is treated more lightly than the rest, whatever it is for."""

    @pytest.mark.parametrize("file_format", ["png", "pdf"])
    def test_export_looks_names_and_trail(
        self, cast: Cast, photos: list[Photo], consent: Consent, purpose: str, file_format: str
    ) -> None:
        """Every photo is looked at, the file names nobody, and it is on the trail."""
        fields = {"purpose": purpose, "file_format": file_format}
        for seen in ([], photos[:1], photos[1:]):
            assert send(cast, photos, looked(seen), **fields).status_code == 422
        assert not Export.objects.exists()

        response = send(cast, photos, **fields)

        assert response.status_code == 200
        told = [response.content, *streams(response.content), response["Content-Disposition"].encode()]
        # Only words too long to come up by chance in compressed bytes.
        secrets = ["Invented", "Camera 7", str(cast.patient.pk)]
        secrets += [str(photo.pk) for photo in photos]
        assert [word for word in secrets if any(word.encode() in part for part in told)] == []
        if file_format == "png":
            assert set(chunks(response.content)) == {"IHDR", "IDAT", "IEND"}
        event = AuditEvent.objects.get(action="exported_photos")
        assert event.detail == {"purpose": purpose, "photos": 2, "format": file_format}

    def test_withdrawal_refuses_both_steps(
        self, cast: Cast, photos: list[Photo], consent: Consent, purpose: str
    ) -> None:
        """It is refused at both steps once the consent is withdrawn."""
        client = cast.client(cast.clinician)
        assert client.get(address(cast, purpose=purpose)).status_code == 200

        withdraw(consent, on=datetime.date.today(), reason="Asked to", expected_version=1, by=cast.nurse)

        assert client.get(address(cast, purpose=purpose)).status_code == 422
        assert send(cast, photos, purpose=purpose).status_code == 422
        assert not Export.objects.exists()


class TestTheFile:
    def test_png_has_only_pixel_chunks(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        """A PNG has chunks for its pixels and no others."""
        response = send(cast, photos)

        assert set(chunks(response.content)) == {"IHDR", "IDAT", "IEND"}
        opened_again = Image.open(io.BytesIO(response.content))
        assert opened_again.info == {} and not opened_again.getexif()

    def test_pdf_hides_author_and_time(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        """A PDF says nothing of who made it and when."""
        content = send(cast, photos, file_format="pdf").content

        number = re.search(rb"/Info (\d+) 0 R", content)
        body = re.search(rb"\n%s 0 obj\n(.*?)endobj" % number[1], content, re.S)[1] if number else b"<< >>"
        assert re.sub(rb"\s", b"", body) == b"<<>>"
        for word in (b"/Author", b"/CreationDate", b"/ModDate", b"/Producer", b"/Creator", b"/Title", b"/Metadata"):
            assert word not in content
        assert b"Exif" not in content and b"Camera 7" not in content
        assert b"FontFile2" in content, "the letters are in the file"

    @pytest.mark.parametrize("file_format", ["png", "pdf"])
    def test_file_and_name_hide_the_patient(
        self, cast: Cast, photos: list[Photo], consent: Consent, file_format: str
    ) -> None:
        """Neither the file nor its name names the patient."""
        response = send(cast, photos, file_format=file_format)

        assert response["Content-Disposition"] == f'attachment; filename="before-after-month-0-month-5.{file_format}"'
        assert response["Cache-Control"] == "private, no-store"
        for secret in (b"Invented", cast.patient.record_number.encode(), str(cast.patient.pk).encode()):
            assert secret not in response.content
            assert not any(secret in stream for stream in streams(response.content))

    def test_text_on_the_sheet(self, cast: Cast, photos: list[Photo]) -> None:
        """The text on it is months, the clinic, the alignment and the verdicts."""
        factories.measurement(cast.patient, measured_on=LATER)
        told = words(drawn(cast, photos))

        assert {"Before and after", cast.clinic.name, "Vertex", "Month 0", "Month 5 (+2 days)"} <= set(told)
        assert "Not aligned." in told
        assert "Change in density: too early." in told
        assert any(line.startswith("Not known whether comparable") for line in told)
        assert any("this use only: teaching" in line for line in told)
        assert not any(re.search(r"20\d\d|Ida|Invented|T-\d|Jan|Jun", line) for line in told)

    def test_the_same_sheet_is_the_same_bytes(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        for file_format in ("png", "pdf"):
            first, second = (send(cast, photos, file_format=file_format).content for _ in range(2))
            assert first == second

    def test_long_sheets_break_between_views(self) -> None:
        """Long sheets break between views and lose no row."""
        picture = Image.new("RGB", (60, 80), "teal")
        rows = tuple(
            Row(f"View {n}", (Cell(picture, "Month 0"), Cell(None, "Not taken"), Cell(picture, "Month 5", ("a", "b"))))
            for n in range(7)
        )
        sheet = Sheet("Clinic", "Before and after", rows, ("A note. " * 60,))

        pages = lay_out(sheet, page_height=PAGE_HEIGHT)

        told = [item.text for page in pages for item in page.items if isinstance(item, Text)]
        assert [text for text in told if text.startswith("View")] == [f"View {n}" for n in range(7)]
        assert len(pages) > 3
        for page in pages:
            assert all(item.y + getattr(item, "height", 0) <= PAGE_HEIGHT - 20 for item in page.items)
        assert as_pdf(sheet).count(b"/Type /Page\n") == len(pages)
        assert Image.open(io.BytesIO(as_png(sheet))).width == 2526


class TestCovering:
    def test_cover_is_burnt_into_the_pixels(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        """A cover is burnt into the pixels, and the original keeps its bytes."""
        masked = looked(photos, **{f"mask-{photos[0].pk}-1": "0 0 100 100"})

        sheet = Image.open(io.BytesIO(send(cast, photos, masked).content)).convert("RGB")

        left, right = sheet.crop((120, 250, 1180, 900)), sheet.crop((1400, 250, 2400, 900))
        assert left.getcolors() == [(left.width * left.height, (138, 143, 141))]
        assert right.getcolors(2_000_000) is None or len(right.getcolors(2_000_000)) > 2
        assert originals.original_path(media_root(), photos[0].key).read_bytes() == jpeg(1)

    def test_crop_leaves_its_part_and_says_so(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        """A crop leaves only its part and says so."""
        covers = {photos[0].pk: Cover(crop=(25, 25, 50, 50)), photos[1].pk: Cover()}

        sheet = drawn(cast, photos, covers)

        assert [cell.picture.size for cell in sheet.rows[0].cells if cell.picture] == [(320, 240), (640, 480)]
        assert "Cut to a part: its scale is its own." in words(sheet)
        assert any("Parts of 1 of 2 photographs" in line for line in words(sheet))

    def test_each_photo_must_have_been_looked_at(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        response = send(cast, photos, looked(photos[:1]))

        assert response.status_code == 422
        assert response.content.decode().count("cover what identifies the patient, and tick this") == 2
        name = f"looked-{photos[0].pk}"
        tick = rf'id="id_{name}"\s+type="checkbox"\s+name="{name}"\s+checked'
        assert re.search(tick, response.content.decode())
        assert not Export.objects.exists()

    def test_unreadable_part_is_refused(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        """What cannot be read as a part is refused and stays typed."""
        response = send(cast, photos, looked(photos, **{f"mask-{photos[0].pk}-1": "half of it"}))

        assert response.status_code == 422
        assert 'value="half of it"' in response.content.decode()
        assert "Write four numbers in per cent" in response.content.decode()

    def test_consent_with_face_shows_in_question(self, cast: Cast, photos: list[Photo]) -> None:
        """A consent that lets the face be seen says so in the question."""
        factories.consent(cast.patient, "photography", purposes=["teaching"], is_identifiable=True)

        page = cast.client(cast.clinician).get(address(cast)).content.decode()

        assert "The consent allows that the face is seen" in page

    def test_aligned_photos_lie_over_the_first(self, cast: Cast, photos: list[Photo]) -> None:
        """Aligned photos are laid over the first where that was asked."""
        marks = {"whorl": (800, 600), "mark_a": (500, 400), "mark_b": (1100, 420), "hairline": (800, 200)}
        PhotoPair.objects.create(
            clinic=cast.clinic,
            patient=cast.patient,
            created_by=cast.clinician,
            aligned_by=cast.clinician,
            earlier=photos[0],
            later=photos[1],
            landmarks={name: {"earlier": [x, y], "later": [x + 160, y]} for name, (x, y) in marks.items()},
        )
        taken = opened(photos[1])

        over, plain = (drawn(cast, photos, lay_over=wanted).rows[0].cells[1] for wanted in (True, False))

        assert plain.picture.tobytes() == taken.tobytes()
        moved = over.picture.getpixel((200, 240)), taken.getpixel((200 + 64, 240))
        assert max(abs(a - b) for a, b in zip(*moved, strict=True)) <= 3
        assert "Aligned on 4 points; 0 px off." in over.lines
        assert "Aligned on 4 points; 0 px off; shown as taken." in plain.lines


class TestOnRecord:
    def test_export_is_on_record_and_trail(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        """What left the clinic is on record and on the trail."""
        response = send(cast, photos, looked(photos, **{f"crop-{photos[1].pk}": "10 10 80 80"}))

        export = Export.objects.get()
        assert export.sha256 == hashlib.sha256(response.content).hexdigest()
        assert export.photos == [str(photo.pk) for photo in photos]
        assert export.crops[str(photos[1].pk)] == {"crop": [10, 10, 80, 80], "masks": []}
        assert (export.purpose, export.consent, export.created_by) == ("teaching", consent, cast.clinician)
        event = AuditEvent.objects.get(action="exported_photos")
        assert event.patient_id == cast.patient.pk
        assert event.detail == {"purpose": "teaching", "photos": 2, "format": "png"}
        page = cast.client(cast.clinician).get(f"/patients/{cast.patient.pk}/photos/export/").content.decode()
        assert "2 photographs, PNG" in page

    def test_export_sent_twice_is_one(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        """Sent twice it is one export, and both times are on the trail."""
        told = looked(photos, id=str(new_id()))

        assert [send(cast, photos, told).status_code for _ in range(2)] == [200, 200]

        assert Export.objects.count() == 1
        assert AuditEvent.objects.filter(action="exported_photos").count() == 1
        assert AuditEvent.objects.filter(action="exported_photos_again").count() == 1

    def test_form_knows_its_choice_after_sign_in(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        """The form knows its choice when it is sent again after signing in."""
        page = cast.client(cast.clinician).get(address(cast, file_format="pdf")).context

        path = address(cast).partition("?")[0]
        response = cast.client(cast.clinician).post(path, looked(photos, choice=page["choice"]))

        assert response["Content-Type"] == "application/pdf"

    def test_changed_form_is_another_export(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        """Changed on the page that stayed open, it is another export."""
        told = looked(photos, id=str(new_id()))
        send(cast, photos, told)

        assert send(cast, photos, told | {f"mask-{photos[0].pk}-1": "1 1 9 9"}).status_code == 200

        assert Export.objects.count() == 2
        assert AuditEvent.objects.filter(action="exported_photos").count() == 2

    @pytest.mark.parametrize("person", ["nurse", "reception", "reader"])
    def test_only_who_may_export_can(self, cast: Cast, photos: list[Photo], consent: Consent, person: str) -> None:
        client = cast.client(getattr(cast, person))

        assert client.post(address(cast), looked(photos)).status_code == 403
        assert client.get(f"/patients/{cast.patient.pk}/photos/export/").status_code == 403

    def test_missing_file_records_nothing(self, cast: Cast, photos: list[Photo], consent: Consent) -> None:
        """A file that is gone is named, and nothing goes on record."""
        originals.derivative_path(media_root(), photos[1].key, 1600).unlink()
        assert send(cast, photos).status_code == 200, "it is made again from the original"
        originals.derivative_path(media_root(), photos[1].key, 1600).unlink()
        originals.original_path(media_root(), photos[1].key).unlink()
        Export.objects.all()._raw_delete("default")

        response = send(cast, photos)

        assert response.status_code == 422
        assert "cannot be read" in response.content.decode()
        assert not Export.objects.exists()


class TestChoosing:
    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"date": [BASELINE]}, "Choose two to four dates; 1 is chosen"),
            ({"view": ["frontal"]}, "Choose among the views below"),
            ({"date": [BASELINE, "2001-01-01"]}, "Choose among the dates below"),
            ({"clinic_name": "Clinic of Ida"}, "would name the patient"),
            ({"clinic_name": "髪のクリニック"}, "The sheet cannot print"),
            ({"purpose": "fun"}, "Choose one of the uses below"),
        ],
    )
    def test_choice_that_makes_no_sheet(
        self, cast: Cast, photos: list[Photo], consent: Consent, fields: dict[str, Any], told: str
    ) -> None:
        """A choice that makes no sheet is refused with a sentence."""
        response = cast.client(cast.clinician).get(address(cast, **fields))

        assert response.status_code == 422
        assert told in response.content.decode()

    def test_more_than_four_dates_are_too_many(self, cast: Cast, consent: Consent) -> None:
        days = [BASELINE + datetime.timedelta(days=31 * month) for month in range(5)]
        for day in days:
            factories.photo(cast.patient, taken_on=day)

        assert "5 are chosen" in cast.client(cast.clinician).get(address(cast, date=days)).content.decode()

    def test_compared_pair_is_suggested(self, cast: Cast, photos: list[Photo]) -> None:
        """The pair that was compared is suggested."""
        compared = cast.client(cast.clinician).get(f"/patients/{cast.patient.pk}/photos/compare/")

        page = cast.client(cast.clinician).get(compared.context["export_url"]).content.decode()

        assert re.findall(r'name="(?:view|date)" value="([\w-]+)" checked', page) == [
            "vertex",
            "2025-01-14",
            "2025-06-16",
        ]

    def test_other_day_of_the_month_fills_in(self, cast: Cast, photos: list[Photo], consent) -> None:
        """A view taken another day of the month fills its place."""
        frontal = [kept(cast, BASELINE, 3, "frontal"), kept(cast, LATER + datetime.timedelta(days=1), 4, "frontal")]

        form = cast.client(cast.clinician).get(address(cast, view=["vertex", "frontal"])).context["form"]

        assert [photo.pk for photo in form.plan.photos] == [photo.pk for photo in [*photos, *frontal]]

    def test_nothing_to_pair_points_to_the_sheet(self, cast: Cast) -> None:
        """With nothing to pair it points to the sheet."""
        factories.photo(cast.patient)

        page = cast.client(cast.clinician).get(f"/patients/{cast.patient.pk}/photos/export/").content.decode()

        assert "No view has been photographed at two dates yet" in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInTheBrowser:
    def test_dragged_cover_is_reviewed(
        self, cast: Cast, photos: list[Photo], consent: Consent, page, live_server
    ) -> None:
        """A part is covered by dragging, looked at again and downloaded."""
        sign_in(page.context, cast.clinician, live_server.url)
        page.goto(f"/patients/{cast.patient.pk}/photos/export/")
        page.get_by_role("radio", name="Teaching").check(force=True)
        page.get_by_role("button", name="Look at each photograph").click()
        for tick in page.locator("[data-looked]").all():
            tick.press("Space")  # a click could land on the bar that lies over the page's foot
        page.evaluate("scrollTo(0, 0)")
        box = page.locator("[data-pic]").first.bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5, steps=3)
        page.mouse.up()

        left, top, width, height = map(float, page.locator("[data-box=mask]").first.input_value().split())
        assert (left, top, width, height) == pytest.approx((10, 20, 30, 30), abs=0.4)
        assert not page.locator("[data-looked]").first.is_checked(), "what changed must be looked at again"
        page.locator("[data-looked]").first.focus()
        page.keyboard.press("Space")
        with page.expect_download() as download:
            page.get_by_role("button", name="Export PNG").click()
        assert download.value.suggested_filename == "before-after-month-0-month-5.png"
        assert Export.objects.get().crops[str(photos[0].pk)]["masks"] == [[left, top, width, height]]

    def test_typed_cover_without_scripts(
        self, cast: Cast, photos: list[Photo], consent: Consent, new_page, live_server
    ) -> None:
        """Numbers typed are drawn, and all of it works without scripts."""
        page = new_page()
        sign_in(page.context, cast.clinician, live_server.url)
        page.goto(address(cast))
        page.get_by_text("By numbers").first.click()
        page.locator("[data-box=mask]").first.fill("10 10 20 20")
        part = page.locator(".exp-part-mask").bounding_box()
        box = page.locator("[data-pic]").first.bounding_box()
        assert part["width"] == pytest.approx(box["width"] * 0.2, abs=1)

        plain = new_page(java_script_enabled=False)
        sign_in(plain.context, cast.clinician, live_server.url)
        plain.goto(address(cast))
        for tick in plain.locator("[data-looked]").all():
            tick.press("Space")
        with plain.expect_download():
            plain.get_by_role("button", name="Export PNG").click()

    def test_export_page_is_accessible(
        self, cast: Cast, photos: list[Photo], consent: Consent, new_page, live_server, axe, watch
    ) -> None:
        watch.allow("status of 422")
        page = new_page(width=390)
        sign_in(page.context, cast.clinician, live_server.url)
        empty = factories.patient(cast.clinic)
        for at in (
            f"/patients/{cast.patient.pk}/photos/export/",
            address(cast),
            address(cast, date=[BASELINE], clinic_name="Ida"),
            f"/patients/{empty.pk}/photos/export/",
        ):
            page.goto(at)
            page.wait_for_load_state("networkidle")
            for more in page.get_by_text("By numbers").all():
                more.click()
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def planned(
    cast: Cast, photos: list[Photo], covers: Any = None, lay_over: bool = True
) -> tuple[Plan, dict[Any, Cover]]:
    lines = (Line("vertex", tuple(photos)),)
    days = tuple(photo.taken_on for photo in photos)
    plan = Plan(lines, days, CourseCalendar(BASELINE), "teaching", "png", cast.clinic.name, lay_over)
    return plan, covers or {photo.pk: Cover() for photo in photos}


def drawn(cast: Cast, photos: list[Photo], covers: Any = None, lay_over: bool = True) -> Sheet:
    plan, told = planned(cast, photos, covers, lay_over)
    pairs = {(pair.earlier_id, pair.later_id): pair for pair in PhotoPair.objects.all()}
    return sheet_of(plan, told, pairs=pairs, measurements=[], thresholds=DEFAULT)


def words(sheet: Sheet) -> list[str]:
    (page,) = lay_out(sheet, page_height=None)
    return [item.text for item in page.items if isinstance(item, Text)]


def streams(content: bytes) -> list[bytes]:
    """Every compressed part of a PNG or a PDF that can be opened, opened."""
    found = []
    for at in [match.start() for match in re.finditer(rb"x[\x01\x5e\x9c\xda]", content)][:2000]:
        try:
            found.append(zlib.decompressobj().decompress(content[at:], 200_000))
        except zlib.error:
            continue
    return found
