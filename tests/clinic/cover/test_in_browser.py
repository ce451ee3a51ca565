"""A shared tablet, as its people see it: covered after the minutes, uncovered by a PIN, and handed over."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Response, expect

from clinic.audit.models import AuditEvent
from clinic.staff.models import Membership
from tests import factories
from tests.clinic.cover.at_the_tablet import OTHER_PIN, PIN, tablet
from tests.people import Cast
from treatments.models import Draft, HairHistory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STORY = "In the patient's words"
MINUTES = 10
# What the browser says of an answer with a status that is meant.
COVERED = "status of 423"
OLD_TOKEN = "status of 403"  # the draft of a page that is another person's by now is sent with a new one
TODAY = re.compile(r"^\w+://[^/]+/$")


@pytest.fixture
def at_tablet(new_page: Callable[..., Page], live_server: Any, cast: Cast) -> Callable[..., Page]:
    """A page on the tablet of the clinician and the nurse; the nurse was the last to sign in."""
    client = tablet((cast.clinician, OTHER_PIN), (cast.nurse, PIN))

    def go(path: str, *, has_clock: bool = False, **options: Any) -> Page:
        page = new_page(**{"width": 820, "height": 1180, "touch": True, **options})
        bring(client, page.context, live_server.url)
        if has_clock:
            page.clock.install()
        page.goto(path)
        return page

    return go


def bring(client: Client, context: BrowserContext, address: str) -> None:
    for name in (settings.SESSION_COOKIE_NAME, settings.KNOWN_DEVICE_COOKIE_NAME):
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])


def history_of(cast: Cast) -> str:
    return f"/patients/{cast.patient.pk}/history/"


def cover_of(page: Page) -> Any:
    return page.locator("dialog.cover")


def cover_now(page: Page) -> None:
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("button", name="Cover now").locator("visible=true").click()
    expect(cover_of(page).get_by_role("heading", name="Who goes on?")).to_be_visible()


def press_pin(page: Page, person: Any, pin: str) -> None:
    """With a finger: the name, then six keys."""
    page.locator(".person-tile", has_text=person.name).tap()
    for digit in pin:
        page.get_by_role("button", name=digit, exact=True).tap()


def test_covered_after_the_minutes(at_tablet: Any, cast: Cast) -> None:
    """With a half-filled form: warned of, covered, uncovered by PIN with everything in it, saved once."""
    page = at_tablet(history_of(cast), has_clock=True)
    page.get_by_label(STORY).fill("Thinner at the crown")
    page.clock.run_for((MINUTES - 1) * 60_000 + 2000)
    expect(page.get_by_role("dialog", name="This page will be covered in a minute")).to_be_visible()
    page.get_by_role("button", name="Go on").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_label(STORY).fill("Thinner at the crown since spring")

    # On a busy machine the cover may be there before the draft is kept under it.
    # A draft of what stood there before may be on its way still.
    def is_of_the_last(answer: Response) -> bool:
        return "/drafts/keep/" in answer.url and "spring" in (answer.request.post_data or "")

    with page.expect_response(is_of_the_last):
        page.clock.fast_forward(MINUTES * 60_000)  # as a tablet that slept: one look at the clock when it wakes up

    expect(cover_of(page).get_by_role("heading", name="Who goes on?")).to_be_visible()
    expect(page).to_have_title("Covered")
    assert Draft.objects.get(owner=cast.nurse).values["story"] == ["Thinner at the crown since spring"]
    assert page.get_by_label(STORY).count() == 0 or not page.get_by_label(STORY).is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(cover_of(page)).to_be_visible()
    press_pin(page, cast.nurse, PIN)
    expect(cover_of(page)).to_be_hidden()
    expect(page.get_by_label(STORY)).to_have_value("Thinner at the crown since spring")
    page.get_by_role("group", name="Allergies?").get_by_label("Asked, none").check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/patients/{cast.patient.pk}/")
    assert HairHistory.objects.get().story == "Thinner at the crown since spring"
    assert AuditEvent.objects.filter(action="uncovered", actor=cast.nurse).count() == 1


def test_save_under_cover_waits(at_tablet: Any, cast: Cast, watch: Any) -> None:
    """What is sent while the server says that it is covered is sent again after the PIN, once."""
    watch.allow(COVERED)
    page = at_tablet(history_of(cast))
    page.get_by_label(STORY).fill("Typed before")
    page.get_by_role("group", name="Allergies?").get_by_label("Asked, none").check()
    page.evaluate(
        """() => fetch("/cover/", {method: "POST", headers: {"X-Requested-With": "fetch",
        "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value}})"""
    )

    page.get_by_role("button", name="Save").click()

    expect(cover_of(page).get_by_role("heading", name="Who goes on?")).to_be_visible()
    assert not HairHistory.objects.exists()
    press_pin(page, cast.nurse, PIN)
    page.wait_for_url(f"**/patients/{cast.patient.pk}/")
    assert HairHistory.objects.get().story == "Typed before"


def test_two_people_on_one_tablet(at_tablet: Any, cast: Cast, watch: Any) -> None:
    """Each goes on as themselves; nobody sees the other's page or draft, and each finds their own again."""
    watch.allow(COVERED, OLD_TOKEN)
    page = at_tablet(history_of(cast))
    page.get_by_label(STORY).fill("What the nurse heard")
    cover_now(page)
    seen: list[str] = []
    page.expose_function("seen", lambda what: seen.append(what))
    page.evaluate(
        """() => { const look = () => {
          const story = document.querySelector("[name=story]");
          if (!document.documentElement.classList.contains("covered")
              || getComputedStyle(story).visibility !== "hidden") seen("the page");
          requestAnimationFrame(look);
        }; look(); }"""
    )

    press_pin(page, cast.clinician, OTHER_PIN)

    page.wait_for_url(TODAY)
    expect(page.get_by_text("Nothing is due today")).to_be_visible()
    assert seen == []
    page.goto(history_of(cast))
    expect(page.get_by_label(STORY)).to_have_value("")
    expect(page.get_by_text("you left this form without saving")).to_have_count(0)
    page.get_by_label(STORY).fill("What the doctor heard")
    cover_now(page)
    press_pin(page, cast.nurse, PIN)
    page.wait_for_url(TODAY)
    page.goto(history_of(cast))
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_label(STORY)).to_have_value("What the nurse heard")
    assert {d.owner_id: d.values["story"] for d in Draft.objects.all()}[cast.clinician.pk] == ["What the doctor heard"]


def test_all_windows_are_covered(at_tablet: Any, cast: Cast, watch: Any) -> None:
    """One cover and one PIN for all of them; for another person they all leave."""
    watch.allow(COVERED, OLD_TOKEN, "status of 409")
    one = at_tablet(history_of(cast))
    other = one.context.new_page()
    other.goto("/patients/register/")
    cover_now(one)
    expect(cover_of(other).get_by_role("heading", name="Who goes on?")).to_be_visible()

    press_pin(other, cast.nurse, PIN)

    expect(cover_of(other)).to_be_hidden()
    expect(cover_of(one)).to_be_hidden()
    cover_now(other)
    expect(cover_of(one).get_by_role("heading", name="Who goes on?")).to_be_visible()
    press_pin(one, cast.clinician, OTHER_PIN)
    one.wait_for_url(TODAY)
    other.wait_for_url(TODAY)
    expect(other.get_by_text(cast.clinician.name).first).to_be_attached()


def test_back_shows_nothing(at_tablet: Any, cast: Cast, watch: Any) -> None:
    """Nor does a reload: the server answers with the cover, and the PIN leads to the page that was asked for."""
    watch.allow(COVERED)
    page = at_tablet(f"/patients/{cast.patient.pk}/contact/")
    page.goto("/patients/register/")
    cover_now(page)

    page.go_back()

    expect(page.get_by_role("heading", name="Who goes on?")).to_be_visible()
    assert cast.patient.name not in page.content()
    press_pin(page, cast.nurse, PIN)
    page.wait_for_url(f"**/patients/{cast.patient.pk}/contact/")
    expect(page.get_by_role("heading", name=cast.patient.name)).to_be_visible()


def test_without_scripts_the_server_covers(at_tablet: Any, cast: Cast, watch: Any) -> None:
    watch.allow(COVERED)
    page = at_tablet(f"/patients/{cast.patient.pk}/contact/", java_script_enabled=False, touch=False)
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("button", name="Cover now").locator("visible=true").click()
    expect(page.get_by_role("heading", name="Who goes on?")).to_be_visible()

    page.goto(f"/patients/{cast.patient.pk}/")

    expect(page.get_by_role("heading", name="Who goes on?")).to_be_visible()
    page.get_by_label("PIN, six digits").fill(PIN)
    page.get_by_role("button", name="Uncover").click()
    page.wait_for_url(f"**/patients/{cast.patient.pk}/")


def test_covered_page_prints_nothing(at_tablet: Any, cast: Cast) -> None:
    page = at_tablet(f"/patients/{cast.patient.pk}/contact/", touch=False)
    cover_now(page)

    page.emulate_media(media="print")

    boxes = "() => [...document.querySelectorAll('body *')].filter((one) => one.getClientRects().length).length"
    assert page.evaluate(boxes) == 0
    page.emulate_media(media="screen")
    assert cast.patient.name not in page.locator("body").aria_snapshot()
    assert page.evaluate("() => document.elementsFromPoint(400, 30)[0].closest('dialog.cover') !== null")


def test_keyboard_and_wrong_pin(at_tablet: Any, cast: Cast, watch: Any) -> None:
    """Without a finger: digits are typed, a wrong PIN is told with the tries that are left, Tab stays in the cover."""
    watch.allow("status of 422")
    page = at_tablet(history_of(cast), touch=False, width=1440, height=900)
    page.locator("summary", has_text=cast.nurse.name).click()
    page.get_by_role("button", name="Cover now").locator("visible=true").click()
    expect(page.get_by_label("PIN, six digits")).to_be_focused()

    page.keyboard.type("999990")

    expect(page.get_by_role("alert")).to_have_text("That is not the PIN. 4 tries are left.")
    for _ in range(20):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "() => document.activeElement === document.body || document.activeElement.closest('.cover') !== null"
        )
        assert inside
    page.get_by_label("PIN, six digits").focus()
    page.keyboard.type(PIN)
    expect(cover_of(page)).to_be_hidden()


def test_password_uncovers_in_place(at_tablet: Any, cast: Cast) -> None:
    page = at_tablet(history_of(cast))
    page.get_by_label(STORY).fill("Still here")
    cover_now(page)

    page.get_by_role("button", name="Someone else, or with a password").click()

    expect(page.get_by_role("heading", name="Sign in to uncover the page")).to_be_visible()
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in and go on").click()
    expect(cover_of(page)).to_be_hidden()
    expect(page.get_by_label(STORY)).to_have_value("Still here")


def test_ended_while_typing(at_tablet: Any, cast: Cast, watch: Any) -> None:
    """A person whose place here ends: their next request is refused, and their draft stays theirs."""
    watch.allow("status of 403", "status of 423")
    page = at_tablet(history_of(cast))
    page.get_by_label(STORY).fill("Typed by somebody who left")
    page.locator("h1").click()
    expect(page.locator("[data-state]")).to_contain_text("Draft saved")

    Membership.objects.filter(user=cast.nurse).update(is_active=False)
    page.get_by_role("button", name="Save").click()

    expect(page.locator("[data-state]")).to_contain_text("Not saved")
    assert not HairHistory.objects.exists()
    page.evaluate("document.querySelector('#cover-form').requestSubmit()")
    expect(page.get_by_role("button", name="Sign in and go on")).to_be_visible()
    kept = Draft.objects.get()
    assert kept.owner == cast.nurse and kept.values["story"] == ["Typed by somebody who left"]
    client = cast.client(cast.clinician)
    assert client.get("/drafts/", {"form": history_of(cast)}).json()["draft"] is None


@pytest.mark.parametrize("width, height", [(390, 844), (820, 1180), (1440, 900)])
def test_cover_is_accessible(at_tablet: Any, cast: Cast, axe: Any, watch: Any, width: int, height: int) -> None:
    """By machine, and by hand: each key is as large as a finger, and nothing is wider than the window."""
    watch.allow(COVERED)
    page = at_tablet("/patients/register/", width=width, height=height)
    page.evaluate("document.querySelector('#cover-form').requestSubmit()")
    expect(page.get_by_role("heading", name="Who goes on?")).to_be_visible()
    axe(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll(".cover :is(button, .person-tile)")].map((one) =>
        one.getBoundingClientRect()).filter((box) => box.height < 44 || box.width < 44).length"""
    )
    assert small == 0
    assert page.evaluate("document.querySelector('.cover').scrollWidth") <= width
    page.goto("/patients/")
    axe(page)


def test_woken_tablet_shows_its_cover_first(at_tablet: Any, cast: Cast) -> None:
    """A page that is out of sight is veiled; when it is seen again in time it is as it was, and later it is covered."""
    page = at_tablet(history_of(cast), has_clock=True)
    page.get_by_label(STORY).fill("Typed before it slept")
    seen = """state => { Object.defineProperty(document, "visibilityState", {value: state, configurable: true});
        document.dispatchEvent(new Event("visibilitychange"));
        return [getComputedStyle(document.body).opacity, document.documentElement.classList.contains("covered")]; }"""

    assert page.evaluate(seen, "hidden") == ["0", False]
    assert page.evaluate(seen, "visible") == ["1", False]
    expect(page.get_by_label(STORY)).to_be_focused()
    page.evaluate(seen, "hidden")
    page.clock.set_system_time(page.evaluate("Date.now()") / 1000 + MINUTES * 60 + 1)

    assert page.evaluate(seen, "visible") == ["1", True]


def test_cover_without_network(at_tablet: Any, cast: Cast, watch: Any) -> None:
    """It covers all the same and says why nobody can uncover; once the server answers it shows who can."""
    watch.allow("request failed", "ERR_INTERNET_DISCONNECTED")
    page = at_tablet(history_of(cast))
    page.get_by_label(STORY).fill("Typed without a network")
    page.context.set_offline(True)

    page.evaluate("document.querySelector('#cover-form').requestSubmit()")

    expect(cover_of(page)).to_contain_text("The server does not answer")
    assert not page.get_by_label(STORY).is_visible()
    page.context.set_offline(False)
    press_pin(page, cast.nurse, PIN)
    expect(page.get_by_label(STORY)).to_have_value("Typed without a network")
    expect(page.locator("[data-state]")).to_contain_text("Draft saved")


def test_limits_after_a_pin_ask_in_place(at_tablet: Any, cast: Cast, watch: Any) -> None:
    """A form that only a full sign-in may save asks for it over the page, and is saved as it was typed."""
    watch.allow("status of 401")
    client = tablet((cast.manager, PIN))
    page = at_tablet("/")
    bring(client, page.context, page.url)
    page.goto("/clinic/thresholds/change/")
    page.locator("[name=early_before_month]").fill("5")
    page.locator("[name=reason]").fill("As our own counts of the last year show")
    cover_now(page)
    press_pin(page, cast.manager, PIN)
    expect(cover_of(page)).to_be_hidden()

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="A PIN is not enough for this")).to_be_visible()
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in and go on").click()
    page.wait_for_url("**/clinic/thresholds/")
    cast.clinic.refresh_from_db()
    assert cast.clinic.thresholds_reason == "As our own counts of the last year show"
