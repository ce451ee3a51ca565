"""Events and lots in a real browser: reachable by everyone, whatever the screen, with scripts or without."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from treatments.models import AdverseEvent, Lot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TODAY = datetime.date.today()


@pytest.fixture
def lot(cast: Cast) -> Lot:
    product = factories.product(cast.clinic, regulatory_basis="unknown")
    return factories.lot(product, expires_on=TODAY + datetime.timedelta(days=9))


@pytest.fixture
def event(cast: Cast, lot: Lot) -> AdverseEvent:
    session = factories.exosome_session(factories.course(cast.patient), lot=lot)
    return factories.adverse_event(
        cast.patient,
        kind="nodule_mass",
        grade=3,
        exosome_session=session,
        is_serious=True,
        seriousness=["hospitalisation"],
        report_due_on=TODAY,
    )


def test_safety_pages_are_accessible(
    cast: Cast, event: AdverseEvent, lot: Lot, new_page: Callable[..., Any], live_server: Any, axe: Any
) -> None:
    """Every page is accessible."""
    page = new_page(width=390)
    sign_in(page.context, cast.manager, live_server.url)
    one = [cast.patient.pk, event.pk]
    addresses = [
        reverse("safety:index"),
        reverse("safety:report", args=[cast.patient.pk]),
        *(reverse(f"safety:{name}", args=one) for name in ("event", "correct", "follow-up", "resolve", "decide")),
        reverse("recall:index"),
        reverse("products:product-add"),
        reverse("recall:product", args=[lot.product_id]),
        reverse("products:lot-receive"),
        *(
            reverse(name, args=[lot.pk])
            for name in (
                "recall:lot",
                "recall:lot-edit",
                "recall:lot-finish",
                "recall:lot-recall",
                "recall:lot-calls",
                "recall:lot-stock",
                "products:lot-count",
            )
        ),
    ]
    for address in addresses:
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, f"{address} is wider than the screen"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_mild_event_takes_one_tap_and_save(
    cast: Cast, new_page: Callable[..., Any], live_server: Any, scripts: bool
) -> None:
    page = new_page(width=820, touch=True, java_script_enabled=scripts)
    sign_in(page.context, cast.nurse, live_server.url)
    page.goto(reverse("safety:report", args=[cast.patient.pk]))

    page.get_by_role("radio", name="Headache").check(force=True)
    page.get_by_role("button", name="Report").click()

    page.get_by_role("heading", name="Headache", level=1).wait_for()
    event = AdverseEvent.objects.get()
    assert (event.kind, event.grade, event.outcome) == ("headache", 1, "3")


def test_grade_meaning_follows_the_kind(cast: Cast, new_page: Callable[..., Any], live_server: Any) -> None:
    """The meaning of a grade follows the kind of event."""
    page = new_page()
    sign_in(page.context, cast.nurse, live_server.url)
    page.goto(reverse("safety:report", args=[cast.patient.pk]))
    general, at_the_site = page.get_by_text("Minimal, local or non-invasive"), page.get_by_text("inflamed vein")

    assert general.is_visible() and not at_the_site.is_visible()
    page.get_by_role("radio", name="Pain", exact=True).check(force=True)

    assert at_the_site.is_visible() and not general.is_visible()


def test_objection_is_beside_its_question(
    cast: Cast, new_page: Callable[..., Any], live_server: Any, axe: Any, watch: Any
) -> None:
    """What is wrong is shown beside its question, and nothing typed is lost."""
    watch.allow("status of 422")
    page = new_page(width=390)
    sign_in(page.context, cast.nurse, live_server.url)
    page.goto(reverse("safety:report", args=[cast.patient.pk]))
    page.get_by_label("In your words, or the patient's").fill("A lump behind the ear.")
    page.locator("input[name=grade][value='4']").check(force=True)
    page.get_by_role("button", name="Report").click()

    summary = page.get_by_role("alert")
    summary.wait_for()
    assert "Choose what happened" in summary.inner_text()
    assert page.get_by_label("In your words, or the patient's").input_value() == "A lump behind the ear."
    assert page.locator("input[name=grade][value='4']").is_checked()
    axe(page)


def test_scanner_enter_sends_no_begun_form(
    cast: Cast, lot: Lot, new_page: Callable[..., Any], live_server: Any
) -> None:
    """The Enter of a scanner does not send a form that is only begun."""
    page = new_page()
    sign_in(page.context, cast.nurse, live_server.url)
    page.goto(reverse("products:lot-receive"))
    page.get_by_label("Lot number").fill("(17)301130(10)EX-9")
    page.get_by_label("Lot number").press("Enter")
    page.get_by_label("Product").select_option(str(lot.product_id))
    page.get_by_label("Vials").fill("4")
    page.get_by_role("button", name="Receive").click()

    page.get_by_role("heading", name="Lot EX-9").wait_for()
    assert Lot.objects.get(number="EX-9").received_ml == 20


def test_call_list_prints_a_blank_column(
    cast: Cast, event: AdverseEvent, lot: Lot, new_page: Callable[..., Any], live_server: Any
) -> None:
    """The call list prints with a column to write in."""
    page = new_page()
    sign_in(page.context, cast.nurse, live_server.url)
    page.goto(reverse("recall:lot-calls", args=[lot.pk]))
    column = page.locator("th", has_text="Reached")
    assert not column.is_visible()

    page.emulate_media(media="print")

    assert column.is_visible()
    assert page.get_by_role("link", name=cast.patient.name).is_visible()
    assert not page.get_by_role("link", name="Download as CSV").is_visible()
