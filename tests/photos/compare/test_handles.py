"""Laying one photograph over the other by hand: by mouse, by finger and by keyboard, with the error in sight."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.photos.compare.viewer_gestures import apart, frame, look, on_screen, open_points, opened, settled
from tests.photos.compare.viewer_pages import SPOTS, later_of
from treatments.photos.compare.alignment import Landmarks, align

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.photos.compare.viewer_pages"),
]
ALIGNED, UNALIGNED = "/drawn/month-12/aligned", "/drawn/month-12/not"
Point = tuple[float, float]


class Fingers:
    """One or two fingers on the glass, told to the browser as a tablet would."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.glass = page.context.new_cdp_session(page)

    def _tell(self, kind: str, *points: Point) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def move(self, *paths: tuple[Point, Point], steps: int = 8) -> None:
        """Each finger goes from the first to the second point of its path."""
        self._tell("touchStart", *(start for start, _ in paths))
        for step in range(1, steps + 1):
            share = step / steps
            self._tell("touchMove", *((x + share * (u - x), y + share * (v - y)) for (x, y), (u, v) in paths))
        self._tell("touchEnd")
        settled(self.page)


def found(page: Page) -> Any:
    """The alignment as the server would read what stands in the form."""
    return align(Landmarks.from_json(page.locator("input[name=alignment]").input_value()))


def nudge(page: Page) -> Any:
    return Landmarks.from_json(page.locator("input[name=alignment]").input_value()).nudge


def middle(page: Page) -> Point:
    box = frame(page, "later")
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def residual_is_shown(page: Page) -> None:
    """In the panel, and on the picture itself."""
    label = found(page).label
    expect(page.locator("[data-residual]")).to_have_text(label)
    expect(page.locator("[data-tag]")).to_have_text(f"{label} (not saved)")


@pytest.fixture
def tablet(new_page: Any) -> Iterator[Page]:
    page = opened(new_page(width=820, height=1180, touch=True), ALIGNED)
    page.locator("[data-open-align]").tap()
    look(page, "overlay")
    page.locator("[data-drag-later]").check()
    settled(page)
    yield page
    page.evaluate("document.querySelector('[data-nudge-reset]').click()")  # else the page asks before it goes


class TestByFinger:
    def test_one_finger_moves_the_later_photo(self, tablet: Page) -> None:
        """One finger moves the later photograph, and the page stays."""
        before, scrolled = on_screen(tablet, "later", later_of(SPOTS["whorl"])), tablet.evaluate("scrollY")
        x, y = middle(tablet)

        Fingers(tablet).move(((x, y), (x + 24, y - 18)))

        after = on_screen(tablet, "later", later_of(SPOTS["whorl"]))
        assert after == pytest.approx((before[0] + 24, before[1] - 18), abs=1.5)
        assert on_screen(tablet, "earlier", SPOTS["whorl"]) == pytest.approx(before, abs=1)
        assert tablet.evaluate("scrollY") == scrolled
        residual_is_shown(tablet)

    def test_two_fingers_turn_and_zoom_it(self, tablet: Page) -> None:
        x, y = middle(tablet)
        reach, turn = 100, math.radians(10)
        ends = [(x + side * 1.1 * reach * math.cos(turn), y + side * 1.1 * reach * math.sin(turn)) for side in (-1, 1)]

        Fingers(tablet).move(((x - reach, y), ends[0]), ((x + reach, y), ends[1]), steps=16)

        # The first move only says where the two fingers are.
        assert nudge(tablet).turn_deg == pytest.approx(10, abs=1.5)
        assert nudge(tablet).scale == pytest.approx(1.1, abs=0.02)
        residual_is_shown(tablet)

    @pytest.mark.parametrize(("grip", "turn", "zoom"), [("turn", 8, 1), ("zoom", 0, 1.2)])
    def test_grips_work_under_one_finger(self, tablet: Page, grip: str, turn: float, zoom: float) -> None:
        """The grips turn and zoom under one finger."""
        box = tablet.locator(f"[data-grip={grip}]").bounding_box()
        assert box and min(box["width"], box["height"]) >= 44
        x, y = middle(tablet)
        start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        angle = math.radians(turn)
        dx, dy = start[0] - x, start[1] - y
        end = (
            x + zoom * (dx * math.cos(angle) - dy * math.sin(angle)),
            y + zoom * (dx * math.sin(angle) + dy * math.cos(angle)),
        )

        Fingers(tablet).move((start, end))

        assert nudge(tablet).turn_deg == pytest.approx(turn, abs=0.5)
        assert nudge(tablet).scale == pytest.approx(zoom, abs=0.01)
        residual_is_shown(tablet)

    def test_point_is_placed_on_lifting(self, new_page: Any) -> None:
        """A point is placed where the finger lifts."""
        page = opened(new_page(width=820, height=1180, touch=True), UNALIGNED)
        open_points(page)
        for side, spot in (("earlier", SPOTS["whorl"]), ("later", later_of(SPOTS["whorl"]))):
            x, y = on_screen(page, side, spot)
            Fingers(page).move(((x - 30, y + 40), (x, y)))

        marked = json.loads(page.locator("input[name=alignment]").input_value())["landmarks"]["whorl"]
        per_px = 1600 / frame(page, "earlier")["width"]
        assert marked["earlier"] == pytest.approx(SPOTS["whorl"], abs=per_px)
        assert marked["later"] == pytest.approx(later_of(SPOTS["whorl"]), abs=per_px)
        page.locator("[data-point=whorl] [data-remove]").tap()


class TestByMouse:
    def test_the_grips_turn_and_zoom(self, page: Page) -> None:
        opened(page, ALIGNED)
        page.locator("[data-open-align]").click()
        look(page, "overlay")
        page.locator("[data-drag-later]").check()
        settled(page)
        x, y = middle(page)
        box = page.locator("[data-grip=zoom]").bounding_box()
        assert box
        start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(x + 0.9 * (start[0] - x), y + 0.9 * (start[1] - y), steps=4)
        page.mouse.up()

        assert nudge(page).scale == pytest.approx(0.9, abs=0.01)
        residual_is_shown(page)
        page.locator("[data-nudge-reset]").click()


class TestByKeyboard:
    @pytest.fixture
    def moving(self, page: Page) -> Iterator[Page]:
        opened(page, ALIGNED)
        page.locator("[data-open-align]").focus()
        page.keyboard.press("Enter")
        page.locator("[data-drag-later]").focus()
        page.keyboard.press("Space")
        page.locator("[data-pair]").focus()
        yield page
        page.locator("[data-nudge-reset]").focus()
        page.keyboard.press("Enter")

    def test_keys_move_turn_and_zoom_by_steps(self, moving: Page) -> None:
        """Keys move, turn and zoom by the step that is chosen."""
        for key, times in (("ArrowRight", 3), ("ArrowUp", 2)):
            for _ in range(times):
                moving.keyboard.press(key)
        assert (nudge(moving).tx, nudge(moving).ty) == pytest.approx((3, -2), abs=0.01)
        for _ in range(5):
            moving.keyboard.press(".")
        assert nudge(moving).turn_deg == pytest.approx(0.5, abs=0.01)
        for _ in range(4):
            moving.keyboard.press("-")
        assert nudge(moving).scale == pytest.approx(1.001**-4, abs=1e-5)
        residual_is_shown(moving)

    def test_moving_ends_the_marking_of_points(self, page: Page) -> None:
        """Moving ends the marking of points, so that it can be seen."""
        opened(page, ALIGNED)
        page.locator("[data-open-align]").click()
        expect(page.locator("[data-tag]")).to_have_text("As taken, while points are set")

        page.locator("[data-nudge=right]").click()

        expect(page.locator("[data-set-points]")).to_have_attribute("aria-pressed", "false")
        expect(page.locator("[data-hint]")).to_have_text("")
        residual_is_shown(page)
        page.locator("[data-drag-later]").check()
        page.locator("[data-set-points]").click()
        expect(page.locator("[data-drag-later]")).not_to_be_checked()
        page.locator("[data-nudge-reset]").click()

    def test_coarse_steps_warn_until_undone(self, moving: Page) -> None:
        """Coarse steps warn above the limit, and undoing takes the warning back."""
        moving.locator("input[name=step][value=fine]").focus()
        moving.keyboard.press("ArrowRight")  # to the next of the two
        assert moving.locator("input[name=step]:checked").input_value() == "coarse"
        for _ in range(3):
            moving.locator("[data-nudge=right]").focus()
            moving.keyboard.press("Enter")
        assert found(moving).residual_px > 25
        expect(moving.locator("[data-problems]")).to_contain_text("the limit is 25 px")
        expect(moving.locator("[data-tag]")).to_contain_text("Alignment doubtful")
        residual_is_shown(moving)

        moving.locator("[data-nudge-reset]").focus()
        moving.keyboard.press("Enter")

        expect(moving.locator("[data-problems]")).to_be_hidden()
        expect(moving.locator("[data-tag]")).to_have_text("Aligned on 4 points; 0 px off")
        assert apart(moving) < 1
