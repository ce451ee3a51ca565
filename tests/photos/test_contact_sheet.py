"""The contact sheet: its rows and columns, its gaps, and what is told of a picture by mouse, keyboard and touch."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from tests.photos.pictures import jpeg
from treatments.photos.contact_sheet import lay_out
from treatments.photos.models import Photo
from treatments.photos.patient_photos import load
from treatments.photos.upload.store_photo import store_photo
from treatments.records.ids import new_id
from treatments.records.months import add_months

pytestmark = pytest.mark.django_db
BASELINE = datetime.date(2025, 1, 14)


def kept(cast: Cast, month: int, number: int, view: str = "vertex", **card: Any) -> Photo:
    photo = Photo(
        pk=new_id(),
        patient=cast.patient,
        clinic=cast.clinic,
        view=view,
        taken_on=add_months(BASELINE, month),
        **{"lighting": "ring", "hair_state": "dry", **card},
    )
    return store_photo(photo, [jpeg(number)], by=cast.nurse).photo


class TestRowsAndColumns:
    def test_unplanned_untaken_views_are_a_line(self, cast: Cast) -> None:
        """What nobody planned and nobody took is one line."""
        factories.course(cast.patient, baseline_on=BASELINE, views=["vertex", "occipital"], checkpoints=[0, 3])
        factories.photo(cast.patient, view="superior_midline", taken_on=BASELINE)

        sheet = lay_out(load(cast.patient))

        assert [row.view for row in sheet.rows] == ["vertex", "superior_midline", "occipital"]
        assert sheet.never_taken == ["frontal", "temporal_left", "temporal_right"]

    def test_planned_month_and_view_stay(self, cast: Cast) -> None:
        """A planned month without photos stays a column, and a planned view a row."""
        factories.course(cast.patient, baseline_on=BASELINE, views=["vertex", "occipital"], checkpoints=[0, 3])
        factories.photo(cast.patient, view="vertex", taken_on=BASELINE)

        sheet = lay_out(load(cast.patient))

        assert [column.month.name for column in sheet.columns] == ["Month 0", "Month 3"]
        assert [[len(cell) for cell in row.cells] for row in sheet.rows] == [[1, 0], [0, 0]]

    def test_page_names_unplanned_views(self, cast: Cast) -> None:
        """The page names the views that nobody planned and nobody took."""
        factories.photo(cast.patient, view="vertex", taken_on=BASELINE)

        page = cast.client(cast.nurse).get(f"/patients/{cast.patient.pk}/photos/").content.decode()

        assert "Never taken and not planned: midline, frontal, left temporal, right temporal and occipital." in page


@pytest.fixture
def root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("root")
class TestInTheBrowser:
    def opened(self, cast: Cast, live_server: Any, page: Page) -> Page:
        sign_in(page.context, cast.nurse, live_server.url)
        page.goto(f"/patients/{cast.patient.pk}/photos/")
        page.wait_for_load_state("networkidle")
        return page

    @pytest.fixture
    def taken(self, cast: Cast, transactional_db: None) -> Cast:
        """A baseline on the day of the first session, and a later photo that is far too small."""
        course = factories.course(cast.patient, baseline_on=BASELINE, views=["vertex"])
        factories.exosome_session(course, performed_on=BASELINE)
        kept(cast, 0, 1)
        kept(cast, 1, 2)
        return cast

    def test_details_stand_under_each_photo(self, taken: Cast, live_server: Any, page: Page) -> None:
        """Date, session and card are read without pointing at anything; what is remarked opens by one press."""
        page = self.opened(taken, live_server, page)
        facts = page.locator(".cell-facts").first
        for words in ("14 Jan 2025", "session 1", "Ring light, dry"):
            expect(facts.get_by_text(words, exact=True)).to_be_visible()
        remark = facts.get_by_text("640 pixels on the longer side")
        expect(remark).to_be_hidden()
        facts.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(remark).to_be_visible()

    def test_touch_shows_details_below(self, taken: Cast, live_server: Any, new_page: Any) -> None:
        """By touch they are shown below, and a tap opens the rest."""
        page = self.opened(taken, live_server, new_page(width=820, height=1180, touch=True))
        facts = page.locator(".cell-facts").first
        expect(facts.locator("summary")).to_have_text("1 remark on Vertex of 14 Jan 2025")
        picture, words = page.locator(".cell-pic").first.bounding_box(), facts.bounding_box()
        assert picture and words and words["y"] >= picture["y"] + picture["height"]

        page.locator(".cell-pic").first.tap()

        expect(page.get_by_text("640 pixels on the longer side").first).to_be_visible()

    def test_third_tick_releases_the_first(self, taken: Cast, live_server: Any, page: Page) -> None:
        """Any two of a row are compared, and a third lets go of the first."""
        last = kept(taken, 3, 3)
        page = self.opened(taken, live_server, page)
        ticks = page.locator("[data-pick]")
        for place in range(3):
            ticks.nth(place).focus()
            page.keyboard.press("Space")
        assert [tick.is_checked() for tick in ticks.all()] == [False, True, True]

        page.get_by_role("button", name="Compare Vertex").click()

        page.wait_for_url("**/photos/compare/**")
        middle = Photo.objects.get(taken_on=add_months(BASELINE, 1))
        assert f"earlier={middle.pk}" in page.url and f"later={last.pk}" in page.url

    def test_seven_months_fit_at_1440(self, cast: Cast, live_server: Any, new_page: Any) -> None:
        """Seven months are side by side at 1440 px."""
        for month in range(7):
            kept(cast, month, month)

        page = self.opened(cast, live_server, new_page(width=1440, height=900))

        wrap = page.locator(".contact-wrap")
        assert page.locator(".contact thead th").count() == 7
        assert wrap.evaluate("(box) => box.scrollWidth <= box.clientWidth")
