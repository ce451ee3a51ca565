"""The compare page: which two photographs stand on it, what it says of them, and what it costs."""

import datetime
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from tests.photos.pictures import jpeg
from treatments.models import PhotoPair
from treatments.photos.models import Photo
from treatments.photos.upload.store_photo import store_photo
from treatments.records.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
BASELINE = datetime.date(2025, 1, 14)
TODAY = datetime.date.today()
CARD = {
    "lighting": "standard_room",
    "hair_state": "dry",
    "product_used": "none",
    "parting": "radial_vertex",
    "hair_length_mm": 30,
    "distance_cm": 31,
    "device": "Camera",
    "lens_mm": Decimal("26"),
}
MARKED = {name: {"earlier": [x, y], "later": [x + 5, y]} for name, x, y in (
    ("whorl", 800.0, 800.0),
    ("mark_a", 500.0, 600.0),
    ("mark_b", 1100.0, 620.0),
    ("hairline", 800.0, 300.0),
)}  # fmt: skip


def months_later(months: int, day: int = 14) -> datetime.date:
    years, month = divmod(months, 12)
    return datetime.date(2025 + years, month + 1, day)


def album(cast: Cast, *months: int, **fields: object) -> list[Photo]:
    return [factories.photo(cast.patient, taken_on=months_later(month), **{**CARD, **fields}) for month in months]


def opened(cast: Cast, query: str = "", person: str = "clinician"):
    return cast.client(getattr(cast, person)).get(f"/patients/{cast.patient.pk}/photos/compare/{query}")


def shown(response) -> tuple[str, str]:
    return response.context["earlier"]["id"], response.context["later"]["id"]


@pytest.fixture
def course(cast: Cast):
    return factories.course(cast.patient, baseline_on=BASELINE)


class TestWhichTwo:
    def test_it_opens_on_baseline_against_latest(self, cast: Cast, course) -> None:
        first, _, last = album(cast, 0, 3, 5)
        factories.photo(cast.patient, view="frontal", taken_on=months_later(0))

        assert shown(opened(cast)) == (str(first.pk), str(last.pk))

    def test_baseline_is_nearest_to_the_start(self, cast: Cast, course) -> None:
        """The baseline is the photo nearest to the start, not the oldest."""
        factories.photo(cast.patient, taken_on=datetime.date(2023, 5, 1))
        first, last = album(cast, 0, 5)

        assert shown(opened(cast)) == (str(first.pk), str(last.pk))

    def test_baseline_is_before_the_needle(self, cast: Cast, course) -> None:
        """Five days before the first needle rather than three days after it, wherever Month 0 lies."""
        factories.exosome_session(course, performed_on=months_later(0, 20))
        before, after, last = (
            factories.photo(cast.patient, taken_on=day, **CARD)
            for day in (months_later(0, 15), months_later(0, 23), months_later(5))
        )

        assert shown(opened(cast)) == (str(before.pk), str(last.pk))
        Photo.objects.filter(pk=before.pk).update(
            struck_out_at=timezone.now(), struck_out_by=cast.clinician, struck_out_reason="Another patient"
        )
        assert shown(opened(cast)) == (str(after.pk), str(last.pk))

    def test_another_view_stays_before_needle(self, cast: Cast, course) -> None:
        """A change of view takes its baseline of five days before, though one of three days after lies nearer."""
        factories.exosome_session(course, performed_on=months_later(0, 20))
        named, last = (factories.photo(cast.patient, taken_on=day, **CARD) for day in (months_later(0, 20), TODAY))
        before, _after, latest = (
            factories.photo(cast.patient, view="frontal", taken_on=day, **CARD)
            for day in (months_later(0, 15), months_later(0, 23), TODAY)
        )

        query = f"?view=frontal&earlier={named.pk}&later={last.pk}"
        assert shown(opened(cast, query)) == (str(before.pk), str(latest.pk))

    def test_session_known_to_its_month(self, cast: Cast, course) -> None:
        """What was certainly before it goes first; without such a photo the page says that nobody knows."""
        factories.exosome_session(course, performed_on=months_later(0, 1), performed_precision="month")
        before = factories.photo(cast.patient, taken_on=datetime.date(2024, 12, 27), **CARD)
        perhaps, last = album(cast, 0, 5)
        page = opened(cast)
        assert shown(page) == (str(before.pk), str(last.pk)) and page.context["baseline_note"] == ""

        Photo.objects.filter(pk=before.pk).update(
            struck_out_at=timezone.now(), struck_out_by=cast.clinician, struck_out_reason="Another patient"
        )
        page = opened(cast)
        assert shown(page) == (str(perhaps.pk), str(last.pk))
        assert "it is not known which came first" in page.context["baseline_note"]

    def test_no_photo_before_the_needle_is_said(self, cast: Cast, course) -> None:
        factories.exosome_session(course, performed_on=months_later(0, 10))
        album(cast, 0, 5)

        assert "No photo of this view was taken before the first session." in opened(cast).content.decode()

    @pytest.mark.parametrize(("hour", "is_baseline"), [(9, True), (12, False), (None, True)])
    def test_photo_of_the_first_session(self, cast: Cast, course, hour: int | None, is_baseline: bool) -> None:
        """It comes before the needle, unless its camera says that it was taken after."""
        day = months_later(0, 20)
        factories.exosome_session(course, performed_on=day, performed_at=datetime.time(10, 30))
        taken_at = hour and timezone.make_aware(datetime.datetime(day.year, day.month, day.day, hour))
        early = factories.photo(cast.patient, taken_on=months_later(0), **CARD)
        same_day = factories.photo(cast.patient, taken_on=day, exif_taken_at=taken_at, **CARD)
        last = factories.photo(cast.patient, taken_on=months_later(5), **CARD)

        assert shown(opened(cast)) == (str((same_day if is_baseline else early).pk), str(last.pk))

    def test_photo_to_retake_is_not_opened_on(self, cast: Cast, course) -> None:
        """A photo to be taken again is not opened on."""
        first, good, _ = album(cast, 0)[0], album(cast, 5)[0], album(cast, 6, quality="retake")[0]

        assert shown(opened(cast)) == (str(first.pk), str(good.pk))

    def test_timeline_photo_opens_with_baseline(self, cast: Cast, course) -> None:
        """The photo that the timeline names is shown with the baseline."""
        first, middle, _ = album(cast, 0, 3, 5)

        assert shown(opened(cast, f"?view=vertex&later={middle.pk}")) == (str(first.pk), str(middle.pk))

    def test_first_photo_is_the_earlier_one(self, cast: Cast, course) -> None:
        """The first photo of all is the earlier one."""
        first, _, last = album(cast, 0, 3, 5)

        assert shown(opened(cast, f"?view=vertex&later={first.pk}")) == (str(first.pk), str(last.pk))

    def test_photos_in_wrong_order_are_turned(self, cast: Cast, course) -> None:
        """Two photos named the wrong way round are turned."""
        _, middle, last = album(cast, 0, 3, 5)

        assert shown(opened(cast, f"?earlier={last.pk}&later={middle.pk}")) == (str(middle.pk), str(last.pk))

    def test_another_view_keeps_the_months(self, cast: Cast, course) -> None:
        album(cast, 0, 3, 5)
        midline = album(cast, 0, 3, 5, view="superior_midline")
        vertex = [photo for photo in Photo.objects.in_order() if photo.view == "vertex"]

        address = f"?view=superior_midline&earlier={vertex[0].pk}&later={vertex[1].pk}"

        assert shown(opened(cast, address)) == (str(midline[0].pk), str(midline[1].pk))

    @pytest.mark.parametrize("query", ["?view=nonsense", "?earlier=x&later=%00", "?later=" + "9" * 400])
    def test_nonsense_address_shows_usual_pair(self, cast: Cast, course, query: str) -> None:
        """Nonsense in the address shows the usual pair."""
        first, last = album(cast, 0, 5)

        assert shown(opened(cast, query)) == (str(first.pk), str(last.pk))

    def test_struck_out_and_foreign_are_hidden(self, cast: Cast, course) -> None:
        """What was struck out and what is another's is not shown."""
        first, last = album(cast, 0, 5)
        struck = factories.photo(
            cast.patient,
            taken_on=months_later(9),
            struck_out_at=datetime.datetime.now(datetime.UTC),
            struck_out_by=cast.clinician,
            struck_out_reason="Another patient",
        )
        theirs = factories.photo(factories.patient(cast.clinic), taken_on=months_later(9))

        for other in (struck, theirs):
            assert shown(opened(cast, f"?later={other.pk}")) == (str(first.pk), str(last.pk))

    def test_close_ups_are_compared_at_one_site(self, cast: Cast, course) -> None:
        for months, site in ((0, "vertex"), (3, "frontal"), (5, "vertex")):
            album(cast, months, view="trichoscopy", site=site, magnification=20)

        response = opened(cast, "?view=trichoscopy.vertex")

        assert len(response.context["dates"]) == 2
        assert "Trichoscopy, vertex" in response.content.decode()


class TestNothingToCompare:
    def test_no_photo_at_all_points_to_the_sheet(self, cast: Cast) -> None:
        page = opened(cast).content.decode()

        assert "There are no photographs yet" in page
        assert f"/patients/{cast.patient.pk}/photos/" in page

    def test_single_photo_offers_other_views(self, cast: Cast, course) -> None:
        """One photo of the view is shown alone, with the views that can be compared."""
        album(cast, 0, 5)
        alone = factories.photo(cast.patient, view="frontal", taken_on=BASELINE)

        page = opened(cast, f"?view=frontal&later={alone.pk}").content.decode()

        assert "only photograph of this view" in page
        assert alone.small_url in page
        assert "?view=vertex" in page


class TestWhatItSays:
    def test_image_has_month_day_and_session(self, cast: Cast, course) -> None:
        """Each image has its month, day and session."""
        album(cast, 0)
        factories.photo(cast.patient, taken_on=datetime.date(2025, 6, 16), **CARD)
        for month in range(5):
            factories.exosome_session(course, performed_on=months_later(month))

        context = opened(cast).context

        assert [context["earlier"][key] for key in ("month", "date", "session")] == [
            "Month 0",
            "14 Jan 2025",
            "baseline",
        ]
        assert [context["later"][key] for key in ("month", "date", "session")] == [
            "Month 5",
            "16 Jun 2025 (+2 days)",
            "after session 5",
        ]

    def test_photo_known_to_the_month(self, cast: Cast, course) -> None:
        """A photo known to the month is given no day."""
        album(cast, 0)
        factories.photo(cast.patient, taken_on=datetime.date(2025, 6, 1), taken_precision="month")

        assert opened(cast).context["later"]["date"] == "Jun 2025"

    def test_months_without_a_course(self, cast: Cast) -> None:
        """Without a course, months count from the first photo."""
        album(cast, 2, 5)

        context = opened(cast).context

        assert (context["earlier"]["month"], context["later"]["month"]) == ("Month 0", "Month 3")

    def test_like_and_aligned_is_comparable(self, cast: Cast, course) -> None:
        """Like conditions and an alignment make a pair comparable."""
        first, last = album(cast, 0, 7)
        aligned(cast, first, last)

        assert opened(cast).context["verdict"].headline == "Comparable"

    def test_other_light_names_a_better_pair(self, cast: Cast, course) -> None:
        """Other light forbids it, and a better pair is named."""
        album(cast, 0, lighting="bright_overhead")
        middle, last = album(cast, 3, 5)

        context = opened(cast).context

        assert context["verdict"].headline == "Not comparable: light differs"
        assert context["suggestion"]["label"] == "Compare Month 3 and Month 5"
        assert str(middle.pk) in context["suggestion"]["url"] and str(last.pk) in context["suggestion"]["url"]
        assert context["suggestion"]["why"].endswith("alike in light.")

    def test_consent_is_shown_by_the_export(self, cast: Cast, course) -> None:
        """What consent covers is shown by the export."""
        album(cast, 0, 5)
        factories.consent(cast.patient, "photography", purposes=["record", "teaching"])

        assert "consent covers clinical record and teaching; not publication" in opened(cast).content.decode()
        assert "Export this pair" not in opened(cast, person="nurse").content.decode()

    def test_a_reader_may_look_and_not_align(self, cast: Cast, course) -> None:
        first, last = album(cast, 0, 5)
        aligned(cast, first, last)

        page = opened(cast, person="reader").content.decode()

        assert "data-align-form" not in page
        assert "Aligned on 4 points" in page


class TestCanItBeSeen:
    def counted(self, cast: Cast, month: int, value: int, **fields: object) -> None:
        told = {"value": Decimal(value), "measured_on": months_later(month), "is_same_spot": True, **fields}
        factories.measurement(cast.patient, area_cm2=Decimal("1"), **told)

    def word(self, cast: Cast, query: str = "") -> str:
        return str(opened(cast, query).context["change"].word)

    def test_before_month_6_is_too_early(self, cast: Cast, course) -> None:
        """Before month 6 it is too early, whatever was counted."""
        album(cast, 0, 5)
        self.counted(cast, 0, 100)
        self.counted(cast, 5, 160)

        assert self.word(cast) == "Too early"

    @pytest.mark.parametrize(
        ("count", "word"),
        [(110, "Within measurement error"), (120, "Above error, not yet visible"), (130, "Likely visible")],
    )
    def test_later_the_count_decides(self, cast: Cast, course, count: int, word: str) -> None:
        """Later the count of those months decides."""
        album(cast, 0, 7)
        self.counted(cast, 0, 100)
        self.counted(cast, 7, count)

        assert self.word(cast) == word

    def test_figure_by_eye_is_called_so(self, cast: Cast, course) -> None:
        """A figure guessed by eye is called what it is."""
        album(cast, 0, 7)
        factories.measurement(
            cast.patient,
            kind="density_change_pct",
            method="clinician_visual_estimate",
            low=Decimal(20),
            high=Decimal(25),
            measured_on=months_later(7),
        )

        assert self.word(cast) == "Visual estimate: not a measurement"
        assert opened(cast).context["change"].headline.endswith("%: not a measurement")

    def test_two_photos_alone_get_no_verdict(self, cast: Cast, course) -> None:
        """Two photos alone get none of the verdicts."""
        album(cast, 0, 7)
        self.counted(cast, 0, 100)
        self.counted(cast, 9, 150)

        assert self.word(cast) == "Not measured"

    def test_late_months_are_compared(self, cast: Cast, course) -> None:
        """Two late months are judged against each other."""
        _, early, late = album(cast, 0, 3, 10)
        for month, count in ((0, 100), (3, 140), (10, 145)):
            self.counted(cast, month, count)

        assert self.word(cast) == "Likely visible"
        assert self.word(cast, f"?earlier={early.pk}&later={late.pk}") == "Within measurement error"

    def test_close_months_are_too_early(self, cast: Cast, course) -> None:
        """Two months close to each other are too early, however late."""
        _, early, late = album(cast, 0, 8, 12)

        assert self.word(cast, f"?earlier={early.pk}&later={late.pk}") == "Too early"

    def test_the_clinics_own_thresholds_count(self, cast: Cast, course) -> None:
        album(cast, 0, 7)
        self.counted(cast, 0, 100)
        self.counted(cast, 7, 120)
        cast.clinic.thresholds = {
            "sdc_matched_pct": 8,
            "sdc_unmatched_pct": 20,
            "visible_pct": 15,
            "visible_per_cm2": 40,
            "early_before_month": 6,
        }
        cast.clinic.save()

        assert self.word(cast) == "Likely visible"

    def test_verdict_names_its_subject(self, cast: Cast, course) -> None:
        """The verdict names what it is about, and never what the pair cannot show."""
        first, last = album(cast, 0, 7)
        self.counted(cast, 0, 100)
        self.counted(cast, 7, 130)

        def told() -> list[str]:
            page = opened(cast).content.decode()
            lines = re.findall(r'<p class="cmp-verdict">(.*?)</p>', page, re.S)
            return [" ".join(re.sub("<[^>]+>", " ", line).split()) for line in lines]

        assert told()[1].startswith(
            "Measured density +30 %, +10 to +53: likely visible. Whether these photographs show it is not known."
        )
        aligned(cast, first, last)
        assert told()[0].startswith("Comparable.")
        assert told()[1].startswith("Measured density +30 %, +10 to +53: likely visible. Why")
        Photo.objects.filter(pk=last.pk).update(lighting="fixed_flash")
        assert told()[0].startswith("Not comparable: light differs.")
        assert told()[1].startswith(
            "Measured density +30 %, +10 to +53: likely visible. These photographs cannot show it."
        )
        assert 'class="verdict verdict-warn"><b>Measured' not in opened(cast).content.decode()

    @pytest.mark.parametrize(
        ("months", "counts", "headline"),
        [
            (5, (), "Change in density: too early"),
            (5, (100, 140), "Measured density +40 %, +19 to +65: too early"),
            (7, (), "Density not measured at both dates"),
            (7, (100, 110), "Measured density +10 %, −7 to +30: within measurement error"),
            (7, (100, 120), "Measured density +20 %, +2 to +42: above error, not yet visible"),
            (7, (100, 70), "Measured density −30 %, −43 to −14: likely visible"),
        ],
    )
    def test_each_verdict_has_its_figure(
        self, cast: Cast, course, months: int, counts: tuple[int, ...], headline: str
    ) -> None:
        """Each verdict is shown with its figure."""
        album(cast, 0, months)
        for month, count in zip((0, months), counts, strict=False):
            self.counted(cast, month, count)

        assert opened(cast).context["change"].headline == headline

    def test_each_spot_has_its_own_change(self, cast: Cast, course) -> None:
        """Two spots in the Months of a pair: each against itself, with the count it is told against."""
        album(cast, 0, 7)
        for month, hairs in ((0, 100), (7, 140)):
            self.counted(cast, month, hairs, site_detail="Tattoo dot")
            self.counted(cast, month, 200 - hairs, site_detail="3 cm behind the hairline")

        changes = opened(cast).context["change"].changes
        assert sorted(change.figure for change in changes) == ["+40 %", "−40 %"]
        page = opened(cast).content.decode()
        assert "100 hairs/cm² at vertex, Tattoo dot, 14 Jan 2025, count by hand on a trichoscopy image" in page

    def test_the_sources_are_one_click_away(self, cast: Cast, course) -> None:
        album(cast, 0, 7)

        assert 'href="/clinic/thresholds/"' in opened(cast).content.decode()


def aligned(cast: Cast, first: Photo, last: Photo) -> PhotoPair:
    return PhotoPair.objects.create(
        clinic=cast.clinic,
        patient=cast.patient,
        created_by=cast.clinician,
        aligned_by=cast.clinician,
        earlier=first,
        later=last,
        landmarks=MARKED,
        transform={"a": 1.0, "b": 0.0, "tx": -5.0, "ty": 0.0},
        residual_px=0.0,
    )


def test_queries_at_2_and_at_40_photos(cast: Cast, course) -> None:
    """The page costs the same number of queries at 2 and at 40 photos."""
    client = cast.client(cast.clinician)
    address = f"/patients/{cast.patient.pk}/photos/compare/"
    first, last = album(cast, 0, 1)
    aligned(cast, first, last)
    client.get(address)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    few = cost()
    for photo in album(cast, *range(2, 40)):
        aligned(cast, first, photo)
        factories.exosome_session(course, performed_on=photo.taken_on)
        factories.measurement(cast.patient, measured_on=photo.taken_on)

    assert cost() == few


@pytest.fixture
def photographed(cast: Cast, transactional_db) -> Cast:
    """Two pictures with their files."""
    factories.course(cast.patient, baseline_on=BASELINE)
    for number, month in enumerate((0, 7)):
        photo = Photo(
            pk=new_id(), patient=cast.patient, clinic=cast.clinic, view="vertex", taken_on=months_later(month), **CARD
        )
        store_photo(photo, [jpeg(number)], by=cast.clinician)
    return cast


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInTheBrowser:
    def test_points_not_saved_are_offered(self, photographed: Cast, page, live_server) -> None:
        """A page that goes without a question, as on an iPad, loses no mark: it is offered again with its time."""
        sign_in(page.context, photographed.clinician, live_server.url)
        address = f"/patients/{photographed.patient.pk}/photos/compare/"
        page.goto(address)
        page.wait_for_selector("[data-compare].is-live")
        page.locator("[data-open-align]").press("Enter")
        page.keyboard.press("Enter")
        with page.expect_response("**/keep/"):
            page.keyboard.press("Enter")
            # As leaving does it; no question is asked when the browser is let go.
            page.evaluate("dispatchEvent(new Event('pagehide'))")
        page.goto("about:blank")
        page.goto(address)
        offer = page.locator(".offer")
        expect(offer).to_contain_text(re.compile(r"You marked points here and did not save them, \d\d:\d\d\."))
        assert page.locator("[data-point=whorl] [data-at=later]").text_content() == "to mark"
        offer.get_by_role("button", name="Resume").click()
        expect(page.locator("[data-point=whorl] [data-at=later]")).to_have_text("marked")
        expect(page.locator("[data-unsaved]")).to_be_visible()
        expect(offer).to_have_count(0)

    def test_refused_points_can_be_completed(self, photographed: Cast, page, live_server, watch) -> None:
        """Refused points are still there and can be completed."""
        watch.allow("status of 422")
        sign_in(page.context, photographed.clinician, live_server.url)
        page.goto(f"/patients/{photographed.patient.pk}/photos/compare/")
        page.wait_for_selector("[data-compare].is-live")
        page.evaluate(
            """() => {
              const form = document.querySelector("[data-align-form]");
              const landmarks = { whorl: { earlier: [800, 800], later: [810, 800] } };
              form.elements.alignment.value = JSON.stringify({ landmarks });
              form.querySelector("[data-save]").disabled = false;
              form.requestSubmit();
            }"""
        )
        page.wait_for_selector("[data-align] .notice-warn")
        page.wait_for_selector("[data-compare].is-live")

        assert "at least two of the same points" in page.locator("[data-align] .notice-warn").inner_text()
        assert page.locator("[data-point=whorl] [data-at=later]").inner_text() == "marked"
        assert page.locator("[data-unsaved]").is_visible()
        page.evaluate("window.onbeforeunload = null")

    def test_full_and_empty_pages_are_accessible(self, photographed: Cast, new_page, live_server, axe) -> None:
        page = new_page(width=390)
        sign_in(page.context, photographed.clinician, live_server.url)
        other = factories.patient(photographed.clinic)
        for patient in (photographed.patient, other):
            page.goto(f"/patients/{patient.pk}/photos/compare/")
            page.wait_for_load_state("networkidle")
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
