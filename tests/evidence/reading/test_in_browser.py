"""A reader's session in a browser, by keyboard on a tablet and by touch; the pages of who opens and closes a round."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic.staff.models import Role
from tests import factories
from tests.accessibility import page_checks
from tests.browser import sign_in
from tests.evidence.reading import rounds
from tests.evidence.reading.test_reading import heads
from tests.people import Cast
from treatments.models import ReaderPlace, Reading

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = [(390, 844), (820, 1180), (1440, 900)]


@pytest.fixture
def place(cast: Cast) -> ReaderPlace:
    round = rounds.reading_round(cast.clinic, by=cast.manager, found={"patients": 3, "real": 3, "null": 0, "repeat": 0})
    place = rounds.place(round, cast.blind_reader)
    rounds.shown(place, [rounds.pair(round, earlier, later) for _, earlier, later in heads(cast, 3)])
    return place


def look(page: Page, axe: Any) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        axe(page)
        assert list(page_checks.too_wide(page)) == [], width


def at_pair(page: Page, number: int) -> None:
    expect(page.get_by_text(f"Pair {number} of 3", exact=True)).to_be_visible()
    page.wait_for_load_state()  # its scripts too


@pytest.mark.parametrize("size", [(1180, 820), (1024, 768), (820, 1180), (1280, 720), (1440, 900)])
def test_a_pair_fits_one_screen(
    new_page: Callable[..., Page], live_server: Any, place: ReaderPlace, size: tuple[int, int]
) -> None:
    """On tablets and laptops the pair, all eight answers and Save are seen without scrolling, and none is covered."""
    page = new_page(width=size[0], height=size[1])
    sign_in(page.context, place.reader, live_server.url)
    page.goto("/reading/")
    page.get_by_role("link", name="Begin").click()
    at_pair(page, 1)

    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0
    answers = [answer.bounding_box() for answer in page.locator(".read-answer").all()]
    bar = page.locator(".savebar").bounding_box()
    assert len(answers) == 8
    assert bar
    assert all(box and box["y"] + box["height"] <= bar["y"] for box in answers)
    shown = page.locator(".read-frame").first.bounding_box()
    assert shown
    assert shown["width"] >= 350


def test_whole_session_by_keyboard(
    new_page: Callable[..., Page], live_server: Any, axe: Any, watch: Any, place: ReaderPlace
) -> None:
    """At 820 px from the first page to the last answer without a mouse; Back shows no pair that was
    read; an offline answer is kept on the
    page and saved by itself when the network is back."""
    watch.allow("ERR_INTERNET_DISCONNECTED", "422")
    page = new_page(width=820, height=1180)
    sign_in(page.context, place.reader, live_server.url)
    page.goto("/")
    expect(page).to_have_url(re.compile("/reading/$"))
    look(page, axe)
    page.set_viewport_size({"width": 820, "height": 1180})
    page.get_by_role("link", name="Begin").focus()
    page.keyboard.press("Enter")

    at_pair(page, 1)
    for image in page.locator(".read-frame img").all():
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
    page.keyboard.press("8")
    page.keyboard.press("Enter")
    expect(page.locator("#summary")).to_contain_text("Choose why the pair cannot be judged.")
    look(page, axe)
    page.set_viewport_size({"width": 820, "height": 1180})
    page.locator("[name=answer]:checked").focus()
    page.keyboard.press("6")
    expect(page.get_by_label("Right has more")).to_be_checked()
    page.keyboard.press("Enter")

    at_pair(page, 2)
    page.go_back()
    expect(page).to_have_url(re.compile("/reading/$"))
    expect(page.get_by_text("1 of 3 read")).to_be_visible()
    page.get_by_role("link", name="Go on").press("Enter")
    at_pair(page, 2)
    page.context.set_offline(True)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("[data-state]")).to_contain_text("offline")
    expect(page.get_by_label("Left has much more")).to_be_checked()
    page.context.set_offline(False)

    at_pair(page, 3)
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You have read all 3 pairs")).to_be_visible()
    assert list(Reading.objects.order_by("shown__position").values_list("score", flat=True)) == [2, -3, 0]


def test_touch_and_one_picture(new_page: Callable[..., Page], live_server: Any, place: ReaderPlace) -> None:
    """By finger on a telephone; the two halves come with one request, each answer is large enough to be met."""
    page = new_page(width=390, height=844, touch=True)
    sign_in(page.context, place.reader, live_server.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(place.shown.get(position=1).get_absolute_url())
    page.wait_for_load_state("networkidle")

    assert sum(address.endswith(".jpg") for address in asked) == 1
    left, right = (page.get_by_alt_text(f"{side} photograph").bounding_box() for side in ("Left", "Right"))
    frames = [frame.bounding_box() for frame in page.locator(".read-frame").all()]
    assert left and right and left["width"] == right["width"] and frames[0]["width"] == frames[1]["width"]
    for answer in page.locator(".read-answer").all():
        box = answer.bounding_box()
        assert box and box["height"] >= 44 and box["width"] >= 44
    page.get_by_label("Right has a little more").tap()
    page.get_by_role("button", name="Save and go on").tap()
    expect(page.get_by_text("Pair 2 of 3", exact=True)).to_be_visible()


def test_pages_of_a_round(
    new_page: Callable[..., Page], live_server: Any, axe: Any, place: ReaderPlace, cast: Cast
) -> None:
    """Open, being read, and closed with readings; the form; the list."""
    second = factories.member(cast.clinic, Role.BLIND_READER, name="Second Reader")
    other = rounds.place(place.round, second)
    rounds.shown(other, [shown.pair for shown in place.shown.order_by("position")], later_is_right=False)
    page = new_page()
    sign_in(page.context, cast.manager, live_server.url)
    for address in ("/evidence/reading/", "/evidence/reading/open/", place.round.get_absolute_url()):
        page.goto(address)
        look(page, axe)
    for at, change in ((place, 2), (other, -1)):
        for shown in at.shown.all():
            rounds.reading(shown, change)
    page.reload()
    page.get_by_role("button", name="Close the round").click()
    expect(page.get_by_role("heading", name="What was read")).to_be_visible()
    look(page, axe)
    page.set_viewport_size({"width": 390, "height": 844})
    # px by which each bar stands out of its cell.
    over = page.evaluate(
        """[...document.querySelectorAll(".read-bar")].map(
          (bar) => bar.getBoundingClientRect().right - bar.parentElement.getBoundingClientRect().right
        )"""
    )
    assert over and max(over) <= 0


def test_unseen_pair_is_not_answered(
    new_page: Callable[..., Page], live_server: Any, axe: Any, watch: Any, place: ReaderPlace
) -> None:
    """The photos did not come: the page says so, sends nothing but that it cannot be judged, and loads them again."""
    watch.allow("ERR_FAILED")
    page = new_page(width=820, height=1180)
    sign_in(page.context, place.reader, live_server.url)
    page.route("**/pair.jpg", lambda route: route.abort())
    page.goto(place.shown.get(position=1).get_absolute_url())
    missing = page.get_by_text("The photos are not here.")
    expect(missing).to_be_visible()
    look(page, axe)
    page.set_viewport_size({"width": 820, "height": 1180})
    page.keyboard.press("6")
    page.keyboard.press("Enter")
    expect(missing).to_be_visible()
    expect(page.get_by_label("Right has more")).to_be_focused()
    assert not Reading.objects.exists()

    page.unroute("**/pair.jpg")
    page.get_by_role("button", name="Load the photos again").click()
    expect(missing).to_be_hidden()
    page.get_by_role("button", name="Save and go on").click()
    at_pair(page, 2)
    assert list(Reading.objects.values_list("score", flat=True)) == [2]

    page.route("**/pair.jpg", lambda route: route.abort())
    page.reload()
    expect(missing).to_be_visible()
    page.get_by_label("Cannot judge").check()
    page.get_by_label("Why can it not be judged?").select_option("other")
    page.get_by_label("In your words").fill("The photos do not come")
    page.get_by_role("button", name="Save and go on").click()
    at_pair(page, 3)


def test_keys_over_a_cover_are_no_answer(new_page: Callable[..., Page], live_server: Any, place: ReaderPlace) -> None:
    """Figures of a PIN choose nothing below; who signs in as somebody else is not told of a draft that is not kept."""
    page = new_page(width=820, height=1180)
    sign_in(page.context, place.reader, live_server.url)
    page.goto(place.shown.get(position=1).get_absolute_url())
    at_pair(page, 1)
    page.keyboard.press("2")
    page.keyboard.press("5")
    expect(page.get_by_label("Right has a little more")).to_be_checked()

    page.evaluate("document.querySelector('#cover-form').requestSubmit()")
    expect(page.get_by_role("dialog", name="Covered")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("1")

    assert page.locator("#id_answer_4").is_checked()
    page.get_by_role("button", name="Sign in and go on").click()
    page.get_by_role("button", name="Someone else").click()
    expect(page.get_by_text(f"What {place.reader.name} has not saved is not kept.")).to_be_visible()
